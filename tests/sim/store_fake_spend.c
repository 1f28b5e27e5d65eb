#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "tests/sim/store_fake_state.h"

enum { LIVE_S = 600, GONE_S = 86400, SETTLE_MS = 3000, SETTLE_WIPED_MS = 8000, SETTLE_MAX_MS = 30000 };

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void put(struct fr_fake_store *s, struct cell_name name, int64_t n)
{
	if (n > 0)
		cell_set(s, name, n);
	else
		cell_remove(s, name);
}

static void lower(struct fr_fake_store *s, struct cell_name name, int64_t by)
{
	if (by > 0)
		put(s, name, cell_value(s, name) - by);
}

/* Whether it was not there before. */
static bool add(struct fr_fake_store *s, struct cell_name name, int64_t n)
{
	bool new = cell_find(s, name) == NULL;

	cell_set(s, name, cell_value(s, name) + n);
	return new;
}

/* ---- records ------------------------------------------------------------------------------------------------------- */

static bool outlived(const struct cell_name *name, int64_t five, int64_t windows)
{
	switch ((enum cell_kind)name->kind) {
	case CELL_SPENT:
	case CELL_OUTSTANDING:
	case CELL_LOST:
	case CELL_HELD: return name->at < windows;
	case CELL_HOUR: return name->at < five / FR_FIVES_AN_HOUR - FR_SPENDING_HOURS || name->at > five / FR_FIVES_AN_HOUR + 2;
	case CELL_FIVE: return name->at < five - FR_SPENDING_FIVES || name->at > five + FR_SPENDING_FIVES;
	default: return false;
	}
}

static void forget_old(struct fr_fake_store *s, const char *budget, int64_t windows)
{
	for (const struct cell *c = cell_next(s, NULL); c != NULL; c = cell_next(s, c))
		if (strcmp(c->name.budget, budget) == 0 && outlived(&c->name, fake_now(s) / FR_FIVE_MS, windows))
			cell_remove(s, c->name);
}

static void spend(struct fr_fake_store *s, uint64_t identity, const struct fr_spend_line *l)
{
	const int64_t start = l->start.v / 1000, now_five = fake_now(s) / FR_FIVE_MS;
	const struct cell_name held = cell_of_budget(CELL_HELD, l->budget, start, identity);
	int64_t closed = least(cell_value(s, held), l->closed);
	bool new;

	lower(s, held, closed);
	lower(s, cell_of_budget(CELL_OUTSTANDING, l->budget, start, 0), closed);
	if (l->spent <= 0)
		return;
	new = add(s, cell_of_budget(CELL_SPENT, l->budget, start, 0), l->spent);
	if (l->five <= now_five + FR_SPENDING_FIVES && l->five >= now_five - FR_SPENDING_FIVES)
		new = add(s, cell_of_budget(CELL_FIVE, l->budget, l->five, 0), l->spent) || new;
	if (l->five <= now_five + FR_SPENDING_FIVES && l->five >= now_five - FR_SPENDING_HOURS * FR_FIVES_AN_HOUR)
		new = add(s, cell_of_budget(CELL_HOUR, l->budget, l->five / FR_FIVES_AN_HOUR, 0), l->spent) || new;
	if (new)
		forget_old(s, l->budget, least(fake_now(s) / 1000, start) - l->kept.v / 1000);
}

void fake_store_ledger_apply(struct fake_client *c, uint64_t identity, const struct fr_ledger_batch *b)
{
	const struct cell_name mark = cell_of(CELL_MARK_LEDGER, identity);
	uint64_t w;

	fake_books_trim(c->store);
	if (!fake_arrives(c)) {
		fake_reply(c, (struct fake_result){ .op = FAKE_LEDGER, .added = false });
		return;
	}
	w = (uint64_t)cell_value(c->store, mark);
	if (b->to >= b->from && (w == b->from - 1 || (b->base && w < b->from))) {
		w = b->to;
		cell_set(c->store, mark, (int64_t)w);
		fake_books_add(c->store, &b->delta);
		for (size_t i = 0; i < b->n_lines; i++)
			spend(c->store, identity, &b->lines[i]);
	}
	fake_reply(c, (struct fake_result){ .op = FAKE_LEDGER, .token = w, .added = true });
}

