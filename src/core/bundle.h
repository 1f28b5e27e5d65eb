/* bundle.h — questions that a client will most likely ask together, as the configuration has them: "/path/?name={place}", and a request that
 * fills in the places.
 *
 * The request says which bundle and with what, as JSON, {"bundle": "name", "params": {"place": "value"}}, or in its query, "bundle=name&place=value". */
#ifndef FRUGAL_CORE_BUNDLE_H
#define FRUGAL_CORE_BUNDLE_H

#include "base/arena.h"
#include "core/problem.h"
#include "core/query.h"
#include "frugal/err.h"
#include "frugal/limits.h"
#include "frugal/types.h"

struct fr_bundle {
	char name[FR_NAME_MAX];
	size_t n;
	struct fr_str questions[FR_BUNDLE_QUESTIONS_MAX];
};

struct fr_bundles {
	size_t n;
	struct fr_bundle at[FR_BUNDLES_MAX];
};

const struct fr_bundle *fr_bundle_find(const struct fr_bundles *all, struct fr_str name); /* or NULL */

/* Cuts the text up to the next place, and the place's name, from `*rest`. { NULL, 0 } as the name: the last piece, *rest is { NULL, 0 } then. False: a
 * brace is open, or the name is none of 1 to FR_NAME_MAX - 1 letters, digits, - and _. */
bool fr_bundle_cut(struct fr_str *rest, struct fr_str *text, struct fr_str *place);

struct fr_bundle_ask {
	struct fr_str bundle;
	struct fr_pairs params;
};

/* Reads a request; texts live in the arena or are borrowed. `query` is what stands behind the '?' of its target, if anything does; what the body
 * says comes first. FR_INVALID or FR_TOOBIG with `why`. */
enum fr_err fr_bundle_read(struct fr_arena *mem, struct fr_str target, struct fr_str body, struct fr_bundle_ask *ret,
			   struct fr_refusal *why);

/* A question with its places filled in, percent-encoded; terminated, in the arena. FR_INVALID or FR_TOOBIG with `why`. */
enum fr_err fr_bundle_fill(struct fr_arena *mem, struct fr_str question, const struct fr_bundle_ask *ask, struct fr_str *ret,
			   struct fr_refusal *why);

/* Fills `why`: there is no such bundle, but those. */
void fr_bundle_unknown(const struct fr_bundles *all, struct fr_str name, struct fr_refusal *why);

#endif
