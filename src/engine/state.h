/* state.h — what the engine is made of; seen only by its own files.
 *
 * Who owns what: the engine owns flights, flights own their waiters, waiters own copies of what their reply needs. Memory, flights and replies
 * share answers by reference. A port may call back from inside a call: after a port call a flight may be gone, so every step makes its port
 * call last. */
#ifndef FRUGAL_ENGINE_STATE_H
#define FRUGAL_ENGINE_STATE_H

#include "base/arena.h"
#include "base/heap.h"
#include "base/list.h"
#include "base/map.h"
#include "core/blocks.h"
#include "core/breakers.h"
#include "core/budget.h"
#include "core/depth.h"
#include "core/flight.h"
#include "core/harvest.h"
#include "core/head.h"
#include "core/ledger.h"
#include "core/limiter.h"
#include "core/line.h"
#include "core/memo.h"
#include "core/memory.h"
#include "core/needs.h"
#include "core/piece.h"
#include "core/plan.h"
#include "core/prewarm.h"
#include "core/purge.h"
#include "core/purse.h"
#include "core/question.h"
#include "core/queue.h"
#include "core/reply.h"
#include "core/roster.h"
#include "core/tally.h"
#include "frugal/engine.h"

#define FR_FLIGHT_MAGIC 0x666c6967u
#define FR_WAITER_MAGIC 0x77616974u

/* How a page is asked for: as a part of what suits best; or, since that did not have it, of a block that begins where it does; or, since
 * it cannot be cut, as the client asked for it. */
enum page_try { PAGE_FIRST, PAGE_FROM_ITS_START, PAGE_AS_ASKED };

/* The page of a list that is wanted of an answer to another question: of a block. */
struct page {
	uint64_t count, cursor, max; /* as in struct fr_portion; count 0: what is wanted is the answer as it is */
	struct fr_key list, key;     /* its list, and the key of the client's question */
	const struct fr_endpoint *row;
	bool deep;              /* the client's question is */
	fr_wall since;          /* what was asked for before does not count: it would go back in time */
	struct fr_answer *head; /* the block with its first rows; then count and cursor are of the rest */
	uint64_t head_count, head_cursor;
	enum page_try again;
	bool doubt;           /* the block was refused: perhaps for its count */
	struct fr_str target; /* of the client's question */
	uint64_t partition;
};

/* Whoever asked, as long as the reply is owed. Texts are borrowed from the front or from a waiter. */
struct asker {
	uint64_t request;
	struct fr_str request_id, if_none_match;
	struct fr_standing standing;
	size_t client;              /* its place in the roster */
	struct fr_str target, name; /* the client's name; { NULL, 0 } unless the log of questions is on */
	struct fr_key key;
	struct fr_wish wish;
	bool wish_ignored; /* a directive would have bought freshness without the permission */
	struct fr_needs needs;
	bool of_batch, gzip;
	fr_ms since, patience;
	struct page page; /* a waiter has a reference of its head */
	struct depth {
		uint64_t who, page; /* page 0: it may read as deep as it likes */
	} depth;
};

struct flight;
struct served;

/* What is due when a heap item fires. */
enum due { DUE_FLIGHT, DUE_WAITER, DUE_LINE, DUE_TOTALS, DUE_LEDGER, DUE_LEASE, DUE_PURGES, DUE_PREWARM, DUE_ALERTS, DUE_STUDY };

struct timer {
	struct fr_heap_item item;
	enum due due;
};

struct waiter {
	uint32_t magic;
	struct fr_list link;
	struct flight *flight;
	struct timer deadline;
	struct asker asker; /* its texts belong to the waiter */
};