/* ---- leases -------------------------------------------------------------------------------------------------------- */

static bool stale(const struct fr_fake_store *s, uint64_t identity, const struct fr_lease_ask *ask)
{
	uint64_t life = (uint64_t)cell_value(s, cell_of(CELL_ASKED_LIFE, identity));
	uint64_t number = (uint64_t)cell_value(s, cell_of(CELL_ASKED_NUMBER, identity));

	if (cell_find(s, cell_of(CELL_ASKED_S, identity)) == NULL)
		return false;
	return ask->life < life || (ask->life == life && ask->number <= number);
}

static void note_run(struct fr_fake_store *s, uint64_t identity, const struct fr_lease_ask *ask)
{
	const struct cell_name run = cell_of(CELL_RUN, 0), since = cell_of(CELL_SINCE, 0), pause = cell_of(CELL_PAUSE, 0);
	bool known = cell_find(s, run) != NULL, forgotten = ask->veteran && cell_find(s, cell_of(CELL_ASKED_S, identity)) == NULL;

	if (cell_value(s, run) != s->run || forgotten) {
		cell_set(s, pause, forgotten ? SETTLE_WIPED_MS : known ? SETTLE_MS : 0);
		cell_set(s, since, fake_now(s));
	}
	cell_set(s, since, least(cell_value(s, since), fake_now(s)));
	cell_set(s, run, s->run);
}

static void note_asker(struct fr_fake_store *s, uint64_t identity, const struct fr_lease_ask *ask)
{
	cell_set(s, cell_of(CELL_ASKED_LIFE, identity), (int64_t)ask->life);
	cell_set(s, cell_of(CELL_ASKED_NUMBER, identity), (int64_t)ask->number);
	cell_set(s, cell_of(CELL_ASKED_RUN, identity), s->run);
	cell_set(s, cell_of(CELL_ASKED_HEALED, identity), ask->healed == (uint64_t)s->run);
	cell_set(s, cell_of(CELL_ASKED_S, identity), fake_now(s) / 1000);
}

static void forget_asker(struct fr_fake_store *s, uint64_t identity)
{
	for (int kind = CELL_ASKED_LIFE; kind <= CELL_ASKED_S; kind++)
		cell_remove(s, cell_of((enum cell_kind)kind, identity));
}

/* How many have asked lately; and whether all of them have since the last restart. */
static size_t count_askers(struct fr_fake_store *s, bool forget, bool *ret_spoken)
{
	int64_t run = cell_value(s, cell_of(CELL_RUN, 0));
	size_t n = 0;

	*ret_spoken = true;
	for (const struct cell *c = cell_next(s, NULL); c != NULL; c = cell_next(s, c)) {
		int64_t away = fake_now(s) / 1000 - c->value;

		if (c->name.kind != CELL_ASKED_S)
			continue;
		if (away <= LIVE_S) {
			n++;
			*ret_spoken = *ret_spoken && cell_value(s, cell_of(CELL_ASKED_RUN, c->name.instance)) == run &&
				      cell_value(s, cell_of(CELL_ASKED_HEALED, c->name.instance)) != 0;
		} else if (away > GONE_S && forget) {
			forget_asker(s, c->name.instance);
		}
	}
	return n > 1 ? n : 1;
}

static struct fr_lease_told_line lease(struct fr_fake_store *s, uint64_t identity, const struct fr_lease_line *l, bool changes,
				       int64_t chunk)
{
	const int64_t start = l->start.v / 1000;
	const struct cell_name all = cell_of_budget(CELL_OUTSTANDING, l->budget, start, 0);
	const struct cell_name held = cell_of_budget(CELL_HELD, l->budget, start, identity);
	const struct cell_name lost = cell_of_budget(CELL_LOST, l->budget, start, 0);
	const struct cell *override = cell_find(s, cell_of_budget(CELL_LIMIT, l->budget, 0, 0));
	struct fr_lease_told_line told = { .limit = override != NULL ? override->value : l->limit,
					   .spent = cell_value(s, cell_of_budget(CELL_SPENT, l->budget, start, 0)),
					   .outstanding = cell_value(s, all) };
	int64_t others, free;

	if (!changes)
		return told;
	if (l->lost > cell_value(s, lost)) {
		told.spent += l->lost - cell_value(s, lost);
		cell_set(s, cell_of_budget(CELL_SPENT, l->budget, start, 0), told.spent);
		cell_set(s, lost, l->lost);
	}
	others = most(0, told.outstanding - cell_value(s, held));
	free = told.limit - told.spent - others - l->outstanding;
	if (chunk > 0 && free >= 1)
		told.granted = least(l->want, most(1, free / chunk));
	told.outstanding = others + l->outstanding + told.granted;
	put(s, held, l->outstanding + told.granted);
	put(s, all, told.outstanding);
	return told;
}

