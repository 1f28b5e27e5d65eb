#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "conf/load.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KEY_A "aa00000000000000000000000000000000000000000000000000000000000000"
#define KEY_B "bb00000000000000000000000000000000000000000000000000000000000000"
#define KEY_C "CC00000000000000000000000000000000000000000000000000000000000000"

static struct fr_conf *good(const char *text)
{
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;

	if (fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why) != FR_OK)
		fail_msg("%s", why.s);
	return c;
}

static const struct fr_client *keyed(const struct fr_conf *c, unsigned char first)
{
	unsigned char key[FR_SHA256_BYTES] = { first };
	const struct fr_client *found = fr_roster_find(&c->roster, key);

	assert_non_null(found);
	return found;
}

static const char *tenant_of(const struct fr_conf *c, const struct fr_client *client)
{
	return c->roster.tenants[client->standing.tenant].name;
}

static const struct fr_endpoint *row(const struct fr_conf *c, const char *path)
{
	return fr_catalogue_find(&c->catalogue, fr_str_of(path));
}

static void without_clients_there_is_one_without_a_key(void **state)
{
	static const char *const rows[] = { "", "clients:\n", "clients: []\n", "tiers: {}\nclients: ~\nbudgets: []\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_conf *c = good(rows[i]);

		assert_int_equal(c->roster.n_clients, 1);
		assert_int_equal(c->roster.n_tenants, 1);
		assert_int_equal(c->roster.n_tiers, 1);
		assert_string_equal(fr_roster_find(&c->roster, NULL)->name, "default");
		fr_conf_free(c);
	}
}

static void every_key_of_a_client_is_read(void **state)
{
	struct fr_conf *c = good("may_refresh: on\n"
				 "tiers: { pro: { weight: 3 } }\n"
				 "clients:\n"
				 "  - { name: c, key_sha256: " KEY_C " }\n"
				 "  - { name: nobody, priority: prewarm }\n"
				 "  - { name: a, key_sha256: " KEY_A
				 ", tenant: acme, tier: pro, priority: batch, may_refresh: off }\n"
				 "  - { name: b, key_sha256: " KEY_B ", tenant: acme }\n");
	const struct fr_client *a = keyed(c, 0xAA), *b = keyed(c, 0xBB), *last = keyed(c, 0xCC);
	const struct fr_client *nobody = fr_roster_find(&c->roster, NULL);

	(void)state;
	assert_int_equal(c->roster.n_clients, 4);
	assert_ptr_equal(a, &c->roster.clients[0]); /* by their keys, not in the order of the text */
	assert_ptr_equal(b, &c->roster.clients[1]);
	assert_ptr_equal(last, &c->roster.clients[2]);

	assert_string_equal(a->name, "a");
	assert_string_equal(tenant_of(c, a), "acme");
	assert_string_equal(c->roster.tiers[a->standing.tier].name, "pro");
	assert_int_equal(a->standing.priority, FR_PRIORITY_BATCH);
	assert_false(a->standing.may_refresh);

	assert_int_equal(b->standing.tenant, a->standing.tenant);
	assert_int_equal(b->standing.tier, 0);
	assert_int_equal(b->standing.priority, FR_PRIORITY_INTERACTIVE);
	assert_true(b->standing.may_refresh);

	assert_string_equal(tenant_of(c, last), "c");
	assert_string_equal(nobody->name, "nobody");
	assert_int_equal(nobody->standing.tenant, 0);
	assert_int_equal(nobody->standing.priority, FR_PRIORITY_PREWARM);
	assert_int_equal(c->roster.n_tenants, 3);
	fr_conf_free(c);
}

