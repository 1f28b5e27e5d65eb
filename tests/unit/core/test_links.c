#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/links.h"

#define TOKEN "0123456789abcdef0123456789ABCDEF"
#define AT 1700000000 /* 0x6553f100 */
#define PLAY "https://v16m.tiktokcdn.com/" TOKEN "/6553f100/video/tos/alisg/x/?a=1&l=2023&br=2"
#define COVER "https://p16-sign-va.tiktokcdn.com/obj/x~c5.jpeg?x-expires=1700003600&x-signature=abc%3D"

static void each_form_of_a_signed_link_is_known(void **state)
{
	static const struct {
		const char *url;
		int64_t seconds;
	} rows[] = {
		{ PLAY, AT },
		{ "http://v19/" TOKEN "/6553F100/", AT },
		{ "//v19/" TOKEN "/6553f100", AT },
		{ "HTTPS://v19/" TOKEN "/6553f100?x", AT },
		{ COVER, AT + 3600 },
		{ "https://h/v?a=1&VExpiration=1700000000&VSignature=q", AT },
		{ "https://h/v?expire=1700000000", AT },
		{ "https://h?expire=1700000000#x-expires=1600000000", AT },
		{ "https://h/" TOKEN "/6553f100/?x-expires=1600000000", 1600000000 },
		{ "https://h/?x-expires=1700000009&expire=1700000000", AT },
		{ "https://h/v?expires=1700000000", 0 },
		{ "https://h/v?x-expires=", 0 },
		{ "https://h/v?x-expires", 0 },
		{ "https://h/v?x-expires=17000000000000", 0 },
		{ "https://h/v?x-expires=99999999999999999999999", 0 },
		{ "https://h/v?x-expires=1420070399", 0 },
		{ "https://h/v?x-expires=1420070400", 1420070400 },
		{ "https://h/v?x-expires=4102444799", 4102444799 },
		{ "https://h/v?x-expires=4102444800", 0 },
		{ "https://h/" TOKEN "/00000001/", 0 },
		{ "https://h/" TOKEN "/ffffffff/", 0 },
		{ "https://h/" TOKEN "/6553f10/", 0 },
		{ "https://h/" TOKEN "/6553f10g/", 0 },
		{ "https://h/x" TOKEN "/6553f100/", 0 },
		{ "https://h/a/" TOKEN "/6553f100/", 0 },
		{ "https://h/0123456789abcdefg123456789ABCDEF/6553f100/", 0 },
		{ "https://sf16-ies-music/obj/tos/x.mp3", 0 },
		{ "ftp://h/v?expire=1700000000", 0 },
		{ "x-expires=1700000000", 0 },
		{ "https://", 0 },
		{ "//", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fr_links_expiry(fr_str_of(rows[i].url)).v != rows[i].seconds * 1000)
			fail_msg("%s: %lld", rows[i].url, (long long)fr_links_expiry(fr_str_of(rows[i].url)).v);
}

static void check_field(const struct fr_links_facts *f, size_t i, const char *field, int64_t seconds)
{
	assert_true(i < f->n);
	assert_string_equal(f->at[i].field, field);
	assert_int_equal(f->at[i].until.v, seconds * 1000);
}

static void fields_are_found_in_every_place(void **state)
{
	static const char body[] =
		"{\"id\":\"7\",\"title\":\"see " PLAY "\",\"cover\" : \"" COVER "\",\n\"play\":\"" PLAY "\","
		"\"size\":5,\"music_info\":{\"play\":\"https://h?expire=1600000000\",\"title\":\"https\"},"
		"\"images\":[\"https://h?expire=1700000001\",{\"u\\u0072l\":\"https:\\/\\/h?a=1\\u0026x-expires\\u003d1700000002\"},"
		"[\"https://h?expire=1700000003\"]],\"video\":\"h\\\\\",\"h\\\"d\\n\":\"https://h?expire=1700000004\","
		"\"\":\"//h?expire=1700000005\"}";
	struct fr_links_facts f = fr_links_scan(FR_STR(body));

	(void)state;
	assert_int_equal(f.first.v, 1600000000000);
	assert_int_equal(f.n, 6);
	check_field(&f, 0, "cover", AT + 3600);
	check_field(&f, 1, "play", 1600000000);
	check_field(&f, 2, "images", AT + 1);
	check_field(&f, 3, "url", AT + 2);
	check_field(&f, 4, "h_d_", AT + 4);
	check_field(&f, 5, "-", AT + 5);
}

static void escaped_links_are_read_as_what_they_stand_for(void **state)
{
	static const struct {
		const char *body;
		int64_t seconds;
	} rows[] = {
		{ "{\"a\":\"https:\\/\\/h\\/" TOKEN "\\/6553f100\\/video\"}", AT },
		{ "{\"a\":\"\\u0068ttps://h?x=1\\u0026expire=1700000000\"}", AT },
		{ "{\"a\":\"https://h?x\\u002Dexpires\\u003D1700000000\"}", AT },
		{ "\xEF\xBB\xBF [\"\\/\\/h?n=\xC3\xA9\\u00e9&expire=1700000000\"]", AT },
		{ "{\"a\":\"https://h?expire\\u00\"}", 0 },
		{ "{\"a\":\"https://h?expire=1700000000\\\"}", 0 },
		{ "<img src=\"" PLAY "\">", 0 },
		{ "\"" PLAY "\"", 0 },
		{ PLAY, 0 },
		{ "", 0 },
		{ "{", 0 },
		{ "{\"a\":\"" PLAY, 0 },
		{ "}]}{\"a\":\"" PLAY "\"", 0 },
		{ "{}]}\"k\":\"" PLAY "\"", AT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fr_links_scan(fr_str_of(rows[i].body)).first.v != rows[i].seconds * 1000)
			fail_msg("%s", rows[i].body);
}

static void further_fields_count_for_the_earliest_only(void **state)
{
	char body[4096] = "{";
	struct fr_links_facts f;

	(void)state;
	for (int i = 0; i < 2 * FR_LINKS_MAX; i++)
		(void)sprintf(body + strlen(body), "\"f%d\":\"https://h?expire=%d\",", i, AT - i);
	f = fr_links_scan(fr_str_of(body));
	assert_int_equal(f.n, FR_LINKS_MAX);
	assert_int_equal(f.first.v, (AT - 2 * FR_LINKS_MAX + 1) * (int64_t)1000);
}

static void deep_nesting_and_long_names_do_no_harm(void **state)
{
	char body[8192], *p = body;
	struct fr_links_facts f;

	(void)state;
	for (int i = 0; i < 500; i++)
		p += sprintf(p, "{\"k\":[");
	p += sprintf(p, "\"" PLAY "\"");
	for (int i = 0; i < 500; i++)
		p += sprintf(p, "]}");
	p += sprintf(p, ",\"%0200d\":\"" PLAY "\"}", 7);
	f = fr_links_scan(fr_str_of(body));
	assert_int_equal(f.n, 2);
	assert_string_equal(f.at[0].field, "k");
	assert_int_equal(strlen(f.at[1].field), FR_NAME_MAX - 1);
}

static void check_blank(const char *body, int64_t seconds, const char *want)
{
	struct fr_blob *b = fr_links_blank(fr_str_of(body), (fr_wall){ seconds * 1000 });

	if (want == NULL) {
		assert_null(b);
		return;
	}
	assert_non_null(b);
	assert_true(fr_str_is(fr_blob_str(b), want));
	fr_blob_drop(b);
}

static void only_dead_links_are_blanked(void **state)
{
	static const char body[] = " {\"play\" : \"" PLAY "\", \"t\":\"a\\/b\",\"l\":[\"" PLAY "\",1],\"c\":\"" COVER
				   "\",\"u\":\"//h\"}\n";

	(void)state;
	check_blank(body, AT - 1, NULL);
	check_blank(body, AT, " {\"play\" : \"\", \"t\":\"a\\/b\",\"l\":[\"\",1],\"c\":\"" COVER "\",\"u\":\"//h\"}\n");
	check_blank(body, AT + 3600, " {\"play\" : \"\", \"t\":\"a\\/b\",\"l\":[\"\",1],\"c\":\"\",\"u\":\"//h\"}\n");
	check_blank("{\"a\":\"https:\\/\\/h?x=1\\u0026expire=1700000000\"}", AT, "{\"a\":\"\"}");
	check_blank("{\"https://h?expire=1600000000\":1}", AT, NULL);
	check_blank("", AT, NULL);
}

static void dead_fields_are_named(void **state)
{
	static const char body[] = "{\"play\":\"" PLAY "\",\"cover\":\"" COVER "\",\"hd\":\"https://h?expire=1700000000\"}";
	struct fr_links_facts f = fr_links_scan(FR_STR(body));
	char text[64];

	(void)state;
	assert_int_equal(fr_links_dead(&f, (fr_wall){ (AT - 1) * (int64_t)1000 }, text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(fr_links_dead(&f, (fr_wall){ AT * (int64_t)1000 }, text, sizeof(text)), 2);
	assert_string_equal(text, "play, hd");
	assert_int_equal(fr_links_dead(&f, (fr_wall){ INT64_MAX }, text, sizeof(text)), 3);
	assert_string_equal(text, "play, cover, hd");
	assert_int_equal(fr_links_dead(&f, (fr_wall){ INT64_MAX }, text, 11), 3);
	assert_string_equal(text, "play");
	assert_int_equal(fr_links_dead(&f, (fr_wall){ INT64_MAX }, text, 1), 3);
	assert_string_equal(text, "");
}

/* Whatever the bytes: what was blanked has no dead link, and nothing reads outside (under a sanitizer). */
static void any_bytes_can_be_scanned_and_blanked(void **state)
{
	static const char body[] = "{\"p\\\"\":\"https:\\/\\/h\\/" TOKEN "\\/6553f100\\/\",\"i\":[{\"a\":\"" COVER "\"},"
				   "\"//h?expire\\u003d1700000000\"]}";
	struct fr_random r = { 5 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t n = fr_random_below(&r, sizeof(body));
		char *copy = malloc(n + 1);
		struct fr_blob *b;

		assert_non_null(copy);
		memcpy(copy, body, n);
		for (uint64_t k = fr_random_below(&r, 4); n > 0 && k > 0; k--)
			copy[fr_random_below(&r, n)] = "\"\\{}[]:,u0/ "[fr_random_below(&r, 12)];
		copy = realloc(copy, n == 0 ? 1 : n);
		assert_non_null(copy);
		b = fr_links_blank((struct fr_str){ copy, n }, (fr_wall){ INT64_MAX });
		assert_int_equal(b != NULL, fr_links_scan((struct fr_str){ copy, n }).first.v != 0);
		if (b != NULL)
			assert_int_equal(fr_links_scan(fr_blob_str(b)).first.v, 0);
		fr_blob_drop(b);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_of_a_signed_link_is_known),
		cmocka_unit_test(fields_are_found_in_every_place),
		cmocka_unit_test(escaped_links_are_read_as_what_they_stand_for),
		cmocka_unit_test(further_fields_count_for_the_earliest_only),
		cmocka_unit_test(deep_nesting_and_long_names_do_no_harm),
		cmocka_unit_test(only_dead_links_are_blanked),
		cmocka_unit_test(dead_fields_are_named),
		cmocka_unit_test(any_bytes_can_be_scanned_and_blanked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
