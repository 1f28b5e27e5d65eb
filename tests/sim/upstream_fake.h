/* upstream_fake.h — the API's answers without the API: from a kind of answer to what the upstream port hands the engine.
 *
 * Pure: no world, no clock, nothing random. The body says which thing it is about ("thing"), when it was made ("at") and which call made it
 * ("serial"), so that a reply can be judged by itself. Data has the keys that most rows of the catalogue demand; for a row that demands
 * others it is an answer without its mandatory keys.
 *
 * Bodies speak of one another, as the API's do: a feed has rows of posts with their authors and sounds, which have details, profiles and
 * infos of their own. What a field says holds its moment, so that it can be judged wherever it turns up: a counter is the moment itself in
 * milliseconds, a title names its post and the moment, a link names its post and dies six hours later.
 *
 * tests/contract/test_upstream_contract.c holds the fake to the same table as the real upstream port in front of the twin, so that it cannot lie. */
#ifndef TESTS_SIM_UPSTREAM_FAKE_H
#define TESTS_SIM_UPSTREAM_FAKE_H

#include "tests/sim/list_fake.h"
#include "tests/sim/world.h"

enum { FAKE_BODY_MAX = FAKE_LIST_MAX + 1024, FAKE_USERS = 100, FAKE_MOVES_MAX = 64 };

/* Users are numbers; user n has the id FAKE_USER_ID + n and, as long as nothing moves, the name "ann<n>", of two digits. */
#define FAKE_USER_ID UINT64_C(5000000)

/* A name changes hands: since `at` name n belongs to user `owner`, who gives up the one he had. */
struct fake_move {
	int64_t at;
	unsigned name, owner;
};

struct fake_moves {
	size_t n;
	struct fake_move at[FAKE_MOVES_MAX]; /* in the order of time */
};

/* The user who has a name at a moment; FAKE_USERS: nobody. `moves` may be NULL. */
unsigned fake_owner(const struct fake_moves *moves, unsigned name, int64_t at);

/* Posts are numbers below 300: made years ago, about five hours before the world began, and about ten minutes before. */
enum { FAKE_POSTS = 300 };
uint64_t fake_post_id(unsigned n);

struct fake_call {
	enum world_answer kind;
	const char *target;
	uint64_t serial;                /* the number of the call */
	int64_t made_at;                /* when it arrived: milliseconds of the virtual wall clock */
	const struct fake_moves *moves; /* or NULL */
	const struct fake_list *list;   /* what lists are like; NULL: all of them are short */
};

/* What the API's own books say of such a call. */
enum fake_bill { FAKE_BILL_NEVER, FAKE_BILL_ALWAYS, FAKE_BILL_PERHAPS };

enum fake_bill fake_upstream_bill(enum world_answer kind);

/* What the port would hand to fr_engine_fetched(). `body` holds the text that `ret` borrows. */
void fake_upstream_answer(const struct fake_call *call, char body[FAKE_BODY_MAX], struct fr_fetched *ret);

/* What a target asks about at a moment, however it is spelled: bodies carry it as their "thing". 0: nothing, nobody has that name. */
uint64_t upstream_thing(const struct fake_moves *moves, const char *target, int64_t at);

#endif
