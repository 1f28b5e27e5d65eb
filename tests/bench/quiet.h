/* quiet.h — the engine in a world that costs nothing: its ports do nothing, its store has nothing, its upstream answers at once, or when it is told to.
 *
 * For programs that measure the engine itself. Time stands still unless it is told to go on. */
#ifndef FRUGAL_TESTS_BENCH_QUIET_H
#define FRUGAL_TESTS_BENCH_QUIET_H

#include "base/random.h"
#include "conf/load.h"
#include "frugal/engine.h"

struct quiet {
	struct fr_conf *conf;
	struct fr_engine *engine;
	struct fr_random random;
	size_t body_min, body_max; /* of an answer, by its target */
	uint64_t ms, asked, answers, hits, calls,
		bodies;     /* hits: answers with status 200; bodies: their bytes as the upstream sent them */
	bool holds;         /* calls wait for quiet_bring_all() */
	uint64_t watermark; /* of the journal */
	uint64_t *held;
	size_t n_held, held_max;
	char *bytes;
};

/* Ends the program with a message if the configuration is wrong. The engine lives as long as the program. */
void quiet_start(struct quiet *q, const char *yaml, size_t body_min, size_t body_max);
void quiet_ask(struct quiet *q, const char *target);
void quiet_ask_as(struct quiet *q, const char *target, const struct fr_client *client); /* NULL: without a key */
void quiet_pass(struct quiet *q, uint64_t ms);
void quiet_bring_all(struct quiet *q); /* all calls that wait are answered */

#endif
