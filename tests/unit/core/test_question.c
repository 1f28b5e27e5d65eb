#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "core/question.h"
#include "rows.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID "7106594312292453675"
#define SHORT_CODED "short%3Avm.tiktok.com%2FZMabc"

enum { ARENA_MAX = 64 * 1024 };

struct asked {
	struct fr_catalogue *c;
	struct fr_arena mem;
};

static int begin(void **state)
{
	static struct asked a;

	a.c = rows_new();
	fr_arena_init(&a.mem, ARENA_MAX);
	*state = &a;
	return 0;
}

static int end(void **state)
{
	struct asked *a = *state;

	fr_arena_free(&a->mem);
	rows_free(a->c);
	return 0;
}

static enum fr_err ask_as(struct asked *a, struct fr_str target, uint64_t partition, bool validate, struct fr_question *q,
			  struct fr_refusal *why)
{
	fr_arena_free(&a->mem);
	return fr_question_read(&a->mem, a->c, target, partition, validate, q, why);
}

static struct fr_question ask(struct asked *a, const char *target)
{
	struct fr_question q;
	struct fr_refusal why;

	if (ask_as(a, fr_str_of(target), 0, true, &q, &why) != FR_OK)
		fail_msg("%s: %s", target, why.detail);
	assert_int_equal(strlen(q.canon.p), q.canon.n);
	assert_int_equal(strlen(q.upstream.p), q.upstream.n);
	return q;
}

struct row {
	const char *target, *canon;
};

static void check_canons(struct asked *a, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct fr_question q = ask(a, rows[i].target);

		if (!fr_str_is(q.canon, rows[i].canon))
			fail_msg("%s: %s instead of %s", rows[i].target, q.canon.p, rows[i].canon);
		assert_true(fr_key_eq(q.key, fr_hash128(0, q.canon.p, q.canon.n)));
	}
}

