#include "adapt/store_state.h"
#include "base/assert.h"

static void add_spend_line(struct fr_command *c, const struct fr_spend_line *l)
{
	FR_ASSERT(l->start.v >= 0 && l->five >= 0 && l->kept.v > 0 && l->closed >= 0 && l->spent >= 0);
	fr_command_add_int(c, l->start.v / 1000);
	fr_command_add_int(c, l->five);
	fr_command_add_int(c, l->kept.v / 1000);
	add_credits(c, l->closed);
	add_credits(c, l->spent);
}

void fr_store_ledger_apply(struct fr_store *s, uint64_t instance, const struct fr_ledger_batch *b)
{
	struct op *op;

	FR_ASSERT(b->n_lines <= FR_SPEND_LINES_MAX);
	if (!op_may_start(s, true)) {
		fr_engine_ledger_applied(s->engine, false, 0);
		return;
	}
	op = op_new(s, OP_LEDGER, 0, FR_SCRIPT_LEDGER, STORE_TOTALS_KEYS + (int)b->n_lines);
	add_totals_keys(s, &op->command, b->delta.day, 'j');
	for (size_t i = 0; i < b->n_lines; i++)
		add_budget_key(s, &op->command, b->lines[i].budget);
	add_instance(&op->command, instance);
	fr_command_add_int(&op->command, (int64_t)b->from);
	fr_command_add_int(&op->command, (int64_t)b->to);
	fr_command_add_text(&op->command, b->base ? "1" : "0");
	fr_command_add_int(&op->command, (int64_t)b->n_lines);
	for (size_t i = 0; i < b->n_lines; i++)
		add_spend_line(&op->command, &b->lines[i]);
	add_totals(s, &op->command, &b->delta);
	op_send(&op);
}

void ledger_applied(struct fr_store *s, const redisReply *r)
{
	bool known = r != NULL && reply_number(r);

	if (!known)
		note_odd(s, r, "record of credits");
	fr_engine_ledger_applied(s->engine, known, known ? (uint64_t)r->integer : 0);
}
