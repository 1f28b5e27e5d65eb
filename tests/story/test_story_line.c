#include "tests/story/story.h"

#include "base/alloc.h"

#include <math.h>
#include <stdlib.h>

/* Who may call next, and when. */

enum { MINUTES = 10, CROWD_MAX = 4400, TENANTS = 3 };

static const char *const tenants[TENANTS] = { "acme", "globex", "initech" };

/* 400 questions a minute, each another, at random moments: a quarter from people, the rest in batches of three tenants with weights 1, 2, 3. */
struct rush {
	struct world *w;
	size_t requests[CROWD_MAX], n;
	bool urgent[CROWD_MAX];
	int64_t due[1 + TENANTS]; /* the next question; [0]: somebody's in front of a screen */
};

static void introduce(struct world *w)
{
	static const struct world_client clients[] = {
		{ "anna", "default", "default", FR_PRIORITY_INTERACTIVE, false },
		{ "a", "acme", "default", FR_PRIORITY_BATCH, false },
		{ "b", "globex", "default", FR_PRIORITY_BATCH, false },
		{ "c", "initech", "default", FR_PRIORITY_INTERACTIVE, false }, /* but it says that it is a batch */
	};

	world_clients(w, clients, sizeof clients / sizeof clients[0]);
	for (int i = 0; i < TENANTS; i++)
		world_weigh(w, tenants[i], i + 1);
}

static int64_t until_next(struct world *w)
{
	double u = (double)(1 + fr_random_below(world_random(w), 1 << 30)) / (double)(1 << 30);

	return (int64_t)(-log(u) * 600.0 + 0.5);
}

static void ask(struct rush *r, size_t who)
{
	static const char *const keys[1 + TENANTS] = { "anna", "a", "b", "c" };
	char target[64];

	snprintf(target, sizeof target, "/userid/?username=u%zu", r->n);
	r->urgent[r->n] = who == 0;
	r->requests[r->n] = world_ask(r->w, r->n % world_instances(r->w), target, NULL, keys[who],
				      who == 3 ? FR_PRIORITY_BATCH : FR_PRIORITIES);
	r->n++;
}

static struct rush *rush(struct world *w)
{
	struct rush *r = fr_calloc(1, sizeof *r);
	int64_t end = world_now(w).v + MINUTES * 60 * 1000;

	r->w = w;
	introduce(w);
	for (size_t who = 0; who <= TENANTS; who++)
		r->due[who] = world_now(w).v + until_next(w);
	for (;;) {
		size_t next = 0;

		for (size_t who = 1; who <= TENANTS; who++)
			next = r->due[who] < r->due[next] ? who : next;
		if (r->due[next] >= end)
			break;
		world_pass(w, r->due[next] - world_now(w).v);
		ask(r, next);
		r->due[next] += until_next(w);
		assert_true(r->n < CROWD_MAX);
	}
	world_pass(w, end - world_now(w).v);
	return r;
}

static int by_length(const void *a, const void *b)
{
	return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

/* How long 99 of 100 of those waited at the most, from their question to its answer. */
static int64_t wait_of(const struct rush *r, bool urgent)
{
	int64_t *waits = fr_calloc(r->n, sizeof waits[0]), ret;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct world_reply *reply = world_reply(r->w, r->requests[i]);

		if (r->urgent[i] == urgent)
			waits[n++] = (reply->answered ? reply->answered_at.v : world_now(r->w).v) - reply->asked_at.v;
	}
	qsort(waits, n, sizeof waits[0], by_length);
	ret = waits[n * 99 / 100];
	free(waits);
	return ret;
}

static void at_most_in_any_minute(const struct world *w, size_t calls)
{
	for (size_t n = calls; n < world_calls(w); n++)
		assert_true(world_call_at(w, n).v - world_call_at(w, n - calls).v >= 60 * 1000);
}

/* Whoever shares the limit: one instance alone, one that asks Redis, three that do. */
static struct world *world_of(int kind)
{
	static const char yaml[] = "wait: { max: 10m }\nupstream: { connections: 64 }";
	struct world *w = kind == 0 ? world_new_alone(7, yaml) : world_new(7 + (uint64_t)kind, kind == 1 ? 1 : 3, yaml);

	world_store(w, 4);
	world_upstream(w, 200, WORLD_DATA);
	return w;
}

static void saturation_sees_at_most_200_in_every_sliding_minute(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct world *w = world_of(kind);
		struct rush *r = rush(w);

		assert_in_range(world_calls(w), 200 * MINUTES * 90 / 100, 200 * (MINUTES + 1));
		at_most_in_any_minute(w, 200);
		world_free(w);
		free(r);
	}
}

static void interactive_waits_less_than_a_second_while_batch_waits(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct world *w = world_of(kind);
		struct rush *r = rush(w);

		assert_true(wait_of(r, true) < 1000);
		assert_true(wait_of(r, false) > 60 * 1000);
		world_free(w);
		free(r);
	}
}

static void tenants_share_by_weight(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct world *w = world_of(kind);
		struct rush *r = rush(w);
		int64_t spent[TENANTS], all = 0;

		for (int i = 0; i < TENANTS; i++)
			all += spent[i] = world_tenant_spent(w, 0, tenants[i], false);
		for (int i = 0; i < TENANTS; i++)
			assert_in_range(spent[i] * 6 * 100, all * (i + 1) * 95, all * (i + 1) * 105);
		world_free(w);
		free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(saturation_sees_at_most_200_in_every_sliding_minute),
		cmocka_unit_test(interactive_waits_less_than_a_second_while_batch_waits),
		cmocka_unit_test(tenants_share_by_weight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
