#include "tests/story/story.h"

#include "base/str.h"
#include "core/json.h"

#include <inttypes.h>
#include <stdlib.h>

/* Lists are asked for with their largest count, and pages are cut from that. */

#define POSTS "/user-posts/?userid=77"
#define SEARCH "/search-video/?keyword=cats"
#define MINUTE_MS (INT64_C(60) * 1000)

enum { ROWS_MAX = 2000, BODIES_MAX = 4096 };

/* What a client reads: rows, and where to go on. */
struct reader {
	struct world *w;
	char *body[BODIES_MAX]; /* by request */
	size_t n;
	uint64_t row[ROWS_MAX];
	char cursor[32];
	bool more;
};

static void see(void *ctx, size_t request, const char *body)
{
	struct reader *r = ctx;

	if (request < BODIES_MAX) {
		free(r->body[request]);
		r->body[request] = strdup(body);
	}
}

static struct reader *reader_new(struct world *w, const struct fake_list *lists)
{
	struct reader *r = calloc(1, sizeof *r);

	assert_non_null(r);
	r->w = w;
	snprintf(r->cursor, sizeof r->cursor, "0");
	r->more = true;
	world_see(w, see, r);
	world_lists(w, lists);
	return r;
}

static void reader_free(struct reader *r)
{
	world_free(r->w);
	for (size_t i = 0; i < BODIES_MAX; i++)
		free(r->body[i]);
	free(r);
}

static void from_the_beginning(struct reader *r)
{
	r->n = 0;
	snprintf(r->cursor, sizeof r->cursor, "0");
	r->more = true;
}

static void take_body(struct reader *r, const char *body)
{
	struct fr_str root = fr_json_value(fr_str_of(body)), none, row, cursor = fr_json_get(root, FR_STR("cursor"));
	struct fr_json_walk walk = fr_json_walk(fr_json_get(root, FR_STR("videos")));

	assert_non_null(root.p);
	while (fr_json_next(&walk, &none, &row)) {
		assert_true(r->n < ROWS_MAX);
		assert_true(fr_str_to_u64(fr_json_inside(fr_json_get(row, FR_STR("video_id"))), &r->row[r->n++]));
	}
	if (fr_json_kind(cursor) == FR_JSON_TEXT)
		cursor = fr_json_inside(cursor);
	assert_true(fr_str_copy(r->cursor, sizeof r->cursor, cursor));
	r->more = fr_str_is(fr_json_get(root, FR_STR("hasMore")), "true");
}

static size_t ask_page(struct reader *r, size_t instance, const char *list, unsigned count)
{
	char target[256];

	snprintf(target, sizeof target, "%s&count=%u&cursor=%s", list, count, r->cursor);
	return world_get(r->w, instance, target, NULL);
}

/* One page, read to its end. Returns the number of the request. */
static size_t read_page(struct reader *r, size_t instance, const char *list, unsigned count)
{
	size_t request = ask_page(r, instance, list, count);

	world_run(r->w);
	assert_int_equal(world_reply(r->w, request)->status, 200);
	take_body(r, r->body[request]);
	return request;
}

/* The same from the list itself. */
static void read_directly(struct reader *r, const char *list, const struct fake_list *like, unsigned count)
{
	static char page[FAKE_LIST_MAX], body[FAKE_LIST_MAX + 2];
	struct fake_list l = *like;
	uint64_t cursor, ignored;

	assert_true(fake_list_of(list, &l, &cursor, &ignored));
	from_the_beginning(r);
	while (r->more) {
		fake_list_page(&l, strtoull(r->cursor, NULL, 10), count, INT64_C(1764000000000) + world_now(r->w).v, page);
		snprintf(body, sizeof body, "{%s}", page);
		take_body(r, body);
	}
}

static void same_rows(const struct reader *r, const uint64_t *row, size_t n)
{
	assert_int_equal(r->n, n);
	assert_memory_equal(r->row, row, n * sizeof row[0]);
}

static const struct fake_list quiet = { .rows = 100, .every_s = 10 * 86400 };