static void spellings_of_one_question_have_one_canonical_text(void **state)
{
	static const struct row rows[] = {
		{ "/userid/?username=mrbeast", "/userid/?username=mrbeast" },
		{ "/userid?username=mrbeast", "/userid/?username=mrbeast" },
		{ "/userid//?username=mrbeast", "/userid/?username=mrbeast" },
		{ "/user%69d/?username=mrbeast", "/userid/?username=mrbeast" },
		{ "http://127.0.0.1:8080/userid/?username=mrbeast", "/userid/?username=mrbeast" },
		{ "/userid/?username=MrBeast", "/userid/?username=mrbeast" },
		{ "/userid/?username=@MrBeast", "/userid/?username=mrbeast" },
		{ "/userid/?username=%40%4drbeast&", "/userid/?username=mrbeast" },
		{ "/userid/?&&username=mrbeast&&", "/userid/?username=mrbeast" },
		{ "/userid/?username=mrbeast&=x&=", "/userid/?username=mrbeast" },
		{ "/userid/?%75sername=mrbeast", "/userid/?username=mrbeast" },
		{ "/userid/?username=@@a", "/userid/?username=%40a" },
		{ "/userid/?username=caf%c3%A9", "/userid/?username=caf%C3%A9" },
		{ "/userid/?username=caf\xc3\xa9", "/userid/?username=caf%C3%A9" },
		{ "/user-posts/?userid=7", "/user-posts/?count=10&cursor=0&userid=7" },
		{ "/user-posts/?userid=007", "/user-posts/?count=10&cursor=0&userid=7" },
		{ "/user-posts/?userid=7&count=10&cursor=0", "/user-posts/?count=10&cursor=0&userid=7" },
		{ "/user-posts/?cursor=00&count=010&userid=7", "/user-posts/?count=10&cursor=0&userid=7" },
		{ "/user-posts/?cursor=&userid=7", "/user-posts/?count=10&cursor=0&userid=7" },
		{ "/user-posts/?cursor&userid=7", "/user-posts/?count=10&cursor=0&userid=7" },
		{ "/user-posts/?userid=7&count=35", "/user-posts/?count=35&cursor=0&userid=7" },
		{ "/user-posts/?userid=7&cursor=01639312724000", "/user-posts/?count=10&cursor=1639312724000&userid=7" },
		{ "/user-posts/?userid=7&cursor=0aB%3d", "/user-posts/?count=10&cursor=0aB%3D&userid=7" },
		{ "/user-posts/?userid=00000000000000000000000", "/user-posts/?count=10&cursor=0&userid=0" },
		{ "/user-posts/?userid=000018446744073709551616", "/user-posts/?count=10&cursor=0&userid=18446744073709551616" },
		{ "/user-posts/?z=1&userid=7&a=2", "/user-posts/?a=2&count=10&cursor=0&userid=7&z=1" },
		{ "/user-posts/?userid=7&a", "/user-posts/?a=&count=10&cursor=0&userid=7" },
		{ "/user-posts/?userid=7&A=+X%2b", "/user-posts/?A=%20X%2B&count=10&cursor=0&userid=7" },
		{ "/user-posts/?userid=7&count%20=5", "/user-posts/?count=10&count%20=5&cursor=0&userid=7" },
		{ "/user-followers/?userid=7", "/user-followers/?count=50&time=0&userid=7" },
		{ "/user-followers/?userid=7&count=9999&time=-007", "/user-followers/?count=9999&time=-7&userid=7" },
		{ "/user-followers/?userid=7&time=-0", "/user-followers/?count=50&time=0&userid=7" },
		{ "/user-followers/?userid=7&time=", "/user-followers/?count=50&time=0&userid=7" },
		{ "/user-followers/?userid=7&time=-12", "/user-followers/?count=50&time=-12&userid=7" },
		{ "/search-video/?keyword=Cat%20+Dog",
		  "/search-video/?count=10&cursor=0&keyword=Cat%20%20Dog&publish_time=0&region=&sort_by=0" },
		{ "/search-video/?keyword=+cat+&region=us&sort_by=01",
		  "/search-video/?count=10&cursor=0&keyword=cat&publish_time=0&region=US&sort_by=1" },
		{ "/search-video/?keyword=cat&region=&sort_by=&publish_time=0",
		  "/search-video/?count=10&cursor=0&keyword=cat&publish_time=0&region=&sort_by=0" },
		{ "/search-video/?keyword=%2Fcat%26",
		  "/search-video/?count=10&cursor=0&keyword=%2Fcat%26&publish_time=0&region=&sort_by=0" },
		{ "/challenge-info-name/?name=%23Cosplay", "/challenge-info-name/?name=cosplay" },
		{ "/challenge-info-name/?name=COSPLAY", "/challenge-info-name/?name=cosplay" },
		{ "/challenge-info-name/?name=%E3%82%B3%E3%82%B9", "/challenge-info-name/?name=%E3%82%B3%E3%82%B9" },
		{ "/region-list/", "/region-list/" },
		{ "/region-list/?", "/region-list/" },
		{ "/region-list/?&", "/region-list/" },
		{ "/region-list/?x=1", "/region-list/?x=1" },
		{ "/post-detail/?url=" ID, "/post-detail/?url=" ID },
		{ "/post-detail/?url=https%3A%2F%2Fwww.tiktok.com%2F%40a%2Fvideo%2F" ID "%3Flang%3Den", "/post-detail/?url=" ID },
		{ "/post-detail/?url=https://m.tiktok.com/v/" ID ".html?lang=en", "/post-detail/?url=" ID },
		{ "/post-detail/?url=https://vm.tiktok.com/ZMabc/?k=1", "/post-detail/?url=" SHORT_CODED },
		{ "/post-detail/?url=vm.tiktok.com/ZMabc", "/post-detail/?url=" SHORT_CODED },
		{ "/post-detail/?url=short:vm.tiktok.com/ZMabc", "/post-detail/?url=text%3A" SHORT_CODED },
		{ "/post-detail/?url=+hello+", "/post-detail/?url=hello" },
		{ "/download-music/?url=https://www.tiktok.com/music/a-song-12", "/download-music/?url=music%3A12" },
		{ "/download-music/?url=music:12", "/download-music/?url=text%3Amusic%3A12" },
		{ "/download-music/?url=vm.tiktok.com/ZMabc/", "/download-music/?url=" SHORT_CODED },
		{ "/ads-detail/?url=https://ads.tiktok.com/business/creativecenter/topads/12/pc/en?x",
		  "/ads-detail/?url=ad%3A12" },
	};

	check_canons(*state, rows, sizeof(rows) / sizeof(rows[0]));
}

