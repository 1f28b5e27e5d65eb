/* bundle.h — playlists and collections: lists of posts that a user has made.
 *
 * Each user has one to three playlists (of own posts, oldest first) and one or two collections (of other people's).
 * Ids are 19 digits from which owner and place can be told; the first of veteran N has the short id N. */
#ifndef TWIN_BUNDLE_H
#define TWIN_BUNDLE_H

#include "post.h"

struct bundle {
	uint64_t id, salt;
	uint32_t user;
	bool collection;
	int no;
	const char *name;
	int64_t slots; /* positions at `now`; not every one shows a post */
};

int bundle_count(const struct world *w, uint32_t user, bool collection);
void bundle_get(const struct world *w, uint32_t user, bool collection, int no, int64_t now, struct bundle *ret);
/* False for unknown ids and where the owner is private or removed. */
bool bundle_by_id(const struct world *w, uint64_t id, bool collection, int64_t now, struct bundle *ret);
/* The post at slot i; false when the slot shows none. */
bool bundle_post(const struct world *w, const struct bundle *b, int64_t i, int64_t now, struct post *ret);

#endif
