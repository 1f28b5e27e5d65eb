#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/str.h"
#include "core/budget.h"
#include "core/fields.h"
#include "core/links.h"
#include "core/reply.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char body[] = "{\"id\":\"7\"}";

static struct fr_answer *answer_of(enum fr_verdict verdict, int status, const char *type, const char *text)
{
	struct fr_answer from = { .verdict = verdict, .status = status, .verbatim = true, .canon = FR_STR("q"), .type = type };
	struct fr_answer *a;

	from.body = fr_blob_of(text, strlen(text));
	from.links_first = fr_links_scan(fr_blob_str(from.body)).first;
	a = fr_answer_new(&from);
	fr_blob_drop(from.body);
	return a;
}

static struct fr_answer *answer(enum fr_verdict verdict, int status, const char *type)
{
	return answer_of(verdict, status, type, body);
}

static struct fr_view view(enum fr_freshness freshness, int64_t age, int64_t left)
{
	return (struct fr_view){ .freshness = freshness, .age = { age }, .left = { left }, .over = { left < 0 ? -left : 0 } };
}

static struct fr_reply_facts facts(const struct fr_answer *a, struct fr_view v)
{
	return (struct fr_reply_facts){ .answer = a, .view = v, .request_id = FR_STR("r-1"), .now = { 1000000 } };
}

static void assert_header(const struct fr_reply *r, const char *name, const char *value)
{
	const char *got = fr_reply_header(r, name);

	if (value == NULL) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_string_equal(got, value);
}

static void cache_status_says_hit_or_why_it_went_upstream(void **state)
{
	static const struct {
		bool flight, collapsed, stored;
		enum fr_reason reason;
		int upstream;
		enum fr_freshness freshness;
		int64_t left;
		const char *detail, *expected;
	} rows[] = {
		{ false, false, false, FR_REASON_MISS, 0, FR_FRESH, 376900, NULL, "frugald; hit; ttl=376" },
		{ false, false, false, FR_REASON_MISS, 0, FR_FRESH, 999, NULL, "frugald; hit; ttl=0" },
		{ false, false, false, FR_REASON_MISS, 0, FR_STALE, -412000, "stale-error",
		  "frugald; hit; ttl=-412; detail=stale-error" },
		{ false, false, false, FR_REASON_MISS, 0, FR_STALE, -1, NULL, "frugald; hit; ttl=-1" },
		{ false, false, false, FR_REASON_MISS, 0, FR_FRESH, 5000, "negative", "frugald; hit; ttl=5; detail=negative" },
		{ true, false, true, FR_REASON_MISS, 200, FR_FRESH, 5000, NULL, "frugald; fwd=uri-miss; fwd-status=200; stored" },
		{ true, true, true, FR_REASON_MISS, 200, FR_FRESH, 5000, NULL,
		  "frugald; fwd=uri-miss; fwd-status=200; collapsed; stored" },
		{ true, false, true, FR_REASON_EXPIRED, 200, FR_FRESH, 5000, NULL, "frugald; fwd=stale; fwd-status=200; stored" },
		{ true, true, false, FR_REASON_REFRESH, 0, FR_FRESH, 5000, NULL, "frugald; fwd=stale; collapsed" },
		{ true, false, false, FR_REASON_FORCED, 200, FR_FRESH, 5000, NULL, "frugald; fwd=request; fwd-status=200" },
		{ true, false, false, FR_REASON_BYPASS, 404, FR_FRESH, 0, NULL,
		  "frugald; fwd=bypass; fwd-status=404; detail=uncatalogued" },
		{ true, false, false, FR_REASON_EXPIRED, 503, FR_RESCUE, -9000, "stale-error",
		  "frugald; fwd=stale; fwd-status=503; ttl=-9; detail=stale-error" },
		{ false, false, false, FR_REASON_MISS, 0, FR_FRESH, 5000, "say \"a\\b\"",
		  "frugald; hit; ttl=5; detail=\"say \\\"a\\\\b\\\"\"" },
	};
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "");

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_reply_facts f = facts(a, view(rows[i].freshness, 0, rows[i].left));
		struct fr_reply r;

		f.from_flight = rows[i].flight;
		f.collapsed = rows[i].collapsed;
		f.stored = rows[i].stored;
		f.reason = rows[i].reason;
		f.upstream_status = rows[i].upstream;
		f.detail = rows[i].detail;
		fr_reply_answer(&r, &f);
		assert_header(&r, "Cache-Status", rows[i].expected);
		fr_reply_done(&r);
	}
	fr_answer_drop(a);
}

