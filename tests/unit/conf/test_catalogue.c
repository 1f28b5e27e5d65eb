#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/str.h"
#include "conf/builtin.h"
#include "conf/catalogue.h"
#include "conf/load.h"
#include "conf/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum fr_err read_catalogue(struct fr_str text, struct fr_catalogue *ret, struct fr_errmsg *why)
{
	struct fr_source s = { "c.yaml", why };
	struct fr_tree t;
	enum fr_err e = fr_tree_read(&s, text, &t);

	if (e != FR_OK)
		return e;
	e = fr_catalogue_read(&s, t.root, ret);
	fr_tree_free(&t);
	return e;
}

/* upstream.md, section 2: every path, its parameters ('!' required, '=' default, '<' largest, '>' page), its links and its times. */
static const struct {
	const char *path, *params;
	enum fr_links links;
	const char *mandatory;
	int64_t fresh, stale, rescue; /* minutes */
} api[] = {
	{ "/userid/", "username!", FR_LINKS_NONE, "id", 7 * 1440, 30 * 1440, 90 * 1440 },
	{ "/userinfo-by-username/", "username!", FR_LINKS_INCIDENTAL, "user", 360, 360, 7 * 1440 },
	{ "/userinfo-by-id/", "userid!", FR_LINKS_INCIDENTAL, "user", 360, 360, 7 * 1440 },
	{ "/user-posts/", "userid! count=10<35 cursor=0>", FR_LINKS_REQUIRED, "videos", 60, 60, 1440 },
	{ "/user-followers/", "userid! count=50<200 time=0>", FR_LINKS_INCIDENTAL, "followers", 360, 360, 7 * 1440 },
	{ "/user-following/", "userid! count=50<200 time=0>", FR_LINKS_INCIDENTAL, "followings", 360, 360, 7 * 1440 },
	{ "/search-user/", "keyword! count=10<30 cursor=0>", FR_LINKS_INCIDENTAL, "", 30, 30, 1440 },
	{ "/user-collections/", "userid! count=10 cursor=0>", FR_LINKS_INCIDENTAL, "", 30, 30, 1440 },
	{ "/user-liked/", "userid! count=2<35 cursor=0>", FR_LINKS_REQUIRED, "", 30, 30, 1440 },
	{ "/user-playlists/", "userid! count=10 cursor=0>", FR_LINKS_INCIDENTAL, "", 30, 30, 1440 },
	{ "/user-stories/", "userid!", FR_LINKS_REQUIRED, "", 15, 0, 60 },
	{ "/post-detail/", "url!", FR_LINKS_REQUIRED, "id", 1440, 60, 7 * 1440 },
	{ "/post-comments/", "url! count=10<50 cursor=0>", FR_LINKS_INCIDENTAL, "comments", 60, 60, 1440 },
	{ "/post-comment-replies/", "video_id! comment_id! count=10<50 cursor=0>", FR_LINKS_INCIDENTAL, "", 60, 60, 1440 },
	{ "/music-posts/", "music_id! count=10<35 cursor=0>", FR_LINKS_REQUIRED, "videos", 30, 30, 1440 },
	{ "/challenge-posts/", "challenge_id! count=10<35 cursor=0> region=", FR_LINKS_REQUIRED, "videos", 30, 30, 1440 },
	{ "/playlist-posts/", "playlist_id! count=10 cursor=0>", FR_LINKS_REQUIRED, "", 30, 30, 1440 },
	{ "/collection-posts/", "collection_id! count=10 cursor=0>", FR_LINKS_REQUIRED, "", 30, 30, 1440 },
	{ "/search-video/", "keyword! count=10<35 cursor=0> publish_time=0 sort_by=0 region=", FR_LINKS_REQUIRED, "videos", 30,
	  30, 1440 },
	{ "/music-info/", "music_id!", FR_LINKS_INCIDENTAL, "id", 14 * 1440, 16 * 1440, 90 * 1440 },
	{ "/challenge-info-id/", "id!", FR_LINKS_INCIDENTAL, "id", 14 * 1440, 16 * 1440, 90 * 1440 },
	{ "/challenge-info-name/", "name!", FR_LINKS_INCIDENTAL, "id", 14 * 1440, 16 * 1440, 90 * 1440 },
	{ "/search-challenge/", "keyword! count=10<30 cursor=0>", FR_LINKS_INCIDENTAL, "challenge_list", 30, 30, 1440 },
	{ "/playlist-info/", "playlist_id!", FR_LINKS_INCIDENTAL, "", 14 * 1440, 16 * 1440, 90 * 1440 },
	{ "/collection-info/", "collection_id!", FR_LINKS_INCIDENTAL, "", 14 * 1440, 16 * 1440, 90 * 1440 },
	{ "/download-video/", "url!", FR_LINKS_REQUIRED, "video", 360, 0, 0 },
	{ "/download-music/", "url!", FR_LINKS_REQUIRED, "", 360, 0, 0 },
	{ "/region-list/", "", FR_LINKS_NONE, "", 30 * 1440, 30 * 1440, 3650 * 1440 },
	{ "/ads-detail/", "url!", FR_LINKS_REQUIRED, "", 360, 360, 1440 },
};

