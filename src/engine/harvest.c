#include "core/harvest.h"

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/links.h"
#include "core/query.h"
#include "core/record.h"
#include "engine/state.h"

#include <stdlib.h>
#include <string.h>

static const struct fr_key NO_LEASE = { 0, 0 };
static const struct fr_standing anybody = { .tenant = 0 };

/* What is hardly younger is not worth a change: a tenth of the time for which it counts. */
enum { WORTH = 10 };

/* A question to the store about who had a name before this instance knew. */
struct probe {
	struct fr_map_link link;
	fr_wall said;
	uint64_t partition;
	bool by_id; /* which name has this id? else: which id has this name? */
	size_t n_id, n_name, n_thing, n_canon;
	char text[]; /* of those lengths */
};

/* ---- pieces --------------------------------------------------------------------------------------------------------- */

bool harvest_keep(struct fr_engine *e, struct fr_str canon, struct fr_str text, fr_wall said, fr_ms keep)
{
	const struct fr_piece piece = { .key = fr_piece_key(canon), .learnt = said, .text = text };
	struct fr_answer facts = { .key = piece.key,
				   .canon = canon,
				   .stored = said,
				   .verdict = FR_VERDICT_DATA,
				   .status = 200,
				   .origin = FR_ORIGIN_PIECE };
	struct fr_answer *a;
	struct fr_blob *record;

	if (!fr_pieces_put(e->pieces, &piece))
		return false;
	facts.body = fr_blob_of(text.p, text.n);
	a = fr_answer_new(&facts);
	record = fr_record_write(a);
	e->ports.piece_put(e->ports.ctx, piece.key, record, keep);
	fr_blob_drop(record);
	fr_answer_drop(a);
	fr_blob_drop(facts.body);
	return true;
}

static fr_ms keep_piece(const struct fr_engine *e, const struct fr_endpoint *row)
{
	const struct fr_question q = { .endpoint = row };
	fr_ms longest = FR_MS(0);

	for (size_t i = 0; i < e->policy.roster->n_tiers; i++) {
		struct fr_agreed terms = agreed_with_tier(e, i, &q);
		fr_ms keep = fr_freshness_keep_part(&terms);

		longest = keep.v > longest.v ? keep : longest;
	}
	return longest;
}

/* ---- exact answers -------------------------------------------------------------------------------------------------- */

static struct fr_answer *answer_of(const struct fr_learnt *l, const struct fr_answer *from, struct fr_answer *known,
				   enum fr_take take)
{
	struct fr_answer facts = {
		.key = l->key,
		.canon = l->canon,
		.stored = from->stored,
		.verdict = FR_VERDICT_DATA,
		.status = 200,
		.verbatim = true,
		.origin = fr_learnt_whole(l) ? FR_ORIGIN_ALIAS : FR_ORIGIN_PARTS,
		.post_id = l->question.post_id,
		.links_first = fr_links_scan(l->text).first,
		.type = from->type,
	};
	struct fr_answer *a;

	FR_ASSERT(FR_IMPLIES(take == FR_TAKE_AGE, known != NULL));
	if (take == FR_TAKE_AGE && known != NULL) {
		facts.body = fr_blob_hold(known->body);
		facts.packed = known->packed;
	} else if (fr_learnt_whole(l)) {
		facts.body = fr_blob_hold(from->body);
		facts.packed = from->packed;
	} else {
		facts.body = fr_blob_of(l->text.p, l->text.n);
	}
	a = fr_answer_new(&facts);
	fr_blob_drop(facts.body);
	return a;
}

static void learn_answer(struct fr_engine *e, const struct fr_learnt *l, const struct fr_answer *from)
{
	struct fr_answer *known = purge_known(e, &l->question), *a;
	struct fr_agreed terms = agreed(e, &anybody, &l->question);
	bool fresh = known != NULL && purge_view(e, &anybody, &l->question, known).freshness == FR_FRESH;
	fr_ms worth = known == NULL ? FR_MS(0) : FR_MS(fr_freshness_time(known, &terms).v / WORTH);
	enum fr_take take = fr_harvest_take(known, fresh, l, from->stored, worth);

	if (take == FR_TAKE_NOT)
		return;
	a = answer_of(l, from, known, take);
	settle_store(e, &l->question, a, NO_LEASE);
	fr_answer_drop(a);
	e->tally.counters.harvested++;
}

static void learn_piece(struct fr_engine *e, const struct fr_learnt *l, const struct fr_answer *from)
{
	if (harvest_keep(e, l->canon, l->text, from->stored, keep_piece(e, &e->catalogue->rows[l->by->row])))
		e->tally.counters.harvested++;
}

/* ---- owners of names ------------------------------------------------------------------------------------------------ */

