/* Alerts: everything that happens is told once, to whoever wants to know, whatever dies or is away meanwhile. */
#include "tests/story/story.h"

static const char BUDGET_OF_100[] =
	"upstream: { rate: none }\n"
	"ladder: { stretch: 1000, prewarm: 1000, batch: 1000 }\n"
	"budgets: [ { scope: all, window: month, credits: 100 } ]\n"
	"alerts:\n"
	"  channels: { ops: { slack: /x }, oncall: { pagerduty: /y } }\n"
	"  at: [ { percent: 50, to: ops }, { percent: 70, to: ops }, { percent: 90, to: [ops, oncall] } ]\n";

/* Costs so many credits, spread over the instances, and waits until Redis has them. */
static void spend(struct world *w, size_t n)
{
	static size_t next;

	for (size_t i = 0; i < n; i++) {
		char target[64];

		snprintf(target, sizeof target, "/userid/?username=u%zu", next++);
		world_get(w, i % world_instances(w), target, NULL);
		world_pass(w, 20);
	}
	world_run(w);
	world_pass(w, 2000);
}

static void each_threshold_is_told_once_by_three_instances(void **state)
{
	struct world *w = world_new(1, 3, BUDGET_OF_100);

	(void)state;
	spend(w, 45);
	world_pass(w, 60 * 1000);
	assert_int_equal(world_posts(w), 0);
	spend(w, 10);
	world_pass(w, 60 * 1000);
	assert_int_equal(world_posts(w), 1);
	assert_int_equal(world_accepted(w, "ops|percent|all/month|50|"), 1);
	assert_non_null(strstr(world_post(w, 0)->body,
			       "TikTok API spend at 55 % of all/month: 55 of 100 credits. Top endpoints: /userid/ 100 %."));
	spend(w, 40);
	world_pass(w, HOUR_MS);
	assert_int_equal(world_posts(w), 3); /* 70 was passed with 90, and is done */
	assert_int_equal(world_accepted(w, "ops|percent|all/month|90|"), 1);
	assert_int_equal(world_accepted(w, "oncall|percent|all/month|90|"), 1);
	assert_int_equal(world_letters(w), 0);
	world_free(w);
}

static void who_starts_anew_tells_nothing_again(void **state)
{
	struct world *w = world_new(2, 3, BUDGET_OF_100);

	(void)state;
	spend(w, 75);
	world_pass(w, 60 * 1000);
	assert_int_equal(world_posts(w), 1);
	for (size_t life = 0; life < 4; life++) {
		for (size_t i = 0; i < 3; i++)
			world_kill(w, i);
		world_pass(w, 5 * 60 * 1000);
	}
	assert_int_equal(world_posts(w), 1);
	world_free(w);
}

static void a_channel_that_fails_for_an_hour_gets_each_alert_once(void **state)
{
	struct world *w = world_new(3, 3, BUDGET_OF_100);
	struct fr_gauges g;

	(void)state;
	world_channel_down(w, "ops");
	spend(w, 55);
	world_pass(w, 20 * 60 * 1000);
	spend(w, 40);
	world_pass(w, 40 * 60 * 1000);
	assert_int_equal(world_accepted(w, "ops|"), 0);
	assert_int_equal(world_accepted(w, "oncall|"), 1); /* nobody waits for somebody else's channel */
	assert_in_range(world_posts(w), 20, 60);           /* the pauses grow to five minutes */
	g = world_gauges(w, 0);
	assert_int_equal(g.alerts_pending, 2);
	world_channel_down(w, "");
	world_pass(w, 6 * 60 * 1000);
	assert_int_equal(world_accepted(w, "ops|percent|all/month|50|"), 1);
	assert_int_equal(world_accepted(w, "ops|percent|all/month|90|"), 1);
	assert_int_equal(world_letters(w), 0);
	assert_true(world_accepted_once(w));
	world_free(w);
}