static void the_upstream_is_sent_the_spelling_that_was_asked(void **state)
{
	static const struct row rows[] = {
		{ "/userid/?username=@MrBeast", "/userid/?username=@MrBeast" },
		{ "/userid?username=%4drbeast", "/userid/?username=%4drbeast" },
		{ "/user%69d//?&&username=a&=x&", "/userid/?username=a" },
		{ "http://h/userid?username=a", "/userid/?username=a" },
		{ "/user-posts/?userid=7&count=010", "/user-posts/?userid=7&count=010" },
		{ "/user-posts/?z=+&userid=7&a", "/user-posts/?z=+&userid=7&a" },
		{ "/post-detail/?url=https://vm.tiktok.com/ZMabc/?k=1", "/post-detail/?url=https://vm.tiktok.com/ZMabc/?k=1" },
		{ "/region-list/", "/region-list/" },
		{ "/region-list", "/region-list/" },
		{ "/region-list/?", "/region-list/?" },
		{ "/region-list/?&&", "/region-list/?" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_question q = ask(*state, rows[i].target);

		if (!fr_str_is(q.upstream, rows[i].canon))
			fail_msg("%s: %s", rows[i].target, q.upstream.p);
	}
}

static void a_path_without_a_row_is_handed_on_as_it_came(void **state)
{
	static const struct row rows[] = {
		{ "/x/?q=1&q=2&&%zz", "/x/?q=1&q=2&&%zz" },
		{ "/", "/" },
		{ "/%75nknown?", "/%75nknown?" },
		{ "//userid/?username=a", "//userid/?username=a" },
		{ "/UserId/?username=a", "/UserId/?username=a" },
		{ "/userid%2f?username=a", "/userid%2f?username=a" },
		{ "/userid/x", "/userid/x" },
		{ "/other", "/other" },
		{ "http://h/x?y", "/x?y" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_question q = ask(*state, rows[i].target);

		assert_true(q.endpoint->is_other && fr_key_none(q.key));
		assert_string_equal(q.canon.p, rows[i].canon);
		assert_string_equal(q.upstream.p, rows[i].canon);
		assert_true(q.post_id == 0 && q.alias.n == 0 && !q.deep);
	}
}

static void the_fields_that_a_client_reads_are_for_nobody_else(void **state)
{
	static const struct {
		const char *target, *canon, *upstream, *fields;
	} rows[] = {
		{ "/userid/?username=a", "/userid/?username=a", "/userid/?username=a", NULL },
		{ "/userid/?frugal_fields=id&username=a", "/userid/?username=a", "/userid/?username=a", "id" },
		{ "/userid/?username=a&frugal_fields=id%2Cx+y", "/userid/?username=a", "/userid/?username=a", "id,x y" },
		{ "/userid/?username=a&frugal%5Ffields=", "/userid/?username=a", "/userid/?username=a", "" },
		{ "/region-list/?frugal_fields=US", "/region-list/", "/region-list/?", "US" },
		{ "/new/thing?b=1&frugal_fields=x&a=%41", "/new/thing?b=1&a=%41", "/new/thing?b=1&a=%41", "x" },
		{ "/new/thing?frugal_field=x", "/new/thing?frugal_field=x", "/new/thing?frugal_field=x", NULL },
	};
	struct fr_question q;
	struct fr_refusal why;

	for (size_t i = 0; i < COUNT(rows); i++) {
		q = ask(*state, rows[i].target);
		assert_string_equal(q.canon.p, rows[i].canon);
		assert_string_equal(q.upstream.p, rows[i].upstream);
		assert_int_equal(q.fields.p != NULL, rows[i].fields != NULL);
		assert_true(rows[i].fields == NULL || fr_str_is(q.fields, rows[i].fields));
	}
	assert_int_equal(ask_as(*state, FR_STR("/userid/?username=a&frugal_fields=a&frugal_fields=b"), 0, false, &q, &why),
			 FR_INVALID);
	assert_int_equal(why.problem, FR_PROBLEM_REPEATED_PARAM);
	assert_int_equal(ask_as(*state, FR_STR("/new/?frugal_fields=a&frugal_fields=b"), 0, false, &q, &why), FR_INVALID);
}

static void an_id_that_dates_tells_whose_age_counts(void **state)
{
	struct asked *a = *state;
	struct fr_endpoint *e = (struct fr_endpoint *)fr_catalogue_find(a->c, FR_STR("/user-followers/"));

	e->params[0].dates = true;
	assert_int_equal(ask(a, "/user-followers/?userid=007106594312292453675").post_id, 7106594312292453675);
	e->params[0].dates = false;
	assert_int_equal(ask(a, "/user-followers/?userid=7106594312292453675").post_id, 0);
}

static void what_cannot_be_a_question_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *target;
		enum fr_problem problem;
		const char *detail; /* NULL: any */
	} rows[] = {
		{ "/userid/", FR_PROBLEM_MISSING_PARAM,
		  "username is mandatory on /userid/; add username=<an account's name without spaces and slashes>; "
		  "`validate: off` hands it on" },
		{ "/userid/?username=", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/userid/?username=@", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/userid/?Username=a", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/userid/?username=a%20b", FR_PROBLEM_BAD_PARAM,
		  "username is an account's name without spaces and slashes on /userid/; got 'a b'; "
		  "`validate: off` hands it on" },
		{ "/userid/?username=a/b", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/userid/?username=+", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?count=5", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/user-posts/?userid=7&count=36", FR_PROBLEM_BAD_PARAM,
		  "count is 1 to 35 on /user-posts/; got '36'; `validate: off` hands it on" },
		{ "/user-posts/?userid=7&count=0", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?userid=7&count=-1", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?userid=7&count=1.5", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?userid=7&count=", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?userid=7&count=18446744073709551617", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-followers/?userid=7&count=9223372036854775808", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-followers/?userid=7&count=x", FR_PROBLEM_BAD_PARAM,
		  "count is a whole number from 1 on /user-followers/; got 'x'; `validate: off` hands it on" },
		{ "/user-followers/?userid=7&time=1x", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-followers/?userid=7&time=-", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-followers/?userid=7&time=--1", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?userid=mrbeast", FR_PROBLEM_BAD_PARAM,
		  "userid is a decimal number of at most 20 digits on /user-posts/; got 'mrbeast'; `validate: off` hands it on" },
		{ "/user-posts/?userid=-7", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?userid=%207", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/user-posts/?userid=123456789012345678901", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/search-video/?keyword=a&region=U1", FR_PROBLEM_BAD_PARAM, NULL },
		{ "/search-video/?keyword=+", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/challenge-info-name/?name=%23", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/post-detail/?url=+", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/download-music/?url=", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/ads-detail/?url=+", FR_PROBLEM_MISSING_PARAM, NULL },
		{ "/user-posts/?userid=7&userid=7", FR_PROBLEM_REPEATED_PARAM,
		  "userid is given more than once on /user-posts/; give it once" },
		{ "/user-posts/?userid=7&u%73erid=8", FR_PROBLEM_REPEATED_PARAM, NULL },
		{ "/user-posts/?userid=7&x=1&y&x=2", FR_PROBLEM_REPEATED_PARAM, NULL },
		{ "/user-posts/?userid=7&x=%zz", FR_PROBLEM_BAD_TARGET, NULL },
		{ "/user-posts/?userid=7%00", FR_PROBLEM_BAD_TARGET, NULL },
		{ "/search-video/?keyword=a%0ab", FR_PROBLEM_BAD_TARGET, NULL },
		{ "userid/?username=a", FR_PROBLEM_BAD_TARGET, NULL },
		{ "/x/../userid/?username=a", FR_PROBLEM_BAD_TARGET, NULL },
		{ "/%2e%2e/userid/?username=a", FR_PROBLEM_BAD_TARGET, NULL },
		{ "/userid/?username=a#b", FR_PROBLEM_BAD_TARGET, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_question q = { .post_id = 77 };
		struct fr_refusal why = { .problem = FR_PROBLEM_NONE };

		if (ask_as(*state, fr_str_of(rows[i].target), 0, true, &q, &why) != FR_INVALID)
			fail_msg("%s was taken", rows[i].target);
		if (why.problem != rows[i].problem || (rows[i].detail != NULL && strcmp(why.detail, rows[i].detail) != 0))
			fail_msg("%s: problem %d, %s", rows[i].target, (int)why.problem, why.detail);
		assert_true(q.post_id == 77);
	}
}

static void without_validation_refused_values_are_text_of_their_own(void **state)
{
	static const struct row rows[] = {
		{ "/userid/", "/userid/" },
		{ "/userid/?username=", "/userid/?username=" },
		{ "/userid/?username=@", "/userid/?username=%40" },
		{ "/userid/?username=A+b", "/userid/?username=A%20b" },
		{ "/userid/?username=Ab", "/userid/?username=ab" },
		{ "/user-posts/?userid=Mr&count=099", "/user-posts/?count=099&cursor=0&userid=Mr" },
		{ "/user-posts/?count=", "/user-posts/?count=&cursor=0" },
		{ "/post-detail/?url=+", "/post-detail/?url=%20" },
	};
	static const char *const unreadable[] = { "/userid/?username=a&username=b", "/userid/?username=%zz",
						  "/userid/?username=%00", "/userid/../" };
	struct fr_question q;
	struct fr_refusal why;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(ask_as(*state, fr_str_of(rows[i].target), 0, false, &q, &why), FR_OK);
		assert_string_equal(q.canon.p, rows[i].canon);
	}
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++)
		assert_int_equal(ask_as(*state, fr_str_of(unreadable[i]), 0, false, &q, &why), FR_INVALID);
}

