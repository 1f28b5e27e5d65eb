#include "core/explain.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "base/units.h"
#include "core/canon.h"
#include "core/portion.h"
#include "core/posturl.h"
#include "core/problem.h"
#include "core/query.h"
#include "base/pure.h"

enum { ARENA_MAX = 256 * 1024, SHOWN_MAX = 100, NAME_WIDTH = 14, LIST_MAX = 16 * 1024 };

/* A page of "name: value" lines. The first failure stays, and nothing is added after it. */
struct page {
	struct fr_buf *to;
	struct fr_arena mem;
	enum fr_err e;
};

static void line(struct page *p, const char *name, const char *fmt, ...) __attribute__((format(__printf__, 3, 4)));

static void line(struct page *p, const char *name, const char *fmt, ...)
{
	va_list ap;

	if (p->e == FR_OK)
		p->e = fr_buf_addf(p->to, "%s:%*s", name, NAME_WIDTH - (int)fr_str_of(name).n, "");
	va_start(ap, fmt);
	if (p->e == FR_OK)
		p->e = fr_buf_addv(p->to, fmt, ap);
	va_end(ap);
	if (p->e == FR_OK)
		p->e = fr_buf_add_char(p->to, '\n');
}

static void line_names(struct page *p, const char *name, const struct fr_names *names)
{
	struct fr_buf list;

	if (names->n == 0)
		return;
	fr_buf_init(&list, FR_FIELDS_MAX * (FR_NAME_MAX + 2));
	for (size_t i = 0; i < names->n && p->e == FR_OK; i++)
		p->e = fr_buf_addf(&list, "%s%.*s", i == 0 ? "" : ", ", FR_STR_ARG(names->at[i]));
	line(p, name, "%.*s", FR_STR_ARG(fr_buf_str(&list)));
	fr_buf_free(&list);
}

static void line_ms(struct page *p, const char *name, fr_ms t, const char *meaning)
{
	char shown[32];

	fr_units_show_ms(t, shown, sizeof(shown));
	line(p, name, "%s%s", shown, meaning);
}

/* The value that was asked for `param`, decoded; { NULL, 0 } if it was left out. */
static struct fr_str asked_value(const struct fr_pairs *asked, struct fr_str name)
{
	for (size_t i = 0; i < asked->n; i++)
		if (fr_str_eq(asked->at[i].name, name))
			return asked->at[i].value;
	return (struct fr_str){ NULL, 0 };
}

static void explain_parameter(struct page *p, const struct fr_endpoint *row, const struct fr_pairs *asked, struct fr_str name,
			      struct fr_str value)
{
	struct fr_str was = asked_value(asked, name);
	const char *unknown = fr_catalogue_param(row, name) == NULL ? " (not in the catalogue, handed on)" : "";
	char n[SHOWN_MAX], v[SHOWN_MAX], w[SHOWN_MAX];

	fr_query_show(n, sizeof(n), name);
	fr_query_show(v, sizeof(v), value);
	fr_query_show(w, sizeof(w), was);
	if (was.p == NULL)
		line(p, "parameter", "%s = '%s' (default)", n, v);
	else if (fr_str_eq(was, value))
		line(p, "parameter", "%s = '%s'%s", n, v, unknown);
	else
		line(p, "parameter", "%s = '%s' (asked as '%s')%s", n, v, w, unknown);
}

/* Both texts were made by question.c, so they can be read. */
static void explain_parameters(struct page *p, const struct fr_question *q)
{
	struct fr_str rest = fr_canon_query(q->canon), name, value;
	struct fr_query query;
	struct fr_pairs asked;
	struct fr_refusal why;

	if (fr_query_split(&p->mem, q->upstream, &query, &why) != FR_OK || fr_query_pairs(&p->mem, &query, &asked, &why) != FR_OK)
		return;
	while (fr_canon_next(&rest, &name, &value))
		explain_parameter(p, q->endpoint, &asked, fr_query_plain(&p->mem, name), fr_query_plain(&p->mem, value));
}

static void explain_post(struct page *p, const struct fr_question *q)
{
	char day[11];
	fr_wall made;

	if (q->alias.n > 0)
		line(p, "short link", "%.*s; its post is learnt from the first answer's '%.*s'", FR_STR_ARG(q->alias),
		     FR_STR_ARG(q->endpoint->post_id));
	if (q->post_id == 0)
		return;
	made = fr_posturl_created(q->post_id);
	fr_units_show_day(fr_units_day(made), day);
	line(p, "post", "%llu%s%s", (unsigned long long)q->post_id, made.v == 0 ? "" : ", made on ", made.v == 0 ? "" : day);
}

static void explain_steps(struct page *p, const struct fr_endpoint *row)
{
	char fresh[32], younger[32];

	for (size_t i = 0; i < row->n_steps; i++) {
		fr_units_show_ms(row->steps[i].fresh, fresh, sizeof(fresh));
		fr_units_show_ms(row->steps[i].younger, younger, sizeof(younger));
		if (row->steps[i].younger.v == INT64_MAX)
			line(p, "fresh by age", "%s for older posts", fresh);
		else
			line(p, "fresh by age", "%s while the post was under %s old", fresh, younger);
	}
}

static void explain_times(struct page *p, const struct fr_question *q)
{
	const struct fr_endpoint *row = q->endpoint;
	bool deep = q->deep && row->fresh_deep.v != 0;
	char first[32], most[32];

	line_ms(p, "fresh", deep ? row->fresh_deep : row->fresh, deep ? ", as a page behind the first" : "");
	explain_steps(p, row);
	line_ms(p, "stale", row->stale, " more, renewed behind if it was read often enough");
	line_ms(p, "rescue", row->rescue, " from storing, when the upstream fails");
	fr_units_show_ms(row->negative, first, sizeof(first));
	fr_units_show_ms(row->negative_max, most, sizeof(most));
	line(p, "not found", "%s, doubling to %s while it stays so", first, most);
}