static void one_call_brings_the_largest_page_and_the_next_pages_cost_nothing(void **state)
{
	static const char *const lists[] = { POSTS, SEARCH };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reader *r = reader_new(world_new(1, 1, ""), &quiet);
		size_t first, request;

		world_upstream_at(r->w, "count=10", WORLD_503); /* nobody asks for so few */
		first = read_page(r, 0, lists[i], 10);
		assert_int_equal(r->n, 10);
		assert_int_equal(world_reply(r->w, first)->spent, 1);
		assert_true(says(r->w, first, "fwd=uri-miss; fwd-status=200; stored; detail=page-slice"));
		for (size_t page = 2; page <= 3; page++) {
			request = read_page(r, 0, lists[i], 10);
			assert_int_equal(r->n, page * 10);
			assert_int_equal(world_reply(r->w, request)->avoided, 1);
			assert_true(says(r->w, request, "hit; ttl="));
			assert_true(says(r->w, request, "detail=page-slice"));
		}
		assert_int_equal(world_calls(r->w), 1);
		assert_int_equal(world_outcomes(r->w, FR_OUTCOME_PAGE), 2);
		read_page(r, 0, lists[i], 10); /* five rows of the first block, five of the next */
		assert_int_equal(r->n, 40);
		assert_int_equal(world_calls(r->w), 2);
		reader_free(r);
	}
}

static void a_crowd_that_wants_pages_of_all_sizes_shares_one_call(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, ""), &quiet);
	char target[128];

	(void)state;
	world_upstream(r->w, 1000, WORLD_DATA);
	for (unsigned count = 1; count <= 35; count++) {
		snprintf(target, sizeof target, SEARCH "&count=%u", count);
		world_get(r->w, 0, target, NULL);
	}
	world_run(r->w);
	assert_int_equal(world_calls(r->w), 1);
	for (size_t i = 0; i < 35; i++) {
		from_the_beginning(r);
		take_body(r, r->body[i]);
		assert_int_equal(r->n, i + 1);
		assert_int_equal(says(r->w, i, "page-slice"), i != 34); /* the largest is handed on as it came */
		assert_int_equal(world_reply(r->w, i)->spent, i == 0);
	}
	reader_free(r);
}

/* Random counts, on one instance or several, with gaps and pinned rows: the same rows, for the fewest calls. */
static void a_crawl_with_random_counts_equals_a_direct_one(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 120; seed++) {
		struct fr_random random = { seed };
		const struct fake_list like = { .rows = 1 + fr_random_below(&random, 200),
						.every_s = 10 * 86400,
						.hidden = fr_random_chance(&random, 500) ? 150 : 0,
						.pinned = fr_random_below(&random, 3) };
		const char *list = fr_random_chance(&random, 500) ? POSTS : SEARCH;
		struct reader *r = reader_new(world_new(seed, 1, ""), &like);
		static uint64_t direct[ROWS_MAX];
		size_t n, pages = 0;

		read_directly(r, list, &like, 35);
		memcpy(direct, r->row, sizeof direct);
		n = r->n;
		from_the_beginning(r);
		read_page(r, 0, list, 3 + (unsigned)fr_random_below(&random, 33)); /* no page ends among the pinned rows */
		for (pages = 1; r->more; pages++)
			read_page(r, 0, list, 1 + (unsigned)fr_random_below(&random, 35));
		same_rows(r, direct, n);
		if (like.hidden == 0)
			assert_int_equal(world_calls(r->w), (n + 34) / 35);
		assert_true(world_calls(r->w) <= pages);
		reader_free(r);
	}
}

static void by_time_new_rows_between_the_pages_change_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct fr_random random = { seed };
		const struct fake_list like = { .rows = 150, .every_s = 1 + (int64_t)fr_random_below(&random, 300) };
		struct reader *r = reader_new(world_new(seed, 1, ""), &like);
		static uint64_t before[ROWS_MAX];
		size_t n;

		read_directly(r, POSTS, &like, 35);
		memcpy(before, r->row, sizeof before);
		n = r->n;
		from_the_beginning(r);
		while (r->more) {
			read_page(r, 0, POSTS, 1 + (unsigned)fr_random_below(&random, 35));
			world_pass(r->w, (int64_t)fr_random_below(&random, 10 * MINUTE_MS));
		}
		same_rows(r, before, n);
		reader_free(r);
	}
}