static void ceilings_are_kept(void **state)
{
	static char text[FR_TARGET_MAX + 2];
	struct fr_question q;
	struct fr_refusal why;
	size_t n = (size_t)snprintf(text, sizeof(text), "/search-video/?keyword=");
	struct fr_str s = { text, n + FR_PARAM_VALUE_MAX };

	memset(text + n, 'a', sizeof(text) - n);
	assert_int_equal(ask_as(*state, s, 0, true, &q, &why), FR_OK);
	s.n++;
	assert_int_equal(ask_as(*state, s, 0, true, &q, &why), FR_TOOBIG);
	assert_int_equal(why.problem, FR_PROBLEM_TARGET_TOO_LONG);
	s.n = FR_TARGET_MAX + 1;
	assert_int_equal(ask_as(*state, s, 0, true, &q, &why), FR_TOOBIG);
	assert_int_equal(why.problem, FR_PROBLEM_TARGET_TOO_LONG);

	memset(text + n, '/', FR_PARAM_VALUE_MAX); /* three bytes each in the canonical text */
	s.n = n + FR_PARAM_VALUE_MAX;
	assert_int_equal(ask_as(*state, s, 0, true, &q, &why), FR_TOOBIG);
	assert_int_equal(why.problem, FR_PROBLEM_TARGET_TOO_LONG);
}