static void a_client_pays_for_itself_unless_it_says_who_does(void **state)
{
	static const struct {
		const char *entry, *tenant;
	} rows[] = {
		{ "{ name: x, key_sha256: " KEY_A " }", "x" },
		{ "{ name: x, key_sha256: " KEY_A ", tenant: y }", "y" },
		{ "{ name: x, key_sha256: " KEY_A ", tenant: default }", "default" },
		{ "{ name: default, key_sha256: " KEY_A " }", "default" },
		{ "{ name: default, key_sha256: " KEY_A ", tenant: y }", "y" },
		{ "{ name: x }", "default" },
		{ "{ name: x, tenant: x }", "x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[256];
		struct fr_conf *c;

		(void)snprintf(text, sizeof(text), "clients: [ %s ]\n", rows[i].entry);
		c = good(text);
		assert_string_equal(tenant_of(c, &c->roster.clients[0]), rows[i].tenant);
		assert_string_equal(c->roster.tenants[0].name, "default");
		fr_conf_free(c);
	}
}

static void a_tenant_weighs_as_much_as_its_best_tier(void **state)
{
	struct fr_conf *c = good("tiers: { low: { weight: 2 }, high: { weight: 1000 }, plain: {} }\n"
				 "clients:\n"
				 "  - { name: a, key_sha256: " KEY_A ", tenant: t, tier: high }\n"
				 "  - { name: b, key_sha256: " KEY_B ", tenant: t, tier: low }\n"
				 "  - { name: c, key_sha256: " KEY_C ", tier: plain }\n"
				 "  - { name: d, tier: low }\n");

	(void)state;
	assert_int_equal(c->roster.tenants[fr_roster_tenant(&c->roster, FR_STR("t"))].weight, 1000);
	assert_int_equal(c->roster.tenants[fr_roster_tenant(&c->roster, FR_STR("c"))].weight, 1);
	assert_int_equal(c->roster.tenants[0].weight, 2);
	fr_conf_free(c);
}

static void the_fields_that_a_client_reads_are_bits_of_the_shape(void **state)
{
	struct fr_conf *c = good(
		"clients:\n"
		"  - { name: a, key_sha256: " KEY_A ", fields: { /post-detail/: [ title, play_count ], userid: id } }\n"
		"  - { name: b, key_sha256: " KEY_B ", fields: { /post-detail/: [ title, brand_new ], /ads-detail/: x } }\n"
		"  - { name: c }\n");
	const struct fr_endpoint *post = row(c, "/post-detail/");
	uint64_t title = UINT64_C(1) << fr_shape_find(&post->shape, FR_STR("title"));
	uint64_t plays = UINT64_C(1) << fr_shape_find(&post->shape, FR_STR("play_count"));
	const struct fr_reader *a = &c->roster.readers[keyed(c, 0xAA)->standing.reader];
	const struct fr_reader *b = &c->roster.readers[keyed(c, 0xBB)->standing.reader];

	(void)state;
	assert_true(a->needs[post->index].bits == (title | plays) && !a->needs[post->index].unknown);
	assert_true(a->needs[row(c, "/userid/")->index].bits == 1);
	assert_int_equal(a->needs[row(c, "/music-info/")->index].bits, 0);
	assert_true(b->needs[post->index].bits == 0 && b->needs[post->index].unknown);
	assert_true(b->needs[row(c, "/ads-detail/")->index].unknown); /* of which no field is known */
	assert_int_equal(fr_roster_find(&c->roster, NULL)->standing.reader, 0);
	assert_int_equal(c->roster.readers[0].needs[post->index].bits, 0);
	fr_conf_free(c);
}

static void tiers_have_times_of_their_own(void **state)
{
	struct fr_conf *c = good("endpoints: { userid: { fresh: 5h } }\n"
				 "tiers:\n"
				 "  pro: { fresh: { /user-posts/: 30m, userid: 0, user-stories/: 2h } }\n"
				 "  free: { fresh: { /user-posts/: 12h, /userid: 4h } }\n");
	const struct fr_tier *pro = &c->roster.tiers[1], *free_tier = &c->roster.tiers[2];

	(void)state;
	assert_int_equal(c->roster.n_tiers, 3);
	assert_int_equal(pro->fresh[row(c, "/user-posts/")->index].v, 30 * 60000);
	assert_int_equal(pro->fresh[row(c, "/userid/")->index].v, 0);
	assert_int_equal(pro->fresh[row(c, "/post-detail/")->index].v, -1);
	assert_int_equal(free_tier->fresh[row(c, "/user-posts/")->index].v, 12 * 3600000);
	assert_int_equal(row(c, "/user-posts/")->fresh.v, 3600000);
	fr_conf_free(c);
}

static void other_machines_may_ask_with_keys_only(void **state)
{
	(void)state;
	fr_conf_free(good("listen: 0.0.0.0:8787\nclients: [ { name: a, key_sha256: " KEY_A " } ]\n"));
	fr_conf_free(good("listen: [ 127.0.0.1:1, '[::]:8787', 'host.example:1' ]\nclients: [ { name: a, key_sha256: " KEY_A
			  " } ]\n"));
	fr_conf_free(good("listen: [ 'unix:/run/x', 127.0.0.1:1 ]\nclients: [ { name: a } ]\n"));
}

#define OPEN "can be reached from other machines"

static const struct {
	const char *text, *says;
} bad[] = {
	{ "clients: { name: a }\n", "1:10: clients: a list is expected here, with a dash before each entry" },
	{ "clients: a\n", "1:10: clients: a list is expected here, with a dash before each entry" },
	{ "clients: [ a ]\n", "1:12: clients: names and values are expected here, as `name: value`" },
	{ "clients: [ {} ]\n", "1:12: clients: name is missing" },
	{ "clients:\n  -\n", "2:4: clients: name is missing" },
	{ "clients: [ { nam: a } ]\n", "1:14: clients: unknown key 'nam', did you mean 'name'?" },
	{ "clients: [ { name: a, fields: [] } ]\n",
	  "1:31: clients.fields: names and values are expected here, as `name: value`" },
	{ "clients: [ { name: a, fields: { /post-detale/: id } } ]\n",
	  "1:33: clients.fields: unknown path '/post-detale/', did you mean '/post-detail/'?" },
	{ "clients: [ { name: a, fields: { /userid/: id, userid: id } } ]\n",
	  "1:47: clients.fields: path '/userid/' is given twice" },
	{ "clients: [ { name: a, fields: { /userid/: {} } } ]\n",
	  "1:43: clients.fields./userid/: one value is expected, not a map" },
	{ "clients: [ { name: a, fields: { /userid/: [ 'a,b' ] } } ]\n",
	  "1:45: clients.fields./userid/: 'a,b' is no field's name" },
	{ "clients: [ { name: a, fields: { /userid/: '' } } ]\n",
	  "1:43: clients.fields./userid/: a field's name has 1 to 63 bytes" },
	{ "clients: [ { name: a, max_pages: 3 } ]\n",
	  "1:34: clients.max_pages: names and values are expected here, as `name: value`" },
	{ "clients: [ { name: a, max_pages: { /search-vide/: 3 } } ]\n",
	  "1:36: clients.max_pages: unknown path '/search-vide/', did you mean '/search-video/'?" },
	{ "clients: [ { name: a, max_pages: { /post-detail/: 3 } } ]\n",
	  "1:36: clients.max_pages: path '/post-detail/' has no pages that can be counted" },
	{ "clients: [ { name: a, max_pages: { /search-video/: 3, search-video: 4 } } ]\n",
	  "1:55: clients.max_pages: path '/search-video/' is given twice" },
	{ "clients: [ { name: a, max_pages: { /search-video/: 0 } } ]\n",
	  "1:52: clients.max_pages./search-video/: 0 is below the minimum of 1" },
	{ "clients: [ { name: a, key: sk-secret } ]\n", "1:23: clients: unknown key 'key', did you mean 'key_sha256'?" },
	{ "clients: [ { name: '' } ]\n", "1:20: clients.name: a word of 1 to 63 characters is expected" },
	{ "clients: [ { name: ~ } ]\n", "1:20: clients.name: the value is missing" },
	{ "clients: [ { name: a b } ]\n", "1:20: clients.name: 'a b' may hold letters, digits and - _ . only" },
	{ "clients: [ { name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx } ]\n",
	  "1:20: clients.name: a word of 1 to 63 characters is expected" },
	{ "clients: [ { name: a, key_sha256: " KEY_A " }, { name: a, key_sha256: " KEY_B " } ]\n",
	  "1:111: clients.name: there is a client 'a' already" },
	{ "clients: [ { name: a, key_sha256: sk-secret } ]\n",
	  "1:35: clients.key_sha256: 64 hex digits are expected, the SHA-256 of the key (frugalctl key new NAME makes one)" },
	{ "clients: [ { name: a, key_sha256: " KEY_A "0 } ]\n",
	  "1:35: clients.key_sha256: 64 hex digits are expected, the SHA-256 of the key (frugalctl key new NAME makes one)" },
	{ "clients: [ { name: a, key_sha256: xx00000000000000000000000000000000000000000000000000000000000000 } ]\n",
	  "1:35: clients.key_sha256: 64 hex digits are expected, the SHA-256 of the key (frugalctl key new NAME makes one)" },
	{ "clients: [ { name: a, key_sha256: } ]\n", "1:35: clients.key_sha256: the value is missing" },
	{ "clients:\n  - { name: a, key_sha256: " KEY_A " }\n  - { name: b, key_sha256: '" KEY_A "' }\n",
	  "3:28: clients.key_sha256: client 'a' has the same key" },
	{ "clients: [ { name: a }, { name: b } ]\n",
	  "1:25: clients: neither 'a' nor 'b' has a key_sha256; one client at the most may be without" },
	{ "clients: [ { name: a, tenant: 'a:b' } ]\n", "1:31: clients.tenant: 'a:b' may hold letters, digits and - _ . only" },
	{ "clients: [ { name: a, tier: pro } ]\n", "1:29: clients.tier: there is no tier 'pro' under tiers:" },
	{ "tiers: { pro: {} }\nclients: [ { name: a, tier: prp } ]\n",
	  "2:29: clients.tier: there is no tier 'prp' under tiers:, did you mean 'pro'?" },
	{ "clients: [ { name: a, priority: high } ]\n",
	  "1:33: clients.priority: 'high' is not one of interactive, refresh, poll, batch, prewarm" },
	{ "clients: [ { name: a, priority: batsh } ]\n",
	  "1:33: clients.priority: 'batsh' is not one of interactive, refresh, poll, batch, prewarm, did you mean 'batch'?" },
	{ "clients: [ { name: a, may_refresh: maybe } ]\n", "1:36: clients.may_refresh: 'maybe' is neither on nor off" },
	{ "clients: [ { name: a, budget: 1000 } ]\n",
	  "1:31: clients.budget: names and values are expected here, as `name: value`" },
	{ "clients: [ { name: a, budget: { window: day } } ]\n", "1:31: clients.budget: credits is missing" },
	{ "clients: [ { name: a, budget: { scope: all, window: day, credits: 1 } } ]\n",
	  "1:33: clients.budget: unknown key 'scope'" },
	{ "clients: [ { name: a, budget: { window: week, credits: 1 } } ]\n",
	  "1:41: clients.budget.window: 'week' is not one of hour, day, month" },
	{ "clients:\n"
	  "  - { name: a, key_sha256: " KEY_A ", tenant: t, budget: { window: day, credits: 1 } }\n"
	  "  - { name: b, key_sha256: " KEY_B ", tenant: t, budget: { window: day, credits: 1 } }\n",
	  "3:113: clients.budget: 'tenant:t' has a budget for each day already" },
	{ "tiers: [ pro ]\n", "1:8: tiers: names and values are expected here, as `name: value`" },
	{ "tiers: { pro: { wait: 3 } }\n", "1:17: tiers.pro: unknown key 'wait'" },
	{ "tiers: { pro: { weigth: 3 } }\n", "1:17: tiers.pro: unknown key 'weigth', did you mean 'weight'?" },
	{ "tiers: { pro: { weight: 0 } }\n", "1:25: tiers.pro.weight: 0 is below the minimum of 1" },
	{ "tiers: { pro: { weight: 1001 } }\n", "1:25: tiers.pro.weight: 1001 is above the maximum of 1000" },
	{ "tiers: { a b: {} }\n", "1:10: tiers: 'a b' may hold letters, digits and - _ . only" },
	{ "tiers: { pro: 3 }\n", "1:15: tiers.pro: names and values are expected here, as `name: value`" },
	{ "tiers: { default: { weight: 3 } }\n",
	  "1:10: tiers: 'default' is the tier of those who have no other: its times are set under endpoints:" },
	{ "tiers: { pro: { fresh: 1h } }\n", "1:24: tiers.pro.fresh: names and values are expected here, as `name: value`" },
	{ "tiers: { pro: { fresh: { /user-post/: 1h } } }\n",
	  "1:26: tiers.pro.fresh: unknown path '/user-post/', did you mean '/user-posts/'?" },
	{ "tiers: { pro: { fresh: { other: 1h } } }\n", "1:26: tiers.pro.fresh: unknown path 'other'" },
	{ "tiers: { pro: { fresh: { userid: 1h, /userid/: 1h } } }\n", "1:38: tiers.pro.fresh: path '/userid/' is given twice" },
	{ "tiers: { pro: { fresh: { userid: soon } } }\n",
	  "1:34: tiers.pro.fresh.userid: 'soon' is not a duration (like 30s, 5m, 14d)" },
	{ "tiers: { pro: { fresh: { userid: -1s } } }\n",
	  "1:34: tiers.pro.fresh.userid: '-1s' is not a duration (like 30s, 5m, 14d)" },
	{ "tier: { pro: {} }\n", "1:1: unknown setting 'tier', did you mean 'tiers'?" },
	{ "client: [ { name: a } ]\n", "1:1: unknown setting 'client', did you mean 'clients'?" },
	{ "listen: [ 127.0.0.1:1, 0.0.0.0:8787 ]\n",
	  "1:24: listen: '0.0.0.0:8787' " OPEN
	  ": add `clients:` with keys (frugalctl key new NAME makes one), or use 127.0.0.1, [::1], "
	  "localhost or unix:/path" },
	{ "listen: '[::]:8787'\nclients: []\n",
	  "1:9: listen: '[::]:8787' " OPEN
	  ": add `clients:` with keys (frugalctl key new NAME makes one), or use 127.0.0.1, [::1], localhost "
	  "or unix:/path" },
	{ "listen: 10.0.0.1:8787\nclients:\n  - { name: a, key_sha256: " KEY_A " }\n  - { name: b }\n",
	  "4:5: clients: 'b' has no key_sha256 (frugalctl key new NAME makes one), and listen: '10.0.0.1:8787' " OPEN },
	{ "admin: { listen: 0.0.0.0:1 }\nclients: [ { name: a, key_sha256: " KEY_A " } ]\n",
	  "1:18: admin.listen: '0.0.0.0:1' " OPEN
	  ", and nobody is checked there: use 127.0.0.1, [::1], localhost or unix:/path, and put a "
	  "proxy that checks its clients before it" },
};

static void the_first_mistake_is_named_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;
		char says[FR_ERRMSG_MAX];

		(void)snprintf(says, sizeof(says), "f.yaml:%s", bad[i].says);
		assert_int_equal(fr_conf_parse(fr_str_of(bad[i].text), "f.yaml", &c, &why), FR_INVALID);
		assert_string_equal(why.s, says);
		assert_null(strstr(why.s, "secret"));
		assert_null(c);
	}
}

