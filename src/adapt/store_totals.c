#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/store_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "core/tally.h"

enum { FIELD_MAX = FR_PATH_TEXT_MAX + FR_NAME_MAX };

static const char TENANT[] = "tenant:", REASON[] = "reason:", OUTCOME[] = "outcome:";

/* A report's days on their way: one lookup each, and one answer for all. */
struct reading {
	fr_store_totals_done *done; /* NULL once it was called */
	void *ctx;
	size_t n, left; /* days; lookups that have not ended, and one while they are asked for */
	struct fr_totals days[];
};

static void add_day_key(const struct fr_store *s, struct fr_command *c, int64_t day)
{
	char text[128];

	(void)snprintf(text, sizeof text, "%s:{credits}:t:%08d", s->prefix, fr_units_yyyymmdd(day));
	fr_command_add_text(c, text);
}

void add_totals_keys(const struct fr_store *s, struct fr_command *c, int64_t day, char kind)
{
	char text[128];

	add_day_key(s, c, day);
	(void)snprintf(text, sizeof text, "%s:{credits}:%c", s->prefix, kind);
	fr_command_add_text(c, text);
	for (int i = 0; i < STORE_DAYS_REMOVED; i++)
		add_day_key(s, c, day - STORE_DAYS_KEPT - i);
}

/* What the columns that differ from 0 are called: a path, or a kind with ':' and a name. */
static void add_columns(struct fr_command *c, const char *kind, struct fr_str name, const int64_t columns[FR_TOTALS])
{
	char field[FIELD_MAX];

	for (size_t t = 0; t < FR_TOTALS; t++) {
		if (columns[t] == 0)
			continue;
		(void)snprintf(field, sizeof field, "%s%.*s|%s", kind, FR_STR_ARG(name), fr_total_name((enum fr_total)t));
		fr_command_add_text(c, field);
		fr_command_add_int(c, columns[t]);
	}
}

void add_totals(const struct fr_store *s, struct fr_command *c, const struct fr_totals *delta)
{
	for (size_t i = 0; i < s->catalogue->n; i++)
		add_columns(c, "", s->catalogue->rows[i].path, delta->v[i]);
	for (size_t i = 0; i < s->roster->n_tenants; i++)
		add_columns(c, TENANT, fr_str_of(s->roster->tenants[i].name), delta->tenants[i]);
	for (size_t i = 0; i < FR_REASONS; i++)
		add_columns(c, REASON, fr_str_of(fr_reason_name((enum fr_reason)i)), delta->reasons[i]);
	for (size_t i = 0; i < FR_OUTCOMES; i++)
		add_columns(c, OUTCOME, fr_str_of(fr_outcome_name((enum fr_outcome)i)), delta->outcomes[i]);
}

void fr_store_totals_add(struct fr_store *s, uint64_t seq, const struct fr_totals *delta)
{
	char number[24];
	struct op *op;

	if (!op_may_start(s, true)) {
		fr_engine_totals_added(s->engine, seq, false);
		return;
	}
	(void)snprintf(number, sizeof number, "%" PRIu64, seq);
	op = op_new(s, OP_TOTALS_ADD, seq, FR_SCRIPT_TOTALS, STORE_TOTALS_KEYS);
	add_totals_keys(s, &op->command, delta->day, 'w');
	fr_command_add_text(&op->command, s->instance);
	fr_command_add_text(&op->command, number);
	add_totals(s, &op->command, delta);
	op_send(&op);
}

void totals_added(struct fr_store *s, uint64_t seq, const redisReply *r)
{
	bool there = r != NULL && r->type == REDIS_REPLY_INTEGER; /* 1: now; 0: since an earlier time */

	if (!there)
		note_odd(s, r, "total");
	fr_engine_totals_added(s->engine, seq, there);
}

static size_t row_of(const struct fr_catalogue *c, struct fr_str path)
{
	for (size_t i = 0; i < c->n; i++)
		if (fr_str_eq(c->rows[i].path, path))
			return i;
	return c->n - 1;
}

static int64_t *reason_of(struct fr_totals *day, struct fr_str name)
{
	for (size_t i = 0; i < FR_REASONS; i++)
		if (fr_str_is(name, fr_reason_name((enum fr_reason)i)))
			return day->reasons[i];
	return NULL;
}

