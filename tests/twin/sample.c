/* sample.c — valid inputs for index n, so that a test need not know how the world is made. */
#include "bundle.h"
#include "mem.h"
#include "mix.h"
#include "theme.h"
#include "twin.h"

#include <inttypes.h>
#include <stdio.h>

static void put_id(json_t *j, const char *key, uint64_t id)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, id);
	json_object_set_new(j, key, mem_json(json_string(text)));
}

/* Whether the post stays for good. */
static bool stable(const struct world *w, const struct post *p, int64_t now)
{
	return post_visible(w, p, now) && post_visible(w, p, now + 31 * 86400);
}

static void put_post(json_t *j, const char *handle, const struct post *p, const char *prefix)
{
	char key[48], url[128], code[SHORT_URL_MAX];

	snprintf(key, sizeof key, "%spost_id", prefix);
	put_id(j, key, p->id);
	snprintf(url, sizeof url, "https://www.tiktok.com/@%s/%s/%" PRIu64, handle, post_is_photo(p) ? "photo" : "video", p->id);
	snprintf(key, sizeof key, "%spost_url", prefix);
	json_object_set_new(j, key, mem_json(json_string(url)));
	input_short_url(p->id, code);
	snprintf(key, sizeof key, "%sshort_url", prefix);
	json_object_set_new(j, key, mem_json(json_string(code)));
}

/* Comment ids: of any comment, and of one with replies. */
static void put_comments(json_t *j, const struct world *w, const struct post *p, int64_t now)
{
	int64_t n = comments_count(w, p, now);
	struct comment c;

	for (int64_t i = 0; i < n; i++) {
		comment_at(w, p, i, now, &c);
		if (i == 0)
			put_id(j, "comment_id", c.id);
		if (c.replies > 0) {
			put_id(j, "comment_id", c.id);
			json_object_set_new(j, "comment_replies", json_integer((json_int_t)c.replies));
			return;
		}
	}
}

/* A video with comments, a photo post, a post that was deleted, the newest one. */
static void put_posts(json_t *j, const struct world *w, const struct user *u, int64_t now)
{
	struct schedule s = post_schedule(w, u->no, false);
	int64_t born = schedule_before(&s, now + 1);
	bool video = false, photo = false, deleted = false;

	for (int64_t k = 33; k < born; k++) {
		struct post p = post_at(w, u->no, false, k);

		if (!video && !post_is_photo(&p) && stable(w, &p, now) && comments_count(w, &p, now) > 20) {
			video = true;
			put_post(j, u->handle, &p, "");
			put_comments(j, w, &p, now);
		} else if (!photo && post_is_photo(&p) && stable(w, &p, now)) {
			photo = true;
			put_post(j, u->handle, &p, "photo_");
		} else if (!deleted && k >= STABLE_POSTS && !post_visible(w, &p, now)) {
			deleted = true;
			put_post(j, u->handle, &p, "deleted_");
		}
	}
	for (int64_t k = born - 1; k >= 0; k--) {
		struct post p = post_at(w, u->no, false, k);

		if (post_visible(w, &p, now)) {
			put_post(j, u->handle, &p, "newest_");
			return;
		}
	}
}

static void put_ads(json_t *j, const struct world *w, int64_t n)
{
	uint64_t id = UINT64_C(7340000000000000000) + (uint64_t)n * 1000;
	char url[128];

	while (mix(world_salt(w, SALT_AD, id), 1) % 10 == 0)
		id++;
	snprintf(url, sizeof url,
		 "https://ads.tiktok.com/business/creativecenter/topads/%" PRIu64 "/pc/en?countryCode=US&period=30", id);
	json_object_set_new(j, "ads_url", mem_json(json_string(url)));
}

json_t *sample_make(struct twin *t, int64_t n)
{
	const struct world *w = &t->world;
	int64_t now = twin_now_ms(t) / 1000;
	uint32_t private_no = (uint32_t)(n % 40000 * 23 + 22), sound_no = (uint32_t)(n % SOUNDS_NEW);
	json_t *j = mem_json(json_object());
	struct user u;
	struct tag tag;
	struct bundle b;
	char url[96];

	user_who(w, (uint32_t)(n + n / 22), &u); /* steps over the private accounts */
	put_id(j, "userid", u.id);
	json_object_set_new(j, "username", mem_json(json_string(u.handle)));
	put_posts(j, w, &u, now);
	put_id(j, "music_id", sound_id(w, sound_no));
	snprintf(url, sizeof url, "https://www.tiktok.com/music/a-sound-%" PRIu64, sound_id(w, sound_no));
	json_object_set_new(j, "music_url", mem_json(json_string(url)));
	tag_get(w, (uint32_t)(n % TAGS_USED + 1), now, &tag);
	put_id(j, "challenge_id", tag.no);
	json_object_set_new(j, "challenge_name", mem_json(json_string(tag.name)));
	bundle_get(w, u.no, false, 0, now, &b);
	put_id(j, "playlist_id", b.id);
	bundle_get(w, u.no, true, 0, now, &b);
	put_id(j, "collection_id", b.id);
	put_ads(j, w, n);
	user_who(w, private_no, &u);
	put_id(j, "private_userid", u.id);
	json_object_set_new(j, "private_username", mem_json(json_string(u.handle)));
	json_object_set_new(j, "missing_username", mem_json(json_sprintf("nobody_%06d", (int)n)));
	return j;
}