static void only_fresh_stored_verdicts_may_be_kept_by_clients(void **state)
{
	static const struct {
		enum fr_verdict verdict;
		int status;
		enum fr_freshness freshness;
		int64_t left;
		enum fr_outcome outcome;
		const char *expected;
	} rows[] = {
		{ FR_VERDICT_DATA, 200, FR_FRESH, 1999, FR_OUTCOME_HIT, "max-age=1" },
		{ FR_VERDICT_DATA, 200, FR_FRESH, 3600000, FR_OUTCOME_MISS, "max-age=3600" },
		{ FR_VERDICT_DATA, 200, FR_FRESH, -1, FR_OUTCOME_HIT, "max-age=0" },
		{ FR_VERDICT_DATA, 200, FR_STALE, -5000, FR_OUTCOME_STALE, "max-age=0" },
		{ FR_VERDICT_DATA, 200, FR_RESCUE, -5000, FR_OUTCOME_RESCUE, "max-age=0" },
		{ FR_VERDICT_NOT_FOUND, 200, FR_FRESH, 600000, FR_OUTCOME_NEGATIVE_HIT, "max-age=600" },
		{ FR_VERDICT_RESOURCE_ERROR, 200, FR_FRESH, 600000, FR_OUTCOME_MISS, "no-store" },
		{ FR_VERDICT_TRANSIENT, 500, FR_FRESH, 0, FR_OUTCOME_UNBILLED, "no-store" },
		{ FR_VERDICT_DATA, 200, FR_FRESH, 600000, FR_OUTCOME_BYPASS, "no-store" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_answer *a = answer(rows[i].verdict, rows[i].status, "");
		struct fr_reply_facts f = facts(a, view(rows[i].freshness, 0, rows[i].left));
		struct fr_reply r;

		f.outcome = rows[i].outcome;
		fr_reply_answer(&r, &f);
		assert_header(&r, "Cache-Control", rows[i].expected);
		assert_int_equal(r.status, rows[i].status);
		assert_int_equal(fr_reply_header(&r, "ETag") != NULL, strcmp(rows[i].expected, "no-store") != 0);
		fr_reply_done(&r);
		fr_answer_drop(a);
	}
}

static void a_path_outside_the_catalogue_is_never_kept_whoever_paid(void **state)
{
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "text/html");
	struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 5000));
	struct fr_reply r;

	(void)state;
	f.outcome = FR_OUTCOME_COLLAPSED;
	f.from_flight = f.collapsed = true;
	f.reason = FR_REASON_BYPASS;
	fr_reply_answer(&r, &f);
	assert_header(&r, "Cache-Control", "no-store");
	assert_header(&r, "ETag", NULL);
	assert_header(&r, "Content-Type", "text/html");
	fr_reply_done(&r);
	fr_answer_drop(a);
}

static void every_answer_tells_its_age_type_id_and_credits(void **state)
{
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "");
	struct fr_reply_facts f = facts(a, view(FR_FRESH, 61999, 5000));
	struct fr_reply r;

	(void)state;
	f.spent = 0;
	f.avoided = 2;
	fr_reply_answer(&r, &f);
	assert_header(&r, "age", "61");
	assert_header(&r, "Content-Type", "application/json");
	assert_header(&r, "X-Request-Id", "r-1");
	assert_header(&r, "X-Credits-Spent", "0");
	assert_header(&r, "X-Credits-Avoided", "2");
	assert_header(&r, "Retry-After", NULL);
	assert_header(&r, "Frugal-Expired-Fields", NULL);
	assert_ptr_equal(r.body, a->body); /* shared, not copied */
	assert_int_equal(a->body->refs, 2);
	fr_reply_done(&r);
	assert_int_equal(a->body->refs, 1);
	fr_answer_drop(a);
}