/* A row's parameters in the words of the table above. */
static void describe_params(const struct fr_endpoint *e, char *ret, size_t size)
{
	size_t n = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < e->n_params; i++) {
		const struct fr_param *p = &e->params[i];

		n += (size_t)snprintf(ret + n, size - n, "%s%.*s%s", i == 0 ? "" : " ", FR_STR_ARG(p->name),
				      p->required ? "!" : "");
		if (p->has_default)
			n += (size_t)snprintf(ret + n, size - n, "=%.*s", FR_STR_ARG(p->dflt));
		if (p->max != 0)
			n += (size_t)snprintf(ret + n, size - n, "<%lld", (long long)p->max);
		n += (size_t)snprintf(ret + n, size - n, "%s", p->page ? ">" : "");
	}
}

static void all_29_paths_are_rows_with_their_parameters(void **state)
{
	struct fr_errmsg why;
	struct fr_conf *c;

	(void)state;
	assert_int_equal(COUNT(api), 29);
	assert_int_equal(fr_conf_load(NULL, &c, &why), FR_OK);
	assert_int_equal(c->catalogue.n, 30);
	for (size_t i = 0; i < COUNT(api); i++) {
		const struct fr_endpoint *e = fr_catalogue_find(&c->catalogue, fr_str_of(api[i].path));
		char params[256];

		assert_true(fr_str_is(e->path, api[i].path));
		assert_ptr_equal(e, &c->catalogue.rows[e->index]);
		describe_params(e, params, sizeof(params));
		assert_string_equal(params, api[i].params);
		assert_int_equal(e->links, api[i].links);
		assert_int_equal(e->mandatory.n, api[i].mandatory[0] == '\0' ? 0 : 1);
		assert_true(e->mandatory.n == 0 || fr_str_is(e->mandatory.at[0], api[i].mandatory));
		assert_int_equal(e->fresh.v, api[i].fresh * 60000);
		assert_int_equal(e->stale.v, api[i].stale * 60000);
		assert_int_equal(e->rescue.v, api[i].rescue * 60000);
		assert_int_equal(e->price, 1);
		assert_int_equal(e->negative.v, 600000);
		assert_int_equal(e->negative_max.v, 86400000);
	}
	fr_conf_free(c);
}

