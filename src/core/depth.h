/* depth.h — how deep into a list a request reads: which page it is of its client's walk.
 *
 * By offset the place tells: page 1 begins at 0, and so on by the request's own count. A cursor by time tells nothing of that, so it is remembered
 * for each client with which page it was told. Whoever comes with one that is not remembered reads the second page, for all that is known. */
#ifndef FRUGAL_CORE_DEPTH_H
#define FRUGAL_CORE_DEPTH_H

#include "core/question.h"

/* Whether the row's pages can be counted. */
bool fr_depth_known(const struct fr_endpoint *row);

/* The cursors of the last FR_WALKS_MAX pages that clients were told. */
struct fr_walks;

struct fr_walks *fr_walks_new(uint64_t seed);
void fr_walks_free(struct fr_walks *w);

/* Which page a canonical text of the row asks for, 1 or more. `who` names the client. */
uint64_t fr_walks_page(const struct fr_walks *w, uint64_t who, const struct fr_endpoint *row, struct fr_str canon);
/* The client got the answer `body` to that question, as page number `page`. */
void fr_walks_told(struct fr_walks *w, uint64_t who, const struct fr_endpoint *row, struct fr_str canon, struct fr_str body,
		   uint64_t page);

#endif
