#include <hiredis/sds.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/redis_uv.h"
#include "adapt/store_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { PATIENCE = 4, READS_MAX = 64 }; /* timeouts without a sign of life; reads of 16 KiB before something is declared late */

fr_ms store_now(const struct fr_store *s)
{
	uv_update_time(s->loop);
	return FR_MS((int64_t)uv_now(s->loop));
}

void note_odd(struct fr_store *s, const redisReply *reply, const char *what)
{
	if (reply == NULL)
		return;
	if (reply->type != REDIS_REPLY_ERROR) {
		if (fr_redis_note_due(&s->note_limit, "type", store_now(s)))
			fr_redis_note(&s->notes, FR_LOG_WARNING, "Redis answers a %s with something of type %d", what,
				      reply->type);
	} else if (fr_redis_note_due(&s->note_limit, reply->str, store_now(s))) {
		fr_redis_note(&s->notes, FR_LOG_WARNING, "Redis refuses a %s: %s", what, reply->str);
	}
}

bool op_may_start(const struct fr_store *s, bool answered)
{
	return s->commands.state == FR_LINK_UP && s->n_ops < FR_STORE_OPS_MAX && !(answered && s->n_overdue > 0);
}

struct op *op_new(struct fr_store *s, enum op_kind kind, uint64_t token, enum fr_script script, int keys)
{
	struct op *op = fr_calloc(1, sizeof *op);

	op->store = s;
	op->kind = kind;
	op->token = token;
	fr_list_init(&op->link);
	fr_command_init(&op->command, script, keys);
	return op;
}

static void op_free(struct op *op)
{
	fr_list_cut(&op->link);
	fr_command_free(&op->command);
	free(op);
}

static void rearm(struct fr_store *s)
{
	struct fr_list *first = fr_list_first(&s->waiting);
	int64_t due = INT64_MAX, now = store_now(s).v;

	if (first != NULL)
		due = FR_OF(first, struct op, link)->deadline.v;
	if (s->n_overdue > 0 && s->heard.v + PATIENCE * s->timeout.v < due)
		due = s->heard.v + PATIENCE * s->timeout.v;
	if (due != INT64_MAX)
		fr_redis_uv_timer_start(&s->timer, ops_due, FR_MS(due > now ? due - now : 0));
}

static void on_reply(redisAsyncContext *ac, void *reply, void *privdata);

static bool transmit(struct op *op, bool by_sha)
{
	struct fr_store *s = op->store;
	enum fr_script script = op->command.script;
	struct fr_buf bytes;
	int r;

	fr_command_write(&op->command, by_sha && script != FR_SCRIPT_NONE ? s->scripts[script].sha : NULL, &bytes);
	r = redisAsyncFormattedCommand(s->commands.ac, on_reply, op, bytes.p, bytes.len);
	fr_buf_free(&bytes);
	return r == REDIS_OK;
}

void op_send(struct op **taken)
{
	struct op *op = *taken;
	struct fr_store *s = op->store;

	*taken = NULL;
	FR_ASSERT(s->commands.state == FR_LINK_UP);
	op->deadline.v = store_now(s).v + s->timeout.v;
	if (!transmit(op, true)) {
		op_settle(op, NULL);
		op_free(op);
		return;
	}
	if (op->command.script == FR_SCRIPT_NONE)
		fr_command_free(&op->command);
	s->unsent = sdslen(s->commands.ac->c.obuf);
	op->bytes = op->command.tail.len;
	s->bytes += op->bytes;
	if (s->n_ops++ == 0)
		s->heard = store_now(s);
	fr_list_push(&s->waiting, &op->link);
	if (!uv_is_active((uv_handle_t *)&s->timer))
		rearm(s);
}

static bool forgotten(const struct op *op, const redisReply *r)
{
	return r != NULL && r->type == REDIS_REPLY_ERROR && op->command.script != FR_SCRIPT_NONE &&
	       strncmp(r->str, "NOSCRIPT", 8) == 0;
}

static void on_reply(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct op *op = privdata;
	struct fr_store *s = op->store;

	if (reply == NULL)
		fr_link_lost(&s->commands, ac); /* first, so that nothing is sent on it from within */
	else
		s->heard = store_now(s);
	if (forgotten(op, reply) && ac == s->commands.ac && transmit(op, false))
		return;
	FR_ASSERT(s->n_ops > 0 && s->bytes >= op->bytes);
	s->n_ops--;
	s->bytes -= op->bytes;
	fr_list_cut(&op->link);
	if (op->settled) {
		FR_ASSERT(s->n_overdue > 0);
		s->n_overdue--;
	} else {
		op->settled = true;
		op_settle(op, reply);
	}
	op_free(op);
}

static struct op *first_late(const struct fr_store *s, fr_ms now)
{
	struct fr_list *first = fr_list_first(&s->waiting);
	struct op *op = first == NULL ? NULL : FR_OF(first, struct op, link);

	return op != NULL && op->deadline.v <= now.v ? op : NULL;
}

/* The loop runs its timers before it looks at its sockets: after a long turn the reply may be there already, only unread. */
static void read_what_came(struct fr_store *s, fr_ms now)
{
	for (int i = 0; i < READS_MAX && s->commands.state == FR_LINK_UP && first_late(s, now) != NULL; i++)
		redisAsyncHandleRead(s->commands.ac);
}

/* A server that takes bytes is alive, though a large record may keep it from answering. */
static void look_at_output(struct fr_store *s, fr_ms now)
{
	size_t unsent = s->commands.ac == NULL ? 0 : sdslen(s->commands.ac->c.obuf);

	if (unsent < s->unsent)
		s->heard = now;
	s->unsent = unsent;
}

void ops_due(uv_timer_t *timer)
{
	struct fr_store *s = timer->data;
	fr_ms now = store_now(s);
	struct op *op;

	read_what_came(s, now);
	while ((op = first_late(s, now)) != NULL) {
		fr_list_cut(&op->link);
		fr_list_push(&s->overdue, &op->link);
		s->n_overdue++;
		op->settled = true;
		op_settle(op, NULL);
	}
	look_at_output(s, now);
	if (s->n_overdue > 0 && now.v - s->heard.v >= PATIENCE * s->timeout.v)
		fr_link_drop(&s->commands, "no answer in time");
	rearm(s);
}