static void a_full_arena_refuses_and_leaves_the_result_alone(void **state)
{
	struct asked *a = *state;
	bool taken = false;

	for (size_t ceiling = 0; !taken && ceiling < 4096; ceiling += 16) {
		struct fr_question q = { .post_id = 77 };
		struct fr_refusal why;
		struct fr_arena mem;
		enum fr_err e;

		fr_arena_init(&mem, ceiling);
		e = fr_question_read(&mem, a->c, FR_STR("/search-video/?keyword=%20A&region=us&cursor=-001&x=%41"), 0, true, &q,
				     &why);
		assert_true(e == FR_OK || (e == FR_TOOBIG && why.problem == FR_PROBLEM_TARGET_TOO_LONG && q.post_id == 77));
		taken = e == FR_OK;
		fr_arena_free(&mem);
	}
	assert_true(taken);
}

static void a_partition_divides_the_keys(void **state)
{
	struct fr_question q;
	struct fr_refusal why;
	struct fr_key key;

	assert_int_equal(ask_as(*state, FR_STR("/userid/?username=A"), 0, true, &q, &why), FR_OK);
	key = q.key;
	assert_int_equal(ask_as(*state, FR_STR("/userid/?username=A"), 0xabc, true, &q, &why), FR_OK);
	assert_string_equal(q.canon.p, "/userid/?username=a#0000000000000abc");
	assert_string_equal(q.upstream.p, "/userid/?username=A");
	assert_false(fr_key_eq(key, q.key));
	assert_int_equal(ask_as(*state, FR_STR("/region-list/?"), UINT64_MAX, true, &q, &why), FR_OK);
	assert_string_equal(q.canon.p, "/region-list/#ffffffffffffffff");
	/* nobody reaches another's partition by writing it */
	assert_int_equal(ask_as(*state, FR_STR("/userid/?username=a%230000000000000abc"), 0, true, &q, &why), FR_OK);
	assert_string_equal(q.canon.p, "/userid/?username=a%230000000000000abc");
}

