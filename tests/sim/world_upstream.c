#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "tests/sim/world_state.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t last_number(const char *s)
{
	uint64_t n = 0, found = 0;
	size_t digits = 0;

	for (; *s != '\0'; s++) {
		if (!isdigit((unsigned char)*s)) {
			digits = 0;
			n = 0;
			continue;
		}
		n = n * 10 + (uint64_t)(*s - '0');
		if (++digits >= 5)
			found = n;
	}
	return found;
}

uint64_t upstream_thing(const char *target)
{
	static const char *const names[] = { "username=", "userid=", "_id=" };
	const char *value = NULL;
	char name[128];
	size_t n = 0;

	if (strstr(target, "url=") != NULL)
		return last_number(target);
	for (size_t i = 0; i < sizeof names / sizeof names[0] && value == NULL; i++)
		if ((value = strstr(target, names[i])) != NULL)
			value += strlen(names[i]);
	if (value == NULL)
		return 1;
	for (value += strspn(value, "0"); *value != '\0' && *value != '&' && n + 1 < sizeof name; value++)
		if (*value != '@' && *value != '#')
			name[n++] = fr_lower(*value);
	return (fr_hash64(7, name, n) >> 20) | 1;
}

static enum world_answer kind_for(struct world *w, const char *target)
{
	for (size_t i = 0; i < w->n_rules; i++)
		if (strstr(target, w->rules[i].path) != NULL)
			return w->rules[i].kind;
	if (fr_random_chance(&w->random, w->upstream_chaos))
		return (enum world_answer)fr_random_below(&w->random, WORLD_ANSWERS);
	return w->kind;
}

static bool bills(struct world *w, enum world_answer kind)
{
	switch (kind) {
	case WORLD_DATA:
	case WORLD_NOT_FOUND:
	case WORLD_RESOURCE_ERROR:
	case WORLD_HTML:
	case WORLD_NO_KEY:
	case WORLD_TRUNCATED:
		return true;
	case WORLD_TIMEOUT:
		return fr_random_chance(&w->random, 500);
	default:
		return false;
	}
}

void upstream_fetch(void *ctx, uint64_t token, const struct fr_call *call)
{
	struct instance *i = ctx;
	struct world *w = i->world;
	enum world_answer kind;
	struct event *ev;
	int64_t delay;

	FR_ASSERT(call->target.n < sizeof ev->target);
	FR_ASSERT(call->target.p[call->target.n] == '\0');
	kind = kind_for(w, call->target.p);
	delay = w->latency_max_ms > 0 ? (int64_t)fr_random_below(&w->random, (uint64_t)w->latency_max_ms) : w->latency_ms;
	if (kind == WORLD_TIMEOUT)
		delay = w->conf->settings.upstream_timeout.v;
	check_call(i, call->target.p);
	ev = world_event(i, EVENT_FETCHED, delay);
	ev->token = token;
	ev->answer = kind;
	memcpy(ev->target, call->target.p, call->target.n + 1);
	ev->made_at = world_wall(w);
	ev->serial = ++w->calls;
	ev->billed = bills(w, kind);
	w->billed += ev->billed;
	w->on_the_way++;
	i->on_the_way++;
}

static void body_of(const struct event *ev, char *body, size_t size)
{
	int64_t until = ev->made_at / 1000 + 6 * 3600;

	switch (ev->answer) {
	case WORLD_NOT_FOUND:
		snprintf(body, size, "{\"status\":\"error\",\"message\":\"Not found post\",\"thing\":%" PRIu64 ",\"at\":%" PRId64 "}", upstream_thing(ev->target),
			 ev->made_at);
		break;
	case WORLD_RESOURCE_ERROR:
		snprintf(body, size, "{\"status\":\"error\",\"message\":\"Something went wrong\"}");
		break;
	case WORLD_ACCOUNT_ERROR:
		snprintf(body, size, "{\"message\":\"Api-Key is not available\"}");
		break;
	case WORLD_HTML:
		snprintf(body, size, "<html>busy</html>");
		break;
	case WORLD_NO_KEY:
		snprintf(body, size, "{\"something\":\"else\"}");
		break;
	case WORLD_TRUNCATED:
		snprintf(body, size, "{\"id\":\"1");
		break;
	default:
		snprintf(body, size,
			 "{\"id\":\"%" PRIu64 "\",\"thing\":%" PRIu64 ",\"at\":%" PRId64 ",\"serial\":%" PRIu64 ",\"play_count\":1,\"user\":{},\"stats\":{},\"videos\":[],"
			 "\"comments\":[],\"play\":\"https:\\/\\/v16\\/0123456789abcdef0123456789abcdef\\/%08" PRIx64 "\\/video\\/x\"}",
			 upstream_thing(ev->target), upstream_thing(ev->target), ev->made_at, ev->serial, (uint64_t)until);
		break;
	}
}

static int status_of(enum world_answer kind)
{
	switch (kind) {
	case WORLD_THROTTLE:
		return 429;
	case WORLD_503:
		return 503;
	case WORLD_TIMEOUT:
	case WORLD_REFUSED:
		return 0;
	default:
		return 200;
	}
}

static enum fr_transfer transfer_of(enum world_answer kind)
{
	switch (kind) {
	case WORLD_TRUNCATED:
		return FR_TRANSFER_TRUNCATED;
	case WORLD_TIMEOUT:
		return FR_TRANSFER_TIMEOUT;
	case WORLD_REFUSED:
		return FR_TRANSFER_NETWORK;
	default:
		return FR_TRANSFER_DONE;
	}
}

void upstream_deliver(struct event *ev)
{
	struct instance *i = ev->instance;
	struct world *w = i->world;
	char body[1024];
	struct fr_fetched got = {
		.answer = { .transfer = transfer_of(ev->answer), .sent = ev->answer != WORLD_REFUSED, .status = status_of(ev->answer) },
		.type = FR_STR("application/json"),
		.retry_after = ev->answer == WORLD_THROTTLE ? FR_SECONDS(2) : FR_MS(-1),
	};

	body_of(ev, body, sizeof body);
	got.answer.body = fr_str_of(body);
	w->on_the_way--;
	i->on_the_way--;
	if (i->dead)
		w->unheard += ev->billed;
	else if (ev->answer != WORLD_TIMEOUT)
		w->heard += ev->billed;
	fr_engine_fetched(i->engine, ev->token, &got);
}
