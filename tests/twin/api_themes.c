/* api_themes.c — sounds, challenges, searches. */
#include "mem.h"
#include "mix.h"
#include "paging.h"
#include "shape.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

json_t *api_music_posts(struct ask *a)
{
	struct post *all;
	uint32_t no;
	size_t n;
	json_t *page;

	if (!sound_by_id(a->w, (uint64_t)ask_number(a, "music_id", 0), &no))
		return ask_fail(a, "Not found music");
	n = posts_of_sound(a->w, no, a->now, &all);
	page = page_of_posts(a, all, n, world_salt(a->w, SALT_SOUND, no), PAGE_PLAIN);
	free(all);
	return page;
}

/* Keeps the posts whose author lives in `region`; all when region is "". */
static size_t keep_region(struct ask *a, const char *region, struct post *all, size_t n)
{
	size_t kept = 0;

	if (region == NULL)
		return n;
	for (size_t i = 0; i < n; i++) {
		struct user u;

		user_who(a->w, all[i].user, &u);
		if (strcasecmp(u.region, region) == 0)
			all[kept++] = all[i];
	}
	return kept;
}

json_t *api_challenge_posts(struct ask *a)
{
	struct post *all;
	int64_t no = ask_number(a, "challenge_id", 0);
	size_t n;
	json_t *page;

	if (no < 1 || no > TAGS)
		return ask_fail(a, "Not found challenge");
	n = posts_of_tag(a->w, (uint32_t)no, a->now, &all);
	n = keep_region(a, ask_text(a, "region"), all, n);
	page = page_of_posts(a, all, n, world_salt(a->w, SALT_TAG, (uint64_t)no), PAGE_PLAIN);
	free(all);
	return page;
}

/* What a keyword finds: up to 200 posts of the crowd, the same for a week. */
static size_t find_posts(struct ask *a, uint64_t salt, struct post *all)
{
	int64_t week = a->now / 604800 * 604800, wanted = mix_pick(mix(salt, 1), 60, 200);
	int64_t days = ask_number(a, "publish_time", 0);
	size_t n = 0;

	for (int64_t i = 0; i < wanted; i++) {
		uint64_t h = mix(salt, (uint64_t)i + 20);
		struct post p;

		if (post_some(a->w, (uint32_t)mix_pick(h, 0, CROWD - 1), mix(h, 1), week, a->now, &p) &&
		    (days == 0 || days > 36500 || p.created >= a->now - days * 86400))
			all[n++] = p;
	}
	return keep_region(a, ask_text(a, "region"), all, n);
}

struct liked {
	struct post post;
	int64_t likes;
};

static int most_liked(const void *a, const void *b)
{
	const struct liked *p = a, *q = b;

	if (p->likes != q->likes)
		return p->likes < q->likes ? 1 : -1;
	return p->post.id < q->post.id ? 1 : p->post.id > q->post.id ? -1 : 0;
}

static void sort_by_likes(struct ask *a, struct post *all, size_t n)
{
	struct liked *l = mem_new(n * sizeof *l);

	for (size_t i = 0; i < n; i++) {
		struct post_counters c;

		post_counters(a->w, &all[i], a->now, &c);
		l[i] = (struct liked){ .post = all[i], .likes = c.digg };
	}
	qsort(l, n, sizeof *l, most_liked);
	for (size_t i = 0; i < n; i++)
		all[i] = l[i].post;
	free(l);
}

json_t *api_search_video(struct ask *a)
{
	const char *keyword = ask_text(a, "keyword");
	uint64_t salt = mix_text(world_salt(a->w, SALT_SEARCH, 2), keyword);
	struct post all[200];
	size_t n = strncasecmp(keyword, "nobody", 6) == 0 ? 0 : find_posts(a, salt, all);
	int64_t sort = ask_number(a, "sort_by", 0);

	if (sort == 1 && n > 0)
		sort_by_likes(a, all, n);
	else if (sort == 2 && n > 0)
		posts_sort(all, n);
	return page_of_posts(a, all, n, salt, PAGE_FLAG_AS_INT);
}

json_t *api_music_info(struct ask *a)
{
	uint32_t no;

	if (!sound_by_id(a->w, (uint64_t)ask_number(a, "music_id", 0), &no))
		return ask_fail(a, "Not found music");
	return shape_sound(a, no, true);
}

json_t *api_challenge_info_id(struct ask *a)
{
	int64_t no = ask_number(a, "id", 0);

	return no >= 1 && no <= TAGS ? shape_tag(a, (uint32_t)no) : ask_fail(a, "Not found challenge");
}

json_t *api_challenge_info_name(struct ask *a)
{
	uint32_t no;

	return tag_by_name(ask_text(a, "name"), &no) ? shape_tag(a, no) : ask_fail(a, "Not found challenge");
}

struct tag_search {
	uint64_t salt;
	uint32_t first; /* 0: the keyword is no challenge's name */
};

static json_t *tag_hit(struct ask *a, void *cls, int64_t slot)
{
	const struct tag_search *s = cls;

	if (s->first != 0 && slot == 0)
		return shape_tag(a, s->first);
	return shape_tag(a, (uint32_t)mix_pick(mix(s->salt, (uint64_t)slot + 10), 1, TAGS));
}

json_t *api_search_challenge(struct ask *a)
{
	const char *keyword = ask_text(a, "keyword");
	struct tag_search s = { .salt = mix_text(world_salt(a->w, SALT_SEARCH, 3), keyword) };
	int64_t total = strncasecmp(keyword, "nobody", 6) == 0 ? 0 : mix_pick(mix(s.salt, 1), 10, 60);

	if (!tag_by_name(keyword, &s.first))
		s.first = 0;
	return page_by_offset(a, "challenge_list", total, s.salt, tag_hit, &s, PAGE_FLAG_AS_INT);
}
