/* page.h — a text under construction, whose first failure sticks.
 *
 * Reports and metrics are hundreds of small additions to one buffer, and all of them fail for one reason, the buffer's
 * ceiling. A page checks each addition, skips what comes after a failure, and tells once, at its end. */
#ifndef FRUGAL_CORE_PAGE_H
#define FRUGAL_CORE_PAGE_H

#include "base/buf.h"

struct fr_page {
	struct fr_buf *b; /* borrowed */
	size_t from;      /* its length at the beginning */
	enum fr_err e;
};

void fr_page_begin(struct fr_page *p, struct fr_buf *b);
void fr_page_text(struct fr_page *p, const char *terminated);
void fr_page_str(struct fr_page *p, struct fr_str s);
void fr_page_char(struct fr_page *p, char c);
void fr_page_json(struct fr_page *p, struct fr_str s); /* with its quotes */
void fr_page_addf(struct fr_page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* n milliseconds as seconds, "1.250". */
void fr_page_seconds(struct fr_page *p, int64_t ms);
/* n / of with four digits behind the point, rounded to the nearest; 0.0000 if `of` is 0. */
void fr_page_ratio(struct fr_page *p, int64_t n, int64_t of);
/* FR_OK, or the first failure: then the buffer is as long as it was at the beginning. */
enum fr_err fr_page_end(struct fr_page *p);

#endif
