#include "core/question.h"

#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/canon.h"
#include "core/fold.h"
#include "core/needs.h"
#include "core/own.h"
#include "core/query.h"
#include "base/pure.h"

enum {
	KEY_SEED = 0, /* the same on every host, for ever: a new one would orphan what Redis holds */
	ALIAS_SIZE_MAX = 256
};

/* A question that is being read. Entries stay sorted by name. */
struct draft {
	struct fr_arena *mem;
	const struct fr_endpoint *row;
	bool validate;
	size_t n;
	struct fr_canon_item at[2 * FR_PARAMS_MAX]; /* what was given, and defaults of what was not */
	uint64_t post_id;
	struct fr_str alias;
	bool deep;
};

static enum fr_err refuse_missing(const struct draft *d, const struct fr_param *p, struct fr_refusal *why)
{
	char accepts[64];

	fr_fold_describe(p, accepts, sizeof(accepts));
	fr_problem_set(why, FR_PROBLEM_MISSING_PARAM, "%.*s is mandatory on %.*s; add %.*s=<%s>; `validate: off` hands it on",
		       FR_STR_ARG(p->name), FR_STR_ARG(d->row->path), FR_STR_ARG(p->name), accepts);
	return FR_INVALID;
}

static enum fr_err refuse_value(const struct draft *d, const struct fr_param *p, struct fr_str value, struct fr_refusal *why)
{
	char accepts[64], got[48];

	fr_fold_describe(p, accepts, sizeof(accepts));
	fr_query_show(got, sizeof(got), value);
	fr_problem_set(why, FR_PROBLEM_BAD_PARAM, "%.*s is %s on %.*s; got '%s'; `validate: off` hands it on",
		       FR_STR_ARG(p->name), accepts, FR_STR_ARG(d->row->path), got);
	return FR_INVALID;
}

/* Puts an entry in its place; false if the name is there already. At most 2 * FR_PARAMS_MAX of them, and clients that keep an
 * order of their own mostly keep this one. */
static bool insert(struct draft *d, struct fr_canon_item e)
{
	size_t to = d->n;
	int order = -1;

	FR_ASSERT(d->n < sizeof(d->at) / sizeof(d->at[0]));
	while (to > 0 && (order = fr_str_cmp(d->at[to - 1].name, e.name)) > 0)
		to--;
	if (to > 0 && order == 0)
		return false;
	memmove(&d->at[to + 1], &d->at[to], (d->n - to) * sizeof(d->at[0]));
	d->at[to] = e;
	d->n++;
	return true;
}

static enum fr_err insert_given(struct draft *d, const struct fr_pair *pair, struct fr_refusal *why)
{
	bool fits = pair->value.n <= FR_PARAM_VALUE_MAX;
	char shown[FR_NAME_MAX];

	if (fits && insert(d, (struct fr_canon_item){ pair->name, pair->value, fr_catalogue_param(d->row, pair->name) }))
		return FR_OK;
	fr_query_show(shown, sizeof(shown), pair->name);
	if (fits) {
		fr_problem_set(why, FR_PROBLEM_REPEATED_PARAM, "%s is given more than once on %.*s; give it once", shown,
			       FR_STR_ARG(d->row->path));
		return FR_INVALID;
	}
	fr_problem_set(why, FR_PROBLEM_TARGET_TOO_LONG, "%s has %zu bytes, at most %d are read", shown, pair->value.n,
		       FR_PARAM_VALUE_MAX);
	return FR_TOOBIG;
}

/* The default in its folded spelling, so that it meets an explicit one however the catalogue writes it. */
static struct fr_str default_of(const struct draft *d, const struct fr_param *p)
{
	struct fr_folded folded;

	if (!p->has_default)
		return (struct fr_str){ "", 0 };
	return fr_fold_value(d->mem, p, p->dflt, &folded) == FR_FOLDING_OK ? folded.value : p->dflt;
}

/* What an empty value comes to. */
static enum fr_err settle_empty(struct draft *d, struct fr_canon_item *e, struct fr_refusal *why)
{
	const struct fr_param *p = e->param;

	if (p->required)
		return d->validate ? refuse_missing(d, p, why) : FR_OK;
	if (p->has_default && fr_fold_empty_is_default(p->fold))
		e->value = default_of(d, p);
	else if (fr_fold_empty_is_fine(p->fold))
		e->value = (struct fr_str){ "", 0 };
	else if (d->validate)
		return refuse_value(d, p, e->value, why);
	return FR_OK;
}

/* Folds one given value in place. */
static enum fr_err settle(struct draft *d, struct fr_canon_item *e, struct fr_refusal *why)
{
	struct fr_folded folded;
	enum fr_err err = FR_OK;