static void if_none_match_compares_weakly_and_reads_lists(void **state)
{
	static const struct {
		const char *field;
		bool named;
	} rows[] = {
		{ "", false },
		{ "*", true },
		{ " * ", true },
		{ "\"0123456789abcdef\"", true },
		{ "W/\"0123456789abcdef\"", true },
		{ "\"0123456789abcdeF\"", false },
		{ "0123456789abcdef", false },
		{ "\"x\", \"0123456789abcdef\"", true },
		{ "\"x\",W/\"0123456789abcdef\",", true },
		{ ",, \t\"0123456789abcdef\"", true },
		{ "\"a,b\" , \"0123456789abcdef\"", true },
		{ "\"0123456789abcdef", false },
		{ "x, \"0123456789abcdef\"", true },
		{ "\"*\"", false },
		{ "\"", false },
		{ "W/", false },
		{ "w/\"0123456789abcdef\"", false },
		{ "W/\"x\" W/\"0123456789abcdef\"", true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(fr_fields_names_etag(fr_str_of(rows[i].field), FR_STR("\"0123456789abcdef\"")), rows[i].named);
}

static void a_named_etag_is_304_with_the_same_headers(void **state)
{
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "");
	struct fr_reply_facts f = facts(a, view(FR_FRESH, 5000, 5000));
	struct fr_reply full, none;

	(void)state;
	fr_reply_answer(&full, &f);
	assert_int_equal(strlen(fr_reply_header(&full, "ETag")), 18);
	f.if_none_match = fr_str_of(fr_reply_header(&full, "ETag"));
	fr_reply_answer(&none, &f);
	assert_int_equal(none.status, 304);
	assert_ptr_equal(none.body, full.body); /* for its length */
	assert_int_equal(none.n, full.n);
	for (size_t i = 0; i < full.n; i++)
		assert_header(&none, full.headers[i].name, full.text + full.headers[i].at);
	fr_reply_done(&full);
	fr_reply_done(&none);
	fr_answer_drop(a);
}

static void what_would_not_be_200_is_never_304(void **state)
{
	static const struct {
		enum fr_verdict verdict;
		int status;
		bool native;
		int expected;
	} rows[] = {
		{ FR_VERDICT_DATA, 200, false, 304 },      { FR_VERDICT_DATA, 200, true, 304 },
		{ FR_VERDICT_NOT_FOUND, 200, false, 304 }, { FR_VERDICT_NOT_FOUND, 200, true, 404 },
		{ FR_VERDICT_NOT_FOUND, 404, false, 404 }, { FR_VERDICT_RESOURCE_ERROR, 200, true, 200 },
		{ FR_VERDICT_TRANSIENT, 503, false, 503 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_answer *a = answer(rows[i].verdict, rows[i].status, "");
		struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 5000));
		struct fr_reply r;

		f.native_status = rows[i].native;
		f.if_none_match = FR_STR("*");
		fr_reply_answer(&r, &f);
		assert_int_equal(r.status, rows[i].expected);
		assert_non_null(r.body);
		fr_reply_done(&r);
		fr_answer_drop(a);
	}
}

static void dead_links_are_named_in_the_reply(void **state)
{
	struct fr_answer *a = answer_of(FR_VERDICT_DATA, 200, "",
					"{\"play\":\"//h/?expire=1700000000\",\"cover\\r\\nX: y\":\"//h/?expire=1700000300\","
					"\"alive\":\"//h/?expire=1700000301\"}");
	struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 5000));
	struct fr_reply r;

	(void)state;
	f.now.v = INT64_C(1699999999999);
	fr_reply_answer(&r, &f);
	assert_header(&r, "Frugal-Expired-Fields", NULL);
	fr_reply_done(&r);
	f.links_margin = FR_SECONDS(301);
	fr_reply_answer(&r, &f);
	assert_header(&r, "Frugal-Expired-Fields", "play, cover__X__y");
	fr_reply_done(&r);
	fr_answer_drop(a);
}