struct flight {
	uint32_t magic;
	enum fr_flight_state state;
	struct fr_map_link by_key;   /* in `flights`, unless it is loose */
	struct fr_map_link by_token; /* in `tokens` */
	bool loose;                  /* only-if-cached look-ups and paths without a row share with nobody */
	bool look_only;              /* ends after the look-up */
	bool peek;                   /* never calls: if nobody has it, whoever waits asks for something else */
	struct fr_arena mem;         /* of the question's texts */
	struct fr_question question;
	struct fr_secret *client_key; /* NULL where the operator's is used */
	enum fr_reason reason;
	uint8_t source;              /* PREWARM: whose (core/prewarm.h) */
	struct fr_standing standing; /* of who caused it: a refresh is judged by these terms */
	uint64_t needs;              /* ... and by what they read */
	struct fr_spender spender;   /* who is to pay, as which class of work; fixed once it has called */
	struct fr_key owner;
	bool leased;
	unsigned calls;
	fr_ms called_at;
	uint64_t record;        /* the call's number in the journal */
	uint64_t reserved;      /* ADMIT: budgets of which it has a credit, one bit each */
	struct fr_list in_gate; /* ADMIT: waits for a credit */
	fr_ms gated;            /* since when */
	int64_t price;          /* when it called: a reload may have changed the row's */
	fr_wall opened;         /* when it called, as the journal says it */
	uint64_t purges;        /* purges known when it called */
	struct fr_list waiters;
	size_t n_waiters, n_of_class[FR_PRIORITIES];
	bool piece_asked;           /* whether the store was to be asked for a piece was decided */
	struct fr_key piece;        /* PIECE: of which */
	fr_wall piece_seen;         /* the youngest piece that its waiters were not content with; v == 0: none */
	struct fr_answer *previous; /* the youngest stored answer seen, or NULL */
	struct fr_answer *outcome;  /* HELD: what all who ask get */
	struct timer timer;         /* the state's own deadline */
	struct fr_queue_item turn;  /* ADMIT: in `queue` */
	bool limited;               /* it was the next one when the limit let nobody go */
};

struct alias {
	struct fr_map_link link;
	struct fr_list order;
	uint64_t post_id;
};

struct batch {
	struct fr_list link;
	uint64_t seq; /* 0 until it is sent for the first time */
	struct fr_totals totals;
};

struct fr_engine {
	struct fr_ports ports;
	struct fr_policy policy;
	const struct fr_settings *settings; /* the policy's, as are these */
	const struct fr_catalogue *catalogue;
	bool operator_key, stopping;
	fr_ms now; /* sampled once per entry */
	fr_wall wall;
	fr_ms armed; /* what wake_at() was last told */

	struct fr_memo *memo;
	struct fr_memory *memory;
	struct fr_heads heads;
	struct fr_pieces *pieces;
	struct fr_map probes;   /* by their tokens */
	struct fr_list studies; /* the oldest first */
	struct timer study_timer;
	struct fr_map flights, tokens;
	uint64_t next_token;
	struct fr_key identity; /* owner tokens grow from it */
	uint64_t next_owner;
	size_t n_flights, n_waiters, n_calls;
	struct fr_heap timers;

	struct fr_queue *queue; /* flights that may call as soon as it is their turn */
	struct fr_limiter *limiter;
	struct fr_line line;
	struct timer line_timer;
	struct fr_breakers breakers;
	bool store_up;

	struct fr_walks *walks;
	struct fr_blocks *blocks;
	unsigned block_flaws[FR_ENDPOINTS_MAX]; /* answers in a row that cannot be cut */
	bool block_proved[FR_ENDPOINTS_MAX];    /* rows whose largest page has come and can be cut */
	fr_ms block_distrust[FR_ENDPOINTS_MAX]; /* rows whose pages are asked for as they are, until then */

	struct fr_map aliases;
	struct fr_list alias_order;
	size_t n_aliases;

	struct fr_tally tally;
	struct fr_list batches; /* oldest first; those without a number are being filled */
	size_t n_batches;
	uint64_t next_seq;
	bool batch_sent;
	struct timer totals_timer;

	struct fr_ledger *ledger;
	bool journal_up;
	bool ledger_sent; /* Redis has not answered yet */
	struct timer ledger_timer;

	struct alerts *alerts; /* NULL: there are neither channels nor budgets */
	struct fr_prewarms *prewarms;
	struct timer prewarm_timer;

	struct fr_purges *purges;
	uint64_t n_purges;    /* taken in, ever */
	fr_ms purges_read_at; /* when Redis' are to be read next */
	fr_ms purge_tell_at;  /* what is owed is not told before */
	bool purge_sent;      /* one is being told */
	struct timer purge_timer;