	switch (fr_fold_value(d->mem, e->param, e->value, &folded)) {
	case FR_FOLDING_OK:
		e->value = folded.value;
		if (e->param->dates)
			(void)fr_str_to_u64(folded.value, &d->post_id);
		else if (d->post_id == 0 && d->alias.n == 0)
			d->post_id = folded.post_id;
		if (d->post_id == 0 && d->alias.n == 0)
			d->alias = folded.alias;
		break;
	case FR_FOLDING_EMPTY: err = settle_empty(d, e, why); break;
	case FR_FOLDING_REFUSED:
		if (d->validate)
			err = refuse_value(d, e->param, e->value, why);
		break;
	case FR_FOLDING_FULL: err = fr_query_full(why); break;
	}
	if (err == FR_OK && e->param->page && !fr_str_eq(e->value, default_of(d, e->param)))
		d->deep = true;
	return err;
}

/* Adds what the row takes and the client left out. */
static enum fr_err settle_absent(struct draft *d, const bool *given, struct fr_refusal *why)
{
	for (size_t i = 0; i < d->row->n_params; i++) {
		const struct fr_param *p = &d->row->params[i];

		if (given[i])
			continue;
		if (p->required && d->validate)
			return refuse_missing(d, p, why);
		if (p->has_default) {
			bool is_new = insert(d, (struct fr_canon_item){ p->name, default_of(d, p), p });

			FR_ASSERT(is_new);
		}
	}
	return FR_OK;
}

static enum fr_err settle_all(struct draft *d, const struct fr_pairs *pairs, struct fr_refusal *why)
{
	bool given[FR_PARAMS_MAX] = { false };
	enum fr_err e = FR_OK;

	for (size_t i = 0; e == FR_OK && i < pairs->n; i++)
		e = insert_given(d, &pairs->at[i], why);
	for (size_t i = 0; e == FR_OK && i < d->n; i++) {
		if (d->at[i].param == NULL)
			continue;
		given[d->at[i].param - d->row->params] = true;
		e = settle(d, &d->at[i], why);
	}
	return e == FR_OK ? settle_absent(d, given, why) : e;
}

static char *append(char *to, struct fr_str s)
{
	if (s.n > 0)
		memcpy(to, s.p, s.n);
	return to + s.n;
}

/* A path and the pieces of the query that count, in their own order and spelling. */
static enum fr_err write_upstream(struct fr_arena *mem, struct fr_str path, const struct fr_query *q,
				  const struct fr_pairs *pairs, struct fr_str *ret, struct fr_refusal *why)
{
	char *p = fr_arena_take(mem, path.n + 1 + q->raw.n + 1), *to;

	if (p == NULL)
		return fr_query_full(why);
	to = append(p, path);
	if (q->marked)
		*to++ = '?';
	for (size_t i = 0; i < pairs->n; i++) {
		if (i > 0)
			*to++ = '&';
		to = append(to, pairs->at[i].raw);
	}
	*to = '\0';
	*ret = (struct fr_str){ p, (size_t)(to - p) };
	return FR_OK;
}

/* Takes the parameter out that is not for the upstream. */
static enum fr_err take_fields(struct fr_pairs *pairs, struct fr_str *ret, struct fr_refusal *why)
{
	size_t kept = 0;

	*ret = (struct fr_str){ NULL, 0 };
	for (size_t i = 0; i < pairs->n; i++) {
		if (!fr_str_is(pairs->at[i].name, FR_NEEDS_PARAM)) {
			pairs->at[kept++] = pairs->at[i];
			continue;
		}
		if (ret->p != NULL) {
			fr_problem_set(why, FR_PROBLEM_REPEATED_PARAM, "%s is given more than once; give it once, with commas",
				       FR_NEEDS_PARAM);
			return FR_INVALID;
		}
		*ret = pairs->at[i].value;
	}
	pairs->n = kept;
	return FR_OK;
}

static enum fr_err read_row(struct draft *d, const struct fr_query *query, uint64_t partition, struct fr_question *ret,
			    struct fr_refusal *why)
{
	struct fr_question q = { .endpoint = d->row, .partition = partition };
	struct fr_pairs pairs;
	enum fr_err e = fr_query_pairs(d->mem, query, &pairs, why);

	if (e == FR_OK)
		e = take_fields(&pairs, &q.fields, why);
	if (e == FR_OK)
		e = settle_all(d, &pairs, why);
	if (e == FR_OK)
		e = fr_canon_write(d->mem, d->row->path, d->at, d->n, partition, &q.canon, why);
	if (e == FR_OK)
		e = write_upstream(d->mem, d->row->path, query, &pairs, &q.upstream, why);
	if (e != FR_OK)
		return e;
	q.key = fr_hash128(KEY_SEED, q.canon.p, q.canon.n);
	q.post_id = d->post_id;
	q.alias = d->alias;
	q.deep = d->deep;
	*ret = q;
	return FR_OK;
}