static void the_built_in_rows_have_their_special_rules(void **state)
{
	struct fr_errmsg why;
	struct fr_conf *c;
	const struct fr_endpoint *post, *feed, *video, *other;

	(void)state;
	assert_int_equal(fr_conf_load(NULL, &c, &why), FR_OK);
	post = fr_catalogue_find(&c->catalogue, FR_STR("/post-detail/"));
	assert_int_equal(post->n_steps, 4);
	assert_int_equal(post->steps[0].younger.v, 3600000);
	assert_int_equal(post->steps[0].fresh.v, 300000);
	assert_true(post->steps[3].younger.v == INT64_MAX);
	assert_true(fr_str_is(post->post_id, "id"));
	assert_int_equal(post->params[0].fold, FR_FOLD_POST);
	assert_true(post->counters.n > 0 && post->signed_fields.n > 0);
	for (int i = 0; i < 2; i++) {
		const struct fr_endpoint *talk = fr_catalogue_find(&c->catalogue, i == 0 ? FR_STR("/post-comments/")
											 : FR_STR("/post-comment-replies/"));

		assert_int_equal(talk->n_steps, 2);
		assert_int_equal(talk->steps[0].younger.v, 3600000);
		assert_true(talk->steps[0].fresh.v < talk->steps[1].fresh.v && talk->steps[1].fresh.v == talk->fresh.v);
	}
	assert_true(fr_catalogue_param(fr_catalogue_find(&c->catalogue, FR_STR("/post-comment-replies/")), FR_STR("comment_id"))
			    ->dates);
	feed = fr_catalogue_find(&c->catalogue, FR_STR("/user-posts"));
	assert_int_equal(feed->fresh_deep.v, 86400000);
	assert_int_equal(feed->paging, FR_PAGING_TIME);
	assert_true(fr_str_is(feed->rows, "videos") && fr_str_is(feed->cursor, "cursor") && fr_str_is(feed->more, "hasMore"));
	assert_int_equal(feed->post_id.n, 0);
	assert_true(feed->blocks && fr_str_is(feed->at, "create_time") && feed->at_unit == 1000 && feed->pinned == 3);
	assert_int_equal(fr_catalogue_find(&c->catalogue, FR_STR("/user-liked/"))->at.n, 0); /* its rows do not tell */
	video = fr_catalogue_find(&c->catalogue, FR_STR("/download-video/"));
	assert_int_equal(video->gone_if_empty.n, 2);
	other = fr_catalogue_find(&c->catalogue, FR_STR("/new-thing/"));
	assert_true(other->is_other);
	assert_int_equal(other->index, 29);
	assert_int_equal(other->price, 1);
	assert_true(fr_str_is(other->path, "other"));
	assert_true(c->catalogue.bill_not_found);
	assert_true(c->catalogue.not_found.n >= 8);
	assert_true(c->catalogue.account.n >= 10);
	fr_conf_free(c);
}

static void a_catalogue_for_another_api_works(void **state)
{
	static const char text[] = "not_found: No Such Thing\n"
				   "bill_not_found: no\n"
				   "endpoints:\n"
				   "  /v1/weather:\n"
				   "    price: 5\n"
				   "    fresh: 10m\n"
				   "    params:\n"
				   "      city: { type: text, required: yes }\n"
				   "      lang: { type: text, default: en }\n"
				   "      n: { type: count, default: 3, max: 9 }\n"
				   "    paging: { by: none }\n"
				   "    negative: 2d\n"
				   "  /v1/prices/: { fresh: 1s, stale: 2s, rescue: 3s, counters: value }\n";
	struct fr_catalogue c;
	struct fr_errmsg why;
	const struct fr_endpoint *e;

	(void)state;
	assert_int_equal(read_catalogue(fr_str_of(text), &c, &why), FR_OK);
	assert_int_equal(c.n, 3);
	assert_false(c.bill_not_found);
	assert_true(fr_str_is(c.not_found.at[0], "no such thing"));
	e = fr_catalogue_find(&c, FR_STR("/v1/weather/"));
	assert_true(fr_str_is(e->path, "/v1/weather"));
	assert_int_equal(e->price, 5);
	assert_int_equal(e->n_params, 3);
	assert_true(fr_str_is(fr_catalogue_param(e, FR_STR("lang"))->dflt, "en"));
	assert_int_equal(e->negative.v, 2 * 86400000);
	assert_int_equal(e->negative_max.v, 2 * 86400000);
	assert_int_equal(e->links, FR_LINKS_NONE);
	assert_true(c.rows[2].is_other);
	fr_arena_free(&c.mem);
}