	struct gate {
		struct fr_purse purses[FR_BUDGETS_MAX];
		size_t n;
		struct fr_list waiting[FR_PRIORITIES];
		size_t n_waiting;
		uint64_t life, number; /* of questions to Redis (core/lease.h) */
		bool sent, owed;       /* a question is on its way; Redis has to hear what has changed since */
		fr_wall asked_at;
		fr_ms ticked;         /* purses know what went since then */
		size_t n_instances;   /* as Redis said last */
		uint64_t run, healed; /* of Redis: which start of it was met, and under which the watermark was confirmed */
		bool veteran, away;
		struct timer timer;
	} gate;
};

/* engine.c */
void engine_enter(struct fr_engine *e);
void engine_leave(struct fr_engine *e);
void engine_note(struct fr_engine *e, enum fr_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What divides the cache where the clients' own keys are handed on; 0 where all share it. */
uint64_t engine_partition(const struct fr_engine *e, struct fr_str client_key);

/* route.c: one request, from its question to a reply or a flight */
void route(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_str client_key);
/* What is at hand, or NULL, decides. */
void route_with(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		struct fr_str client_key);
/* Waits for it only if the store has it or somebody is asking for it; else whoever asks goes on with another question. */
void route_peek(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_str client_key);
void route_refresh(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		   struct fr_str client_key);

/* depth.c: how deep clients may read into lists */
/* Finds out which page it is; false: it is too deep, and was refused. */
bool depth_allows(struct fr_engine *e, struct asker *a, const struct fr_question *q);
/* What somebody gets who asked for `canon`. */
void depth_told(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, struct fr_str canon,
		const struct fr_answer *answer);

/* block.c: pages that are cut from larger ones */
struct parted {
	struct fr_list waiters;
	struct fr_question question; /* they waited for */
	struct fr_arena mem;         /* of its texts */
	struct fr_secret client_key;
};
void block_init(struct fr_engine *e);
void block_reloaded(struct fr_engine *e);
bool block_route(struct fr_engine *e, const struct asker *a, const struct fr_question *q,
		 struct fr_str client_key); /* false: it is to be asked as it is */
/* The question for the block from which the answer to `q` would be cut; false: there is none. */
bool block_question(struct fr_engine *e, struct fr_arena *mem, const struct fr_question *q, struct fr_question *ret);
/* Whether whoever wants a page, or nothing of that kind, gets it from this answer, or its beginning; or all of it. */
bool block_fits(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer);
bool block_serves(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer);
/* The page of the answer that is wanted, one reference; NULL: the answer as it is. */
struct fr_answer *block_page(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row,
			     const struct fr_answer *answer);
/* The view of the page of `answer`, given the answer's. */
struct fr_view block_view(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct fr_answer *answer,
			  struct fr_view v);
/* The next block did not come: the page ends with the first one. False: nothing was done. */
bool block_rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct served *how);
/* Takes those waiters off whom an answer does not fit; block_again() asks for them anew. */
void block_part(struct fr_engine *e, struct flight *f, struct fr_answer *a, struct parted *ret);
void block_again(struct fr_engine *e, struct parted *parted);
void block_peeked(struct fr_engine *e, struct flight *f); /* the store does not have it: ends the flight */
void block_answered(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, const struct fr_answer *answer);

/* flight.c: birth, moves and end of a flight; waiters */
struct flight *flight_new(struct fr_engine *e, const struct fr_question *q, enum fr_reason reason, bool loose,
			  const struct fr_standing *who, struct fr_str client_key);
void flight_move(struct flight *f, enum fr_flight_state to);
uint64_t flight_token(struct fr_engine *e, struct flight *f); /* a new one; the last is void */
struct flight *flight_of_token(struct fr_engine *e, uint64_t token, enum fr_flight_state expected); /* or NULL */
void flight_timer(struct fr_engine *e, struct flight *f, fr_ms after);
void flight_end(struct fr_engine *e, struct flight **taken);
void flight_saw(struct flight *f, struct fr_answer *held);           /* keeps the youngest in `previous` */
void flight_charge(struct flight *f, const struct fr_standing *who); /* it is caused, and to be paid, by them */
struct waiter *waiter_new(struct fr_engine *e, struct flight *f, const struct asker *a);
struct waiter *waiter_first(const struct flight *f);      /* who waits longest, or NULL */
void waiter_leave(struct fr_engine *e, struct waiter *w); /* no longer counts, is still there */
void waiter_free(struct fr_engine *e, struct waiter **taken);

