#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/posturl.h"

#define ID "7106594312292453675"
#define N 7106594312292453675u

static void start(struct fr_arena *mem)
{
	fr_arena_init(mem, 64 * 1024);
}

static const char *const post_forms[] = {
	ID,
	"0" ID,
	"000000" ID,
	"  " ID "\t",
	"https://www.tiktok.com/@scout2015/video/" ID,
	"http://www.tiktok.com/@scout2015/video/" ID,
	"HTTPS://WWW.TikTok.COM/@scout2015/video/" ID,
	"https://m.tiktok.com/@scout2015/video/" ID,
	"https://tiktok.com/@scout2015/video/" ID,
	"www.tiktok.com/@scout2015/video/" ID,
	"m.tiktok.com/@scout2015/video/" ID,
	"tiktok.com/@scout2015/video/" ID,
	"https://www.tiktok.com:443/@scout2015/video/" ID,
	"http://www.tiktok.com:80/@scout2015/video/" ID,
	"https://www.tiktok.com/@scout2015/video/" ID "/",
	"https://www.tiktok.com/@scout2015/video/" ID "//",
	"https://www.tiktok.com//@scout2015//video/" ID,
	"https://www.tiktok.com/@scout2015/photo/" ID,
	"https://www.tiktok.com/@/video/" ID,
	"https://www.tiktok.com/@/photo/" ID,
	"https://www.tiktok.com/%40scout2015/video/" ID,
	"https://www.tiktok.com/@MS4wLjABAAAAfcZb6Ym9_a-Dlr/video/" ID,
	"https://www.tiktok.com/@12345/video/" ID,
	"https://www.tiktok.com/@a.b_c/video/0" ID,
	"https://www.tiktok.com/@bad%zz/video/" ID,
	"https://www.tiktok.com/@caf\xc3\xa9/video/" ID,
	"https://www.tiktok.com/@scout2015/video/" ID "?is_from_webapp=1&sender_device=pc",
	"https://www.tiktok.com/@scout2015/video/" ID "/?is_from_webapp=v1&item_id=5",
	"https://www.tiktok.com/@scout2015/video/" ID "?_r=1&_t=8abc&u_code=x&lang=en&k=1&utm_source=copy",
	"https://www.tiktok.com/@scout2015/video/" ID "#comments",
	"https://www.tiktok.com/@scout2015/video/" ID "?a=b#c?d=/@x/video/1",
	"https://www.tiktok.com/@scout2015/video/" ID "?",
	"https://www.tiktok.com/@scout2015/video/" ID "#",
	"https://www.tiktok.com/@scout2015/video/" ID "/extra",
	"https://www.tiktok.com/en/@scout2015/video/" ID,
	"https://m.tiktok.com/v/" ID ".html",
	"https://m.tiktok.com/v/" ID ".HTML?u_code=1",
	"https://m.tiktok.com/v/" ID ".html/",
	"https://www.tiktok.com/v/" ID,
	"www.tiktok.com/v/" ID "/",
	"https://www.tiktok.com/embed/" ID,
	"https://www.tiktok.com/embed/v2/" ID,
	"https://www.tiktok.com/embed/v2/" ID "?lang=en-US",
	"https://www.tiktok.com/share/video/" ID,
	"https://www.tiktokv.com/share/video/" ID "/",
	"tiktokv.com/share/video/" ID,
	"https://api16-normal.tiktokv.com/share/video/" ID,
	"https://m.tiktok.com/i18n/share/video/" ID "/?region=US",
	"https://www.tiktok.com/foryou?item_id=" ID,
	"https://www.tiktok.com/foryou?is_copy_url=1&item_id=" ID "#/@x/video/1",
	"https://www.tiktok.com/trending?shareId=" ID,
	"https://www.tiktok.com/foryou?share_item_id=" ID "&item_id=" ID,
	"https://www.tiktok.com/foryou?item_id=&share_item_id=" ID,
	"https://www.tiktok.com/?share_item_id=" ID,
	"https://www.tiktok.com?shareId=0" ID,
	"https://vm.tiktok.com/v/" ID ".html",
	"https://vm.tiktok.com/?share_item_id=" ID,
};

static void every_offline_form_is_its_id(void **state)
{
	struct fr_arena mem;

	(void)state;
	start(&mem);
	for (size_t i = 0; i < sizeof(post_forms) / sizeof(post_forms[0]); i++) {
		struct fr_post_ref ref = fr_posturl_read(&mem, fr_str_of(post_forms[i]));

		if (ref.form != FR_POST_ID || ref.id != N || !fr_str_is(ref.text, ID))
			fail_msg("%s: form %d, id %llu", post_forms[i], (int)ref.form, (unsigned long long)ref.id);
	}
	fr_arena_free(&mem);
}