/* "@" stands for the beginning of a catalogue with one path, in line 1: "endpoints: { /x/: ". */
static const struct {
	const char *text, *says;
} bad[] = {
	{ "", "c.yaml:1:1: endpoints: is missing" },
	{ "endpoints: {}\n", "c.yaml:1:12: endpoints: paths and their rows are expected here" },
	{ "endpoint: {}\n", "c.yaml:1:1: catalogue: unknown key 'endpoint', did you mean 'endpoints'?" },
	{ "endpoints: { userid: { fresh: 1h } }\n",
	  "c.yaml:1:14: path 'userid' must begin with '/' and name something, as in /name/" },
	{ "endpoints: { /: { fresh: 1h } }\n", "c.yaml:1:14: path '/' must begin with '/' and name something, as in /name/" },
	{ "endpoints: { /a b/: { fresh: 1h } }\n", "c.yaml:1:14: path '/a b/' may hold letters, digits and / - _ . ~ only" },
	{ "endpoints: { /frugal/batch/: { fresh: 1h } }\n",
	  "c.yaml:1:14: path '/frugal/batch/' is frugald's own and never goes upstream" },
	{ "endpoints: { /x/: { fresh: 1h } }\nbundles: { a: [ /y/ ] }\n", "c.yaml:2:17: bundles.a: unknown path '/y/'" },
	{ "endpoints: { /a//b/: { fresh: 1h } }\n", "c.yaml:1:14: path '/a//b/' holds an empty part or dots" },
	{ "endpoints: { /a/../b/: { fresh: 1h } }\n", "c.yaml:1:14: path '/a/../b/' holds an empty part or dots" },
	{ "endpoints: { /a/: { fresh: 1h }, /a: { fresh: 1h } }\n", "c.yaml:1:34: path '/a' has a row already" },
	{ "endpoints: { /x/: {} }\n", "c.yaml:1:14: /x/: fresh is missing" },
	{ "endpoints: { /x/: 1h }\n", "c.yaml:1:14: /x/: fresh is missing" },
	{ "@{ fresh: 1h, frsh: 2h }", "c.yaml:1:32: /x/: unknown key 'frsh', did you mean 'fresh'?" },
	{ "@{ fresh: 1h, max: 3 }", "c.yaml:1:32: /x/: unknown key 'max'" },
	{ "@{ fresh: soon }", "c.yaml:1:28: /x/.fresh: 'soon' is not a duration (like 30s, 5m, 14d)" },
	{ "@{ fresh: 36501d }", "c.yaml:1:28: /x/.fresh: 36501d is above the maximum of 36500d" },
	{ "@{ fresh: 1h, price: -1 }", "c.yaml:1:39: /x/.price: -1 is below the minimum of 0" },
	{ "@{ fresh: 1h, links: reqired }",
	  "c.yaml:1:39: /x/.links: 'reqired' is not one of none, incidental, required, did you mean 'required'?" },
	{ "@{ fresh: 1h, group: [] }", "c.yaml:1:39: /x/.group: one value is expected, not a list" },
	{ "@{ fresh: 1h, group: '' }", "c.yaml:1:39: /x/.group: a name of 1 to 63 bytes is expected" },
	{ "@{ fresh: 1h, mandatory: [a, a] }", "c.yaml:1:47: /x/.mandatory: 'a' is listed twice" },
	{ "@{ fresh: 1h, mandatory: [a, ''] }", "c.yaml:1:47: /x/.mandatory: an entry has 1 to 63 bytes" },
	{ "@{ fresh: 1h, signed: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q] }", "c.yaml:1:73: /x/.signed: more than 16 entries" },
	{ "@{ fresh: 1h, paging: time }",
	  "c.yaml:1:40: /x/.paging: a map is expected, as in { by: offset, rows: items, cursor: next, more: has_more }" },
	{ "@{ fresh: 1h, paging: { by: tme } }",
	  "c.yaml:1:46: /x/.paging.by: 'tme' is not one of none, offset, time, did you mean 'time'?" },
	{ "@{ fresh: 1h, paging: { by: offset, at: made } }",
	  "c.yaml:1:40: /x/.paging: at, unit and pinned are for paging by time" },
	{ "@{ fresh: 1h, paging: { by: time, at: made, unit: min } }",
	  "c.yaml:1:68: /x/.paging.unit: 'min' is not one of s, ms" },
	{ "@{ fresh: 1h, paging: { by: time, at: made, pinned: 17 } }",
	  "c.yaml:1:70: /x/.paging.pinned: 17 is above the maximum of 16" },
	{ "@{ fresh: 1h, paging: { by: time, at: '' } }", "c.yaml:1:56: /x/.paging.at: a name of 1 to 63 bytes is expected" },
	{ "@{ fresh: 1h, blocks: some }", "c.yaml:1:40: /x/.blocks: 'some' is neither on nor off" },
	{ "@{ fresh: 1h, paging: { by: time, row: x } }", "c.yaml:1:52: /x/.paging: unknown key 'row', did you mean 'rows'?" },
	{ "@{ fresh: 1h, fresh_by_age: 5m }",
	  "c.yaml:1:46: /x/.fresh_by_age: none or ages are expected, as in { 1h: 5m, 1d: 30m, older: 6h }" },
	{ "@{ fresh: 1h, fresh_by_age: {} }", "c.yaml:1:46: /x/.fresh_by_age: the last step must be older, for all other ages" },
	{ "@{ fresh: 1h, fresh_by_age: { 1h: 5m } }",
	  "c.yaml:1:46: /x/.fresh_by_age: the last step must be older, for all other ages" },
	{ "@{ fresh: 1h, fresh_by_age: { 1d: 5m, 1h: 5m, older: 1h } }",
	  "c.yaml:1:56: /x/.fresh_by_age: the ages must grow, with older as the last" },
	{ "@{ fresh: 1h, fresh_by_age: { older: 5m, 1h: 5m } }",
	  "c.yaml:1:59: /x/.fresh_by_age: the ages must grow, with older as the last" },
	{ "@{ fresh: 1h, fresh_by_age: { 0: 5m, older: 5m } }",
	  "c.yaml:1:48: /x/.fresh_by_age: the ages must grow, with older as the last" },
	{ "@{ fresh: 1h, fresh_by_age: { young: 5m, older: 5m } }",
	  "c.yaml:1:48: /x/.fresh_by_age: 'young' is neither an age (like 1h, 30d) nor older" },
	{ "@{ fresh: 1h, fresh_by_age: { 1h: x, older: 5m } }",
	  "c.yaml:1:52: /x/.fresh_by_age.1h: 'x' is not a duration (like 30s, 5m, 14d)" },
	{ "@{ fresh: 1h, fresh_by_age: { older: 2h } }",
	  "c.yaml:1:46: /x/.fresh_by_age: a step is longer than fresh, which is the most: raise fresh too" },
	{ "@{ fresh: 1h, fresh_by_age: { 1s: 1s, 2s: 1s, 3s: 1s, 4s: 1s, 5s: 1s, 6s: 1s, 7s: 1s, 8s: 1s, older: 1s } }",
	  "c.yaml:1:112: /x/.fresh_by_age: more than 8 steps" },
	{ "@{ fresh: 1h, params: { a: id } }",
	  "c.yaml:1:45: /x/.params.a: a map is expected, as in { type: id, required: yes }" },
	{ "@{ fresh: 1h, params: [a] }", "c.yaml:1:40: /x/.params: names and values are expected here, as `name: value`" },
	{ "@{ fresh: 1h, params: { a: {} } }", "c.yaml:1:42: /x/.params.a: type is missing" },
	{ "@{ fresh: 1h, params: { a: { type: int } } }",
	  "c.yaml:1:53: /x/.params.a.type: 'int' is not one of text, id, count, number, cursor, username, tag, region, post, media, ad" },
	{ "@{ fresh: 1h, params: { a: { type: id, requird: yes } } }",
	  "c.yaml:1:57: /x/.params.a: unknown key 'requird', did you mean 'required'?" },
	{ "@{ fresh: 1h, params: { a: { type: id, max: 3 } } }",
	  "c.yaml:1:57: /x/.params.a.max: only a parameter of type count has one" },
	{ "@{ fresh: 1h, params: { a: { type: count, default: 36, max: 35 } } }",
	  "c.yaml:1:69: /x/.params.a.default: '36' does not fit: type count is 1 to 35" },
	{ "@{ fresh: 1h, params: { a: { type: number, default: x } } }",
	  "c.yaml:1:70: /x/.params.a.default: 'x' does not fit: type number is a whole number" },
	{ "@{ fresh: 1h, params: { a: { type: id, default: x1 } } }",
	  "c.yaml:1:66: /x/.params.a.default: 'x1' does not fit: type id is a decimal number of at most 20 digits" },
	{ "@{ fresh: 1h, params: { a: { type: id, default: 1, required: yes } } }",
	  "c.yaml:1:42: /x/.params.a: required and default exclude each other" },
	{ "@{ fresh: 1h, params: { a: { type: cursor, page: yes } } }",
	  "c.yaml:1:42: /x/.params.a: page needs a default, the first page" },
	{ "@{ fresh: 1h, params: { 'a b': { type: id } } }",
	  "c.yaml:1:42: /x/.params: a parameter's name is printable ASCII without spaces" },
	{ "bill_not_found: perhaps\nendpoints: { /x/: { fresh: 1h } }",
	  "c.yaml:1:17: bill_not_found: 'perhaps' is neither on nor off" },
	{ "not_found: { a: b }\nendpoints: { /x/: { fresh: 1h } }", "c.yaml:1:12: not_found: one value is expected, not a map" },
};