static void kills_and_outages_while_a_channel_fails_lose_and_repeat_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 100; seed < 130; seed++) {
		struct world *w = world_new(seed, 3, BUDGET_OF_100);
		struct fr_random *r = world_random(w);

		world_post_takes(w, 400);
		world_channel_down(w, "*");
		spend(w, 55);
		for (int minute = 0; minute < 60; minute++) {
			if (minute == 20) {
				world_store_away(w, false);
				world_store_chaos(w, 0);
				world_pass(w, 30 * 1000);
				spend(w, 40);
			}
			world_store_away(w, fr_random_chance(r, 200));
			world_store_chaos(w, fr_random_chance(r, 300) ? 100 : 0);
			if (fr_random_chance(r, 200))
				world_kill(w, (size_t)fr_random_below(r, 3));
			world_pass(w, 60 * 1000);
		}
		world_store_away(w, false);
		world_store_chaos(w, 0);
		assert_int_equal(world_accepted(w, ""), 0);
		world_channel_down(w, "");
		world_pass(w, 7 * 60 * 1000);
		assert_int_equal(world_letters(w), 0);
		if (!world_accepted_once(w) || world_accepted(w, "ops|percent|all/month|90|") != 1 ||
		    world_accepted(w, "oncall|percent|all/month|90|") != 1)
			fail_msg("seed %llu: %zu accepted", (unsigned long long)seed, world_accepted(w, ""));
		world_free(w);
	}
}

/* The one way in which an alert can come twice; under the same id, so that PagerDuty makes one incident of it. */
static void killed_between_the_channels_word_and_its_own_an_alert_comes_once_more(void **state)
{
	struct world *w = world_new(4, 2, BUDGET_OF_100);

	(void)state;
	world_post_takes(w, 10 * 1000);
	spend(w, 95);
	for (int i = 0; i < 300 && world_accepted(w, "") < 2; i++)
		world_pass(w, 100);
	assert_int_equal(world_accepted(w, ""), 2);
	world_kill(w, 0);
	world_kill(w, 1);
	world_pass(w, 5 * 60 * 1000);
	assert_int_equal(world_posts(w), 4);
	assert_int_equal(world_accepted(w, "ops|percent|all/month|90|"), 2);
	assert_int_equal(world_accepted(w, "oncall|percent|all/month|90|"), 2);
	assert_int_equal(world_letters(w), 0);
	world_free(w);
}

static void what_redis_did_not_hear_is_said_again_before_anything_else(void **state)
{
	struct world *w = world_new(5, 1, BUDGET_OF_100);

	(void)state;
	world_post_takes(w, 4000);
	spend(w, 55);
	for (int i = 0; i < 300 && world_posts(w) == 0; i++)
		world_pass(w, 100);
	world_store_away(w, true); /* before the channel's word is here */
	world_pass(w, 10 * 60 * 1000);
	assert_int_equal(world_accepted(w, ""), 1);
	world_store_away(w, false);
	spend(w, 40);
	world_pass(w, 5 * 60 * 1000);
	assert_true(world_accepted_once(w));
	assert_int_equal(world_accepted(w, "ops|percent|all/month|90|"), 1);
	assert_int_equal(world_letters(w), 0);
	world_free(w);
}

static void an_outage_right_after_the_channels_word_repeats_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 200; seed < 230; seed++) {
		struct world *w = world_new(seed, 3, BUDGET_OF_100);

		world_post_takes(w, 2000);
		spend(w, 95);
		for (int i = 0; i < 300 && world_posts(w) < 2; i++)
			world_pass(w, 100);
		world_pass(w, 500);
		world_store_away(w, true);
		world_pass(w, 3 * 60 * 1000 + (int64_t)fr_random_below(world_random(w), 10 * 1000)); /* longer than any lease */
		world_store_away(w, false);
		world_pass(w, 5 * 60 * 1000);
		assert_int_equal(world_posts(w), 2);
		assert_int_equal(world_letters(w), 0);
		world_free(w);
	}
}

static void while_redis_is_away_nothing_is_lost(void **state)
{
	struct world *w = world_new(6, 2, BUDGET_OF_100);

	(void)state;
	spend(w, 55);
	world_store_away(w, true); /* before anybody looked */
	world_pass(w, HOUR_MS);
	assert_int_equal(world_posts(w), 0);
	world_store_away(w, false);
	world_pass(w, 60 * 1000);
	assert_int_equal(world_accepted(w, "ops|percent|all/month|50|"), 1);
	world_free(w);
}