static void explain_verdict(struct page *p, const struct fr_endpoint *row)
{
	static const char *const links[] = { "none", "incidental: an answer outlives them",
					     "required: an answer ends with them" };
	static const char *const paging[] = { "none", "by offset", "by time" };

	line_names(p, "mandatory", &row->mandatory);
	line_names(p, "gone if empty", &row->gone_if_empty);
	line_names(p, "counters", &row->counters);
	line_names(p, "signed", &row->signed_fields);
	line(p, "links", "%s", links[row->links]);
	if (row->paging == FR_PAGING_NONE)
		return;
	line(p, "paging", "%s; rows in '%.*s', next in '%.*s', more in '%.*s'", paging[row->paging], FR_STR_ARG(row->rows),
	     FR_STR_ARG(row->cursor), FR_STR_ARG(row->more));
}

static bool teaches(const struct fr_endpoint *from, const struct fr_endpoint *row, enum fr_lesson_kind kind)
{
	for (size_t i = 0; i < from->n_lessons; i++)
		if (from->lessons[i].kind == kind && from->lessons[i].row == row->index)
			return true;
	return false;
}

/* Whose answers teach this row's: exactly, or in pieces. */
static void line_teachers(struct page *p, const struct fr_catalogue *c, const struct fr_endpoint *row, enum fr_lesson_kind kind,
			  const char *name, const char *what)
{
	struct fr_buf list;

	fr_buf_init(&list, LIST_MAX);
	for (size_t i = 0; i < c->n && p->e == FR_OK; i++)
		if (teaches(&c->rows[i], row, kind))
			p->e = fr_buf_addf(&list, "%s%.*s", list.len == 0 ? "" : ", ", FR_STR_ARG(c->rows[i].path));
	if (list.len > 0)
		line(p, name, "%s %.*s", what, FR_STR_ARG(fr_buf_str(&list)));
	fr_buf_free(&list);
}

static void explain_fields(struct page *p, const struct fr_endpoint *row)
{
	struct fr_buf list;

	if (row->shape.n == 0)
		return;
	fr_buf_init(&list, LIST_MAX);
	for (size_t i = 0; i < row->shape.n && p->e == FR_OK; i++)
		p->e = fr_buf_addf(&list, "%s%.*s", i == 0 ? "" : ", ", FR_STR_ARG(row->shape.at[i].name));
	line(p, "fields", "%.*s", FR_STR_ARG(fr_buf_str(&list)));
	fr_buf_free(&list);
}

/* What could answer it besides the upstream. */
static void explain_teachers(struct page *p, const struct fr_catalogue *c, const struct fr_endpoint *row)
{
	explain_fields(p, row);
	line_teachers(p, c, row, FR_LESSON_ANSWER, "answered by", "exactly, answers to");
	line_teachers(p, c, row, FR_LESSON_PIECE, "pieces", "told by");
}

/* What is asked for instead of a page of a list. */
static void explain_block(struct page *p, const struct fr_catalogue *c, const struct fr_question *q)
{
	struct fr_question large;
	struct fr_portion portion;

	if (!fr_portion_read(q->endpoint, q->canon, &portion) || q->alias.n > 0 ||
	    fr_portion_enlarge(&p->mem, c, q, fr_portion_start(q->endpoint, &portion), false, &large) != FR_OK)
		return;
	if (!fr_str_eq(large.canon, q->canon))
		line(p, "cut from", "%.*s (blocks)", FR_STR_ARG(large.upstream));
}

static void explain_question(struct page *p, const struct fr_catalogue *c, const struct fr_question *q)
{
	const struct fr_endpoint *row = q->endpoint;
	char key[33];

	if (row->is_other) {
		line(p, "endpoint", "none in the catalogue: handed through, counted, not stored");
		line(p, "upstream", "%.*s", FR_STR_ARG(q->upstream));
		return;
	}
	fr_key_hex(q->key, key);
	line(p, "endpoint", "%.*s", FR_STR_ARG(row->path));
	if (row->group.n > 0)
		line(p, "group", "%.*s", FR_STR_ARG(row->group));
	line(p, "key", "%s", key);
	line(p, "canonical", "%.*s", FR_STR_ARG(q->canon));
	line(p, "upstream", "%.*s", FR_STR_ARG(q->upstream));
	explain_parameters(p, q);
	explain_post(p, q);
	explain_block(p, c, q);
	line(p, "price", "%lld %s", (long long)row->price, row->price == 1 ? "credit" : "credits");
	explain_times(p, q);
	explain_verdict(p, row);
	explain_teachers(p, c, row);
}

enum fr_err fr_explain(struct fr_buf *b, const struct fr_catalogue *c, struct fr_str url, bool validate)
{
	struct page p = { .to = b, .e = FR_OK };
	struct fr_str target = url;
	struct fr_question q;
	struct fr_refusal why;
	enum fr_err e;

	fr_arena_init(&p.mem, ARENA_MAX);
	target = fr_str_trim(fr_str_cut(&target, '#')); /* a fragment never leaves a browser */
	e = fr_question_read(&p.mem, c, target, 0, validate, &q, &why);
	if (e == FR_OK) {
		explain_question(&p, c, &q);
	} else {
		e = FR_INVALID;
		line(&p, "refused", "%d, %s", fr_problem_status(why.problem), fr_problem_title(why.problem));
		line(&p, "why", "%s", why.detail);
	}
	fr_arena_free(&p.mem);
	return p.e != FR_OK ? p.e : e;
}
