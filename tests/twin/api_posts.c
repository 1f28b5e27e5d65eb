/* api_posts.c — one user's posts, likes and stories; one post. */
#include "mem.h"
#include "mix.h"
#include "paging.h"
#include "shape.h"

#include <inttypes.h>
#include <stdio.h>

/* The second that all rows of the page are older than. */
static int64_t page_start(const struct ask *a)
{
	int64_t before = a->cursor / 1000 + (a->cursor % 1000 != 0);

	return a->cursor > 0 && before <= a->now ? before : a->now + 1;
}

/* {videos, cursor, hasMore}; the cursor is a text of milliseconds. Takes the rows. */
static json_t *videos_page(const struct ask *a, json_t *rows, int64_t last, bool more)
{
	char cursor[24];

	snprintf(cursor, sizeof cursor, "%" PRId64, last ? last * 1000 : a->cursor);
	return mem_json(json_pack("{so ss sb}", "videos", rows, "cursor", cursor, "hasMore", more));
}

struct shelf {
	uint32_t user;
	bool story;
};

static json_t *shelf_row(struct ask *a, void *cls, int64_t k)
{
	const struct shelf *s = cls;
	struct post p = post_at(a->w, s->user, s->story, k);

	if (post_visible(a->w, &p, a->now))
		return shape_video(a, &p, VIDEO_ROW);
	return post_locked(&p) ? json_null() : NULL;
}

/* Pinned posts lead the first page and are part of its count, at least one place being left for the newest post.
 * They come again in their own place in time, far behind. */
json_t *api_user_posts(struct ask *a)
{
	struct shelf shelf = { .story = false };
	struct schedule s;
	struct stretch got;
	json_t *rows = mem_json(json_array());
	int64_t pinned[PINNED_MAX];
	int n = 0;

	if (!ask_user(a, true, &shelf.user)) {
		json_decref(rows);
		return NULL;
	}
	if (a->cursor == 0)
		n = posts_pinned(a->w, shelf.user, a->now, pinned);
	for (int i = 0; i < n && i < a->count - 1; i++)
		json_array_append_new(rows, shelf_row(a, &shelf, pinned[i]));
	s = post_schedule(a->w, shelf.user, false);
	got = page_by_time(a, &s, page_start(a), a->count - (int64_t)json_array_size(rows), shelf_row, &shelf);
	json_array_extend(rows, got.rows);
	json_decref(got.rows);
	return videos_page(a, rows, got.last, got.more);
}

/* Stories live for a day; all that live come at once. */
json_t *api_user_stories(struct ask *a)
{
	struct shelf shelf = { .story = true };
	struct schedule s;
	struct stretch got;

	if (!ask_user(a, true, &shelf.user))
		return NULL;
	s = post_schedule(a->w, shelf.user, true);
	got = page_by_time(a, &s, a->now + 1, 5, shelf_row, &shelf);
	return videos_page(a, got.rows, got.last, false);
}

static json_t *liked_row(struct ask *a, void *cls, int64_t k)
{
	const struct schedule *s = cls;
	uint64_t h = mix(s->salt, (uint64_t)k + 300);
	struct post p;

	if (mix(s->salt, (uint64_t)k / 4) % 23 == 0)
		return json_null();
	if (!post_some(a->w, (uint32_t)mix_pick(h, 0, CROWD - 1), mix(h, 1), schedule_time(s, k), a->now, &p))
		return NULL;
	return shape_video(a, &p, VIDEO_ROW);
}

/* The cursor is the time of the like, not of the post. Closed likes are an empty list. */
json_t *api_user_liked(struct ask *a)
{
	uint32_t no;
	struct user u;
	struct schedule s;
	struct stretch got;

	if (!ask_user(a, true, &no))
		return NULL;
	user_who(a->w, no, &u);
	if (!u.open_likes)
		return videos_page(a, mem_json(json_array()), 0, false);
	s.salt = world_salt(a->w, SALT_LIKE, no);
	s.t0 = 1735689600 + mix_pick(mix(s.salt, 1), 0, 10000000);
	s.gap = mix_pick(mix(s.salt, 2), 21600, 864000);
	got = page_by_time(a, &s, page_start(a), a->count, liked_row, &s);
	return videos_page(a, got.rows, got.last, got.more);
}

