/* problem.h — frugald's own refusals, as rows of tbl/problems.def and as application/problem+json (RFC 9457).
 *
 * Every problem carries a `message` too, since clients of this API look there. */
#ifndef FRUGAL_CORE_PROBLEM_H
#define FRUGAL_CORE_PROBLEM_H

#include "base/buf.h"
#include "frugal/limits.h"
#include "frugal/types.h"

enum fr_problem {
	FR_PROBLEM_NONE,
#define PROBLEM(id, status, type, title) FR_PROBLEM_##id,
#include "frugal/tbl/problems.def"
#undef PROBLEM
	FR_PROBLEMS
};

/* A refusal on its way up: which, and the detail that says where and how to mend it. */
struct fr_refusal {
	enum fr_problem problem;
	char detail[FR_DETAIL_MAX];
};

/* Fills `r`; the detail is cut at its ceiling. */
void fr_problem_set(struct fr_refusal *r, enum fr_problem problem, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

int fr_problem_status(enum fr_problem p);
const char *fr_problem_title(enum fr_problem p);
void fr_problem_type(enum fr_problem p, char *ret, size_t size); /* the whole URI */

/* The body: type, title, status, detail, instance (the request id), message, and retry_after (seconds) if it is > 0. */
enum fr_err fr_problem_body(struct fr_buf *b, const struct fr_refusal *r, struct fr_str request_id, int64_t retry_after);

/* One row per problem, for docs/problems.md. */
enum fr_err fr_problem_document(struct fr_buf *b);

#endif
