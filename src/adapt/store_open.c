#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "adapt/redis_uv.h"
#include "adapt/store_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"

static void on_loaded(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct loaded *script = privdata;
	struct fr_store *s = script->store;
	const redisReply *r = reply;

	if (ac != s->commands.ac)
		return;
	if (r == NULL) {
		fr_link_lost(&s->commands, ac);
	} else if (r->type != REDIS_REPLY_STRING || r->len != sizeof script->sha - 1) {
		fr_link_drop(&s->commands, r->type == REDIS_REPLY_ERROR ? r->str : "no hash for a script");
	} else {
		memcpy(script->sha, r->str, sizeof script->sha);
		if (++s->n_loaded < FR_SCRIPTS)
			return;
		fr_link_ready(&s->commands);
		if (s->away)
			fr_redis_note(&s->notes, FR_LOG_INFO, "Redis at %s is there again", s->address.shown);
		s->away = false;
		fr_store_purge_read(s); /* first: what Redis has stored is judged by it */
	}
}

/* Comes before the scripts' hashes, so it is known when the connection is up. */
static void on_info(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct fr_store *s = privdata;
	const redisReply *r = reply;

	if (ac != s->commands.ac)
		return;
	if (r == NULL)
		fr_link_lost(&s->commands, ac);
	else if (r->type != REDIS_REPLY_STRING || info_line(r, "run_id").n == 0)
		fr_link_drop(&s->commands, r->type == REDIS_REPLY_ERROR ? r->str : "INFO does not say its run_id");
	else
		(void)fr_str_copy(s->run, sizeof s->run, info_line(r, "run_id"));
}

static void greet_commands(struct fr_link *l)
{
	struct fr_store *s = l->ctx;

	s->n_loaded = 0;
	s->unsent = 0;
	if (redisAsyncCommand(l->ac, on_info, s, "INFO server") != REDIS_OK) {
		fr_link_drop(l, "hiredis refuses a command");
		return;
	}
	for (size_t i = 0; i < FR_SCRIPTS; i++) {
		s->scripts[i].store = s;
		if (redisAsyncCommand(l->ac, on_loaded, &s->scripts[i], "SCRIPT LOAD %s", fr_script_text((enum fr_script)i)) !=
		    REDIS_OK) {
			fr_link_drop(l, "hiredis refuses a command");
			return;
		}
	}
}

static void gone(struct fr_link *l, const char *why)
{
	struct fr_store *s = l->ctx;
	bool commands = l == &s->commands;

	if (!fr_redis_note_due(&s->note_limit, commands ? "lost" : "hints", store_now(s)))
		return;
	s->away = s->away || commands;
	fr_redis_note(&s->notes, FR_LOG_WARNING, "Redis at %s (%s): %s; trying again", s->address.shown,
		      commands ? "commands" : "hints", why);
}

enum { CHANNELS = 2 };

/* What was told before it listened is read. */
static void listening(struct fr_store *s)
{
	fr_link_ready(&s->hints);
	if (s->commands.state == FR_LINK_UP)
		fr_store_purge_read(s);
}

static void on_hint(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct fr_store *s = privdata;
	const redisReply *r = reply;
	struct fr_key key;

	if (ac != s->hints.ac)
		return;
	if (r == NULL) {
		fr_link_lost(&s->hints, ac);
	} else if (r->type == REDIS_REPLY_ARRAY && r->elements == 3 && r->element[2]->type == REDIS_REPLY_INTEGER) {
		if (s->hints.state == FR_LINK_CONNECTING && r->element[2]->integer == CHANNELS)
			listening(s);
	} else if (r->type == REDIS_REPLY_ARRAY && r->elements == 3 && r->element[2]->type == REDIS_REPLY_STRING) {
		struct fr_str message = { r->element[2]->str, r->element[2]->len };

		if (fr_key_of_hex(message, &key))
			fr_engine_hint(s->engine, key);
		else
			purge_heard(s, message);
	}
}

static void greet_hints(struct fr_link *l)
{
	struct fr_store *s = l->ctx;

	if (redisAsyncCommand(l->ac, on_hint, s, "SUBSCRIBE %s:done %s:purge", s->prefix, s->prefix) != REDIS_OK)
		fr_link_drop(l, "hiredis refuses a command");
}

