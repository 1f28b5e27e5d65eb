#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "conf/load.h"
#include "core/compose.h"
#include "core/harvest.h"
#include "core/piece.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { TEXT_MAX = 4 * 1024 * 1024 };

static int load(void **state)
{
	struct fr_errmsg why;
	struct fr_conf *c;

	if (fr_conf_load(NULL, &c, &why) != FR_OK)
		return 1;
	*state = c;
	return 0;
}

static int unload(void **state)
{
	fr_conf_free(*state);
	return 0;
}

static void harvest(void **state, const char *target, struct fr_str body, struct fr_arena *mem, struct fr_harvest *ret)
{
	const struct fr_conf *c = *state;
	struct fr_question q;
	struct fr_refusal why;

	fr_arena_init(mem, 1 << 20);
	assert_int_equal(fr_question_read(mem, &c->catalogue, fr_str_of(target), 0, true, &q, &why), FR_OK);
	fr_harvest(&c->catalogue, &q, body, ret);
}

/* What a body teaches, a line each. */
static char *learnt(void **state, const char *target, const char *body)
{
	static const char *const kinds[] = { "answer", "piece", "owner" };
	char *copy = malloc(strlen(body) + 1), *ret;
	struct fr_harvest h;
	struct fr_arena mem;
	struct fr_buf b;

	assert_non_null(copy);
	memcpy(copy, body, strlen(body)); /* without its end, so that a sanitizer sees what is read past it */
	harvest(state, target, (struct fr_str){ copy, strlen(body) }, &mem, &h);
	fr_buf_init(&b, TEXT_MAX);
	for (const struct fr_learnt *l = h.first; l != NULL; l = l->next) {
		assert_int_equal(fr_buf_addf(&b, "%s ", kinds[l->by->kind]), FR_OK);
		if (l->by->kind == FR_LESSON_ANSWER)
			(void)fr_buf_addf(&b, "%.*s %.*s\n", FR_STR_ARG(l->canon), FR_STR_ARG(l->text));
		else if (l->by->kind == FR_LESSON_PIECE)
			(void)fr_buf_addf(&b, "%.*s %.*s %.*s\n", FR_STR_ARG(l->by->thing), FR_STR_ARG(l->id),
					  FR_STR_ARG(l->text));
		else
			(void)fr_buf_addf(&b, "%.*s %.*s %.*s\n", FR_STR_ARG(l->by->thing), FR_STR_ARG(l->id),
					  FR_STR_ARG(l->name));
	}
	if (h.refused > 0)
		(void)fr_buf_addf(&b, "refused %zu\n", h.refused);
	ret = malloc(b.len + 1);
	assert_non_null(ret);
	memcpy(ret, b.len == 0 ? "" : b.p, b.len);
	ret[b.len] = '\0';
	fr_buf_free(&b);
	fr_harvest_free(&h);
	fr_arena_free(&mem);
	free(copy);
	return ret;
}

struct lesson {
	const char *target, *body, *learnt;
};

static void check(void **state, const struct lesson *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *got = learnt(state, rows[i].target, rows[i].body);

		if (strcmp(got, rows[i].learnt) != 0)
			fail_msg("%s\n%s\nteaches:\n%s\nnot:\n%s", rows[i].target, rows[i].body, got, rows[i].learnt);
		free(got);
	}
}

#define POSTS "/user-posts/?userid=7"
#define COUNTERS "\"play_count\":9,\"digg_count\":0,\"comment_count\":0,\"share_count\":0"
#define PROFILE \
	"{\"user\":{\"id\":\"7\",\"uniqueId\":\"Anna\",\"nickname\":\"\",\"signature\":\"\",\"secUid\":\"\",\"avatarThumb\":\"\"," \
	"\"avatarMedium\":\"\",\"avatarLarger\":\"\",\"verified\":false,\"privateAccount\":false,\"secret\":false,\"openFavorite\":false," \
	"\"ftc\":false,\"relation\":0,\"commentSetting\":0,\"duetSetting\":0,\"stitchSetting\":0,\"isADVirtual\":false}," \
	"\"stats\":{\"followerCount\":5,\"followingCount\":0,\"heartCount\":0,\"heart\":0,\"videoCount\":0,\"diggCount\":0}}"
