/* terms.h — the terms on which an endpoint is asked and answered: its price, its times, its links.
 *
 * The rows of a catalogue have them, and the operator's `endpoints:` may lay other values over them; both are read here, so that
 * a key means the same in both. */
#ifndef FRUGAL_CONF_TERMS_H
#define FRUGAL_CONF_TERMS_H

#include "base/buf.h"
#include "conf/tree.h"
#include "core/catalogue.h"

struct fr_terms_key {
	const char *name;
	const char *values; /* what may be written, for people */
	const char *help;
	/* Reads the value into `e`; `name` is its full name. FR_INVALID with a message. */
	enum fr_err (*read)(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_terms_key *key,
			    struct fr_endpoint *e);
	/* Writes the value as YAML; NULL where it would not say anything about `e` (see fr_terms_write). */
	enum fr_err (*write)(struct fr_buf *b, const struct fr_terms_key *key, const struct fr_endpoint *e);
	size_t at; /* of the field in struct fr_endpoint */
};

/* The last key, `max`, is for `endpoints:` only: in a catalogue it stands with its parameter. */
enum { FR_TERMS_KEYS = 11, FR_TERMS_ROW_KEYS = FR_TERMS_KEYS - 1 };
extern const struct fr_terms_key fr_terms_keys[FR_TERMS_KEYS];

/* Reads those keys of `map` that are terms (with_max: `max` too) into `e`, and mends or refuses what contradicts itself:
 * negative_max is raised to negative, steps by age end at fresh. `of` names the row in messages. On failure `e` may be half
 * changed. */
enum fr_err fr_terms_read(const struct fr_source *s, const struct fr_node *map, const char *of, bool with_max,
			  struct fr_endpoint *e);

/* A time as the terms have them: from 0 to a century. */
enum fr_err fr_terms_time(const struct fr_source *s, const struct fr_node *n, const char *name, fr_ms *ret);

/* Whether the row has this term: a largest count only where there is a count, pages that are cut only where there are pages. */
bool fr_terms_has(const struct fr_terms_key *key, const struct fr_endpoint *e);

#endif
