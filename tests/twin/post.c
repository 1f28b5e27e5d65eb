#include "post.h"

#include "mix.h"

#include <string.h>

enum { CHECK_BITS = 10, DAY = 86400, HOUR = 3600 };

struct schedule post_schedule(const struct world *w, uint32_t user, bool story)
{
	uint64_t h = world_salt(w, story ? SALT_STORY : SALT_POST, user);

	/* Posts begin between 2023 and mid-2025, one every 8 hours to 8 days. */
	return (struct schedule){ .t0 = 1672531200 + mix_pick(mix(h, 1), 0, 75000000),
				  .gap = story ? mix_pick(mix(h, 2), 9 * HOUR, 30 * HOUR)
					       : mix_pick(mix(h, 2), 8 * HOUR, 8 * DAY),
				  .salt = h };
}

struct post post_at(const struct world *w, uint32_t user, bool story, int64_t k)
{
	struct schedule s = post_schedule(w, user, story);
	struct post p = { .user = user, .story = story, .k = k, .created = schedule_time(&s, k) };
	uint64_t check;

	p.salt = mix(s.salt, (uint64_t)k + 1000);
	check = mix(p.salt, 1) % (1u << CHECK_BITS);
	p.id = (uint64_t)(p.created - mix_pick(mix(p.salt, 2), 1, 12)) << 32 | check << (USER_BITS + 1) |
	       (uint64_t)story << USER_BITS | user;
	return p;
}

bool post_by_id(const struct world *w, uint64_t id, struct post *ret)
{
	uint32_t user = (uint32_t)(id & ((1u << USER_BITS) - 1)), known;
	bool story = (id >> USER_BITS & 1) != 0;
	int64_t secs = (int64_t)(id >> 32), k;
	struct schedule s = post_schedule(w, user, story);
	struct post p;

	if (world_user_gone(w, user) || !user_by_id(w, user_id(w, user), &known))
		return false;
	k = secs < s.t0 - 12 ? 0 : schedule_before(&s, secs + 13) - 1;
	if (k < 0)
		return false;
	p = post_at(w, user, story, k);
	if (p.id != id)
		return false;
	*ret = p;
	return true;
}

/* A few runs among the oldest posts are never shown (locked in the region): so short and empty pages with
 * hasMore occur in every walk, while the head of a list is always full. */
bool post_locked(const struct post *p)
{
	if (p->story || p->k >= STABLE_POSTS)
		return false;
	if (p->user % 8 == 5 && p->k >= 20 && p->k < 32)
		return true;
	return (p->k / 3 + p->user) % 29 == 5;
}

/* One post in forty is deleted, an hour to a month after it was made. */
static bool deleted(const struct post *p, int64_t now)
{
	if (p->story)
		return now >= p->created + STORY_LIFE_S;
	return mix(p->salt, 3) % 40 == 0 && now >= p->created + mix_pick(mix(p->salt, 4), HOUR, 30 * DAY);
}

bool post_visible(const struct world *w, const struct post *p, int64_t now)
{
	return p->created <= now && !post_locked(p) && !deleted(p, now) && !user_private(w, p->user) &&
	       !world_user_gone(w, p->user) && !world_post_gone(w, p->id);
}

bool post_some(const struct world *w, uint32_t user, uint64_t h, int64_t t, int64_t now, struct post *ret)
{
	struct schedule s = post_schedule(w, user, false);
	int64_t n = schedule_before(&s, t);

	if (n <= 0)
		return false;
	*ret = post_at(w, user, false, n - 1 - mix_pick(h, 0, n < 60 ? n - 1 : 59));
	return post_visible(w, ret, now);
}

bool post_is_photo(const struct post *p)
{
	return mix(p->salt, 5) % 6 == 0;
}

int64_t posts_living(const struct world *w, uint32_t user, int64_t now)
{
	struct schedule s = post_schedule(w, user, false);
	int64_t n = schedule_before(&s, now + 1), living = 0;

	for (int64_t k = 0; k < n; k++) {
		struct post p = { .user = user, .k = k, .salt = mix(s.salt, (uint64_t)k + 1000) };

		if (post_locked(&p))
			continue;
		if (mix(p.salt, 3) % 40 == 0)
			p.created = schedule_time(&s, k);
		living += !deleted(&p, now);
	}
	return living;
}

int posts_pinned(const struct world *w, uint32_t user, int64_t now, int64_t k[PINNED_MAX])
{
	uint64_t h = mix(world_salt(w, SALT_POST, user), 9);
	int wanted = (int)(h % 8) - 4, n = 0;

	/* Taken from the oldest twenty, so that the first page never meets them again in their place in time. */
	for (int64_t i = (int64_t)(h >> 8 & 3); n < wanted && i < 20; i += 3) {
		struct post p = post_at(w, user, false, i);

		if (post_visible(w, &p, now))
			k[n++] = i;
	}
	return n;
}

bool post_is_pinned(const struct world *w, const struct post *p, int64_t now)
{
	int64_t k[PINNED_MAX];
	int n = p->story || p->k >= 20 ? 0 : posts_pinned(w, p->user, now, k);

	for (int i = 0; i < n; i++)
		if (k[i] == p->k)
			return true;
	return false;
}

void post_counters(const struct world *w, const struct post *p, int64_t now, struct post_counters *ret)
{
	int64_t age = now - p->created, size = mix_pick(mix(p->salt, 20), 2, 7), final = mix_pick(mix(p->salt, 21), 100, 999);

	for (int64_t i = 2; i < size; i++)
		final *= 10;
	memset(ret, 0, sizeof *ret);
	ret->play = schedule_grown(final, age, 2 * DAY) + (age > 0 ? age / 97 : 0);
	ret->digg = ret->play / mix_pick(mix(p->salt, 22), 6, 30);
	ret->share = ret->digg / 20;
	ret->download = ret->digg / 50;
	ret->collect = ret->digg / 9;
	ret->comment = comments_count(w, p, now);
}