/* fly.c: the steps of a flight up to the call */
void fly_start(struct fr_engine *e, struct flight *f);
void fly_hurry(struct fr_engine *e, struct flight *f); /* somebody has begun to wait for it */
void fly_due(struct fr_engine *e, struct flight *f);
void fly_launch(struct fr_engine *e, struct flight *f); /* it is its turn: the call */

/* line.c: who calls next, and when */
void line_join(struct fr_engine *e, struct flight *f);  /* in ADMIT, with its credits; it may be launched, or end, from inside */
void line_leave(struct fr_engine *e, struct flight *f); /* harmless if it does not stand there */
void line_hurry(struct fr_engine *e, struct flight *f); /* its class of work has become a better one; harmless as well */
void line_turn(struct fr_engine *e);                    /* whoever may call now does */
void line_soon(struct fr_engine *e);                    /* something has changed: a turn, but not from inside of this */
void line_took(struct fr_engine *e);                    /* a call leaves */
void line_remember(struct fr_engine *e, fr_wall at);    /* a call of an earlier life */
int64_t line_used(const struct fr_engine *e);

/* settle.c: how flights end */
void settle_answer(struct fr_engine *e, struct flight *f, struct fr_answer *a, bool billed); /* a stored verdict */
void settle_failure(struct fr_engine *e, struct flight *f, struct fr_answer *outcome, bool billed, fr_ms hold);
void settle_refusal(struct fr_engine *e, struct flight *f, enum fr_problem problem, enum fr_outcome outcome, fr_ms retry_after);
/* A budget has no credit for it; `purse` says why. */
void settle_budget(struct fr_engine *e, struct flight *f, const struct fr_refusal *why, fr_ms retry_after);
/* The same of the spender's own budget: it refuses that tenant only, and whoever else waits has the call made on its own account. False: nobody
 * does. */
bool settle_tenant(struct fr_engine *e, struct flight *f, const struct fr_refusal *why, fr_ms retry_after);
void settle_join_held(struct fr_engine *e, struct flight *f, const struct asker *a);
void settle_quietly(struct fr_engine *e, struct flight *f);
/* Answers every waiter for whom `found` is good enough. True if somebody still waits, or a refresh is still wanted. */
bool settle_review(struct fr_engine *e, struct flight *f, struct fr_answer *found);
/* The same with what is known in pieces. */
bool settle_composed(struct fr_engine *e, struct flight *f);

/* Puts an answer into memory and the store, unless it was thrown away meanwhile; `owner`: of the lease that ends with it, or none. */
void settle_store(struct fr_engine *e, const struct fr_question *q, struct fr_answer *a, struct fr_key owner);

/* serve.c: replies and their bookkeeping */
struct served {
	struct fr_answer *answer; /* borrowed; NULL only where an old answer is still to be chosen */
	struct fr_view view;
	enum fr_outcome outcome;
	bool from_flight, collapsed, stored;
	enum fr_reason reason;
	int upstream_status; /* of the call that was waited for, 0 if it had none */
	const char *detail;
	int64_t spent;
	bool partial;       /* the client named what it reads, and gets no more than what is known */
	const char *learnt; /* where the parts of a composed answer come from, or NULL */
	fr_ms call;         /* how long the call took that was waited for; v < 0: it was made elsewhere */
};
void serve(struct fr_engine *e, const struct asker *a, const struct fr_question *q, const struct served *s);
/* What was agreed with somebody of this standing about an answer to `q`. */
struct fr_agreed agreed_with_tier(const struct fr_engine *e, size_t tier, const struct fr_question *q);
struct fr_agreed agreed(const struct fr_engine *e, const struct fr_standing *who, const struct fr_question *q);
unsigned engine_stretch(const struct fr_engine *e, const struct fr_standing *who, const struct fr_question *q);
/* How long Redis keeps an answer: for as long as the most patient tier may want it. */
fr_ms keep_time(const struct fr_engine *e, const struct fr_question *q, const struct fr_answer *a);
void refuse(struct fr_engine *e, const struct asker *a, size_t endpoint, int64_t price, const struct fr_refusal *why,
	    enum fr_outcome outcome, fr_ms retry_after, const struct served *call);