static void a_blanked_body_is_sent_instead_under_its_own_etag(void **state)
{
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "");
	struct fr_reply_facts f = facts(a, view(FR_RESCUE, 90000, -5000));
	struct fr_blob *blanked = fr_blob_of("{}", 2);
	struct fr_reply own, other;

	(void)state;
	fr_reply_answer(&own, &f);
	f.blanked = true;
	f.body = blanked;
	fr_reply_answer(&other, &f);
	assert_ptr_equal(other.body, blanked);
	assert_int_equal(blanked->refs, 2);
	assert_string_not_equal(fr_reply_header(&own, "ETag"), fr_reply_header(&other, "ETag"));
	fr_reply_done(&own);
	fr_reply_done(&other);
	fr_blob_drop(blanked);
	fr_answer_drop(a);
}

static void a_reply_tells_how_the_fullest_budget_stands(void **state)
{
	static const struct {
		struct fr_budget_note note;
		const char *remaining, *budget;
	} rows[] = {
		{ { .budget = NULL }, NULL, NULL },
		{ { .budget = "all/month", .permille = 699, .left = 301, .step = FR_STEP_NONE }, "301", NULL },
		{ { .budget = "tenant:acme/day", .permille = 725, .left = 12, .step = FR_STEP_STRETCH },
		  "12",
		  "\"tenant:acme/day\"; used=72; step=stretch" },
		{ { .budget = "all/hour", .permille = 1000, .left = 0, .step = FR_STEP_EMPTY },
		  "0",
		  "\"all/hour\"; used=100; step=empty" },
	};
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "application/json");
	struct fr_refusal why;
	struct fr_reply r;

	(void)state;
	fr_problem_set(&why, FR_PROBLEM_QUOTA, "used up");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 1000));

		f.budget = rows[i].note;
		fr_reply_answer(&r, &f);
		assert_header(&r, "X-Credits-Remaining", rows[i].remaining);
		assert_header(&r, "Frugal-Budget", rows[i].budget);
		fr_reply_done(&r);
		fr_reply_problem(&r, &why, FR_SECONDS(5), &f);
		assert_header(&r, "Frugal-Budget", rows[i].budget);
		fr_reply_done(&r);
	}
	fr_answer_drop(a);
}

static void a_reply_says_when_the_upstream_said_what_it_did_not_say_in_answer(void **state)
{
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "application/json");
	struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 5000));
	struct fr_reply r;

	(void)state;
	fr_reply_answer(&r, &f);
	assert_null(fr_reply_header(&r, "Frugal-Learnt"));
	assert_null(fr_reply_header(&r, "Vary"));
	fr_reply_done(&r);
	f.learnt = "piece;at=1764000000123";
	f.partial = true;
	f.detail = "entity, no-cache-ignored";
	fr_reply_answer(&r, &f);
	assert_header(&r, "Frugal-Learnt", "piece;at=1764000000123");
	assert_header(&r, "Vary", "Frugal-Fields, X-Api-Key");
	assert_header(&r, "Cache-Status", "frugald; hit; ttl=5; detail=\"entity, no-cache-ignored\"");
	fr_reply_done(&r);
	fr_answer_drop(a);
}