static void short_links_fold_to_host_and_code(void **state)
{
	static const struct {
		const char *url, *folded;
	} rows[] = {
		{ "https://vm.tiktok.com/ZMabcDEF1", "vm.tiktok.com/ZMabcDEF1" },
		{ "https://vm.tiktok.com/ZMabcDEF1/", "vm.tiktok.com/ZMabcDEF1" },
		{ "http://VM.TikTok.com/ZMabcDEF1//", "vm.tiktok.com/ZMabcDEF1" },
		{ "vm.tiktok.com/ZMabcDEF1", "vm.tiktok.com/ZMabcDEF1" },
		{ "vm.tiktok.com/ZMabcDEF1/?k=1&_r=1", "vm.tiktok.com/ZMabcDEF1" },
		{ "vm.tiktok.com/ZMabcDEF1?share_item_id=5#x", "vm.tiktok.com/ZMabcDEF1" },
		{ "vm.tiktok.com/zmabcdef1", "vm.tiktok.com/zmabcdef1" },
		{ "vm.tiktok.com/12345", "vm.tiktok.com/12345" },
		{ "https://vt.tiktok.com/ZS8_-x/", "vt.tiktok.com/ZS8_-x" },
		{ "https://t.tiktok.com/i18n1", "t.tiktok.com/i18n1" },
		{ "https://www.tiktok.com/t/ZTabc/", "tiktok.com/t/ZTabc" },
		{ "https://m.tiktok.com/t/ZTabc?x", "tiktok.com/t/ZTabc" },
		{ "tiktok.com/t/ZTabc", "tiktok.com/t/ZTabc" },
	};
	struct fr_arena mem;

	(void)state;
	start(&mem);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_post_ref ref = fr_posturl_read(&mem, fr_str_of(rows[i].url)), again;

		if (ref.form != FR_POST_SHORT || ref.id != 0 || !fr_str_is(ref.text, rows[i].folded))
			fail_msg("%s: form %d, %.*s", rows[i].url, (int)ref.form, FR_STR_ARG(ref.text));
		again = fr_posturl_read(&mem, ref.text);
		assert_true(again.form == FR_POST_SHORT && fr_str_eq(again.text, ref.text));
	}
	fr_arena_free(&mem);
}

static const char *const other_forms[] = {
	"https://evil.example/@a/video/1",
	"https://evil.example/tiktok.com/@a/video/1",
	"evil.example/@a/video/1",
	"https://eviltiktok.com/@a/video/1",
	"https://tiktok.com.evil.example/@a/video/1",
	"https://tiktok.com@evil.example/@a/video/1",
	"https://www.tiktok.com:@evil.example/@a/video/1",
	"https://evil.example#@www.tiktok.com/@a/video/1",
	"https://evil.example\\@www.tiktok.com/@a/video/1",
	"https://evil.example?www.tiktok.com/@a/video/1",
	"https://evil.example\\.tiktok.com/@a/video/1",
	"https://user@www.tiktok.com/@a/video/1",
	"https://www.tiktok.com:8080/@a/video/1",
	"https://www.tiktok.com./@a/video/1",
	"https:///@a/video/1",
	"https://https://www.tiktok.com/@a/video/1",
	"ftp://www.tiktok.com/@a/video/1",
	"javascript://www.tiktok.com/@a/video/1",
	"//www.tiktok.com/@a/video/1",
	"/@a/video/1",
	"@a/video/1",
	"0",
	"000",
	"-1",
	"+1",
	"1.0",
	"1e3",
	"0x10",
	"1 2",
	"9223372036854775808",
	"18446744073709551617",
	"99999999999999999999",
	"100000000000000000000000000000000001",
	"https://www.tiktok.com/@a/video/0",
	"https://www.tiktok.com/@a/video/9223372036854775808",
	"https://www.tiktok.com/@a/video/18446744073709551617",
	"https://www.tiktok.com/@a/video/184467440737095516170000001",
	"https://www.tiktok.com/@a/video/123abc",
	"https://www.tiktok.com/@a/video/",
	"https://www.tiktok.com/@a/video",
	"https://www.tiktok.com/@a/video/%31",
	"https://www.tiktok.com/@a/video/1.html",
	"https://www.tiktok.com/a/video/1",
	"https://www.tiktok.com/tag/video/1",
	"https://www.tiktok.com/@a/live/1",
	"https://www.tiktok.com/@a",
	"https://www.tiktok.com/@a?item_id=1",
	"https://www.tiktok.com/@a/playlist/name-123",
	"https://www.tiktok.com/music/a-song-123?share_item_id=5",
	"https://www.tiktok.com/tag/cosplay?item_id=5",
	"https://www.tiktok.com/foryou?item_id=1&share_item_id=2",
	"https://www.tiktok.com/foryou?item_id=abc",
	"https://www.tiktok.com/foryou?ITEM_ID=1",
	"https://www.tiktok.com/foryou?x_item_id=1",
	"https://www.tiktok.com/foryou#item_id=1",
	"https://evil.example/foryou?item_id=1",
	"https://www.tiktok.com/embed/v3/1",
	"https://www.tiktok.com/t/",
	"https://www.tiktok.com/t",
	"https://www.tiktok.com/t/A/B",
	"https://www.tiktok.com/T/ABC",
	"https://vm.tiktok.com/",
	"https://vm.tiktok.com",
	"https://vm.tiktok.com/A/B",
	"https://vm.tiktok.com/A%20B",
	"https://vm.tiktok.com/A%zz",
	"https://vm.tiktok.com/A B",
	"https://vm.tiktok.com/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	"https://xvm.tiktok.com/ABC",
	"https://vm.tiktokv.com/ABC",
	"https://vm.evil.example/ABC",
	"https%3A%2F%2Fwww.tiktok.com%2F%40a%2Fvideo%2F1",
	"hello",
	"?",
	"#",
	"https://",
};

