#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "conf/load.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct fr_conf *good(const char *text)
{
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;

	if (fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why) != FR_OK)
		fail_msg("%s", why.s);
	return c;
}

static void without_a_file_the_defaults_are_in_force(void **state)
{
	struct fr_errmsg why;
	struct fr_conf *c;

	(void)state;
	assert_int_equal(fr_conf_load(NULL, &c, &why), FR_OK);
	assert_int_equal(c->settings.listen.n, 1);
	assert_string_equal(c->settings.listen.at[0].s, "127.0.0.1:8787");
	assert_string_equal(c->settings.upstream_url.s, "https://api.tikliveapi.com");
	assert_int_equal(c->settings.upstream_timeout.v, 30000);
	assert_int_equal(c->settings.upstream_rate.calls, 200);
	assert_int_equal(c->settings.upstream_rate.window.v, 60000);
	assert_int_equal(c->settings.upstream_body_max, 4 * 1024 * 1024);
	assert_int_equal(c->settings.breaker_failures, 5);
	assert_string_equal(c->settings.redis_url.s, "embedded");
	assert_true(c->settings.validate);
	assert_false(c->settings.may_refresh);
	assert_int_equal(c->settings.log_level, FR_LOG_INFO);
	assert_int_equal(c->settings.status, FR_STATUS_AS_IS);
	for (size_t i = 0; i < FR_ROWS; i++)
		assert_int_equal(c->marks.at[i].line, 0);
	fr_conf_free(c);
	fr_conf_free(NULL);
}

static void every_type_is_read(void **state)
{
	struct fr_conf *c = good(
		"listen: [ '127.0.0.1:0', '[::1]:1', 'unix:/run/f.sock' ]\n"
		"state_dir: /var/lib/x\n"
		"upstream:\n  url: https://h/v1/\n  timeout: 2m\n  rate: none\n  body_max: 1M\n  connections: 7\n"
		"redis: { url: 'redis://:pw@h:1/2', prefix: a-b_c.d }\n"
		"validate: no\nmay_refresh: true\nstatus: native\nlog: { level: debug }\nmemory:\n");

	(void)state;
	assert_int_equal(c->settings.listen.n, 3);
	assert_string_equal(c->settings.listen.at[2].s, "unix:/run/f.sock");
	assert_string_equal(c->settings.state_dir.s, "/var/lib/x");
	assert_string_equal(c->settings.upstream_url.s, "https://h/v1");
	assert_int_equal(c->settings.upstream_timeout.v, 120000);
	assert_int_equal(c->settings.upstream_rate.calls, 0);
	assert_int_equal(c->settings.upstream_body_max, 1024 * 1024);
	assert_int_equal(c->settings.upstream_connections, 7);
	assert_string_equal(c->settings.redis_url.s, "redis://:pw@h:1/2");
	assert_string_equal(c->settings.redis_prefix.s, "a-b_c.d");
	assert_false(c->settings.validate);
	assert_true(c->settings.may_refresh);
	assert_int_equal(c->settings.status, FR_STATUS_NATIVE);
	assert_int_equal(c->settings.log_level, FR_LOG_DEBUG);
	assert_int_equal(c->marks.at[FR_ROW_upstream_url].line, 4);
	assert_int_equal(c->marks.at[FR_ROW_upstream_url].column, 8);
	fr_conf_free(c);
}

static void both_ends_of_a_range_belong_to_it(void **state)
{
	(void)state;
	fr_conf_free(good(
		"memory: { size: 64K }\nupstream: { connections: 1024, rate: 100000/s }\nredis: { memory: 1T, timeout: 10ms }\n"));
	fr_conf_free(good("memory: { size: 1T }\nupstream: { connections: 1, idle: 0 }\nrefresh_min: 0\nlinks_margin: 1d\n"));
	fr_conf_free(good("breaker: { open: 1m, open_max: 1m }\n"));
}