static void no_header_value_can_start_another_line(void **state)
{
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "text/plain\r\nSet-Cookie: a=b\x01\x7f\xff");
	struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 5000));
	char id[3 * FR_REQUEST_ID_MAX];
	struct fr_refusal why;
	struct fr_reply r;

	(void)state;
	memset(id, '\n', sizeof(id));
	f.request_id = (struct fr_str){ id, sizeof(id) };
	f.detail = "a\r\nb";
	for (int problem = 0; problem < 2; problem++) {
		if (problem) {
			fr_problem_set(&why, FR_PROBLEM_BAD_PARAM, "no");
			f.from_flight = true;
			fr_reply_problem(&r, &why, FR_MS(0), &f);
		} else {
			fr_reply_answer(&r, &f);
		}
		for (size_t i = 0; i < r.n; i++)
			for (const char *c = r.text + r.headers[i].at; *c != '\0'; c++)
				assert_true(*c >= 0x20 && *c < 0x7f);
		assert_int_equal(strlen(fr_reply_header(&r, "X-Request-Id")), FR_REQUEST_ID_MAX);
		fr_reply_done(&r);
	}
	fr_answer_drop(a);
}

static struct fr_answer *packed_answer(void)
{
	char text[400] = "";
	struct fr_answer *a;

	memset(text, ' ', sizeof(text) - 1);
	text[0] = '{';
	text[sizeof(text) - 2] = '}';
	a = answer_of(FR_VERDICT_DATA, 200, "", text);
	fr_answer_pack(a, 1);
	assert_non_null(a->packed);
	return a;
}

/* RFC 9110, sections 8.8.3 and 12.5.3. */
static void who_takes_gzip_gets_the_packed_body_under_its_own_etag(void **state)
{
	struct fr_answer *a = packed_answer();
	struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 5000));
	struct fr_reply plain, packed, again;
	char etag[32];

	(void)state;
	fr_reply_answer(&plain, &f);
	assert_ptr_equal(plain.body, a->body);
	assert_header(&plain, "Content-Encoding", NULL);
	assert_header(&plain, "Vary", "Accept-Encoding");
	f.gzip = true;
	fr_reply_answer(&packed, &f);
	assert_ptr_equal(packed.body, a->packed);
	assert_header(&packed, "Content-Encoding", "gzip");
	assert_header(&packed, "Vary", "Accept-Encoding");
	assert_string_not_equal(fr_reply_header(&plain, "ETag"), fr_reply_header(&packed, "ETag"));

	(void)strcpy(etag, fr_reply_header(&packed, "ETag"));
	f.if_none_match = fr_str_of(etag);
	fr_reply_answer(&again, &f);
	assert_int_equal(again.status, 304);
	assert_header(&again, "ETag", etag);
	assert_header(&again, "Vary", "Accept-Encoding");
	fr_reply_done(&again);
	f.gzip = false; /* what it has is not what it would get */
	fr_reply_answer(&again, &f);
	assert_int_equal(again.status, 200);
	fr_reply_done(&again);
	fr_reply_done(&plain);
	fr_reply_done(&packed);
	fr_answer_drop(a);
}

static void what_is_sent_instead_of_the_body_is_not_packed(void **state)
{
	struct fr_answer *a = packed_answer(), *small = answer(FR_VERDICT_DATA, 200, "");
	struct fr_reply_facts f = facts(a, view(FR_RESCUE, 90000, -5000));
	struct fr_blob *blanked = fr_blob_of("{}", 2);
	struct fr_reply r;

	(void)state;
	f.gzip = f.blanked = true;
	f.body = blanked;
	fr_reply_answer(&r, &f);
	assert_ptr_equal(r.body, blanked);
	assert_header(&r, "Content-Encoding", NULL);
	assert_header(&r, "Vary", NULL);
	fr_reply_done(&r);
	f = facts(small, view(FR_FRESH, 0, 5000));
	f.gzip = true;
	fr_reply_answer(&r, &f);
	assert_ptr_equal(r.body, small->body);
	assert_header(&r, "Content-Encoding", NULL);
	assert_header(&r, "Vary", NULL);
	fr_reply_done(&r);
	f = facts(a, view(FR_FRESH, 0, 5000));
	f.partial = true;
	fr_reply_answer(&r, &f);
	assert_header(&r, "Vary", "Frugal-Fields, X-Api-Key, Accept-Encoding");
	fr_reply_done(&r);
	fr_blob_drop(blanked);
	fr_answer_drop(small);
	fr_answer_drop(a);
}

