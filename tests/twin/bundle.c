#include "bundle.h"

#include "mix.h"

#include <string.h>

static const char *const names[] = { "Best of", "Rezepte für Gäste", "旅行", "how-to / basics", "😂 fails", "Episode 1-9" };

int bundle_count(const struct world *w, uint32_t user, bool collection)
{
	return (int)(1 + mix(world_salt(w, SALT_SET, user), collection) % (collection ? 2u : 3u));
}

static uint64_t bundle_id(const struct world *w, uint32_t user, bool collection, int no)
{
	uint64_t h = mix(world_salt(w, SALT_SET, user), 10 + (uint64_t)no * 2 + collection);

	if (user >= VETERAN_FIRST && user < FAMOUS_FIRST && no == 0)
		return user - VETERAN_FIRST + 1;
	return (uint64_t)mix_pick(h, 1700000000, 1750000000) << 32 | (mix(h, 1) & 0xff) << 24 | (uint64_t)collection << 23 |
	       (uint64_t)no << USER_BITS | user;
}

void bundle_get(const struct world *w, uint32_t user, bool collection, int no, int64_t now, struct bundle *ret)
{
	struct schedule s = post_schedule(w, user, false);
	int64_t born = schedule_before(&s, now + 1);

	memset(ret, 0, sizeof *ret);
	ret->id = bundle_id(w, user, collection, no);
	ret->salt = mix(world_salt(w, SALT_SET, user), 100 + (uint64_t)no * 2 + collection);
	ret->user = user;
	ret->collection = collection;
	ret->no = no;
	ret->name = names[ret->salt % (sizeof names / sizeof names[0])];
	ret->slots = collection ? mix_pick(mix(ret->salt, 1), 20, 120) : born > no ? (born - no + 6) / 7 : 0;
}

bool bundle_by_id(const struct world *w, uint64_t id, bool collection, int64_t now, struct bundle *ret)
{
	uint32_t user = (uint32_t)(id & ((1u << USER_BITS) - 1)), known;
	int no = (int)(id >> USER_BITS & 3);

	if (id >= 1 && id <= VETERANS) {
		user = (uint32_t)id - 1 + VETERAN_FIRST;
		no = 0;
	}
	if (!user_by_id(w, user_id(w, user), &known) || user_private(w, user) || no >= bundle_count(w, user, collection) ||
	    bundle_id(w, user, collection, no) != id)
		return false;
	bundle_get(w, user, collection, no, now, ret);
	return true;
}

bool bundle_post(const struct world *w, const struct bundle *b, int64_t i, int64_t now, struct post *ret)
{
	uint64_t h = mix(b->salt, (uint64_t)i + 50);

	if (b->collection)
		*ret = post_at(w, (uint32_t)mix_pick(h, 0, CROWD - 1), false, mix_pick(mix(h, 1), 0, STABLE_POSTS - 1));
	else
		*ret = post_at(w, b->user, false, b->no + 7 * i);
	return post_visible(w, ret, now);
}
