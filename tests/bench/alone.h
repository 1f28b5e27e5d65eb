/* alone.h — an engine for itself: its ports do nothing, its time goes on when it is told to. */
#ifndef FRUGAL_TESTS_BENCH_ALONE_H
#define FRUGAL_TESTS_BENCH_ALONE_H

#include "base/random.h"
#include "frugal/engine.h"

struct fr_conf;

struct alone {
	struct fr_conf *conf;
	struct fr_engine *engine;
	struct fr_random random;
	struct fr_str body; /* of the upstream's answer to every call; { NULL, 0 }: it is still to come */
	uint64_t token;     /* of the last call */
	/* Told of each call instead, if it is not NULL. */
	void (*on_call)(struct alone *a, uint64_t token, const struct fr_call *call);
	uint64_t watermark; /* of the journal: all that is sent is there */
	uint64_t ms, answers, hits, calls;
};

/* Ends the program if the configuration does not do. */
void alone_start(struct alone *a, const char *yaml);
void alone_ask(struct alone *a, uint64_t number, const char *target);
void alone_fetched(struct alone *a, struct fr_str body); /* the answer to the last call */

#endif
