/* hit_profile.c — what a hit costs in the engine, for valgrind's callgrind: profile.py runs it and counts instructions inside of measured_hits().
 *
 *   hit_profile HITS TARGETS BODY [YAML]
 *
 * stores the answers to so many targets and asks for them in turn. Time goes on by a millisecond every 64 hits. */
#include "base/alloc.h"
#include "bench/alone.h"
#include "bench/replies.h"

#include <stdio.h>
#include <stdlib.h>

enum { HITS_A_MS = 64, TARGET_MAX = 128 };

struct bench {
	struct alone alone;
	size_t n_targets, body;
	char (*targets)[TARGET_MAX];
};

void measured_hits(struct bench *b, uint64_t hits);

__attribute__((noinline)) void measured_hits(struct bench *b, uint64_t hits)
{
	for (uint64_t i = 0; i < hits; i++) {
		b->alone.ms += i % HITS_A_MS == 0;
		alone_ask(&b->alone, i, b->targets[i % b->n_targets]);
	}
}

/* Every target once; the answers are there when it returns, or the program fails. */
static void fill(struct bench *b)
{
	struct alone *a = &b->alone;

	for (size_t i = 0; i < b->n_targets; i++) {
		(void)snprintf(b->targets[i], TARGET_MAX, "/b%zu/?id=%zu&count=20", b->body, i + 1);
		alone_ask(a, i, b->targets[i]);
		if (a->answers <= i) { /* it waits for a credit, or for its turn */
			a->ms += 1000;
			fr_engine_wake(a->engine);
		}
	}
	if (a->hits != b->n_targets || a->calls != b->n_targets) {
		fprintf(stderr, "hit_profile: %zu targets, %llu calls, %llu answers\n", b->n_targets,
			(unsigned long long)a->calls, (unsigned long long)a->hits);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct bench b = { .n_targets = 0 };
	uint64_t hits;
	char *bytes;

	if (argc < 4 || argc > 5) {
		fputs("usage: hit_profile HITS TARGETS BODY [YAML]\n", stderr);
		return 2;
	}
	hits = strtoull(argv[1], NULL, 10);
	b.n_targets = strtoul(argv[2], NULL, 10);
	b.body = strtoul(argv[3], NULL, 10);
	bytes = fr_alloc(b.body);
	reply_body(bytes, b.body);
	b.targets = fr_calloc(b.n_targets, sizeof *b.targets);
	b.alone.body = (struct fr_str){ bytes, b.body };
	alone_start(&b.alone, argc == 5 ? argv[4] : "");
	fill(&b);
	measured_hits(&b, hits);
	if (b.alone.calls != b.n_targets || b.alone.hits != b.n_targets + hits) {
		fputs("hit_profile: not all were hits\n", stderr);
		return 1;
	}
	return 0;
}