static void a_row_that_cannot_work_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		bool short_form = bad[i].text[0] == '@';
		struct fr_errmsg why = { "" };
		struct fr_catalogue c;
		char text[512];

		snprintf(text, sizeof(text), "%s%s%s", short_form ? "endpoints: { /x/: " : "", bad[i].text + (short_form ? 1 : 0),
			 short_form ? " }" : "");
		assert_int_equal(read_catalogue(fr_str_of(text), &c, &why), FR_INVALID);
		assert_string_equal(why.s, bad[i].says);
	}
}

static void rows_and_parameters_are_bounded(void **state)
{
	struct fr_errmsg why;
	struct fr_catalogue c;
	char text[8192];
	size_t n;

	(void)state;
	n = (size_t)snprintf(text, sizeof(text), "endpoints:\n");
	for (int i = 0; i < FR_ENDPOINTS_MAX - 1; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " /p%d/: { fresh: 1h }\n", i);
	assert_int_equal(read_catalogue((struct fr_str){ text, n }, &c, &why), FR_OK);
	assert_int_equal(c.n, FR_ENDPOINTS_MAX);
	fr_arena_free(&c.mem);
	n += (size_t)snprintf(text + n, sizeof(text) - n, " /more/: { fresh: 1h }\n");
	assert_int_equal(read_catalogue((struct fr_str){ text, n }, &c, &why), FR_INVALID);
	assert_string_equal(why.s, "c.yaml:65:2: more than 63 paths");
	n = (size_t)snprintf(text, sizeof(text), "endpoints:\n /x/:\n  fresh: 1h\n  params:\n");
	for (int i = 0; i <= FR_PARAMS_MAX; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "   p%d: { type: id }\n", i);
	assert_int_equal(read_catalogue((struct fr_str){ text, n }, &c, &why), FR_INVALID);
	assert_string_equal(why.s, "c.yaml:37:4: /x/.params: more than 32 parameters");
}

