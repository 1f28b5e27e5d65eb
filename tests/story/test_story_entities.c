#include "tests/sim/upstream_fake.h"
#include "tests/story/story.h"

/* One answer teaches many: what lists and profiles say in passing is not asked for again. */

#define FEED "/user-posts/?userid=7"
#define MINUTE_MS (INT64_C(60) * 1000)

/* The feed of user 7 has the posts 7, 108, 209 and 10 of the fake upstream: years, five hours and ten minutes old. */
static const char *detail(char target[64], unsigned post)
{
	snprintf(target, 64, "/post-detail/?url=%llu", (unsigned long long)fake_post_id(post));
	return target;
}

static size_t ask(struct world *w, size_t instance, const char *target)
{
	size_t r = world_get(w, instance, target, NULL);

	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	return r;
}

static size_t read_fields(struct world *w, size_t instance, const char *target, const char *fields)
{
	size_t r = world_get_fields(w, instance, target, fields);

	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	return r;
}

static void one_feed_answers_the_authors_ids(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	for (size_t instance = 0; instance < 2; instance++) {
		r = ask(w, instance, "/userid/?username=@Ann07");
		assert_true(says(w, r, "detail=derived-alias"));
		assert_string_equal(world_last_body(w), "{\"id\":\"5000007\"}");
		ask(w, instance, "/userid/?username=ann08");
	}
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_ENTITY), 4);
	world_free(w);
}

static void an_author_seen_again_renews_the_id(void **state)
{
	struct world *w = world_new(1, 1, "");

	(void)state;
	ask(w, 0, "/userid/?username=ann07");
	for (int day = 0; day < 30; day++) { /* of which an id alone is good for seven */
		world_pass(w, DAY_MS);
		ask(w, 0, FEED);
	}
	assert_int_equal(world_calls(w), 31);
	ask(w, 0, "/userid/?username=ann07");
	assert_int_equal(world_calls(w), 31);
	world_free(w);
}

