/* growth.c — what a hit, a waiter, an answer costs in the engine, by how many there are. One line of name=value pairs comes out.
 *
 *   growth answers N HITS CATALOGUE          N answers of 512 to 2048 bytes in memory: hits on a thousand of them, hits on all in turn, memory
 *   growth waiters N KEYS CATALOGUE          N requests wait for KEYS questions: to come and to be answered, memory
 *   growth clients N TENANTS HITS CATALOGUE  hits of N clients of so many tenants in turn, for a thousand answers
 *
 * Times are of the processor, in nanoseconds, the best of several rounds: what others do meanwhile is not in them. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/str.h"
#include "bench/alone.h"
#include "bench/replies.h"
#include "conf/load.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 7, HOT = 1000, HITS_A_MS = 64, BODY_MIN = 512, BODY_MAX = 2048, YAML_MAX = 1024 * 1024, TARGET_MAX = 64 };

static double cpu_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* What the process has of the machine's memory. */
static double resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long size, resident;

	if (f == NULL || fscanf(f, "%lu %lu", &size, &resident) != 2)
		abort();
	fclose(f);
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static void fail(const char *why)
{
	fprintf(stderr, "growth: %s\n", why);
	exit(1);
}

/* As long as the API's own targets are. */
static void target_of(char ret[TARGET_MAX], size_t i)
{
	(void)snprintf(ret, TARGET_MAX, "/grown/?id=701645176629%07zu", i + 1);
}

/* ---- the engine's upstream: it answers at once, or when it is told to ---- */

struct growth {
	struct alone alone;
	uint64_t asked, bodies; /* bodies: their bytes, as they were sent */
	bool holds;             /* calls wait for bring_all() */
	uint64_t *held;
	size_t n_held, held_max;
	char bytes[BODY_MAX];
};

static void bring(struct growth *g, uint64_t token, size_t body)
{
	reply_body(g->bytes, body);
	g->bodies += body;
	g->alone.token = token;
	alone_fetched(&g->alone, (struct fr_str){ g->bytes, body });
}

static void on_call(struct alone *a, uint64_t token, const struct fr_call *call)
{
	struct growth *g = FR_OF(a, struct growth, alone);

	if (!g->holds) {
		bring(g, token, BODY_MIN + fr_hash64(0, call->target.p, call->target.n) % (BODY_MAX - BODY_MIN + 1));
		return;
	}
	if (g->n_held == g->held_max) {
		g->held_max = g->held_max * 2 + 1024;
		g->held = fr_realloc(g->held, g->held_max * sizeof *g->held);
	}
	g->held[g->n_held++] = token;
}

static void bring_all(struct growth *g)
{
	for (size_t i = 0; i < g->n_held; i++)
		bring(g, g->held[i], BODY_MIN);
	g->n_held = 0;
}

static void ask_as(struct growth *g, const char *target, const struct fr_client *client)
{
	const struct fr_ask ask = {
		.target = fr_str_of(target),
		.key_sha256 = client != NULL ? client->key_sha256 : NULL,
		.priority = FR_PRIORITIES,
		.request_id = FR_STR("0123456789abcdef"),
		.wish = fr_wish_none(),
	};

	fr_engine_ask(g->alone.engine, g->asked++, &ask);
}

static void pass(struct growth *g, uint64_t ms)
{
	g->alone.ms += ms;
	fr_engine_wake(g->alone.engine);
}

/* ---- what is measured ---- */

static void start(struct growth *g, const char *yaml)
{
	g->alone.on_call = on_call;
	alone_start(&g->alone, yaml);
	pass(g, 60 * 1000);
}

static void start_with(struct growth *g, const char *catalogue, struct fr_str more)
{
	static char yaml[YAML_MAX];

	if ((size_t)snprintf(yaml, sizeof yaml,
			     "catalogue: %s\nmemory: { size: 64G }\nupstream: { rate: none, connections: 1024 }\n%.*s", catalogue,
			     FR_STR_ARG(more)) >= sizeof yaml)
		fail("too long a configuration");
	start(g, yaml);
}

/* Slowly enough for the journal's records, which stay for ten minutes, to be no part of what is measured. */
static void fill(struct growth *g, size_t n)
{
	char target[TARGET_MAX];

	for (size_t i = 0; i < n; i++) {
		target_of(target, i);
		ask_as(g, target, NULL);
		if (i % 100 == 0)
			pass(g, 1000);
	}
	pass(g, 3600 * 1000 / 2);
	if (g->alone.hits != n || g->alone.calls != n)
		fail("not all answers came");
}

/* Asks for `of` things of `n`, spread over all, beginning with the one at `from`. Returns the time of one. */
static double hits_ns(struct growth *g, size_t n, size_t of, size_t from, uint64_t hits)
{
	uint64_t before = g->alone.hits;
	double begun = cpu_ns();
	char target[TARGET_MAX];

	for (uint64_t i = 0; i < hits; i++) {
		g->alone.ms += i % HITS_A_MS == 0;
		target_of(target, (from + i) % of * (n / of));
		ask_as(g, target, NULL);
	}
	if (g->alone.hits != before + hits)
		fail("not all were hits");
	return (cpu_ns() - begun) / (double)hits;
}

