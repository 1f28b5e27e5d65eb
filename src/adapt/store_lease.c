#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "adapt/store_state.h"
#include "base/assert.h"
#include "base/hash.h"

enum { HEAD = 2, FIELDS = 4 }; /* numbers of an answer: before its lines, and of each line */

void add_instance(struct fr_command *c, uint64_t instance)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%016" PRIx64, instance);
	fr_command_add_text(c, text);
}

void add_credits(struct fr_command *c, int64_t credits)
{
	FR_ASSERT(credits >= 0);
	fr_command_add_int(c, credits < FR_LIMIT_NONE ? credits : FR_LIMIT_NONE);
}

static void add_instances_key(const struct fr_store *s, struct fr_command *c)
{
	char text[128];

	(void)snprintf(text, sizeof text, "%s:{credits}:i", s->prefix);
	fr_command_add_text(c, text);
}

static void add_number(struct fr_command *c, const struct fr_lease_ask *ask)
{
	char text[48];

	(void)snprintf(text, sizeof text, "%020" PRIu64 "%020" PRIu64, ask->life, ask->number);
	fr_command_add_text(c, text);
}

static void add_line(struct fr_command *c, const struct fr_lease_line *l)
{
	FR_ASSERT(l->start.v >= 0);
	fr_command_add_int(c, l->start.v / 1000);
	add_credits(c, l->limit);
	add_credits(c, l->outstanding);
	add_credits(c, l->want);
	add_credits(c, l->lost);
}

static uint64_t run_of(const struct fr_store *s)
{
	return fr_hash64(0, s->run, strlen(s->run)) | 1;
}

void fr_store_lease(struct fr_store *s, uint64_t instance, const struct fr_lease_ask *ask)
{
	const struct fr_lease_told unknown = { .number = ask->number };
	struct op *op;

	FR_ASSERT(ask->n <= FR_BUDGETS_MAX);
	if (!op_may_start(s, true)) {
		fr_engine_leased(s->engine, &unknown);
		return;
	}
	op = op_new(s, OP_LEASE, ask->number, FR_SCRIPT_LEASE, 1 + (int)ask->n);
	op->lines = ask->n;
	add_instances_key(s, &op->command);
	for (size_t i = 0; i < ask->n; i++)
		add_budget_key(s, &op->command, ask->lines[i].budget);
	add_instance(&op->command, instance);
	add_number(&op->command, ask);
	fr_command_add_text(&op->command, s->run);
	fr_command_add_text(&op->command, ask->alone ? "1" : "0");
	fr_command_add_text(&op->command, ask->healed == run_of(s) ? "1" : "0");
	fr_command_add_text(&op->command, ask->veteran ? "1" : "0");
	for (size_t i = 0; i < ask->n; i++)
		add_line(&op->command, &ask->lines[i]);
	op_send(&op);
}

bool reply_number(const redisReply *r)
{
	return r->type == REDIS_REPLY_INTEGER && r->integer >= 0 && r->integer <= FR_LIMIT_NONE;
}

bool reply_numbers(const redisReply *r, size_t n)
{
	if (r == NULL || r->type != REDIS_REPLY_ARRAY || r->elements != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!reply_number(r->element[i]))
			return false;
	return true;
}

void lease_told(struct op *op, const redisReply *r)
{
	struct fr_lease_told told = { .number = op->token };

	if (reply_numbers(r, HEAD + FIELDS * op->lines)) {
		told.known = true;
		told.run = run_of(op->store);
		told.settling = r->element[0]->integer != 0;
		told.instances = (size_t)r->element[1]->integer;
		told.n = op->lines;
		for (size_t i = 0; i < told.n; i++) {
			redisReply *const *line = &r->element[HEAD + FIELDS * i];

			told.lines[i] = (struct fr_lease_told_line){ line[0]->integer, line[1]->integer, line[2]->integer,
								     line[3]->integer };
		}
	} else {
		note_odd(op->store, r, "question for credits");
	}
	fr_engine_leased(op->store->engine, &told);
}
