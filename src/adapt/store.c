#include "adapt/store.h"

#include <stdio.h>
#include <string.h>

#include "adapt/store_state.h"
#include "base/assert.h"
#include "base/blob.h"
#include "base/hash.h"
#include "base/str.h"

static const fr_ms KEEP_MAX = { (int64_t)3650 * 86400 * 1000 }; /* Redis refuses times near the end of 64 bits */
static const struct fr_str NO_RECORD = { NULL, 0 };

static void add_key(const struct fr_store *s, struct fr_command *c, struct fr_key key, char kind)
{
	char hex[33], text[128];

	fr_key_hex(key, hex);
	(void)snprintf(text, sizeof text, "%s:{%s}:%c", s->prefix, hex, kind);
	fr_command_add_text(c, text);
}

static void add_owner(struct fr_command *c, struct fr_key owner)
{
	char hex[33];

	fr_key_hex(owner, hex);
	fr_command_add_text(c, fr_key_none(owner) ? "" : hex);
}

static void add_ms(struct fr_command *c, fr_ms t)
{
	fr_command_add_int(c, t.v < KEEP_MAX.v ? t.v : KEEP_MAX.v);
}

static void add_hint(const struct fr_store *s, struct fr_command *c, struct fr_key key)
{
	char hex[33], channel[80];

	(void)snprintf(channel, sizeof channel, "%s:done", s->prefix);
	fr_key_hex(key, hex);
	fr_command_add_text(c, channel);
	fr_command_add_text(c, hex);
}

static void get(struct fr_store *s, uint64_t token, struct fr_key key, char kind)
{
	struct op *op;

	if (!op_may_start(s, true)) {
		fr_engine_found(s->engine, token, FR_STORE_UNKNOWN, NO_RECORD);
		return;
	}
	op = op_new(s, OP_GET, token, FR_SCRIPT_NONE, 0);
	fr_command_add_text(&op->command, "GET");
	add_key(s, &op->command, key, kind);
	op_send(&op);
}

void fr_store_get(struct fr_store *s, uint64_t token, struct fr_key key)
{
	get(s, token, key, 'a');
}

void fr_store_piece_get(struct fr_store *s, uint64_t token, struct fr_key key)
{
	get(s, token, key, 'p');
}

void fr_store_claim(struct fr_store *s, uint64_t token, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	struct op *op;

	FR_ASSERT(!fr_key_none(owner) && lease.v > 0);
	if (!op_may_start(s, true)) {
		fr_engine_claimed(s->engine, token, FR_CLAIM_UNKNOWN, NO_RECORD);
		return;
	}
	op = op_new(s, OP_CLAIM, token, FR_SCRIPT_CLAIM, 2);
	add_key(s, &op->command, key, 'l');
	add_key(s, &op->command, key, 'a');
	add_owner(&op->command, owner);
	add_ms(&op->command, lease);
	op_send(&op);
}

void fr_store_renew(struct fr_store *s, struct fr_key key, struct fr_key owner, fr_ms lease)
{
	struct op *op;

	FR_ASSERT(!fr_key_none(owner) && lease.v > 0);
	if (!op_may_start(s, false))
		return;
	op = op_new(s, OP_RENEW, 0, FR_SCRIPT_RENEW, 1);
	add_key(s, &op->command, key, 'l');
	add_owner(&op->command, owner);
	add_ms(&op->command, lease);
	op_send(&op);
}

/* What another answer taught gets a part of the room: the rest is for what somebody waits for. */
static bool room_for(struct fr_store *s, const struct fr_blob *record, bool taught)
{
	size_t part = taught ? 2 : 1, most = FR_STORE_BYTES_MAX / part;

	if (!op_may_start(s, false) || s->n_ops >= FR_STORE_OPS_MAX / part)
		return false;
	FR_ASSERT(record->n <= FR_RECORD_MAX);
	if (record->n <= most && s->bytes <= most - record->n)
		return true;
	if (fr_redis_note_due(&s->note_limit, "slow", store_now(s)))
		fr_redis_note(&s->notes, FR_LOG_WARNING, "Redis does not keep up: an answer of %u bytes was not stored",
			      record->n);
	return false;
}

void fr_store_piece_put(struct fr_store *s, struct fr_key key, const struct fr_blob *record, fr_ms keep)
{
	struct op *op;

	FR_ASSERT(keep.v > 0);
	if (!room_for(s, record, true))
		return;
	op = op_new(s, OP_PUT, 0, FR_SCRIPT_PIECE, 1);
	add_key(s, &op->command, key, 'p');
	add_ms(&op->command, keep);
	fr_command_add(&op->command, fr_blob_str(record));
	op_send(&op);
}