static void by_offset_pages_of_one_moment_have_neither_gap_nor_duplicate(void **state)
{
	const struct fake_list like = { .rows = 150, .every_s = 60 };
	struct reader *r = reader_new(world_new(1, 1, ""), &like);

	(void)state;
	for (unsigned count = 1; count < 35; count++) {
		from_the_beginning(r);
		while (r->n + count <= 35) {
			read_page(r, 0, SEARCH, count);
			world_pass(r->w, MINUTE_MS / 2); /* others come, and move every row */
		}
		for (size_t i = 1; i < r->n; i++)
			assert_int_equal(r->row[i], r->row[i - 1] - 1);
		world_pass(r->w, 2 * HOUR_MS);
	}
	reader_free(r);
}

static void whoever_counts_on_by_himself_sees_every_row_once(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		const struct fake_list like = { .rows = 140, .every_s = 10 * 86400, .hidden = seed % 2 == 0 ? 100 : 0 };
		struct reader *r = reader_new(world_new(seed, 1, ""), &like);
		static uint64_t direct[ROWS_MAX];
		unsigned count = 3 + (unsigned)seed;
		size_t n;

		read_directly(r, SEARCH, &like, 35);
		memcpy(direct, r->row, sizeof direct);
		n = r->n;
		from_the_beginning(r);
		for (unsigned at = 0; at < 140; at += count) { /* whatever the answer says */
			snprintf(r->cursor, sizeof r->cursor, "%u", at);
			read_page(r, 0, SEARCH, count);
		}
		same_rows(r, direct, n);
		reader_free(r);
	}
}

static void an_instance_that_was_killed_goes_on_with_what_redis_has(void **state)
{
	struct reader *r = reader_new(world_new(1, 2, ""), &quiet);
	static uint64_t direct[ROWS_MAX];

	(void)state;
	read_directly(r, SEARCH, &quiet, 35);
	memcpy(direct, r->row, sizeof direct);
	from_the_beginning(r);
	for (size_t page = 0; r->more; page++) {
		read_page(r, page % 2, SEARCH, 7);
		if (page % 3 == 2)
			world_kill(r->w, page % 2);
	}
	same_rows(r, direct, 100);
	assert_int_equal(world_calls(r->w), 3);
	reader_free(r);
}

static void by_time_other_instances_find_the_blocks_in_redis(void **state)
{
	struct reader *r = reader_new(world_new(1, 3, ""), &quiet);

	(void)state;
	for (size_t page = 0; r->more; page++)
		read_page(r, page % 3, POSTS, 7);
	assert_int_equal(r->n, 100);
	assert_int_equal(world_calls(r->w), 3);
	reader_free(r);
}

static void a_block_that_memory_has_lost_is_found_in_redis(void **state)
{
	static const char *const lists[] = { POSTS, SEARCH };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reader *r = reader_new(world_new(1, 1, "memory: { size: 64K }"), &quiet);
		char target[64];

		read_page(r, 0, lists[i], 10);
		for (size_t k = 0; k < 1000; k++) {
			snprintf(target, sizeof target, "/userid/?username=u%zu", k);
			world_get(r->w, 0, target, NULL);
			world_pass(r->w, 400);
		}
		world_run(r->w);
		assert_int_equal(world_calls(r->w), 1001);
		read_page(r, 0, lists[i], 10);
		assert_int_equal(r->n, 20);
		assert_int_equal(world_calls(r->w), 1001);
		reader_free(r);
	}
}

