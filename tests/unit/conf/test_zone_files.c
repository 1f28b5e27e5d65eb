#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "base/str.h"
#include "conf/zone.h"
#include "unit/core/zones.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum fr_err zone_from(const char *dir, const char *name, struct fr_zone *ret, struct fr_errmsg *why)
{
	const struct fr_source s = { "f.yaml", why };
	const struct fr_node n = { .kind = FR_NODE_TEXT, .at = { 3, 7 }, .text = fr_str_of(name) };

	return fr_zone_read(&s, &n, "budgets.timezone", dir, ret);
}

static struct fr_zone good(const char *name)
{
	struct fr_errmsg why = { "" };
	struct fr_zone z;

	if (zone_from(FR_ZONE_DIR, name, &z, &why) != FR_OK)
		fail_msg("%s", why.s);
	return z;
}

static void zones_of_this_machine_are_those_made_by_hand(void **state)
{
	static const struct fr_zone *const known[] = { &berlin, &new_york, &kolkata, &lord_howe, &troll, &santiago };

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct fr_zone z = good(known[i]->name);

		assert_string_equal(z.name, known[i]->name);
		for (int64_t t = at(2026, 1, 1, 0, 0).v; t < at(2028, 1, 1, 0, 0).v; t += INT64_C(30) * 60 * 1000)
			assert_int_equal(fr_zone_ahead(&z, (fr_wall){ t }), fr_zone_ahead(known[i], (fr_wall){ t }));
		for (size_t j = 1; j < known[i]->n; j++) {
			int64_t change = known[i]->steps[j].from_s * 1000;

			assert_int_equal(fr_zone_ahead(&z, (fr_wall){ change }), known[i]->steps[j].ahead_s);
			assert_int_equal(fr_zone_ahead(&z, (fr_wall){ change - 1 }), known[i]->steps[j - 1].ahead_s);
		}
	}
}

/* The C library is asked directly, at moments that were not looked at. */
static void at_any_moment_until_2060_the_table_says_what_the_library_says(void **state)
{
	static const char *const names[] = { "Africa/Casablanca", "Africa/Cairo",
					     "America/Sao_Paulo", "America/St_Johns",
					     "Asia/Tehran",       "Asia/Gaza",
					     "Asia/Kathmandu",    "Europe/London",
					     "Pacific/Apia",      "Pacific/Chatham",
					     "Pacific/Fiji",      "Etc/GMT+12",
					     "US/Pacific",        "America/Argentina/Buenos_Aires" };
	struct fr_random r = { 17 };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct fr_zone z = good(names[i]);

		assert_int_equal(setenv("TZ", names[i], 1), 0);
		tzset();
		for (int round = 0; round < 2000; round++) {
			time_t t = 1577836800 + (time_t)fr_random_below(&r, 1262304000);
			struct fr_civil c = fr_zone_civil(&z, (fr_wall){ (int64_t)t * 1000 });
			struct tm tm;

			assert_non_null(localtime_r(&t, &tm));
			assert_int_equal(c.year, tm.tm_year + 1900);
			assert_int_equal(c.month, tm.tm_mon + 1);
			assert_int_equal(c.day, tm.tm_mday);
			assert_int_equal(c.hour * 3600 + c.minute * 60 + c.second,
					 tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
		}
	}
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

static void utc_needs_no_file(void **state)
{
	struct fr_errmsg why = { "" };
	struct fr_zone z;

	(void)state;
	assert_int_equal(zone_from("/nowhere", "UTC", &z, &why), FR_OK);
	assert_string_equal(z.name, "UTC");
	assert_int_equal(z.n, 0);
}

static void the_programs_own_zone_is_what_it_was(void **state)
{
	static const char *const rows[] = { NULL, "America/New_York", "" };
	const time_t noon = 1781784000; /* 12:00 UTC, in June */

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tm before, after;

		assert_int_equal(rows[i] == NULL ? unsetenv("TZ") : setenv("TZ", rows[i], 1), 0);
		tzset();
		assert_non_null(localtime_r(&noon, &before));
		(void)good("Asia/Kolkata");
		assert_non_null(localtime_r(&noon, &after));
		assert_int_equal(before.tm_hour, after.tm_hour);
		assert_int_equal(before.tm_min, after.tm_min);
		if (rows[i] == NULL)
			assert_null(getenv("TZ"));
		else
			assert_string_equal(getenv("TZ"), rows[i]);
	}
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

static void a_name_that_is_not_known_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *dir, *name, *says;
	} rows[] = {
		{ FR_ZONE_DIR, "Europe/Berlni", "'Europe/Berlni' is not known here, did you mean 'Europe/Berlin'?" },
		{ FR_ZONE_DIR, "europe/berlin", "'europe/berlin' is not known here, did you mean 'Europe/Berlin'?" },
		{ FR_ZONE_DIR, "utc", "'utc' is not known here, did you mean 'UTC'?" },
		{ FR_ZONE_DIR, "Europe", "'Europe' is not known here, did you mean 'Europe/Andorra'?" },
		{ FR_ZONE_DIR, "Mars", "'Mars' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ FR_ZONE_DIR, "", "'' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ FR_ZONE_DIR, "/Japan", "'/Japan' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ FR_ZONE_DIR, "/etc/localtime",
		  "'/etc/localtime' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ FR_ZONE_DIR, "../zoneinfo/Japan",
		  "'../zoneinfo/Japan' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ FR_ZONE_DIR, "right/Japan", "'right/Japan' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ FR_ZONE_DIR, "CET-1CEST,M3.5.0,M10.5.0/3",
		  "'CET-1CEST,M3.5.0,M10.5.0/3' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ FR_ZONE_DIR, "zone1970", "'zone1970' is not known here: a name like Europe/Berlin or UTC is expected" },
		{ "/nowhere", "Europe/Berlin", "'Europe/Berlin' is not known here: install tzdata, or use UTC" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why = { "" };
		struct fr_zone z = { .n = 77 };
		char says[FR_ERRMSG_MAX];

		(void)snprintf(says, sizeof(says), "f.yaml:3:7: budgets.timezone: %s", rows[i].says);
		assert_int_equal(zone_from(rows[i].dir, rows[i].name, &z, &why), FR_INVALID);
		assert_string_equal(why.s, says);
		assert_int_equal(z.n, 77);
	}
}

static void a_file_that_is_no_zone_is_not_known(void **state)
{
	char dir[] = "/tmp/frugal-zone-XXXXXX", file[64];
	struct fr_errmsg why = { "" };
	struct fr_zone z;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(file, sizeof(file), "%s/Odd", dir);
	f = fopen(file, "w");
	assert_non_null(f);
	(void)fputs("TZi", f);
	(void)fclose(f);
	assert_int_equal(zone_from(dir, "Odd", &z, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:3:7: budgets.timezone: 'Odd' is not known here: install tzdata, or use UTC");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_of_this_machine_are_those_made_by_hand),
		cmocka_unit_test(at_any_moment_until_2060_the_table_says_what_the_library_says),
		cmocka_unit_test(utc_needs_no_file),
		cmocka_unit_test(the_programs_own_zone_is_what_it_was),
		cmocka_unit_test(a_name_that_is_not_known_is_refused_with_its_place),
		cmocka_unit_test(a_file_that_is_no_zone_is_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
