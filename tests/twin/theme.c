#include "theme.h"

#include "mem.h"
#include "mix.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *const titles[] = { "original sound", "Sommer im Café", "夜に駆ける (cover)", "Bad \"Habits\" / remix",
				      "Lo-fi 🎧",        "Kolay Değil",    "Untitled",           "оригинальный звук" };
static const char *const albums[] = { "", "Greatest Hits", "Été 2025", "Live / Unplugged" };
static const char *const words[] = { "dance", "Cosplay", "recipe", "catsoftwin", "fyp",
				     "viaje", "été",     "ダンス", "booktwin",   "gymtok" };
static const char *const descs[] = { "", "Show us what you have got!", "Zeig's uns & gewinne 🏆", "みんなで踊ろう" };

static bool old_sound(int64_t k)
{
	return k % 10 == 9;
}

uint32_t post_sound(const struct post *p)
{
	uint64_t n = (uint64_t)p->user * 7919 + (uint64_t)p->k;

	return old_sound(p->k) ? (uint32_t)(SOUNDS_NEW + 1 + n % SOUNDS_OLD) : (uint32_t)(n % SOUNDS_NEW);
}

uint32_t post_tag(const struct post *p)
{
	return (uint32_t)(1 + ((uint64_t)p->user * 104729 + (uint64_t)p->k) % TAGS_USED);
}

uint64_t sound_id(const struct world *w, uint32_t no)
{
	uint64_t h = world_salt(w, SALT_SOUND, no);

	if (no > SOUNDS_NEW)
		return no - SOUNDS_NEW;
	return (uint64_t)mix_pick(mix(h, 1), 1600000000, 1750000000) << 32 | (mix(h, 2) & 0x7ff) << 13 | no;
}

bool sound_by_id(const struct world *w, uint64_t id, uint32_t *ret_no)
{
	uint32_t no = (uint32_t)(id & 0x1fff);

	if (id >= 1 && id <= SOUNDS_OLD) {
		*ret_no = (uint32_t)(SOUNDS_NEW + id);
		return true;
	}
	if (no >= SOUNDS_NEW || sound_id(w, no) != id)
		return false;
	*ret_no = no;
	return true;
}

void sound_get(const struct world *w, uint32_t no, int64_t now, struct sound *ret)
{
	uint64_t h = world_salt(w, SALT_SOUND, no);

	memset(ret, 0, sizeof *ret);
	ret->no = no;
	ret->salt = h;
	ret->id = sound_id(w, no);
	ret->title = titles[mix(h, 3) % COUNT(titles)];
	ret->album = albums[mix(h, 4) % COUNT(albums)];
	ret->original = mix(h, 3) % COUNT(titles) == 0;
	ret->playable = mix(h, 5) % 15 != 0;
	ret->duration = mix_pick(mix(h, 6), 5, 180);
	ret->videos = mix_pick(mix(h, 7), 10, 900000) + (now - 1600000000) / 900;
	snprintf(ret->author, sizeof ret->author, "Artist №%" PRIu32, no % 1000);
	world_sign(w, ret->author, sizeof ret->author);
}

void tag_get(const struct world *w, uint32_t no, int64_t now, struct tag *ret)
{
	uint64_t h = world_salt(w, SALT_TAG, no);

	memset(ret, 0, sizeof *ret);
	ret->no = no;
	ret->salt = h;
	snprintf(ret->name, sizeof ret->name, "%s%" PRIu32, words[no % COUNT(words)], no);
	ret->desc = descs[mix(h, 1) % COUNT(descs)];
	ret->cover = mix(h, 2) % 3 == 0;
	ret->commerce = mix(h, 3) % 8 == 0;
	ret->users = mix_pick(mix(h, 4), 100, 20000000) + (now - 1600000000) / 60;
	ret->views = ret->users * mix_pick(mix(h, 5), 900, 9000) + (now - 1600000000) * 3;
}

bool tag_by_name(const char *name, uint32_t *ret_no)
{
	struct tag t;
	struct world any = { .seed = 0 };
	size_t n, digits = 0;
	long no;

	if (*name == '#')
		name++;
	n = strlen(name);
	while (digits < n && digits < 5 && strchr("0123456789", name[n - digits - 1]) != NULL)
		digits++;
	no = strtol(name + (n - digits), NULL, 10);
	if (digits == 0 || no < 1 || no > TAGS)
		return false;
	tag_get(&any, (uint32_t)no, 0, &t); /* a name does not depend on the seed */
	if (strcasecmp(t.name, name) != 0)
		return false;
	*ret_no = (uint32_t)no;
	return true;
}

static int newest_first(const void *a, const void *b)
{
	const struct post *p = a, *q = b;

	if (p->created != q->created)
		return p->created < q->created ? 1 : -1;
	return p->id < q->id ? 1 : p->id > q->id ? -1 : 0;
}

void posts_sort(struct post *p, size_t n)
{
	qsort(p, n, sizeof *p, newest_first);
}

/* All born posts (u, k) of the crowd with (u * factor + k) % modulus == residue. */
static size_t solve(const struct world *w, uint64_t factor, uint64_t modulus, uint64_t residue, int64_t now, struct post **ret)
{
	struct post *all = NULL;
	size_t n = 0, room = 0;

	for (uint32_t u = 0; u < CROWD; u++) {
		struct schedule s = post_schedule(w, u, false);
		int64_t born = schedule_before(&s, now + 1);
		int64_t k = (int64_t)((residue + modulus - (uint64_t)u * factor % modulus) % modulus);

		for (; k < born; k += (int64_t)modulus) {
			if (n == room) {
				room = room ? room * 2 : 64;
				all = mem_resize(all, room * sizeof *all);
			}
			all[n++] = post_at(w, u, false, k);
		}
	}
	*ret = all;
	return n;
}

size_t posts_of_sound(const struct world *w, uint32_t no, int64_t now, struct post **ret)
{
	size_t n, kept = 0;
	bool old = no > SOUNDS_NEW;

	n = old ? solve(w, 7919, SOUNDS_OLD, no - SOUNDS_NEW - 1, now, ret) : solve(w, 7919, SOUNDS_NEW, no, now, ret);
	for (size_t i = 0; i < n; i++)
		if (old_sound((*ret)[i].k) == old)
			(*ret)[kept++] = (*ret)[i];
	if (kept > 0)
		posts_sort(*ret, kept);
	return kept;
}

size_t posts_of_tag(const struct world *w, uint32_t no, int64_t now, struct post **ret)
{
	size_t n = solve(w, 104729, TAGS_USED, (no - 1) % TAGS_USED, now, ret);

	if (n > 0)
		posts_sort(*ret, n);
	return n;
}