static const struct {
	const char *text, *says;
} bad[] = {
	{ "upstrem:\n  url: x\n", "f.yaml:2:3: unknown setting 'upstrem.url', did you mean 'upstream.url'?" },
	{ "upstream:\n  urls: x\n", "f.yaml:2:3: unknown setting 'upstream.urls', did you mean 'upstream.url'?" },
	{ "lisen: x\n", "f.yaml:1:1: unknown setting 'lisen', did you mean 'listen'?" },
	{ "colour: blue\n", "f.yaml:1:1: unknown setting 'colour'" },
	{ "timeout: 3s\n", "f.yaml:1:1: unknown setting 'timeout', did you mean 'upstream.timeout'?" },
	{ "endpoint: { /x/: { fresh: 1h } }\n", "f.yaml:1:1: unknown setting 'endpoint', did you mean 'endpoints'?" },
	{ "mem: { siz: 1G }\n", "f.yaml:1:1: unknown setting 'mem', did you mean 'memory'?" },
	{ "upstream: { key: sk-secret }\n", "f.yaml:1:13: unknown setting 'upstream.key', did you mean 'upstream.key_file'?" },
	{ "upstream: { url: { x: y } }\n", "f.yaml:1:18: upstream.url: one value is expected, not a map" },
	{ "upstream.url: https://h\n",
	  "f.yaml:1:1: 'upstream.url' is written nested here: the last word on a line of its own under the ones before it" },
	{ "upstream: https://h\n", "f.yaml:1:11: upstream: names and values are expected here, as `name: value`" },
	{ "upstream: [ a ]\n", "f.yaml:1:11: upstream: names and values are expected here, as `name: value`" },
	{ "'': x\n", "f.yaml:1:1: unknown setting ''" },
	{ "upstream:\n  timeout: 2 weks\n", "f.yaml:2:12: upstream.timeout: '2 weks' is not a duration (like 30s, 5m, 14d)" },
	{ "upstream: { timeout: 30 }\n", "f.yaml:1:22: upstream.timeout: '30' is not a duration (like 30s, 5m, 14d)" },
	{ "upstream: { timeout: -1s }\n", "f.yaml:1:22: upstream.timeout: '-1s' is not a duration (like 30s, 5m, 14d)" },
	{ "upstream: { timeout: 99ms }\n", "f.yaml:1:22: upstream.timeout: 99ms is below the minimum of 100ms" },
	{ "upstream: { timeout: 301s }\n", "f.yaml:1:22: upstream.timeout: 301s is above the maximum of 5m" },
	{ "upstream: { timeout: }\n", "f.yaml:1:22: upstream.timeout: the value is missing" },
	{ "upstream: { timeout: '' }\n", "f.yaml:1:22: upstream.timeout: '' is not a duration (like 30s, 5m, 14d)" },
	{ "upstream: { timeout: [1s] }\n", "f.yaml:1:22: upstream.timeout: one value is expected, not a list" },
	{ "memory: { size: 1K }\n", "f.yaml:1:17: memory.size: 1K is below the minimum of 64K" },
	{ "memory: { size: 2T }\n", "f.yaml:1:17: memory.size: 2T is above the maximum of 1T" },
	{ "memory: { size: 1GB }\n", "f.yaml:1:17: memory.size: '1GB' is not a size (like 64K, 256M, 1G)" },
	{ "memory: { size: 99999999999999999999 }\n",
	  "f.yaml:1:17: memory.size: '99999999999999999999' is not a size (like 64K, 256M, 1G)" },
	{ "breaker: { failures: many }\n", "f.yaml:1:22: breaker.failures: 'many' is not a whole number" },
	{ "breaker: { failures: 0 }\n", "f.yaml:1:22: breaker.failures: 0 is below the minimum of 1" },
	{ "breaker: { failures: 5.5 }\n", "f.yaml:1:22: breaker.failures: '5.5' is not a whole number" },
	{ "upstream: { rate: 200/minute }\n",
	  "f.yaml:1:19: upstream.rate: '200/minute' is not a rate (like 200/min, 50/s, none)" },
	{ "upstream: { rate: 0/s }\n", "f.yaml:1:19: upstream.rate: '0/s' is not a rate (like 200/min, 50/s, none)" },
	{ "upstream: { rate: 100001/s }\n", "f.yaml:1:19: upstream.rate: 100001/s is above the maximum of 100000 calls" },
	{ "validate: maybe\n", "f.yaml:1:11: validate: 'maybe' is neither on nor off" },
	{ "validate: ON\n", "f.yaml:1:11: validate: 'ON' is neither on nor off" },
	{ "log: { level: inf }\n",
	  "f.yaml:1:15: log.level: 'inf' is not one of error, warning, info, debug, did you mean 'info'?" },
	{ "log: { level: loud }\n", "f.yaml:1:15: log.level: 'loud' is not one of error, warning, info, debug" },
	{ "status: 404\n", "f.yaml:1:9: status: '404' is not one of as-is, native" },
	{ "upstream: { url: api.x.com }\n",
	  "f.yaml:1:18: upstream.url: 'api.x.com' is not a URL (like https://api.example.com)" },
	{ "upstream: { url: 'http://api.x.com' }\n",
	  "f.yaml:1:18: upstream.url: 'http://api.x.com' would send the API key in clear: use https:// (http:// is for 127.0.0.1, [::1] and "
	  "localhost)" },
	{ "upstream: { url: 'https://me:pw@x.com' }\n",
	  "f.yaml:1:18: upstream.url: 'https://***@x.com' must not hold a user or a password" },
	{ "upstream: { url: 'https://x.com/?k=1' }\n",
	  "f.yaml:1:18: upstream.url: 'https://x.com/?k=1' must end before any '?' or '#'" },
	{ "upstream: { url: 'https://x.com:0' }\n",
	  "f.yaml:1:18: upstream.url: 'https://x.com:0' has a port that is not 1 to 65535" },
	{ "upstream: { url: 'https://' }\n",
	  "f.yaml:1:18: upstream.url: 'https://' lacks a host that is a name, an IPv4 address or an IPv6 address in brackets" },
	{ "redis: { url: 'redis://:geheim@h:x' }\n",
	  "f.yaml:1:15: redis.url: 'redis://:***@h:x' has a port that is not 1 to 65535" },
	{ "redis: { url: 'redis://u:geheim@h' }\n",
	  "f.yaml:1:15: redis.url: 'redis://***@h' has something other than ':password' before its '@'" },
	{ "redis: { url: 'rediss://h' }\n",
	  "f.yaml:1:15: redis.url: 'rediss://h' asks for TLS to Redis, which is not supported: use redis:// "
	  "through a tunnel or on a private network" },
	{ "redis: { url: 'h:6379' }\n",
	  "f.yaml:1:15: redis.url: 'h:6379' is not embedded, unix:///path or redis://[:password@]host:port/db" },
	{ "redis: { url: 'redis://:pw@h', password_file: /x }\n",
	  "f.yaml:1:47: redis.password_file: redis.url holds a password already" },
	{ "redis: { prefix: 'a{b' }\n", "f.yaml:1:18: redis.prefix: 'a{b' may hold letters, digits and - _ . : only" },
	{ "redis: { prefix: '' }\n", "f.yaml:1:18: redis.prefix: a word of 1 to 64 characters is expected" },
	{ "redis: { server: '' }\n", "f.yaml:1:18: redis.server: must not be empty" },
	{ "listen: 0.0.0.0:8787\n",
	  "f.yaml:1:9: listen: '0.0.0.0:8787' can be reached from other machines: add `clients:` with keys (frugalctl key new NAME makes one), "
	  "or use 127.0.0.1, [::1], localhost or unix:/path" },
	{ "admin:\n  listen:\n    - 127.0.0.1:1\n    - '[::]:2'\n",
	  "f.yaml:4:7: admin.listen: '[::]:2' can be reached from other machines, and nobody is checked there: use 127.0.0.1, [::1], localhost "
	  "or unix:/path, and put a proxy that checks its clients before it" },
	{ "listen: 8787\n",
	  "f.yaml:1:9: listen: '8787' is not an address (like 127.0.0.1:8787, [::1]:8787 or unix:/run/frugald.sock)" },
	{ "listen: 127.0.0.1\n", "f.yaml:1:9: listen: '127.0.0.1' lacks a port (like 127.0.0.1:8787)" },
	{ "listen: 127.0.0.1:70000\n", "f.yaml:1:9: listen: '127.0.0.1:70000' has a port that is not 0 to 65535" },
	{ "listen: unix:x\n", "f.yaml:1:9: listen: 'unix:x' lacks a path that begins with '/'" },
	{ "listen: []\n", "f.yaml:1:9: listen: an address is missing" },
	{ "listen: [127.0.0.1:1, 127.0.0.1:1]\n", "f.yaml:1:23: listen: '127.0.0.1:1' is listed twice" },
	{ "listen: [a:1, b:1]\n",
	  "f.yaml:1:10: listen: 'a:1' can be reached from other machines: add `clients:` with keys (frugalctl key new NAME makes one), or use "
	  "127.0.0.1, [::1], localhost or unix:/path" },
	{ "listen: [127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3, 127.0.0.1:4, 127.0.0.1:5, 127.0.0.1:6, 127.0.0.1:7, 127.0.0.1:8, 127.0.0.1:9]\n",
	  "f.yaml:1:114: listen: more than 8 addresses" },
	{ "listen: 127.0.0.1:8788\n", "f.yaml:1:9: listen and admin.listen both name 127.0.0.1:8788" },
	{ "admin: { listen: 127.0.0.1:8787 }\n", "f.yaml:1:18: listen and admin.listen both name 127.0.0.1:8787" },
	{ "breaker: { open: 2m }\n", "f.yaml:1:18: breaker.open (2m) is longer than breaker.open_max (1m)" },
	{ "breaker: { open_max: 5s }\n", "f.yaml:1:22: breaker.open (10s) is longer than breaker.open_max (5s)" },
	{ "catalogue: /nowhere/at/all.yaml\n",
	  "f.yaml:1:12: catalogue: /nowhere/at/all.yaml cannot be read: No such file or directory" },
	{ "memory: { size: 1G }\nmemory: { size: 2G }\n", "f.yaml:2:1: 'memory' is given twice, first in line 1, column 1" },
};

