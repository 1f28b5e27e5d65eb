#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/head.h"
#include "core/links.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const int64_t NOW = INT64_C(1795000000000);

static struct fr_answer *answer(void)
{
	struct fr_answer from = {
		.verdict = FR_VERDICT_DATA, .status = 200, .verbatim = true, .canon = FR_STR("q"), .type = "text/x"
	};
	struct fr_answer *a;

	from.body = fr_blob_of("{}", 2);
	a = fr_answer_new(&from);
	fr_blob_drop(from.body);
	return a;
}

static struct fr_reply_facts facts(const struct fr_answer *a)
{
	return (struct fr_reply_facts){
		.answer = a,
		.view = { .freshness = FR_FRESH, .age = { 17300 }, .left = { 3582700 } },
		.outcome = FR_OUTCOME_HIT,
		.avoided = 1,
		.request_id = FR_STR("r-1"),
		.links_margin = FR_MINUTES(5),
		.now = { NOW },
	};
}

/* Asks until the answer has a head for these facts. */
static struct fr_head *warm(struct fr_heads *h, struct fr_answer *a, const struct fr_reply_facts *f)
{
	struct fr_head *head = fr_heads_for(h, a, f);

	return head != NULL ? head : fr_heads_for(h, a, f);
}

static void count_free(void *n)
{
	++*(int *)n;
}

static void free_nothing(void *n)
{
	(void)n;
}

static void a_head_is_made_for_the_second_hit_in_a_short_while_and_kept(void **state)
{
	struct fr_heads h;
	struct fr_answer *a = answer();
	struct fr_reply_facts f = facts(a);
	struct fr_head *head;

	(void)state;
	fr_heads_init(&h);
	f.now.v = 1000; /* in 1970, too */
	assert_null(fr_heads_for(&h, a, &f));
	f.now.v = NOW;
	assert_null(fr_heads_for(&h, a, &f)); /* answers that are asked for once cost no head */
	f.now.v += 2001;
	assert_null(fr_heads_for(&h, a, &f)); /* nor those that are asked for now and then */
	f.now.v -= 10000;
	assert_null(fr_heads_for(&h, a, &f)); /* or by a clock that was set back */
	f.now.v += 600;
	head = fr_heads_for(&h, a, &f);
	assert_non_null(head);
	f.now.v += 399;
	f.view.age.v += 399;
	f.view.left.v -= 399;
	assert_ptr_equal(fr_heads_for(&h, a, &f), head);
	assert_int_equal(h.n, 1);
	fr_answer_drop(a);
}

static void assert_same_reply(const struct fr_reply *one, const struct fr_reply *other)
{
	assert_int_equal(one->status, other->status);
	assert_int_equal(one->now.v, other->now.v);
	assert_ptr_equal(one->body, other->body);
	assert_int_equal(fr_reply_fields(one), fr_reply_fields(other));
	for (size_t i = 0; i < fr_reply_fields(one); i++) {
		const char *name[2], *value[2];

		fr_reply_field(one, i, &name[0], &value[0]);
		fr_reply_field(other, i, &name[1], &value[1]);
		assert_string_equal(name[0], name[1]);
		assert_string_equal(value[0], value[1]);
		assert_ptr_equal(fr_reply_header(one, name[0]), value[0]);
	}
}

static void a_prepared_reply_is_the_one_that_would_have_been_written(void **state)
{
	static const struct {
		const char *id, *if_none_match;
		struct fr_budget_note budget;
		int status;
		enum fr_verdict verdict;
		enum fr_freshness freshness;
		const char *detail, *learnt;
	} rows[] = {
		{ .id = "r-1", .status = 200 },
		{ .id = "a b\r\nc\x80", .status = 200 },
		{ .id = "0123456789012345678901234567890123456789012345678901234567890123456789",
		  .if_none_match = "*",
		  .status = 200 },
		{ .id = "",
		  .if_none_match = "\"0000000000000000\"",
		  .budget = { .budget = "all", .permille = 200, .left = 80 },
		  .status = 200 },
		{ .id = "r",
		  .if_none_match = "*",
		  .budget = { .budget = "all/month", .permille = 930, .left = 7, .step = FR_STEP_BATCH },
		  .status = 404 },
		{ .id = "r", .status = 200, .verdict = FR_VERDICT_NOT_FOUND, .detail = "negative" },
		{ .id = "r", .status = 200, .freshness = FR_STALE, .detail = "page-slice" },
		{ .id = "r", .status = 200, .freshness = FR_RESCUE, .detail = "stale-budget", .learnt = "parts;at=12" },
	};
	struct fr_heads h;
	struct fr_answer *a = answer();

	(void)state;
	fr_heads_init(&h);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_reply_facts f = facts(a);
		struct fr_reply written, prepared;

		a->status = rows[i].status;
		a->verdict = rows[i].verdict;
		f.view.freshness = rows[i].freshness;
		f.detail = rows[i].detail;
		f.learnt = rows[i].learnt;
		f.native_status = true;
		f.request_id = fr_str_of(rows[i].id);
		if (rows[i].if_none_match != NULL)
			f.if_none_match = fr_str_of(rows[i].if_none_match);
		f.budget = rows[i].budget;
		fr_heads_clear(&h);
		fr_reply_answer(&written, &f);
		fr_reply_prepared(&prepared, warm(&h, a, &f), &f);
		assert_same_reply(&written, &prepared);
		assert_null(fr_reply_header(&prepared, "No-Such-Field"));
		fr_reply_done(&written);
		fr_reply_done(&prepared);
	}
	fr_answer_drop(a);
}