static void a_block_that_does_not_follow_the_model_is_kept_for_whom_it_answers_and_the_others_ask_exactly(void **state)
{
	const struct fake_list wrong = { .rows = 100, .every_s = 10 * 86400, .wrong = true };
	struct reader *r = reader_new(world_new(1, 1, ""), &wrong);
	size_t few, most;

	(void)state;
	world_upstream(r->w, 500, WORLD_DATA);
	few = world_get(r->w, 0, SEARCH "&count=10", NULL);
	most = world_get(r->w, 0, SEARCH "&count=35", NULL);
	world_run(r->w);
	assert_int_equal(world_calls(r->w), 2);
	take_body(r, r->body[few]);
	assert_int_equal(r->n, 10);
	assert_string_equal(r->cursor, "11"); /* the upstream's own */
	assert_false(says(r->w, few, "page-slice"));
	assert_int_equal(world_reply(r->w, few)->spent, 1);
	assert_int_equal(world_reply(r->w, most)->spent, 1); /* whoever gets the first one pays for it */
	assert_int_equal(world_tally(r->w, 0)->counters.block_untrusted, 1);
	world_get(r->w, 0, "/search-video/?keyword=dogs&count=10", NULL); /* the row is asked exactly for a while */
	world_run(r->w);
	assert_int_equal(world_calls(r->w), 3);
	world_lists(r->w, &quiet);
	world_pass(r->w, HOUR_MS);
	from_the_beginning(r);
	read_page(r, 0, "/search-video/?keyword=birds", 10);
	read_page(r, 0, "/search-video/?keyword=birds", 10);
	assert_int_equal(r->n, 20);
	assert_int_equal(world_calls(r->w), 4);
	reader_free(r);
}

static void one_list_that_is_otherwise_does_not_cost_the_others_their_blocks(void **state)
{
	const struct fake_list wrong = { .rows = 100, .every_s = 10 * 86400, .wrong = true };
	struct reader *r = reader_new(world_new(1, 1, ""), &quiet);

	(void)state;
	read_page(r, 0, SEARCH, 10);
	world_lists(r->w, &wrong);
	from_the_beginning(r);
	read_page(r, 0, "/search-video/?keyword=dogs", 10); /* the block, and what was asked for */
	assert_int_equal(world_calls(r->w), 3);
	from_the_beginning(r);
	read_page(r, 0, "/search-video/?keyword=dogs", 12);
	assert_int_equal(world_calls(r->w), 4);
	world_lists(r->w, &quiet);
	for (unsigned count = 3; count < 6; count++) {
		from_the_beginning(r);
		read_page(r, 0, "/search-video/?keyword=birds", count);
		assert_int_equal(r->n, count);
	}
	assert_int_equal(world_calls(r->w), 5);
	reader_free(r);
}

static void what_is_paid_for_nobody_is_an_orphan_and_the_books_balance(void **state)
{
	const struct fake_list wrong = { .rows = 100, .every_s = 10 * 86400, .wrong = true };
	struct reader *r = reader_new(world_new(1, 1, ""), &wrong);
	size_t request;

	(void)state;
	request = read_page(r, 0, POSTS, 10);
	assert_int_equal(world_reply(r->w, request)->spent, 1);
	assert_int_equal(world_calls(r->w), 2);
	assert_int_equal(world_tally(r->w, 0)->demand, 1);
	assert_int_equal(world_spent(r->w), 2);
	reader_free(r);
}

static void a_largest_count_that_is_refused_does_not_stop_smaller_ones(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, ""), &quiet);

	(void)state;
	world_upstream_at(r->w, "count=35", WORLD_RESOURCE_ERROR);
	read_page(r, 0, SEARCH, 10);
	assert_int_equal(r->n, 10);
	assert_int_equal(world_calls(r->w), 2);
	read_page(r, 0, SEARCH, 10); /* from now on it is not tried */
	assert_int_equal(world_calls(r->w), 3);
	reader_free(r);
}

static void an_error_of_the_thing_itself_is_paid_for_once_where_largest_counts_are_known_to_work(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, ""), &quiet);
	size_t request;

	(void)state;
	read_page(r, 0, SEARCH, 10);
	world_upstream(r->w, 0, WORLD_RESOURCE_ERROR);
	request = world_get(r->w, 0, "/search-video/?keyword=dogs&count=10", NULL);
	world_run(r->w);
	assert_int_equal(world_calls(r->w), 2);
	assert_non_null(strstr(r->body[request], "Something went wrong"));
	reader_free(r);
}

