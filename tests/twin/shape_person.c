/* shape_person.c — people: camelCase in profiles, snake_case everywhere else. */
#include "shape.h"

#include "mem.h"
#include "mix.h"

#include <inttypes.h>
#include <stdio.h>

json_t *shape_id(uint64_t id)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, id);
	return mem_json(json_string(text));
}

static json_t *profile_user(struct ask *a, const struct user *u)
{
	json_t *j = mem_json(json_pack("{so ss ss ss ss so so so}", "id", shape_id(u->id), "uniqueId", u->handle, "nickname",
				       u->nickname, "signature", u->signature, "secUid", u->sec_uid, "avatarThumb",
				       link_avatar(&a->links, u->salt, 100), "avatarMedium", link_avatar(&a->links, u->salt, 720),
				       "avatarLarger", link_avatar(&a->links, u->salt, 1080)));

	json_object_update_new(j, mem_json(json_pack("{sb sb sb sb sb si si si si sb sb}", "verified", u->verified,
						     "privateAccount", u->hidden, "secret", u->hidden, "openFavorite",
						     u->open_likes, "ftc", 0, "relation", 0, "commentSetting", 0, "duetSetting",
						     0, "stitchSetting", 0, "isADVirtual", 0, "isUnderAge18", 0)));
	if (u->salt % 3 == 0)
		json_object_set_new(j, "bioLink", mem_json(json_pack("{ss si}", "link", "https://example.com/shop", "risk", 0)));
	json_object_update_new(j, mem_json(json_pack("{ss ss ss ss ss ss}", "ins_id", u->salt % 4 == 0 ? u->handle : "",
						     "twitter_id", "", "youtube_channel_title", "", "youtube_channel_id", "",
						     "region", u->region, "language", u->language)));
	return j;
}

json_t *shape_profile(struct ask *a, uint32_t no)
{
	struct user u;
	json_t *user, *stats;

	user_get(a->w, no, a->now, &u);
	user = profile_user(a, &u);
	stats = mem_json(json_pack("{sI sI sI sI sI sI sI}", "followingCount", (json_int_t)u.following, "followerCount",
				   (json_int_t)u.followers, "heartCount", (json_int_t)u.hearts, "heart", (json_int_t)u.hearts,
				   "videoCount", (json_int_t)u.posts, "diggCount", (json_int_t)u.likes, "friendCount",
				   (json_int_t)u.friends));
	return mem_json(json_pack("{so so}", "user", user, "stats", stats));
}

json_t *shape_follower(struct ask *a, uint32_t no, bool counters)
{
	struct user u;
	json_t *j;

	user_who(a->w, no, &u);
	if (counters)
		user_get(a->w, no, a->now, &u);
	j = mem_json(json_pack("{so ss ss ss ss ss so sb ss}", "id", shape_id(u.id), "region", u.region, "sec_uid", u.sec_uid,
			       "unique_id", u.handle, "nickname", u.nickname, "signature", u.signature, "avatar",
			       link_avatar(&a->links, u.salt, 300), "verified", u.verified, "ins_id",
			       u.salt % 4 == 0 ? u.handle : ""));
	json_object_update_new(j, mem_json(json_pack("{ss ss ss ss}", "twitter_name", "", "twitter_id", "",
						     "youtube_channel_title", "", "youtube_channel_id", "")));
	json_object_update_new(
		j, mem_json(json_pack("{sI sI sI sI sI}", "aweme_count", (json_int_t)u.posts, "follower_count",
				      (json_int_t)u.followers, "following_count", (json_int_t)u.following, "favoriting_count",
				      (json_int_t)u.likes, "total_favorited", (json_int_t)u.hearts)));
	return j;
}

json_t *shape_comment(struct ask *a, const struct post *p, const struct comment *c, bool reply)
{
	json_t *j = mem_json(json_pack("{so so ss sI sI}", "id", shape_id(c->id), "video_id", shape_id(p->id), "text", c->text,
				       "create_time", (json_int_t)c->created, "digg_count", (json_int_t)c->digg));

	if (!reply)
		json_object_set_new(j, "reply_total", json_integer((json_int_t)c->replies));
	json_object_set_new(j, "user", shape_follower(a, c->user, false));
	json_object_set_new(j, "status", json_integer(1));
	return j;
}
