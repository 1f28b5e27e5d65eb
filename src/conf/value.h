/* value.h — one value of a tree read as what it should be, and written back.
 *
 * Every reader takes the value's full name for its message ("upstream.timeout", "endpoints./path/.fresh") and leaves `ret`
 * untouched when it fails, with FR_INVALID and the message in the source. */
#ifndef FRUGAL_CONF_VALUE_H
#define FRUGAL_CONF_VALUE_H

#include "base/buf.h"
#include "conf/tree.h"
#include "core/catalogue.h"

enum { FR_VALUE_NAME_MAX = 192 }; /* a full name in a message, cut at that */

struct fr_value_name {
	char s[FR_VALUE_NAME_MAX];
};

/* "of.key", or "key" where `of` is empty. */
struct fr_value_name fr_value_name(const char *of, struct fr_str key);

/* Text that is there; terminated, lives as long as the tree. */
enum fr_err fr_value_text(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str *ret);
/* Fails unless `n` is a map; "name:" with nothing behind it is an empty one. */
enum fr_err fr_value_map(const struct fr_source *s, const struct fr_node *n, const char *name);
/* on, yes, true; off, no, false. */
enum fr_err fr_value_bool(const struct fr_source *s, const struct fr_node *n, const char *name, bool *ret);
/* Within min and max, both included. */
enum fr_err fr_value_ms(const struct fr_source *s, const struct fr_node *n, const char *name, fr_ms min, fr_ms max, fr_ms *ret);
enum fr_err fr_value_bytes(const struct fr_source *s, const struct fr_node *n, const char *name, int64_t min, int64_t max,
			   int64_t *ret);
enum fr_err fr_value_count(const struct fr_source *s, const struct fr_node *n, const char *name, int64_t min, int64_t max,
			   int64_t *ret);
/* One of `names`; ret is its place among them. */
enum fr_err fr_value_choice(const struct fr_source *s, const struct fr_node *n, const char *name, const char *const *names,
			    size_t n_names, size_t *ret);
/* Fails unless `text`, which stands at `at`, is a plain word: 1 to FR_NAME_MAX - 1 letters, digits and - _ . */
enum fr_err fr_value_word(const struct fr_source *s, struct fr_mark at, const char *name, struct fr_str text);
/* One text or a list of them, each of 1 to `most` bytes and none twice, copied to the arena. */
enum fr_err fr_value_names(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_arena *mem,
			   size_t most, struct fr_names *ret);
/* Complains about the first key of a map that is none of `names`. `of` names the map in the message. */
enum fr_err fr_value_keys(const struct fr_source *s, const struct fr_node *map, const char *of, const char *const *names,
			  size_t n_names);

/* Text as YAML that reads back as the same: plain where that is safe, else in double quotes. FR_TOOBIG past the ceiling. */
enum fr_err fr_value_write(struct fr_buf *b, struct fr_str text);

#endif