#define TAG(name, count) \
	"{\"id\":\"33380\",\"cha_name\":\"" name \
	"\",\"desc\":\"\",\"cover\":\"\",\"type\":1,\"is_pgcshow\":false,\"is_commerce\":false," \
	"\"is_challenge\":true,\"is_strong_music\":false,\"user_count\":" count ",\"view_count\":" count "}"

static void an_answer_teaches_what_the_catalogue_says(void **state)
{
	static const struct lesson rows[] = {
		{ "/userid/?username=@Anna", "{\"id\":\"7\"}", "owner user 7 anna\n" },
		{ "/userinfo-by-username/?username=anna", PROFILE,
		  "owner user 7 anna\nanswer /userid/?username=anna {\"id\":\"7\"}\nanswer /userinfo-by-id/?userid=7 " PROFILE
		  "\n" },
		{ "/userinfo-by-id/?userid=7", " " PROFILE "\n",
		  "owner user 7 anna\nanswer /userid/?username=anna {\"id\":\"7\"}\nanswer /userinfo-by-username/?username=anna " PROFILE
		  "\n" },
		{ "/search-user/?keyword=x", "{\"user_list\":[" PROFILE "]}",
		  "owner user 7 anna\nanswer /userid/?username=anna {\"id\":\"7\"}\n" },
		{ POSTS,
		  "{\"videos\":[{\"video_id\":\"71\",\"id\":\"no\",\"title\":\"a\\u00e9\\/\",\"is_top\":0," COUNTERS
		  ",\"music_info\":{\"id\":\"5\",\"title\":\"t\",\"cover\":\"c\"},\"author\":{\"id\":\"7\",\"unique_id\":\"Anna\"}},"
		  "{\"author\":{\"unique_id\":\"anna\",\"id\":\"7\"},\"video_id\":\"72\",\"music_info\":null,\"title\":null}],\"cursor\":\"1\"}",
		  "owner user 7 anna\nanswer /userid/?username=anna {\"id\":\"7\"}\n"
		  "piece post 71 {\"id\":\"71\",\"title\":\"a\\u00e9\\/\",\"music_info\":{\"id\":\"5\",\"title\":\"t\",\"cover\":\"c\"}," COUNTERS
		  ",\"author\":{\"id\":\"7\",\"unique_id\":\"Anna\"}}\n"
		  "piece post 72 {\"id\":\"72\",\"title\":null,\"music_info\":null,\"author\":{\"unique_id\":\"anna\",\"id\":\"7\"}}\n"
		  "piece sound 5 {\"id\":\"5\",\"title\":\"t\",\"cover\":\"c\"}\n" },
		{ "/post-detail/?url=71",
		  "{\"id\":\"71\",\"play\":\"https:\\/\\/p\",\"hdplay\":\"h\",\"author\":{\"id\":\"7\",\"unique_id\":\"A\\u006ena\"},"
		  "\"music_info\":{\"id\":\"5\"}}",
		  "owner user 7 anna\nanswer /userid/?username=anna {\"id\":\"7\"}\n"
		  "answer /download-video/?url=71 {\"video\":\"https:\\/\\/p\",\"video_hd\":\"h\"}\npiece sound 5 {\"id\":\"5\"}\n" },
		{ "/post-comments/?url=71",
		  "{\"comments\":[{\"user\":{\"id\":\"8\",\"unique_id\":\"ben\",\"follower_count\":0}}]}",
		  "owner user 8 ben\nanswer /userid/?username=ben {\"id\":\"8\"}\n" },
		{ "/user-followers/?userid=7",
		  "{\"followers\":[{\"id\":\"8\",\"unique_id\":\"ben\"},{\"id\":\"9\",\"unique_id\":\"cy\"}]}",
		  "owner user 8 ben\nowner user 9 cy\nanswer /userid/?username=ben {\"id\":\"8\"}\nanswer /userid/?username=cy {\"id\":\"9\"}\n" },
		{ "/user-following/?userid=7", "{\"followings\":[{\"id\":\"8\",\"unique_id\":\"ben\"}]}",
		  "owner user 8 ben\nanswer /userid/?username=ben {\"id\":\"8\"}\n" },
		{ "/challenge-info-name/?name=cosplay", TAG("Cosplay", "8"),
		  "answer /challenge-info-id/?id=33380 " TAG("Cosplay", "8") "\n" },
		{ "/challenge-info-id/?id=33380", TAG("Cosplay", "0"),
		  "answer /challenge-info-name/?name=cosplay " TAG("Cosplay", "0") "\n" },
		{ "/search-challenge/?keyword=x", "{\"challenge_list\":[" TAG("a b", "75264379409123456789") "]}",
		  "answer /challenge-info-id/?id=33380 " TAG(
			  "a b", "75264379409123456789") "\n"
							 "answer /challenge-info-name/?name=a%20b " TAG(
								 "a b", "75264379409123456789") "\n" },
		{ "/music-info/?music_id=5", "{\"id\":\"5\"}", "" },
		{ "/region-list/", "{}", "" },
	};

	check(state, rows, COUNT(rows));
}

