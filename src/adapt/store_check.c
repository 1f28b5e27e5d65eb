#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "adapt/store_state.h"
#include "base/str.h"

/* Each step has its own; loading is waited for as long as ten pauses take. */
static const struct timeval STEP = { 2, 0 };
enum { PAUSE_MS = 500, PAUSES = 10 };

static bool is_error(const redisReply *r, const char *word)
{
	return r != NULL && r->type == REDIS_REPLY_ERROR && strncmp(r->str, word, strlen(word)) == 0;
}

static enum fr_err unreachable(const struct fr_store *s, const redisContext *c, struct fr_errmsg *why)
{
	return fr_redis_fail(why, FR_IO, "Redis at %s cannot be reached (%s): start it, or correct redis.url", s->address.shown,
			     c == NULL ? "out of memory" : c->errstr);
}

/* A reply that must be no error. */
static enum fr_err expect(const struct fr_store *s, redisContext *c, redisReply *r, const char *what, const char *mend,
			  struct fr_errmsg *why)
{
	enum fr_err e = FR_OK;

	if (r == NULL)
		return unreachable(s, c, why);
	if (r->type == REDIS_REPLY_ERROR)
		e = fr_redis_fail(why, FR_INVALID, "Redis at %s refuses %s (%s): %s", s->address.shown, what, r->str, mend);
	freeReplyObject(r);
	return e;
}

static enum fr_err let_in(const struct fr_store *s, redisContext *c, struct fr_errmsg *why)
{
	enum fr_err e = FR_OK;

	if (s->password.s[0] != '\0')
		e = expect(s, c, redisCommand(c, "AUTH %s", s->password.s), "the password",
			   "correct redis.password_file, or the password in redis.url", why);
	if (e == FR_OK && s->address.db != 0)
		e = expect(s, c, redisCommand(c, "SELECT %d", s->address.db), "the database",
			   "correct the number at the end of redis.url", why);
	return e;
}

struct fr_str info_line(const redisReply *r, const char *name)
{
	struct fr_str rest = { r->str, r->len };

	while (rest.p != NULL) {
		struct fr_str line = fr_str_cut(&rest, '\n');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (fr_str_starts(line, name) && line.n > strlen(name) && line.p[strlen(name)] == ':')
			return fr_str_skip(line, strlen(name) + 1);
	}
	return (struct fr_str){ NULL, 0 };
}

static enum fr_err judge_version(const struct fr_store *s, const redisReply *r, struct fr_errmsg *why)
{
	struct fr_str version = info_line(r, "redis_version"), rest = version, major = fr_str_cut(&rest, '.');
	struct fr_str minor = rest.p == NULL ? rest : fr_str_cut(&rest, '.');
	uint64_t a, b;

	if (!fr_str_to_u64(major, &a) || !fr_str_to_u64(minor, &b))
		return fr_redis_fail(why, FR_INVALID, "what answers at %s does not say that it is a Redis: correct redis.url",
				     s->address.shown);
	if (a < 6 || (a == 6 && b < 2))
		return fr_redis_fail(why, FR_INVALID,
				     "Redis at %s is %.*s, older than 6.2: install a newer one, or set redis.url: embedded",
				     s->address.shown, FR_STR_ARG(version));
	return FR_OK;
}

static enum fr_err judge_role(const struct fr_store *s, const redisReply *r, struct fr_errmsg *why)
{
	if (fr_str_is(info_line(r, "role"), "slave") && fr_str_is(info_line(r, "slave_read_only"), "1"))
		return fr_redis_fail(why, FR_INVALID, "Redis at %s is a read-only replica of %.*s:%.*s: give redis.url that one",
				     s->address.shown, FR_STR_ARG(info_line(r, "master_host")),
				     FR_STR_ARG(info_line(r, "master_port")));
	return FR_OK;
}

/* It may be meant so where nothing is budgeted; but nobody finds out before it is too late. */
static enum fr_err judge_memory(const struct fr_store *s, const redisReply *r, struct fr_errmsg *why)
{
	(void)why;
	if (fr_str_is(info_line(r, "aof_enabled"), "0"))
		fr_redis_note(
			&s->notes, FR_LOG_WARNING,
			"Redis at %s has no append-only file: when it is started again it has forgotten what was spent. Set "
			"appendonly yes",
			s->address.shown);
	return FR_OK;
}

static enum fr_err judge_info(const struct fr_store *s, redisContext *c, const char *section,
			      enum fr_err (*judge)(const struct fr_store *, const redisReply *, struct fr_errmsg *),
			      struct fr_errmsg *why)
{
	redisReply *r = redisCommand(c, "INFO %s", section);
	enum fr_err e;

	if (r == NULL)
		return unreachable(s, c, why);
	if (is_error(r, "NOAUTH"))
		e = fr_redis_fail(
			why, FR_INVALID,
			"Redis at %s wants a password: write it into a file of mode 0600 and name that in redis.password_file",
			s->address.shown);
	else if (r->type != REDIS_REPLY_STRING)
		e = fr_redis_fail(why, FR_INVALID, "Redis at %s refuses INFO (%s): allow it for this user", s->address.shown,
				  r->type == REDIS_REPLY_ERROR ? r->str : "no text");
	else
		e = judge(s, r, why);
	freeReplyObject(r);
	return e;
}

/* Writing, scripts and channels, in one go. */
static redisReply *try_script(const struct fr_store *s, redisContext *c)
{
	return redisCommand(c, "EVAL %s 1 %s:{check} %s:done",
			    "redis.call('SET', KEYS[1], 'x', 'PX', 1000) redis.call('DEL', KEYS[1]) "
			    "redis.call('PUBLISH', ARGV[1], '') return 1",
			    s->prefix, s->prefix);
}

static enum fr_err judge_script(const struct fr_store *s, redisContext *c, struct fr_errmsg *why)
{
	redisReply *r = try_script(s, c);

	for (int i = 0; i < PAUSES && is_error(r, "LOADING"); i++) {
		freeReplyObject(r);
		(void)poll(NULL, 0, PAUSE_MS);
		r = try_script(s, c);
	}
	if (is_error(r, "LOADING")) { /* lookups are unknown until it is done */
		freeReplyObject(r);
		return FR_OK;
	}
	if (is_error(r, "MOVED") || is_error(r, "CLUSTERDOWN"))
		return expect(s, c, r, "a script", "it is one of a cluster, which needs a proxy, or a single server in redis.url",
			      why);
	if (is_error(r, "OOM"))
		return expect(s, c, r, "to store", "raise its maxmemory, or set maxmemory-policy volatile-lru", why);
	return expect(s, c, r, "a script", "frugald needs EVAL, EVALSHA, SCRIPT LOAD, PUBLISH and writing under its prefix", why);
}

enum fr_err fr_store_check(const struct fr_store *s, struct fr_errmsg *why)
{
	redisContext *c = s->address.is_unix ? redisConnectUnixWithTimeout(s->address.path, STEP)
					     : redisConnectWithTimeout(s->address.host, s->address.port, STEP);
	enum fr_err e;

	if (c == NULL || c->err != 0 || redisSetTimeout(c, STEP) != REDIS_OK)
		e = unreachable(s, c, why);
	else
		e = let_in(s, c, why);
	if (e == FR_OK)
		e = judge_info(s, c, "server", judge_version, why);
	if (e == FR_OK)
		e = judge_info(s, c, "replication", judge_role, why);
	if (e == FR_OK)
		e = judge_info(s, c, "persistence", judge_memory, why);
	if (e == FR_OK)
		e = judge_script(s, c, why);
	if (c != NULL)
		redisFree(c);
	return e;
}
