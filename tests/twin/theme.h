/* theme.h — what posts are about: sounds and challenges.
 *
 * Which sound and which challenge a post has follows from (author, k) by plain modular arithmetic, so the posts of a
 * sound are found by solving for k instead of by an index. Nine posts in ten have one of SOUNDS_NEW sounds with
 * 19-digit ids; the others have an old sound, whose id is a short number. Challenge ids are short numbers. */
#ifndef TWIN_THEME_H
#define TWIN_THEME_H

#include "post.h"

enum { SOUNDS_NEW = 5000, SOUNDS_OLD = 99999, TAGS_USED = 3000, TAGS = 99999, TAG_NAME_MAX = 48 };

struct sound {
	uint64_t id, salt;
	uint32_t no; /* 0 .. SOUNDS_NEW - 1: new; SOUNDS_NEW + n: the old sound with id n */
	const char *title, *album;
	char author[HANDLE_MAX];
	bool original, playable;
	int64_t duration, videos;
};

struct tag {
	uint32_t no; /* the id as well, 1 .. TAGS */
	uint64_t salt;
	char name[TAG_NAME_MAX];
	const char *desc;
	bool cover, commerce;
	int64_t users, views; /* views pass 2^32 */
};

uint32_t post_sound(const struct post *p);
uint32_t post_tag(const struct post *p);

uint64_t sound_id(const struct world *w, uint32_t no);
bool sound_by_id(const struct world *w, uint64_t id, uint32_t *ret_no);
void sound_get(const struct world *w, uint32_t no, int64_t now, struct sound *ret);

void tag_get(const struct world *w, uint32_t no, int64_t now, struct tag *ret);
/* Accepts "#name" and any case of ASCII letters. */
bool tag_by_name(const char *name, uint32_t *ret_no);

/* The born posts of the CROWD with this sound or tag, newest first. The caller frees *ret. Visibility is not checked. */
size_t posts_of_sound(const struct world *w, uint32_t no, int64_t now, struct post **ret);
size_t posts_of_tag(const struct world *w, uint32_t no, int64_t now, struct post **ret);
/* Sorts newest first. */
void posts_sort(struct post *p, size_t n);

#endif