static void what_only_looks_like_a_post_is_text(void **state)
{
	struct fr_arena mem;

	(void)state;
	start(&mem);
	for (size_t i = 0; i < sizeof(other_forms) / sizeof(other_forms[0]); i++) {
		struct fr_post_ref ref = fr_posturl_read(&mem, fr_str_of(other_forms[i]));

		if (ref.form != FR_POST_OTHER || ref.id != 0 || !fr_str_is(ref.text, other_forms[i]))
			fail_msg("%s: form %d, id %llu", other_forms[i], (int)ref.form, (unsigned long long)ref.id);
	}
	fr_arena_free(&mem);
}

static void nothing_and_control_characters_are_invalid(void **state)
{
	static const struct fr_str rows[] = { { "", 0 },
					      { NULL, 0 },
					      { "  ", 2 },
					      { "\t", 1 },
					      { "a\nb", 3 },
					      { "1\0"
						"2",
						3 },
					      { "\x7f", 1 } };
	struct fr_arena mem;

	(void)state;
	start(&mem);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(fr_posturl_read(&mem, rows[i]).form, FR_POST_INVALID);
	fr_arena_free(&mem);
}

static void ids_end_where_63_bits_end(void **state)
{
	struct fr_arena mem;
	struct fr_post_ref ref;

	(void)state;
	start(&mem);
	ref = fr_posturl_read(&mem, FR_STR("9223372036854775807"));
	assert_int_equal(ref.form, FR_POST_ID);
	assert_true(ref.id == INT64_MAX);
	ref = fr_posturl_read(&mem, FR_STR("1"));
	assert_true(ref.form == FR_POST_ID && ref.id == 1);
	fr_arena_free(&mem);
}

static void media_fold_to_sound_post_short_link_or_text(void **state)
{
	static const struct {
		const char *url, *folded;
	} rows[] = {
		{ "https://www.tiktok.com/music/some-song-6763054442704145158", "music:6763054442704145158" },
		{ "https://www.tiktok.com/music/original-sound-6763054442704145158?lang=en", "music:6763054442704145158" },
		{ "https://www.tiktok.com/music/%E5%8E%9F-06763054442704145158/", "music:6763054442704145158" },
		{ "m.tiktok.com/share/music/6763054442704145158", "music:6763054442704145158" },
		{ "tiktok.com/music/-6763054442704145158#x", "music:6763054442704145158" },
		{ "tiktok.com/music/x-6763054442704145158?share_item_id=1", "music:6763054442704145158" },
		{ "tiktok.com/music/no-id", "tiktok.com/music/no-id" },
		{ "tiktok.com/music/", "tiktok.com/music/" },
		{ "evil.example/music/x-6763054442704145158", "evil.example/music/x-6763054442704145158" },
		{ "https://www.tiktok.com/@a/video/" ID "?x=1", ID },
		{ ID, ID },
		{ "https://vm.tiktok.com/ZMabc/?k=1", "short:vm.tiktok.com/ZMabc" },
		{ " hello ", "hello" },
		{ "music:1", "text:music:1" },
		{ "short:vm.tiktok.com/ZMabc", "text:short:vm.tiktok.com/ZMabc" },
		{ "text:a", "text:text:a" },
		{ "", "" },
	};
	struct fr_arena mem;

	(void)state;
	start(&mem);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_str got = fr_posturl_media(&mem, fr_str_of(rows[i].url));

		if (!fr_str_is(got, rows[i].folded))
			fail_msg("%s: %.*s", rows[i].url, FR_STR_ARG(got));
	}
	fr_arena_free(&mem);
}

