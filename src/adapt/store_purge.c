/* Purges in Redis: two sorted sets of moments, one of everything and of paths, one of questions with a bound; and a channel for the
 * other instances. Members are "hard" or "soft" and what they are about: "all", a path, or 32 hex digits. A moment that is lower than
 * the one that is there changes nothing (ZADD GT), so it does not matter in which order instances tell theirs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "adapt/store_state.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/purge.h"

enum { MEMBER_MAX = FR_PATH_TEXT_MAX + 16, NAME_MAX_BYTES = 64 + 32 };

static bool member_of(const struct fr_store *s, const struct fr_purge *p, char ret[MEMBER_MAX])
{
	const char *kind = p->soft ? "soft" : "hard";
	char hex[33];
	int n = 0;

	switch (p->scope) {
	case FR_PURGE_ALL: n = snprintf(ret, MEMBER_MAX, "%s all", kind); break;
	case FR_PURGE_ROW: n = snprintf(ret, MEMBER_MAX, "%s %.*s", kind, FR_STR_ARG(s->catalogue->rows[p->row].path)); break;
	case FR_PURGE_KEY:
		fr_key_hex(p->key, hex);
		n = snprintf(ret, MEMBER_MAX, "%s %s", kind, hex);
		break;
	}
	return n > 0 && n < MEMBER_MAX;
}

/* False for what is of another program, or of a path that this catalogue does not have: nothing of it is stored here. */
static bool read_member(const struct fr_catalogue *c, struct fr_str member, struct fr_purge *ret)
{
	struct fr_str what = member, kind = fr_str_cut(&what, ' ');

	ret->soft = fr_str_is(kind, "soft");
	if (what.p == NULL || (!ret->soft && !fr_str_is(kind, "hard")))
		return false;
	ret->scope = FR_PURGE_ALL;
	if (fr_str_is(what, "all"))
		return true;
	ret->scope = FR_PURGE_KEY;
	if (what.n == 32 && fr_key_of_hex(what, &ret->key))
		return true;
	ret->scope = FR_PURGE_ROW;
	for (ret->row = 0; ret->row < c->n; ret->row++)
		if (!c->rows[ret->row].is_other && fr_str_eq(c->rows[ret->row].path, what))
			return true;
	return false;
}

/* A score is a double in Redis and whole milliseconds here. */
static void hear(struct fr_store *s, struct fr_str moment, struct fr_str member)
{
	struct fr_purge p = { .scope = FR_PURGE_ALL };

	if (fr_str_to_i64(moment, &p.at.v) && p.at.v > 0 && p.at.v < INT64_MAX / 2 && read_member(s->catalogue, member, &p))
		fr_engine_purged(s->engine, &p);
}

void purge_heard(struct fr_store *s, struct fr_str message)
{
	struct fr_str member = message, moment = fr_str_cut(&member, ' ');

	if (member.p != NULL)
		hear(s, moment, member);
}

/* 'p' for everything and paths, 'k' for questions. */
static void add_set(const struct fr_store *s, struct fr_command *c, char kind)
{
	char text[NAME_MAX_BYTES];

	(void)snprintf(text, sizeof text, "%s:{credits}:%c", s->prefix, kind);
	fr_command_add_text(c, text);
}

static struct op *aside(struct fr_store *s, const char *command)
{
	struct op *op = op_new(s, OP_PURGE_ASIDE, 0, FR_SCRIPT_NONE, 0);

	fr_command_add_text(&op->command, command);
	return op;
}

static void trim(struct fr_store *s)
{
	struct op *op = aside(s, "ZREMRANGEBYRANK");

	add_set(s, &op->command, 'k');
	fr_command_add_int(&op->command, 0);
	fr_command_add_int(&op->command, -FR_PURGES_MAX - 1);
	op_send(&op);
}

/* Readers would not count it anyhow; it need not take up room until then. */
static void delete_answer(struct fr_store *s, struct fr_key key)
{
	struct op *op = aside(s, "DEL");
	char hex[33], text[NAME_MAX_BYTES + 8];

	fr_key_hex(key, hex);
	(void)snprintf(text, sizeof text, "%s:{%s}:a", s->prefix, hex);
	fr_command_add_text(&op->command, text);
	op_send(&op);
}

static void publish(struct fr_store *s, const struct fr_purge *p, const char *member)
{
	struct op *op = aside(s, "PUBLISH");
	char text[MEMBER_MAX + 24];

	(void)snprintf(text, sizeof text, "%s:purge", s->prefix);
	fr_command_add_text(&op->command, text);
	(void)snprintf(text, sizeof text, "%" PRId64 " %s", p->at.v, member);
	fr_command_add_text(&op->command, text);
	op_send(&op);
}

/* Told last, when Redis has it: whoever connects in between reads it. */
void fr_store_purge_tell(struct fr_store *s, const struct fr_purge *p)
{
	char member[MEMBER_MAX];
	struct op *op;

	if (!member_of(s, p, member) || !op_may_start(s, true)) {
		fr_engine_purge_kept(s->engine, p, false);
		return;
	}
	op = op_new(s, OP_PURGE_TELL, 0, FR_SCRIPT_NONE, 0);
	op->purge = *p;
	fr_command_add_text(&op->command, "ZADD");
	add_set(s, &op->command, p->scope == FR_PURGE_KEY ? 'k' : 'p');
	fr_command_add_text(&op->command, "GT");
	fr_command_add_int(&op->command, p->at.v);
	fr_command_add_text(&op->command, member);
	op_send(&op);
	if (p->scope == FR_PURGE_KEY)
		trim(s);
	if (p->scope == FR_PURGE_KEY && !p->soft)
		delete_answer(s, p->key);
	publish(s, p, member);
}

void purge_told(struct op *op, const redisReply *r)
{
	bool kept = r != NULL && r->type == REDIS_REPLY_INTEGER;

	if (!kept)
		note_odd(op->store, r, "purge");
	fr_engine_purge_kept(op->store->engine, &op->purge, kept);
}

static void read_set(struct fr_store *s, char kind, bool last)
{
	struct op *op = op_new(s, OP_PURGES_READ, last ? 1 : 0, FR_SCRIPT_NONE, 0);

	fr_command_add_text(&op->command, "ZRANGE");
	add_set(s, &op->command, kind);
	fr_command_add_int(&op->command, 0);
	fr_command_add_int(&op->command, -1);
	fr_command_add_text(&op->command, "WITHSCORES");
	op_send(&op);
}

void fr_store_purge_read(struct fr_store *s)
{
	if (!op_may_start(s, true)) {
		fr_engine_purges_read(s->engine, false);
		return;
	}
	read_set(s, 'p', false);
	read_set(s, 'k', true);
}

static struct fr_str text_of(const redisReply *r)
{
	return r->type == REDIS_REPLY_STRING ? (struct fr_str){ r->str, r->len } : (struct fr_str){ NULL, 0 };
}

void purges_came(struct op *op, const redisReply *r)
{
	struct fr_store *s = op->store;
	bool ok = r != NULL && r->type == REDIS_REPLY_ARRAY && r->elements % 2 == 0, last = op->token == 1;

	if (!ok)
		note_odd(s, r, "list of purges");
	for (size_t i = 0; ok && i < r->elements; i += 2)
		hear(s, text_of(r->element[i + 1]), text_of(r->element[i]));
	s->purges_ok = ok && (s->purges_ok || !last);
	if (last)
		fr_engine_purges_read(s->engine, s->purges_ok);
}
