/* store_fake_state.h — what the files store_fake*.c share; nobody else includes it. */
#ifndef TESTS_SIM_STORE_FAKE_STATE_H
#define TESTS_SIM_STORE_FAKE_STATE_H

#include "base/list.h"
#include "base/map.h"
#include "tests/sim/store_fake.h"

struct fr_fake_store {
	fr_ms (*now)(void *ctx);
	void *ctx;
	bool away;
	bool (*lose)(void *ctx);
	void *lose_ctx;
	struct fr_map entries; /* answers and leases */
	struct fr_list clients;
	/* store_fake_books.c */
	int64_t run; /* counts the starts of this Redis */
	struct fr_map cells;
	struct fr_list days, undos;
	/* store_fake_line.c */
	struct fr_list places, askers;
	/* store_fake_outbox.c */
	struct fr_list raised, letters;
};

struct fake_client {
	struct fr_list link;
	struct fr_fake_store *store;
	void (*deliver)(void *ctx, struct fake_result result);
	void *ctx;
	uint64_t instance;
	bool hung_up, away;
};

/* store_fake.c */
int64_t fake_now(const struct fr_fake_store *s);
bool fake_arrives(const struct fake_client *c);
void fake_reply(const struct fake_client *c, struct fake_result r);

/* store_fake_books.c: totals, and what else has no time to live, as cells that hold a number each. A change is remembered for a
 * minute, for fake_store_cut_back(). */
enum cell_kind {
	CELL_MARK_TOTALS = 1, /* of an instance */
	CELL_MARK_LEDGER,
	CELL_RUN, /* under which credits are granted */
	CELL_SINCE,
	CELL_PAUSE,
	CELL_ASKED_LIFE, /* of an instance: its last question */
	CELL_ASKED_NUMBER,
	CELL_ASKED_RUN,
	CELL_ASKED_HEALED,
	CELL_ASKED_S,
	CELL_LIMIT, /* of a budget */
	CELL_HOUR,
	CELL_FIVE,
	CELL_SPENT, /* of a budget's window, which begins `at` */
	CELL_OUTSTANDING,
	CELL_HELD, /* ... by an instance */
	CELL_LOST
};

/* Without holes, so that its bytes are its identity. */
struct cell_name {
	uint64_t kind, instance;
	int64_t at;
	char budget[FR_BUDGET_NAME_MAX];
};

struct cell {
	struct fr_map_link link;
	struct cell_name name;
	bool there;
	int64_t value;
	size_t remembered; /* changes of it that may still be undone */
};

struct cell_name cell_of(enum cell_kind kind, uint64_t instance);
struct cell_name cell_of_budget(enum cell_kind kind, const char *budget, int64_t at, uint64_t instance);
const struct cell *cell_find(const struct fr_fake_store *s, struct cell_name name); /* NULL: not there */
int64_t cell_value(const struct fr_fake_store *s, struct cell_name name);           /* 0 if it is not there */
void cell_set(struct fr_fake_store *s, struct cell_name name, int64_t value);
void cell_remove(struct fr_fake_store *s, struct cell_name name); /* harmless if it is not there */
/* Walks those that are there; no new ones on the way. */
const struct cell *cell_next(const struct fr_fake_store *s, const struct cell *c);

void fake_books_init(struct fr_fake_store *s);
void fake_books_forget(struct fr_fake_store *s);
void fake_books_trim(struct fr_fake_store *s); /* what can no longer be undone; not while a cell is held */
void fake_books_add(struct fr_fake_store *s, const struct fr_totals *delta);

/* store_fake_line.c */
void fake_line_init(struct fr_fake_store *s);
void fake_line_forget(struct fr_fake_store *s);
void fake_line_cut_back(struct fr_fake_store *s, int64_t to);

/* store_fake_outbox.c */
void fake_outbox_init(struct fr_fake_store *s);
void fake_outbox_forget(struct fr_fake_store *s);
void fake_outbox_cut_back(struct fr_fake_store *s, int64_t to);

#endif
