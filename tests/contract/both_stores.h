/* both_stores.h — one world for two stores: the real one over a real redis-server, and the fake that the simulator believes in.
 *
 * Some instances ("sides") share one store. A test does to it what the engine would, and asks what each side has heard; which of the
 * two it is only shows in how time passes: the fake's is virtual. This file stands in for the engine. */
#ifndef FRUGAL_TESTS_BOTH_STORES_H
#define FRUGAL_TESTS_BOTH_STORES_H

#include <uv.h>

#include "adapt/store.h"
#include "base/list.h"
#include "tests/contract/redis_here.h"
#include "tests/sim/store_fake.h"

enum { SIDES = 3, PATIENCE_MS = 10000 };

/* What one instance has heard from its store. */
struct fr_engine {
	int n_found, n_claimed, n_added, n_hints, n_applied, n_leased, n_lined;
	uint64_t token;
	enum fr_store_result found;
	enum fr_claim_result claimed;
	bool added;
	struct fr_key hint;
	char record[1024];
	size_t record_n;
	uint64_t record_hash;
	struct fr_lease_told lease;
	struct fr_line_told line;
	int n_raised, n_taken, n_ended;
	enum fr_outbox_state state;
	struct fr_outbox_taken taken; /* its body is in `record` */
};

struct side {
	struct world *world;
	struct fr_engine heard;
	struct fr_store *store;     /* real */
	struct fake_client *client; /* fake */
};

struct world {
	bool real;
	struct side side[SIDES];
	struct fr_catalogue catalogue; /* "/one/", "/two/" and the others */
	struct fr_roster roster;       /* "default", "acme", "globex" */
	/* real */
	struct redis_here *redis;
	uv_loop_t loop;
	uv_timer_t heartbeat;
	struct fr_settings settings;
	off_t remembered;
	/* fake */
	struct fr_fake_store *fake;
	int64_t now;
	struct fr_list promises;
};

/* For cmocka: `*state` is the group's struct redis_here, or NULL, and becomes the world. */
int with_redis(void **state);
int with_fake(void **state);
int without(void **state);

#define BOTH(test) \
	{ #test " (redis)", test, with_redis, without, &redis }, \
	{ \
#test " (fake)", test, with_fake, without, NULL \
	}

void turn(struct world *w);
int64_t clock_of(const struct world *w);    /* passes as the test waits */
int64_t store_clock(const struct world *w); /* the store's own, since 1970 */

#define UNTIL(w, condition) \
	do { \
		int64_t deadline_ = clock_of(w) + PATIENCE_MS; \
		while (!(condition)) { \
			if (clock_of(w) >= deadline_) \
				fail_msg("%s:%d: never: %s", __FILE__, __LINE__, #condition); \
			turn(w); \
		} \
	} while (0)

/* Returns the watermark. */
uint64_t apply(struct side *s, uint64_t identity, const struct fr_ledger_batch *batch);
struct fr_totals totals_of(struct world *w, int64_t day);

/* Redis is started again, with what it had; or with what it had at the moment of remember(). Of a real one that was started so. */
#define PERSISTENT "appendonly yes\nappendfsync always"
void restart(struct world *w);
void remember(struct world *w);
void cut_back(struct world *w);

#endif