static void posts_and_pages_are_recognised(void **state)
{
	static const struct {
		const char *target;
		bool post, alias, deep;
	} rows[] = {
		{ "/post-detail/?url=" ID, true, false, false },
		{ "/post-detail/?url=tiktok.com/@a/video/" ID, true, false, false },
		{ "/post-detail/?url=vm.tiktok.com/ZMabc", false, true, false },
		{ "/post-detail/?url=hello", false, false, false },
		{ "/post-comments/?url=" ID "&cursor=20", true, false, true },
		{ "/post-comments/?url=" ID "&cursor=00&count=50", true, false, false },
		{ "/download-music/?url=" ID, false, false, false },
		{ "/download-music/?url=vm.tiktok.com/ZMabc", false, false, false },
		{ "/user-posts/?userid=" ID, false, false, false },
		{ "/user-posts/?userid=7&cursor=", false, false, false },
		{ "/user-posts/?userid=7&cursor=x", false, false, true },
		{ "/user-followers/?userid=7&time=-0", false, false, false },
		{ "/user-followers/?userid=7&time=1", false, false, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_question q = ask(*state, rows[i].target);

		if ((q.post_id != 0) != rows[i].post || (q.alias.n != 0) != rows[i].alias || q.deep != rows[i].deep)
			fail_msg("%s: post %d, alias %d, deep %d", rows[i].target, q.post_id != 0, q.alias.n != 0, q.deep);
		if (rows[i].alias)
			assert_true(fr_str_is(q.alias, "vm.tiktok.com/ZMabc"));
	}
}

static void a_learnt_short_link_is_its_post(void **state)
{
	struct asked *a = *state;
	struct fr_question q, by_id, by_link;
	struct fr_refusal why;
	struct fr_key key;

	/* the same text in a parameter that takes no post stays */
	assert_int_equal(
		ask_as(a,
		       FR_STR("/post-comments/?url=" ID "&cursor=20&note=short:vm.tiktok.com/ZMabc&a=short:vm.tiktok.com/ZMabc"),
		       9, true, &by_id, &why),
		FR_OK);
	key = by_id.key;
	assert_int_equal(ask_as(a,
				FR_STR("/post-comments/?cursor=020&url=vm.tiktok.com/ZMabc/?k=1&note=short:vm.tiktok.com/ZMabc"
				       "&a=short:vm.tiktok.com/ZMabc"),
				9, true, &q, &why),
			 FR_OK);
	assert_false(fr_key_eq(key, q.key));
	assert_int_equal(fr_question_resolve(&a->mem, a->c, &q, UINT64_C(7106594312292453675), &by_link), FR_OK);
	assert_string_equal(by_link.canon.p, "/post-comments/?a=" SHORT_CODED "&count=10&cursor=20&note=" SHORT_CODED "&url=" ID
					     "#0000000000000009");
	assert_true(fr_key_eq(key, by_link.key));
	assert_true(by_link.post_id == UINT64_C(7106594312292453675) && by_link.alias.n == 0 && by_link.deep);
	assert_string_equal(by_link.upstream.p, q.upstream.p);
	assert_int_equal(strlen(by_link.canon.p), by_link.canon.n);
	assert_true(by_link.endpoint == q.endpoint);

	assert_int_equal(fr_question_resolve(&a->mem, a->c, &q, INT64_MAX, &by_link), FR_OK);
	assert_int_equal(fr_question_resolve(&a->mem, a->c, &q, 0, &by_link), FR_INVALID);
	assert_int_equal(fr_question_resolve(&a->mem, a->c, &q, (uint64_t)INT64_MAX + 1, &by_link), FR_INVALID);
}

static void aliases_have_keys_of_their_own(void **state)
{
	struct fr_question q = ask(*state, "/post-detail/?url=https://vm.tiktok.com/ZMabc/?k=1");
	struct fr_key key = fr_question_alias_key(q.alias);

	assert_true(fr_key_eq(key, fr_hash128(0, "alias:vm.tiktok.com/ZMabc", 25)));
	assert_false(fr_key_eq(key, fr_question_alias_key(FR_STR("vm.tiktok.com/zmabc"))));
	assert_false(fr_key_eq(key, q.key));
}

/* One question as a list of parameters, each with spellings that mean the same, and with another value that does not. */
struct spelt {
	const char *name;
	const char *spellings[6]; /* NULL ends; "" in first place: may be left out */
	const char *different;
};

static const struct spelled_question {
	const char *path;
	struct spelt params[7];
} spelled[] = {
	{ "/userid/", { { "username", { "mrbeast", "@MrBeast", "MRBEAST", "@mrbeast" }, "mrbeast2" } } },
	{ "/user-posts/",
	  { { "userid", { "7", "007", "07" }, "70" },
	    { "count", { "", "10", "010" }, "11" },
	    { "cursor", { "", "0", "000" }, "1" },
	    { "extra", { "x y&=", "x y&=" }, "x y" } } },
	{ "/search-video/",
	  { { "keyword", { "cat dog", " cat dog", "cat dog  " }, "cat  dog" },
	    { "count", { "", "10", "0010" }, "35" },
	    { "cursor", { "", "0", "00" }, "10" },
	    { "publish_time", { "", "0", "-0" }, "7" },
	    { "sort_by", { "", "0", "00" }, "-1" },
	    { "region", { "us", "US", "uS" }, "" } } },
	{ "/challenge-info-name/", { { "name", { "cosplay", "#Cosplay", "COSPLAY" }, "cosplay2" } } },
	{ "/post-comments/",
	  { { "url",
	      { "https://www.tiktok.com/@a/video/123?x=1&y=2#z", "123", "0123", "m.tiktok.com/v/123.html",
		"tiktok.com/embed/v2/123/" },
	      "124" },
	    { "count", { "", "10" }, "9" },
	    { "cursor", { "", "0" }, "00x" } } },
	{ "/post-detail/",
	  { { "url",
	      { "https://vm.tiktok.com/ZMabc/", "vm.tiktok.com/ZMabc", "VM.TIKTOK.COM/ZMabc?_r=1" },
	      "vm.tiktok.com/ZMabC" } } },
};

static size_t put_coded(struct fr_random *random, char *to, const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		unsigned char u = (unsigned char)*text;
		bool must = strchr("&=#%+? ", *text) != NULL;

		if (*text == ' ' && fr_random_chance(random, 500))
			to[n++] = '+';
		else if (must || fr_random_chance(random, 200))
			n += (size_t)sprintf(to + n, fr_random_chance(random, 500) ? "%%%02x" : "%%%02X", (unsigned)u);
		else
			to[n++] = *text;
	}
	return n;
}