static bool ask_post(struct ask *a, struct post *ret)
{
	uint64_t id;

	if (!input_post(ask_text(a, "url"), &id)) {
		a->unparsable = true;
		return false;
	}
	if (!post_by_id(a->w, id, ret) || !post_visible(a->w, ret, a->now)) {
		ask_fail(a, "Not found post");
		return false;
	}
	return true;
}

json_t *api_post_detail(struct ask *a)
{
	struct post p;

	return ask_post(a, &p) ? shape_video(a, &p, VIDEO_DETAIL) : NULL;
}

json_t *api_download_video(struct ask *a)
{
	struct post p;
	json_t *video, *hd;

	if (!ask_post(a, &p))
		return NULL;
	video = post_is_photo(&p) ? json_string("") : link_media(&a->links, MEDIUM_PLAY, mix(p.salt, 32));
	hd = post_is_photo(&p) ? json_string("") : link_media(&a->links, MEDIUM_HD, mix(p.salt, 32));
	return mem_json(json_pack("{so so}", "video", video, "video_hd", hd));
}

/* Takes a link to a sound or to a post. */
json_t *api_download_music(struct ask *a)
{
	struct post p;
	struct sound s;
	uint64_t id;
	uint32_t no;

	if (input_sound(ask_text(a, "url"), &id)) {
		if (!sound_by_id(a->w, id, &no))
			return ask_fail(a, "Not found music");
	} else if (ask_post(a, &p)) {
		no = post_sound(&p);
	} else {
		return NULL;
	}
	sound_get(a->w, no, a->now, &s);
	return mem_json(json_pack("{so}", "music", s.playable ? link_media(&a->links, MEDIUM_SOUND, s.salt) : json_string("")));
}

static json_t *comment_row(struct ask *a, void *cls, int64_t slot)
{
	const struct post *p = cls;
	struct comment c;

	comment_at(a->w, p, slot, a->now, &c);
	return world_user_gone(a->w, c.user) ? NULL : shape_comment(a, p, &c, false);
}

json_t *api_post_comments(struct ask *a)
{
	struct post p;
	json_t *page;
	int64_t total;

	if (!ask_post(a, &p))
		return NULL;
	total = comments_count(a->w, &p, a->now);
	page = page_by_offset(a, "comments", total, p.salt, comment_row, &p, PAGE_PLAIN);
	json_object_set_new(page, "total", json_integer((json_int_t)total));
	return page;
}

struct thread {
	struct post post;
	struct comment comment;
};

static json_t *reply_row(struct ask *a, void *cls, int64_t slot)
{
	const struct thread *t = cls;
	struct comment c;

	reply_at(a->w, &t->comment, slot, a->now, &c);
	return world_user_gone(a->w, c.user) ? NULL : shape_comment(a, &t->post, &c, true);
}

json_t *api_post_comment_replies(struct ask *a)
{
	struct thread t;
	json_t *page;

	if (!post_by_id(a->w, (uint64_t)ask_number(a, "video_id", 0), &t.post) || !post_visible(a->w, &t.post, a->now))
		return ask_fail(a, "Not found post");
	if (!comment_by_id(a->w, &t.post, (uint64_t)ask_number(a, "comment_id", 0), a->now, &t.comment))
		return ask_fail(a, "Not found comment");
	page = page_by_offset(a, "comments", t.comment.replies, 0, reply_row, &t, PAGE_PLAIN);
	json_object_set_new(page, "total", json_integer((json_int_t)t.comment.replies));
	return page;
}
