/* What was thrown away is as if it were not there: answers are judged when memory or the store hands them over. Of a purge that is heard of, only
 * the flights need to be looked through: they hold old answers for a rescue. */
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/explain_stored.h"
#include "engine/state.h"

static const fr_ms READ_EVERY = { 60 * 1000 }, RETRY = { 1000 };

static struct fr_purged look(const struct fr_engine *e, size_t row, const struct fr_answer *a)
{
	return fr_purges_look(e->purges, row, a->key, a->stored, e->wall);
}

bool purge_ended(const struct fr_engine *e, const struct fr_question *q, const struct fr_answer *a)
{
	return look(e, q->endpoint->index, a).state == FR_PURGED_HARD;
}

bool purge_touched(const struct fr_engine *e, const struct fr_question *q, fr_wall said)
{
	return fr_purges_look(e->purges, q->endpoint->index, q->key, said, e->wall).state != FR_PURGED_NOT;
}

struct fr_answer *purge_known(struct fr_engine *e, const struct fr_question *q)
{
	struct fr_answer *a = fr_memory_find(e->memory, q->key);

	if (a == NULL || !purge_ended(e, q, a))
		return a;
	fr_memory_cut(e->memory, q->key);
	return NULL;
}

struct fr_view purge_view(const struct fr_engine *e, const struct fr_standing *who, const struct fr_question *q,
			  const struct fr_answer *a)
{
	struct fr_agreed terms = agreed(e, who, q);
	struct fr_view v = fr_freshness_view(a, &terms, e->wall);
	struct fr_purged p = look(e, q->endpoint->index, a);

	if (p.state != FR_PURGED_NOT)
		fr_purge_age(&v, a, q->endpoint, p.at, e->wall);
	return v;
}

struct fr_purged purge_look(const struct fr_engine *e, size_t row, struct fr_key key, const struct fr_answer *a)
{
	return fr_purges_look(e->purges, row, key, a->stored, e->wall);
}

/* From the call, not from its end: it may have been true only then (RFC 9111, section 4.2.3). What is purged in the same moment, or by a clock that is
 * ahead, is from before it if this instance knew of the purge then. */
fr_wall purge_asked_for(const struct fr_engine *e, const struct flight *f)
{
	fr_wall called = { e->wall.v - (e->now.v - f->called_at.v) };

	size_t row = f->question.endpoint->index;

	if (f->purges != e->n_purges)
		return called;
	called = fr_purges_after(e->purges, row, f->question.key, called);
	for (const struct fr_list *link = f->waiters.next; link != &f->waiters; link = link->next) {
		const struct page *p = &FR_OF(link, struct waiter, link)->asker.page;

		if (p->count > 0) /* what was purged is the page */
			called = fr_purges_after(e->purges, row, p->key, called);
	}
	return called;
}

static void forget_previous(struct fr_engine *e)
{
	for (struct fr_map_link *l = fr_map_next(&e->tokens, NULL); l != NULL; l = fr_map_next(&e->tokens, l)) {
		struct flight *f = FR_OF(l, struct flight, by_token);

		if (f->previous == NULL || !purge_ended(e, &f->question, f->previous))
			continue;
		fr_answer_drop(f->previous);
		f->previous = NULL;
	}
}

/* The purges of questions have a bound: memory must not outlive it. */
static void forget_question(struct fr_engine *e, const struct fr_purge *purge)
{
	const struct fr_answer *a = fr_memory_find(e->memory, purge->key);

	if (a != NULL && a->stored.v <= purge->at.v)
		fr_memory_cut(e->memory, purge->key);
}

static bool take_in(struct fr_engine *e, const struct fr_purge *purge)
{
	if (!fr_purges_add(e->purges, purge, e->wall))
		return false;
	e->n_purges++;
	if (!purge->soft && purge->scope == FR_PURGE_KEY)
		forget_question(e, purge);
	if (!purge->soft)
		forget_previous(e);
	return true;
}

/* ---- with the other instances, through Redis ------------------------------------------------------------------------ */

/* The timer is set anew after everything that may change what is due. */
static void schedule(struct fr_engine *e)
{
	fr_ms due = e->purges_read_at;
	struct fr_purge owed;

	if (!e->purge_sent && fr_purges_owed(e->purges, &owed) && e->purge_tell_at.v < due.v)
		due = e->purge_tell_at;
	fr_heap_set(&e->timers, &e->purge_timer.item, due);
}

void purge_init(struct fr_engine *e)
{
	e->purges = fr_purges_new(e->ports.random(e->ports.ctx));
	e->purge_timer.due = DUE_PURGES;
	e->purges_read_at = (fr_ms){ e->now.v + READ_EVERY.v }; /* the port reads them when it connects */
	schedule(e);
}

/* One thing at a time, the port call last. */
void purge_due(struct fr_engine *e)
{
	struct fr_purge owed;

	if (e->purges_read_at.v <= e->now.v) {
		e->purges_read_at = (fr_ms){ e->now.v + READ_EVERY.v };
		schedule(e);
		e->ports.purge_read(e->ports.ctx);
	} else if (!e->purge_sent && e->purge_tell_at.v <= e->now.v && fr_purges_owed(e->purges, &owed)) {
		e->purge_sent = true;
		schedule(e);
		e->ports.purge_tell(e->ports.ctx, &owed);
	} else {
		schedule(e);
	}
}

void fr_engine_purge_kept(struct fr_engine *e, const struct fr_purge *purge, bool kept)
{
	engine_enter(e);
	e->purge_sent = false;
	e->purge_tell_at = (fr_ms){ e->now.v + (kept ? 0 : RETRY.v) };
	if (kept)
		fr_purges_told(e->purges, purge);
	schedule(e);
	engine_leave(e);
}

