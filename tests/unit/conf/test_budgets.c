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
#include "unit/core/zones.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define KEY_A "aa00000000000000000000000000000000000000000000000000000000000000"
#define KEY_B "bb00000000000000000000000000000000000000000000000000000000000000"

static struct fr_conf *good(const char *text)
{
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;

	if (fr_conf_parse(fr_str_of(text), "f.yaml", &c, &why) != FR_OK)
		fail_msg("%s", why.s);
	return c;
}

static const struct fr_budget *named(const struct fr_conf *c, const char *name)
{
	for (size_t i = 0; i < c->budgets.n; i++)
		if (strcmp(c->budgets.at[i].name, name) == 0)
			return &c->budgets.at[i];
	fail_msg("there is no budget %s", name);
	return NULL;
}

static size_t row_index(const struct fr_conf *c, const char *path)
{
	return fr_catalogue_find(&c->catalogue, fr_str_of(path))->index;
}

static void without_budgets_there_are_none(void **state)
{
	static const char *const rows[] = { "", "budgets:\n", "budgets: []\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_conf *c = good(rows[i]);

		assert_int_equal(c->budgets.n, 0);
		assert_int_equal(c->budgets.n_zones, 0);
		fr_conf_free(c);
	}
}

static void every_scope_and_every_window_is_read(void **state)
{
	struct fr_conf *c = good("clients: [ { name: a, key_sha256: " KEY_A ", tenant: acme } ]\n"
				 "budgets:\n"
				 "  - { scope: all, window: month, credits: 3000000, timezone: Europe/Berlin, start_day: 31 }\n"
				 "  - { scope: 'tenant:acme', window: day, credits: 20000 }\n"
				 "  - { scope: endpoint:user-posts, window: hour, credits: 0, timezone: Asia/Kolkata }\n"
				 "  - { scope: endpoint:other, window: hour, credits: 1 }\n"
				 "  - { credits: 1000000000000000, window: day, timezone: Europe/Berlin, scope: class:batch }\n"
				 "  - { scope: all, window: day, credits: 1, timezone: UTC }\n");
	const struct {
		const char *name;
		enum fr_scope scope;
		size_t subject;
		enum fr_window_kind window;
		int start_day;
		const char *zone;
		int64_t credits;
	} rows[] = {
		{ "all/month", FR_SCOPE_ALL, 0, FR_WINDOW_MONTH, 31, "Europe/Berlin", 3000000 },
		{ "tenant:acme/day", FR_SCOPE_TENANT, 1, FR_WINDOW_DAY, 1, "UTC", 20000 },
		{ "endpoint:/user-posts//hour", FR_SCOPE_ENDPOINT, row_index(c, "/user-posts/"), FR_WINDOW_HOUR, 1,
		  "Asia/Kolkata", 0 },
		{ "endpoint:other/hour", FR_SCOPE_ENDPOINT, c->catalogue.n - 1, FR_WINDOW_HOUR, 1, "UTC", 1 },
		{ "class:batch/day", FR_SCOPE_CLASS, FR_PRIORITY_BATCH, FR_WINDOW_DAY, 1, "Europe/Berlin",
		  INT64_C(1000000000000000) },
		{ "all/day", FR_SCOPE_ALL, 0, FR_WINDOW_DAY, 1, "UTC", 1 },
	};

	(void)state;
	assert_int_equal(c->budgets.n, COUNT(rows));
	assert_int_equal(c->budgets.n_zones, 3);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct fr_budget *b = &c->budgets.at[i];

		assert_string_equal(b->name, rows[i].name);
		assert_int_equal(b->scope, rows[i].scope);
		assert_int_equal(b->subject, rows[i].subject);
		assert_int_equal(b->window, rows[i].window);
		assert_int_equal(b->start_day, rows[i].start_day);
		assert_string_equal(c->budgets.zones[b->zone].name, rows[i].zone);
		assert_int_equal(b->credits, rows[i].credits);
	}
	fr_conf_free(c);
}