static double best_of(double a, double b)
{
	return a == 0 || b < a ? b : a;
}

static void answers(size_t n, uint64_t hits, const char *catalogue)
{
	static struct growth g;
	double hot = 0, all = 0, before, bytes;
	struct fr_gauges now;

	start_with(&g, catalogue, FR_STR(""));
	before = resident_bytes();
	fill(&g, n);
	malloc_trim(0);
	bytes = resident_bytes() - before;
	now = fr_engine_gauges(g.alone.engine);
	if (now.memory_entries != (int64_t)n)
		fail("not all answers are in memory");
	for (int r = 0; r < ROUNDS; r++) {
		hot = best_of(hot, hits_ns(&g, n, n < HOT ? n : HOT, 0, hits));
		all = best_of(all, hits_ns(&g, n, n, (size_t)r * hits, hits));
	}
	if (g.alone.calls != n)
		fail("not all were hits");
	printf("hot_ns=%.0f all_ns=%.0f body_bytes=%.0f resident_bytes=%.0f counted_bytes=%.0f\n", hot, all,
	       (double)g.bodies / (double)n, bytes / (double)n, (double)now.memory_bytes / (double)n);
}

static void waiters(size_t n, size_t keys, const char *catalogue)
{
	static struct growth g;
	double join = 0, wake = 0, bytes = 0;

	start_with(&g, catalogue, FR_STR(""));
	g.holds = true;
	for (int r = 0; r < ROUNDS; r++) {
		double begun = cpu_ns(), memory = (double)mallinfo2().uordblks;
		uint64_t calls = g.alone.calls, before = g.alone.hits;
		char target[TARGET_MAX];

		for (size_t i = 0; i < n; i++) {
			target_of(target, (size_t)r * keys + i % keys);
			ask_as(&g, target, NULL);
		}
		join = best_of(join, (cpu_ns() - begun) / (double)n);
		pass(&g, 1);
		bytes = ((double)mallinfo2().uordblks - memory) / (double)n;
		begun = cpu_ns();
		while (g.n_held > 0) { /* at the most as many calls at a time as there are connections */
			bring_all(&g);
			pass(&g, 1);
		}
		wake = best_of(wake, (cpu_ns() - begun) / (double)n);
		if (g.alone.hits != before + n || g.alone.calls != calls + keys)
			fail("not every question was one call, or not everybody was answered");
	}
	printf("join_ns=%.0f wake_ns=%.0f bytes=%.0f\n", join, wake, bytes);
}

static void write_clients(struct fr_buf *b, size_t n, size_t tenants)
{
	bool ok = fr_buf_addf(b, "clients:\n") == FR_OK;

	for (size_t i = 0; ok && i < n; i++)
		ok = fr_buf_addf(b, "  - { name: c%zu, tenant: t%zu, key_sha256: %064zx }\n", i, i % tenants, i * 2654435761u) ==
		     FR_OK;
	if (!ok)
		fail("too many clients");
}

static void clients(size_t n, size_t tenants, uint64_t hits, const char *catalogue)
{
	static struct growth g;
	const struct fr_roster *roster;
	struct fr_buf yaml;
	double best = 0;
	char target[TARGET_MAX];

	fr_buf_init(&yaml, YAML_MAX / 2);
	write_clients(&yaml, n, tenants);
	start_with(&g, catalogue, fr_buf_str(&yaml));
	roster = &g.alone.conf->roster;
	for (size_t i = 0; i < HOT; i++) {
		target_of(target, i);
		ask_as(&g, target, &roster->clients[i % n]);
		pass(&g, 10);
	}
	for (int r = 0; r < ROUNDS; r++) {
		double begun = cpu_ns();

		for (uint64_t i = 0; i < hits; i++) {
			g.alone.ms += i % HITS_A_MS == 0;
			target_of(target, i % HOT);
			ask_as(&g, target, &roster->clients[i % n]);
		}
		best = best_of(best, (cpu_ns() - begun) / (double)hits);
	}
	if (g.alone.calls != HOT || g.alone.hits != HOT + ROUNDS * hits)
		fail("not all were hits");
	printf("hit_ns=%.0f\n", best);
	fr_buf_free(&yaml);
}

int main(int argc, char **argv)
{
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, m = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;

	if (argc == 5 && strcmp(argv[1], "answers") == 0 && n > 0 && m > 0)
		answers(n, m, argv[4]);
	else if (argc == 5 && strcmp(argv[1], "waiters") == 0 && n > 0 && m > 0 && n % m == 0)
		waiters(n, m, argv[4]);
	else if (argc == 6 && strcmp(argv[1], "clients") == 0 && n > 0 && m > 0)
		clients(n, m, strtoull(argv[4], NULL, 10), argv[5]);
	else
		fail("usage: growth answers N HITS CATALOGUE | waiters N KEYS CATALOGUE | clients N TENANTS HITS CATALOGUE");
	return 0;
}