/* `n` clients with keys, each for a tenant of its own or all for one. */
static char *many(size_t n, const char *tenant)
{
	size_t size = 64 + n * 160, used;
	char *text = malloc(size);

	assert_non_null(text);
	used = (size_t)snprintf(text, size, "clients:\n");
	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, size - used, "- { name: c%zu, key_sha256: '%064zx'%s }\n", i,
					 i * 7919 % 4096, tenant);
	assert_true(used < size);
	return text;
}

static void the_roster_has_its_limits(void **state)
{
	static const struct {
		size_t n;
		const char *tenant, *says;
	} rows[] = {
		{ 1024, ", tenant: t", NULL },
		{ 1025, ", tenant: t", "f.yaml:1026:3: clients: more than 1024" },
		{ 255, "", NULL },
		{ 256, "", "f.yaml:257:3: clients: more than 255 tenants: let clients share one (tenant: NAME)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = many(rows[i].n, rows[i].tenant);
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;

		if (rows[i].says == NULL) {
			c = good(text);
			assert_int_equal(c->roster.n_clients, rows[i].n);
			for (size_t j = 1; j < rows[i].n; j++)
				assert_true(memcmp(c->roster.clients[j - 1].key_sha256, c->roster.clients[j].key_sha256,
						   FR_SHA256_BYTES) < 0);
		} else {
			assert_int_equal(fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why), FR_INVALID);
			assert_string_equal(why.s, rows[i].says);
		}
		fr_conf_free(c);
		free(text);
	}
}