static int64_t *outcome_of(struct fr_totals *day, struct fr_str name)
{
	for (size_t i = 0; i < FR_OUTCOMES; i++)
		if (fr_str_is(name, fr_outcome_name((enum fr_outcome)i)))
			return day->outcomes[i];
	return NULL;
}

/* The columns that a field is about; NULL: of a newer program, or of an older one. */
static int64_t *columns_of(const struct fr_store *s, struct fr_str name, struct fr_totals *day)
{
	if (fr_str_starts(name, TENANT))
		return day->tenants[fr_roster_tenant(s->roster, fr_str_skip(name, sizeof TENANT - 1))];
	if (fr_str_starts(name, REASON))
		return reason_of(day, fr_str_skip(name, sizeof REASON - 1));
	if (fr_str_starts(name, OUTCOME))
		return outcome_of(day, fr_str_skip(name, sizeof OUTCOME - 1));
	return day->v[row_of(s->catalogue, name)];
}

static bool total_of(struct fr_str name, size_t *ret)
{
	for (size_t t = 0; t < FR_TOTALS; t++)
		if (fr_str_is(name, fr_total_name((enum fr_total)t))) {
			*ret = t;
			return true;
		}
	return false;
}

/* "<columns>|<total>" and its value; what is neither is of another program and left alone. */
static void read_field(const struct fr_store *s, struct fr_str field, struct fr_str value, struct fr_totals *day)
{
	size_t bar = field.n, t;
	int64_t n, *columns;

	while (bar > 0 && field.p[bar - 1] != '|')
		bar--;
	if (bar == 0 || !total_of(fr_str_skip(field, bar), &t) || !fr_str_to_i64(value, &n))
		return;
	columns = columns_of(s, (struct fr_str){ field.p, bar - 1 }, day);
	if (columns != NULL)
		columns[t] += n;
}

struct fr_str reply_bytes(const redisReply *r)
{
	return r->type == REDIS_REPLY_STRING ? (struct fr_str){ r->str, r->len } : (struct fr_str){ NULL, 0 };
}

static void answer(struct reading *reading, bool ok)
{
	fr_store_totals_done *done = reading->done;

	reading->done = NULL;
	done(reading->ctx, ok, ok ? reading->days : NULL, ok ? reading->n : 0);
}

/* So many lookups have ended: the first failure answers for all, the last one releases. */
static void lookups_ended(struct reading *reading, size_t n, bool ok)
{
	FR_ASSERT(n <= reading->left);
	reading->left -= n;
	if (reading->done != NULL && (!ok || reading->left == 0))
		answer(reading, ok);
	if (reading->left == 0)
		free(reading);
}

void totals_day_came(struct op *op, const redisReply *r)
{
	struct reading *reading = op->reading;
	bool ok = r != NULL && r->type == REDIS_REPLY_ARRAY && r->elements % 2 == 0;

	FR_ASSERT(op->token < reading->n);
	if (!ok)
		note_odd(op->store, r, "report");
	for (size_t i = 0; ok && i < r->elements; i += 2)
		read_field(op->store, reply_bytes(r->element[i]), reply_bytes(r->element[i + 1]), &reading->days[op->token]);
	lookups_ended(reading, 1, ok);
}

static bool ask_for_day(struct fr_store *s, struct reading *reading, size_t i)
{
	struct op *op;

	if (!op_may_start(s, true))
		return false;
	op = op_new(s, OP_TOTALS_DAY, i, FR_SCRIPT_NONE, 0);
	op->reading = reading;
	fr_command_add_text(&op->command, "HGETALL");
	add_day_key(s, &op->command, reading->days[i].day);
	op_send(&op);
	return true;
}

void fr_store_totals_read(struct fr_store *s, int64_t from, int64_t to, fr_store_totals_done *done, void *ctx)
{
	struct reading *reading;
	size_t n, asked = 0;

	FR_ASSERT(from <= to && to - from < FR_REPORT_DAYS_MAX);
	n = (size_t)(to - from + 1);
	reading = fr_calloc(1, sizeof *reading + n * sizeof reading->days[0]);
	*reading = (struct reading){ .done = done, .ctx = ctx, .n = n, .left = n + 1 };
	for (size_t i = 0; i < n; i++)
		reading->days[i].day = from + (int64_t)i;
	for (size_t i = 0; i < n; i++)
		asked += ask_for_day(s, reading, i) ? 1 : 0;
	lookups_ended(reading, n - asked + 1, asked == n);
}
