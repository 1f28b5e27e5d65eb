#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/place.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void a_place_is_written_as_in_the_configuration(void **state)
{
	static const struct {
		const char *text, *at;
		bool unix_socket;
	} rows[] = {
		{ "127.0.0.1:8788", "127.0.0.1:8788", false },
		{ "localhost:1", "localhost:1", false },
		{ "[::1]:65535", "[::1]:65535", false },
		{ "unix:/run/frugald/admin.sock", "/run/frugald/admin.sock", true },
		{ "unix:/a b:c?d", "/a b:c?d", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_place p;

		assert_null(fr_place_read(rows[i].text, &p));
		assert_string_equal(p.shown, rows[i].text);
		assert_string_equal(p.at, rows[i].at);
		assert_int_equal(p.unix_socket, rows[i].unix_socket);
	}
}

static void what_is_no_place_says_what_is_missing(void **state)
{
	static const struct {
		const char *text, *wrong;
	} rows[] = {
		{ "127.0.0.1", "lacks a port" },
		{ "[::1]", "lacks a port" },
		{ ":8788", "lacks a port" },
		{ "", "lacks a port" },
		{ "127.0.0.1:", "no good port" },
		{ "127.0.0.1:0", "no good port" },
		{ "127.0.0.1:65536", "no good port" },
		{ "127.0.0.1:http", "no good port" },
		{ "::1:8788", "in brackets" },
		{ "http://127.0.0.1:8788", "as admin.listen" },
		{ "user@127.0.0.1:8788", "as admin.listen" },
		{ "127.0.0.1:8788/stats?x", "as admin.listen" },
		{ "unix:admin.sock", "whole path" },
		{ "unix:", "whole path" },
	};
	char path[FR_PLACE_MAX + 8];
	struct fr_place p = { .at = "as it was" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *wrong = fr_place_read(rows[i].text, &p);

		assert_non_null(wrong);
		assert_non_null(strstr(wrong, rows[i].wrong));
		assert_string_equal(p.at, "as it was");
	}
	memset(path, 'a', sizeof(path));
	memcpy(path, "unix:/", 6);
	path[sizeof(path) - 1] = '\0';
	assert_string_equal(fr_place_read(path, &p), "is too long");
	path[5 + 108] = '\0';
	assert_string_equal(fr_place_read(path, &p), "is longer than a socket's path may be");
	path[5 + 107] = '\0';
	assert_null(fr_place_read(path, &p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_is_written_as_in_the_configuration),
		cmocka_unit_test(what_is_no_place_says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