static void a_redis_that_lost_its_last_seconds_is_told_again_of_what_waits(void **state)
{
	struct world *w = world_new(7, 2, BUDGET_OF_100);

	(void)state;
	world_channel_down(w, "*");
	spend(w, 55);
	for (int i = 0; i < 300 && world_letters(w) == 0; i++)
		world_pass(w, 100);
	world_store_cut_back(w, 3000);
	assert_int_equal(world_letters(w), 0);
	world_channel_down(w, "");
	world_pass(w, 5 * 60 * 1000);
	assert_int_equal(world_accepted(w, "ops|percent|all/month|50|"), 1);
	assert_true(world_accepted_once(w));
	world_free(w);
}

static void a_new_window_is_a_new_alert(void **state)
{
	struct world *w = world_new(8, 2,
				    "upstream: { rate: none }\nbudgets: [ { scope: all, window: hour, credits: 10 } ]\n"
				    "alerts: { channels: { ops: { slack: /x } } }\n");

	(void)state;
	for (size_t hour = 0; hour < 3; hour++) {
		spend(w, 7);
		world_pass(w, HOUR_MS);
	}
	assert_int_equal(world_accepted(w, "ops|percent|all/hour|70|"), 3);
	assert_int_equal(world_posts(w), 3);
	assert_true(world_accepted_once(w));
	world_free(w);
}

static void a_clients_loop_is_told_once_a_day(void **state)
{
	struct world *w = world_new(
		9, 2,
		"alerts: { channels: { ops: { webhook: 'http://127.0.0.1:1/' } }, at: [ { repeats: 100 }, { repeats: 300 } ] }\n");

	(void)state;
	for (int minute = 0; minute < 30; minute++) {
		for (int i = 0; i < 30; i++)
			world_get(w, 0, "/userid/?username=loop", NULL);
		world_get(w, 0, "/userid/?username=other", NULL);
		world_pass(w, 60 * 1000);
	}
	assert_int_equal(world_posts(w), 1);
	assert_int_equal(world_accepted(w, "ops|repeats|client:default|100|"), 1);
	assert_non_null(strstr(world_post(w, 0)->body, "/userid/?username=loop"));
	for (int i = 0; i < 400; i++)
		world_get(w, 1, "/userid/?username=loop", NULL);
	world_pass(w, 60 * 1000);
	assert_int_equal(world_accepted(w, "ops|repeats|client:default|300|"), 1);
	world_pass(w, DAY_MS);
	for (int i = 0; i < 400; i++)
		world_get(w, 1, "/userid/?username=loop", NULL);
	world_pass(w, 60 * 1000);
	assert_int_equal(world_posts(w), 3);
	assert_true(world_accepted_once(w));
	world_free(w);
}

static void a_runaway_and_where_the_month_ends_are_told_from_what_redis_remembers(void **state)
{
	struct world *w = world_new(
		16, 2,
		"upstream: { rate: none }\nbudgets: [ { scope: all, window: month, credits: 14000 } ]\n"
		"alerts: { channels: { ops: { slack: /x } }, at: [ { runaway: 5 }, { forecast_percent: 150 } ] }\n");
	char target[64];

	(void)state;
	for (int i = 0; i < 26 * 360; i++) { /* six a minute */
		snprintf(target, sizeof target, "/userid/?username=steady%d", i);
		world_get(w, (size_t)i % 2, target, NULL);
		world_pass(w, 10 * 1000);
	}
	assert_int_equal(world_accepted(w, "ops|runaway|"), 0);
	assert_int_equal(world_accepted(w, "ops|forecast|all/month|150|"), 1);
	assert_non_null(strstr(world_post(w, 0)->body, "TikTok API spend of all/month is on its way to "));
	for (int i = 0; i < 200; i++) { /* a loop, five a second */
		snprintf(target, sizeof target, "/userid/?username=loop%d", i);
		world_get(w, 0, target, NULL);
		world_pass(w, 200);
	}
	world_pass(w, 20 * 1000); /* it is noticed within the minute */
	assert_int_equal(world_accepted(w, "ops|runaway|all/month|5|"), 1);
	assert_non_null(strstr(world_post(w, 1)->body, "usually 360."));
	world_pass(w, HOUR_MS);
	assert_int_equal(world_posts(w), 2);
	world_free(w);
}