struct fr_plan_facts plan_facts(const struct fr_engine *e, const struct asker *a, const struct fr_question *q,
				const struct fr_answer *have);
/* How a request ends that is served from what is stored. */
enum fr_outcome outcome_of(enum fr_plan plan, const struct fr_answer *served);
/* After a failure: serves the old answer `have` (or NULL) if it may be served; how it is said and booked is in `how`. False: nothing was done. */
bool serve_rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		  const struct served *how);
/* The usual way: nobody called, an old answer avoids the credit. */
struct served rescued(void);

/* compose.c: questions answered from what is known in pieces */
/* Answers the request if what is known is enough for it; `have` is what is stored for the question, or NULL. */
bool compose_serve(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have);
/* The same after a failure, for who says what he reads: from what is no older than a rescue may be. It is said and booked as `how`. */
bool compose_rescue(struct fr_engine *e, const struct asker *a, const struct fr_question *q, struct fr_answer *have,
		    const struct served *how);
/* Whether whoever caused the flight could be answered so. */
bool compose_contents(struct fr_engine *e, const struct flight *f, struct fr_answer *have);
/* Whether a piece is known that the flight's waiters have not been offered. */
bool compose_news(struct fr_engine *e, struct flight *f);
/* Whether the store should be asked for a piece: once, and only if somebody could be content with it. */
bool compose_wanted(struct flight *f);
void compose_ask(struct fr_engine *e, struct flight *f);
void compose_found(struct fr_engine *e, struct flight *f, const struct fr_answer *found); /* a record that stood there */

/* The catalogue's rows have other shapes now: whoever waits gets everything. */
void compose_forget_needs(struct fr_engine *e);

/* study.c: answers that teach something, one lesson at a time */
void study_init(struct fr_engine *e);
/* What the answer to `q` teaches is learnt when there is time, or when study_finish() is called: before whatever depends on it. */
void study(struct fr_engine *e, const struct fr_question *q, struct fr_answer *a);
void study_due(struct fr_engine *e);
bool study_finish(struct fr_engine *e);   /* at once, and all; false: there was nothing */
void study_reloaded(struct fr_engine *e); /* the lessons are others now: they are begun anew */
void study_free_all(struct fr_engine *e);

/* harvest.c: what an answer teaches goes into memory and the store */
/* False: there is nothing to learn from it, or nothing more. */
bool harvest_begins(struct fr_engine *e, const struct fr_question *q, const struct fr_answer *a);
void harvest_learn(struct fr_engine *e, const struct fr_learnt *l, const struct fr_answer *from, uint64_t partition,
		   struct fr_arena *mem);
bool harvest_found(struct fr_engine *e, uint64_t token, enum fr_store_result result,
		   struct fr_str record); /* false: not its token */
void harvest_free_all(struct fr_engine *e);
/* Keeps what was said of a thing, here and in the store. False: what is known is younger. */
bool harvest_keep(struct fr_engine *e, struct fr_str canon, struct fr_str text, fr_wall said, fr_ms keep);

/* alias.c: short links whose post is known */
uint64_t alias_find(const struct fr_engine *e, struct fr_key key); /* 0: not known */
void alias_learn(struct fr_engine *e, struct fr_key key, uint64_t post_id);
void alias_free_all(struct fr_engine *e);

/* prewarm.c: what is asked before anybody wants it */
void prewarm_init(struct fr_engine *e, uint64_t seed);
void prewarm_due(struct fr_engine *e);
void prewarm_start(struct fr_engine *e, const struct fr_standing *who, size_t source, const struct fr_question *q,
		   struct fr_str client_key);
/* A call that was paid for brought an answer, which is in memory now, or nothing. */
void prewarm_brought(struct fr_engine *e, struct flight *f, const struct fr_answer *a);
void prewarm_failed(struct fr_engine *e, const struct flight *f);
void prewarm_served(struct fr_engine *e, const struct fr_answer *a);

/* log.c: the log of questions */
void log_asked(const struct fr_engine *e, struct asker *a, struct fr_str target, const struct fr_client *client);
void log_answered(struct fr_engine *e, const struct asker *a, size_t endpoint, const struct fr_reply_facts *f,
		  const struct fr_reply *r, fr_ms call);

