/* api_people.c — accounts and who follows whom. */
#include "mem.h"
#include "mix.h"
#include "paging.h"
#include "shape.h"

#include <strings.h>

json_t *api_userid(struct ask *a)
{
	uint32_t no;

	if (!user_by_handle(a->w, ask_text(a, "username"), &no))
		return ask_fail(a, "Not found user");
	return mem_json(json_pack("{so}", "id", shape_id(user_id(a->w, no))));
}

json_t *api_userinfo_by_username(struct ask *a)
{
	uint32_t no;

	if (!user_by_handle(a->w, ask_text(a, "username"), &no))
		return ask_fail(a, "Not found user");
	return shape_profile(a, no);
}

json_t *api_userinfo_by_id(struct ask *a)
{
	uint32_t no;

	return ask_user(a, false, &no) ? shape_profile(a, no) : NULL;
}

struct friends {
	uint64_t salt;
};

static json_t *friend_row(struct ask *a, void *cls, int64_t k)
{
	const struct friends *f = cls;
	uint64_t h = mix(f->salt, (uint64_t)k + 9000);
	uint32_t no = (uint32_t)mix_pick(h, 0, 99999);

	return world_user_gone(a->w, no) ? NULL : shape_follower(a, no, mix(h, 1) % 3 != 0);
}

/* Followers come and go backwards in time: `time` of a page is the moment of its last row. */
static json_t *friends_page(struct ask *a, enum salt kind, const char *key)
{
	uint32_t no;
	struct user u;
	struct schedule s;
	struct friends f;
	struct stretch got;

	if (!ask_user(a, true, &no))
		return NULL;
	user_get(a->w, no, a->now, &u);
	f.salt = world_salt(a->w, kind, no);
	s = (struct schedule){ .t0 = 1690000000, .gap = mix_pick(mix(f.salt, 1), 7200, 1000000), .salt = f.salt };
	got = page_by_time(a, &s, a->cursor > 0 && a->cursor <= a->now ? a->cursor : a->now + 1, a->count, friend_row, &f);
	return mem_json(json_pack("{so sI sI sb}", key, got.rows, "total",
				  (json_int_t)(kind == SALT_FOLLOWER ? u.followers : u.following), "time",
				  (json_int_t)(got.last ? got.last : a->cursor), "hasMore", got.more));
}

json_t *api_user_followers(struct ask *a)
{
	return friends_page(a, SALT_FOLLOWER, "followers");
}

json_t *api_user_following(struct ask *a)
{
	return friends_page(a, SALT_FOLLOWING, "followings");
}

struct user_search {
	uint64_t salt;
	bool exact;
	uint32_t first; /* the user whose handle the keyword is */
};

static json_t *user_hit(struct ask *a, void *cls, int64_t slot)
{
	const struct user_search *s = cls;
	uint32_t no = (uint32_t)mix_pick(mix(s->salt, (uint64_t)slot + 10), 0, CREATORS - 1);

	if (s->exact && slot == 0)
		no = s->first;
	return world_user_gone(a->w, no) ? NULL : shape_profile(a, no);
}

json_t *api_search_user(struct ask *a)
{
	const char *keyword = ask_text(a, "keyword");
	struct user_search s = { .salt = mix_text(world_salt(a->w, SALT_SEARCH, 1), keyword) };
	int64_t total = strncasecmp(keyword, "nobody", 6) == 0 ? 0 : mix_pick(mix(s.salt, 1), 15, 70);

	s.exact = user_by_handle(a->w, keyword, &s.first);
	return page_by_offset(a, "user_list", total, s.salt, user_hit, &s, PAGE_FLAG_AS_INT);
}