static void a_budgets_window_is_of_its_own_calendar(void **state)
{
	struct fr_conf *c = good("budgets:\n"
				 "  - { scope: all, window: month, credits: 1, timezone: Europe/Berlin, start_day: 31 }\n"
				 "  - { scope: all, window: day, credits: 1, timezone: America/New_York }\n");
	struct fr_window month = fr_budget_window(&c->budgets, named(c, "all/month"), at(2026, 3, 30, 22, 0));
	struct fr_window day = fr_budget_window(&c->budgets, named(c, "all/day"), at(2026, 11, 1, 12, 0));

	(void)state;
	assert_int_equal(month.start.v, at(2026, 3, 30, 22, 0).v);
	assert_int_equal(month.end.v, at(2026, 4, 29, 22, 0).v);
	assert_int_equal(day.start.v, at(2026, 11, 1, 4, 0).v);
	assert_int_equal(day.end.v, at(2026, 11, 2, 5, 0).v);
	fr_conf_free(c);
}

static void a_clients_budget_is_its_tenants(void **state)
{
	struct fr_conf *c = good(
		"clients:\n"
		"  - { name: b, key_sha256: " KEY_B ", budget: { window: month, credits: 5, start_day: 15 } }\n"
		"  - { name: a, key_sha256: " KEY_A
		", tenant: acme, budget: { window: day, credits: 1000, timezone: Asia/Tokyo } }\n"
		"  - { name: n, budget: { window: hour, credits: 3 } }\n"
		"budgets: [ { scope: all, window: day, credits: 9 }, { scope: 'tenant:b', window: hour, credits: 1 } ]\n");
	const struct fr_budget *acme = named(c, "tenant:acme/day"), *b = named(c, "tenant:b/month");

	(void)state;
	assert_int_equal(c->budgets.n, 5);
	assert_string_equal(c->roster.tenants[acme->subject].name, "acme");
	assert_int_equal(acme->credits, 1000);
	assert_string_equal(c->budgets.zones[acme->zone].name, "Asia/Tokyo");
	assert_string_equal(c->roster.tenants[b->subject].name, "b");
	assert_int_equal(b->start_day, 15);
	assert_int_equal(named(c, "tenant:default/hour")->subject, 0);
	assert_string_equal(c->roster.tenants[named(c, "tenant:b/hour")->subject].name, "b");
	fr_conf_free(c);
}

static void without_clients_the_only_tenant_is_the_default(void **state)
{
	struct fr_conf *c = good("budgets: [ { scope: 'tenant:default', window: day, credits: 9 } ]\n");

	(void)state;
	assert_int_equal(named(c, "tenant:default/day")->subject, 0);
	fr_conf_free(c);
}

