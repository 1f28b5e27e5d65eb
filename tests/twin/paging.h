/* paging.h — the two ways through a list (upstream.md, "Pagination facts").
 *
 * Both walk over slots. Now and then a slot shows nothing, so pages can be short or empty while hasMore is true.
 * Where a page ends depends on the slots alone, so walks with any counts find the same rows. */
#ifndef TWIN_PAGING_H
#define TWIN_PAGING_H

#include "ask.h"
#include "post.h"
#include "schedule.h"

/* The row of slot i as a new reference; JSON null when the slot shows nothing; NULL when it is no slot at all. */
typedef json_t *(*slot_fn)(struct ask *a, void *cls, int64_t slot);

/* How cursor and hasMore are written. */
enum page_style { PAGE_PLAIN, PAGE_FLAG_AS_INT };

/* {key: [...], cursor: next offset, hasMore}; the cursor is an offset into `total` slots. With holes, now and then
 * a run of slots beyond the twelfth shows nothing, chosen by salt (0: no holes). */
json_t *page_by_offset(struct ask *a, const char *key, int64_t total, uint64_t salt, slot_fn row, void *cls,
		       enum page_style style);

/* The same for a list of posts; those that are not visible are no slots. Reorders `all`. */
json_t *page_of_posts(struct ask *a, struct post *all, size_t n, uint64_t salt, enum page_style style);

/* A stretch of a schedule, newest first. */
struct stretch {
	json_t *rows;
	int64_t last; /* unix seconds: of the last row, or of the last slot when none shows; 0: there was no slot */
	bool more;    /* there are older slots */
};

/* The `count` slots strictly before unix second `before`; the slot handed to row is the event's number. */
struct stretch page_by_time(struct ask *a, const struct schedule *s, int64_t before, int64_t count, slot_fn row, void *cls);

#endif