static void the_first_mistake_is_named_with_its_place(void **state)
{
	(void)state;
	assert_true(COUNT(bad) >= 40);
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct fr_conf *untouched = (struct fr_conf *)(void *)&i, *c = untouched;
		struct fr_errmsg why = { "" };

		assert_int_not_equal(fr_conf_parse(fr_str_of(bad[i].text), "f.yaml", &c, &why), FR_OK);
		assert_string_equal(why.s, bad[i].says);
		assert_ptr_equal(c, untouched);
	}
}

static void long_values_are_shown_in_part_and_refused(void **state)
{
	char text[1024] = "state_dir: /";
	struct fr_errmsg why;
	struct fr_conf *c;

	(void)state;
	memset(text + 12, 'x', 510);
	c = good(text);
	assert_int_equal(strlen(c->settings.state_dir.s), 511);
	fr_conf_free(c);
	text[12 + 510] = 'x';
	assert_int_equal(fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:1:12: state_dir: longer than 511 bytes");
	memcpy(text, "validate: ", 10);
	assert_int_equal(fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why), FR_INVALID);
	assert_string_equal(why.s,
			    "f.yaml:1:12: validate: '/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is neither on nor off");
}

static void a_file_that_cannot_be_read_is_an_error_of_the_outside(void **state)
{
	struct fr_errmsg why;
	struct fr_conf *c = NULL;

	(void)state;
	assert_int_equal(fr_conf_load("/nowhere/frugald.yaml", &c, &why), FR_IO);
	assert_string_equal(why.s, "/nowhere/frugald.yaml: cannot be read: No such file or directory");
	assert_int_equal(fr_conf_load("/", &c, &why), FR_IO);
	assert_string_equal(why.s, "/: cannot be read: Is a directory");
	assert_null(c);
}

