/* input.h — what people paste: the forms of links in upstream.md 4.4. */
#ifndef TWIN_INPUT_H
#define TWIN_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHORT_URL_MAX = 64 };

/* A whole text of decimal digits (at most 19, below 2^63) as a number. */
bool input_number(const char *text, uint64_t *ret);
/* The post's id in a link of any known form, a short link, or a bare id. False: this is no link to a post. */
bool input_post(const char *text, uint64_t *ret_id);
/* The sound's id in /music/slug-<id>. */
bool input_sound(const char *text, uint64_t *ret_id);
/* The ad's id in …/topads/<id>/…, or a bare one. */
bool input_ad(const char *text, uint64_t *ret_id);
/* https://vm.tiktok.com/Z<base 36>/ of a post. */
void input_short_url(uint64_t id, char out[SHORT_URL_MAX]);

#endif
