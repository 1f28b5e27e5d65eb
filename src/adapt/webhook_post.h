/* webhook_post.h — one POST: what is sent, and what its answer means. Between webhook.c and webhook_post.c only. */
#ifndef FRUGAL_ADAPT_WEBHOOK_POST_H
#define FRUGAL_ADAPT_WEBHOOK_POST_H

#include <curl/curl.h>

#include "adapt/webhook.h"
#include "base/list.h"

struct fr_webhook_post {
	struct fr_list link;
	CURL *easy;
	uint64_t token;
	char channel[FR_CHANNEL_NAME_MAX];
	struct curl_slist *fields;
	char *body; /* may hold a secret */
	size_t n_body;
	size_t heard; /* bytes of the answer's body */
};

/* `at`: seconds since 1970, for the signature. NULL: the body is none that this kind of channel can be sent. */
struct fr_webhook_post *fr_webhook_post_new(const struct fr_webhook_target *t, const struct fr_delivery *d, const char *agent,
					    fr_ms timeout, int64_t at);
bool fr_webhook_post_accepted(const struct fr_webhook_post *p, long *ret_status); /* 0: no answer */
void fr_webhook_post_free(struct fr_webhook_post *p);                             /* clears secrets */

#endif