static void what_is_of_another_kind_teaches_nothing_and_is_counted(void **state)
{
	static const struct lesson rows[] = {
		{ POSTS, "{\"videos\":{}}", "refused 4\n" },
		{ POSTS, "{\"videos\":\"none\"}", "refused 4\n" },
		{ POSTS, "{\"videos\":null}", "" },
		{ POSTS, "{}", "" },
		{ POSTS, "[]", "refused 4\n" },
		{ POSTS, "{\"videos\":[", "refused 1\n" },
		{ POSTS, "", "refused 1\n" },
		{ POSTS, "{\"videos\":[1]}", "refused 4\n" },
		{ POSTS, "{\"videos\":[null]}", "" },
		{ POSTS, "{\"videos\":[{\"video_id\":71}]}", "refused 1\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"x\"}]}", "refused 1\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"video_id\":\"71\"}]}", "refused 1\n" },
		{ POSTS, "{\"videos\":[{\"title\":\"x\"}]}", "refused 1\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"play_count\":\"9\"}]}", "refused 1\n" },
		/* what an answer may lack is only left out */
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"title\":7,\"is_ad\":0,\"cover\":\"c\"}]}",
		  "piece post 71 {\"id\":\"71\",\"cover\":\"c\"}\nrefused 2\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"title\":\"a\",\"title\":\"b\"}]}", "refused 1\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"author\":{\"id\":7,\"unique_id\":\"anna\"}}]}", "refused 3\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"\"}}]}",
		  "piece post 71 {\"id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"\"}}\nrefused 2\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"an na\"}}]}",
		  "piece post 71 {\"id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"an na\"}}\nrefused 2\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"\\ud83d\"}}]}",
		  "piece post 71 {\"id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"\\ud83d\"}}\nrefused 2\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"author\":[]}]}", "refused 3\n" },
		{ "/userid/?username=anna", "{\"id\":7}", "refused 1\n" },
		{ "/userinfo-by-id/?userid=7", "{\"user\":{\"id\":\"7\"}}", "refused 3\n" },
		{ "/userinfo-by-id/?userid=7", "{\"user\":null}", "refused 3\n" },
		{ "/post-detail/?url=71", "{\"id\":\"71\",\"play\":\"\",\"hdplay\":\"\"}", "refused 1\n" },
		{ "/post-detail/?url=71", "{\"id\":\"71\",\"play\":\"x\"}", "refused 1\n" },
		{ "/post-detail/?url=71", "{\"id\":\"71\",\"play\":\"x\",\"hdplay\":null}", "refused 1\n" },
		{ "/search-challenge/?keyword=x", "{\"challenge_list\":[{\"id\":\"1\",\"cha_name\":\"a\"}]}", "refused 2\n" },
		{ "/challenge-info-id/?id=1", "{\"id\":\"1\",\"cha_name\":null}", "refused 1\n" },
	};

	check(state, rows, COUNT(rows));
}