/* The question of a row about something by its name; false if it cannot be asked. */
static bool question_by_name(const struct fr_engine *e, struct fr_arena *mem, const struct fr_endpoint *row,
			     const struct fr_param *param, struct fr_str name, uint64_t partition, struct fr_question *ret)
{
	char *p = fr_arena_take(mem, row->path.n + 2 + fr_query_encoded_size(param->name) + fr_query_encoded_size(name)), *to = p;
	struct fr_refusal why;

	if (p == NULL)
		return false;
	memcpy(to, row->path.p, row->path.n);
	to += row->path.n;
	*to++ = '?';
	to = fr_query_encode(to, param->name);
	*to++ = '=';
	to = fr_query_encode(to, name);
	return fr_question_read(mem, e->catalogue, (struct fr_str){ p, (size_t)(to - p) }, partition, true, ret, &why) == FR_OK;
}

/* The next question about something by its name, of all rows that have one; `at` begins with 0. False: there is no other. */
static bool next_by_name(const struct fr_engine *e, struct fr_arena *mem, struct fr_str thing, struct fr_str name,
			 uint64_t partition, size_t *at, struct fr_question *ret)
{
	while (*at < e->catalogue->n * FR_PARAMS_MAX) {
		const struct fr_endpoint *row = &e->catalogue->rows[*at / FR_PARAMS_MAX];
		size_t p = (*at)++ % FR_PARAMS_MAX;

		if (p < row->n_params && fr_str_eq(row->params[p].names, thing) &&
		    question_by_name(e, mem, row, &row->params[p], name, partition, ret))
			return true;
	}
	return false;
}

/* The name has had another owner since `said`: what was asked for before under it is about somebody else. */
static void moved(struct fr_engine *e, struct fr_str thing, struct fr_str name, fr_wall said, uint64_t partition)
{
	struct fr_question q;
	struct fr_arena mem;
	size_t at = 0;

	e->tally.counters.names_moved++;
	fr_arena_init(&mem, 16 * FR_CANON_MAX);
	while (next_by_name(e, &mem, thing, name, partition, &at, &q))
		purge_until(e, q.key, (fr_wall){ said.v - 1 });
	fr_arena_free(&mem);
}

/* As long as anything may be stored under a name. */
static fr_ms keep_owner(const struct fr_engine *e, struct fr_str thing)
{
	const struct fr_answer any = { .verdict = FR_VERDICT_DATA };
	fr_ms longest = FR_MS(0);

	for (size_t i = 0; i < e->catalogue->n; i++)
		for (size_t p = 0; p < e->catalogue->rows[i].n_params; p++) {
			const struct fr_question q = { .endpoint = &e->catalogue->rows[i] };
			fr_ms keep;

			if (!fr_str_eq(q.endpoint->params[p].names, thing))
				continue;
			keep = keep_time(e, &q, &any);
			longest = keep.v > longest.v ? keep : longest;
		}
	return longest;
}

static char *put(char *to, struct fr_str s)
{
	memcpy(to, s.p, s.n);
	return to + s.n;
}

static void probe(struct fr_engine *e, const struct fr_learnt *l, struct fr_str canon, bool by_id, fr_wall said,
		  uint64_t partition)
{
	struct fr_str thing = l->by->thing;
	struct probe *p;
	uint64_t token;

	if (e->probes.n >= FR_PROBES_MAX || !e->store_up)
		return;
	p = fr_calloc(1, sizeof *p + l->id.n + l->name.n + thing.n + canon.n);
	p->said = said;
	p->partition = partition;
	p->by_id = by_id;
	p->n_id = l->id.n;
	p->n_name = l->name.n;
	p->n_thing = thing.n;
	p->n_canon = canon.n;
	(void)put(put(put(put(p->text, l->id), l->name), thing), canon);
	token = ++e->next_token;
	fr_map_add(&e->probes, &p->link, (struct fr_key){ 1, token });
	e->ports.piece_get(e->ports.ctx, token, fr_piece_key(canon));
}

static void compare(struct fr_engine *e, const struct probe *p, const struct fr_answer *before)
{
	struct fr_str id = { p->text, p->n_id }, name = { id.p + id.n, p->n_name }, thing = { name.p + name.n, p->n_thing };
	struct fr_str said = fr_blob_str(before->body);

	if (before->origin != FR_ORIGIN_PIECE || before->stored.v >= p->said.v || fr_str_eq(said, p->by_id ? name : id))
		return;
	moved(e, thing, p->by_id ? said : name, p->said, p->partition);
}

bool harvest_found(struct fr_engine *e, uint64_t token, enum fr_store_result result, struct fr_str record)
{
	struct fr_map_link *link = fr_map_find(&e->probes, (struct fr_key){ 1, token });
	struct fr_answer *before = NULL;
	struct fr_str canon;
	struct probe *p;

	if (link == NULL)
		return false;
	p = FR_OF(link, struct probe, link);
	canon = (struct fr_str){ p->text + p->n_id + p->n_name + p->n_thing, p->n_canon };
	fr_map_cut(&e->probes, link);
	if (result == FR_STORE_HIT && fr_record_read(record, fr_piece_key(canon), canon, &before) == FR_RECORD_OK)
		compare(e, p, before);
	fr_answer_drop(before);
	free(p);
	return true;
}