static void answer(struct fr_fake_store *s, uint64_t identity, const struct fr_lease_ask *ask, struct fr_lease_told *told)
{
	const struct cell_name since = cell_of(CELL_SINCE, 0);
	bool late = stale(s, identity, ask), spoken, all;
	int64_t waited;

	if (!late) {
		note_run(s, identity, ask);
		note_asker(s, identity, ask);
	}
	told->known = true;
	told->instances = count_askers(s, !late, &spoken);
	waited = fake_now(s) - cell_value(s, since);
	all = (spoken && waited >= cell_value(s, cell_of(CELL_PAUSE, 0))) || waited >= SETTLE_MAX_MS;
	if (all && !late)
		cell_set(s, since, 0);
	told->run = (uint64_t)s->run;
	told->settling = ask->healed != told->run || !(ask->alone || all);
	told->n = ask->n;
	for (size_t i = 0; i < ask->n; i++)
		told->lines[i] = lease(s, identity, &ask->lines[i], !late, told->settling ? 0 : 4 * (int64_t)told->instances);
}

void fake_store_lease(struct fake_client *c, uint64_t identity, const struct fr_lease_ask *ask)
{
	struct fr_lease_told *told = fr_calloc(1, sizeof *told);

	FR_ASSERT(ask->n <= FR_BUDGETS_MAX);
	told->number = ask->number;
	fake_books_trim(c->store);
	if (fake_arrives(c))
		answer(c->store, identity, ask, told);
	fake_reply(c, (struct fake_result){ .op = FAKE_LEASE, .lease = told });
}

/* ---- for operators, and to look at it ------------------------------------------------------------------------------ */

void fake_store_limit(struct fr_fake_store *s, const char *budget, const char *limit)
{
	const struct cell_name name = cell_of_budget(CELL_LIMIT, budget, 0, 0);
	int64_t n;

	if (limit == NULL)
		cell_remove(s, name);
	else if (fr_spending_limit(fr_str_of(limit), &n))
		cell_set(s, name, n);
}

void fake_store_budget(const struct fr_fake_store *s, const char *budget, fr_wall start, int64_t *ret_spent,
		       int64_t *ret_outstanding)
{
	*ret_spent = cell_value(s, cell_of_budget(CELL_SPENT, budget, start.v / 1000, 0));
	*ret_outstanding = cell_value(s, cell_of_budget(CELL_OUTSTANDING, budget, start.v / 1000, 0));
}

static void read_cell(struct fr_spending *ret, const struct cell *c)
{
	char field[64] = "limit", value[24];

	switch ((enum cell_kind)c->name.kind) {
	case CELL_HOUR: (void)snprintf(field, sizeof field, "h:%" PRId64, c->name.at); break;
	case CELL_FIVE: (void)snprintf(field, sizeof field, "m:%" PRId64, c->name.at); break;
	case CELL_SPENT: (void)snprintf(field, sizeof field, "%" PRId64 ":s", c->name.at); break;
	case CELL_OUTSTANDING: (void)snprintf(field, sizeof field, "%" PRId64 ":o", c->name.at); break;
	case CELL_LIMIT: break;
	default: return;
	}
	(void)snprintf(value, sizeof value, "%" PRId64, c->value);
	fr_spending_read(ret, fr_str_of(field), fr_str_of(value));
}

struct fr_spending fake_store_spending(const struct fr_fake_store *s, const char *budget, fr_wall start, fr_wall at)
{
	struct fr_spending ret;

	fr_spending_init(&ret, start, at);
	ret.known = true;
	for (const struct cell *c = cell_next(s, NULL); c != NULL; c = cell_next(s, c))
		if (strcmp(c->name.budget, budget) == 0)
			read_cell(&ret, c);
	return ret;
}