/* As many as are remembered, all dead. */
static void links_with_long_names(char *ret, size_t size)
{
	size_t n = 0;

	for (int i = 0; i < FR_LINKS_MAX; i++) {
		char name[FR_NAME_MAX];

		memset(name, 'a' + i, sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		n += (size_t)snprintf(ret + n, size - n, "%c\"%s\":\"//h/?expire=1500000000\"", i == 0 ? '{' : ',', name);
	}
	assert_true(n + 1 < size);
	(void)strcpy(ret + n, "}");
}

static void the_longest_reply_fits(void **state)
{
	char long_body[FR_LINKS_MAX * 2 * FR_NAME_MAX], type[FR_ANSWER_TYPE_MAX], name[FR_BUDGET_NAME_MAX] = "", learnt[640] = "";
	struct fr_reply_facts f;
	struct fr_answer *a;
	struct fr_reply r;

	(void)state;
	memset(type, 't', sizeof(type));
	type[sizeof(type) - 1] = '\0';
	links_with_long_names(long_body, sizeof(long_body));
	a = answer_of(FR_VERDICT_DATA, 200, type, long_body);
	f = facts(a, view(FR_RESCUE, INT64_MAX, INT64_MIN + 1));
	f.now.v = INT64_C(1600000000000);
	memset(type, 'i', sizeof(type));
	f.request_id = (struct fr_str){ type, sizeof(type) };
	f.spent = f.avoided = INT64_MAX;
	f.from_flight = f.collapsed = f.stored = true;
	f.upstream_status = 599;
	f.detail = "derived-alias, no-cache-ignored";
	memset(learnt, 'l', sizeof(learnt) - 1);
	f.learnt = learnt;
	f.partial = true;
	memset(name, 'n', sizeof(name) - 1);
	f.budget = (struct fr_budget_note){ .budget = name, .permille = INT64_MAX, .left = INT64_MAX, .step = FR_STEP_EMPTY };
	fr_reply_answer(&r, &f);
	assert_int_equal(strlen(fr_reply_header(&r, "X-Request-Id")), FR_REQUEST_ID_MAX);
	assert_int_equal(strlen(fr_reply_header(&r, "Frugal-Expired-Fields")), FR_LINKS_MAX * (FR_NAME_MAX + 1) - 2);
	assert_int_equal(strlen(fr_reply_header(&r, "Frugal-Learnt")), sizeof(learnt) - 1);
	fr_reply_done(&r);
	fr_answer_drop(a);
}

static void a_problem_is_problem_json_and_never_stored(void **state)
{
	struct fr_reply_facts f = facts(NULL, view(FR_DEAD, 0, 0));
	struct fr_refusal why;
	struct fr_reply r;
	json_t *root;

	(void)state;
	fr_problem_set(&why, FR_PROBLEM_THROTTLED, "slower, please");
	f.if_none_match = FR_STR("*");
	fr_reply_problem(&r, &why, FR_MS(12001), &f);
	assert_int_equal(r.status, 503);
	assert_header(&r, "Content-Type", "application/problem+json");
	assert_header(&r, "Cache-Control", "no-store");
	assert_header(&r, "Retry-After", "13");
	assert_header(&r, "X-Credits-Spent", "0");
	assert_header(&r, "X-Credits-Avoided", "0");
	assert_header(&r, "X-Request-Id", "r-1");
	assert_header(&r, "Cache-Status", NULL);
	assert_header(&r, "ETag", NULL);
	assert_header(&r, "Allow", NULL);
	assert_header(&r, "Age", NULL);
	root = json_loadb(r.body->bytes, r.body->n, 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "retry_after")), 13);
	assert_string_equal(json_string_value(json_object_get(root, "instance")), "r-1");
	json_decref(root);
	fr_reply_done(&r);
	assert_null(r.body);
}

