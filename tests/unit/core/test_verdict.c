#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/str.h"
#include "core/verdict.h"

/* A catalogue of three rows: a post, a download, and `other`. */
enum row { POST, DOWNLOAD, MAP, OTHER };

static struct fr_names names(const char *a, const char *b)
{
	struct fr_names n = { .n = 0 };

	if (a != NULL)
		n.at[n.n++] = fr_str_of(a);
	if (b != NULL)
		n.at[n.n++] = fr_str_of(b);
	return n;
}

static struct fr_catalogue *catalogue(void)
{
	static struct fr_catalogue c;

	memset(&c, 0, sizeof(c));
	c.not_found = names("not found", "private");
	c.account = names("api-key", "credits");
	c.bill_not_found = true;
	c.n = 4;
	c.rows[POST].mandatory = names("id", "play_count");
	c.rows[POST].post_id = FR_STR("id");
	c.rows[DOWNLOAD].mandatory = names("video", NULL);
	c.rows[DOWNLOAD].gone_if_empty = names("video", "video_hd");
	c.rows[OTHER].is_other = true;
	return &c;
}

static struct fr_judgement judge(const struct fr_catalogue *c, enum row row, int status, struct fr_str body)
{
	struct fr_upstream_answer a = { FR_TRANSFER_DONE, true, status, body };

	return fr_verdict_judge(c, &c->rows[row], &a);
}

#define GOOD "{\"id\":\"7016451766297570565\",\"play_count\":9,\"title\":\"\\\"b\\\" \\ud83d\\ude00\",\"play\":\"h:\\/\\/x\"}"
#define POSTED(more) "{\"id\":\"7\",\"play_count\":1" more "}"

struct shape {
	enum row row;
	int status;
	const char *body;
	enum fr_verdict verdict;
	bool billed, verbatim;
};

#define D FR_VERDICT_DATA
#define N FR_VERDICT_NOT_FOUND
#define R FR_VERDICT_RESOURCE_ERROR
#define A FR_VERDICT_ACCOUNT_ERROR
#define H FR_VERDICT_THROTTLED
#define T FR_VERDICT_TRANSIENT
#define M FR_VERDICT_MALFORMED

static void check(const struct shape *rows, size_t n)
{
	const struct fr_catalogue *c = catalogue();

	for (size_t i = 0; i < n; i++) {
		struct fr_judgement j = judge(c, rows[i].row, rows[i].status, fr_str_of(rows[i].body));

		if (j.verdict != rows[i].verdict || j.billed != rows[i].billed || j.verbatim != rows[i].verbatim || j.uncertain)
			fail_msg("row %zu: %d %s: %s billed %d verbatim %d", i, rows[i].status, rows[i].body,
				 fr_verdict_name(j.verdict), j.billed, j.verbatim);
	}
}

