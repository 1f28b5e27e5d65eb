#include "tests/oracle/crowd.h"

#include "base/alloc.h"
#include "base/random.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOT = 16, SEEN = 256, FREED = 64, ROWS_MAX = 64, TARGET_MAX = 200, WORD_MAX = 48 };

struct things {
	char word[SEEN][WORD_MAX];
	size_t n; /* of all times */
};

struct crowd {
	struct judge *j;
	struct world *w;
	struct fr_random random;
	uint32_t hot[HOT];                              /* users of whom everybody speaks; the first ones post often */
	struct things posts, gone, names, sounds, tags; /* gone: posts that were deleted */
	char freed[FREED][TRUTH_HANDLE_MAX];            /* names that somebody has given up */
	size_t n_freed, n_new;
};

static uint64_t below(struct crowd *c, uint64_t n)
{
	return fr_random_below(&c->random, n);
}

static bool chance(struct crowd *c, unsigned per_thousand)
{
	return fr_random_chance(&c->random, per_thousand);
}

/* ---- what there is to ask about ------------------------------------------------------------------------------------- */

static void add(struct things *t, const char *word)
{
	if (word != NULL && word[0] != '\0' && strlen(word) < WORD_MAX)
		snprintf(t->word[t->n++ % SEEN], WORD_MAX, "%s", word);
}

/* One of them, more often one of the last; "0" if there is none yet. */
static const char *any(struct crowd *c, const struct things *t)
{
	size_t n = t->n < SEEN ? t->n : SEEN, back = chance(c, 700) && n > 24 ? 24 : n;

	return n == 0 ? "0" : t->word[(t->n - 1 - below(c, back)) % SEEN];
}

void crowd_heard(struct crowd *c, const json_t *said)
{
	const char *key;
	json_t *inner;
	size_t i;

	if (chance(c, 300)) {
		add(&c->names, json_string_value(json_object_get(said, "unique_id")));
		add(&c->posts, json_string_value(json_object_get(said, "video_id")));
		add(&c->tags, json_object_get(said, "cha_name") != NULL ? json_string_value(json_object_get(said, "id")) : NULL);
		add(&c->sounds, json_string_value(json_object_get(json_object_get(said, "music_info"), "id")));
	}
	json_object_foreach ((json_t *)(uintptr_t)said, key, inner)
		crowd_heard(c, inner);
	json_array_foreach (said, i, inner)
		crowd_heard(c, inner);
}

/* Those who post most often, and others. */
static void choose(struct crowd *c)
{
	for (size_t i = 0; i < HOT; i++) {
		uint32_t best = (uint32_t)below(c, TRUTH_USERS);

		for (int tries = 0; i < HOT / 2 && tries < 60; tries++) {
			uint32_t other = (uint32_t)below(c, TRUTH_USERS);

			if (truth_gap_s(c->j->truth, other) < truth_gap_s(c->j->truth, best))
				best = other;
		}
		c->hot[i] = best;
	}
}

struct crowd *crowd_new(struct judge *j, uint64_t seed)
{
	struct crowd *c = fr_calloc(1, sizeof *c);

	c->j = j;
	c->w = j->world;
	c->random.state = seed * 7919 + 5;
	choose(c);
	return c;
}

void crowd_free(struct crowd *c)
{
	free(c);
}

static uint32_t somebody(struct crowd *c)
{
	size_t a = below(c, HOT), b = below(c, HOT);

	return c->hot[a < b ? a : b];
}

/* ---- asking --------------------------------------------------------------------------------------------------------- */

/* What programs read of a post that lists tell, too; and what only a full answer has, or says that there is not. */
static const char *const of_lists[] = {
	"title,cover,create_time,play_count,digg_count,comment_count,share_count,author,music_info",
	"play_count",
	"title, play, author",
	"music_info digg_count collect_count",
	"create_time,title,region",
	"duration size wm_size commerce_info"
};
static const char *const of_details[] = { NULL, "hdplay", "images,title", "content_desc, wmplay", "title,nothing", "*" };

static const char *lists_tell(struct crowd *c)
{
	return of_lists[below(c, sizeof of_lists / sizeof of_lists[0])];
}

static const char *details_tell(struct crowd *c)
{
	return chance(c, 400) ? NULL : of_details[below(c, sizeof of_details / sizeof of_details[0])];
}