static size_t put_noise(struct fr_random *random, char *to)
{
	static const char *const noise[] = { "", "", "&", "&&", "=&", "=x&" };
	const char *chosen = noise[fr_random_below(random, sizeof(noise) / sizeof(noise[0]))];

	memcpy(to, chosen, strlen(chosen));
	return strlen(chosen);
}

static size_t put_question(struct fr_random *random, char *to, const struct spelled_question *q, size_t different)
{
	size_t order[7], count = 0, n = 0;

	for (; count < 7 && q->params[count].name != NULL; count++)
		order[count] = count;
	for (size_t i = count; i > 1; i--) {
		size_t with = (size_t)fr_random_below(random, i), kept = order[i - 1];

		order[i - 1] = order[with];
		order[with] = kept;
	}
	n += (size_t)sprintf(to, "%.*s%s?", (int)strlen(q->path) - 1, q->path, &"//"[fr_random_below(random, 3)]);
	for (size_t i = 0; i < count; i++) {
		const struct spelt *p = &q->params[order[i]];
		size_t choices = 0;
		const char *value;

		while (choices < 6 && p->spellings[choices] != NULL)
			choices++;
		value = order[i] == different ? p->different : p->spellings[fr_random_below(random, choices)];
		n += put_noise(random, to + n);
		if (value[0] == '\0' && order[i] != different)
			continue;
		n += put_coded(random, to + n, p->name);
		to[n++] = '=';
		n += put_coded(random, to + n, value);
		to[n++] = '&';
	}
	return n - (fr_random_chance(random, 500) && to[n - 1] == '&');
}

static void spelling_never_changes_the_key_and_meaning_always_does(void **state)
{
	struct fr_random random = { .state = 20261122 };
	char text[2048];

	for (int round = 0; round < 20000; round++) {
		const struct spelled_question *s = &spelled[fr_random_below(&random, sizeof(spelled) / sizeof(spelled[0]))];
		size_t count = 0, different;
		struct fr_question q;
		struct fr_refusal why;
		struct fr_key first;
		struct fr_str t = { text, 0 };

		while (count < 7 && s->params[count].name != NULL)
			count++;
		t.n = put_question(&random, text, s, SIZE_MAX);
		if (ask_as(*state, t, 0, true, &q, &why) != FR_OK)
			fail_msg("%.*s: %s", FR_STR_ARG(t), why.detail);
		first = q.key;
		t.n = put_question(&random, text, s, SIZE_MAX);
		assert_int_equal(ask_as(*state, t, 0, true, &q, &why), FR_OK);
		if (!fr_key_eq(first, q.key))
			fail_msg("%.*s: %s", FR_STR_ARG(t), q.canon.p);
		different = (size_t)fr_random_below(&random, count);
		t.n = put_question(&random, text, s, different);
		assert_int_equal(ask_as(*state, t, 0, true, &q, &why), FR_OK);
		if (fr_key_eq(first, q.key))
			fail_msg("%.*s: %s", FR_STR_ARG(t), q.canon.p);
	}
}

