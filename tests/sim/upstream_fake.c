#include "tests/sim/upstream_fake.h"

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
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

unsigned fake_owner(const struct fake_moves *moves, unsigned name, int64_t at)
{
	unsigned owner = name;

	for (size_t i = 0; moves != NULL && i < moves->n && moves->at[i].at <= at; i++) {
		if (moves->at[i].name == name)
			owner = moves->at[i].owner;
		else if (owner == moves->at[i].owner)
			owner = FAKE_USERS; /* he has another name now */
	}
	return owner;
}

/* The name of a user; FAKE_USERS: one that nobody asks for. */
static unsigned name_of(const struct fake_moves *moves, unsigned user, int64_t at)
{
	for (unsigned name = 0; name < FAKE_USERS; name++)
		if (fake_owner(moves, name, at) == user)
			return name;
	return FAKE_USERS;
}

uint64_t fake_post_id(unsigned n)
{
	const uint64_t epoch = 1764000000;
	const uint64_t made[] = { UINT64_C(7106594312292453600), ((epoch - 5 * 3600) << 32) / 100 * 100,
				  ((epoch - 600) << 32) / 100 * 100 };

	return made[n / 100 % 3] + n % 100;
}

/* "ann07" is 7; FAKE_USERS for other names. */
static unsigned user_name(const char *name, size_t n)
{
	if (n != 5 || memcmp(name, "ann", 3) != 0 || !isdigit((unsigned char)name[3]) || !isdigit((unsigned char)name[4]))
		return FAKE_USERS;
	return (unsigned)(name[3] - '0') * 10 + (unsigned)(name[4] - '0');
}

