/* tree.h — YAML text as a small tree whose every node knows its place.
 *
 * Only what a configuration needs is let in: one document of maps, lists and plain or quoted text. Anchors, aliases, tags,
 * keys that are not words, keys given twice, control characters, and anything deeper or larger than the limits here are
 * refused, so that what the operator reads is what the program reads. Text is never interpreted: `on`, `10` and "10" are
 * text until a reader asks for more. */
#ifndef FRUGAL_CONF_TREE_H
#define FRUGAL_CONF_TREE_H

#include "base/arena.h"
#include "conf/complain.h"

enum {
	FR_TREE_TEXT_MAX = 1024 * 1024, /* bytes of a file */
	FR_TREE_DEPTH_MAX = 16,         /* maps and lists inside one another */
	FR_TREE_NODES_MAX = 65536,
	FR_TREE_KEYS_MAX = 1024 /* of one map */
};

enum fr_node_kind { FR_NODE_TEXT, FR_NODE_LIST, FR_NODE_MAP };

struct fr_node {
	enum fr_node_kind kind;
	struct fr_mark at; /* where the value begins */
	struct fr_str key; /* its name, inside a map */
	struct fr_mark key_at;
	struct fr_str text; /* of FR_NODE_TEXT, terminated */
	bool missing;       /* FR_NODE_TEXT: nothing was written ("key:" or "key: ~"); text is empty */
	size_t n;           /* children */
	struct fr_node *first, *last, *next;
};

struct fr_tree {
	struct fr_arena mem;        /* owns all nodes and text */
	const struct fr_node *root; /* a map; empty for an empty text */
};

/* Reads `text`. FR_INVALID with a message if it is no such YAML; `ret` is untouched then, else to be freed. */
enum fr_err fr_tree_read(const struct fr_source *s, struct fr_str text, struct fr_tree *ret);
void fr_tree_free(struct fr_tree *t);

/* The child with this name, or NULL. `map` may be NULL and of any kind. */
const struct fr_node *fr_tree_get(const struct fr_node *map, const char *key);

#endif