static void damaged_catalogues_never_crash(void **state)
{
	static char text[64 * 1024];
	struct fr_random r = { 5 };
	size_t n_good = 0;

	(void)state;
	assert_true(fr_catalogue_yaml_len < sizeof(text));
	for (int round = 0; round < 200; round++) {
		size_t n = round % 2 == 0 ? fr_catalogue_yaml_len : fr_random_below(&r, fr_catalogue_yaml_len);
		struct fr_errmsg why = { "" };
		struct fr_catalogue c;

		memcpy(text, fr_catalogue_yaml, fr_catalogue_yaml_len);
		for (uint64_t i = 1 + fr_random_below(&r, 3); i > 0; i--)
			text[fr_random_below(&r, fr_catalogue_yaml_len)] = (char)("{}[]:,-\"'\n 0x#~"[fr_random_below(&r, 15)]);
		if (read_catalogue((struct fr_str){ text, n }, &c, &why) == FR_OK) {
			n_good++;
			fr_arena_free(&c.mem);
		} else {
			assert_true(strncmp(why.s, "c.yaml:", 7) == 0);
		}
	}
	assert_true(n_good > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_29_paths_are_rows_with_their_parameters),
		cmocka_unit_test(the_built_in_rows_have_their_special_rules),
		cmocka_unit_test(a_catalogue_for_another_api_works),
		cmocka_unit_test(a_row_that_cannot_work_is_refused_with_its_place),
		cmocka_unit_test(rows_and_parameters_are_bounded),
		cmocka_unit_test(damaged_catalogues_never_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