static void settings_that_need_a_restart_are_listed(void **state)
{
	struct fr_conf *old = good("redis: { url: 'redis://:a@h' }\nlog: { level: debug }\n");
	struct fr_conf *new = good(
		"redis: { url: 'redis://:b@h', lease: 6s }\nlisten: [127.0.0.1:1, 127.0.0.1:2]\nvalidate: off\n");
	struct fr_buf b;
	size_t n;

	(void)state;
	fr_buf_init(&b, 4096);
	assert_int_equal(fr_settings_restart(&b, &old->settings, &new->settings, &n), FR_OK);
	assert_int_equal(n, 3);
	assert_true(fr_str_is(fr_buf_str(&b), "listen, redis.url, redis.lease"));
	fr_buf_clear(&b);
	assert_int_equal(fr_settings_restart(&b, &old->settings, &old->settings, &n), FR_OK);
	assert_int_equal(n, 0);
	fr_buf_free(&b);
	fr_conf_free(old);
	fr_conf_free(new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_file_the_defaults_are_in_force),
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(both_ends_of_a_range_belong_to_it),
		cmocka_unit_test(the_first_mistake_is_named_with_its_place),
		cmocka_unit_test(long_values_are_shown_in_part_and_refused),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_of_the_outside),
		cmocka_unit_test(settings_that_need_a_restart_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
