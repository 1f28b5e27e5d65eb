#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include "conf/address.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void listen_addresses_are_read(void **state)
{
	static const struct {
		const char *text, *host;
		int port;
		bool loopback;
	} rows[] = {
		{ "127.0.0.1:8787", "127.0.0.1", 8787, true },
		{ "127.9.9.9:0", "127.9.9.9", 0, true },
		{ "[::1]:65535", "::1", 65535, true },
		{ "[::ffff:127.0.0.1]:1", "::ffff:127.0.0.1", 1, true },
		{ "localhost:80", "localhost", 80, true },
		{ "LocalHost:80", "LocalHost", 80, true },
		{ "0.0.0.0:8787", "0.0.0.0", 8787, false },
		{ "[::]:8787", "::", 8787, false },
		{ "10.0.0.1:1", "10.0.0.1", 1, false },
		{ "128.0.0.1:1", "128.0.0.1", 1, false },
		{ "[::ffff:10.0.0.1]:1", "::ffff:10.0.0.1", 1, false },
		{ "localhost.example.com:1", "localhost.example.com", 1, false },
		{ "a-host:1", "a-host", 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_listen_address a;

		assert_null(fr_address_listen(fr_str_of(rows[i].text), &a));
		assert_false(a.unix_socket);
		assert_true(fr_str_is(a.host.name, rows[i].host));
		assert_int_equal(a.port, rows[i].port);
		assert_int_equal(a.host.loopback, rows[i].loopback);
	}
}

static void unix_sockets_need_a_path_that_fits(void **state)
{
	struct fr_listen_address a;
	char text[160] = "unix:/";

	(void)state;
	assert_null(fr_address_listen(FR_STR("unix:/run/x.sock"), &a));
	assert_true(a.unix_socket);
	assert_true(fr_str_is(a.path, "/run/x.sock"));
	assert_non_null(fr_address_listen(FR_STR("unix:"), &a));
	assert_non_null(fr_address_listen(FR_STR("unix:run/x.sock"), &a));
	for (size_t i = 6; i < 5 + 107; i++)
		text[i] = 'x';
	assert_null(fr_address_listen((struct fr_str){ text, 5 + 107 }, &a));
	text[5 + 107] = 'x';
	assert_non_null(fr_address_listen((struct fr_str){ text, 5 + 108 }, &a));
}

static void what_is_no_listen_address_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"8787",
		":8787",
		"*:8787",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:x",
		"127.0.0.1:65536",
		"127.0.0.1:-1",
		"127.0.0.1:+1",
		"127.0.0.1:000080",
		"127.0.0.1: 80",
		"127.0.0:80",
		"127.1:80",
		"1.2.3.400:80",
		"::1:80",
		"[::1]",
		"[::1]80",
		"[::1:80",
		"[]:80",
		"[127.0.0.1]:80",
		"[fe80::1%lo]:80",
		"http://127.0.0.1:80",
		"127.0.0.1:80/",
		"a..b:80",
		"-a:80",
		"a b:80",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_listen_address a;

		if (fr_address_listen(fr_str_of(rows[i]), &a) == NULL)
			fail_msg("accepted: %s", rows[i]);
	}
}

static void urls_are_read(void **state)
{
	static const struct {
		const char *text, *host, *prefix;
		int port;
		bool https, loopback;
	} rows[] = {
		{ "https://api.tikliveapi.com", "api.tikliveapi.com", "", 443, true, false },
		{ "https://api.tikliveapi.com/", "api.tikliveapi.com", "", 443, true, false },
		{ "https://h:8443/v1/x//", "h", "/v1/x", 8443, true, false },
		{ "http://127.0.0.1:9", "127.0.0.1", "", 9, false, true },
		{ "http://[::1]/api/", "::1", "/api", 80, false, true },
		{ "http://localhost", "localhost", "", 80, false, true },
		{ "http://example.com", "example.com", "", 80, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_url_address u;

		assert_null(fr_address_url(fr_str_of(rows[i].text), &u));
		assert_true(fr_str_is(u.host.name, rows[i].host));
		assert_true(fr_str_is(u.prefix, rows[i].prefix));
		assert_int_equal(u.port, rows[i].port);
		assert_int_equal(u.https, rows[i].https);
		assert_int_equal(u.host.loopback, rows[i].loopback);
	}
}

static void what_is_no_url_of_an_api_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"api.tikliveapi.com",
		"ftp://h",
		"https://",
		"https:///x",
		"https://h:0",
		"https://h:99999",
		"https://h:",
		"https://u@h",
		"https://u:p@h/",
		"https://h?x",
		"https://h/#x",
		"https://h/?x=1",
		"https://h/a b",
		"https://h/\xC3\xA9",
		"https://h/a\\b",
		"https://1.2.3.4.5",
		"https://[::1",
		"HTTPS//h",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_url_address u;

		if (fr_address_url(fr_str_of(rows[i]), &u) == NULL)
			fail_msg("accepted: %s", rows[i]);
	}
}

