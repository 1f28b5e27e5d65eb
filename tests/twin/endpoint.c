/* endpoint.c — the 29 rows of upstream.md section 2, and what is the same for all of them. */
#include "ask.h"

#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An absent count means what the vendor's client would have sent; above the maximum it is clamped. */
static const struct endpoint rows[] = {
	{ "/userid/", api_userid, "username", "id", 0, 0, false },
	{ "/userinfo-by-username/", api_userinfo_by_username, "username", "user stats", 0, 0, true },
	{ "/userinfo-by-id/", api_userinfo_by_id, "userid", "user stats", 0, 0, true },
	{ "/user-posts/", api_user_posts, "userid", "videos", 10, 35, true },
	{ "/user-followers/", api_user_followers, "userid", "followers", 50, 200, false },
	{ "/user-following/", api_user_following, "userid", "followings", 50, 200, true },
	{ "/search-user/", api_search_user, "keyword", "user_list", 10, 30, false },
	{ "/user-collections/", api_user_collections, "userid", "collections", 10, 35, true },
	{ "/user-liked/", api_user_liked, "userid", "videos", 2, 35, false },
	{ "/user-playlists/", api_user_playlists, "userid", "playlists", 10, 35, false },
	{ "/user-stories/", api_user_stories, "userid", "videos", 0, 0, true },
	{ "/post-detail/", api_post_detail, "url", "id", 0, 0, true },
	{ "/post-comments/", api_post_comments, "url", "comments", 10, 50, true },
	{ "/post-comment-replies/", api_post_comment_replies, "video_id comment_id", "comments", 10, 50, false },
	{ "/music-posts/", api_music_posts, "music_id", "videos", 10, 35, false },
	{ "/challenge-posts/", api_challenge_posts, "challenge_id", "videos", 10, 35, true },
	{ "/playlist-posts/", api_playlist_posts, "playlist_id", "videos", 10, 35, false },
	{ "/collection-posts/", api_collection_posts, "collection_id", "videos", 10, 35, true },
	{ "/search-video/", api_search_video, "keyword", "videos", 10, 35, false },
	{ "/music-info/", api_music_info, "music_id", "id", 0, 0, true },
	{ "/challenge-info-id/", api_challenge_info_id, "id", "id", 0, 0, false },
	{ "/challenge-info-name/", api_challenge_info_name, "name", "id", 0, 0, true },
	{ "/search-challenge/", api_search_challenge, "keyword", "challenge_list", 10, 30, false },
	{ "/playlist-info/", api_playlist_info, "playlist_id", "id", 0, 0, true },
	{ "/collection-info/", api_collection_info, "collection_id", "id", 0, 0, false },
	{ "/download-video/", api_download_video, "url", "video video_hd", 0, 0, true },
	{ "/download-music/", api_download_music, "url", "music", 0, 0, false },
	{ "/region-list/", api_region_list, "", "US", 0, 0, true },
	{ "/ads-detail/", api_ads_detail, "url", "id", 0, 0, false },
};

enum { ROWS = sizeof rows / sizeof rows[0] };

_Static_assert(ROWS == 29, "the client has 29 paths");

const struct endpoint *endpoint_row(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}

const struct endpoint *endpoint_find(const char *path)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].path, path) == 0)
			return &rows[i];
	return NULL;
}

json_t *endpoint_error(const char *message)
{
	return mem_json(json_pack("{ssss}", "status", "error", "message", message));
}

json_t *endpoint_url_error(void)
{
	return mem_json(json_pack("{siss}", "code", -1, "msg", "Url parsing is failed! Please check url."));
}

char *endpoint_text(const struct endpoint *ep, const json_t *body)
{
	char *text = json_dumps(body, ep->php ? JSON_COMPACT | JSON_ENSURE_ASCII | JSON_ESCAPE_SLASH : JSON_COMPACT);

	if (text == NULL)
		abort();
	return text;
}

const char *ask_text(const struct ask *a, const char *name)
{
	for (size_t i = 0; i < a->n_params; i++)
		if (strcmp(a->params[i].name, name) == 0)
			return *a->params[i].value != '\0' ? a->params[i].value : NULL;
	return NULL;
}

int64_t ask_number(const struct ask *a, const char *name, int64_t otherwise)
{
	const char *text = ask_text(a, name);
	uint64_t n;

	return text != NULL && input_number(text, &n) ? (int64_t)n : otherwise;
}

json_t *ask_fail(struct ask *a, const char *problem)
{
	snprintf(a->problem, sizeof a->problem, "%s", problem);
	return NULL;
}

bool ask_user(struct ask *a, bool open, uint32_t *ret_no)
{
	uint32_t no;

	if (!user_by_id(a->w, (uint64_t)ask_number(a, "userid", 0), &no)) {
		ask_fail(a, "Not found user");
		return false;
	}
	if (open && user_private(a->w, no)) {
		ask_fail(a, "This account is private");
		return false;
	}
	*ret_no = no;
	return true;
}

static bool is_number_param(const char *name)
{
	static const char *const names[] = { "userid",      "video_id",      "comment_id", "music_id", "challenge_id",
					     "playlist_id", "collection_id", "id",         "count",    "cursor",
					     "time",        "publish_time",  "sort_by" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool check_needs(struct ask *a)
{
	char needs[64], *rest, *name;

	snprintf(needs, sizeof needs, "%s", a->ep->needs);
	for (name = strtok_r(needs, " ", &rest); name != NULL; name = strtok_r(NULL, " ", &rest))
		if (ask_text(a, name) == NULL) {
			snprintf(a->problem, sizeof a->problem, "Missing parameter %s", name);
			return false;
		}
	return true;
}

static bool check_numbers(struct ask *a)
{
	uint64_t n;

	for (size_t i = 0; i < a->n_params; i++) {
		const struct param *p = &a->params[i];

		if (*p->value != '\0' && is_number_param(p->name) && !input_number(p->value, &n)) {
			snprintf(a->problem, sizeof a->problem, "Invalid parameter %.40s", p->name);
			return false;
		}
	}
	return true;
}

json_t *endpoint_answer(struct ask *a)
{
	json_t *body = NULL;

	if (check_needs(a) && check_numbers(a)) {
		a->count = ask_number(a, "count", 0);
		if (a->count == 0)
			a->count = a->ep->count_default;
		if (a->count > a->ep->count_max)
			a->count = a->ep->count_max;
		a->cursor = ask_number(a, "cursor", ask_number(a, "time", 0));
		body = a->ep->answer(a);
	}
	if (body != NULL)
		return body;
	return a->unparsable ? endpoint_url_error() : endpoint_error(a->problem);
}