static void ask(struct crowd *c, const char *target, const char *fields)
{
	static const char *const wishes[] = { "no-cache",       "max-stale",   "max-stale=600",
					      "only-if-cached", "max-age=600", "min-fresh=60" };
	const char *wish = chance(c, 30) ? wishes[below(c, sizeof wishes / sizeof wishes[0])] : NULL;

	world_fields(c->w, fields);
	world_ask(c->w, below(c, world_instances(c->w)), target, wish, "", FR_PRIORITIES);
	world_fields(c->w, NULL);
}

static void get(struct crowd *c, const char *target, const char *fields)
{
	ask(c, target, fields);
	if (chance(c, 900))
		world_run(c->w);
}

/* A link to a post, in one of its forms. */
static void post_target(struct crowd *c, const char *path, const char *post, char ret[TARGET_MAX])
{
	char code[64];

	switch (below(c, 5)) {
	case 0:
	case 1: snprintf(ret, TARGET_MAX, "%s?url=%s", path, post); break;
	case 2: snprintf(ret, TARGET_MAX, "%s?url=https://www.tiktok.com/@x/video/%s", path, post); break;
	case 3:
		snprintf(ret, TARGET_MAX, "%s?url=https%%3A%%2F%%2Fm.tiktok.com%%2Fv%%2F%s.html%%3Flang%%3Den", path, post);
		break;
	default: truth_short_url(strtoull(post, NULL, 10), code); snprintf(ret, TARGET_MAX, "%s?url=%s", path, code);
	}
}

static void detail(struct crowd *c, const char *post, const char *fields)
{
	char target[TARGET_MAX];

	post_target(c, "/post-detail/", post, target);
	get(c, target, fields);
}

static size_t posts_of_page(struct crowd *c, char ret[ROWS_MAX][WORD_MAX])
{
	const char *p = c->j->last_body;
	size_t n = 0;

	for (; p != NULL && n < ROWS_MAX && (p = strstr(p, "\"video_id\":\"")) != NULL; n++) {
		p += strlen("\"video_id\":\"");
		snprintf(ret[n], WORD_MAX, "%.*s", (int)strcspn(p, "\""), p);
	}
	return n;
}

/* The posts of the last page, each fetched once more by several programs, as products do; of a few of them more is read. */
static void hydrate(struct crowd *c)
{
	char posts[ROWS_MAX][WORD_MAX];
	size_t n = posts_of_page(c, posts);

	for (uint64_t programs = 2 + below(c, 5); programs > 0; programs--) {
		const char *fields = lists_tell(c);

		for (size_t i = 0; i < n; i++)
			detail(c, posts[i], chance(c, 20) ? details_tell(c) : fields);
	}
}

/* A list from its beginning, some pages deep; `fixed`: path and what it is about. */
static void walk(struct crowd *c, const char *fixed, unsigned most, bool hydrated)
{
	char target[TARGET_MAX + 64];
	uint64_t cursor = 0;
	unsigned count = 1 + (unsigned)below(c, most);

	for (uint64_t pages = 1 + below(c, 6); pages > 0; pages--) {
		if (chance(c, 300))
			count = 1 + (unsigned)below(c, most);
		snprintf(target, sizeof target, "%s&count=%u&cursor=%" PRIu64, fixed, count, cursor);
		ask(c, target, NULL);
		world_run(c->w);
		cursor = c->j->last.cursor;
		if (hydrated && chance(c, 600)) {
			bool more = c->j->last.more;

			hydrate(c);
			if (!more)
				return;
		} else if (!c->j->last.more) {
			return;
		}
	}
}

/* A new name, or one that somebody has given up. */
static void rename_user(struct crowd *c, uint32_t user)
{
	char old[TRUTH_HANDLE_MAX], new[TRUTH_HANDLE_MAX];
	int64_t now = world_wall(c->w);

	truth_handle(c->j->truth, user, now, old);
	snprintf(new, sizeof new, "renamed_%zu", c->n_new++);
	if (c->n_freed > 0 && chance(c, 600))
		snprintf(new, sizeof new, "%s", c->freed[below(c, c->n_freed)]);
	if (truth_taken(c->j->truth, new, now))
		return;
	truth_rename(c->j->truth, now, user, new);
	snprintf(c->freed[c->n_freed < FREED ? c->n_freed++ : below(c, FREED)], TRUTH_HANDLE_MAX, "%s", old);
	c->j->counts.changes++;
}

