/* catalogue.h — what the program knows of the API: one row per path, nothing of it in code.
 *
 * `conf` fills the rows from the embedded config/catalogue.yaml or the operator's own file, lays the operator's `endpoints:`
 * over them and hands the whole to the engine, which only reads. The last row, `other`, stands for every path that has no row:
 * handed through, counted, never stored. All text belongs to the catalogue's arena and lives as long as it. */
#ifndef FRUGAL_CORE_CATALOGUE_H
#define FRUGAL_CORE_CATALOGUE_H

#include "base/arena.h"
#include "core/bundle.h"
#include "core/lesson.h"
#include "core/shape.h"
#include "frugal/limits.h"
#include "frugal/types.h"

/* How a parameter's spellings are checked and folded in the key. upstream.md, sections 2, 4.3, 4.4 and 7. */
enum fr_fold {
	FR_FOLD_TEXT,     /* as it is, percent-decoded */
	FR_FOLD_ID,       /* decimal digits; leading zeros fold */
	FR_FOLD_COUNT,    /* 1 .. max */
	FR_FOLD_NUMBER,   /* integer; leading zeros fold */
	FR_FOLD_CURSOR,   /* opaque; if decimal, leading zeros fold */
	FR_FOLD_USERNAME, /* leading '@' and case fold */
	FR_FOLD_TAG,      /* leading '#' and case fold */
	FR_FOLD_REGION,   /* case folds */
	FR_FOLD_POST,     /* every offline form of a post's URL folds to its id; short links are learnt */
	FR_FOLD_MEDIA,    /* a post's or a sound's URL, folded to the id where it can be */
	FR_FOLD_AD        /* a Creative Center link, folded to the ad's id */
};

/* Whether dead signed links make a body unfit to serve. design.md, section 7. */
enum fr_links { FR_LINKS_NONE, FR_LINKS_INCIDENTAL, FR_LINKS_REQUIRED };

enum fr_paging { FR_PAGING_NONE, FR_PAGING_OFFSET, FR_PAGING_TIME };

struct fr_param {
	struct fr_str name;
	enum fr_fold fold;
	bool required;
	bool has_default;
	struct fr_str dflt;  /* what an absent parameter means */
	int64_t max;         /* FR_FOLD_COUNT: 0 = unknown */
	bool page;           /* another value than the default asks for a deeper page */
	bool dates;          /* FR_FOLD_ID: the id of what the answer is about, which tells its age */
	struct fr_str names; /* the kind of thing that its value is a name of, names that may change hands; or empty */
};

/* Fresh for `fresh` while the post was younger than `younger` when it was fetched; the last step has younger = INT64_MAX. */
struct fr_age_step {
	fr_ms younger, fresh;
};

struct fr_names {
	size_t n;
	struct fr_str at[FR_FIELDS_MAX];
};

struct fr_endpoint {
	struct fr_str path;  /* "/…/", as the official client sends it */
	struct fr_str group; /* class of mutability, a word for people: eternal, profile, feed, ... */
	int64_t price;       /* credits of a billed call */
	size_t n_params;
	struct fr_param params[FR_PARAMS_MAX];
	fr_ms fresh, stale, rescue; /* design.md, section 5; stale and rescue count from the end of `fresh` and from storing */
	fr_ms fresh_deep;           /* pages behind the first, 0 = as `fresh` */
	size_t n_steps;             /* > 0: the post's age decides, `fresh` is the upper bound */
	struct fr_age_step steps[FR_AGE_STEPS_MAX];
	fr_ms negative, negative_max; /* not-found: first and longest lifetime */
	enum fr_links links;
	struct fr_names mandatory;     /* keys of the root that data must have, neither null nor "" */
	struct fr_names gone_if_empty; /* all of them "" means: not found */
	struct fr_names counters;      /* volatile fields */
	struct fr_names signed_fields; /* fields with signed links */
	enum fr_paging paging;
	struct fr_str rows, cursor, more; /* paging: keys of the rows, of the next cursor, of "there is more" */
	struct fr_str at;                 /* PAGING_TIME: key of a row's own time, in unix seconds; or empty: rows do not tell */
	int64_t at_unit;                  /* ... and what makes it a cursor: 1 (seconds) or 1000 (milliseconds) */
	size_t pinned;                    /* so many rows may lead the first page without being in their place */
	bool blocks;                      /* pages may be cut from the largest one (core/block.h) */
	struct fr_str post_id;            /* key of the post's id in an answer, for learning short links; or empty */
	struct fr_shape shape;            /* what its answer is made of; n == 0: not known */
	struct fr_str thing;              /* the kind of thing that it answers all of; or empty */
	size_t thing_by;                  /* ... and which of its parameters is the thing's id */
	size_t n_lessons;
	const struct fr_lesson *lessons; /* what its answers teach beside */
	bool is_other;                   /* the row for paths without a row */
	size_t index;                    /* its place in the catalogue and in every tally */
};

struct fr_catalogue {
	struct fr_arena mem;
	struct fr_names not_found; /* phrases (lower case) that make a resource error a not-found */
	struct fr_names account;   /* phrases (lower case) that make a 4xx an account error */
	bool bill_not_found;       /* HTTP 200 not-found costs its price (upstream.md, section 5: assume so) */
	struct fr_bundles bundles; /* with the operator's laid over them */
	size_t n;                  /* rows, `other` included as the last */
	struct fr_endpoint rows[FR_ENDPOINTS_MAX];
};

/* The row of a path, with or without its slashes at the end; the row `other` if there is none. */
const struct fr_endpoint *fr_catalogue_find(const struct fr_catalogue *c, struct fr_str path);
const struct fr_param *fr_catalogue_param(const struct fr_endpoint *e, struct fr_str name); /* or NULL */
/* The row that answers all of a kind of thing, or NULL. */
const struct fr_endpoint *fr_catalogue_of_thing(const struct fr_catalogue *c, struct fr_str thing);

#endif