/* With so much room in its body that it is packed. */
static struct fr_answer *packed_answer(const char *link)
{
	struct fr_answer from = { .verdict = FR_VERDICT_DATA, .status = 200, .verbatim = true }, *a;
	char text[400];

	(void)snprintf(text, sizeof(text), "{\"play\":\"%s\",%300s\"id\":\"7\"}", link, "");
	from.body = fr_blob_of(text, strlen(text));
	from.links_first = fr_links_scan(fr_blob_str(from.body)).first;
	a = fr_answer_new(&from);
	fr_answer_pack(a, 1);
	assert_non_null(a->packed);
	fr_blob_drop(from.body);
	return a;
}

/* Changes one of the facts. */
static void deviate(struct fr_reply_facts *f, struct fr_random *random)
{
	static const char *const words[] = { "negative", "page-slice", "page-slice, negative" };

	switch (fr_random_below(random, 21)) {
	case 0: f->now.v += 1000; break;
	case 1: f->view.age.v += (int64_t)fr_random_below(random, 2400) - 1200; break;
	case 2: f->view.left.v += (int64_t)fr_random_below(random, 2400) - 1200; break;
	case 3: f->view.left.v -= 3582700; break;
	case 4: f->view.freshness = (enum fr_freshness)fr_random_below(random, 3); break;
	case 5: f->view.blank = f->view.spared = true; break;
	case 6: f->outcome = (enum fr_outcome)fr_random_below(random, FR_OUTCOMES); break;
	case 7: f->from_flight = true; break;
	case 8: f->collapsed = f->stored = true; break;
	case 9: f->upstream_status = 200; break;
	case 10: f->reason = (enum fr_reason)fr_random_below(random, FR_REASONS); break;
	case 11: f->detail = words[fr_random_below(random, COUNT(words))]; break;
	case 12: f->learnt = "parts;at=12"; break;
	case 13: f->partial = true; break;
	case 14: f->spent = 1; break;
	case 15: f->avoided = 0; break;
	case 16: f->budget = (struct fr_budget_note){ .budget = "all", .left = (int64_t)fr_random_below(random, 3) }; break;
	case 17: f->budget = (struct fr_budget_note){ .budget = "one", .permille = 910, .step = FR_STEP_BATCH }; break;
	case 18: f->request_id = FR_STR("r-22"); break;
	case 19: f->gzip = true; break;
	default: f->if_none_match = FR_STR("*"); break;
	}
}

static void whatever_was_asked_before_a_prepared_reply_is_the_one_that_would_have_been_written(void **state)
{
	struct fr_random random = { 7 };
	struct fr_heads h;
	struct fr_answer *a = packed_answer("//h/?expire=1795000301"); /* dead for whoever asks a second later */
	size_t shared = 0;

	(void)state;
	fr_heads_init(&h);
	for (int i = 0; i < 100000; i++) {
		struct fr_reply_facts f = facts(a);
		struct fr_reply written, prepared;
		struct fr_head *head;

		for (uint64_t n = fr_random_below(&random, 4); n > 0; n--)
			deviate(&f, &random);
		head = fr_heads_for(&h, a, &f);
		if (head == NULL)
			continue;
		shared += head->sent_as != NULL;
		head->sent_as = &shared;
		head->sent_as_free = free_nothing;
		fr_reply_answer(&written, &f);
		fr_reply_prepared(&prepared, head, &f);
		assert_same_reply(&written, &prepared);
		fr_reply_done(&written);
		fr_reply_done(&prepared);
	}
	assert_true(shared > 10000);
	fr_answer_drop(a);
}