static void when_the_next_block_does_not_come_the_page_ends_with_the_first(void **state)
{
	static const enum world_answer kinds[] = { WORLD_503, WORLD_TIMEOUT, WORLD_NOT_FOUND, WORLD_NO_KEY };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct reader *r = reader_new(world_new(1, 1, ""), &quiet);
		size_t request;

		read_page(r, 0, SEARCH, 30);
		world_upstream(r->w, 0, kinds[i]);
		request = read_page(r, 0, SEARCH, 30);
		assert_int_equal(r->n, 35);
		assert_string_equal(r->cursor, "35");
		assert_true(r->more);
		assert_true(says(r->w, request, "page-slice"));
		world_pass(r->w, HOUR_MS / 4);
		world_upstream(r->w, 0, WORLD_DATA);
		read_page(r, 0, SEARCH, 30);
		assert_int_equal(r->n, kinds[i] == WORLD_NOT_FOUND ? 65 : 65);
		reader_free(r);
	}
}

/* The next block is there, but cannot be cut: it makes the page neither longer nor older. */
static void a_page_that_ends_with_the_first_block_is_as_old_as_that(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, "endpoints: { /user-posts/: { links: none } }"), &quiet);
	struct fake_list wrong = quiet;
	size_t request;

	(void)state;
	wrong.wrong = true;
	read_page(r, 0, POSTS, 35);
	world_lists(r->w, &wrong);
	read_page(r, 0, POSTS, 35);
	world_lists(r->w, &quiet);
	world_pass(r->w, 3 * HOUR_MS);
	from_the_beginning(r);
	read_page(r, 0, POSTS, 30);
	request = read_page(r, 0, POSTS, 30);
	assert_int_equal(r->n, 35);
	assert_true(says(r->w, request, "page-slice"));
	assert_int_equal(world_reply(r->w, request)->age_s, 0);
	reader_free(r);
}

static void pages_behind_the_first_are_fresh_by_their_own_time(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, "endpoints: { /user-posts/: { links: none } }"), &quiet);
	char cursor[32];
	size_t request;

	(void)state;
	read_page(r, 0, POSTS, 10);
	memcpy(cursor, r->cursor, sizeof cursor);
	world_pass(r->w, 5 * HOUR_MS);
	request = read_page(r, 0, POSTS, 10); /* the second page, out of a block whose first is long past its time */
	assert_true(says(r->w, request, "hit; ttl="));
	assert_int_equal(world_calls(r->w), 1);
	from_the_beginning(r);
	read_page(r, 0, POSTS, 10);
	assert_int_equal(world_calls(r->w), 2);
	assert_string_equal(r->cursor, cursor);
	reader_free(r);
}

static void a_stale_page_is_served_while_its_block_is_renewed(void **state)
{
	const struct fake_list busy = { .rows = 100, .every_s = 600 };
	struct reader *r = reader_new(world_new(1, 1, "refresh_reads: 0"), &busy);
	uint64_t newest;
	size_t request;

	(void)state;
	read_page(r, 0, SEARCH, 5);
	newest = r->row[0];
	world_pass(r->w, 40 * MINUTE_MS);
	from_the_beginning(r);
	request = read_page(r, 0, SEARCH, 7);
	assert_int_equal(r->row[0], newest);
	assert_true(says(r->w, request, "hit; ttl=-"));
	assert_true(says(r->w, request, "page-slice"));
	world_pass(r->w, 1000);
	assert_int_equal(world_calls(r->w), 2);
	from_the_beginning(r);
	read_page(r, 0, SEARCH, 3);
	assert_int_equal(r->row[0], newest + 4);
	assert_int_equal(world_calls(r->w), 2);
	reader_free(r);
}

/* A page that begins in one block and ends in the next is read of both. */
static void a_page_of_two_blocks_earns_the_renewal_of_both(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, ""), &quiet);

	(void)state;
	snprintf(r->cursor, sizeof r->cursor, "30");
	for (int minute = 0; minute < 4 * 60; minute += 10) {
		size_t request = ask_page(r, 0, SEARCH, 10);

		assert_int_equal(world_reply(r->w, request)->answered, minute > 0);
		world_run(r->w);
		assert_false(says(r->w, request, "seldom-read"));
		world_pass(r->w, 10 * MINUTE_MS);
	}
	reader_free(r);
}