static void hollow_rows_teach_no_counters(void **state)
{
	static const struct lesson rows[] = {
		{ POSTS,
		  "{\"videos\":[{\"video_id\":\"71\",\"title\":\"a\",\"play_count\":0,\"digg_count\":0,\"comment_count\":0}]}",
		  "piece post 71 {\"id\":\"71\",\"title\":\"a\"}\n" },
		{ POSTS, "{\"videos\":[{\"video_id\":\"71\",\"title\":\"a\",\"play_count\":0,\"digg_count\":10}]}",
		  "piece post 71 {\"id\":\"71\",\"title\":\"a\",\"play_count\":0,\"digg_count\":10}\n" },
		{ "/search-challenge/?keyword=x", "{\"challenge_list\":[" TAG("a", "0") "]}", "refused 2\n" },
	};

	check(state, rows, COUNT(rows));
}

/* A body with rows that all differ. */
static char *followers(size_t n)
{
	char *body = malloc(n * 64 + 32), *to = body;

	assert_non_null(body);
	to += sprintf(to, "{\"followers\":[");
	for (size_t i = 0; i < n; i++)
		to += sprintf(to, "%s{\"id\":\"%zu\",\"unique_id\":\"u%zu\"}", i == 0 ? "" : ",", i + 1, i);
	(void)sprintf(to, "]}");
	return body;
}

static void an_answer_teaches_no_more_than_the_limit(void **state)
{
	char *body = followers(FR_HARVEST_MAX);
	struct fr_harvest h;
	struct fr_arena mem;

	harvest(state, "/user-followers/?userid=7", fr_str_of(body), &mem, &h);
	assert_int_equal(h.n, FR_HARVEST_MAX);
	assert_int_equal(h.dropped, FR_HARVEST_MAX);
	fr_harvest_free(&h);
	fr_arena_free(&mem);
	free(body);
}

static void what_one_key_paid_for_stays_in_its_part(void **state)
{
	const struct fr_conf *c = *state;
	const struct fr_str body = FR_STR(
		"{\"videos\":[{\"video_id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"anna\"}}]}");
	struct fr_harvest h[2];
	struct fr_question q;
	struct fr_refusal why;
	struct fr_arena mem;

	fr_arena_init(&mem, 1 << 20);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fr_question_read(&mem, &c->catalogue, FR_STR(POSTS), i, true, &q, &why), FR_OK);
		fr_harvest(&c->catalogue, &q, body, &h[i]);
		assert_int_equal(h[i].n, 3);
	}
	for (const struct fr_learnt *a = h[0].first, *b = h[1].first; a != NULL; a = a->next, b = b->next)
		assert_false(fr_key_eq(a->key, b->key));
	assert_true(fr_str_ends(h[1].first->next->canon, "#0000000000000001"));
	fr_harvest_free(&h[0]);
	fr_harvest_free(&h[1]);
	fr_arena_free(&mem);
}

static void a_body_is_learnt_lesson_by_lesson(void **state)
{
	const struct fr_conf *c = *state;
	const struct fr_str body = FR_STR(
		"{\"videos\":[{\"video_id\":\"71\",\"author\":{\"id\":\"7\",\"unique_id\":\"anna\"}}]}");
	struct fr_harvest whole, parts;
	struct fr_question q;
	struct fr_refusal why;
	struct fr_arena mem;
	size_t steps = 0, most = 0, before = 0;

	fr_arena_init(&mem, 1 << 20);
	assert_int_equal(fr_question_read(&mem, &c->catalogue, FR_STR(POSTS), 0, true, &q, &why), FR_OK);
	fr_harvest(&c->catalogue, &q, body, &whole);
	fr_harvest_begin(&q, body, &parts);
	assert_int_equal(parts.n, 0);
	for (; fr_harvest_step(&c->catalogue, &q, &parts); before = parts.n, steps++)
		most = parts.n - before > most ? parts.n - before : most;
	assert_int_equal(steps, q.endpoint->n_lessons);
	assert_int_equal(parts.n, whole.n);
	assert_true(most < whole.n);
	assert_int_equal(parts.first->by->kind, FR_LESSON_OWNER);
	assert_false(fr_harvest_step(&c->catalogue, &q, &parts));
	fr_harvest_free(&whole);
	fr_harvest_free(&parts);
	fr_harvest_begin(&q, FR_STR("{\"videos\":"), &parts);
	assert_false(fr_harvest_step(&c->catalogue, &q, &parts));
	assert_int_equal(parts.refused, 1);
	fr_harvest_free(&parts);
	fr_arena_free(&mem);
}

