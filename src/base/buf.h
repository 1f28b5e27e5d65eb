/* buf.h — a growing run of bytes with a ceiling that must be named at birth.
 *
 * Additions that would pass the ceiling return FR_TOOBIG and leave the buffer as it was. */
#ifndef FRUGAL_BASE_BUF_H
#define FRUGAL_BASE_BUF_H

#include <stdarg.h>

#include "frugal/err.h"
#include "frugal/types.h"

struct fr_buf {
	char *p; /* NULL while cap == 0; not terminated */
	size_t len, cap, ceiling;
};

void fr_buf_init(struct fr_buf *b, size_t ceiling);
void fr_buf_free(struct fr_buf *b);  /* leaves an empty, usable buffer */
void fr_buf_clear(struct fr_buf *b); /* len = 0, memory kept */
enum fr_err fr_buf_add(struct fr_buf *b, const void *p, size_t n);
enum fr_err fr_buf_add_str(struct fr_buf *b, struct fr_str s);
enum fr_err fr_buf_add_text(struct fr_buf *b, const char *terminated);
enum fr_err fr_buf_add_char(struct fr_buf *b, char c);
enum fr_err fr_buf_addf(struct fr_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum fr_err fr_buf_addv(struct fr_buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
enum fr_err fr_buf_add_json(struct fr_buf *b, struct fr_str s);
struct fr_str fr_buf_str(const struct fr_buf *b); /* borrowed until the next addition */

#endif
