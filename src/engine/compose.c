#include "core/compose.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/links.h"
#include "engine/state.h"

#include <stdio.h>

enum { LEARNT_MAX = 640 };

static struct fr_str asked_piece(struct fr_arena *mem, const struct fr_question *q)
{
	fr_arena_init(mem, 2 * FR_CANON_MAX);
	return fr_piece_asked(mem, q);
}

/* What memory knows of the thing that is asked about, or NULL. */
static const struct fr_piece *known_piece(struct fr_engine *e, const struct fr_question *q)
{
	const struct fr_piece *piece = NULL;
	struct fr_arena mem;
	struct fr_str canon = asked_piece(&mem, q);

	if (canon.p != NULL)
		piece = fr_pieces_find(e->pieces, fr_piece_key(canon));
	fr_arena_free(&mem);
	return piece != NULL && !purge_touched(e, q, piece->learnt) ? piece : NULL;
}

static bool compose(struct fr_engine *e, const struct fr_agreed *terms, uint64_t needs, const struct fr_question *q,
		    const struct fr_answer *have, struct fr_buf *b, struct fr_composed *ret)
{
	const struct fr_compose_ask ask = {
		.key = q->key,
		.post_id = q->post_id,
		.needs = needs,
		.full = have != NULL && !purge_touched(e, q, have->stored) ? have : NULL,
		.piece = known_piece(e, q),
		.terms = terms,
		.now = e->wall,
	};

	fr_buf_init(b, FR_BODY_MAX);
	return (ask.piece != NULL || needs != 0) && fr_compose(&ask, b, ret);
}

/* "full;at=<ms>, piece;at=<ms>;fields="a b"": when the parts were said, and which are the piece's if not all are. Names that have no room are left
 * out together. */
static void say_learnt(char ret[LEARNT_MAX], const struct fr_composed *c, const struct fr_shape *shape, fr_wall full,
		       fr_wall piece)
{
	size_t n = 0, before;

	ret[0] = '\0';
	if (c->used_full)
		n += (size_t)snprintf(ret, LEARNT_MAX, "full;at=%lld", (long long)full.v);
	if (c->used_piece)
		n += (size_t)snprintf(ret + n, LEARNT_MAX - n, "%spiece;at=%lld", n > 0 ? ", " : "", (long long)piece.v);
	before = n;
	for (size_t i = 0; i < shape->n && c->used_full && n < LEARNT_MAX; i++)
		if ((c->from_piece & UINT64_C(1) << i) != 0)
			n += (size_t)snprintf(ret + n, LEARNT_MAX - n, "%s%.*s", n == before ? ";fields=\"" : " ",
					      FR_STR_ARG(shape->at[i].name));
	if (n > before && n + 1 < LEARNT_MAX)
		(void)snprintf(ret + n, LEARNT_MAX - n, "\"");
	else
		ret[before] = '\0';
}

/* What was put together, as an answer that is said and booked like `how`. */
static void serve_body(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct fr_answer *have,
		       struct fr_str body, const struct fr_composed *c, const struct served *how)
{
	const struct fr_piece *piece = known_piece(e, q);
	struct fr_answer facts = {
		.key = q->key,
		.canon = q->canon,
		.stored = { e->wall.v - c->view.age.v },
		.verdict = FR_VERDICT_DATA,
		.status = 200,
		.verbatim = true,
		.origin = FR_ORIGIN_COMPOSED,
		.post_id = q->post_id,
		.links_first = fr_links_scan(body).first,
		.type = c->used_full && have != NULL ? have->type : "application/json",
		.body = fr_blob_of(body.p, body.n),
	};
	struct served s = *how;
	char learnt[LEARNT_MAX];

	say_learnt(learnt, c, &q->endpoint->shape, have != NULL ? have->stored : e->wall,
		   piece != NULL ? piece->learnt : e->wall);
	s.answer = fr_answer_new(&facts);
	s.view = c->view;
	s.partial = a->needs.bits != 0;
	s.learnt = learnt;
	e->tally.counters.composed++;
	serve(e, a, q, &s);
	fr_answer_drop(s.answer);
	fr_blob_drop(facts.body);
}

static bool may_compose(const struct fr_question *q)
{
	return q->endpoint->thing.n > 0 && q->alias.n == 0;
}

