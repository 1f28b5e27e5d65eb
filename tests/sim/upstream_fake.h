/* upstream_fake.h — the API's answers without the API: from a kind of answer to what the upstream port hands the engine.
 *
 * Pure: no world, no clock, nothing random. The body says which thing it is about ("thing"), when it was made ("at") and which call made it
 * ("serial"), so that a reply can be judged by itself. Data has the keys that most rows of the catalogue demand (id, user, stats, videos,
 * comments); for a row that demands others it is an answer without its mandatory keys.
 *
 * tests/contract/test_upstream_contract.c holds the fake to the same table as the real upstream port in front of the twin, so that it cannot lie. */
#ifndef TESTS_SIM_UPSTREAM_FAKE_H
#define TESTS_SIM_UPSTREAM_FAKE_H

#include "tests/sim/list_fake.h"
#include "tests/sim/world.h"

enum { FAKE_BODY_MAX = FAKE_LIST_MAX + 1024 };

struct fake_call {
	enum world_answer kind;
	const char *target;
	uint64_t serial;              /* the number of the call */
	int64_t made_at;              /* when it arrived: milliseconds of the virtual wall clock */
	const struct fake_list *list; /* what lists are like; NULL: they are empty */
};

/* What the API's own books say of such a call. */
enum fake_bill { FAKE_BILL_NEVER, FAKE_BILL_ALWAYS, FAKE_BILL_PERHAPS };

enum fake_bill fake_upstream_bill(enum world_answer kind);

/* What the port would hand to fr_engine_fetched(). `body` holds the text that `ret` borrows. */
void fake_upstream_answer(const struct fake_call *call, char body[FAKE_BODY_MAX], struct fr_fetched *ret);

/* What a target asks about, however it is spelled: bodies carry it as their id. */
uint64_t upstream_thing(const char *target);

#endif