static void without_channels_budgets_tell_how_they_will_end_too(void **state)
{
	struct world *w = world_new(17, 2, "upstream: { rate: none }\nbudgets: [ { scope: all, window: hour, credits: 100 } ]\n");

	(void)state;
	world_pass(w, 2000);
	assert_int_equal(world_figures(w, 0, 0).forecast_permille, -1);
	spend(w, 30);
	world_pass(w, 15 * 60 * 1000);
	for (size_t i = 0; i < 2; i++) {
		assert_in_range((uintmax_t)world_figures(w, i, 0).forecast_permille, 1000, 1300); /* 30 in a quarter of it */
		assert_in_range((uintmax_t)(world_figures(w, i, 0).exhausted_at.v - world_figures(w, i, 0).window.start.v),
				2600000, 3600000);
	}
	world_pass(w, 44 * 60 * 1000);
	assert_in_range((uintmax_t)world_figures(w, 0, 0).forecast_permille, 300, 310);
	assert_int_equal(world_figures(w, 0, 0).exhausted_at.v, 0);
	world_pass(w, 2 * 60 * 1000); /* another hour has begun */
	assert_int_equal(world_figures(w, 0, 0).forecast_permille, -1);
	assert_int_equal(world_posts(w), 0);
	world_free(w);
}

static void the_report_comes_every_morning_to_each_channel_once(void **state)
{
	struct world *w = world_new(10, 3,
				    "upstream: { rate: none }\nbudgets: [ { scope: all, window: month, credits: 100000 } ]\n"
				    "alerts: { channels: { ops: { slack: /x }, own: { slack: /y } }, at: [],\n"
				    "  report: { daily: '08:00', timezone: Europe/Berlin } }\n");

	(void)state;
	spend(w, 9);
	for (int hour = 0; hour < 3 * 24; hour++) {
		world_pass(w, HOUR_MS);
		if (hour % 5 == 0)
			world_kill(w, (size_t)(hour / 5) % 3);
	}
	assert_int_equal(world_posts(w), 6);
	assert_true(world_accepted_once(w));
	assert_int_equal(world_accepted(w, "ops|report|2025-11-24|0|"), 1); /* the world begins at 16:00 UTC on that day */
	assert_int_equal(world_accepted(w, "own|report|2025-11-26|0|"), 1);
	assert_non_null(strstr(world_post(w, 0)->body, "frugald on 2025-11-24 (UTC): 9 credits spent"));
	assert_non_null(strstr(world_post(w, 0)->body, "Budgets now\\n  all/month  9 of 100,000 credits (0 %)."));
	assert_in_range((world_post(w, 0)->at.v - 15 * HOUR_MS - 1000) / 1000, 0, 30); /* 08:00 there is 07:00 UTC */
	world_free(w);
}

static void who_is_up_long_after_its_time_sends_no_report(void **state)
{
	struct world *w = world_new(11, 1, "alerts: { channels: { ops: { slack: /x } }, report: { daily: '09:00' } }\n");

	(void)state;
	world_pass(w, 10 * 60 * 1000); /* it is past four in the afternoon */
	assert_int_equal(world_posts(w), 0);
	world_free(w);
}

static void a_test_goes_to_its_channel_each_time_it_is_asked_for(void **state)
{
	struct world *w = world_new(12, 2, BUDGET_OF_100);

	(void)state;
	assert_false(world_alert_test(w, 0, "nobody"));
	assert_true(world_alert_test(w, 0, "oncall"));
	world_pass(w, 1000);
	assert_int_equal(world_accepted(w, "oncall|test|oncall|"), 1);
	world_store_away(w, true);
	assert_true(world_alert_test(w, 1, "oncall"));
	world_pass(w, 60 * 1000);
	assert_int_equal(world_posts(w), 1);
	world_store_away(w, false);
	world_pass(w, 20 * 1000);
	assert_int_equal(world_accepted(w, "oncall|test|oncall|"), 2);
	assert_true(world_accepted_once(w));
	world_free(w);
}

