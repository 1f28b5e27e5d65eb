/* post.h — videos, photo posts and stories, and what people say below them.
 *
 * A post is number k of its author's schedule. Its id is a snowflake: the high 32 bits are its creation second less
 * 1 to 12 (upstream.md 4.3), the low ones hold the author's number, a story flag and a check, so that every post is
 * found from its id alone and made-up ids are found out. Comments are numbered below their post in the same way. */
#ifndef TWIN_POST_H
#define TWIN_POST_H

#include "schedule.h"
#include "world.h"

enum { PINNED_MAX = 3, STORY_LIFE_S = 86400, STABLE_POSTS = 60 };

struct post {
	uint64_t id, salt;
	uint32_t user;
	bool story;
	int64_t k, created;
};

/* Everything that moves. */
struct post_counters {
	int64_t play, digg, comment, share, download, collect;
};

struct comment {
	uint64_t id, salt;
	int64_t created, digg, replies;
	uint32_t user;
	const char *text;
};

struct schedule post_schedule(const struct world *w, uint32_t user, bool story);
/* Post number k >= 0 of the user, whether it is visible (yet, still, at all) or not. */
struct post post_at(const struct world *w, uint32_t user, bool story, int64_t k);
/* False when no post has, had or will have this id. */
bool post_by_id(const struct world *w, uint64_t id, struct post *ret);
/* Whether the post never shows but takes a place in its page. */
bool post_locked(const struct post *p);
/* Whether the API shows the post at second `now`: born, neither deleted nor expired, not hidden, author public. */
bool post_visible(const struct world *w, const struct post *p, int64_t now);
/* A visible post of the user, its age chosen by h, made before `t`; false when that slot shows nothing. */
bool post_some(const struct world *w, uint32_t user, uint64_t h, int64_t t, int64_t now, struct post *ret);
void post_counters(const struct world *w, const struct post *p, int64_t now, struct post_counters *ret);
bool post_is_photo(const struct post *p);
/* How many posts of the user are visible; private ones count too. */
int64_t posts_living(const struct world *w, uint32_t user, int64_t now);
/* The numbers k of the user's pinned posts; returns how many (0 to PINNED_MAX). */
int posts_pinned(const struct world *w, uint32_t user, int64_t now, int64_t k[PINNED_MAX]);
bool post_is_pinned(const struct world *w, const struct post *p, int64_t now);

/* How many comments the post has, and number j < that many of them. */
int64_t comments_count(const struct world *w, const struct post *p, int64_t now);
void comment_at(const struct world *w, const struct post *p, int64_t j, int64_t now, struct comment *ret);
bool comment_by_id(const struct world *w, const struct post *p, uint64_t id, int64_t now, struct comment *ret);
/* Number i < c->replies of the replies to c. */
void reply_at(const struct world *w, const struct comment *c, int64_t i, int64_t now, struct comment *ret);

#endif