static void a_profile_by_name_answers_by_id(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	ask(w, 0, "/userinfo-by-username/?username=ann07");
	r = ask(w, 1, "/userinfo-by-id/?userid=5000007");
	assert_true(says(w, r, "hit") && says(w, r, "detail=derived-alias"));
	assert_int_equal(world_reply(w, r)->serial, 1); /* byte for byte */
	ask(w, 1, "/userid/?username=ann07");
	assert_int_equal(world_calls(w), 1);
	ask(w, 1, "/userinfo-by-id/?userid=5000008");
	ask(w, 0, "/userinfo-by-username/?username=Ann08");
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void a_detail_answers_its_download_until_the_links_die(void **state)
{
	struct world *w = world_new(1, 1, "");
	char target[64], download[64];
	size_t r;

	(void)state;
	snprintf(download, sizeof download, "/download-video/?url=%llu", (unsigned long long)fake_post_id(7));
	ask(w, 0, detail(target, 7));
	world_pass(w, 5 * HOUR_MS);
	r = ask(w, 0, download);
	assert_true(says(w, r, "detail=derived-alias"));
	assert_int_equal(world_calls(w), 1);
	world_pass(w, HOUR_MS);
	r = ask(w, 0, download);
	assert_int_equal(world_reply(w, r)->spent, 1);
	world_free(w);
}

static void a_negative_answer_gives_way_to_what_a_list_shows(void **state)
{
	struct world *w = world_new(1, 1, "");
	size_t r;

	(void)state;
	world_upstream_at(w, "/userid/", WORLD_NOT_FOUND);
	ask(w, 0, "/userid/?username=ann07");
	world_pass(w, 1000);
	ask(w, 0, FEED);
	r = ask(w, 0, "/userid/?username=ann07");
	assert_true(says(w, r, "detail=derived-alias"));
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

/* ---- names change hands --------------------------------------------------------------------------------------------- */

static void a_handle_that_changed_hands_is_asked_again(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	for (size_t instance = 0; instance < 2; instance++) {
		ask(w, instance, "/userid/?username=ann07");
		ask(w, instance, "/userinfo-by-username/?username=ann07");
	}
	assert_int_equal(world_calls(w), 2);
	world_pass(w, MINUTE_MS);
	world_move_name(w, 7, 42);
	ask(w, 0, "/userinfo-by-id/?userid=5000042"); /* who says that he is ann07 now */
	world_pass(w, 5000);
	for (size_t instance = 0; instance < 2; instance++) {
		ask(w, instance, "/userid/?username=ann07");
		assert_non_null(strstr(world_last_body(w), "\"id\":\"5000042\""));
		r = ask(w, instance, "/userinfo-by-username/?username=ann07");
		assert_non_null(strstr(world_last_body(w), "\"user\":{\"id\":\"5000042\""));
		assert_int_equal(world_reply(w, r)->spent, 0);
	}
	assert_int_equal(world_calls(w), 3);
	world_free(w);
}

static void the_old_name_of_one_who_has_another_is_asked_again(void **state)
{
	struct world *w = world_new(1, 2, "");
	size_t r;

	(void)state;
	for (size_t instance = 0; instance < 2; instance++) {
		ask(w, instance, "/userid/?username=ann42");
		ask(w, instance, "/userinfo-by-username/?username=ann42");
	}
	world_pass(w, MINUTE_MS);
	world_move_name(w, 7, 42);
	ask(w, 1, "/userinfo-by-username/?username=ann07"); /* he who was ann42 */
	world_pass(w, 5000);
	assert_int_equal(world_calls(w), 3);
	for (size_t instance = 0; instance < 2; instance++) {
		r = ask(w, instance, "/userid/?username=ann42");
		assert_non_null(strstr(world_last_body(w), "Not found"));
		assert_int_equal(world_reply(w, r)->spent, instance == 0);
		r = ask(w, instance, "/userinfo-by-username/?username=ann42");
		assert_non_null(strstr(world_last_body(w), "Not found"));
	}
	assert_int_equal(world_calls(w), 5);
	world_free(w);
}

/* An instance that never heard of the old owner finds him in Redis. */
static void who_owned_a_name_before_is_known_to_those_who_come_later(void **state)
{
	struct world *w = world_new(1, 2, "");

	(void)state;
	ask(w, 0, "/userinfo-by-username/?username=ann09");
	world_pass(w, MINUTE_MS);
	world_kill(w, 1);
	world_move_name(w, 7, 9);
	ask(w, 1, "/user-posts/?userid=9");
	world_pass(w, 5000);
	ask(w, 0, "/userinfo-by-username/?username=ann09");
	assert_non_null(strstr(world_last_body(w), "Not found"));
	assert_int_equal(world_calls(w), 3);
	world_free(w);
}

/* One instance learnt of the name in between, the other sees that he has his old one again, or a third one. */
static void a_name_that_only_another_instance_knew_is_forgotten_too(void **state)
{
	(void)state;
	for (unsigned last = 7; last <= 43; last += 36) {
		struct world *w = world_new(1, 2, "");

		ask(w, 1, "/userinfo-by-id/?userid=5000007"); /* ann07 */
		world_pass(w, MINUTE_MS);
		world_move_name(w, 42, 7);
		ask(w, 0, "/userinfo-by-username/?username=ann42");
		ask(w, 0, "/userid/?username=ann42");
		world_pass(w, MINUTE_MS);
		world_move_name(w, last, 7);
		ask(w, 1, "/user-posts/?userid=7");
		world_pass(w, 5000);
		for (size_t instance = 0; instance < 2; instance++) {
			ask(w, instance, "/userinfo-by-username/?username=ann42");
			assert_non_null(strstr(world_last_body(w), "Not found"));
			ask(w, instance, "/userid/?username=ann42");
			assert_non_null(strstr(world_last_body(w), "Not found"));
		}
		world_free(w);
	}
}

/* ---- fields --------------------------------------------------------------------------------------------------------- */

#define DASHBOARD \
	"clients: [ { name: default, fields: { /post-detail/: [ title, create_time, play_count, digg_count, comment_count, share_count, " \
	"author, music_info ] } } ]\n"

static void a_dashboard_that_names_its_fields_is_served_from_lists(void **state)
{
	struct world *w = world_new(1, 2, DASHBOARD);
	static const unsigned posts[] = { 7, 108, 209, 10 };
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	for (size_t i = 0; i < 4; i++) {
		r = ask(w, i % 2, detail(target, posts[i]));
		assert_true(says(w, r, "hit") && says(w, r, "detail=entity"));
		assert_int_equal(world_reply(w, r)->avoided, 1);
		assert_null(strstr(world_last_body(w), "video_id"));
	}
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_ENTITY), 4);
	world_free(w);
}