static void damaged_bodies_are_harvested_without_harm(void **state)
{
	static const char whole[] =
		"{\"videos\":[{\"video_id\":\"71\",\"title\":\"a\\u00e9\"," COUNTERS
		",\"music_info\":{\"id\":\"5\",\"title\":\"t\"},\"author\":{\"id\":\"7\",\"unique_id\":\"Anna\"}}]}";
	struct fr_random r = { 22 };

	for (int round = 0; round < 20000; round++) {
		char body[sizeof(whole)];

		memcpy(body, whole, sizeof(whole));
		for (uint64_t i = 1 + fr_random_below(&r, 4); i > 0; i--)
			body[fr_random_below(&r, sizeof(whole) - 1)] = "{}[]:,\"\\01xn"[fr_random_below(&r, 12)];
		if (fr_random_chance(&r, 300))
			body[fr_random_below(&r, sizeof(whole))] = '\0';
		free(learnt(state, POSTS, body));
	}
}

/* ---- from a list's row to an answer ---- */

enum spoilt { WELL, MISSING, OTHERWISE, TWICE, SPOILT_WAYS };

static const char *value_of(enum fr_shape_kind kind, bool right)
{
	switch (kind) {
	case FR_SHAPE_ID: return right ? "\"71\"" : "71";
	case FR_SHAPE_NUMBER: return right ? "5" : "\"5\"";
	case FR_SHAPE_FLAG: return right ? "true" : "\"true\"";
	case FR_SHAPE_LIST: return right ? "[]" : "{}";
	case FR_SHAPE_MAP: return right ? "{\"id\":\"7\",\"unique_id\":\"anna\"}" : "[]";
	case FR_SHAPE_TEXT: break;
	}
	return right ? "\"t\"" : "5";
}

/* A list of one post that tells everything but for field number `field`, beginning with number `first`. */
static void write_list(const struct fr_shape *shape, size_t field, enum spoilt how, size_t first, char *to, size_t size)
{
	size_t n = (size_t)snprintf(to, size, "{\"videos\":[{"), begin = n;

	for (size_t k = 0; k < shape->n; k++) {
		size_t i = (first + k) % shape->n;
		const struct fr_shape_part *part = &shape->at[i];
		struct fr_str name = fr_str_is(part->name, "id") ? FR_STR("video_id") : part->name;

		for (int turn = 0; turn < 1 + (i == field && how == TWICE); turn++)
			if (i != field || how != MISSING)
				n += (size_t)snprintf(to + n, size - n, "%s\"%.*s\":%s", n == begin ? "" : ",", FR_STR_ARG(name),
						      value_of(part->kind, i != field || how != OTHERWISE));
	}
	(void)snprintf(to + n, size - n, "}],\"cursor\":\"0\",\"hasMore\":false}");
}