uint64_t upstream_thing(const struct fake_moves *moves, const char *target, int64_t at)
{
	static const char *const names[] = { "username=", "userid=", "_id=", "keyword=" };
	const char *value = NULL;
	char name[128];
	size_t n = 0, digits = 0;
	uint64_t number = 0;

	if (strstr(target, "url=") != NULL)
		return last_number(target);
	for (size_t i = 0; i < sizeof names / sizeof names[0] && value == NULL; i++)
		if ((value = strstr(target, names[i])) != NULL)
			value += strlen(names[i]);
	if (value == NULL)
		return 1;
	for (; *value != '\0' && *value != '&' && n + 1 < sizeof name; value++)
		if (*value != '@' && *value != '#') {
			name[n++] = fr_lower(*value);
			digits += isdigit((unsigned char)*value) != 0;
			number = number * 10 + (uint64_t)(unsigned char)(*value - '0');
		}
	if (digits == n)
		return number;
	if (user_name(name, n) < FAKE_USERS) {
		unsigned owner = fake_owner(moves, user_name(name, n), at);

		return owner < FAKE_USERS ? FAKE_USER_ID + owner : 0;
	}
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

/* A body that is being written. */
struct pen {
	const struct fake_call *call;
	char *p;
	size_t n;
};

static void put(struct pen *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void put(struct pen *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	w->n += (size_t)vsnprintf(w->p + w->n, FAKE_BODY_MAX - w->n, fmt, ap);
	va_end(ap);
	FR_ASSERT(w->n < FAKE_BODY_MAX);
}

static void put_link(struct pen *w, const char *field, uint64_t post)
{
	put(w, "\"%s\":\"https:\\/\\/v16\\/0123456789abcdef0123456789abcdef\\/%08" PRIx64 "\\/video\\/%" PRIu64 "\",", field,
	    (uint64_t)(w->call->made_at / 1000 + 6 * 3600), post);
}

/* Whoever has no name of that kind has one that is made of his id. */
static void put_name(struct pen *w, const char *field, uint64_t id)
{
	unsigned name = FAKE_USERS;

	if (id >= FAKE_USER_ID && id < FAKE_USER_ID + FAKE_USERS)
		name = name_of(w->call->moves, (unsigned)(id - FAKE_USER_ID), w->call->made_at);
	if (name < FAKE_USERS)
		put(w, "\"%s\":\"Ann%02u\"", field, name);
	else
		put(w, "\"%s\":\"x%" PRIu64 "\"", field, id);
}

static void put_author(struct pen *w, unsigned user)
{
	put(w, "{\"id\":\"%" PRIu64 "\",", FAKE_USER_ID + user);
	put_name(w, "unique_id", FAKE_USER_ID + user);
	put(w, ",\"nickname\":\"Ann\"}");
}

/* The fields that lists and details share; each says when it was made, and of which post. */
static void put_post(struct pen *w, uint64_t id)
{
	static const char *const counters[] = { "play_count", "digg_count", "comment_count", "share_count", "collect_count" };
	int64_t at = w->call->made_at;

	put(w, "\"title\":\"%" PRIu64 " at %" PRId64 "\",\"create_time\":%" PRIu64 ",", id, at, id >> 32);
	put_link(w, "play", id);
	put(w, "\"size\":1,\"music_info\":{\"id\":\"%u\",\"title\":\"%u at %" PRId64 "\",\"play\":\"\"},",
	    1 + (unsigned)(id % 10), 1 + (unsigned)(id % 10), at);
	for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
		put(w, "\"%s\":%" PRId64 ",", counters[i], at);
	put(w, "\"author\":");
	put_author(w, (unsigned)(id % 20));
}

/* A list as the world has them; or four posts of different ages, of which the older ones lead as if they were pinned, and nothing behind them. */
static void put_feed(struct pen *w, uint64_t thing)
{
	struct fake_list l = { .rows = 0 };
	uint64_t cursor = 0, count = 4, last = 0;
	char text[FAKE_LIST_MAX];
	bool known;

	if (w->call->list != NULL)
		l = *w->call->list;
	known = fake_list_of(w->call->target, &l, &cursor, &count);
	if (known && w->call->list != NULL) {
		fake_list_page(&l, cursor, count, w->call->made_at, text);
		put(w, "%s,", text);
		return;
	}
	put(w, "\"videos\":[");
	for (unsigned i = 0; i < 4 && i < count && cursor == 0; i++) {
		uint64_t id = fake_post_id((unsigned)((thing + i) % 100) + 100 * (i % 3));

		put(w, "%s{\"video_id\":\"%" PRIu64 "\",", i == 0 ? "" : ",", id);
		put_post(w, id);
		put(w, ",\"is_top\":0}");
		last = l.by_time ? (id >> 32) * 1000 : i + 1;
	}
	put(w, "],\"cursor\":\"%" PRIu64 "\",\"hasMore\":%s,", cursor == 0 ? last : cursor,
	    count < 4 && cursor == 0 ? "true" : "false");
}

static void put_comments(struct pen *w, uint64_t thing)
{
	const char *cursor = strstr(w->call->target, "cursor=");
	unsigned long behind = cursor == NULL ? 0 : strtoul(cursor + strlen("cursor="), NULL, 10);

	put(w, "\"comments\":[");
	if (behind == 0) {
		put(w, "{\"id\":\"1\",\"user\":");
		put_author(w, (unsigned)(thing % 30));
		put(w, "}");
	}
	put(w, "],\"cursor\":%lu,\"hasMore\":false,", behind == 0 ? 1 : behind);
}

static void put_profile(struct pen *w, uint64_t id)
{
	static const char *const texts[] = { "nickname", "signature", "secUid", "avatarThumb", "avatarMedium", "avatarLarger" };
	static const char *const flags[] = { "verified", "privateAccount", "secret", "openFavorite", "ftc", "isADVirtual" };
	static const char *const numbers[] = { "relation", "commentSetting", "duetSetting", "stitchSetting" };
	static const char *const stats[] = {
		"followerCount", "followingCount", "heartCount", "heart", "videoCount", "diggCount"
	};

	put(w, "\"user\":{\"id\":\"%" PRIu64 "\",", id);
	put_name(w, "uniqueId", id);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		put(w, ",\"%s\":\"\"", texts[i]);
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		put(w, ",\"%s\":false", flags[i]);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		put(w, ",\"%s\":0", numbers[i]);
	put(w, "},\"stats\":{");
	for (size_t i = 0; i < sizeof stats / sizeof stats[0]; i++)
		put(w, "%s\"%s\":%" PRId64, i == 0 ? "" : ",", stats[i], w->call->made_at);
	put(w, "},");
}

static void put_detail(struct pen *w, uint64_t id)
{
	put(w, "\"id\":\"%" PRIu64 "\",", id);
	put_post(w, id);
	put(w, ",");
	put_link(w, "hdplay", id);
	put(w, "\"hd_size\":2,");
}

static void put_download(struct pen *w, uint64_t id)
{
	put_link(w, "video", id);
	put_link(w, "video_hd", id);
}

static void put_sound(struct pen *w, uint64_t id)
{
	put(w, "\"id\":\"%" PRIu64 "\",\"title\":\"%" PRIu64 " at %" PRId64 "\",\"play\":\"\",\"video_count\":%" PRId64 ",", id,
	    id, w->call->made_at, w->call->made_at);
}

static void put_id(struct pen *w, uint64_t id)
{
	put(w, "\"id\":\"%" PRIu64 "\",", id);
}

static void write_data(const struct fake_call *call, char body[FAKE_BODY_MAX])
{
	static const struct {
		const char *path;
		void (*put)(struct pen *w, uint64_t thing);
	} rows[] = { { "/userid", put_id },
		     { "/userinfo", put_profile },
		     { "-posts", put_feed },
		     { "/user-liked", put_feed },
		     { "/search-video", put_feed },
		     { "/post-detail", put_detail },
		     { "/post-comment", put_comments },
		     { "/download-video", put_download },
		     { "/music-info", put_sound } };
	uint64_t thing = upstream_thing(call->moves, call->target, call->made_at);
	struct pen w = { call, body, 0 };

	put(&w, "{");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strstr(call->target, rows[i].path) != NULL)
			rows[i].put(&w, thing);
	put(&w, "\"thing\":%" PRIu64 ",\"at\":%" PRId64 ",\"serial\":%" PRIu64 "}", thing, call->made_at, call->serial);
}

static void write_not_found(const struct fake_call *call, char body[FAKE_BODY_MAX])
{
	snprintf(body, FAKE_BODY_MAX,
		 "{\"status\":\"error\",\"message\":\"Not found post\",\"thing\":%" PRIu64 ",\"at\":%" PRId64 "}",
		 upstream_thing(call->moves, call->target, call->made_at), call->made_at);
}

static void write_body(const struct fake_call *call, char body[FAKE_BODY_MAX])
{
	switch (call->kind) {
	case WORLD_NOT_FOUND: write_not_found(call, body); break;
	case WORLD_RESOURCE_ERROR:
		snprintf(body, FAKE_BODY_MAX, "{\"status\":\"error\",\"message\":\"Something went wrong\"}");
		break;
	case WORLD_ACCOUNT_ERROR: snprintf(body, FAKE_BODY_MAX, "{\"message\":\"Api-Key is not available\"}"); break;
	case WORLD_HTML: snprintf(body, FAKE_BODY_MAX, "<html>busy</html>"); break;
	case WORLD_NO_KEY: snprintf(body, FAKE_BODY_MAX, "{\"something\":\"else\"}"); break;
	case WORLD_TRUNCATED: snprintf(body, FAKE_BODY_MAX, "{\"id\":\"1"); break;
	case WORLD_TIMEOUT:
	case WORLD_REFUSED: body[0] = '\0'; break;
	default:
		if (upstream_thing(call->moves, call->target, call->made_at) != 0)
			write_data(call, body);
		else
			write_not_found(call, body);
		break;
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