static void counters_are_no_older_than_their_class(void **state)
{
	static const struct {
		unsigned post;
		int64_t enough_ms, too_old_ms;
	} rows[] = { { 209, 4 * MINUTE_MS, 5 * MINUTE_MS + 1 }, { 108, 26 * MINUTE_MS, 31 * MINUTE_MS } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct world *w = world_new(1, 1, DASHBOARD);
		char target[64];
		size_t r;

		ask(w, 0, FEED);
		world_pass(w, rows[i].enough_ms);
		r = ask(w, 0, detail(target, rows[i].post));
		assert_true(says(w, r, "detail=entity"));
		world_pass(w, rows[i].too_old_ms - rows[i].enough_ms);
		r = read_fields(w, 0, target, "title");
		assert_int_equal(world_reply(w, r)->spent, 0);
		r = ask(w, 0, target);
		assert_int_equal(world_reply(w, r)->spent, 1);
		world_free(w);
	}
}

static void an_export_that_needs_hdplay_is_fetched(void **state)
{
	struct world *w = world_new(1, 1, DASHBOARD);
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	r = read_fields(w, 0, detail(target, 7), "hdplay");
	assert_int_equal(world_reply(w, r)->spent, 1);
	assert_non_null(strstr(world_last_body(w), "hdplay"));
	world_pass(w, 5 * HOUR_MS);
	r = read_fields(w, 0, target, "hdplay"); /* its link lives on */
	assert_int_equal(world_reply(w, r)->spent, 0);
	world_pass(w, HOUR_MS);
	r = read_fields(w, 0, target, "hdplay");
	assert_int_equal(world_reply(w, r)->spent, 1);
	r = read_fields(w, 0, target, "*"); /* everything, whatever the configuration says */
	assert_int_equal(world_reply(w, r)->spent, 0);
	assert_int_equal(world_calls(w), 3);
	world_free(w);
}

static void fields_that_nobody_knows_are_served_whole(void **state)
{
	struct world *w = world_new(1, 1, "");
	char target[64], with[128];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	r = read_fields(w, 0, detail(target, 7), "title,likes");
	assert_int_equal(world_reply(w, r)->spent, 1);
	assert_true(says(w, r, "detail=unknown-fields"));
	r = read_fields(w, 0, target, "likes");
	assert_true(says(w, r, "hit") && says(w, r, "detail=unknown-fields"));
	snprintf(with, sizeof with, "%s&frugal_fields=title", detail(target, 10));
	r = ask(w, 0, with);
	assert_true(says(w, r, "detail=entity"));
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

/* A client that says nothing gets what the upstream would have sent: the old answer with counters from a list. */
static void an_old_detail_lives_on_with_counters_from_lists(void **state)
{
	struct world *w = world_new(1, 2, "refresh_reads: 0");
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, detail(target, 108));
	for (size_t hour = 1; hour <= 5; hour++) {
		world_pass(w, HOUR_MS);
		ask(w, 0, FEED);
		world_pass(w, 1000); /* an old list was served, and refreshed behind */
		r = ask(w, hour % 2, target);
		assert_true(says(w, r, "detail=entity") || hour == 1); /* then the old one is good enough for a moment */
		assert_non_null(strstr(world_last_body(w), "hdplay"));
	}
	assert_int_equal(world_calls(w), 6);
	world_pass(w, HOUR_MS); /* the links are dead */
	ask(w, 0, FEED);
	r = ask(w, 0, target);
	assert_int_equal(world_reply(w, r)->spent, 1);
	world_free(w);
}

static void a_feed_that_comes_while_details_wait_saves_them_all(void **state)
{
	struct world *w = world_new(1, 1, "upstream: { connections: 1, rate: none }\n" DASHBOARD);
	char target[64];

	(void)state;
	world_upstream(w, 2000, WORLD_DATA);
	world_get(w, 0, FEED, NULL);
	world_pass(w, 100);
	for (unsigned i = 0; i < 4; i++)
		world_get(w, 0, detail(target, (unsigned[]){ 7, 108, 209, 10 }[i]), NULL);
	world_run(w);
	assert_int_equal(world_calls(w), 1);
	assert_int_equal(world_outcomes(w, FR_OUTCOME_ENTITY), 4);
	world_free(w);
}