static void what_shows_makes_another_head(void **state)
{
	static const struct {
		int64_t age, left, avoided;
		enum fr_freshness freshness;
		const char *detail, *learnt;
		struct fr_budget_note budget;
	} rows[] = {
		{ .age = 1000 },
		{ .age = -400 },
		{ .left = 400 },
		{ .left = -701 },
		{ .avoided = 1 },
		{ .freshness = FR_STALE },
		{ .detail = "negative" },
		{ .learnt = "alias;at=1" },
		{ .budget = { .budget = "all", .left = 5 } },
		{ .budget = { .budget = "all", .left = 4 } }, /* from here on each differs from the one before, not from none */
		{ .budget = { .budget = "all", .left = 4, .permille = 710 } },
		{ .budget = { .budget = "all", .left = 4, .permille = 710, .step = FR_STEP_STRETCH } },
		{ .budget = { .budget = "other", .left = 4, .permille = 710, .step = FR_STEP_STRETCH } },
	};
	struct fr_heads h;
	struct fr_answer *a = answer();
	struct fr_reply_facts f = facts(a);
	int marks = 0;

	(void)state;
	fr_heads_init(&h);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_head *before = warm(&h, a, &f);

		before->sent_as = &marks;
		before->sent_as_free = count_free;
		f = facts(a);
		f.view.age.v += rows[i].age;
		f.view.left.v += rows[i].left;
		f.view.freshness = rows[i].freshness;
		f.avoided += rows[i].avoided;
		f.detail = rows[i].detail;
		f.learnt = rows[i].learnt;
		f.budget = rows[i].budget;
		assert_null(warm(&h, a, &f)->sent_as);
		if (i < 8)
			f = facts(a);
	}
	fr_answer_drop(a);
}

static void words_are_compared_by_their_letters(void **state)
{
	struct fr_heads h;
	struct fr_answer *a = answer();
	struct fr_reply_facts f = facts(a);
	struct fr_head *head;
	char word[] = "page-slice", long_word[FR_HEAD_WORD_MAX + 1];

	(void)state;
	fr_heads_init(&h);
	f.detail = word;
	head = warm(&h, a, &f);
	f.detail = "page-slice"; /* elsewhere */
	assert_ptr_equal(warm(&h, a, &f), head);
	word[0] = 'c';
	f.detail = word; /* the same place, another word */
	assert_ptr_not_equal(warm(&h, a, &f), head);
	memset(long_word, 'a', FR_HEAD_WORD_MAX);
	long_word[FR_HEAD_WORD_MAX] = '\0';
	f.detail = long_word;
	assert_null(warm(&h, a, &f));
	fr_answer_drop(a);
}

enum deviation { FLIGHT, PARTIAL, BODY, SPENT, BYPASS, DEVIATIONS };

static void what_is_not_the_answer_from_memory_has_no_head(void **state)
{
	struct fr_heads h;
	struct fr_blob *other = fr_blob_of("{ }", 3);

	(void)state;
	fr_heads_init(&h);
	for (int d = 0; d < DEVIATIONS; d++) {
		struct fr_answer *a = answer();
		struct fr_reply_facts f = facts(a);

		assert_non_null(warm(&h, a, &f));
		switch (d) {
		case FLIGHT: f.from_flight = true; break;
		case PARTIAL: f.partial = true; break;
		case BODY: f.body = other; break;
		case SPENT: f.spent = 1; break;
		default: f.outcome = FR_OUTCOME_BYPASS;
		}
		assert_null(warm(&h, a, &f));
		fr_answer_drop(a);
	}
	fr_blob_drop(other);
}

/* What is named as dead changes with the seconds. */
static void a_head_says_which_links_are_dead_until_the_next_one_dies(void **state)
{
	static const char *const named[] = { NULL, "play", "play", "play, cover" };
	static const char text[] = "{\"play\":\"//h/?expire=1795000001\",\"cover\":\"//h/?expire=1795000002\"}";
	struct fr_blob *body = fr_blob_of(text, sizeof(text) - 1);
	struct fr_heads h;
	struct fr_answer from = { .verdict = FR_VERDICT_DATA, .status = 200, .verbatim = true, .body = body }, *a;
	struct fr_reply_facts f;

	(void)state;
	from.links_first.v = NOW + 1000;
	a = fr_answer_new(&from);
	f = facts(a);
	f.links_margin = FR_MS(0);
	fr_heads_init(&h);
	for (int i = 0; i < 4; i++) {
		struct fr_head *head;

		f.now.v = NOW + (int64_t[]){ 999, 1000, 1999, 2000 }[i];
		head = warm(&h, a, &f);
		assert_non_null(head);
		if (named[i] == NULL)
			assert_null(fr_head_value(head, "Frugal-Expired-Fields"));
		else
			assert_string_equal(fr_head_value(head, "Frugal-Expired-Fields"), named[i]);
	}
	assert_int_equal(h.n, 3);
	fr_answer_drop(a);
	fr_blob_drop(body);
}