static void a_page_says_so_if_one_of_its_blocks_is_read_too_seldom(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, ""), &quiet);
	size_t request;

	(void)state;
	read_page(r, 0, SEARCH, 30);
	world_pass(r->w, 20 * MINUTE_MS);
	read_page(r, 0, SEARCH, 10); /* the second block is of now */
	assert_int_equal(world_calls(r->w), 2);
	world_pass(r->w, 15 * MINUTE_MS);
	snprintf(r->cursor, sizeof r->cursor, "30");
	request = read_page(r, 0, SEARCH, 10);
	world_pass(r->w, 1000);
	assert_int_equal(world_calls(r->w), 2);
	assert_true(says(r->w, request, "hit; ttl=-") && says(r->w, request, "detail=\"page-slice, seldom-read\""));
	assert_int_equal(world_outcomes(r->w, FR_OUTCOME_STALE_SELDOM), 1);
	assert_int_equal(world_outcomes(r->w, FR_OUTCOME_STALE), 0);
	reader_free(r);
}

static void time_does_not_run_backwards_from_block_to_block(void **state)
{
	const struct fake_list busy = { .rows = 100, .every_s = 600 };
	struct reader *r = reader_new(world_new(1, 1, "endpoints: { /search-video/: { fresh: 1h, stale: 0s } }"), &busy);
	uint64_t first[35];

	(void)state;
	read_page(r, 0, SEARCH, 35);
	world_pass(r->w, 30 * MINUTE_MS);
	read_page(r, 0, SEARCH, 35); /* the second block is half an hour younger */
	world_pass(r->w, 35 * MINUTE_MS);
	from_the_beginning(r);
	read_page(r, 0, SEARCH, 35); /* the first is renewed: three rows have come since the second was read */
	memcpy(first, r->row, sizeof first);
	read_page(r, 0, SEARCH, 20);
	assert_int_equal(r->row[35], first[34] - 1);
	assert_int_equal(world_calls(r->w), 4);
	reader_free(r);
}