static void ads_fold_to_their_id(void **state)
{
	static const struct {
		const char *url, *folded;
	} rows[] = {
		{ "https://ads.tiktok.com/business/creativecenter/topads/7213258221116751874/pc/en?countryCode=US",
		  "ad:7213258221116751874" },
		{ "https://ads.tiktok.com/business/creativecenter/topads/7213258221116751874", "ad:7213258221116751874" },
		{ "ads.tiktok.com/business/creativecenter/topads/07213258221116751874/pc/de/#x", "ad:7213258221116751874" },
		{ "https://ads.tiktok.com/business/creativecenter/topads/pc/en",
		  "https://ads.tiktok.com/business/creativecenter/topads/pc/en" },
		{ "https://evil.example/topads/1", "https://evil.example/topads/1" },
		{ " 7213258221116751874 ", "7213258221116751874" },
		{ "ad:1", "text:ad:1" },
		{ "", "" },
	};
	struct fr_arena mem;

	(void)state;
	start(&mem);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fr_str got = fr_posturl_ad(&mem, fr_str_of(rows[i].url));

		if (!fr_str_is(got, rows[i].folded))
			fail_msg("%s: %.*s", rows[i].url, FR_STR_ARG(got));
	}
	fr_arena_free(&mem);
}

static void the_upper_half_of_an_id_is_when_it_was_made(void **state)
{
	(void)state;
	assert_true(fr_posturl_created((uint64_t)1639312720 << 32 | 77).v == INT64_C(1639312720000));
	assert_true(fr_posturl_created((uint64_t)1388534400 << 32).v == INT64_C(1388534400000));
	assert_true(fr_posturl_created(((uint64_t)1388534400 << 32) - 1).v == 0);
	assert_true(fr_posturl_created((uint64_t)4102444799 << 32).v == INT64_C(4102444799000));
	assert_true(fr_posturl_created((uint64_t)4102444800 << 32).v == 0);
	assert_true(fr_posturl_created(0).v == 0);
	assert_true(fr_posturl_created(33380).v == 0);
	assert_true(fr_posturl_created(UINT64_MAX).v == 0);
}

/* Pieces of URLs in any order, cut anywhere: nothing crashes, and an id never comes from another host. */
static void garbled_urls_are_never_a_foreign_post(void **state)
{
	static const char *const pieces[] = {
		"https://", "http://", "www.", "tiktok.com", "evil.example", "/",  "@", "video", "photo", "1",  "99999999999",
		"?",        "#",       "&",    "item_id=",   "vm.",          "t/", "%", "%40",   ".html", "v/", "embed/",
		":",        "\\",      " ",    "music/"
	};
	struct fr_random random = { .state = 5 };
	struct fr_arena mem;

	(void)state;
	for (int round = 0; round < 50000; round++) {
		struct fr_post_ref ref;
		char text[256];
		size_t n = 0;

		for (uint64_t k = fr_random_below(&random, 12); k > 0; k--) {
			const char *piece = pieces[fr_random_below(&random, sizeof(pieces) / sizeof(pieces[0]))];

			memcpy(text + n, piece, strlen(piece));
			n += strlen(piece);
		}
		if (n > 0 && fr_random_chance(&random, 100))
			n = (size_t)fr_random_below(&random, n);
		start(&mem);
		ref = fr_posturl_read(&mem, (struct fr_str){ text, n });
		if (ref.form == FR_POST_ID && !fr_str_all_digits(fr_str_trim((struct fr_str){ text, n })))
			assert_true(fr_str_find_nocase((struct fr_str){ text, n }, "tiktok.com") < n);
		if (ref.form == FR_POST_ID)
			assert_true(ref.id > 0 && ref.id <= INT64_MAX);
		(void)fr_posturl_media(&mem, (struct fr_str){ text, n });
		(void)fr_posturl_ad(&mem, (struct fr_str){ text, n });
		fr_arena_free(&mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_offline_form_is_its_id),
		cmocka_unit_test(short_links_fold_to_host_and_code),
		cmocka_unit_test(what_only_looks_like_a_post_is_text),
		cmocka_unit_test(nothing_and_control_characters_are_invalid),
		cmocka_unit_test(ids_end_where_63_bits_end),
		cmocka_unit_test(media_fold_to_sound_post_short_link_or_text),
		cmocka_unit_test(ads_fold_to_their_id),
		cmocka_unit_test(the_upper_half_of_an_id_is_when_it_was_made),
		cmocka_unit_test(garbled_urls_are_never_a_foreign_post),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
