#include "tests/oracle/truth.h"

#include "tests/twin/ask.h"
#include "tests/twin/mem.h"
#include "tests/twin/mix.h"
#include "tests/twin/post.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)TRUTH_HANDLE_MAX == (int)HANDLE_MAX && (int)TRUTH_USERS == (int)CROWD, "they are the twin's");

enum { TARGET_MAX = 2048 };

/* The world since a moment. */
struct version {
	int64_t at_ms;
	struct world world;
};

struct truth {
	struct version *versions; /* by time; the first is from before all time */
	size_t n;
};

struct truth *truth_new(uint64_t seed)
{
	struct truth *t = mem_new(sizeof *t);

	t->versions = mem_new(sizeof *t->versions);
	t->versions[0] = (struct version){ .at_ms = INT64_MIN, .world = { .seed = seed } };
	t->n = 1;
	return t;
}

void truth_free(struct truth *t)
{
	for (size_t i = 0; i < t->n; i++)
		world_restore(&t->versions[i].world);
	free(t->versions);
	free(t);
}

static void *copy(const void *p, size_t bytes)
{
	return bytes > 0 ? mem_copy(p, bytes) : NULL;
}

/* The world from a moment on, which is like the last one. */
static struct world *change(struct truth *t, int64_t at_ms)
{
	const struct world *last = &t->versions[t->n - 1].world;
	struct version v = { .at_ms = at_ms, .world = *last };

	v.world.gone_posts = copy(last->gone_posts, last->n_gone_posts * sizeof *last->gone_posts);
	v.world.gone_users = copy(last->gone_users, last->n_gone_users * sizeof *last->gone_users);
	v.world.renamed = copy(last->renamed, last->n_renamed * sizeof *last->renamed);
	v.world.unlike = copy(last->unlike, last->n_unlike * sizeof *last->unlike);
	t->versions = mem_resize(t->versions, (t->n + 1) * sizeof *t->versions);
	t->versions[t->n] = v;
	return &t->versions[t->n++].world;
}

void truth_rename(struct truth *t, int64_t at_ms, uint32_t user, const char *handle)
{
	world_rename(change(t, at_ms), user, handle);
}

void truth_hide(struct truth *t, int64_t at_ms, uint32_t user, bool hidden)
{
	world_hide_user(change(t, at_ms), user, hidden);
}

void truth_remove_user(struct truth *t, int64_t at_ms, uint32_t user, bool gone)
{
	world_remove_user(change(t, at_ms), user, gone);
}

void truth_remove_post(struct truth *t, int64_t at_ms, uint64_t post)
{
	world_remove_post(change(t, at_ms), post, true);
}

static const struct world *world_at(const struct truth *t, int64_t at_ms)
{
	size_t low = 0, high = t->n;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		*(t->versions[middle].at_ms <= at_ms ? &low : &high) = middle;
	}
	return &t->versions[low].world;
}

/* ---- answers -------------------------------------------------------------------------------------------------------- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes in place. */
static void decode(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++) {
		if (*text == '%' && hex(text[1]) >= 0 && hex(text[2]) >= 0) {
			*to++ = (char)(hex(text[1]) * 16 + hex(text[2]));
			text += 2;
		} else {
			*to++ = (char)(*text == '+' ? ' ' : *text);
		}
	}
	*to = '\0';
}

/* Takes the target apart, whose parameters end up in `ask`. */
static void read_target(char *target, struct ask *ask)
{
	char *query = strchr(target, '?'), *rest = NULL, path[64];

	if (query != NULL)
		*query++ = '\0';
	snprintf(path, sizeof path, "%.60s%s", target, target[strlen(target) - 1] == '/' ? "" : "/");
	ask->ep = endpoint_find(path);
	for (char *p = query == NULL ? NULL : strtok_r(query, "&", &rest); p != NULL; p = strtok_r(NULL, "&", &rest)) {
		char *value = strchr(p, '=');

		if (value != NULL)
			*value++ = '\0';
		decode(p);
		if (value != NULL)
			decode(value);
		if (ask->n_params < PARAMS_MAX)
			ask->params[ask->n_params++] = (struct param){ p, value != NULL ? value : "" };
	}
}

json_t *truth_said(const struct truth *t, const char *target, int64_t at_ms)
{
	struct world world = *world_at(t, at_ms); /* borrows its changes */
	struct ask ask = { .w = &world, .now_ms = at_ms, .now = at_ms / 1000 };
	char text[TARGET_MAX];

	snprintf(text, sizeof text, "%s", target);
	read_target(text, &ask);
	world.edition = ask.now;
	ask.links = (struct linker){ .nonce = mix_text(mix(world.seed, (uint64_t)at_ms), target), .now = ask.now };
	return ask.ep != NULL ? endpoint_answer(&ask) : endpoint_error("no such path");
}

char *truth_spelled(const char *target, const json_t *said)
{
	static const struct endpoint nobody = { .php = false };
	struct ask ask = { .n_params = 0 };
	char text[TARGET_MAX];

	snprintf(text, sizeof text, "%s", target);
	read_target(text, &ask);
	return endpoint_text(ask.ep != NULL ? ask.ep : &nobody, said);
}

/* ---- who is there --------------------------------------------------------------------------------------------------- */

uint64_t truth_user_id(const struct truth *t, uint32_t user)
{
	return user_id(&t->versions[0].world, user);
}

bool truth_user_of(const struct truth *t, const char *handle, int64_t at_ms, uint32_t *ret)
{
	return user_by_handle(world_at(t, at_ms), handle, ret);
}

bool truth_taken(const struct truth *t, const char *handle, int64_t at_ms)
{
	struct world present = *world_at(t, at_ms);
	uint32_t user;

	present.n_gone_users = 0;
	return user_by_handle(&present, handle, &user);
}

void truth_handle(const struct truth *t, uint32_t user, int64_t at_ms, char ret[TRUTH_HANDLE_MAX])
{
	struct user u;

	user_who(world_at(t, at_ms), user, &u);
	memcpy(ret, u.handle, TRUTH_HANDLE_MAX);
}

bool truth_private(const struct truth *t, uint32_t user, int64_t at_ms)
{
	return user_private(world_at(t, at_ms), user);
}

int64_t truth_gap_s(const struct truth *t, uint32_t user)
{
	return post_schedule(&t->versions[0].world, user, false).gap;
}

uint64_t truth_newest_post(const struct truth *t, uint32_t user, int64_t at_ms)
{
	struct schedule s = post_schedule(&t->versions[0].world, user, false);

	return post_at(&t->versions[0].world, user, false, schedule_before(&s, at_ms / 1000 + 1) - 1).id;
}

uint64_t truth_post_of(const char *url)
{
	uint64_t id;

	return input_post(url, &id) ? id : 0;
}

void truth_short_url(uint64_t post, char ret[64])
{
	input_short_url(post, ret);
}