/* totals.c: the daily columns on their way to Redis */
struct fr_totals *totals_today(struct fr_engine *e);
void totals_due(struct fr_engine *e);
void totals_free_all(struct fr_engine *e);

/* ledger.c: calls in the journal, and from there in Redis' counters */
bool ledger_open(struct fr_engine *e, struct flight *f); /* false: not written, the call must not be made */
void ledger_close(struct fr_engine *e, const struct flight *f, enum fr_verdict v, int64_t credits, bool uncertain);
void ledger_due(struct fr_engine *e);
void ledger_soon(struct fr_engine *e); /* sends at once what there is */

/* gate.c: a flight that wants to call needs a credit of each budget that covers it */
void gate_init(struct fr_engine *e);
void gate_begin(struct fr_engine *e); /* the budgets are others than before */
void gate_roll(struct fr_engine *e);  /* windows that are over give way */
void gate_enter(struct fr_engine *e, struct flight *f);
void gate_leave(struct fr_engine *e, struct flight *f);  /* it ends without a call: credits are put back */
bool gate_pass(struct fr_engine *e, struct flight *f);   /* right before it calls; false: its credits are void, it waits again */
void gate_opened(struct fr_engine *e, struct flight *f); /* the call is in the journal */
void gate_closed(struct fr_engine *e, const struct flight *f, int64_t credits);
void gate_applied(struct fr_engine *e, uint64_t from, uint64_t to); /* records that Redis has now */
void gate_recount(struct fr_engine *e, bool wiped);                 /* what is owed is not what it was */
void gate_review(struct fr_engine *e, bool redis_answers);          /* who waits for credits and can go, or has to be refused */
/* The fullest of the budgets that cover a call of theirs, and the fewest credits left in any. */
struct fr_budget_note gate_note(const struct fr_engine *e, const struct fr_spender *who);

/* books.c: budgets and Redis */
void lease_soon(struct fr_engine *e, fr_ms after);
void lease_later(struct fr_engine *e); /* as soon as there is something to do */
void lease_due(struct fr_engine *e);
bool lease_held(const struct fr_engine *e); /* there are credits that nobody needs yet, or went lately, or went back unsaid */
void lease_return(struct fr_engine *e);     /* all of them, at once */
/* The ledger's answer is here; `confirmed`: with the watermark. */
void lease_resume(struct fr_engine *e, bool confirmed);

/* alerts.c */
void alerts_begin(struct fr_engine *e); /* channels and rules are others than before */
void alerts_due(struct fr_engine *e);
void alerts_asked(struct fr_engine *e, size_t client, const struct fr_question *q);
bool alerts_idle(const struct fr_engine *e); /* nothing is on its way to a channel */
size_t alerts_pending(const struct fr_engine *e);
/* How the budget's window will end, where that is known. */
void alerts_forecast(const struct fr_engine *e, size_t budget, struct fr_budget_figures *f);
void alerts_free(struct fr_engine *e);

/* purge.c: what was thrown away is as if it were not there */
void purge_init(struct fr_engine *e);
void purge_due(struct fr_engine *e);
/* What memory holds for a question, unless it was purged. */
struct fr_answer *purge_known(struct fr_engine *e, const struct fr_question *q);
bool purge_ended(const struct fr_engine *e, const struct fr_question *q, const struct fr_answer *a); /* by a hard purge */
bool purge_touched(const struct fr_engine *e, const struct fr_question *q, fr_wall said); /* by any: it is not fresh any more */
void purge_until(struct fr_engine *e, struct fr_key key,
		 fr_wall at); /* what was asked for under it until then is thrown away, everywhere */
/* How an answer looks to whoever asks, a soft purge considered. */
struct fr_view purge_view(const struct fr_engine *e, const struct fr_standing *who, const struct fr_question *q,
			  const struct fr_answer *a);
/* What purges under another key mean for an answer. */
struct fr_purged purge_look(const struct fr_engine *e, size_t row, struct fr_key key, const struct fr_answer *a);
/* When the answer to a flight's call counts as asked for. */
fr_wall purge_asked_for(const struct fr_engine *e, const struct flight *f);

#endif
