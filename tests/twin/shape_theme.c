/* shape_theme.c — sounds, challenges, playlists, collections. */
#include "shape.h"

#include "mem.h"
#include "mix.h"

json_t *shape_sound(struct ask *a, uint32_t no, bool video_count)
{
	struct sound s;
	json_t *j;

	sound_get(a->w, no, a->now, &s);
	j = mem_json(json_pack("{so ss so so ss sb sI ss}", "id", shape_id(s.id), "title", s.title, "play",
			       s.playable ? link_media(&a->links, MEDIUM_SOUND, s.salt) : json_string(""), "cover",
			       link_avatar(&a->links, mix(s.salt, 9), 720), "author", s.author, "original", s.original,
			       "duration", (json_int_t)s.duration, "album", s.album));
	if (video_count)
		json_object_set_new(j, "video_count", json_integer((json_int_t)s.videos));
	return j;
}

json_t *shape_tag(struct ask *a, uint32_t no)
{
	struct tag t;

	tag_get(a->w, no, a->now, &t);
	return mem_json(json_pack("{so ss ss so sI sI si sb sb sb sb}", "id", shape_id(t.no), "cha_name", t.name, "desc", t.desc,
				  "cover", t.cover ? link_cover(&a->links, t.salt) : json_string(""), "user_count",
				  (json_int_t)t.users, "view_count", (json_int_t)t.views, "type", 1, "is_pgcshow", 0,
				  "is_commerce", t.commerce, "is_challenge", 1, "is_strong_music", 0));
}

json_t *shape_bundle(struct ask *a, const struct bundle *b)
{
	struct user u;
	json_t *author;

	user_who(a->w, b->user, &u);
	author = mem_json(json_pack("{so ss ss}", "id", shape_id(u.id), "unique_id", u.handle, "nickname", u.nickname));
	return mem_json(json_pack("{so ss ss sI so so}", "id", shape_id(b->id), "name", b->name, "desc", "", "video_count",
				  (json_int_t)b->slots, "cover", link_cover(&a->links, b->salt), "author", author));
}