/* ---- sessions ------------------------------------------------------------------------------------------------------- */

static void read_feed(struct crowd *c)
{
	char fixed[TARGET_MAX];

	snprintf(fixed, sizeof fixed, "/user-posts/?userid=%" PRIu64, truth_user_id(c->j->truth, somebody(c)));
	walk(c, fixed, 35, true);
}

static void search(struct crowd *c)
{
	static const char *const forms[] = { "/search-video/?keyword=word",
					     "/challenge-posts/?challenge_id=", "/search-video/?region=&keyword=word" };
	char fixed[TARGET_MAX];

	snprintf(fixed, sizeof fixed, "%s%u", forms[below(c, 3)], 1 + (unsigned)below(c, 6));
	walk(c, fixed, 35, true);
}

static void read_sound(struct crowd *c)
{
	const char *sound = any(c, &c->sounds);
	char fixed[TARGET_MAX];

	snprintf(fixed, sizeof fixed, "/music-posts/?music_id=%s", sound);
	if (chance(c, 100))
		walk(c, fixed, 35, true);
	for (int i = 0; i < 6; i++) {
		snprintf(fixed, sizeof fixed, "/music-info/?music_id=%s", any(c, &c->sounds));
		get(c, fixed, chance(c, 950) ? "title author duration" : NULL);
	}
}

static void read_talk(struct crowd *c)
{
	char fixed[TARGET_MAX];
	const char *post = any(c, &c->posts);

	if (chance(c, 700)) {
		snprintf(fixed, sizeof fixed, "/user-posts/?userid=%" PRIu64 "&count=5", truth_user_id(c->j->truth, somebody(c)));
		ask(c, fixed, NULL);
		world_run(c->w);
		post = any(c, &c->posts);
	}
	post_target(c, "/post-comments/", post, fixed);
	walk(c, fixed, 50, false);
}

static void ask_by_name(struct crowd *c, const char *name)
{
	static const char *const forms[] = { "/userid/?username=", "/userid?username=@", "/userinfo-by-username/?username=" };
	char target[TARGET_MAX];

	for (size_t i = below(c, 2); i < 3; i++) {
		snprintf(target, sizeof target, "%s%s", forms[i], name);
		get(c, target, NULL);
	}
}

static void look_up_names(struct crowd *c)
{
	char target[TARGET_MAX];

	for (int i = 0; i < 6; i++) {
		ask_by_name(c, chance(c, 200) && c->n_freed > 0 ? c->freed[below(c, c->n_freed)] : any(c, &c->names));
		snprintf(target, sizeof target, "/userinfo-by-id/?userid=%" PRIu64, truth_user_id(c->j->truth, somebody(c)));
		if (chance(c, 300))
			get(c, target, NULL);
	}
}

/* Somebody is known by name when he changes it; where he is seen next, everybody learns of that. */
static void follow_a_name(struct crowd *c)
{
	uint32_t user = somebody(c);
	char old[TRUTH_HANDLE_MAX], target[TARGET_MAX];

	truth_handle(c->j->truth, user, world_wall(c->w), old);
	ask_by_name(c, old);
	world_pass(c->w, (int64_t)below(c, 600 * 1000));
	if (chance(c, 500))
		rename_user(c, user);
	world_pass(c->w, (int64_t)below(c, 600 * 1000));
	snprintf(target, sizeof target,
		 chance(c, 500) ? "/userinfo-by-id/?userid=%" PRIu64 : "/user-posts/?count=35&userid=%" PRIu64,
		 truth_user_id(c->j->truth, user));
	get(c, target, NULL);
	world_run(c->w);
	world_pass(c->w, (int64_t)below(c, 60 * 1000));
	ask_by_name(c, old);
	truth_handle(c->j->truth, user, world_wall(c->w), old);
	ask_by_name(c, old);
}

static void look_up_tags(struct crowd *c)
{
	char target[TARGET_MAX];

	if (chance(c, 200)) {
		snprintf(target, sizeof target, "/search-challenge/?keyword=tag%u", 1 + (unsigned)below(c, 5));
		walk(c, target, 30, false);
	}
	if (chance(c, 100)) {
		snprintf(target, sizeof target, "/search-user/?keyword=who%u", 1 + (unsigned)below(c, 5));
		walk(c, target, 30, false);
	}
	for (int i = 0; i < 8; i++) {
		snprintf(target, sizeof target, "/challenge-info-id/?id=%s", any(c, &c->tags));
		get(c, target, NULL);
	}
}

