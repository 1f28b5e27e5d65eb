#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "tests/sim/store_fake_state.h"

enum { REMEMBERED_MS = 60 * 1000 };

struct day {
	struct fr_list link;
	struct fr_totals totals;
};

/* One change: of a cell and what it was before, or of a day and what was added to it. */
struct undo {
	struct fr_list link;
	int64_t when;
	struct cell *cell;
	bool there;
	int64_t value;
	struct fr_totals *delta;
};

struct cell_name cell_of_budget(enum cell_kind kind, const char *budget, int64_t at, uint64_t instance)
{
	struct cell_name name;

	memset(&name, 0, sizeof name);
	name.kind = kind;
	name.instance = instance;
	name.at = at;
	(void)snprintf(name.budget, sizeof name.budget, "%s", budget);
	return name;
}

struct cell_name cell_of(enum cell_kind kind, uint64_t instance)
{
	return cell_of_budget(kind, "", 0, instance);
}

static struct fr_key key_of(const struct cell_name *name)
{
	return fr_hash128(0, name, sizeof *name);
}

static struct cell *cell_at(const struct fr_map_link *link)
{
	return link == NULL ? NULL : FR_OF(link, struct cell, link);
}

const struct cell *cell_find(const struct fr_fake_store *s, struct cell_name name)
{
	const struct cell *c = cell_at(fr_map_find(&s->cells, key_of(&name)));

	return c != NULL && c->there ? c : NULL;
}

int64_t cell_value(const struct fr_fake_store *s, struct cell_name name)
{
	const struct cell *c = cell_find(s, name);

	return c != NULL ? c->value : 0;
}

static struct undo *remember(struct fr_fake_store *s)
{
	struct undo *u = fr_calloc(1, sizeof *u);

	u->when = fake_now(s);
	fr_list_push(&s->undos, &u->link);
	return u;
}

static void change(struct fr_fake_store *s, struct cell *c, bool there, int64_t value)
{
	struct undo *u;

	if (c->there == there && c->value == value)
		return;
	u = remember(s);
	u->cell = c;
	u->there = c->there;
	u->value = c->value;
	c->remembered++;
	c->there = there;
	c->value = value;
}

void cell_set(struct fr_fake_store *s, struct cell_name name, int64_t value)
{
	struct cell *c = cell_at(fr_map_find(&s->cells, key_of(&name)));

	if (c == NULL) {
		c = fr_calloc(1, sizeof *c);
		c->name = name;
		fr_map_add(&s->cells, &c->link, key_of(&name));
	}
	change(s, c, true, value);
}

void cell_remove(struct fr_fake_store *s, struct cell_name name)
{
	struct cell *c = cell_at(fr_map_find(&s->cells, key_of(&name)));

	if (c != NULL)
		change(s, c, false, 0);
}

const struct cell *cell_next(const struct fr_fake_store *s, const struct cell *c)
{
	do
		c = cell_at(fr_map_next(&s->cells, c == NULL ? NULL : &c->link));
	while (c != NULL && !c->there);
	return c;
}

/* Takes a change out of the list; a cell that is gone for good goes with it. */
static void undo_free(struct fr_fake_store *s, struct undo *u)
{
	fr_list_cut(&u->link);
	if (u->cell != NULL && --u->cell->remembered == 0 && !u->cell->there) {
		fr_map_cut(&s->cells, &u->cell->link);
		free(u->cell);
	}
	free(u->delta);
	free(u);
}

void fake_books_trim(struct fr_fake_store *s)
{
	struct fr_list *l;

	while ((l = fr_list_first(&s->undos)) != NULL && FR_OF(l, struct undo, link)->when < fake_now(s) - REMEMBERED_MS)
		undo_free(s, FR_OF(l, struct undo, link));
}

static struct day *day_of(const struct fr_fake_store *s, int64_t day)
{
	for (struct fr_list *l = s->days.next; l != &s->days; l = l->next)
		if (FR_OF(l, struct day, link)->totals.day == day)
			return FR_OF(l, struct day, link);
	return NULL;
}

void fake_books_add(struct fr_fake_store *s, const struct fr_totals *delta)
{
	struct day *d = day_of(s, delta->day);
	struct undo *u = remember(s);

	u->delta = fr_alloc(sizeof *u->delta);
	*u->delta = *delta;
	if (d == NULL) {
		d = fr_calloc(1, sizeof *d);
		d->totals.day = delta->day;
		fr_list_push(&s->days, &d->link);
	}
	fr_totals_add(&d->totals, delta);
}

static void take_off(int64_t (*of)[FR_TOTALS], int64_t (*what)[FR_TOTALS], size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t t = 0; t < FR_TOTALS; t++)
			of[i][t] -= what[i][t];
}

static void undo_day(const struct fr_fake_store *s, struct fr_totals *delta)
{
	struct day *d = day_of(s, delta->day);

	FR_ASSERT(d != NULL);
	take_off(d->totals.v, delta->v, FR_ENDPOINTS_MAX);
	take_off(d->totals.tenants, delta->tenants, FR_TENANTS_MAX);
	take_off(d->totals.reasons, delta->reasons, FR_REASONS);
	take_off(d->totals.outcomes, delta->outcomes, FR_OUTCOMES);
}

void fake_store_cut_back(struct fr_fake_store *s, fr_ms by)
{
	int64_t to = fake_now(s) - by.v;

	while (!fr_list_empty(&s->undos)) {
		struct undo *u = FR_OF(s->undos.prev, struct undo, link);

		if (u->when < to)
			break;
		if (u->delta != NULL) {
			undo_day(s, u->delta);
		} else {
			u->cell->there = u->there;
			u->cell->value = u->value;
		}
		undo_free(s, u);
	}
	fake_line_cut_back(s, to);
	fake_outbox_cut_back(s, to);
	fake_store_restart(s);
}

void fake_store_restart(struct fr_fake_store *s)
{
	s->run++;
}

void fake_books_init(struct fr_fake_store *s)
{
	s->run = 1;
	fr_map_init(&s->cells, 2);
	fr_list_init(&s->days);
	fr_list_init(&s->undos);
}

void fake_books_forget(struct fr_fake_store *s)
{
	struct fr_list *l;
	struct fr_map_link *link, *next;

	while ((l = fr_list_first(&s->undos)) != NULL)
		undo_free(s, FR_OF(l, struct undo, link));
	while ((l = fr_list_pop(&s->days)) != NULL)
		free(FR_OF(l, struct day, link));
	for (link = fr_map_next(&s->cells, NULL); link != NULL; link = next) {
		next = fr_map_next(&s->cells, link);
		fr_map_cut(&s->cells, link);
		free(cell_at(link));
	}
}

struct fr_totals fake_store_totals(const struct fr_fake_store *s, int64_t day)
{
	const struct day *d = day_of(s, day);

	return d != NULL ? d->totals : (struct fr_totals){ .day = day };
}

void fake_store_totals_add(struct fake_client *c, uint64_t seq, const struct fr_totals *delta)
{
	const struct cell_name mark = cell_of(CELL_MARK_TOTALS, c->instance);
	bool there = fake_arrives(c);

	fake_books_trim(c->store);
	if (there && (uint64_t)cell_value(c->store, mark) < seq) {
		cell_set(c->store, mark, (int64_t)seq);
		fake_books_add(c->store, delta);
	}
	fake_reply(c, (struct fake_result){ .op = FAKE_TOTALS, .token = seq, .added = there });
}