static void an_unknown_client_is_told_how_to_make_itself_known(void **state)
{
	struct fr_reply_facts f = facts(NULL, view(FR_DEAD, 0, 0));
	struct fr_refusal why;
	struct fr_reply r;

	(void)state;
	fr_problem_set(&why, FR_PROBLEM_UNKNOWN_CLIENT, "send a key");
	fr_reply_problem(&r, &why, FR_MS(0), &f);
	assert_int_equal(r.status, 401);
	assert_header(&r, "WWW-Authenticate", "ApiKey realm=\"frugald\"");
	assert_header(&r, "Cache-Status", NULL);
	assert_header(&r, "X-Credits-Spent", "0");
	fr_reply_done(&r);
}

static void a_problem_after_a_call_says_so_and_a_wrong_method_is_told_the_right_ones(void **state)
{
	struct fr_reply_facts f = facts(NULL, view(FR_DEAD, 0, 0));
	struct fr_refusal why;
	struct fr_reply r;

	(void)state;
	f.from_flight = f.collapsed = true;
	f.upstream_status = 500;
	fr_problem_set(&why, FR_PROBLEM_UPSTREAM_FAILED, "it answered 500");
	fr_reply_problem(&r, &why, FR_MS(0), &f);
	assert_header(&r, "Cache-Status", "frugald; fwd=uri-miss; fwd-status=500; collapsed");
	assert_header(&r, "Retry-After", NULL);
	fr_reply_done(&r);

	f = facts(NULL, view(FR_DEAD, 0, 0));
	fr_problem_set(&why, FR_PROBLEM_METHOD, "POST");
	fr_reply_problem(&r, &why, FR_MS(0), &f);
	assert_int_equal(r.status, 405);
	assert_header(&r, "Allow", "GET, HEAD");
	fr_reply_done(&r);
}

static void no_byte_slips_through_wherever_it_stands(void **state)
{
	struct fr_answer *a = answer(FR_VERDICT_DATA, 200, "");
	char id[21], expected[21];

	(void)state;
	for (int byte = 0; byte < 256; byte++)
		for (size_t at = 0; at < 20; at++) {
			struct fr_reply_facts f = facts(a, view(FR_FRESH, 0, 5000));
			struct fr_reply r;

			memcpy(id, "abcdefghijklmnopqrst", 21);
			id[at] = (char)byte;
			memcpy(expected, id, 21);
			if (byte <= 0x20 || byte >= 0x7f)
				expected[at] = '?';
			f.request_id = (struct fr_str){ id, 20 };
			fr_reply_answer(&r, &f);
			assert_header(&r, "X-Request-Id", expected);
			fr_reply_done(&r);
		}
	fr_answer_drop(a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_byte_slips_through_wherever_it_stands),
		cmocka_unit_test(cache_status_says_hit_or_why_it_went_upstream),
		cmocka_unit_test(only_fresh_stored_verdicts_may_be_kept_by_clients),
		cmocka_unit_test(a_path_outside_the_catalogue_is_never_kept_whoever_paid),
		cmocka_unit_test(every_answer_tells_its_age_type_id_and_credits),
		cmocka_unit_test(if_none_match_compares_weakly_and_reads_lists),
		cmocka_unit_test(a_named_etag_is_304_with_the_same_headers),
		cmocka_unit_test(what_would_not_be_200_is_never_304),
		cmocka_unit_test(dead_links_are_named_in_the_reply),
		cmocka_unit_test(a_blanked_body_is_sent_instead_under_its_own_etag),
		cmocka_unit_test(a_reply_tells_how_the_fullest_budget_stands),
		cmocka_unit_test(a_reply_says_when_the_upstream_said_what_it_did_not_say_in_answer),
		cmocka_unit_test(no_header_value_can_start_another_line),
		cmocka_unit_test(who_takes_gzip_gets_the_packed_body_under_its_own_etag),
		cmocka_unit_test(what_is_sent_instead_of_the_body_is_not_packed),
		cmocka_unit_test(the_longest_reply_fits),
		cmocka_unit_test(a_problem_is_problem_json_and_never_stored),
		cmocka_unit_test(an_unknown_client_is_told_how_to_make_itself_known),
		cmocka_unit_test(a_problem_after_a_call_says_so_and_a_wrong_method_is_told_the_right_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
