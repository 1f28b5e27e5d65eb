#include <stdio.h>
#include <stdlib.h>

#include "adapt/store_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

struct inquiry {
	fr_store_budget_done *read;
	fr_store_limit_done *limited;
	void *ctx;
	struct fr_spending spending;
};

void add_budget_key(const struct fr_store *s, struct fr_command *c, const char *budget)
{
	char text[128 + FR_BUDGET_NAME_MAX];
	int n = snprintf(text, sizeof text, "%s:{credits}:b:%s", s->prefix, budget);

	FR_ASSERT(n > 0 && (size_t)n < sizeof text);
	fr_command_add_text(c, text);
}

void fr_store_budget_read(struct fr_store *s, const char *budget, fr_wall start, fr_wall at, fr_store_budget_done *done,
			  void *ctx)
{
	struct inquiry *inquiry = fr_calloc(1, sizeof *inquiry);
	struct op *op;

	inquiry->read = done;
	inquiry->ctx = ctx;
	fr_spending_init(&inquiry->spending, start, at);
	if (!op_may_start(s, true)) {
		done(ctx, &inquiry->spending);
		free(inquiry);
		return;
	}
	op = op_new(s, OP_BUDGET_READ, 0, FR_SCRIPT_NONE, 0);
	op->inquiry = inquiry;
	fr_command_add_text(&op->command, "HGETALL");
	add_budget_key(s, &op->command, budget);
	op_send(&op);
}

void budget_came(struct op *op, const redisReply *r)
{
	struct inquiry *inquiry = op->inquiry;

	if (r != NULL && r->type == REDIS_REPLY_ARRAY && r->elements % 2 == 0) {
		inquiry->spending.known = true;
		for (size_t i = 0; i < r->elements; i += 2)
			fr_spending_read(&inquiry->spending, reply_bytes(r->element[i]), reply_bytes(r->element[i + 1]));
	} else {
		note_odd(op->store, r, "budget");
	}
	inquiry->read(inquiry->ctx, &inquiry->spending);
	free(inquiry);
	op->inquiry = NULL;
}

void fr_store_budget_limit(struct fr_store *s, const char *budget, const char *limit, fr_store_limit_done *done, void *ctx)
{
	struct inquiry *inquiry;
	struct op *op;
	int64_t n;

	if ((limit != NULL && !fr_spending_limit(fr_str_of(limit), &n)) || !op_may_start(s, true)) {
		done(ctx, false);
		return;
	}
	inquiry = fr_calloc(1, sizeof *inquiry);
	inquiry->limited = done;
	inquiry->ctx = ctx;
	op = op_new(s, OP_BUDGET_LIMIT, 0, FR_SCRIPT_NONE, 0);
	op->inquiry = inquiry;
	fr_command_add_text(&op->command, limit != NULL ? "HSET" : "HDEL");
	add_budget_key(s, &op->command, budget);
	fr_command_add_text(&op->command, "limit");
	if (limit != NULL)
		fr_command_add_text(&op->command, limit);
	op_send(&op);
}

void budget_limited(struct op *op, const redisReply *r)
{
	struct inquiry *inquiry = op->inquiry;
	bool ok = r != NULL && r->type == REDIS_REPLY_INTEGER;

	if (!ok)
		note_odd(op->store, r, "budget's limit");
	inquiry->limited(inquiry->ctx, ok);
	free(inquiry);
	op->inquiry = NULL;
}
