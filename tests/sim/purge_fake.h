/* purge_fake.h — the purges that Redis keeps and tells, in memory: what src/adapt/store_purge.c is to the engine.
 *
 * As in store_fake.h, what is told is applied at once and handed to each client's `deliver` within the call; the owner of the clock
 * decides when an engine hears of it, or loses it on the way. tests/contract/test_store_purge.c holds both to one body of tests. */
#ifndef TESTS_SIM_PURGE_FAKE_H
#define TESTS_SIM_PURGE_FAKE_H

#include "core/purge.h"

struct fake_purges;
struct fake_purge_client;

enum fake_purge_op {
	FAKE_PURGED,     /* the channel: fr_engine_purged(purge) */
	FAKE_PURGE_KEPT, /* fr_engine_purge_kept(purge, ok) */
	FAKE_PURGES_READ /* fr_engine_purged() for each of `list`, then fr_engine_purges_read(ok) */
};

struct fake_purge_result {
	enum fake_purge_op op;
	struct fr_purge purge;
	bool ok;
	size_t n;
	struct fr_purge *list; /* for the receiver to free */
};

struct fake_purges *fake_purges_new(void);
void fake_purges_free(struct fake_purges *p); /* and its clients */
struct fake_purge_client *fake_purges_client(struct fake_purges *p, void (*deliver)(void *ctx, struct fake_purge_result r),
					     void *ctx);
void fake_purge_client_hang_up(struct fake_purge_client *c); /* nothing is applied and nothing delivered from then on */

/* The ports, see ports.h. */
void fake_purge_tell(struct fake_purge_client *c, const struct fr_purge *purge);
void fake_purge_read(struct fake_purge_client *c);

void fake_purge_client_away(struct fake_purge_client *c, bool away); /* the same for one of them */
void fake_purges_away(struct fake_purges *p, bool away);             /* nothing arrives, and the sender hears so */
void fake_purges_forget(struct fake_purges *p);

#endif
