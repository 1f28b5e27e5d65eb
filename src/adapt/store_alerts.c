#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "adapt/store_state.h"
#include "base/assert.h"
#include "base/str.h"
#include "frugal/engine_alerts.h"

/* 'a' the ids that were raised, 'x' the outbox. */
static void add_alerts_key(const struct fr_store *s, struct fr_command *c, char which)
{
	char text[128];

	(void)snprintf(text, sizeof text, "%s:{credits}:%c", s->prefix, which);
	fr_command_add_text(c, text);
}

static void add_owner(struct fr_command *c, uint64_t owner)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%016" PRIx64, owner);
	fr_command_add_text(c, text);
}

void fr_store_alert_raise(struct fr_store *s, const struct fr_outbox_raise *raise)
{
	struct op *op;

	FR_ASSERT(raise->n_lower <= FR_ALERT_RULES_MAX && raise->body.n <= FR_ALERT_BODY_MAX);
	if (!op_may_start(s, true)) {
		fr_engine_alert_raised(s->engine, raise->number, FR_OUTBOX_UNKNOWN);
		return;
	}
	op = op_new(s, OP_ALERT_RAISE, raise->number, FR_SCRIPT_ALERT_RAISE, 2);
	add_alerts_key(s, &op->command, 'a');
	add_alerts_key(s, &op->command, 'x');
	fr_command_add_text(&op->command, raise->id);
	fr_command_add_text(&op->command, fr_channel_kind_name(raise->kind));
	fr_command_add(&op->command, raise->body);
	fr_command_add_int(&op->command, FR_OUTBOX_MAX);
	fr_command_add_int(&op->command, FR_OUTBOX_KEPT.v);
	for (size_t i = 0; i < raise->n_lower; i++)
		fr_command_add_text(&op->command, raise->lower[i]);
	op_send(&op);
}

void alert_raised(struct op *op, const redisReply *r)
{
	static const enum fr_outbox_state states[] = { FR_OUTBOX_RAISED, FR_OUTBOX_PENDING, FR_OUTBOX_DONE, FR_OUTBOX_FULL };
	bool known = r != NULL && r->type == REDIS_REPLY_INTEGER && r->integer >= 0 && r->integer <= 3;

	if (!known)
		note_odd(op->store, r, "alert");
	fr_engine_alert_raised(op->store->engine, op->token, known ? states[r->integer] : FR_OUTBOX_UNKNOWN);
}

void fr_store_alert_take(struct fr_store *s, const struct fr_outbox_take *take)
{
	const struct fr_outbox_taken unknown = { .number = take->number };
	struct op *op;

	if (!op_may_start(s, true)) {
		fr_engine_alert_taken(s->engine, &unknown);
		return;
	}
	op = op_new(s, OP_ALERT_TAKE, take->number, FR_SCRIPT_ALERT_TAKE, 1);
	add_alerts_key(s, &op->command, 'x');
	add_owner(&op->command, take->owner);
	fr_command_add_int(&op->command, FR_OUTBOX_LEASE.v);
	fr_command_add_int(&op->command, FR_OUTBOX_GIVEN_UP.v);
	fr_command_add_text(&op->command, take->orphans ? "1" : "0");
	op_send(&op);
}

static bool kind_of(struct fr_str name, enum fr_channel_kind *ret)
{
	for (enum fr_channel_kind k = 0; k < FR_CHANNEL_KINDS; k++)
		if (fr_str_is(name, fr_channel_kind_name(k))) {
			*ret = k;
			return true;
		}
	return false;
}

static bool read_taken(const redisReply *r, struct fr_outbox_taken *ret)
{
	if (r == NULL || r->type != REDIS_REPLY_ARRAY || (r->elements != 3 && r->elements != 6))
		return false;
	for (size_t i = 0; i < 3; i++)
		if (r->element[i]->type != REDIS_REPLY_INTEGER || r->element[i]->integer < (i < 2 ? 0 : -1))
			return false;
	ret->pending = (size_t)r->element[0]->integer;
	ret->given_up = (size_t)r->element[1]->integer;
	ret->wait.v = r->element[2]->integer;
	ret->taken = r->elements == 6;
	if (!ret->taken)
		return true;
	ret->body = reply_bytes(r->element[5]);
	return fr_str_copy(ret->id, sizeof(ret->id), reply_bytes(r->element[3])) &&
	       kind_of(reply_bytes(r->element[4]), &ret->kind);
}

void alert_taken(struct op *op, const redisReply *r)
{
	struct fr_outbox_taken taken = { .number = op->token };

	taken.known = read_taken(r, &taken);
	if (!taken.known) {
		note_odd(op->store, r, "look into the outbox");
		taken = (struct fr_outbox_taken){ .number = op->token };
	}
	fr_engine_alert_taken(op->store->engine, &taken);
}

void fr_store_alert_end(struct fr_store *s, const struct fr_outbox_end *end)
{
	struct op *op;

	if (!op_may_start(s, true)) {
		fr_engine_alert_ended(s->engine, end->number, false);
		return;
	}
	op = op_new(s, OP_ALERT_END, end->number, FR_SCRIPT_ALERT_END, 2);
	add_alerts_key(s, &op->command, 'a');
	add_alerts_key(s, &op->command, 'x');
	fr_command_add_text(&op->command, end->id);
	add_owner(&op->command, end->owner);
	fr_command_add_text(&op->command, end->accepted ? "1" : "0");
	fr_command_add_int(&op->command, FR_OUTBOX_PAUSE.v);
	fr_command_add_int(&op->command, FR_OUTBOX_PAUSE_MAX.v);
	op_send(&op);
}

void alert_ended(struct op *op, const redisReply *r)
{
	bool known = r != NULL && r->type == REDIS_REPLY_INTEGER;

	if (!known)
		note_odd(op->store, r, "end of an alert");
	fr_engine_alert_ended(op->store->engine, op->token, known);
}