void harvest_free_all(struct fr_engine *e)
{
	struct fr_map_link *link, *next;

	for (link = fr_map_next(&e->probes, NULL); link != NULL; link = next) {
		next = fr_map_next(&e->probes, link);
		free(FR_OF(link, struct probe, link));
	}
	fr_map_free(&e->probes);
}

/* One half of what is known of a name: what `canon` says. */
struct half {
	struct fr_str canon, says; /* now */
	const struct fr_piece *known;
};

/* False: what is known is younger. */
static bool look(struct fr_engine *e, struct half *h, fr_wall said)
{
	h->known = fr_pieces_find(e->pieces, fr_piece_key(h->canon));
	return h->known == NULL || h->known->learnt.v < said.v;
}

static bool worth_renewing(const struct half *h, fr_wall said, fr_ms keep)
{
	return h->known == NULL || !fr_str_eq(h->known->text, h->says) || said.v - h->known->learnt.v >= keep.v / WORTH;
}

/* Whether another instance has learnt since that this name has moved: who has had it, or what other name its owner has had meanwhile, Redis knows. */
static bool outdated(const struct fr_engine *e, const struct half *h, struct fr_str name, struct fr_str thing, uint64_t partition)
{
	bool touched = false;
	struct fr_question q;
	struct fr_arena mem;
	size_t at = 0;

	if (!fr_purges_any(e->purges))
		return false;
	fr_arena_init(&mem, 16 * FR_CANON_MAX);
	while (!touched && next_by_name(e, &mem, thing, name, partition, &at, &q))
		touched = purge_touched(e, &q, h->known->learnt);
	fr_arena_free(&mem);
	return touched;
}

/* The store is asked before it is told: both travel in order. */
static void learn_owner(struct fr_engine *e, const struct fr_learnt *l, fr_wall said, uint64_t partition, struct fr_arena *mem)
{
	struct half owner = { .canon = l->canon, .says = l->id };
	struct half name = { .canon = fr_piece_canon(mem, "name", l->by->thing, l->id, partition), .says = l->name };
	fr_ms keep = keep_owner(e, l->by->thing);
	bool renew_owner, renew_name, ask_owner, ask_name; /* before anything is put, which may end what is borrowed */

	if (name.canon.p == NULL || !look(e, &owner, said) || !look(e, &name, said))
		return;
	ask_owner = owner.known == NULL || outdated(e, &owner, l->name, l->by->thing, partition);
	ask_name = name.known == NULL || outdated(e, &name, name.known->text, l->by->thing, partition);
	if (owner.known != NULL && !fr_str_eq(owner.known->text, l->id))
		moved(e, l->by->thing, l->name, said, partition);
	if (name.known != NULL && !fr_str_eq(name.known->text, l->name))
		moved(e, l->by->thing, name.known->text, said, partition);
	renew_owner = ask_owner || worth_renewing(&owner, said, keep);
	renew_name = ask_name || worth_renewing(&name, said, keep);
	if (ask_owner)
		probe(e, l, owner.canon, false, said, partition);
	if (ask_name)
		probe(e, l, name.canon, true, said, partition);
	if (renew_owner)
		(void)harvest_keep(e, owner.canon, owner.says, said, keep);
	if (renew_name)
		(void)harvest_keep(e, name.canon, name.says, said, keep);
}

/* ---- an answer as a whole ------------------------------------------------------------------------------------------- */

/* The thing is not there: what lists told of it before does not count any more. */
static void forget_thing(struct fr_engine *e, const struct fr_question *q, const struct fr_answer *a)
{
	struct fr_arena mem;
	struct fr_str canon;

	fr_arena_init(&mem, 2 * FR_CANON_MAX);
	canon = fr_piece_asked(&mem, q);
	if (canon.p != NULL)
		(void)harvest_keep(e, canon, FR_STR(""), a->stored, keep_piece(e, q->endpoint));
	fr_arena_free(&mem);
}

bool harvest_begins(struct fr_engine *e, const struct fr_question *q, const struct fr_answer *a)
{
	FR_ASSERT(a->origin == FR_ORIGIN_UPSTREAM && !a->alias);
	if (purge_ended(e, q, a))
		return false;
	if (a->verdict == FR_VERDICT_NOT_FOUND)
		forget_thing(e, q, a);
	return a->verdict == FR_VERDICT_DATA && q->endpoint->n_lessons > 0;
}

void harvest_learn(struct fr_engine *e, const struct fr_learnt *l, const struct fr_answer *from, uint64_t partition,
		   struct fr_arena *mem)
{
	switch (l->by->kind) {
	case FR_LESSON_ANSWER: learn_answer(e, l, from); break;
	case FR_LESSON_PIECE: learn_piece(e, l, from); break;
	case FR_LESSON_OWNER: learn_owner(e, l, from->stored, partition, mem); break;
	}
}
