/* hit_profile.c — what a hit costs in the engine, for valgrind's callgrind: profile.py runs it and counts instructions inside of measured_hits().
 *
 *   hit_profile HITS TARGETS BODY [YAML]
 *
 * stores the answers to so many targets and asks for them in turn, a millisecond for every 64 hits. */
#include "base/alloc.h"
#include "bench/quiet.h"

#include <stdio.h>
#include <stdlib.h>

enum { HITS_A_MS = 64, TARGET_MAX = 128 };

struct bench {
	struct quiet quiet;
	size_t n_targets;
	char (*targets)[TARGET_MAX];
};

void measured_hits(struct bench *b, uint64_t hits);

__attribute__((noinline)) void measured_hits(struct bench *b, uint64_t hits)
{
	for (uint64_t i = 0; i < hits; i++) {
		b->quiet.ms += i % HITS_A_MS == 0;
		quiet_ask(&b->quiet, b->targets[i % b->n_targets]);
	}
}

/* Every target once; the answers are there when it returns, or the program fails. */
static void fill(struct bench *b)
{
	struct quiet *q = &b->quiet;

	for (size_t i = 0; i < b->n_targets; i++) {
		(void)snprintf(b->targets[i], TARGET_MAX, "/b%zu/?id=%zu&count=20", q->body_max, i + 1);
		quiet_ask(q, b->targets[i]);
		if (q->answers <= i) /* it waits for a credit, or for its turn */
			quiet_pass(q, 1000);
	}
	if (q->hits != b->n_targets || q->calls != b->n_targets) {
		fprintf(stderr, "hit_profile: %zu targets, %llu calls, %llu answers\n", b->n_targets,
			(unsigned long long)q->calls, (unsigned long long)q->hits);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct bench b;
	uint64_t hits;
	size_t body;

	if (argc < 4 || argc > 5) {
		fputs("usage: hit_profile HITS TARGETS BODY [YAML]\n", stderr);
		return 2;
	}
	hits = strtoull(argv[1], NULL, 10);
	b.n_targets = strtoul(argv[2], NULL, 10);
	body = strtoul(argv[3], NULL, 10);
	b.targets = fr_calloc(b.n_targets, sizeof *b.targets);
	quiet_start(&b.quiet, argc == 5 ? argv[4] : "", body, body);
	fill(&b);
	measured_hits(&b, hits);
	if (b.quiet.calls != b.n_targets || b.quiet.hits != b.n_targets + hits) {
		fputs("hit_profile: not all were hits\n", stderr);
		return 1;
	}
	return 0;
}