void fr_engine_purged(struct fr_engine *e, const struct fr_purge *purge)
{
	engine_enter(e);
	(void)take_in(e, purge);
	engine_leave(e);
}

void fr_engine_purges_read(struct fr_engine *e, bool read)
{
	engine_enter(e);
	if (read)
		fr_purges_review(e->purges);
	else
		e->purges_read_at = (fr_ms){ e->now.v + RETRY.v };
	schedule(e);
	engine_leave(e);
}

/* ---- the operator --------------------------------------------------------------------------------------------------- */

static void note(struct fr_engine *e, const struct fr_purge *p)
{
	const char *how = p->soft ? "may only be served while it is renewed" : "is thrown away";
	char key[33];

	if (p->scope == FR_PURGE_ALL) {
		engine_note(e, FR_LOG_INFO, "purge: everything that was stored until now %s", how);
	} else if (p->scope == FR_PURGE_ROW) {
		engine_note(e, FR_LOG_INFO, "purge: what was stored of %.*s until now %s",
			    FR_STR_ARG(e->catalogue->rows[p->row].path), how);
	} else {
		fr_key_hex(p->key, key);
		engine_note(e, FR_LOG_INFO, "purge: what was stored under %s until now %s", key, how);
	}
}

void purge_until(struct fr_engine *e, struct fr_key key, fr_wall at)
{
	const struct fr_purge p = { .scope = FR_PURGE_KEY, .key = key, .at = at };

	if (!take_in(e, &p))
		return;
	fr_purges_owe(e->purges, &p);
	e->purge_tell_at = e->now;
	schedule(e);
}

void fr_engine_purge(struct fr_engine *e, const struct fr_purge *purge)
{
	struct fr_purge p = *purge;

	engine_enter(e);
	p.at = fr_purges_moment(e->purges, &p, e->wall);
	FR_ASSERT(take_in(e, &p));
	note(e, &p);
	fr_purges_owe(e->purges, &p);
	e->purge_tell_at = e->now;
	schedule(e);
	engine_leave(e);
}

/* A question as memory knows it: behind a short link whose post is known, the post's. False, with `why`: there is none that is stored. */
static bool question_of(struct fr_engine *e, struct fr_arena *mem, struct fr_str target, struct fr_question *ret,
			struct fr_question *ret_post, struct fr_refusal *why)
{
	uint64_t id;

	if (!e->operator_key) {
		fr_problem_set(
			why, FR_PROBLEM_BAD_PARAM,
			"there is no key of the operator's, so what is stored is divided by the clients' keys: name an endpoint");
		return false;
	}
	if (fr_question_read(mem, e->catalogue, target, 0, e->settings->validate, ret, why) != FR_OK)
		return false;
	if (ret->endpoint->is_other) {
		fr_problem_set(why, FR_PROBLEM_BAD_PARAM, "the path is not in the catalogue: nothing is stored for it");
		return false;
	}
	*ret_post = *ret;
	id = ret->alias.n > 0 ? alias_find(e, fr_question_alias_key(ret->alias)) : 0;
	if (id != 0)
		FR_ASSERT(fr_question_resolve(mem, e->catalogue, ret, id, ret_post) == FR_OK);
	return true;
}

size_t fr_engine_keys_of(struct fr_engine *e, struct fr_str target, struct fr_key *ret, struct fr_refusal *why)
{
	struct fr_question q, post, block;
	struct fr_arena mem;
	size_t n = 0;

	fr_arena_init(&mem, 32 * FR_CANON_MAX);
	if (question_of(e, &mem, target, &q, &post, why)) {
		ret[n++] = q.key;
		if (!fr_key_eq(q.key, post.key))
			ret[n++] = post.key;
		if (block_question(e, &mem, &post, &block) && !fr_key_eq(block.key, post.key))
			ret[n++] = block.key;
		FR_ASSERT(n <= FR_PURGE_KEYS_MAX);
	}
	fr_arena_free(&mem);
	return n;
}

static void describe(struct fr_engine *e, const struct fr_question *q, struct fr_stored *ret)
{
	static const struct fr_standing anybody = { .tenant = 0 };
	const struct fr_answer *a = fr_memory_find(e->memory, q->key);
	struct fr_map_link *link = fr_map_find(&e->flights, q->key);

	*ret = (struct fr_stored){ .key = q->key, .have = a != NULL };
	if (link != NULL)
		ret->flight = fr_flight_state_name(FR_OF(link, struct flight, by_key)->state);
	if (a == NULL)
		return;
	ret->verdict = a->verdict;
	ret->stored = a->stored;
	ret->bytes = a->body->n;
	ret->read_parts = a->read_parts;
	ret->purged = look(e, q->endpoint->index, a);
	ret->view = purge_view(e, &anybody, q, a);
}

bool fr_engine_stored(struct fr_engine *e, struct fr_str target, struct fr_stored *ret)
{
	struct fr_question q, post, block;
	struct fr_refusal why;
	struct fr_arena mem;
	bool known;

	engine_enter(e);
	(void)study_finish(e);
	fr_arena_init(&mem, 32 * FR_CANON_MAX);
	known = question_of(e, &mem, target, &q, &post, &why);
	if (known) {
		describe(e, &post, ret);
		if (!ret->have && block_question(e, &mem, &post, &block))
			describe(e, &block, ret);
	}
	fr_arena_free(&mem);
	engine_leave(e);
	return known;
}