static void handle_closed(struct fr_store *s)
{
	FR_ASSERT(s->open_handles > 0);
	if (--s->open_handles > 0)
		return;
	explicit_bzero(&s->password, sizeof s->password);
	explicit_bzero(&s->address, sizeof s->address);
	free(s);
}

static void link_closed(struct fr_link *l)
{
	handle_closed(l->ctx);
}

static void timer_closed(uv_handle_t *h)
{
	handle_closed(h->data);
}

static void make_link(struct fr_store *s, struct fr_link *l, void (*greet)(struct fr_link *))
{
	*l = (struct fr_link){
		.loop = s->loop,
		.address = &s->address,
		.password = &s->password,
		.deadline = FR_MS(s->timeout.v * 2),
		.greet = greet,
		.gone = gone,
		.closed = link_closed,
		.ctx = s,
	};
	fr_link_init(l);
	s->open_handles++;
}

static enum fr_err set_names(struct fr_store *s, const struct fr_settings *settings, struct fr_errmsg *why)
{
	struct fr_str prefix = fr_str_of(settings->redis_prefix.s);
	struct fr_key instance;

	if (prefix.n == 0 || !fr_str_copy(s->prefix, sizeof s->prefix, prefix) || strpbrk(s->prefix, "{}* \r\n") != NULL)
		return fr_redis_fail(why, FR_INVALID, "redis.prefix: is 1 to %zu bytes, without braces, '*' and blanks",
				     sizeof s->prefix - 1);
	if (getrandom(&instance, sizeof instance, 0) != (ssize_t)sizeof instance)
		return fr_redis_fail(why, FR_IO, "the system gives no random numbers");
	fr_key_hex(instance, s->instance);
	return FR_OK;
}

static void ignore_sigpipe(void)
{
	struct sigaction was, ignore = { .sa_handler = SIG_IGN };
	int r = sigaction(SIGPIPE, NULL, &was);

	if (r == 0 && was.sa_handler == SIG_DFL)
		r = sigaction(SIGPIPE, &ignore, NULL);
	FR_ASSERT(r == 0);
}

struct fr_store *fr_store_new(uv_loop_t *loop, const struct fr_settings *settings, const char *unix_path,
			      const struct fr_secret *password, const struct fr_redis_notes *notes, struct fr_errmsg *why)
{
	struct fr_store *s = fr_calloc(1, sizeof *s);
	enum fr_err e;

	e = unix_path != NULL ? fr_store_address_unix(unix_path, &s->address, why)
			      : fr_store_address_read(settings->redis_url.s, &s->address, why);
	if (e == FR_OK)
		e = set_names(s, settings, why);
	if (e != FR_OK) {
		free(s);
		return NULL;
	}
	ignore_sigpipe();
	s->loop = loop;
	s->notes = notes != NULL ? *notes : (struct fr_redis_notes){ NULL, NULL };
	s->password = password != NULL && password->s[0] != '\0' ? *password : s->address.password;
	s->timeout = settings->redis_timeout;
	fr_list_init(&s->waiting);
	fr_list_init(&s->overdue);
	make_link(s, &s->commands, greet_commands);
	make_link(s, &s->hints, greet_hints);
	fr_redis_uv_timer_init(loop, &s->timer, s);
	s->open_handles++;
	return s;
}

void fr_store_attach(struct fr_store *s, struct fr_engine *engine, const struct fr_catalogue *catalogue,
		     const struct fr_roster *roster)
{
	bool first = s->engine == NULL;

	FR_ASSERT(engine != NULL && catalogue != NULL && catalogue->n > 0 && roster != NULL && roster->n_tenants > 0);
	s->engine = engine;
	s->catalogue = catalogue;
	s->roster = roster;
	if (first) {
		fr_link_open(&s->commands);
		fr_link_open(&s->hints);
	}
}

void fr_store_free(struct fr_store **taken)
{
	struct fr_store *s = *taken;

	*taken = NULL;
	fr_link_close(&s->commands);
	fr_link_close(&s->hints);
	FR_ASSERT(s->n_ops == 0 && fr_list_empty(&s->waiting) && fr_list_empty(&s->overdue));
	uv_close((uv_handle_t *)&s->timer, timer_closed);
}

bool fr_store_up(const struct fr_store *s)
{
	return s->commands.state == FR_LINK_UP && s->n_overdue == 0;
}

const char *fr_store_shown(const struct fr_store *s)
{
	return s->address.shown;
}