/* The head of a feed, and everything of its posts: old answers live on with counters from younger lists. */
static void watch(struct crowd *c)
{
	char target[TARGET_MAX], posts[ROWS_MAX][WORD_MAX];
	size_t n;

	snprintf(target, sizeof target, "/user-posts/?userid=%" PRIu64 "&count=12",
		 truth_user_id(c->j->truth, c->hot[below(c, HOT / 8)]));
	ask(c, target, NULL);
	world_run(c->w);
	n = posts_of_page(c, posts);
	for (size_t i = 0; i < n; i++)
		detail(c, posts[i], NULL);
}

/* New posts, whose counters are followed closely, and their files; and what has become of others. */
static void follow_posts(struct crowd *c)
{
	char post[WORD_MAX], target[TARGET_MAX];

	for (int i = 0; i < 4; i++) {
		snprintf(post, sizeof post, "%" PRIu64,
			 truth_newest_post(c->j->truth, c->hot[below(c, HOT / 2)], world_wall(c->w)));
		detail(c, chance(c, 700) ? post : any(c, &c->posts), chance(c, 500) ? lists_tell(c) : details_tell(c));
		if (chance(c, 400))
			detail(c, any(c, &c->gone), chance(c, 700) ? lists_tell(c) : details_tell(c));
		if (chance(c, 400)) {
			post_target(c, "/download-video/", post, target);
			get(c, target, NULL);
		}
	}
}

/* ---- what people do ------------------------------------------------------------------------------------------------- */

static void change_something(struct crowd *c)
{
	int64_t now = world_wall(c->w);
	uint32_t user = somebody(c), other;

	switch (below(c, 10)) {
	case 0: truth_hide(c->j->truth, now, user, !truth_private(c->j->truth, user, now)); break;
	case 1: truth_remove_user(c->j->truth, now, user, true); break;
	case 2:
	case 3:
		for (size_t i = 0; i < HOT; i++) {
			truth_remove_user(c->j->truth, now, c->hot[i], false);
			truth_hide(c->j->truth, now, c->hot[i], false);
		}
		break;
	case 4:
	case 5:
		add(&c->gone, any(c, &c->posts));
		truth_remove_post(c->j->truth, now, strtoull(c->gone.word[(c->gone.n - 1) % SEEN], NULL, 10));
		break;
	default: rename_user(c, truth_user_of(c->j->truth, any(c, &c->names), now, &other) ? other : user); return;
	}
	c->j->counts.changes++;
}

static void pass(struct crowd *c)
{
	int64_t most_s = chance(c, 500) ? 30 : chance(c, 800) ? 1200 : 3 * 3600;

	world_pass(c->w, (int64_t)below(c, (uint64_t)most_s * 1000));
}

static void weather(struct crowd *c)
{
	if (chance(c, 10)) {
		world_upstream(c->w, 100, WORLD_503);
		world_pass(c->w, (int64_t)below(c, 1800 * 1000));
	} else if (chance(c, 500)) {
		world_upstream(c->w, 20 + (int64_t)below(c, 800), WORLD_DATA);
	}
	if (chance(c, 3)) {
		c->j->purged_ms = world_wall(c->w);
		world_purge(c->w, below(c, world_instances(c->w)), "/post-detail/", false);
	}
	if (chance(c, 5))
		world_kill(c->w, below(c, world_instances(c->w)));
}

void crowd_live(struct crowd *c, size_t requests)
{
	static void (*const sessions[])(struct crowd * c) = { read_feed,    read_feed,    read_feed,     search,
							      read_sound,   read_talk,    look_up_names, follow_a_name,
							      look_up_tags, follow_posts, watch,         watch };

	world_upstream(c->w, 200, WORLD_DATA);
	for (size_t i = 0; i < 4; i++)
		search(c);
	while (world_requests(c->w) < requests) {
		sessions[below(c, sizeof sessions / sizeof sessions[0])](c);
		world_run(c->w);
		weather(c);
		while (chance(c, 150))
			change_something(c);
		pass(c);
	}
}
