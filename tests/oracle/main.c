/* main.c — seeds × a crowd of clients and people who change the world: every composed answer against the truth.
 *
 *   oracle [FIRST [COUNT]]     each seed is a world of some weeks; fails if one answer is wrong, older than agreed or holds a dead link */
#include "base/str.h"
#include "conf/load.h"
#include "tests/oracle/crowd.h"
#include "tests/oracle/spoil.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS = 6, REQUESTS = 28000, ENOUGH = 100000, SPOILT = 50 /* of a thousand calls */ };

struct play {
	struct fr_random random; /* for what is spoilt */
	struct judge judge;
	struct crowd *crowd;
};

static char *answer(void *ctx, size_t instance, const char *target, int64_t made_at_ms)
{
	struct play *p = ctx;
	json_t *said = truth_said(p->judge.truth, target, made_at_ms);
	bool cut = false, spoilt;
	char *sent = fr_random_chance(&p->random, SPOILT) ? spoil(&p->random, target, said, &cut) : NULL;

	spoilt = sent != NULL;
	p->judge.counts.spoilt += spoilt;
	if (!spoilt)
		sent = truth_spelled(target, said);
	if (!cut) {
		calls_add(p->judge.calls, instance, target, made_at_ms, sent, said, spoilt);
		crowd_heard(p->crowd, said);
	}
	json_decref(said);
	return sent;
}

static void judge(void *ctx, size_t request, const struct fr_reply *reply)
{
	judge_reply(&((struct play *)ctx)->judge, request, reply);
}

/* Little memory in some worlds, so that what is known comes and goes; in one the configuration says what everybody reads who does not say it himself. */
static void live(uint64_t seed, struct judge_counts *sum)
{
	static const char *const yamls[] = {
		"", "memory: { size: 4M, pieces: 512K }\n", "memory: { size: 1M, pieces: 64K }\n",
		"clients: [ { name: default, fields: { /post-detail/: [ title, cover, play_count, author ] } } ]\n"
	};
	struct play p = { .random = { seed }, .judge = { .seed = seed } };
	const struct world_stage stage = { &p, answer, judge };
	const char *yaml = yamls[seed % 4];
	struct fr_conf *conf;
	struct fr_errmsg why;
	uint64_t lived;

	if (fr_conf_parse(fr_str_of(yaml), "oracle", &conf, &why) != FR_OK)
		abort();
	p.judge.catalogue = &conf->catalogue;
	p.judge.truth = truth_new(seed);
	p.judge.calls = calls_new(p.judge.catalogue);
	p.judge.world = world_new(seed, 1 + seed % 3, yaml);
	p.crowd = crowd_new(&p.judge, seed);
	world_store(p.judge.world, (int64_t)(seed % 20));
	world_stage(p.judge.world, &stage);
	crowd_live(p.crowd, REQUESTS);
	lived = (uint64_t)world_now(p.judge.world).v / (3600 * 1000);
	world_free(p.judge.world);
	p.judge.counts.calls = calls_n(p.judge.calls);
	p.judge.counts.hours = lived;
#define X(name, text) sum->name += p.judge.counts.name;
	JUDGE_COUNTS(X)
#undef X
	crowd_free(p.crowd);
	calls_free(p.judge.calls);
	truth_free(p.judge.truth);
	listing_free(&p.judge.last);
	free(p.judge.last_body);
	fr_conf_free(conf);
}

/* Every n-th seed; the counts go through a pipe. */
static int share(uint64_t first, uint64_t count, uint64_t every, uint64_t offset, int to)
{
	struct judge_counts counts = { .answers = 0 };

	for (uint64_t seed = first + offset; seed < first + count; seed += every)
		live(seed, &counts);
	return write(to, &counts, sizeof counts) == (ssize_t)sizeof counts ? 0 : 1;
}

static bool report(uint64_t first, uint64_t count, const struct judge_counts *c, int broken)
{
	uint64_t composed = judge_composed(c);
	bool enough = count < SEEDS || composed >= ENOUGH;

	printf("oracle: seeds %" PRIu64 " to %" PRIu64 "\n", first, first + count - 1);
#define X(name, text) printf("  %9" PRIu64 " %s\n", c->name, text);
	JUDGE_COUNTS(X)
#undef X
	printf("  %9" PRIu64 " composed answers%s\n", composed, enough ? "" : ", which is not enough");
	return enough && broken == 0 && c->wrong == 0 && c->old == 0 && c->dead == 0;
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 10) : SEEDS;
	struct judge_counts sum = { .answers = 0 }, part;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = processors > 1 && count > 1 ? (uint64_t)processors : 1;
	int ends[2], status, broken = 0;
	bool good;

	if (pipe(ends) != 0)
		return 1;
	fflush(stdout);
	for (uint64_t i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0)
			exit(share(first, count, n, i, ends[1]));
	}
	close(ends[1]);
	while (read(ends[0], &part, sizeof part) == (ssize_t)sizeof part) {
#define X(name, text) sum.name += part.name;
		JUDGE_COUNTS(X)
#undef X
	}
	while (wait(&status) > 0)
		broken += status != 0;
	good = report(first, count, &sum, broken);
	printf("%d passed, %d failed\n", good, !good);
	return good ? 0 : 1;
}