static void what_nobody_accepts_is_given_up_after_three_days(void **state)
{
	struct world *w = world_new(13, 1, "alerts: { channels: { ops: { slack: /x } } }\n");

	(void)state;
	world_channel_down(w, "*");
	assert_true(world_alert_test(w, 0, "ops"));
	world_pass(w, 3 * DAY_MS - HOUR_MS);
	assert_int_equal(world_letters(w), 1);
	world_pass(w, 2 * HOUR_MS);
	assert_int_equal(world_letters(w), 0);
	assert_int_equal(world_tally(w, 0)->counters.alerts_given_up, 1);
	assert_in_range(world_posts(w), 3 * 24 * 12, 3 * 24 * 12 + 20);
	assert_int_equal(world_tally(w, 0)->counters.alert_failures, world_posts(w));
	world_free(w);
}

static void who_stops_waits_for_the_channels_word(void **state)
{
	struct world *w = world_new(14, 1, BUDGET_OF_100);

	(void)state;
	world_post_takes(w, 4000);
	assert_true(world_alert_test(w, 0, "ops"));
	world_pass(w, 1000);
	assert_int_equal(world_posts(w), 1);
	world_stop(w, 0);
	world_pass(w, 1000);
	assert_false(world_idle(w, 0));
	world_pass(w, 4000);
	assert_true(world_idle(w, 0));
	assert_int_equal(world_letters(w), 0);
	world_free(w);
}

static void answers_from_inside_the_call_change_nothing(void **state)
{
	struct world *w = world_new(15, 3, BUDGET_OF_100);

	(void)state;
	world_at_once(w, true);
	spend(w, 95);
	for (size_t i = 0; i < 50; i++)
		assert_true(world_alert_test(w, i % 3, i % 2 == 0 ? "ops" : "oncall"));
	world_pass(w, 60 * 1000);
	assert_int_equal(world_accepted(w, "ops|percent|all/month|90|"), 1);
	assert_int_equal(world_letters(w), 0);
	assert_true(world_accepted_once(w));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_threshold_is_told_once_by_three_instances),
		cmocka_unit_test(who_starts_anew_tells_nothing_again),
		cmocka_unit_test(a_channel_that_fails_for_an_hour_gets_each_alert_once),
		cmocka_unit_test(kills_and_outages_while_a_channel_fails_lose_and_repeat_nothing),
		cmocka_unit_test(killed_between_the_channels_word_and_its_own_an_alert_comes_once_more),
		cmocka_unit_test(what_redis_did_not_hear_is_said_again_before_anything_else),
		cmocka_unit_test(an_outage_right_after_the_channels_word_repeats_nothing),
		cmocka_unit_test(while_redis_is_away_nothing_is_lost),
		cmocka_unit_test(a_redis_that_lost_its_last_seconds_is_told_again_of_what_waits),
		cmocka_unit_test(a_new_window_is_a_new_alert),
		cmocka_unit_test(a_clients_loop_is_told_once_a_day),
		cmocka_unit_test(a_runaway_and_where_the_month_ends_are_told_from_what_redis_remembers),
		cmocka_unit_test(without_channels_budgets_tell_how_they_will_end_too),
		cmocka_unit_test(the_report_comes_every_morning_to_each_channel_once),
		cmocka_unit_test(who_is_up_long_after_its_time_sends_no_report),
		cmocka_unit_test(a_test_goes_to_its_channel_each_time_it_is_asked_for),
		cmocka_unit_test(what_nobody_accepts_is_given_up_after_three_days),
		cmocka_unit_test(who_stops_waits_for_the_channels_word),
		cmocka_unit_test(answers_from_inside_the_call_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