static void a_purge_of_a_page_ends_what_it_would_be_cut_from(void **state)
{
	static const struct {
		const char *purged;
		bool soft, again;
	} rows[] = {
		{ SEARCH "&count=10&cursor=0", false, true },  { SEARCH "&count=10&cursor=10", false, true },
		{ SEARCH "&cursor=30&count=3", false, true },  { SEARCH "&count=10&cursor=0", true, true },
		{ SEARCH "&count=35&cursor=0", false, true },  { "/search-video/", false, true },
		{ SEARCH "&cursor=40&count=3", false, false }, { "/search-video/?keyword=dogs", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reader *r = reader_new(world_new(1, 2, ""), &quiet);

		read_page(r, 0, SEARCH, 10);
		read_page(r, 1, SEARCH, 10);
		assert_int_equal(world_calls(r->w), 1);
		world_pass(r->w, 10);
		world_purge(r->w, 0, rows[i].purged, rows[i].soft);
		world_pass(r->w, 2000);
		from_the_beginning(r);
		read_page(r, 1, SEARCH, 10);
		read_page(r, 0, SEARCH, 10);
		world_pass(r->w, 2000);
		assert_int_equal(world_calls(r->w), rows[i].again ? 2 : 1);
		assert_int_equal(r->n, 20);
		reader_free(r);
	}
}

static size_t search(struct reader *r, size_t keyword, unsigned cursor)
{
	char target[128];
	size_t request;

	snprintf(target, sizeof target, "/search-video/?keyword=k%zu&count=35&cursor=%u", keyword, cursor);
	request = world_get(r->w, 0, target, NULL);
	world_run(r->w);
	return request;
}

/* Every block in memory was a hit, and the page's first one is the next to go when the page itself takes its room. */
static void a_full_memory_does_not_let_go_of_the_block_that_a_page_begins_in(void **state)
{
	(void)state;
	for (size_t lists = 10; lists < 20; lists++) { /* one of them fills it */
		struct reader *r = reader_new(world_new(1, 1, "memory: {size: 64K}"), &quiet);
		size_t request;

		for (int i = 0; i < 2; i++)
			for (size_t k = 0; k < lists; k++) {
				search(r, k, 0);
				search(r, k, k == 0 ? 35 : 0);
			}
		world_validate(r->w, true); /* as any reload: blocks are found by their questions again */
		request = search(r, 0, 20);
		assert_true(says(r->w, request, "detail=page-slice"));
		take_body(r, r->body[request]);
		assert_int_equal(r->n, 35);
		reader_free(r);
	}
}

static void blocks_can_be_switched_off_for_all_or_for_one_row(void **state)
{
	static const char *const yaml[] = { "blocks: off", "endpoints: { /search-video/: { blocks: off } }" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct reader *r = reader_new(world_new(1, 1, yaml[i]), &quiet);
		size_t request;

		world_upstream_at(r->w, "count=35", WORLD_503);
		request = read_page(r, 0, SEARCH, 10);
		assert_false(says(r->w, request, "page-slice"));
		read_page(r, 0, SEARCH, 10);
		assert_int_equal(world_calls(r->w), 2);
		reader_free(r);
	}
}

/* Whoever waits gets his page: of the block that comes, or asked for as it is. */
static void a_reload_that_switches_blocks_off_while_a_page_waits_does_not_spoil_it(void **state)
{
	static const char *const lists[] = { POSTS, SEARCH }, *const paths[] = { "/user-posts/", "/search-video/" };

	(void)state;
	for (size_t i = 0; i < 16; i++) {
		struct reader *r = reader_new(world_new(1, 2, ""), &quiet);
		const char *list = lists[i % 2], *path = i / 2 % 2 == 0 ? NULL : paths[i % 2];
		bool in_two = i / 4 % 2 != 0,
		     again = i / 8 != 0; /* a page that begins in a block that is there; blocks are on again */
		size_t page[2], first = in_two ? 30 : 0;
		char from[32];

		if (in_two)
			read_page(r, 0, list, 30);
		memcpy(from, r->cursor, sizeof from);
		world_upstream(r->w, 2000, WORLD_DATA);
		for (size_t n = 0; n < 2; n++)
			page[n] = ask_page(r, n, list, 20);
		world_pass(r->w, 1000);
		world_reload_blocks(r->w, path, false);
		if (again)
			world_reload_blocks(r->w, path, true);
		world_run(r->w);
		read_directly(r, list, &quiet, 35);
		for (size_t n = 0; n < 2; n++) {
			uint64_t direct[20];

			memcpy(direct, r->row + first, sizeof direct);
			assert_int_equal(world_reply(r->w, page[n])->status, 200);
			r->n = 0;
			take_body(r, r->body[page[n]]);
			same_rows(r, direct, 20);
			assert_true(r->more);
			read_directly(r, list, &quiet, 35);
		}
		reader_free(r);
	}
}

static void clients_with_their_own_keys_share_no_block(void **state)
{
	struct reader *r = reader_new(world_new_keyless(1, 1, ""), &quiet);

	(void)state;
	world_get_as(r->w, 0, SEARCH "&count=10", "anna");
	world_run(r->w);
	assert_string_equal(world_last_key(r->w), "anna");
	world_get_as(r->w, 0, SEARCH "&count=10&cursor=10", "anna");
	world_run(r->w);
	assert_int_equal(world_calls(r->w), 1);
	world_get_as(r->w, 0, SEARCH "&count=10&cursor=10", "bert");
	world_run(r->w);
	assert_int_equal(world_calls(r->w), 2);
	assert_string_equal(world_last_key(r->w), "bert");
	reader_free(r);
}

static void what_is_asked_again_goes_on_with_the_clients_own_key(void **state)
{
	const struct fake_list wrong = { .rows = 100, .every_s = 10 * 86400, .wrong = true };
	struct reader *r = reader_new(world_new_keyless(1, 1, ""), &wrong);

	(void)state;
	world_get_as(r->w, 0, SEARCH "&count=10", "anna");
	world_run(r->w);
	assert_int_equal(world_calls(r->w), 2);
	assert_string_equal(world_last_key(r->w), "anna");
	reader_free(r);
}

static void only_if_cached_finds_a_page_in_a_block(void **state)
{
	struct reader *r = reader_new(world_new(1, 2, ""), &quiet);
	size_t request = world_get(r->w, 0, SEARCH "&count=10", "only-if-cached");

	(void)state;
	world_run(r->w);
	assert_int_equal(world_reply(r->w, request)->status, 504);
	read_page(r, 0, SEARCH, 20);
	for (size_t i = 0; i < 2; i++) { /* in memory, and in Redis */
		request = world_get(r->w, i, SEARCH "&count=10&cursor=20", "only-if-cached");
		world_run(r->w);
		assert_int_equal(world_reply(r->w, request)->status, 200);
		assert_true(says(r->w, request, "page-slice"));
	}
	assert_int_equal(world_calls(r->w), 1);
	reader_free(r);
}

static void a_short_link_whose_post_is_known_is_cut_like_the_post(void **state)
{
	struct reader *r = reader_new(world_new(1, 1, ""), &quiet);

	(void)state;
	world_get(r->w, 0, "/post-comments/?url=https://vm.tiktok.com/ZM7106594312292453607&count=10", NULL);
	world_run(r->w);
	world_get(r->w, 0, "/post-comments/?url=https://vm.tiktok.com/ZM7106594312292453607&count=20", NULL);
	world_run(r->w);
	assert_true(world_calls(r->w) <= 2);
	reader_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_call_brings_the_largest_page_and_the_next_pages_cost_nothing),
		cmocka_unit_test(a_crowd_that_wants_pages_of_all_sizes_shares_one_call),
		cmocka_unit_test(a_crawl_with_random_counts_equals_a_direct_one),
		cmocka_unit_test(by_time_new_rows_between_the_pages_change_nothing),
		cmocka_unit_test(by_offset_pages_of_one_moment_have_neither_gap_nor_duplicate),
		cmocka_unit_test(whoever_counts_on_by_himself_sees_every_row_once),
		cmocka_unit_test(an_instance_that_was_killed_goes_on_with_what_redis_has),
		cmocka_unit_test(by_time_other_instances_find_the_blocks_in_redis),
		cmocka_unit_test(a_block_that_memory_has_lost_is_found_in_redis),
		cmocka_unit_test(a_block_that_does_not_follow_the_model_is_kept_for_whom_it_answers_and_the_others_ask_exactly),
		cmocka_unit_test(one_list_that_is_otherwise_does_not_cost_the_others_their_blocks),
		cmocka_unit_test(what_is_paid_for_nobody_is_an_orphan_and_the_books_balance),
		cmocka_unit_test(a_largest_count_that_is_refused_does_not_stop_smaller_ones),
		cmocka_unit_test(an_error_of_the_thing_itself_is_paid_for_once_where_largest_counts_are_known_to_work),
		cmocka_unit_test(when_the_next_block_does_not_come_the_page_ends_with_the_first),
		cmocka_unit_test(a_page_that_ends_with_the_first_block_is_as_old_as_that),
		cmocka_unit_test(pages_behind_the_first_are_fresh_by_their_own_time),
		cmocka_unit_test(a_stale_page_is_served_while_its_block_is_renewed),
		cmocka_unit_test(a_page_of_two_blocks_earns_the_renewal_of_both),
		cmocka_unit_test(a_page_says_so_if_one_of_its_blocks_is_read_too_seldom),
		cmocka_unit_test(time_does_not_run_backwards_from_block_to_block),
		cmocka_unit_test(a_purge_of_a_page_ends_what_it_would_be_cut_from),
		cmocka_unit_test(a_full_memory_does_not_let_go_of_the_block_that_a_page_begins_in),
		cmocka_unit_test(blocks_can_be_switched_off_for_all_or_for_one_row),
		cmocka_unit_test(a_reload_that_switches_blocks_off_while_a_page_waits_does_not_spoil_it),
		cmocka_unit_test(clients_with_their_own_keys_share_no_block),
		cmocka_unit_test(what_is_asked_again_goes_on_with_the_clients_own_key),
		cmocka_unit_test(only_if_cached_finds_a_page_in_a_block),
		cmocka_unit_test(a_short_link_whose_post_is_known_is_cut_like_the_post),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