static void http_200_is_judged_by_its_body(void **state)
{
	static const struct shape rows[] = {
		{ POST, 200, GOOD, D, true, true },
		{ POST, 200, " \r\n\t" GOOD "\n", D, true, true },
		{ POST, 200, "\xEF\xBB\xBF" GOOD, D, true, true },
		{ POST, 200, POSTED(",\"status\":0"), D, true, true },
		{ POST, 200, POSTED(",\"message\":\"hi\""), D, true, true },
		{ POST, 200, POSTED(",\"view_count\":75264379409"), D, true, true },
		{ POST, 200, POSTED(",\"big\":123456789012345678901234567890"), D, true, true },
		{ POST, 200, POSTED(",\"t\":\"cut \\ud83d\""), D, true, true },
		{ POST, 200, POSTED(",\"t\":\"cut \\uDE00 \\ud83d\\u0041 \\\\ud83d\""), D, true, true },
		{ POST, 200, POSTED(",\"t\":\"nul \\u0000\""), D, true, true },
		{ POST, 200, "{\"id\":null,\"id\":\"7\",\"play_count\":1}", D, true, true },
		{ POST, 200, "{\"status\":\"error\",\"message\":\"Not found post\"}", N, true, true },
		{ POST, 200, "{\"status\":\"ERROR\",\"message\":\"This account is PRIVATE\"}", N, true, true },
		{ POST, 200, "{\"status\":\"error\",\"message\":\"Something went wrong\"}", R, true, true },
		{ POST, 200, "{\"status\":\"error\"}", R, true, true },
		{ POST, 200, "{\"status\":\"error\",\"message\":null}", R, true, true },
		{ POST, 200, "{\"message\":\"Please sign up to tikliveapi.com\"}", A, false, false },
		{ POST, 200, "{\"message\":\"Api-Key is not available\"}", A, false, false },
		{ POST, 200, "{\"message\":\"You have exhausted your credits, please purchase more\"}", A, false, false },
		{ POST, 200, "{\"message\":\"Not found post\"}", A, false, false },
		{ POST, 200, "{\"message\":null}", A, false, false },
		{ POST, 200, "{\"code\":-1,\"msg\":\"Url parsing is failed! Please check url.\"}", R, true, true },
		{ POST, 200, "{\"code\":-1,\"msg\":\"video not found\"}", N, true, true },
		{ POST, 200, "{\"code\":0,\"msg\":\"success\",\"data\":{}}", M, true, true },
		{ POST, 200, "{\"code\":-1}", M, true, true },
		{ POST, 200, "{\"code\":\"-1\",\"msg\":\"not found\"}", M, true, true },
		{ POST, 200, "{\"id\":null,\"play_count\":null}", M, true, true },
		{ POST, 200, "{\"id\":\"7\",\"play_count\":null}", M, true, true },
		{ POST, 200, "{\"id\":\"7\"}", M, true, true },
		{ POST, 200, "{\"id\":\"\",\"play_count\":1}", M, true, true },
		{ POST, 200, "{\"id\":\"7\",\"id\":null,\"play_count\":1}", M, true, true },
		{ POST, 200, "{}", M, true, true },
		{ MAP, 200, "{}", M, true, true },
		{ MAP, 200, "{\"US\":\"United States\"}", D, true, true },
		{ POST, 200, "", M, true, false },
		{ POST, 200, "[]", M, true, false },
		{ POST, 200, "null", M, true, false },
		{ POST, 200, "\"message\"", M, true, false },
		{ POST, 200, GOOD "x", M, true, false },
		{ POST, 200, GOOD GOOD, M, true, false },
		{ POST, 200, "<html><body>Bad gateway</body></html>", M, true, false },
		{ POST, 200, "{\"id\":\"7\",\"play_count\":1,}", M, true, false },
		{ POST, 200, POSTED(",\"t\":\"\xff\""), M, true, false },
		{ DOWNLOAD, 200, "{\"video\":\"\",\"video_hd\":\"\"}", N, true, true },
		{ DOWNLOAD, 200, "{\"video\":\"\",\"video_hd\":\"https://x\"}", D, true, true },
		{ DOWNLOAD, 200, "{\"video\":\"\",\"video_hd\":null}", D, true, true },
		{ DOWNLOAD, 200, "{\"video\":\"\"}", D, true, true },
		{ DOWNLOAD, 200, "{\"video_hd\":\"\"}", M, true, true },
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void other_statuses_are_not_billed(void **state)
{
	static const struct shape rows[] = {
		{ POST, 429, GOOD, H, false, false },
		{ POST, 429, "", H, false, false },
		{ POST, 401, "{\"status\":\"error\",\"message\":\"not found\"}", A, false, false },
		{ POST, 402, "", A, false, false },
		{ POST, 403, "<html>", A, false, false },
		{ POST, 404, "{\"status\":\"error\",\"message\":\"whatever\"}", N, false, true },
		{ POST, 404, "{\"message\":\"Not found post\"}", N, false, true },
		{ POST, 410, "{\"msg\":\"private\"}", N, false, true },
		{ POST, 404, "{\"error\":\"no route\"}", R, false, true },
		{ POST, 404, "<html>not found</html>", T, false, false },
		{ POST, 404, "", T, false, false },
		{ POST, 404, "[]", T, false, false },
		{ POST, 400, "{\"message\":\"Bad Api-Key\"}", A, false, false },
		{ POST, 400, "{\"message\":\"your CREDITS have expired\"}", A, false, false },
		{ POST, 400, "{\"message\":\"count is wrong\"}", R, false, true },
		{ POST, 422, "{\"status\":\"error\",\"message\":\"not found\"}", R, false, true },
		{ POST, 400, "Bad Request", T, false, false },
		{ POST, 418, "", T, false, false },
		{ POST, 500, GOOD, T, false, false },
		{ POST, 503, "{\"status\":\"error\",\"message\":\"not found\"}", T, false, false },
		{ POST, 599, "", T, false, false },
		{ POST, 301, "", T, false, false },
		{ POST, 302, GOOD, T, false, false },
		{ POST, 304, "", T, false, false },
		{ POST, 100, "", T, false, false },
		{ POST, 201, GOOD, M, false, true },
		{ POST, 204, "", M, false, false },
		{ POST, 206, GOOD, M, false, true },
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void paths_without_a_row_are_judged_by_status(void **state)
{
	static const struct shape rows[] = {
		{ OTHER, 200, "anything", D, true, true },
		{ OTHER, 200, "", D, true, true },
		{ OTHER, 200, "{}", D, true, true },
		{ OTHER, 200, "{\"status\":\"error\",\"message\":\"not found\"}", D, true, true },
		{ OTHER, 200, "{\"message\":\"Api-Key is not available\"}", A, false, false },
		{ OTHER, 204, "", D, false, true },
		{ OTHER, 302, "", D, false, true },
		{ OTHER, 400, "no", R, false, true },
		{ OTHER, 404, "{\"message\":\"Endpoint not found\"}", R, false, true },
		{ OTHER, 404, "<html>", R, false, true },
		{ OTHER, 403, "", A, false, false },
		{ OTHER, 429, "", H, false, false },
		{ OTHER, 500, "", T, false, false },
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(rows[0]));
}

static void what_was_sent_without_an_answer_is_booked_as_uncertain(void **state)
{
	static const struct {
		enum fr_transfer transfer;
		bool sent;
		int status;
		enum fr_verdict verdict;
		bool billed, uncertain;
	} rows[] = {
		{ FR_TRANSFER_TIMEOUT, true, 0, FR_VERDICT_TIMEOUT, true, true },
		{ FR_TRANSFER_TIMEOUT, true, 200, FR_VERDICT_TIMEOUT, true, false },
		{ FR_TRANSFER_TIMEOUT, true, 503, FR_VERDICT_TIMEOUT, false, false },
		{ FR_TRANSFER_TIMEOUT, false, 0, FR_VERDICT_TIMEOUT, false, false },
		{ FR_TRANSFER_NETWORK, true, 0, FR_VERDICT_NETWORK, true, true },
		{ FR_TRANSFER_NETWORK, true, 200, FR_VERDICT_NETWORK, true, false },
		{ FR_TRANSFER_NETWORK, false, 0, FR_VERDICT_NETWORK, false, false },
		{ FR_TRANSFER_TRUNCATED, true, 200, M, true, false },
		{ FR_TRANSFER_TRUNCATED, true, 429, M, false, false },
		{ FR_TRANSFER_TRUNCATED, true, 0, M, true, true },
		{ FR_TRANSFER_TOO_BIG, true, 200, M, true, false },
		{ FR_TRANSFER_TOO_BIG, true, 500, M, false, false },
		{ FR_TRANSFER_DONE, true, 0, FR_VERDICT_NETWORK, true, true },
	};
	const struct fr_catalogue *c = catalogue();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int row = POST; row <= OTHER; row++) {
			struct fr_upstream_answer a = { rows[i].transfer, rows[i].sent, rows[i].status, FR_STR(GOOD) };
			struct fr_judgement j = fr_verdict_judge(c, &c->rows[row], &a);

			assert_int_equal(j.verdict, rows[i].verdict);
			assert_int_equal(j.billed, rows[i].billed);
			assert_int_equal(j.uncertain, rows[i].uncertain);
			assert_false(j.verbatim);
			assert_int_equal(j.post_id, 0);
		}
}

static void a_not_found_is_billed_as_the_catalogue_says(void **state)
{
	struct fr_catalogue *c = catalogue();
	struct fr_str missing = FR_STR("{\"status\":\"error\",\"message\":\"Not found post\"}");

	(void)state;
	assert_true(judge(c, POST, 200, missing).billed);
	c->bill_not_found = false;
	assert_false(judge(c, POST, 200, missing).billed);
	assert_false(judge(c, DOWNLOAD, 200, FR_STR("{\"video\":\"\",\"video_hd\":\"\"}")).billed);
	assert_true(judge(c, POST, 200, FR_STR(GOOD)).billed);
}

static void the_posts_id_is_read_as_text_or_number(void **state)
{
	static const struct {
		const char *id;
		uint64_t want;
	} rows[] = {
		{ "\"7016451766297570565\"", 7016451766297570565u },
		{ "7016451766297570565", 7016451766297570565u },
		{ "\"9223372036854775807\"", INT64_MAX },
		{ "\"9223372036854775808\"", 0 },
		{ "\"99999999999999999999\"", 0 },
		{ "99999999999999999999", 0 },
		{ "-7", 0 },
		{ "\"-7\"", 0 },
		{ "\"v0904\"", 0 },
		{ "7.5", 0 },
		{ "[7]", 0 },
		{ "true", 0 },
	};
	const struct fr_catalogue *c = catalogue();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char body[128];
		struct fr_judgement j;

		(void)snprintf(body, sizeof(body), "{\"id\":%s,\"play_count\":1}", rows[i].id);
		j = judge(c, POST, 200, fr_str_of(body));
		assert_int_equal(j.verdict, D);
		assert_int_equal(j.post_id, rows[i].want);
		assert_int_equal(judge(c, MAP, 200, fr_str_of(body)).post_id, 0);
	}
}

static void the_message_is_printable_and_cut(void **state)
{
	const struct fr_catalogue *c = catalogue();
	char body[512] = "{\"message\":\"", *end = body + strlen(body);

	(void)state;
	assert_string_equal(
		judge(c, POST, 200, FR_STR("{\"message\":\"a\\r\\nb\\u0000c\\u007fd \xC3\xA9\xF0\x9F\x98\x80!\"}")).text,
		"a  b c d ?"
		"?!");
	assert_string_equal(judge(c, POST, 200, FR_STR("{\"code\":1,\"msg\":\"why\"}")).text, "why");
	assert_string_equal(judge(c, POST, 500, FR_STR("{\"message\":\"Server Error\"}")).text, "Server Error");
	assert_string_equal(judge(c, POST, 500, FR_STR("<html>")).text, "");
	assert_string_equal(judge(c, POST, 200, FR_STR(POSTED(",\"message\":\"hi\""))).text, "");
	memset(end, 'x', 300);
	memcpy(end + 300, "\"}", 3);
	assert_int_equal(strlen(judge(c, POST, 200, fr_str_of(body)).text), 127);
}

static void a_cut_body_is_never_data(void **state)
{
	static const char *const bodies[] = { GOOD, "\xEF\xBB\xBF" GOOD,
					      POSTED(",\"t\":\"\\ud83d\",\"l\":[{\"a\":[1.5e3,-0,true,null]}]") };
	const struct fr_catalogue *c = catalogue();

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
		for (size_t n = 0; n < strlen(bodies[i]); n++) {
			char *copy = malloc(n + 1); /* so that a sanitizer sees a read past the end */
			struct fr_judgement j;

			assert_non_null(copy);
			memcpy(copy, bodies[i], n);
			j = judge(c, POST, 200, (struct fr_str){ copy, n });
			assert_int_equal(j.verdict, M);
			assert_false(j.verbatim);
			free(copy);
		}
}

static void broken_bytes_never_crash(void **state)
{
	struct fr_random r = { 11 };
	const struct fr_catalogue *c = catalogue();

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char body[sizeof(GOOD)] = GOOD;

		for (uint64_t k = 0; k <= fr_random_below(&r, 3); k++)
			body[fr_random_below(&r, sizeof(GOOD) - 1)] = (char)fr_random_next(&r);
		assert_true(judge(c, POST, 200, (struct fr_str){ body, sizeof(GOOD) - 1 }).verdict < FR_VERDICTS);
	}
}

static void nesting_is_bounded(void **state)
{
	enum { DEEP = 200000 };
	const struct fr_catalogue *c = catalogue();
	char *body = malloc(2 * DEEP + 64), *p;

	(void)state;
	assert_non_null(body);
	for (size_t depth = 1; depth <= DEEP; depth = depth == FR_JSON_DEPTH_MAX ? DEEP : depth + 1) {
		p = body + sprintf(body, "{\"id\":\"7[[\\\"[\",\"play_count\":");
		memset(p, '[', depth);
		memset(p + depth, ']', depth);
		p[2 * depth] = '}';
		p[2 * depth + 1] = '\0';
		assert_int_equal(judge(c, POST, 200, fr_str_of(body)).verdict, depth + 1 <= FR_JSON_DEPTH_MAX ? D : M);
		if (depth == DEEP)
			break;
	}
	memset(body, '[', 2 * DEEP);
	assert_int_equal(judge(c, POST, 200, (struct fr_str){ body, 2 * DEEP }).verdict, M);
	free(body);
}

static void only_data_and_not_found_are_stored(void **state)
{
	(void)state;
	for (int v = 0; v < FR_VERDICTS; v++) {
		assert_int_equal(fr_verdict_stored((enum fr_verdict)v), v == D || v == N);
		assert_int_equal(fr_verdict_failure((enum fr_verdict)v), v != D && v != N && v != R);
		assert_true(strlen(fr_verdict_name((enum fr_verdict)v)) > 0);
	}
	assert_string_equal(fr_verdict_name(FR_VERDICT_TIMEOUT), "timeout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_200_is_judged_by_its_body),
		cmocka_unit_test(other_statuses_are_not_billed),
		cmocka_unit_test(paths_without_a_row_are_judged_by_status),
		cmocka_unit_test(what_was_sent_without_an_answer_is_booked_as_uncertain),
		cmocka_unit_test(a_not_found_is_billed_as_the_catalogue_says),
		cmocka_unit_test(the_posts_id_is_read_as_text_or_number),
		cmocka_unit_test(the_message_is_printable_and_cut),
		cmocka_unit_test(a_cut_body_is_never_data),
		cmocka_unit_test(broken_bytes_never_crash),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(only_data_and_not_found_are_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
