#include "core/problem.h"

#include <inttypes.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/page.h"

#include "base/pure.h"

static const struct problem {
	int status;
	const char *type, *title;
} problems[FR_PROBLEMS] = {
#define PROBLEM(id, status, type, title) [FR_PROBLEM_##id] = { status, type, title },
#include "frugal/tbl/problems.def"
#undef PROBLEM
};

static const struct problem *row(enum fr_problem p)
{
	FR_ASSERT(p > FR_PROBLEM_NONE && p < FR_PROBLEMS);
	return &problems[p];
}

/* At most `size` bytes of s, without the beginning of a character that is cut off. */
static struct fr_str cut_utf8(struct fr_str s, size_t size)
{
	if (s.n <= size)
		return s;
	s.n = size;
	while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xC0) == 0x80)
		s.n--;
	return s;
}

void fr_problem_set(struct fr_refusal *r, enum fr_problem problem, const char *fmt, ...)
{
	struct fr_buf b;
	va_list ap;

	r->problem = problem;
	fr_buf_init(&b, FR_BODY_MAX);
	va_start(ap, fmt);
	if (fr_buf_addv(&b, fmt, ap) != FR_OK)
		fr_buf_clear(&b); /* a detail that large says nothing to anybody */
	va_end(ap);
	(void)fr_str_copy(r->detail, sizeof(r->detail), cut_utf8(fr_buf_str(&b), sizeof(r->detail) - 1));
	fr_buf_free(&b);
}

int fr_problem_status(enum fr_problem p)
{
	return row(p)->status;
}

const char *fr_problem_title(enum fr_problem p)
{
	return row(p)->title;
}

void fr_problem_type(enum fr_problem p, char *ret, size_t size)
{
	const char *type = row(p)->type, *prefix = "urn:frugald:problem:";
	size_t n;

	if (fr_str_starts(fr_str_of(type), "iana:")) {
		prefix = "https://iana.org/assignments/http-problem-types#";
		type += strlen("iana:");
	} else if (strcmp(type, "about:blank") == 0) {
		prefix = "";
	}
	n = strlen(prefix);
	FR_ASSERT(n + strlen(type) < size);
	memcpy(ret, prefix, n);
	memcpy(ret + n, type, strlen(type) + 1);
}

static void member(struct fr_page *p, const char *name, struct fr_str value)
{
	fr_page_addf(p, ",\"%s\":", name);
	fr_page_json(p, value);
}

enum fr_err fr_problem_body(struct fr_buf *b, const struct fr_refusal *r, struct fr_str request_id, int64_t retry_after)
{
	struct fr_str title = fr_str_of(fr_problem_title(r->problem)), detail = fr_str_of(r->detail);
	char type[128];
	struct fr_page p;

	fr_problem_type(r->problem, type, sizeof(type));
	fr_page_begin(&p, b);
	fr_page_text(&p, "{\"type\":");
	fr_page_json(&p, fr_str_of(type));
	member(&p, "title", title);
	fr_page_addf(&p, ",\"status\":%d", fr_problem_status(r->problem));
	if (detail.n > 0)
		member(&p, "detail", detail);
	member(&p, "instance", request_id);
	member(&p, "message", detail.n > 0 ? detail : title);
	if (retry_after > 0)
		fr_page_addf(&p, ",\"retry_after\":%" PRId64, retry_after);
	fr_page_text(&p, "}");
	return fr_page_end(&p);
}

enum fr_err fr_problem_document(struct fr_buf *b)
{
	char type[128];
	struct fr_page p;

	fr_page_begin(&p, b);
	fr_page_text(
		&p,
		"# Problems\n\n"
		"This page is generated from include/frugal/tbl/problems.def.\n\n"
		"frugald's own refusals are `application/problem+json` (RFC 9457). Beside `type`, `title`, `status`, `detail`\n"
		"and `instance` (the request's id) they carry `message`, where clients of this API look, and `retry_after`\n"
		"in seconds where waiting helps.\n\n"
		"| Status | Type | Title |\n|---|---|---|\n");
	for (enum fr_problem i = FR_PROBLEM_NONE + 1; i < FR_PROBLEMS; i++) {
		fr_problem_type(i, type, sizeof(type));
		fr_page_addf(&p, "| %d | `%s` | %s |\n", fr_problem_status(i), type, fr_problem_title(i));
	}
	return fr_page_end(&p);
}
