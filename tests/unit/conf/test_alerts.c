#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

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

static const char everything[] = "alerts:\n"
				 "  channels:\n"
				 "    ops: { slack: /etc/slack }\n"
				 "    oncall: { pagerduty: ./key, url: 'http://127.0.0.1:8080/v2/enqueue' }\n"
				 "    own: { webhook: 'https://example.org/hook?sig=a%20b&x', secret_file: /etc/sign }\n"
				 "  at:\n"
				 "    - { percent: 70, to: [ops] }\n"
				 "    - { percent: 150, to: [ops, oncall] }\n"
				 "    - { credits: 50000, to: own }\n"
				 "    - { forecast_percent: 120, to: [ops] }\n"
				 "    - { runaway: 5, to: [oncall] }\n"
				 "    - { repeats: 500 }\n"
				 "  report: { daily: '08:05', to: [own], timezone: Europe/Berlin }\n";

static void channels_rules_and_report_are_read(void **state)
{
	static const struct fr_alert_rule rules[] = {
		{ FR_ALERT_PERCENT, 70, 1 },   { FR_ALERT_PERCENT, 150, 3 }, { FR_ALERT_CREDITS, 50000, 4 },
		{ FR_ALERT_FORECAST, 120, 1 }, { FR_ALERT_RUNAWAY, 5, 2 },   { FR_ALERT_REPEATS, 500, 7 },
	};
	struct fr_conf *c = good(everything);
	const struct fr_alerts *a = &c->alerts;

	(void)state;
	assert_int_equal(a->n_channels, 3);
	assert_string_equal(a->channels[0].name, "ops");
	assert_int_equal(a->channels[0].kind, FR_CHANNEL_SLACK);
	assert_string_equal(a->channels[0].file, "/etc/slack");
	assert_string_equal(a->channels[0].url, "");
	assert_int_equal(a->channels[1].kind, FR_CHANNEL_PAGERDUTY);
	assert_string_equal(a->channels[1].file, "./key");
	assert_string_equal(a->channels[1].url, "http://127.0.0.1:8080/v2/enqueue");
	assert_int_equal(a->channels[2].kind, FR_CHANNEL_WEBHOOK);
	assert_string_equal(a->channels[2].url, "https://example.org/hook?sig=a%20b&x");
	assert_string_equal(a->channels[2].file, "/etc/sign");
	assert_int_equal(a->n_rules, COUNT(rules));
	for (size_t i = 0; i < COUNT(rules); i++) {
		assert_int_equal(a->rules[i].kind, rules[i].kind);
		assert_int_equal(a->rules[i].threshold, rules[i].threshold);
		assert_int_equal(a->rules[i].to, rules[i].to);
	}
	assert_true(a->report.on);
	assert_int_equal(a->report.hour, 8);
	assert_int_equal(a->report.minute, 5);
	assert_int_equal(a->report.to, 4);
	assert_string_equal(a->report.zone.name, "Europe/Berlin");
	assert_int_equal(fr_zone_ahead(&a->report.zone, (fr_wall){ 1795703415000 }), 3600);
	fr_conf_free(c);
}