static void a_post_that_is_gone_is_not_served_from_lists(void **state)
{
	struct world *w = world_new(1, 1, DASHBOARD);
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	world_pass(w, MINUTE_MS);
	world_upstream_at(w, "/post-detail/", WORLD_NOT_FOUND);
	r = read_fields(w, 0, detail(target, 7), "hdplay");
	assert_int_equal(world_reply(w, r)->spent, 1);
	r = ask(w, 0, target);
	assert_true(says(w, r, "detail=negative"));
	world_pass(w, 11 * MINUTE_MS); /* the negative answer has ended, the list is younger than its time */
	r = ask(w, 0, target);
	assert_int_equal(world_reply(w, r)->spent, 1);
	world_pass(w, MINUTE_MS);
	ask(w, 0, "/user-liked/?userid=7&count=20"); /* there it is again */
	world_pass(w, DAY_MS / 24);
	r = read_fields(w, 0, target, "title");
	assert_true(says(w, r, "detail=entity"));
	world_free(w);
}

/* The not-found itself is evicted; that the post is gone is remembered in its place. */
static void that_a_post_is_gone_outlives_the_answer_that_said_so(void **state)
{
	struct world *w = world_new(1, 1, "memory: { size: 64K }\n" DASHBOARD);
	char target[64], other[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	world_pass(w, 1000);
	world_upstream_at(w, "/post-detail/", WORLD_NOT_FOUND);
	read_fields(w, 0, detail(target, 7), "hdplay");
	for (int i = 0; i < 100; i++) {
		snprintf(other, sizeof other, "/userid/?username=other%d", i);
		ask(w, 0, other);
	}
	r = ask(w, 0, target);
	assert_true(says(w, r, "detail=negative"));
	world_free(w);
}

static void when_no_call_can_be_made_old_lists_are_better_than_nothing(void **state)
{
	struct world *w = world_new(1, 1, DASHBOARD "budgets: [ { scope: all, window: month, credits: 1 } ]\n");
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	world_pass(w, 3 * HOUR_MS);
	r = ask(w, 0, detail(target, 209)); /* whose counters are too old by far */
	assert_true(says(w, r, "detail=\"entity, stale-budget\"") && says(w, r, "ttl=-"));
	assert_int_equal(world_reply(w, r)->avoided, 1);
	r = world_get_fields(w, 0, target, "hdplay");
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 429);
	world_free(w);
}

static void a_silent_upstream_is_answered_for_from_lists(void **state)
{
	struct world *w = world_new(1, 1, DASHBOARD);
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	world_pass(w, 3 * HOUR_MS);
	world_upstream(w, 10, WORLD_503);
	r = ask(w, 0, detail(target, 209));
	assert_true(says(w, r, "entity, stale-error"));
	world_pass(w, 7 * DAY_MS); /* which is older than a rescue may be */
	r = world_get(w, 0, target, NULL);
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 502);
	world_free(w);
}

static void only_if_cached_is_answered_from_lists_too(void **state)
{
	struct world *w = world_new(1, 2, DASHBOARD);
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	r = world_get(w, 1, detail(target, 7), "only-if-cached");
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_true(says(w, r, "detail=entity"));
	r = world_get(w, 1, detail(target, 50), "only-if-cached");
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 504);
	world_free(w);
}

static void a_refresh_is_spared_where_lists_have_told_enough(void **state)
{
	struct world *w = world_new(1, 2, "refresh_reads: 0");
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, detail(target, 108));
	ask(w, 1, target);
	world_pass(w, 40 * MINUTE_MS); /* stale, in its window */
	ask(w, 0, FEED);
	r = ask(w, 1, target); /* which has the old answer in memory, and finds the list's word in Redis only when it refreshes */
	assert_int_equal(world_reply(w, r)->spent, 0);
	world_pass(w, 1000);
	r = ask(w, 1, target);
	assert_true(says(w, r, "detail=entity"));
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void what_was_purged_is_not_put_together_again(void **state)
{
	struct world *w = world_new(1, 2, DASHBOARD);
	char target[64];
	size_t r;

	(void)state;
	ask(w, 0, FEED);
	r = ask(w, 1, detail(target, 7));
	assert_true(says(w, r, "detail=entity"));
	world_pass(w, 1000);
	world_purge(w, 0, "/post-detail/", false);
	world_pass(w, 1000);
	r = ask(w, 1, target);
	assert_int_equal(world_reply(w, r)->spent, 1);
	world_free(w);
}