static const struct {
	const char *text, *says;
} bad[] = {
	{ "budgets: { scope: all }\n", "1:10: budgets: a list is expected here, with a dash before each entry" },
	{ "budgets: [ all ]\n", "1:12: budgets: names and values are expected here, as `name: value`" },
	{ "budgets: [ { window: day, credits: 1 } ]\n", "1:12: budgets: scope is missing" },
	{ "budgets: [ { scope: all, credits: 1 } ]\n", "1:12: budgets: window is missing" },
	{ "budgets: [ { scope: all, window: day } ]\n", "1:12: budgets: credits is missing" },
	{ "budgets: [ { scope: all, window: day, credit: 1 } ]\n",
	  "1:39: budgets: unknown key 'credit', did you mean 'credits'?" },
	{ "budgets: [ { scope: [all], window: day, credits: 1 } ]\n", "1:21: budgets.scope: one value is expected, not a list" },
	{ "budgets: [ { scope: everything, window: day, credits: 1 } ]\n",
	  "1:21: budgets.scope: 'everything' is not all, tenant:NAME, endpoint:/path/ or class:NAME" },
	{ "budgets: [ { scope: 'tennant:a', window: day, credits: 1 } ]\n",
	  "1:21: budgets.scope: 'tennant:a' is not all, tenant:NAME, endpoint:/path/ or class:NAME, did you mean 'tenant'?" },
	{ "budgets: [ { scope: tenant, window: day, credits: 1 } ]\n",
	  "1:21: budgets.scope: 'tenant' is not all, tenant:NAME, endpoint:/path/ or class:NAME" },
	{ "budgets: [ { scope: 'all:x', window: day, credits: 1 } ]\n",
	  "1:21: budgets.scope: 'all:x' is not all, tenant:NAME, endpoint:/path/ or class:NAME" },
	{ "budgets: [ { scope: 'tenant:acme', window: day, credits: 1 } ]\n",
	  "1:21: budgets.scope: no client has the tenant 'acme'" },
	{ "clients: [ { name: acme, key_sha256: " KEY_A " } ]\nbudgets: [ { scope: 'tenant:acmee', window: day, credits: 1 } ]\n",
	  "2:21: budgets.scope: no client has the tenant 'acmee', did you mean 'acme'?" },
	{ "clients: [ { name: acme, key_sha256: " KEY_A
	  " } ]\nbudgets: [ { scope: 'tenant:default', window: day, credits: 1 } ]\n",
	  "2:21: budgets.scope: no client has the tenant 'default'" },
	{ "budgets: [ { scope: 'tenant:', window: day, credits: 1 } ]\n", "1:21: budgets.scope: no client has the tenant ''" },
	{ "budgets: [ { scope: 'endpoint:/user-post/', window: day, credits: 1 } ]\n",
	  "1:21: budgets.scope: unknown path '/user-post/', did you mean '/user-posts/'?" },
	{ "budgets: [ { scope: 'endpoint:', window: day, credits: 1 } ]\n", "1:21: budgets.scope: unknown path ''" },
	{ "budgets: [ { scope: 'class:batsh', window: day, credits: 1 } ]\n",
	  "1:21: budgets.scope: unknown class 'batsh', did you mean 'batch'?" },
	{ "budgets: [ { scope: all, window: week, credits: 1 } ]\n",
	  "1:34: budgets.window: 'week' is not one of hour, day, month" },
	{ "budgets: [ { scope: all, window: mont, credits: 1 } ]\n",
	  "1:34: budgets.window: 'mont' is not one of hour, day, month, did you mean 'month'?" },
	{ "budgets: [ { scope: all, window: day, credits: -1 } ]\n", "1:48: budgets.credits: -1 is below the minimum of 0" },
	{ "budgets: [ { scope: all, window: day, credits: 1000000000000001 } ]\n",
	  "1:48: budgets.credits: 1000000000000001 is above the maximum of 1000000000000000" },
	{ "budgets: [ { scope: all, window: day, credits: 3M } ]\n", "1:48: budgets.credits: '3M' is not a whole number" },
	{ "budgets: [ { scope: all, window: day, credits: none } ]\n", "1:48: budgets.credits: 'none' is not a whole number" },
	{ "budgets:\n  - { scope: all, window: day, credits: 1, timezone: Europe/Berlni }\n",
	  "2:54: budgets.timezone: 'Europe/Berlni' is not known here, did you mean 'Europe/Berlin'?" },
	{ "budgets: [ { scope: all, window: day, credits: 1, timezone: ../../etc/passwd } ]\n",
	  "1:61: budgets.timezone: '../../etc/passwd' is not known here: a name like Europe/Berlin or UTC is expected" },
	{ "budgets: [ { scope: all, window: day, credits: 1, timezone: } ]\n", "1:61: budgets.timezone: the value is missing" },
	{ "budgets: [ { scope: all, window: month, credits: 1, start_day: 0 } ]\n",
	  "1:64: budgets.start_day: 0 is below the minimum of 1" },
	{ "budgets: [ { scope: all, window: month, credits: 1, start_day: 32 } ]\n",
	  "1:64: budgets.start_day: 32 is above the maximum of 31" },
	{ "budgets: [ { scope: all, start_day: 1, window: day, credits: 1 } ]\n",
	  "1:26: budgets.start_day: only a window of a month has one" },
	{ "budgets:\n  - { scope: all, window: day, credits: 1 }\n  - { scope: all, window: day, credits: 2, timezone: Asia/Tokyo }\n",
	  "3:5: budgets: 'all' has a budget for each day already" },
	{ "budgets: [ { scope: endpoint:userid, window: day, credits: 1 }, { scope: endpoint:/userid/, window: day, credits: 1 } ]\n",
	  "1:65: budgets: 'endpoint:/userid/' has a budget for each day already" },
	{ "clients: [ { name: a, key_sha256: " KEY_A ", budget: { window: day, credits: 1 } } ]\n"
	  "budgets: [ { scope: 'tenant:a', window: day, credits: 2 } ]\n",
	  "2:12: budgets: 'tenant:a' has a budget for each day already" },
	{ "budget: [ { scope: all, window: day, credits: 1 } ]\n", "1:1: unknown setting 'budget', did you mean 'budgets'?" },
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
		assert_null(c);
	}
}

/* `n` budgets of `n` clients' tenants, the first `n_zones` of them each in a zone of its own. */
static enum fr_err many(size_t n, size_t n_zones, struct fr_errmsg *why)
{
	enum { SIZE = 32 * 1024 };
	char *text = malloc(SIZE);
	size_t used;
	struct fr_conf *c = NULL;
	enum fr_err e;

