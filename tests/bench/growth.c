/* growth.c — what a hit, a waiter, an answer costs in the engine, by how many there are. One line of name=value pairs comes out.
 *
 *   growth answers N HITS CATALOGUE          N answers of 512 to 2048 bytes in memory: hits on a thousand of them, hits on all in turn, memory
 *   growth waiters N KEYS CATALOGUE          N requests wait for KEYS questions: to come and to be answered, memory
 *   growth clients N TENANTS HITS CATALOGUE  hits of N clients of so many tenants in turn, for a thousand answers
 *
 * Times are of the processor, in nanoseconds, the best of several rounds: what others do meanwhile is not in them. */
#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "bench/quiet.h"

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

static void start(struct quiet *q, const char *yaml)
{
	quiet_start(q, yaml, BODY_MIN, BODY_MAX);
	quiet_pass(q, 60 * 1000);
}

static void start_with(struct quiet *q, const char *catalogue, struct fr_str more)
{
	static char yaml[YAML_MAX];

	if ((size_t)snprintf(yaml, sizeof yaml,
			     "catalogue: %s\nmemory: { size: 64G }\nupstream: { rate: none, connections: 1024 }\n%.*s", catalogue,
			     FR_STR_ARG(more)) >= sizeof yaml)
		fail("too long a configuration");
	start(q, yaml);
}

/* Slowly enough for the journal's records, which stay for ten minutes, to be no part of what is measured. */
static void fill(struct quiet *q, size_t n)
{
	char target[TARGET_MAX];

	for (size_t i = 0; i < n; i++) {
		target_of(target, i);
		quiet_ask(q, target);
		if (i % 100 == 0)
			quiet_pass(q, 1000);
	}
	quiet_pass(q, 3600 * 1000 / 2);
	if (q->hits != n || q->calls != n)
		fail("not all answers came");
}

/* Asks for `of` things of `n`, spread over all, beginning with the one at `from`. Returns the time of one. */
static double hits_ns(struct quiet *q, size_t n, size_t of, size_t from, uint64_t hits)
{
	uint64_t before = q->hits;
	double begun = cpu_ns();
	char target[TARGET_MAX];

	for (uint64_t i = 0; i < hits; i++) {
		q->ms += i % HITS_A_MS == 0;
		target_of(target, (from + i) % of * (n / of));
		quiet_ask(q, target);
	}
	if (q->hits != before + hits)
		fail("not all were hits");
	return (cpu_ns() - begun) / (double)hits;
}

static double best_of(double a, double b)
{
	return a == 0 || b < a ? b : a;
}

static void answers(size_t n, uint64_t hits, const char *catalogue)
{
	static struct quiet q;
	double hot = 0, all = 0, before, bytes;
	struct fr_gauges g;

	start_with(&q, catalogue, FR_STR(""));
	before = resident_bytes();
	fill(&q, n);
	malloc_trim(0);
	bytes = resident_bytes() - before;
	g = fr_engine_gauges(q.engine);
	if (g.memory_entries != (int64_t)n)
		fail("not all answers are in memory");
	for (int r = 0; r < ROUNDS; r++) {
		hot = best_of(hot, hits_ns(&q, n, n < HOT ? n : HOT, 0, hits));
		all = best_of(all, hits_ns(&q, n, n, (size_t)r * hits, hits));
	}
	if (q.calls != n)
		fail("not all were hits");
	printf("hot_ns=%.0f all_ns=%.0f body_bytes=%.0f resident_bytes=%.0f counted_bytes=%.0f\n", hot, all,
	       (double)q.bodies / (double)n, bytes / (double)n, (double)g.memory_bytes / (double)n);
}

static void waiters(size_t n, size_t keys, const char *catalogue)
{
	static struct quiet q;
	double join = 0, wake = 0, bytes = 0;

	start_with(&q, catalogue, FR_STR(""));
	q.holds = true;
	for (int r = 0; r < ROUNDS; r++) {
		double begun = cpu_ns(), memory = (double)mallinfo2().uordblks;
		uint64_t calls = q.calls, before = q.hits;
		char target[TARGET_MAX];

		for (size_t i = 0; i < n; i++) {
			target_of(target, (size_t)r * keys + i % keys);
			quiet_ask(&q, target);
		}
		join = best_of(join, (cpu_ns() - begun) / (double)n);
		quiet_pass(&q, 1);
		bytes = ((double)mallinfo2().uordblks - memory) / (double)n;
		begun = cpu_ns();
		while (q.n_held > 0) { /* at the most as many calls at a time as there are connections */
			quiet_bring_all(&q);
			quiet_pass(&q, 1);
		}
		wake = best_of(wake, (cpu_ns() - begun) / (double)n);
		if (q.hits != before + n || q.calls != calls + keys)
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
	static struct quiet q;
	const struct fr_roster *roster;
	struct fr_buf yaml;
	double best = 0;
	char target[TARGET_MAX];

	fr_buf_init(&yaml, YAML_MAX / 2);
	write_clients(&yaml, n, tenants);
	start_with(&q, catalogue, fr_buf_str(&yaml));
	roster = &q.conf->roster;
	for (size_t i = 0; i < HOT; i++) {
		target_of(target, i);
		quiet_ask_as(&q, target, &roster->clients[i % n]);
		quiet_pass(&q, 10);
	}
	for (int r = 0; r < ROUNDS; r++) {
		double begun = cpu_ns();

		for (uint64_t i = 0; i < hits; i++) {
			q.ms += i % HITS_A_MS == 0;
			target_of(target, i % HOT);
			quiet_ask_as(&q, target, &roster->clients[i % n]);
		}
		best = best_of(best, (cpu_ns() - begun) / (double)hits);
	}
	if (q.calls != HOT || q.hits != HOT + ROUNDS * hits)
		fail("not all were hits");
	printf("hit_ns=%.0f\n", best);
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