/* Bytes from a hat, often pieces of real targets: whatever comes is taken or refused, and what is taken reads the same again. */
static void any_bytes_are_taken_or_refused(void **state)
{
	static const char *const pieces[] = { "/user-posts/",
					      "/post-detail",
					      "/search-video/",
					      "?",
					      "&",
					      "=",
					      "userid=7",
					      "url=",
					      "https://vm.tiktok.com/A",
					      "tiktok.com/@a/video/12",
					      "count",
					      "cursor",
					      "keyword",
					      "%",
					      "%41",
					      "+",
					      "%00",
					      "#",
					      "/..",
					      "%2e",
					      "region=us",
					      "\xff" };
	struct asked *a = *state;
	struct fr_random random = { .state = 7 };
	size_t taken = 0;

	for (int round = 0; round < 100000; round++) {
		struct fr_question q, again;
		struct fr_refusal why = { .problem = FR_PROBLEM_NONE };
		bool validate = fr_random_chance(&random, 500);
		char text[512] = "/";
		size_t n = fr_random_chance(&random, 900);

		for (uint64_t k = fr_random_below(&random, 14); k > 0; k--) {
			const char *piece = pieces[fr_random_below(&random, sizeof(pieces) / sizeof(pieces[0]))];

			if (fr_random_chance(&random, 100)) {
				text[n++] = (char)fr_random_below(&random, 256);
				continue;
			}
			memcpy(text + n, piece, strlen(piece));
			n += strlen(piece);
		}
		if (ask_as(a, (struct fr_str){ text, n }, fr_random_below(&random, 2), validate, &q, &why) != FR_OK) {
			assert_true(why.problem != FR_PROBLEM_NONE && strlen(why.detail) > 0);
			continue;
		}
		taken++;
		assert_true(q.canon.n <= FR_CANON_MAX && q.endpoint->is_other == fr_key_none(q.key));
		assert_int_equal(fr_question_read(&a->mem, a->c, q.upstream, 0, validate, &again, &why), FR_OK);
		assert_true(again.endpoint == q.endpoint && again.post_id == q.post_id && again.deep == q.deep);
		assert_int_equal(memcmp(again.canon.p, q.canon.p, again.canon.n < q.canon.n ? again.canon.n : q.canon.n), 0);
		if (q.alias.n > 0)
			assert_int_equal(fr_question_resolve(&a->mem, a->c, &q, 1, &again), FR_OK);
	}
	assert_true(taken > 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(spellings_of_one_question_have_one_canonical_text, begin, end),
		cmocka_unit_test_setup_teardown(the_upstream_is_sent_the_spelling_that_was_asked, begin, end),
		cmocka_unit_test_setup_teardown(a_path_without_a_row_is_handed_on_as_it_came, begin, end),
		cmocka_unit_test_setup_teardown(the_fields_that_a_client_reads_are_for_nobody_else, begin, end),
		cmocka_unit_test_setup_teardown(an_id_that_dates_tells_whose_age_counts, begin, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_a_question_is_refused_with_its_reason, begin, end),
		cmocka_unit_test_setup_teardown(without_validation_refused_values_are_text_of_their_own, begin, end),
		cmocka_unit_test_setup_teardown(ceilings_are_kept, begin, end),
		cmocka_unit_test_setup_teardown(a_full_arena_refuses_and_leaves_the_result_alone, begin, end),
		cmocka_unit_test_setup_teardown(a_partition_divides_the_keys, begin, end),
		cmocka_unit_test_setup_teardown(posts_and_pages_are_recognised, begin, end),
		cmocka_unit_test_setup_teardown(a_learnt_short_link_is_its_post, begin, end),
		cmocka_unit_test_setup_teardown(aliases_have_keys_of_their_own, begin, end),
		cmocka_unit_test_setup_teardown(spelling_never_changes_the_key_and_meaning_always_does, begin, end),
		cmocka_unit_test_setup_teardown(any_bytes_are_taken_or_refused, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
