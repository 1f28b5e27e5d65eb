/* fault.h — trouble on demand.
 *
 * The control page adds faults; each names a kind, and may be narrowed to a path, to a text in the query and to a
 * number of requests. The first that fits an arriving request is taken. */
#ifndef TWIN_FAULT_H
#define TWIN_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define FAULT_KINDS(X) \
	X(NONE, "ok") X(STATUS, "status") X(HTML, "html") X(HTML503, "html503") X(TRUNCATED, "truncated") \
	X(OVERSIZED, "oversized") X(HANG, "hang") X(RESET, "reset") X(SLOW, "slow") \
	X(NO_KEY, "account_no_key") X(UNKNOWN_KEY, "account_unknown_key") X(NO_CREDITS, "account_no_credits") \
	X(THROTTLE, "throttle") X(NOT_FOUND, "not_found") X(PRIVATE, "private") X(RESOURCE, "resource_error") \
	X(URL_PARSING, "url_parsing") X(MISSING_KEY, "missing_key") X(NULL_ID, "null_id") X(EMPTY, "empty") \
	X(REDIRECT, "redirect") X(NO_STORE, "no_store") X(BAD_JSON, "bad_json") X(NOT_OBJECT, "not_object") X(DEEP, "deep")

enum fault_kind {
#define X(name, text) FAULT_##name,
	FAULT_KINDS(X)
#undef X
	FAULT_KINDS_N
};
/* clang-format on */

enum { FAULTS_MAX = 64, FAULT_FOREVER = -1, FAULT_UNSET = -1 };

struct fault {
	enum fault_kind kind;
	char path[64], match[128]; /* "" fits everything */
	int64_t times;             /* how many more, or FAULT_FOREVER */
	unsigned status;
	int64_t retry_after, ms; /* seconds or FAULT_UNSET; how long a slow body takes */
};

struct faults {
	struct fault row[FAULTS_MAX];
	size_t n;
};

const char *fault_name(enum fault_kind kind);
/* False when no fault has this name. */
bool fault_kind_of(const char *name, enum fault_kind *ret);
/* False when there is no room left. */
bool faults_add(struct faults *f, const struct fault *fault);
/* The first fault that fits, counted as used. False when none does: *ret is untouched. */
bool faults_take(struct faults *f, const char *path, const char *query, struct fault *ret);

#endif