/* A path without a row is handed on as it came, but for what is not for the upstream. */
static enum fr_err read_other(struct fr_arena *mem, const struct fr_endpoint *row, const struct fr_query *query,
			      struct fr_question *ret, struct fr_refusal *why)
{
	struct fr_question q = { .endpoint = row, .alias = { "", 0 } };
	struct fr_str path = { query->target.p, fr_str_find(query->target, '?') };
	struct fr_pairs pairs;
	enum fr_err e = FR_OK;

	if (fr_own_of(query->path) != FR_OWN_NONE) {
		fr_problem_set(why, FR_PROBLEM_NO_PAGE, "there is POST /frugal/batch and POST /frugal/prewarm");
		return FR_INVALID;
	}
	q.upstream = fr_arena_str(mem, query->target);
	if (q.upstream.p == NULL)
		return fr_query_full(why);
	if (fr_str_find_nocase(query->raw, "frugal") < query->raw.n) {
		e = fr_query_pairs(mem, query, &pairs, why);
		if (e == FR_OK)
			e = take_fields(&pairs, &q.fields, why);
		if (e == FR_OK)
			e = write_upstream(mem, path, query, &pairs, &q.upstream, why);
	}
	q.canon = q.upstream;
	if (e == FR_OK)
		*ret = q;
	return e;
}

enum fr_err fr_question_read(struct fr_arena *mem, const struct fr_catalogue *c, struct fr_str target, uint64_t partition,
			     bool validate, struct fr_question *ret, struct fr_refusal *why)
{
	struct draft d;
	struct fr_query query;
	enum fr_err e = fr_query_split(mem, target, &query, why);

	if (e != FR_OK)
		return e;
	d.row = fr_catalogue_find(c, query.path);
	if (d.row->is_other)
		return read_other(mem, d.row, &query, ret, why);
	d.mem = mem;
	d.validate = validate;
	d.n = 0;
	d.post_id = 0;
	d.alias = (struct fr_str){ "", 0 };
	d.deep = false;
	return read_row(&d, &query, partition, ret, why);
}

/* Whether a parameter of a canonical text holds the short link `alias`. Only those that take a post do: elsewhere the same text
 * is just text. */
static bool holds_alias(const struct fr_endpoint *row, struct fr_str name, struct fr_str value, struct fr_str alias)
{
	const char *prefix = "short%3A";

	if (!fr_str_starts(value, prefix) || !fr_query_encoded_is(fr_str_skip(value, strlen(prefix)), alias))
		return false;
	for (size_t i = 0; i < row->n_params; i++)
		if (row->params[i].fold == FR_FOLD_POST && fr_query_encoded_is(name, row->params[i].name))
			return true;
	return false;
}

static char *append_id(char *to, uint64_t id)
{
	char digits[20];
	size_t n = sizeof(digits);

	for (; id > 0; id /= 10)
		digits[--n] = (char)('0' + id % 10);
	return append(to, (struct fr_str){ digits + n, sizeof(digits) - n });
}

enum fr_err fr_question_resolve(struct fr_arena *mem, const struct fr_catalogue *c, const struct fr_question *q, uint64_t post_id,
				struct fr_question *ret)
{
	struct fr_question resolved = *q;
	struct fr_str query = fr_canon_query(q->canon), name, value;
	const char *done = q->canon.p; /* what is before it is written */
	char *p, *to;

	FR_ASSERT(q->alias.n > 0 && q->endpoint->index < c->n);
	if (post_id == 0 || post_id > INT64_MAX)
		return FR_INVALID;
	p = to = fr_arena_take(mem, q->canon.n + 1); /* an id is shorter than any short link */
	if (p == NULL)
		return FR_TOOBIG;
	while (fr_canon_next(&query, &name, &value)) {
		if (!holds_alias(q->endpoint, name, value, q->alias))
			continue;
		to = append(to, (struct fr_str){ done, (size_t)(value.p - done) });
		to = append_id(to, post_id);
		done = value.p + value.n;
	}
	to = append(to, (struct fr_str){ done, (size_t)(q->canon.p + q->canon.n - done) });
	*to = '\0';
	resolved.canon = (struct fr_str){ p, (size_t)(to - p) };
	resolved.key = fr_hash128(KEY_SEED, resolved.canon.p, resolved.canon.n);
	resolved.post_id = post_id;
	resolved.alias = (struct fr_str){ "", 0 };
	*ret = resolved;
	return FR_OK;
}

struct fr_key fr_question_alias_key(struct fr_str alias)
{
	char text[ALIAS_SIZE_MAX], *end;

	FR_ASSERT(alias.n <= sizeof(text) - 6);
	end = append(append(text, FR_STR("alias:")), alias);
	return fr_hash128(KEY_SEED, text, (size_t)(end - text));
}