static void without_rules_all_channels_hear_of_70_90_and_100_percent(void **state)
{
	static const struct {
		const char *text;
		size_t rules;
	} rows[] = {
		{ "", 0 },
		{ "alerts:\n", 0 },
		{ "alerts: { channels: {} }\n", 0 },
		{ "alerts: { channels: { a: { slack: /x }, b: { slack: /y } } }\n", 3 },
		{ "alerts: { channels: { a: { slack: /x }, b: { slack: /y } }, at: [] }\n", 0 },
		{ "alerts: { at: [] }\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_conf *c = good(rows[i].text);

		assert_int_equal(c->alerts.n_rules, rows[i].rules);
		assert_false(c->alerts.report.on);
		for (size_t r = 0; r < rows[i].rules; r++) {
			assert_int_equal(c->alerts.rules[r].kind, FR_ALERT_PERCENT);
			assert_int_equal(c->alerts.rules[r].threshold, r == 0 ? 70 : r == 1 ? 90 : 100);
			assert_int_equal(c->alerts.rules[r].to, 3);
		}
		fr_conf_free(c);
	}
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "alerts: []", "f.yaml:1:9: alerts: names and values are expected here" },
		{ "alerts: { chanels: {} }", "f.yaml:1:11: alerts: unknown key 'chanels', did you mean 'channels'?" },
		{ "alerts: { channels: [] }", "f.yaml:1:21: alerts.channels: names and values" },
		{ "alerts: { channels: { 'a|b': { slack: /x } } }", "f.yaml:1:23: alerts.channels: " },
		{ "alerts: { channels: { a123456789012345678901234567890z: { slack: /x } } }",
		  "f.yaml:1:23: alerts.channels: a name of at most 31 characters" },
		{ "alerts: { channels: { a: {} } }", "f.yaml:1:26: alerts.channels.a: slack, pagerduty or webhook is missing" },
		{ "alerts: { channels: { a: { slack: /x, pagerduty: /y } } }",
		  "f.yaml:1:39: alerts.channels.a.pagerduty: a channel is one of slack, pagerduty and webhook" },
		{ "alerts: { channels: { a: { slak: /x } } }",
		  "f.yaml:1:28: alerts.channels.a: unknown key 'slak', did you mean 'slack'?" },
		{ "alerts: { channels: { a: { slack: 'https://hooks.slack.com/services/SECRET' } } }",
		  "f.yaml:1:35: alerts.channels.a.slack: the path of a file is expected" },
		{ "alerts: { channels: { a: { pagerduty: R0SECRET } } }",
		  "f.yaml:1:39: alerts.channels.a.pagerduty: the path of a file is expected" },
		{ "alerts: { channels: { a: { slack: /x, url: 'https://h/' } } }",
		  "f.yaml:1:39: alerts.channels.a.url: only pagerduty" },
		{ "alerts: { channels: { a: { slack: /x, secret_file: /y } } }",
		  "f.yaml:1:39: alerts.channels.a.secret_file: only a webhook is signed" },
		{ "alerts: { channels: { a: { webhook: 'http://example.org/SECRET' } } }",
		  "f.yaml:1:37: alerts.channels.a.webhook: what is written here would be sent in clear: use https://" },
		{ "alerts: { channels: { a: { webhook: 'ftp://example.org/SECRET' } } }",
		  "f.yaml:1:37: alerts.channels.a.webhook: what is written here " },
		{ "alerts: { channels: { a: { webhook: 'https://user:SECRET@example.org/' } } }",
		  "f.yaml:1:37: alerts.channels.a.webhook: what is written here " },
		{ "alerts: { at: [ { percent: 70 } ] }", "f.yaml:1:15: alerts.at: there is no channel" },
		{ "alerts: { report: { daily: '08:00' } }", "f.yaml:1:19: alerts.report: there is no channel" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: { percent: 70 } }",
		  "f.yaml:1:49: alerts.at: a list is expected" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { to: ops } ] }",
		  "f.yaml:1:51: alerts.at: a threshold is missing, like `percent: 70`" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { percent: 70, credits: 1 } ] }",
		  "f.yaml:1:66: alerts.at.credits: a rule has one threshold" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { percent: 0 } ] }",
		  "f.yaml:1:62: alerts.at.percent: 0 is below the minimum of 1" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { percent: 1001 } ] }",
		  "f.yaml:1:62: alerts.at.percent: 1001 is above the maximum of 1000" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { runaway: 1 } ] }",
		  "f.yaml:1:62: alerts.at.runaway: 1 is below the minimum of 2" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { percent: 70%, to: ops } ] }",
		  "f.yaml:1:62: alerts.at.percent: '70%' is not a whole number" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { percent: 70, to: [ops, opps] } ] }",
		  "f.yaml:1:76: alerts.at.to: there is no channel 'opps', did you mean 'ops'?" },
		{ "alerts: { channels: { ops: { slack: /x } }, at: [ { percent: 70, to: [] } ] }",
		  "f.yaml:1:70: alerts.at.to: the name of a channel is missing" },
		{ "alerts: { channels: { ops: { slack: /x } }, report: {} }", "f.yaml:1:53: alerts.report: daily is missing" },
		{ "alerts: { channels: { ops: { slack: /x } }, report: { daily: '8:00' } }",
		  "f.yaml:1:62: alerts.report.daily: '8:00' is not a time of day" },
		{ "alerts: { channels: { ops: { slack: /x } }, report: { daily: '24:00' } }",
		  "f.yaml:1:62: alerts.report.daily: '24:00' is not a time of day" },
		{ "alerts: { channels: { ops: { slack: /x } }, report: { daily: '08:60' } }",
		  "f.yaml:1:62: alerts.report.daily: '08:60' is not a time of day" },
		{ "alerts: { channels: { ops: { slack: /x } }, report: { daily: '08:00', timezone: Europe/Berlim } }",
		  "f.yaml:1:81: alerts.report.timezone: " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why = { "" };
		struct fr_conf *c = NULL;

		assert_int_equal(fr_conf_parse(fr_str_of(rows[i].text), "f.yaml", &c, &why), FR_INVALID);
		if (strncmp(why.s, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("'%s' instead of '%s'", why.s, rows[i].why);
		assert_null(strstr(why.s, "SECRET"));
	}
}

static void there_are_ceilings(void **state)
{
	struct fr_errmsg why = { "" };
	struct fr_conf *c = NULL;
	struct fr_buf b;

	(void)state;
	fr_buf_init(&b, 8192);
	assert_int_equal(fr_buf_add_text(&b, "alerts:\n  channels:\n"), FR_OK);
	for (int i = 0; i < FR_CHANNELS_MAX; i++)
		assert_int_equal(fr_buf_addf(&b, "    c%d: { slack: /x }\n", i), FR_OK);
	c = good((assert_int_equal(fr_buf_add_char(&b, '\0'), FR_OK), b.len--, b.p));
	assert_int_equal(c->alerts.rules[0].to, 0xffff);
	fr_conf_free(c);
	assert_int_equal(fr_buf_add_text(&b, "    one-more: { slack: /x }\n"), FR_OK);
	assert_int_equal(fr_conf_parse(fr_buf_str(&b), "f.yaml", &c, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:19:5: alerts.channels: more than 16");
	fr_buf_clear(&b);
	assert_int_equal(fr_buf_add_text(&b, "alerts:\n  channels: { a: { slack: /x } }\n  at:\n"), FR_OK);
	for (int i = 0; i <= FR_ALERT_RULES_MAX; i++)
		assert_int_equal(fr_buf_addf(&b, "  - { percent: %d }\n", i + 1), FR_OK);
	assert_int_equal(fr_conf_parse(fr_buf_str(&b), "f.yaml", &c, &why), FR_INVALID);
	assert_string_equal(why.s, "f.yaml:36:5: alerts.at: more than 32 rules");
	fr_buf_free(&b);
}

static void what_is_dumped_loads_again_as_the_same(void **state)
{
	static const char *const rows[] = {
		"",
		everything,
		"alerts: { channels: { a: { slack: '/x: y' } } }\n",
		"alerts: { channels: { a: { slack: /x } }, at: [] }\n",
		"alerts: { channels: { a: { webhook: 'https://h/' } }, report: { daily: '00:00' } }\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_errmsg why = { "" };
		struct fr_conf *first = good(rows[i]), *again = NULL;
		struct fr_buf b;

		fr_buf_init(&b, 1024 * 1024);
		assert_int_equal(fr_conf_dump(&b, first), FR_OK);
		if (fr_conf_parse(fr_buf_str(&b), "dump", &again, &why) != FR_OK)
			fail_msg("%s", why.s);
		assert_memory_equal(&first->alerts, &again->alerts, sizeof(first->alerts));
		fr_buf_free(&b);
		fr_conf_free(first);
		fr_conf_free(again);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(channels_rules_and_report_are_read),
		cmocka_unit_test(without_rules_all_channels_hear_of_70_90_and_100_percent),
		cmocka_unit_test(what_is_wrong_is_told_with_its_place),
		cmocka_unit_test(there_are_ceilings),
		cmocka_unit_test(what_is_dumped_loads_again_as_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
