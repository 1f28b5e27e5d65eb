#include <stdio.h>

#include "adapt/store_state.h"
#include "base/assert.h"

enum { FIELDS = 6 }; /* numbers of an answer */

static void add_key(const struct fr_store *s, struct fr_command *c, char kind)
{
	char text[128];

	(void)snprintf(text, sizeof text, "%s:{line}:%c", s->prefix, kind);
	fr_command_add_text(c, text);
}

void fr_store_line_up(struct fr_store *s, uint64_t instance, const struct fr_line_ask *ask)
{
	const struct fr_line_told unknown = { .number = ask->number };
	struct op *op;

	FR_ASSERT(ask->calls > 0 && ask->window.v > 0 && ask->slice.v > 0 && ask->slice_calls > 0);
	FR_ASSERT(ask->urgent >= 0 && ask->paced >= 0);
	if (!op_may_start(s, true)) {
		fr_engine_lined_up(s->engine, &unknown);
		return;
	}
	op = op_new(s, OP_LINE, ask->number, FR_SCRIPT_LINE, 2);
	add_key(s, &op->command, 'c');
	add_key(s, &op->command, 'i');
	add_instance(&op->command, instance);
	fr_command_add_int(&op->command, ask->calls);
	fr_command_add_int(&op->command, ask->window.v);
	fr_command_add_int(&op->command, ask->slice.v);
	fr_command_add_int(&op->command, ask->slice_calls);
	fr_command_add_int(&op->command, ask->urgent);
	fr_command_add_int(&op->command, ask->paced);
	op_send(&op);
}

void line_told(struct op *op, const redisReply *r)
{
	struct fr_line_told told = { .number = op->token };

	if (reply_numbers(r, FIELDS)) {
		told.known = true;
		told.urgent = r->element[0]->integer;
		told.paced = r->element[1]->integer;
		told.wait_urgent = FR_MS(r->element[2]->integer);
		told.wait_paced = FR_MS(r->element[3]->integer);
		told.used = r->element[4]->integer;
		told.instances = (size_t)r->element[5]->integer;
	} else {
		note_odd(op->store, r, "place in the line");
	}
	fr_engine_lined_up(op->store->engine, &told);
}
