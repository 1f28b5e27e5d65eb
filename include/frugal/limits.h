/* limits.h — every queue, buffer and loop in the program ends here.
 *
 * Settings may lower some of these; nothing raises them. Their relations are asserted below. */
#ifndef FRUGAL_LIMITS_H
#define FRUGAL_LIMITS_H

enum {
	FR_TARGET_MAX = 8 * 1024,                /* request target; longer is 414 */
	FR_PARAMS_MAX = 32,                      /* parameters of one request */
	FR_PARAM_VALUE_MAX = 4 * 1024,           /* one decoded value */
	FR_CANON_MAX = 8 * 1024,                 /* canonical text of a question */
	FR_ENDPOINTS_MAX = 64,                   /* rows of a catalogue, the row for all other paths included */
	FR_AGE_STEPS_MAX = 8,                    /* steps of a time that depends on a post's age */
	FR_FIELDS_MAX = 16,                      /* names in one list of a catalogue row */
	FR_SHAPE_MAX = 64,                       /* names in what a row's answer is made of: needs are one bit each */
	FR_LESSONS_MAX = 16,                     /* lessons of one row */
	FR_PLACE_STEPS_MAX = 4,                  /* steps from a body's root to what teaches */
	FR_PICKS_MAX = 8,                        /* values that one lesson picks for one purpose */
	FR_PROBES_MAX = 2048,                    /* questions to Redis about who owned a name before */
	FR_HARVEST_MAX = 1024,                   /* things that one answer teaches */
	FR_NAME_MAX = 64,                        /* a parameter's or a field's name */
	FR_ADDRS_MAX = 8,                        /* addresses in `listen:` */
	FR_PATH_TEXT_MAX = 512,                  /* a path or a URL in the settings */
	FR_SECRET_MAX = 256,                     /* an API key or a password */
	FR_BODY_MAX = 16 * 1024 * 1024,          /* what `upstream.body_max` may be set to */
	FR_RECORD_MAX = FR_BODY_MAX + 64 * 1024, /* a stored answer with its facts */
	FR_LINKS_MAX = 16,                       /* signed fields remembered of one body */
	FR_CONNECTIONS_MAX = 131072,             /* what `front.connections` may be set to */
	FR_FLIGHTS_MAX = 65536,                  /* questions being asked, and failures being held */
	FR_WAITERS_MAX = FR_CONNECTIONS_MAX,     /* one request a connection waits */
	FR_CALLS_MAX = 1024,                     /* what `upstream.connections` may be set to */
	FR_RATE_MAX = 100000,                    /* calls a window that the limiter remembers */
	FR_ALIASES_MAX = 65536,                  /* learnt short links in memory */
	FR_BLOCK_ROWS_MAX = 1024,                /* rows, and places for rows, of a page that pages are cut from */
	FR_BLOCKS_MAX = 16384,                   /* of those pages, how many are known by what they hold */
	FR_BLOCKS_OF_LIST_MAX = 256,             /* ... of one list */
	FR_WALKS_MAX = 65536,                    /* cursors whose depth in a client's walk is remembered */
	FR_TOTAL_DAYS_MAX = 64,                  /* days of totals waiting for Redis */
	FR_LEDGER_RECORDS_MAX = 1 << 20,         /* records of the journal in memory; beyond, without Redis, no call is made */
	FR_REPORT_DAYS_MAX = 400,                /* days that one report adds up */
	FR_CLIENTS_MAX = 1024,                   /* in `clients:` */
	FR_TENANTS_MAX = 256,                    /* whose credits are told apart, over reloads too; `default` included */
	FR_NEEDS_MAX = 128,                      /* clients with `fields:` */
	FR_TIERS_MAX = 32,                       /* in `tiers:` */
	FR_BUDGETS_MAX = 64,                     /* in `budgets:` and of clients */
	FR_ZONES_MAX = 16,                       /* time zones in one configuration */
	FR_ZONE_STEPS_MAX = 256,                 /* changes of a zone's offset that are known ahead */
	FR_MEMO_PLACES = 8192,                   /* targets whose question is remembered */
	FR_MEMO_TEXT_MAX = 1024,                 /* the texts of one of them */
	FR_HEADS_MAX = 2048,                     /* prepared heads of replies */
	FR_HEADS_OF_ONE = 4,                     /* of them, for one answer */
	FR_PURGES_MAX = 4096,                    /* questions whose purge is remembered; beyond, the oldest is forgotten */
	FR_SPEND_LINES_MAX = 256,                /* budgets' counters that one batch of records moves */
	FR_BATCH_MAX = 1000,                     /* questions of one batch, every occurrence counted */
	FR_BATCH_BODY_MAX = 1024 * 1024,         /* the body of a batch */
	FR_BATCHES_MAX = 64,                     /* batches at the same time, those whose body is still being read included */
	FR_BATCH_AHEAD = 64,                     /* its questions that wait for an answer, or whose answer waits for the client */
	FR_BATCH_PENDING_MAX = 4 * 1024 * 1024,  /* bytes of such answers, beyond which a batch asks nothing more */
	FR_BUNDLES_MAX = 32,                     /* in `bundles:` */
	FR_BUNDLE_QUESTIONS_MAX = 16,            /* of one bundle */
	FR_PREWARMS_MAX = 16384,                 /* prewarmed answers of which it is not known whether somebody wants them */
	FR_PREWARM_SOURCES_MAX = 64,             /* who prewarms, told apart, over reloads too */
	FR_CHANNELS_MAX = 16,                    /* in `alerts.channels` */
	FR_CHANNEL_NAME_MAX = 32,                /* a channel's name; short, since PagerDuty's keys hold 255 bytes */
	FR_ALERT_RULES_MAX = 32,                 /* in `alerts.at` */
	FR_ALERT_ID_MAX = 256,                   /* an alert's name */
	FR_ALERT_TEXT_MAX = 16 * 1024,           /* what people read of one alert or report */
	FR_ALERT_BODY_MAX = 64 * 1024,           /* the same as a channel gets it */
	FR_OUTBOX_MAX = 512,                     /* alerts waiting for their channel, of all instances */
	FR_DELIVERIES_MAX = 4,                   /* alerts on their way to a channel at the same time */
	FR_HEADERS_MAX = 16,                     /* headers of one reply */
	FR_HEADER_TEXT_MAX = 3072,               /* their bytes */
	FR_DETAIL_MAX = 256,                     /* a problem's detail */
	FR_REQUEST_ID_MAX = 64,
	FR_ERRMSG_MAX = 512,
	FR_JSON_DEPTH_MAX = 64 /* nesting of a body */
};

_Static_assert(FR_TARGET_MAX <= FR_CANON_MAX, "a target's canonical text is no longer than itself plus defaults");
_Static_assert(FR_FLIGHTS_MAX <= FR_WAITERS_MAX, "a flight on demand has a waiter");
_Static_assert(FR_BODY_MAX < FR_RECORD_MAX, "a record holds a body and its facts");
_Static_assert(FR_TARGET_MAX < FR_BODY_MAX, "requests are small");

#endif
