#include "core/prewarm.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "base/str.h"

#include "base/pure.h"

/* The last answers of a source, used or not: a ring. */
struct record {
	bool used[FR_PREWARM_LAST];
	size_t n, at, n_used;
};

struct source {
	struct fr_prewarm_figures figures;
	struct record record;
	uint64_t asked_in_vain; /* requests since it has too few used */
};

struct entry {
	struct fr_map_link by_key;
	struct fr_heap_item due; /* when it counts against its source, then when its freshness ends */
	size_t source;
	fr_wall stored;
	fr_ms ends;
	bool judged;
};

struct fr_prewarms {
	struct fr_map entries;
	struct fr_heap timers;
	struct fr_prewarm_figures all;
	size_t n;
	struct source sources[FR_PREWARM_SOURCES_MAX];
};

struct fr_prewarms *fr_prewarms_new(uint64_t seed)
{
	struct fr_prewarms *p = fr_calloc(1, sizeof(*p));

	fr_map_init(&p->entries, seed);
	fr_heap_init(&p->timers);
	return p;
}

static struct entry *first_due(const struct fr_prewarms *p)
{
	struct fr_heap_item *first = fr_heap_first(&p->timers);

	return first == NULL ? NULL : FR_OF(first, struct entry, due);
}

static void forget(struct fr_prewarms *p, struct entry *e)
{
	p->all.pending--;
	p->sources[e->source].figures.pending--;
	fr_map_cut(&p->entries, &e->by_key);
	fr_heap_cut(&p->timers, &e->due);
	free(e);
}

void fr_prewarms_free(struct fr_prewarms *p)
{
	struct entry *e;

	while ((e = first_due(p)) != NULL)
		forget(p, e);
	fr_map_free(&p->entries);
	fr_heap_free(&p->timers);
	free(p);
}

size_t fr_prewarms_source(struct fr_prewarms *p, struct fr_str name)
{
	for (size_t i = 0; i < p->n; i++)
		if (fr_str_is(name, p->sources[i].figures.name))
			return i;
	if (p->n == FR_PREWARM_SOURCES_MAX)
		return p->n - 1;
	(void)fr_str_copy(p->sources[p->n].figures.name, sizeof(p->sources[p->n].figures.name), name);
	return p->n++;
}

static struct source *source_of(struct fr_prewarms *p, size_t source)
{
	FR_ASSERT(source < p->n);
	return &p->sources[source];
}

bool fr_prewarms_allows(struct fr_prewarms *p, size_t source, int64_t min_used)
{
	struct source *s = source_of(p, source);
	const struct record *r = &s->record;

	if (r->n < FR_PREWARM_ENOUGH || (int64_t)r->n_used * 100 >= min_used * (int64_t)r->n) {
		s->asked_in_vain = 0;
		return true;
	}
	if (++s->asked_in_vain % FR_PREWARM_ONE_IN == 0)
		return true;
	s->figures.held++;
	p->all.held++;
	return false;
}

static void judge(struct fr_prewarms *p, size_t source, bool used)
{
	struct record *r = &source_of(p, source)->record;

	if (r->n == FR_PREWARM_LAST)
		r->n_used -= r->used[r->at];
	else
		r->n++;
	r->used[r->at] = used;
	r->n_used += used;
	r->at = (r->at + 1) % FR_PREWARM_LAST;
}

static void waste(struct fr_prewarms *p, struct entry *e)
{
	if (!e->judged)
		judge(p, e->source, false);
	p->all.wasted++;
	p->sources[e->source].figures.wasted++;
	forget(p, e);
}

static struct entry *entry_of(const struct fr_prewarms *p, struct fr_key key)
{
	struct fr_map_link *link = fr_map_find(&p->entries, key);

	return link == NULL ? NULL : FR_OF(link, struct entry, by_key);
}

static void count_asked(struct fr_prewarms *p, size_t source)
{
	p->all.asked++;
	source_of(p, source)->figures.asked++;
}

void fr_prewarms_brought(struct fr_prewarms *p, size_t source, const struct fr_prewarm_brought *what, fr_ms now)
{
	struct entry *e = entry_of(p, what->key);
	fr_ms ends = { now.v + (what->fresh.v > 0 ? what->fresh.v : 0) }, judged = { now.v + what->patience.v };

	if (e != NULL)
		waste(p, e);
	if (p->entries.n == FR_PREWARMS_MAX)
		waste(p, first_due(p));
	count_asked(p, source);
	e = fr_calloc(1, sizeof(*e));
	e->source = source;
	e->stored = what->stored;
	e->ends = ends;
	p->all.pending++;
	p->sources[source].figures.pending++;
	fr_map_add(&p->entries, &e->by_key, what->key);
	fr_heap_set(&p->timers, &e->due, judged.v < ends.v ? judged : ends);
}

void fr_prewarms_failed(struct fr_prewarms *p, size_t source)
{
	count_asked(p, source);
	p->all.wasted++;
	p->sources[source].figures.wasted++;
	judge(p, source, false);
}

void fr_prewarms_served(struct fr_prewarms *p, struct fr_key key, fr_wall stored)
{
	struct entry *e = p->entries.n == 0 ? NULL : entry_of(p, key);

	if (e == NULL || e->stored.v != stored.v)
		return;
	p->all.used++;
	p->sources[e->source].figures.used++;
	judge(p, e->source, true);
	forget(p, e);
}

fr_ms fr_prewarms_next(const struct fr_prewarms *p)
{
	const struct entry *e = first_due(p);

	return e == NULL ? FR_MS(INT64_MAX) : e->due.due;
}

void fr_prewarms_turn(struct fr_prewarms *p, fr_ms now)
{
	struct entry *e;

	while ((e = first_due(p)) != NULL && e->due.due.v <= now.v) {
		if (e->ends.v <= now.v) {
			waste(p, e);
			continue;
		}
		judge(p, e->source, false);
		e->judged = true;
		fr_heap_set(&p->timers, &e->due, e->ends);
	}
}

size_t fr_prewarms_figures(const struct fr_prewarms *p, struct fr_prewarm_figures *ret)
{
	for (size_t i = 0; i < p->n; i++) {
		ret[i] = p->sources[i].figures;
		ret[i].judged = (int64_t)p->sources[i].record.n;
		ret[i].judged_used = (int64_t)p->sources[i].record.n_used;
	}
	return p->n;
}

struct fr_prewarm_figures fr_prewarms_all(const struct fr_prewarms *p)
{
	return p->all;
}