/* The answer to whoever reads these fields of the post, after this list; NULL: the upstream has to be asked. */
static json_t *answered(void **state, const char *list, uint64_t needs)
{
	const struct fr_conf *c = *state;
	const struct fr_agreed terms = { .row = fr_catalogue_find(&c->catalogue, FR_STR("/post-detail/")), .fresh = FR_MS(-1) };
	struct fr_piece piece = { .learnt = { 1000 } };
	struct fr_compose_ask ask = { .needs = needs, .terms = &terms, .now = { 2000 } };
	struct fr_composed done;
	struct fr_harvest h;
	struct fr_arena mem;
	json_t *body = NULL;
	struct fr_buf b;

	harvest(state, POSTS, fr_str_of(list), &mem, &h);
	for (const struct fr_learnt *l = h.first; l != NULL; l = l->next)
		if (l->by->kind == FR_LESSON_PIECE && fr_str_is(l->by->thing, "post")) {
			piece.text = l->text;
			ask.piece = &piece;
		}
	fr_buf_init(&b, TEXT_MAX);
	if (ask.piece != NULL && fr_compose(&ask, &b, &done)) {
		body = json_loadb(b.p, b.len, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(body);
	}
	fr_buf_free(&b);
	fr_harvest_free(&h);
	fr_arena_free(&mem);
	return body;
}

/* Whatever is wrong with one field of a row, an answer that is made of the row does not have it, and there is none for whoever reads it; the others are
 * what the row said. */
static void a_row_with_a_spoilt_field_answers_nobody_who_reads_it(void **state)
{
	const struct fr_conf *c = *state;
	const struct fr_shape *shape = &fr_catalogue_find(&c->catalogue, FR_STR("/post-detail/"))->shape;
	char list[8192];

	for (size_t field = 0; field < shape->n; field++)
		for (int how = WELL; how < SPOILT_WAYS; how++)
			for (size_t read = 0; read < shape->n; read++) {
				json_t *body, *value;
				const char *name;

				write_list(shape, field, (enum spoilt)how, read, list, sizeof(list));
				body = answered(state, list, UINT64_C(1) << read);
				if (how == WELL ? body == NULL : body != NULL && (read == field || how == TWICE))
					fail_msg("%.*s, in way %d: %s", FR_STR_ARG(shape->at[field].name), how, list);
				json_object_foreach (body, name, value) {
					size_t i = fr_shape_find(shape, fr_str_of(name));
					json_t *right;

					assert_true(i < shape->n && (how == WELL || i != field));
					right = json_loads(value_of(shape->at[i].kind, true), JSON_DECODE_ANY, NULL);
					assert_true(json_equal(value, right));
					json_decref(right);
				}
				json_decref(body);
			}
}

/* A body that breaks off answers nobody. */
static void a_list_that_breaks_off_answers_nobody(void **state)
{
	const struct fr_conf *c = *state;
	const struct fr_shape *shape = &fr_catalogue_find(&c->catalogue, FR_STR("/post-detail/"))->shape;
	char list[8192];
	size_t n;

	write_list(shape, 0, WELL, 0, list, sizeof(list));
	for (n = strlen(list) - 1; n > 0; n--) {
		list[n] = '\0';
		assert_null(answered(state, list, 2));
	}
}

/* ---- which of two answers to one question is kept ---- */

static struct fr_answer *known_answer(const char *body, enum fr_origin origin, enum fr_verdict verdict)
{
	struct fr_answer from = { .stored = { 1000 }, .verdict = verdict, .origin = origin };
	struct fr_answer *a;

	from.body = fr_blob_of(body, strlen(body));
	a = fr_answer_new(&from);
	fr_blob_drop(from.body);
	return a;
}

enum { PART, WHOLE };

static void the_better_of_two_answers_is_kept(void **state)
{
	static const struct {
		const char *path; /* of the question */
		int from;         /* how it was learnt */
		enum fr_origin origin;
		enum fr_verdict verdict;
		bool fresh, same;
		int64_t younger_by; /* of what is worth 100 */
		enum fr_take take;
	} rows[] = {
		/* what is not younger never counts */
		{ "/userid/", PART, FR_ORIGIN_PARTS, FR_VERDICT_DATA, false, false, 0, FR_TAKE_NOT },
		{ "/userid/", PART, FR_ORIGIN_PARTS, FR_VERDICT_DATA, false, false, -1, FR_TAKE_NOT },
		{ "/userid/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_NOT_FOUND, false, false, -1, FR_TAKE_NOT },
		{ "/userinfo-by-id/", WHOLE, FR_ORIGIN_PARTS, FR_VERDICT_DATA, false, true, 0, FR_TAKE_NOT },
		/* the same, younger: only its age is taken, once it is worth it */
		{ "/userid/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_DATA, true, true, 99, FR_TAKE_NOT },
		{ "/userid/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_DATA, true, true, 100, FR_TAKE_AGE },
		{ "/userid/", PART, FR_ORIGIN_PARTS, FR_VERDICT_DATA, false, true, 1000, FR_TAKE_AGE },
		/* a plain fact that has changed */
		{ "/userid/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_DATA, true, false, 1, FR_TAKE_NEW },
		/* the upstream's own words, while they are fresh, are not replaced by parts of others */
		{ "/download-video/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_DATA, true, false, 1000, FR_TAKE_NOT },
		{ "/download-video/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_DATA, false, false, 1000, FR_TAKE_NEW },
		{ "/download-video/", PART, FR_ORIGIN_PARTS, FR_VERDICT_DATA, true, false, 1000, FR_TAKE_NEW },
		{ "/userinfo-by-id/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_DATA, true, false, 1000, FR_TAKE_NOT },
		{ "/userinfo-by-id/", PART, FR_ORIGIN_ALIAS, FR_VERDICT_DATA, true, false, 1000, FR_TAKE_NOT },
		{ "/userinfo-by-id/", PART, FR_ORIGIN_ALIAS, FR_VERDICT_DATA, false, false, 1000, FR_TAKE_NEW },
		/* a whole answer is as good as they are */
		{ "/userinfo-by-id/", WHOLE, FR_ORIGIN_UPSTREAM, FR_VERDICT_DATA, true, false, 1, FR_TAKE_NEW },
		{ "/userinfo-by-id/", WHOLE, FR_ORIGIN_ALIAS, FR_VERDICT_DATA, true, false, 1, FR_TAKE_NEW },
		/* it is there after all */
		{ "/userid/", PART, FR_ORIGIN_UPSTREAM, FR_VERDICT_NOT_FOUND, true, false, 1, FR_TAKE_NEW },
	};
	const struct fr_conf *c = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct fr_lesson part = { .kind = FR_LESSON_ANSWER, .from = { .n = 1 } };
		const struct fr_lesson whole = { .kind = FR_LESSON_ANSWER, .itself = true };
		struct fr_answer *known = known_answer("{\"id\": \"7\"}", rows[i].origin, rows[i].verdict);
		struct fr_learnt l = { .by = rows[i].from == WHOLE ? &whole : &part,
				       .text = rows[i].same ? FR_STR("{\"id\":\"7\"}") : FR_STR("{\"id\":\"8\"}") };

		l.question.endpoint = fr_catalogue_find(&c->catalogue, fr_str_of(rows[i].path));
		if (fr_harvest_take(known, rows[i].fresh, &l, (fr_wall){ 1000 + rows[i].younger_by }, FR_MS(100)) != rows[i].take)
			fail_msg("row %zu", i);
		assert_int_equal(fr_harvest_take(NULL, false, &l, (fr_wall){ 1 }, FR_MS(100)), FR_TAKE_NEW);
		fr_answer_drop(known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_teaches_what_the_catalogue_says),
		cmocka_unit_test(what_is_of_another_kind_teaches_nothing_and_is_counted),
		cmocka_unit_test(hollow_rows_teach_no_counters),
		cmocka_unit_test(an_answer_teaches_no_more_than_the_limit),
		cmocka_unit_test(what_one_key_paid_for_stays_in_its_part),
		cmocka_unit_test(a_body_is_learnt_lesson_by_lesson),
		cmocka_unit_test(damaged_bodies_are_harvested_without_harm),
		cmocka_unit_test(a_row_with_a_spoilt_field_answers_nobody_who_reads_it),
		cmocka_unit_test(a_list_that_breaks_off_answers_nobody),
		cmocka_unit_test(the_better_of_two_answers_is_kept),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