static void there_are_at_most_31_tiers_of_the_operators(void **state)
{
	char text[1024];
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;

	(void)state;
	for (size_t n = FR_TIERS_MAX - 1; n <= FR_TIERS_MAX; n++) {
		size_t used = (size_t)snprintf(text, sizeof(text), "tiers:\n");

		for (size_t i = 0; i < n; i++)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "  t%zu: {}\n", i);
		if (n < FR_TIERS_MAX)
			fr_conf_free(good(text));
	}
	assert_int_equal(fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:33:3: tiers: more than 31");
}

static void how_deep_a_client_may_read_is_said_by_path(void **state)
{
	struct fr_conf *c = good("clients:\n"
				 "  - { name: a, key_sha256: " KEY_A
				 ", max_pages: { /search-video/: 3, user-followers: 65535 } }\n"
				 "  - { name: b }\n");
	const struct fr_client *a = keyed(c, 0xAA), *b = fr_roster_find(&c->roster, NULL);

	(void)state;
	for (size_t i = 0; i < c->catalogue.n; i++) {
		const struct fr_endpoint *e = &c->catalogue.rows[i];
		bool one = e == row(c, "/search-video/"), other = e == row(c, "/user-followers/");

		assert_int_equal(a->max_pages[i], one ? 3 : other ? 65535 : 0);
		assert_int_equal(b->max_pages[i], 0);
	}
	fr_conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_clients_there_is_one_without_a_key),
		cmocka_unit_test(every_key_of_a_client_is_read),
		cmocka_unit_test(how_deep_a_client_may_read_is_said_by_path),
		cmocka_unit_test(a_client_pays_for_itself_unless_it_says_who_does),
		cmocka_unit_test(a_tenant_weighs_as_much_as_its_best_tier),
		cmocka_unit_test(the_fields_that_a_client_reads_are_bits_of_the_shape),
		cmocka_unit_test(tiers_have_times_of_their_own),
		cmocka_unit_test(other_machines_may_ask_with_keys_only),
		cmocka_unit_test(the_first_mistake_is_named_with_its_place),
		cmocka_unit_test(the_roster_has_its_limits),
		cmocka_unit_test(there_are_at_most_31_tiers_of_the_operators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
