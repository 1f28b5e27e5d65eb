/* shape_video.c — the video object, in lists and as a detail. */
#include "shape.h"

#include "mem.h"
#include "mix.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const captions[] = { "Café ☕ vibes",     "踊ってみた",     "quote \"inside\" & <b>tags</b>",
					"😂😂 wait for it",   "day in my life", "Größte Überraschung",
					"how to: step 1/3", "çok komik",      "new recipe\nsave it" };

static json_t *title(const struct ask *a, const struct post *p)
{
	char text[192];
	struct tag t;

	if (mix(p->salt, 30) % 17 == 0)
		return json_null();
	tag_get(a->w, post_tag(p), a->now, &t);
	snprintf(text, sizeof text, "%s #%s", captions[mix(p->salt, 31) % (sizeof captions / sizeof captions[0])], t.name);
	world_sign(a->w, text, sizeof text);
	return mem_json(json_string(text));
}

static json_t *author(struct ask *a, uint32_t no)
{
	struct user u;

	user_who(a->w, no, &u);
	return mem_json(json_pack("{so ss ss so}", "id", shape_id(u.id), "unique_id", u.handle, "nickname", u.nickname, "avatar",
				  link_avatar(&a->links, u.salt, 300)));
}

static void put_links(struct ask *a, const struct post *p, json_t *j, enum video_form form)
{
	bool photo = post_is_photo(p);
	uint64_t asset = mix(p->salt, 32);

	json_object_set_new(j, "cover", link_cover(&a->links, asset));
	json_object_set_new(j, "ai_dynamic_cover", link_cover(&a->links, asset + 1));
	json_object_set_new(j, "origin_cover", link_cover(&a->links, asset + 2));
	json_object_set_new(j, "duration", json_integer(photo ? 0 : mix_pick(mix(p->salt, 33), 3, 600)));
	json_object_set_new(j, "play", photo ? json_string("") : link_media(&a->links, MEDIUM_PLAY, asset));
	json_object_set_new(j, "wmplay", photo ? json_string("") : link_media(&a->links, MEDIUM_WATERMARK, asset));
	if (form == VIDEO_DETAIL)
		json_object_set_new(j, "hdplay", photo ? json_string("") : link_media(&a->links, MEDIUM_HD, asset));
	json_object_set_new(j, "size", json_integer(photo ? 0 : mix_pick(mix(p->salt, 34), 200000, 9000000)));
	json_object_set_new(j, "wm_size", photo ? json_null() : json_integer(mix_pick(mix(p->salt, 35), 250000, 9900000)));
	if (form == VIDEO_DETAIL)
		json_object_set_new(j, "hd_size", json_integer(photo ? 0 : mix_pick(mix(p->salt, 36), 9000000, 60000000)));
}

static void put_sound(struct ask *a, const struct post *p, json_t *j)
{
	struct sound s;

	sound_get(a->w, post_sound(p), a->now, &s);
	json_object_set_new(j, "music", s.playable ? link_media(&a->links, MEDIUM_SOUND, s.salt) : json_string(""));
	json_object_set_new(j, "music_info", shape_sound(a, s.no, false));
}

static void put_counters(struct ask *a, const struct post *p, json_t *j)
{
	struct post_counters c;

	post_counters(a->w, p, a->now, &c);
	json_object_update_new(
		j, mem_json(json_pack("{sI sI sI sI sI sI}", "play_count", (json_int_t)c.play, "digg_count", (json_int_t)c.digg,
				      "comment_count", (json_int_t)c.comment, "share_count", (json_int_t)c.share,
				      "download_count", (json_int_t)c.download, "collect_count", (json_int_t)c.collect)));
}

static void put_commerce(struct ask *a, const struct post *p, json_t *j)
{
	char noise[21], extra[64];
	json_t *info;

	link_noise(&a->links, noise);
	snprintf(extra, sizeof extra, "{\"req_id\":\"%s\"}", noise);
	info = mem_json(json_pack("{sb sb si sb sb ss}", "adv_promotable", 0, "auction_ad_invited", 0, "branded_content_type", 0,
				  "with_comment_filter_words", 0, "is_diversion_ad", 0, "organic_log_extra", extra));
	json_object_update_new(
		j, mem_json(json_pack("{sn ss sb so ss si ss}", "anchors", "anchors_extras", "", "is_ad",
				      (int)(mix(p->salt, 37) % 20 == 0), "commerce_info", info, "commercial_video_info", "",
				      "item_comment_settings", 0, "mentioned_users", "")));
}

static void put_images(struct ask *a, const struct post *p, json_t *j)
{
	json_t *images = mem_json(json_array());
	int64_t n = mix_pick(mix(p->salt, 38), 2, 6);

	for (int64_t i = 0; i < n; i++)
		json_array_append_new(images, link_cover(&a->links, mix(p->salt, 40 + (uint64_t)i)));
	json_object_set_new(j, "images", images);
}

json_t *shape_video(struct ask *a, const struct post *p, enum video_form form)
{
	json_t *j = mem_json(json_object());
	char asset[40], tail[21];
	struct user u;

	mix_hex(mix(p->salt, 39), tail, 20);
	snprintf(asset, sizeof asset, "v0904%.15s", tail);
	user_who(a->w, p->user, &u);
	json_object_set_new(j, form == VIDEO_DETAIL ? "id" : "video_id", shape_id(p->id));
	json_object_set_new(j, "aweme_id", json_string(post_is_photo(p) ? "" : asset));
	json_object_set_new(j, "region", json_string(u.region));
	json_object_set_new(j, "title", title(a, p));
	if (mix(p->salt, 41) % 3 == 0)
		json_object_set_new(j, "content_desc", mem_json(json_pack("[s]", "caption line")));
	put_links(a, p, j, form);
	put_sound(a, p, j);
	put_counters(a, p, j);
	json_object_set_new(j, "create_time", json_integer((json_int_t)p->created));
	put_commerce(a, p, j);
	json_object_set_new(j, "author", author(a, p->user));
	if (post_is_photo(p))
		put_images(a, p, j);
	if (form == VIDEO_ROW)
		json_object_set_new(j, "is_top", json_integer(post_is_pinned(a->w, p, a->now)));
	return j;
}