bool compose_serve(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have)
{
	const struct served how = { .outcome = FR_OUTCOME_ENTITY };
	struct fr_plan_facts facts;
	struct fr_agreed terms;
	struct fr_composed done;
	struct fr_buf b;
	bool enough;

	if (!may_compose(q))
		return false;
	terms = agreed(e, &a->standing, q);
	enough = compose(e, &terms, a->needs.bits, q, have, &b, &done);
	if (enough) {
		facts = plan_facts(e, a, q, NULL);
		facts.have = true;
		facts.view = done.view;
		enough = fr_plan_ask(&facts) == FR_PLAN_SERVE;
	}
	if (enough)
		serve_body(e, a, q, have, fr_buf_str(&b), &done, &how);
	fr_buf_free(&b);
	return enough;
}

/* How an answer looks that is put together from what may be as old as a rescue. */
static struct fr_view rescue_view(const struct fr_engine *e, const struct fr_agreed *terms, const struct fr_question *q,
				  fr_ms age)
{
	fr_ms left = fr_freshness_part((fr_wall){ e->wall.v - age.v }, q->post_id, q->key, true, terms, e->wall);

	left = FR_MS(left.v < 0 ? left.v : 0);
	return (struct fr_view){ .freshness = FR_RESCUE, .age = age, .left = left, .over = FR_MS(-left.v) };
}

bool compose_rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		    const struct served *how)
{
	struct fr_agreed terms, patient;
	struct fr_composed done;
	struct fr_buf b;
	bool enough;

	if (!may_compose(q) || a->needs.bits == 0)
		return false;
	terms = patient = agreed(e, &a->standing, q);
	patient.fresh = q->endpoint->rescue;
	enough = compose(e, &patient, a->needs.bits, q, have, &b, &done);
	if (enough) {
		done.view = rescue_view(e, &terms, q, done.view.age);
		serve_body(e, a, q, have, fr_buf_str(&b), &done, how);
	}
	fr_buf_free(&b);
	return enough;
}

bool compose_contents(struct fr_engine *e, const struct flight *f, struct fr_answer *have)
{
	struct fr_composed done;
	struct fr_agreed terms;
	struct fr_buf b;
	bool enough;

	if (!may_compose(&f->question))
		return false;
	terms = agreed(e, &f->standing, &f->question);
	enough = compose(e, &terms, f->needs, &f->question, have, &b, &done);
	fr_buf_free(&b);
	return enough;
}

bool compose_news(struct fr_engine *e, struct flight *f)
{
	const struct fr_piece *piece = may_compose(&f->question) ? known_piece(e, &f->question) : NULL;

	if (piece == NULL || piece->learnt.v <= f->piece_seen.v)
		return false;
	f->piece_seen = piece->learnt;
	return true;
}

/* Without an old answer only those can be content who say what they read. */
static bool could_be_content(const struct flight *f)
{
	if (f->previous != NULL && f->previous->verdict == FR_VERDICT_DATA)
		return true;
	for (const struct fr_list *link = f->waiters.next; link != &f->waiters; link = link->next)
		if (FR_OF(link, struct waiter, link)->asker.needs.bits != 0)
			return true;
	return false;
}

bool compose_wanted(struct flight *f)
{
	struct fr_arena mem;
	struct fr_str canon;

	if (f->piece_asked || !may_compose(&f->question) || !could_be_content(f)) /* what memory knows was not enough */
		return false;
	canon = asked_piece(&mem, &f->question);
	f->piece_asked = true;
	f->piece = canon.p != NULL ? fr_piece_key(canon) : (struct fr_key){ 0, 0 };
	fr_arena_free(&mem);
	return canon.p != NULL;
}

void compose_ask(struct fr_engine *e, struct flight *f)
{
	e->tally.counters.store_lookups++;
	e->ports.piece_get(e->ports.ctx, flight_token(e, f), f->piece);
}

void compose_found(struct fr_engine *e, struct flight *f, const struct fr_answer *found)
{
	struct fr_arena mem;
	struct fr_str canon = asked_piece(&mem, &f->question);

	if (found->origin == FR_ORIGIN_PIECE && fr_str_eq(found->canon, canon)) {
		const struct fr_piece piece = { .key = fr_piece_key(canon),
						.learnt = found->stored,
						.text = fr_blob_str(found->body) };

		(void)fr_pieces_put(e->pieces, &piece);
	}
	fr_arena_free(&mem);
}

void compose_forget_needs(struct fr_engine *e)
{
	for (struct fr_map_link *l = fr_map_next(&e->tokens, NULL); l != NULL; l = fr_map_next(&e->tokens, l)) {
		struct flight *f = FR_OF(l, struct flight, by_token);

		f->needs = 0;
		for (struct fr_list *link = f->waiters.next; link != &f->waiters; link = link->next)
			FR_OF(link, struct waiter, link)->asker.needs.bits = 0;
	}
}