	assert_non_null(text);
	used = (size_t)snprintf(text, SIZE, "clients:\n");
	for (size_t i = 0; i < n; i++) {
		used += (size_t)snprintf(text + used, SIZE - used,
					 "- { name: c%zu, key_sha256: '%064zx', budget: { window: day, credits: 1", i, i);
		if (i < n_zones)
			used += (size_t)snprintf(text + used, SIZE - used, ", timezone: Etc/GMT%+d", (int)i - 12);
		used += (size_t)snprintf(text + used, SIZE - used, " } }\n");
	}
	assert_true(used < SIZE);
	e = fr_conf_parse(fr_str_of(text), "f.yaml", &c, why);
	if (e == FR_OK)
		assert_int_equal(c->budgets.n, n);
	fr_conf_free(c);
	free(text);
	return e;
}

static void budgets_and_zones_have_their_limits(void **state)
{
	struct fr_errmsg why = { "" };

	(void)state;
	assert_int_equal(many(FR_BUDGETS_MAX, 0, &why), FR_OK);
	assert_int_equal(many(FR_BUDGETS_MAX + 1, 0, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:66:104: clients.budget: more than 64 budgets");
	assert_int_equal(many(FR_ZONES_MAX, FR_ZONES_MAX, &why), FR_OK);
	assert_int_equal(many(FR_ZONES_MAX, FR_ZONES_MAX - 1, &why), FR_OK); /* and UTC */
	assert_int_equal(many(FR_ZONES_MAX + 1, FR_ZONES_MAX + 1, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:18:141: clients.budget.timezone: more than 16 time zones");
	assert_int_equal(many(FR_ZONES_MAX + 1, FR_ZONES_MAX, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:18:104: clients.budget: more than 16 time zones");
}

static void a_tenants_budget_follows_its_number_over_a_reload(void **state)
{
	struct fr_conf *running = good("clients: [ { name: a, key_sha256: " KEY_A " }, { name: b, key_sha256: " KEY_B " } ]\n");
	struct fr_conf *fresh = good("clients: [ { name: b, key_sha256: " KEY_B
				     ", budget: { window: day, credits: 7 } }, { name: n } ]\n"
				     "budgets: [ { scope: 'class:poll', window: day, credits: 9 } ]\n");

	(void)state;
	assert_int_equal(named(fresh, "tenant:b/day")->subject, 1);
	assert_true(fr_conf_renumber(fresh, &running->roster));
	assert_int_equal(named(fresh, "tenant:b/day")->subject, 2);
	assert_int_equal(named(fresh, "tenant:b/day")->subject, fr_roster_tenant(&running->roster, FR_STR("b")));
	assert_int_equal(named(fresh, "class:poll/day")->subject, FR_PRIORITY_POLL);
	assert_int_equal(fresh->roster.clients[0].standing.tenant, 2);
	fr_conf_free(running);
	fr_conf_free(fresh);
}

static void a_reload_without_room_changes_nothing(void **state)
{
	struct fr_conf *running = good(""),
		       *fresh = good("clients: [ { name: b, key_sha256: " KEY_B ", budget: { window: day, credits: 7 } } ]\n");

	(void)state;
	while (running->roster.n_tenants < FR_TENANTS_MAX) {
		struct fr_tenant *t = &running->roster.tenants[running->roster.n_tenants];

		(void)snprintf(t->name, sizeof(t->name), "t%zu", running->roster.n_tenants++);
	}
	assert_false(fr_conf_renumber(fresh, &running->roster));
	assert_int_equal(named(fresh, "tenant:b/day")->subject, 1);
	assert_int_equal(fresh->roster.n_tenants, 2);
	fr_conf_free(running);
	fr_conf_free(fresh);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_budgets_there_are_none),
		cmocka_unit_test(every_scope_and_every_window_is_read),
		cmocka_unit_test(a_budgets_window_is_of_its_own_calendar),
		cmocka_unit_test(a_clients_budget_is_its_tenants),
		cmocka_unit_test(without_clients_the_only_tenant_is_the_default),
		cmocka_unit_test(the_first_mistake_is_named_with_its_place),
		cmocka_unit_test(budgets_and_zones_have_their_limits),
		cmocka_unit_test(a_tenants_budget_follows_its_number_over_a_reload),
		cmocka_unit_test(a_reload_without_room_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
