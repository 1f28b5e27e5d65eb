/* ask.h — one question to the API and the row of the table that answers it.
 *
 * endpoint.c holds the 29 rows; api_*.c the functions they name. An answer function gets the checked parameters
 * and gives back the body as JSON, or NULL after naming a problem in `problem`. */
#ifndef TWIN_ASK_H
#define TWIN_ASK_H

#include "input.h"
#include "links.h"
#include "world.h"

#include <jansson.h>

enum { PARAMS_MAX = 32 };

struct param {
	const char *name, *value; /* decoded, borrowed from the request */
};

struct ask {
	const struct world *w;
	const struct endpoint *ep;
	struct linker links;
	int64_t now, now_ms; /* virtual */
	struct param params[PARAMS_MAX];
	size_t n_params;
	int64_t count, cursor; /* clamped; 0 when absent. `time` counts as a cursor. */
	char problem[96];      /* why there is no answer; "" while there is one */
	bool unparsable;       /* the link was no link: answered in its own shape */
};

struct endpoint {
	const char *path;
	json_t *(*answer)(struct ask *a); /* new reference, or NULL with a->problem set */
	const char *needs;                /* mandatory parameters, separated by blanks */
	const char *keys;                 /* keys without which the answer is worth nothing, separated by blanks */
	int count_default, count_max;
	bool php; /* slashes and non-ASCII letters come escaped */
};

const struct endpoint *endpoint_find(const char *path);
const struct endpoint *endpoint_row(size_t i); /* NULL after the last */
/* Checks the parameters and answers. New reference; an error body of the API where there is nothing else to say. */
json_t *endpoint_answer(struct ask *a);
json_t *endpoint_error(const char *message);
json_t *endpoint_url_error(void);
/* The bytes of an answer, as this endpoint spells them. The caller frees them. */
char *endpoint_text(const struct endpoint *ep, const json_t *body);

/* NULL when absent or empty. */
const char *ask_text(const struct ask *a, const char *name);
/* A number >= 0, or `otherwise` when absent. */
int64_t ask_number(const struct ask *a, const char *name, int64_t otherwise);
/* Names the problem; always NULL, so that it can be returned. */
json_t *ask_fail(struct ask *a, const char *problem);
/* The user that parameter `userid` names; false after naming the problem. With open: a private account is one. */
bool ask_user(struct ask *a, bool open, uint32_t *ret_no);

json_t *api_userid(struct ask *a);
json_t *api_userinfo_by_username(struct ask *a);
json_t *api_userinfo_by_id(struct ask *a);
json_t *api_user_followers(struct ask *a);
json_t *api_user_following(struct ask *a);
json_t *api_search_user(struct ask *a);
json_t *api_user_posts(struct ask *a);
json_t *api_user_liked(struct ask *a);
json_t *api_user_stories(struct ask *a);
json_t *api_post_detail(struct ask *a);
json_t *api_download_video(struct ask *a);
json_t *api_download_music(struct ask *a);
json_t *api_post_comments(struct ask *a);
json_t *api_post_comment_replies(struct ask *a);
json_t *api_music_posts(struct ask *a);
json_t *api_challenge_posts(struct ask *a);
json_t *api_search_video(struct ask *a);
json_t *api_music_info(struct ask *a);
json_t *api_challenge_info_id(struct ask *a);
json_t *api_challenge_info_name(struct ask *a);
json_t *api_search_challenge(struct ask *a);
json_t *api_user_playlists(struct ask *a);
json_t *api_user_collections(struct ask *a);
json_t *api_playlist_info(struct ask *a);
json_t *api_collection_info(struct ask *a);
json_t *api_playlist_posts(struct ask *a);
json_t *api_collection_posts(struct ask *a);
json_t *api_region_list(struct ask *a);
json_t *api_ads_detail(struct ask *a);

#endif
