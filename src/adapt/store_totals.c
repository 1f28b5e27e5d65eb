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

/* Days that a total is kept; when a new day begins so many of those beyond are removed, so that a pause of a week leaves none
 * behind. */
enum { DAYS_KEPT = 800, DAYS_REMOVED = 8, FIELD_MAX = FR_PATH_TEXT_MAX + FR_NAME_MAX };

/* A report's days on their way: one lookup each, and one answer for all. */
struct reading {
	fr_store_totals_done *done; /* NULL once it was called */
	void *ctx;
	size_t n, left; /* days; lookups that have not ended, and one while they are asked for */
	struct fr_totals days[];
};

static void add_day(const struct fr_store *s, struct fr_command *c, int64_t day)
{
	char text[128];

	(void)snprintf(text, sizeof text, "%s:{credits}:t:%08d", s->prefix, fr_units_yyyymmdd(day));
	fr_command_add_text(c, text);
}

/* 'w' for the totals of processes, 'j' for journals. */
static void add_watermarks(const struct fr_store *s, struct fr_command *c, char kind)
{
	char text[128];

	(void)snprintf(text, sizeof text, "%s:{credits}:%c", s->prefix, kind);
	fr_command_add_text(c, text);
}

static void add_fields(const struct fr_catalogue *catalogue, struct fr_command *c, const struct fr_totals *delta)
{
	char field[FIELD_MAX];

	for (size_t i = 0; i < catalogue->n; i++)
		for (size_t t = 0; t < FR_TOTALS; t++) {
			if (delta->v[i][t] == 0)
				continue;
			(void)snprintf(field, sizeof field, "%.*s|%s", FR_STR_ARG(catalogue->rows[i].path),
				       fr_total_name((enum fr_total)t));
			fr_command_add_text(c, field);
			fr_command_add_int(c, delta->v[i][t]);
		}
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
	op = op_new(s, OP_TOTALS_ADD, seq, FR_SCRIPT_TOTALS, 2 + DAYS_REMOVED);
	add_day(s, &op->command, delta->day);
	add_watermarks(s, &op->command, 'w');
	for (int i = 0; i < DAYS_REMOVED; i++)
		add_day(s, &op->command, delta->day - DAYS_KEPT - i);
	fr_command_add_text(&op->command, s->instance);
	fr_command_add_text(&op->command, number);
	add_fields(s->catalogue, &op->command, delta);
	op_send(&op);
}

void totals_added(struct fr_store *s, uint64_t seq, const redisReply *r)
{
	bool there = r != NULL && r->type == REDIS_REPLY_INTEGER; /* 1: now; 0: since an earlier time */

	if (!there)
		note_odd(s, r, "total");
	fr_engine_totals_added(s->engine, seq, there);
}

void fr_store_ledger_apply(struct fr_store *s, uint64_t instance, const struct fr_ledger_batch *b)
{
	char name[24];
	struct op *op;

	if (!op_may_start(s, true)) {
		fr_engine_ledger_applied(s->engine, false, 0);
		return;
	}
	(void)snprintf(name, sizeof name, "%016" PRIx64, instance);
	op = op_new(s, OP_LEDGER, 0, FR_SCRIPT_LEDGER, 2 + DAYS_REMOVED);
	add_day(s, &op->command, b->delta.day);
	add_watermarks(s, &op->command, 'j');
	for (int i = 0; i < DAYS_REMOVED; i++)
		add_day(s, &op->command, b->delta.day - DAYS_KEPT - i);
	fr_command_add_text(&op->command, name);
	fr_command_add_int(&op->command, (int64_t)b->from);
	fr_command_add_int(&op->command, (int64_t)b->to);
	fr_command_add_text(&op->command, b->base ? "1" : "0");
	add_fields(s->catalogue, &op->command, &b->delta);
	op_send(&op);
}

void ledger_applied(struct fr_store *s, const redisReply *r)
{
	bool known = r != NULL && r->type == REDIS_REPLY_INTEGER && r->integer >= 0;

	if (!known)
		note_odd(s, r, "record of credits");
	fr_engine_ledger_applied(s->engine, known, known ? (uint64_t)r->integer : 0);
}

static size_t row_of(const struct fr_catalogue *c, struct fr_str path)
{
	for (size_t i = 0; i < c->n; i++)
		if (fr_str_eq(c->rows[i].path, path))
			return i;
	return c->n - 1;
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

/* "<path>|<total>" and its value; what is neither is of another program and left alone. */
static void read_field(const struct fr_catalogue *c, struct fr_str field, struct fr_str value, struct fr_totals *day)
{
	size_t bar = field.n, t;
	int64_t n;

	while (bar > 0 && field.p[bar - 1] != '|')
		bar--;
	if (bar == 0 || !total_of(fr_str_skip(field, bar), &t) || !fr_str_to_i64(value, &n))
		return;
	day->v[row_of(c, (struct fr_str){ field.p, bar - 1 })][t] += n;
}

static struct fr_str bytes_of(const redisReply *r)
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
		read_field(op->store->catalogue, bytes_of(r->element[i]), bytes_of(r->element[i + 1]), &reading->days[op->token]);
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
	add_day(s, &op->command, reading->days[i].day);
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