static void a_client_that_takes_gzip_has_another_head(void **state)
{
	struct fr_heads h;
	struct fr_answer *a = packed_answer("");
	struct fr_reply_facts f = facts(a);
	struct fr_head *plain, *packed;
	struct fr_reply r;

	(void)state;
	fr_heads_init(&h);
	plain = warm(&h, a, &f);
	f.gzip = true;
	packed = warm(&h, a, &f);
	assert_ptr_not_equal(plain, packed);
	assert_null(fr_head_value(plain, "Content-Encoding"));
	assert_string_equal(fr_head_value(packed, "Content-Encoding"), "gzip");
	fr_reply_prepared(&r, packed, &f);
	assert_ptr_equal(r.body, a->packed);
	fr_reply_done(&r);
	f.gzip = false;
	assert_ptr_equal(warm(&h, a, &f), plain);
	fr_answer_drop(a);
}

static void heads_go_with_their_answer_and_take_along_what_hangs_on_them(void **state)
{
	struct fr_heads h;
	struct fr_answer *a = answer();
	struct fr_reply_facts f = facts(a);
	int freed = 0;

	(void)state;
	fr_heads_init(&h);
	for (int64_t left = 1; left <= 3; left++) {
		struct fr_head *head;

		f.budget = (struct fr_budget_note){ .budget = "all", .left = left };
		head = warm(&h, a, &f);
		head->sent_as = &freed;
		head->sent_as_free = count_free;
	}
	assert_int_equal(h.n, 3);
	fr_answer_hold(a);
	fr_answer_drop(a);
	assert_int_equal(h.n, 3);
	fr_answer_drop(a);
	assert_int_equal(h.n, 0);
	assert_int_equal(freed, 3);
}

static void an_answer_that_is_made_of_another_begins_without_its_heads(void **state)
{
	struct fr_heads h;
	struct fr_answer *a = answer(), *page;
	struct fr_reply_facts f = facts(a);

	(void)state;
	fr_heads_init(&h);
	assert_non_null(warm(&h, a, &f));
	page = fr_answer_new(a);
	f.answer = page;
	assert_null(page->heads);
	assert_null(fr_heads_for(&h, page, &f)); /* nor was it asked for */
	fr_answer_drop(page);
	assert_int_equal(h.n, 1);
	fr_answer_drop(a);
	assert_int_equal(h.n, 0);
}

static void one_answer_has_few_and_those_of_other_seconds_go(void **state)
{
	struct fr_heads h;
	struct fr_answer *a = answer();
	struct fr_reply_facts f = facts(a);

	(void)state;
	fr_heads_init(&h);
	for (int64_t left = 1; left <= 3 * FR_HEADS_OF_ONE; left++) {
		f.budget = (struct fr_budget_note){ .budget = "all", .left = left };
		assert_non_null(warm(&h, a, &f));
		assert_true(h.n <= FR_HEADS_OF_ONE);
	}
	assert_int_equal(h.n, FR_HEADS_OF_ONE);
	f.view.age.v += 1000;
	assert_non_null(warm(&h, a, &f));
	assert_int_equal(h.n, 1);
	fr_heads_clear(&h);
	assert_null(a->heads);
	fr_answer_drop(a);
}

static void there_are_no_more_than_the_ceiling_and_the_oldest_goes(void **state)
{
	static struct fr_answer *all[FR_HEADS_MAX + 10];
	struct fr_heads h;

	(void)state;
	fr_heads_init(&h);
	for (size_t i = 0; i < COUNT(all); i++) {
		struct fr_reply_facts f;

		all[i] = answer();
		f = facts(all[i]);
		assert_non_null(warm(&h, all[i], &f));
		assert_true(h.n <= FR_HEADS_MAX);
	}
	for (size_t i = 0; i < COUNT(all); i++)
		assert_int_equal(all[i]->heads != NULL, i >= 10);
	for (size_t i = 0; i < COUNT(all); i++)
		fr_answer_drop(all[i]);
	assert_int_equal(h.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_head_is_made_for_the_second_hit_in_a_short_while_and_kept),
		cmocka_unit_test(a_prepared_reply_is_the_one_that_would_have_been_written),
		cmocka_unit_test(whatever_was_asked_before_a_prepared_reply_is_the_one_that_would_have_been_written),
		cmocka_unit_test(what_shows_makes_another_head),
		cmocka_unit_test(words_are_compared_by_their_letters),
		cmocka_unit_test(what_is_not_the_answer_from_memory_has_no_head),
		cmocka_unit_test(a_head_says_which_links_are_dead_until_the_next_one_dies),
		cmocka_unit_test(a_client_that_takes_gzip_has_another_head),
		cmocka_unit_test(heads_go_with_their_answer_and_take_along_what_hangs_on_them),
		cmocka_unit_test(an_answer_that_is_made_of_another_begins_without_its_heads),
		cmocka_unit_test(one_answer_has_few_and_those_of_other_seconds_go),
		cmocka_unit_test(there_are_no_more_than_the_ceiling_and_the_oldest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
