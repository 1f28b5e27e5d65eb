/* world.h — who exists.
 *
 * The world is a pure function of (seed, number, virtual second); nothing is stored but the few changes that the
 * control page makes (removed posts, removed users, changed handles). A user is a small number:
 *
 *     0 .. 999,999             handle creator_NNNNNN, 19-digit id
 *     1,000,001 .. 1,099,999   handle veteran_NNNNN, the id is the short number 1 .. 99,999
 *     1,200,000 ..             a few well-known handles, 19-digit id
 *
 * Every other handle belongs to nobody. A user whose number is 22 modulo 23 is a private account, unless he has changed his mind. */
#ifndef TWIN_WORLD_H
#define TWIN_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	USER_BITS = 21, /* a user's number fits; the low bits of ids hold it */
	CREATORS = 1000000,
	VETERANS = 99999,
	VETERAN_FIRST = 1000001,
	FAMOUS_FIRST = 1200000,
	CROWD = 2000, /* lists that are not of one user show posts of the first so many creators */
	HANDLE_MAX = 32,
	NAME_MAX_BYTES = 64
};

struct renamed {
	uint32_t user;
	char handle[HANDLE_MAX];
};

struct world {
	uint64_t seed;
	int64_t edition; /* if not 0: all that people write (titles, nicknames, artists) ends with it, so each of these tells when it was true */
	uint64_t *gone_posts; /* ids */
	size_t n_gone_posts;
	uint32_t *gone_users;
	size_t n_gone_users;
	struct renamed *renamed;
	size_t n_renamed;
	uint32_t *unlike; /* users who are private although they would not be, or the other way round */
	size_t n_unlike;
};

/* What is salted by what, so that no two kinds of things share their accidents. */
enum salt {
	SALT_USER = 1,
	SALT_POST,
	SALT_STORY,
	SALT_LIKE,
	SALT_FOLLOWER,
	SALT_FOLLOWING,
	SALT_SOUND,
	SALT_TAG,
	SALT_SET,
	SALT_COMMENT,
	SALT_REPLY,
	SALT_SEARCH,
	SALT_AD,
	SALT_HIDDEN
};

struct user {
	uint32_t no;
	uint64_t id, salt;
	char handle[HANDLE_MAX], nickname[NAME_MAX_BYTES], sec_uid[80];
	const char *signature, *region, *language;
	bool verified, hidden, open_likes; /* hidden: a private account */
	int64_t created;
	int64_t followers, following, hearts, posts, likes, friends;
};

uint64_t world_salt(const struct world *w, enum salt kind, uint64_t no);
/* Frees the changes, after which the world is as the seed made it. */
void world_restore(struct world *w);

bool user_private(const struct world *w, uint32_t no);
/* False as well for a removed user. */
bool user_by_id(const struct world *w, uint64_t id, uint32_t *ret_no);
/* Accepts "@name" and any case. False as well for a removed user and for the old name of a renamed one. */
bool user_by_handle(const struct world *w, const char *handle, uint32_t *ret_no);
uint64_t user_id(const struct world *w, uint32_t no);
/* Who the user is, counters left 0; and everything about the user at unix second `now`. */
void user_who(const struct world *w, uint32_t no, struct user *ret);
void user_get(const struct world *w, uint32_t no, int64_t now, struct user *ret);

bool world_user_gone(const struct world *w, uint32_t no);
bool world_post_gone(const struct world *w, uint64_t id);
void world_remove_post(struct world *w, uint64_t id, bool gone);
void world_remove_user(struct world *w, uint32_t no, bool gone);
void world_rename(struct world *w, uint32_t no, const char *handle);
void world_hide_user(struct world *w, uint32_t no, bool hidden);
/* Appends the edition to a text. */
void world_sign(const struct world *w, char *text, size_t size);

#endif
