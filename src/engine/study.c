/* Answers whose lessons are still to be learnt. To take a long page apart takes longer than those may wait who only want what is stored: it is done after
 * whoever asked for the page has it, lesson by lesson, with time for others in between. Nobody can tell: before anything is decided that depends
 * on what is known, all of it is learnt. So there are never more of them than calls at the same time, since no call begins while there are any.
 *
 * Where other instances may be asked next, everything is learnt, and told to Redis, before anybody has the page. */
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/harvest.h"
#include "engine/state.h"

#include <stdlib.h>
#include <string.h>

static const fr_ms PAUSE = { 1 };

struct study {
	struct fr_list link;
	struct fr_question question; /* its canonical text, and no other */
	struct fr_answer *answer;
	bool begun;
	struct fr_harvest harvest;
	struct fr_learnt *learnt; /* the last one that is, or NULL */
	char canon[];
};

static struct study *study_new(const struct fr_question *q, struct fr_answer *a)
{
	struct study *s = fr_calloc(1, sizeof *s + q->canon.n);

	memcpy(s->canon, q->canon.p, q->canon.n);
	s->question = (struct fr_question){
		.endpoint = q->endpoint, .canon = { s->canon, q->canon.n }, .key = q->key, .partition = q->partition
	};
	s->answer = fr_answer_hold(a);
	return s;
}

static void forget(struct study *s)
{
	if (s->begun)
		fr_harvest_free(&s->harvest);
	s->begun = false;
	s->learnt = NULL;
}

static void study_free(struct study *s)
{
	forget(s);
	fr_answer_drop(s->answer);
	free(s);
}

static struct fr_learnt *unlearnt(const struct study *s)
{
	return s->learnt != NULL ? s->learnt->next : s->harvest.first;
}

/* False: that was all. */
static bool step(struct fr_engine *e, struct study *s)
{
	struct fr_learnt *l;
	bool more;

	if (!s->begun)
		fr_harvest_begin(&s->question, fr_blob_str(s->answer->body), &s->harvest);
	s->begun = true;
	more = fr_harvest_step(e->catalogue, &s->question, &s->harvest);
	while ((l = unlearnt(s)) != NULL) {
		harvest_learn(e, l, s->answer, s->question.partition, &s->harvest.mem);
		s->learnt = l;
	}
	return more;
}

static void end(struct fr_engine *e, struct study *s)
{
	e->tally.counters.harvest_refused += s->harvest.refused;
	e->tally.counters.harvest_dropped += s->harvest.dropped;
	study_free(s);
}

/* Taken out while it is being learnt: what a port calls back meanwhile may want to finish all. */
static struct study *take(struct fr_engine *e)
{
	struct fr_list *link = fr_list_pop(&e->studies);

	return link == NULL ? NULL : FR_OF(link, struct study, link);
}

static void study_later(struct fr_engine *e)
{
	if (fr_list_empty(&e->studies))
		fr_heap_cut(&e->timers, &e->study_timer.item);
	else
		fr_heap_set(&e->timers, &e->study_timer.item, (fr_ms){ e->now.v + PAUSE.v });
}

void study_init(struct fr_engine *e)
{
	fr_list_init(&e->studies);
	e->study_timer.due = DUE_STUDY;
}

void study_due(struct fr_engine *e)
{
	struct study *s = take(e);

	FR_ASSERT(s != NULL);
	if (step(e, s))
		fr_list_push_front(&e->studies, &s->link);
	else
		end(e, s);
	study_later(e);
}

bool study_finish(struct fr_engine *e)
{
	bool any = !fr_list_empty(&e->studies);
	struct study *s;

	while ((s = take(e)) != NULL) {
		while (step(e, s))
			;
		end(e, s);
	}
	if (any)
		study_later(e);
	return any;
}

void study(struct fr_engine *e, const struct fr_question *q, struct fr_answer *a)
{
	if (!harvest_begins(e, q, a))
		return;
	fr_list_push(&e->studies, &study_new(q, a)->link);
	if (e->policy.alone && !e->stopping)
		study_later(e);
	else
		(void)study_finish(e);
}

void study_reloaded(struct fr_engine *e)
{
	for (struct fr_list *link = e->studies.next; link != &e->studies; link = link->next)
		forget(FR_OF(link, struct study, link));
	(void)study_finish(e);
}

void study_free_all(struct fr_engine *e)
{
	struct study *s;

	while ((s = take(e)) != NULL)
		study_free(s);
}