static void keys_of_their_own_divide_what_was_learnt_too(void **state)
{
	struct world *w = world_new_keyless(1, 1, DASHBOARD);
	char target[64];
	size_t r;

	(void)state;
	world_get_as(w, 0, FEED, "anna");
	world_run(w);
	r = world_get_as(w, 0, "/userid/?username=ann07", "bert");
	world_run(w);
	assert_int_equal(world_reply(w, r)->spent, 1);
	r = world_get_as(w, 0, detail(target, 10), "bert");
	world_run(w);
	assert_int_equal(world_reply(w, r)->spent, 1);
	r = world_get_as(w, 0, target, "anna");
	world_run(w);
	assert_int_equal(world_reply(w, r)->spent, 0);
	world_free(w);
}

static void a_body_of_other_types_teaches_nothing(void **state)
{
	struct world *w = world_new(1, 1, DASHBOARD);
	char target[64];

	(void)state;
	world_upstream_at(w, "/user-posts/", WORLD_NO_KEY);
	world_get(w, 0, FEED, NULL);
	world_run(w);
	world_upstream(w, 10, WORLD_DATA);
	ask(w, 0, detail(target, 7));
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

/* Talk under a new post is looked at again sooner; how new a post or a comment is, its id tells. */
static void talk_under_a_new_post_is_asked_for_sooner(void **state)
{
	static const char *const forms[] = { "/post-comments/?url=", "/post-comment-replies/?video_id=7&comment_id=" };

	(void)state;
	for (size_t i = 0; i < 2; i++)
		for (size_t made = 0; made < 3; made++) { /* years, five hours, ten minutes ago */
			struct world *w = world_new(1, 1, "refresh_reads: 0");
			char target[80];
			size_t r;

			snprintf(target, sizeof target, "%s%llu", forms[i],
				 (unsigned long long)fake_post_id((unsigned)made * 100));
			ask(w, 0, target);
			world_pass(w, 13 * MINUTE_MS);
			r = ask(w, 0, target);
			assert_true(says(w, r, "hit"));
			world_pass(w, 3 * MINUTE_MS);
			ask(w, 0, target);
			world_pass(w, 1000);
			assert_int_equal(world_calls(w), made == 2 ? 2 : 1);
			world_free(w);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_feed_answers_the_authors_ids),
		cmocka_unit_test(an_author_seen_again_renews_the_id),
		cmocka_unit_test(a_profile_by_name_answers_by_id),
		cmocka_unit_test(a_detail_answers_its_download_until_the_links_die),
		cmocka_unit_test(a_negative_answer_gives_way_to_what_a_list_shows),
		cmocka_unit_test(a_handle_that_changed_hands_is_asked_again),
		cmocka_unit_test(the_old_name_of_one_who_has_another_is_asked_again),
		cmocka_unit_test(who_owned_a_name_before_is_known_to_those_who_come_later),
		cmocka_unit_test(a_name_that_only_another_instance_knew_is_forgotten_too),
		cmocka_unit_test(a_dashboard_that_names_its_fields_is_served_from_lists),
		cmocka_unit_test(counters_are_no_older_than_their_class),
		cmocka_unit_test(an_export_that_needs_hdplay_is_fetched),
		cmocka_unit_test(fields_that_nobody_knows_are_served_whole),
		cmocka_unit_test(an_old_detail_lives_on_with_counters_from_lists),
		cmocka_unit_test(a_feed_that_comes_while_details_wait_saves_them_all),
		cmocka_unit_test(a_post_that_is_gone_is_not_served_from_lists),
		cmocka_unit_test(that_a_post_is_gone_outlives_the_answer_that_said_so),
		cmocka_unit_test(when_no_call_can_be_made_old_lists_are_better_than_nothing),
		cmocka_unit_test(a_silent_upstream_is_answered_for_from_lists),
		cmocka_unit_test(only_if_cached_is_answered_from_lists_too),
		cmocka_unit_test(a_refresh_is_spared_where_lists_have_told_enough),
		cmocka_unit_test(what_was_purged_is_not_put_together_again),
		cmocka_unit_test(keys_of_their_own_divide_what_was_learnt_too),
		cmocka_unit_test(a_body_of_other_types_teaches_nothing),
		cmocka_unit_test(talk_under_a_new_post_is_asked_for_sooner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
