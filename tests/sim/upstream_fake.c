#include "tests/sim/upstream_fake.h"

#include "base/hash.h"
#include "base/str.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
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

enum fake_bill fake_upstream_bill(enum world_answer kind)
{
	switch (kind) {
	case WORLD_DATA:
	case WORLD_NOT_FOUND:
	case WORLD_RESOURCE_ERROR:
	case WORLD_HTML:
	case WORLD_NO_KEY:
	case WORLD_TRUNCATED: return FAKE_BILL_ALWAYS;
	case WORLD_TIMEOUT: return FAKE_BILL_PERHAPS;
	default: return FAKE_BILL_NEVER;
	}
}

/* What is asked of a list, or an empty one's only page. */
static void write_list(const struct fake_call *call, char ret[FAKE_LIST_MAX])
{
	struct fake_list l = { .rows = 0, .every_s = 3600 };
	uint64_t cursor = 0, count = 0;
	bool is_list;

	if (call->list != NULL)
		l = *call->list;
	is_list = fake_list_of(call->target, &l, &cursor, &count);
	if (call->list != NULL && is_list)
		fake_list_page(&l, cursor, count, call->made_at, ret);
	else
		snprintf(ret, FAKE_LIST_MAX, "\"videos\":[],\"cursor\":\"%" PRIu64 "\",\"hasMore\":false", cursor);
}

static void write_data(const struct fake_call *call, char body[FAKE_BODY_MAX])
{
	uint64_t thing = upstream_thing(call->target);
	int64_t until = call->made_at / 1000 + 6 * 3600;
	char list[FAKE_LIST_MAX];

	write_list(call, list);
	snprintf(body, FAKE_BODY_MAX,
		 "{\"id\":\"%" PRIu64 "\",\"thing\":%" PRIu64 ",\"at\":%" PRId64 ",\"serial\":%" PRIu64
		 ",\"play_count\":1,\"user\":{},\"stats\":{},%s,\"comments\":[],"
		 "\"play\":\"https:\\/\\/v16\\/0123456789abcdef0123456789abcdef\\/%08" PRIx64 "\\/video\\/x\","
		 "\"video\":\"https:\\/\\/v16\\/0123456789abcdef0123456789abcdef\\/%08" PRIx64 "\\/video\\/y\"}",
		 thing, thing, call->made_at, call->serial, list, (uint64_t)until, (uint64_t)until);
}

static void write_body(const struct fake_call *call, char body[FAKE_BODY_MAX])
{
	switch (call->kind) {
	case WORLD_NOT_FOUND:
		snprintf(body, FAKE_BODY_MAX,
			 "{\"status\":\"error\",\"message\":\"Not found post\",\"thing\":%" PRIu64 ",\"at\":%" PRId64 "}",
			 upstream_thing(call->target), call->made_at);
		break;
	case WORLD_RESOURCE_ERROR:
		snprintf(body, FAKE_BODY_MAX, "{\"status\":\"error\",\"message\":\"Something went wrong\"}");
		break;
	case WORLD_ACCOUNT_ERROR: snprintf(body, FAKE_BODY_MAX, "{\"message\":\"Api-Key is not available\"}"); break;
	case WORLD_HTML: snprintf(body, FAKE_BODY_MAX, "<html>busy</html>"); break;
	case WORLD_NO_KEY: snprintf(body, FAKE_BODY_MAX, "{\"something\":\"else\"}"); break;
	case WORLD_TRUNCATED: snprintf(body, FAKE_BODY_MAX, "{\"id\":\"1"); break;
	case WORLD_TIMEOUT:
	case WORLD_REFUSED: body[0] = '\0'; break;
	default: write_data(call, body); break;
	}
}

static int status_of(enum world_answer kind)
{
	switch (kind) {
	case WORLD_THROTTLE: return 429;
	case WORLD_503: return 503;
	case WORLD_TIMEOUT:
	case WORLD_REFUSED: return 0;
	default: return 200;
	}
}

static enum fr_transfer transfer_of(enum world_answer kind)
{
	switch (kind) {
	case WORLD_TRUNCATED: return FR_TRANSFER_TRUNCATED;
	case WORLD_TIMEOUT: return FR_TRANSFER_TIMEOUT;
	case WORLD_REFUSED: return FR_TRANSFER_NETWORK;
	default: return FR_TRANSFER_DONE;
	}
}

void fake_upstream_answer(const struct fake_call *call, char body[FAKE_BODY_MAX], struct fr_fetched *ret)
{
	write_body(call, body);
	*ret = (struct fr_fetched){
		.answer = { .transfer = transfer_of(call->kind),
			    .sent = call->kind != WORLD_REFUSED,
			    .status = status_of(call->kind),
			    .body = fr_str_of(body) },
		.type = FR_STR("application/json"),
		.retry_after = call->kind == WORLD_THROTTLE ? FR_SECONDS(2) : FR_MS(-1),
	};
}