void fr_store_put(struct fr_store *s, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms keep)
{
	struct op *op;

	FR_ASSERT(keep.v > 0);
	if (!room_for(s, record, fr_key_none(owner)))
		return;
	op = op_new(s, OP_PUT, 0, FR_SCRIPT_PUT, 2);
	add_key(s, &op->command, key, 'a');
	add_key(s, &op->command, key, 'l');
	add_owner(&op->command, owner);
	add_ms(&op->command, keep);
	fr_command_add(&op->command, fr_blob_str(record));
	add_hint(s, &op->command, key);
	op_send(&op);
}

void fr_store_fail(struct fr_store *s, struct fr_key key, struct fr_key owner, const struct fr_blob *record, fr_ms hold)
{
	struct op *op;

	FR_ASSERT(FR_IMPLIES(record == NULL, hold.v <= 0));
	if (fr_key_none(owner) || (record == NULL ? !op_may_start(s, false) : !room_for(s, record, false)))
		return;
	op = op_new(s, OP_FAIL, 0, FR_SCRIPT_FAIL, 1);
	add_key(s, &op->command, key, 'l');
	add_owner(&op->command, owner);
	add_ms(&op->command, hold);
	fr_command_add(&op->command, record == NULL ? FR_STR("") : fr_blob_str(record));
	add_hint(s, &op->command, key);
	op_send(&op);
}

static void settle_get(struct op *op, const redisReply *r)
{
	struct fr_store *s = op->store;
	enum fr_store_result result = FR_STORE_UNKNOWN;
	struct fr_str record = NO_RECORD;

	if (r != NULL && r->type == REDIS_REPLY_STRING) {
		result = FR_STORE_HIT;
		record = (struct fr_str){ r->str, r->len };
	} else if (r != NULL && r->type == REDIS_REPLY_NIL) {
		result = FR_STORE_MISS;
	} else {
		if (r != NULL && r->type == REDIS_REPLY_ERROR && strncmp(r->str, "WRONGTYPE", 9) == 0)
			result = FR_STORE_MISS; /* foreign bytes are no answer */
		note_odd(s, r, "lookup");
	}
	fr_engine_found(s->engine, op->token, result, record);
}

static void settle_claim(struct op *op, const redisReply *r)
{
	static const enum fr_claim_result results[] = { FR_CLAIM_TAKEN, FR_CLAIM_WON, FR_CLAIM_FAILED };
	struct fr_store *s = op->store;
	enum fr_claim_result result = FR_CLAIM_UNKNOWN;
	struct fr_str record = NO_RECORD;

	if (r != NULL && r->type == REDIS_REPLY_ARRAY && r->elements >= 1 && r->element[0]->type == REDIS_REPLY_INTEGER &&
	    r->element[0]->integer >= 0 && r->element[0]->integer <= 2) {
		result = results[r->element[0]->integer];
		if (r->elements == 2 && r->element[1]->type == REDIS_REPLY_STRING)
			record = (struct fr_str){ r->element[1]->str, r->element[1]->len };
	} else {
		note_odd(s, r, "claim");
	}
	fr_engine_claimed(s->engine, op->token, result, record);
}

void op_settle(struct op *op, const redisReply *r)
{
	switch (op->kind) {
	case OP_GET: settle_get(op, r); break;
	case OP_CLAIM: settle_claim(op, r); break;
	case OP_TOTALS_ADD: totals_added(op->store, op->token, r); break;
	case OP_LEDGER: ledger_applied(op->store, r); break;
	case OP_TOTALS_DAY: totals_day_came(op, r); break;
	case OP_LEASE: lease_told(op, r); break;
	case OP_LINE: line_told(op, r); break;
	case OP_BUDGET_LIMIT: budget_limited(op, r); break;
	case OP_ALERT_RAISE: alert_raised(op, r); break;
	case OP_ALERT_TAKE: alert_taken(op, r); break;
	case OP_ALERT_END: alert_ended(op, r); break;
	case OP_BUDGET_READ: budget_came(op, r); break;
	case OP_PURGE_TELL: purge_told(op, r); break;
	case OP_PURGES_READ: purges_came(op, r); break;
	case OP_PURGE_ASIDE:
		if (r != NULL && r->type == REDIS_REPLY_ERROR)
			note_odd(op->store, r, "purge");
		break;
	case OP_RENEW:
	case OP_PUT:
	case OP_FAIL:
		if (r != NULL && r->type == REDIS_REPLY_ERROR)
			note_odd(op->store, r, op->kind == OP_RENEW ? "lease" : "record");
		break;
	}
}