static void redis_urls_are_read(void **state)
{
	static const struct {
		const char *text;
		enum fr_redis_kind kind;
		const char *host, *password, *path;
		int port, db;
	} rows[] = {
		{ "embedded", FR_REDIS_EMBEDDED, "", NULL, "", 0, 0 },
		{ "unix:///run/redis.sock", FR_REDIS_UNIX, "", NULL, "/run/redis.sock", 0, 0 },
		{ "unix:///run/a@b.sock", FR_REDIS_UNIX, "", NULL, "/run/a@b.sock", 0, 0 },
		{ "redis://h", FR_REDIS_TCP, "h", NULL, "", 6379, 0 },
		{ "redis://h/", FR_REDIS_TCP, "h", NULL, "", 6379, 0 },
		{ "redis://127.0.0.1:7000/3", FR_REDIS_TCP, "127.0.0.1", NULL, "", 7000, 3 },
		{ "redis://[::1]:7000/15", FR_REDIS_TCP, "::1", NULL, "", 7000, 15 },
		{ "redis://:secret@h:1/2", FR_REDIS_TCP, "h", "secret", "", 1, 2 },
		{ "redis://:p@ss/w:rd@h", FR_REDIS_TCP, "h", "p@ss/w:rd", "", 6379, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_redis_address r;

		assert_null(fr_address_redis(fr_str_of(rows[i].text), &r));
		assert_int_equal(r.kind, rows[i].kind);
		assert_true(fr_str_is(r.host.name, rows[i].host));
		assert_true(fr_str_is(r.path, rows[i].path));
		assert_int_equal(r.port, rows[i].port);
		assert_int_equal(r.db, rows[i].db);
		assert_int_equal(r.password.p == NULL, rows[i].password == NULL);
		assert_true(rows[i].password == NULL || fr_str_is(r.password, rows[i].password));
	}
}

static void what_is_no_redis_url_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"Embedded",
		"127.0.0.1:6379",
		"unix://run/x",
		"unix:/run/x",
		"rediss://h",
		"redis://",
		"redis:///0",
		"redis://h:0",
		"redis://h/x",
		"redis://h/-1",
		"redis://h/1/2",
		"redis://h/65536",
		"redis://user:pw@h",
		"redis://pw@h",
		"redis://:@h",
		"redis://@h",
		"redis://h?x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_redis_address r;

		if (fr_address_redis(fr_str_of(rows[i]), &r) == NULL)
			fail_msg("accepted: %s", rows[i]);
	}
}

static void the_secret_of_a_url_is_found_even_in_a_broken_one(void **state)
{
	static const struct {
		const char *url, *secret;
	} rows[] = {
		{ "redis://:pw@h", ":pw" }, { "redis://u:p@q@h", "u:p@q" }, { "reds://:pw@", ":pw" },
		{ ":pw@h", ":pw" },         { "redis://h", NULL },          { "", NULL },
		{ "redis://@h", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_str secret = fr_address_secret(fr_str_of(rows[i].url));

		assert_int_equal(secret.p == NULL, rows[i].secret == NULL);
		assert_true(rows[i].secret == NULL || fr_str_is(secret, rows[i].secret));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listen_addresses_are_read),
		cmocka_unit_test(unix_sockets_need_a_path_that_fits),
		cmocka_unit_test(what_is_no_listen_address_is_refused),
		cmocka_unit_test(urls_are_read),
		cmocka_unit_test(what_is_no_url_of_an_api_is_refused),
		cmocka_unit_test(redis_urls_are_read),
		cmocka_unit_test(what_is_no_redis_url_is_refused),
		cmocka_unit_test(the_secret_of_a_url_is_found_even_in_a_broken_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
