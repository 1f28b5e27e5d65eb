#include "conf/tree.h"

#include <string.h>
#include <yaml.h>

#include "base/assert.h"
#include "base/str.h"

enum { MEM_MAX = 32 * 1024 * 1024 };

struct builder {
	const struct fr_source *s;
	struct fr_str text;
	struct fr_arena mem;
	struct fr_node *open[FR_TREE_DEPTH_MAX]; /* the maps and lists around the place, outermost first */
	size_t depth;
	struct fr_node *named; /* in the innermost map: the child whose key was read and whose value was not */
	struct fr_node *root;
	size_t n_nodes;
	size_t n_documents;
};

static struct fr_mark mark_of(yaml_mark_t m)
{
	return (struct fr_mark){ m.line + 1, m.column + 1 };
}

static enum fr_err too_large(const struct builder *b, struct fr_mark at)
{
	return fr_complain(b->s, at, "more than a configuration may hold (%d values)", FR_TREE_NODES_MAX);
}

static struct fr_node *node_new(struct builder *b)
{
	struct fr_node *n = b->n_nodes < FR_TREE_NODES_MAX ? fr_arena_take(&b->mem, sizeof(*n)) : NULL;

	if (n == NULL)
		return NULL;
	b->n_nodes++;
	*n = (struct fr_node){ .kind = FR_NODE_TEXT };
	return n;
}

static void append(struct fr_node *parent, struct fr_node *child)
{
	if (parent->last == NULL)
		parent->first = child;
	else
		parent->last->next = child;
	parent->last = child;
	parent->n++;
}

/* Characters that would look like nothing, or end a line, when the value is shown or written back. */
static bool invisible(const char *p, size_t n)
{
	static const char *const marks[] = { "\xE2\x80\xA8", "\xE2\x80\xA9", "\xEF\xBB\xBF", "\xEF\xBF\xBE", "\xEF\xBF\xBF" };
	unsigned char c = (unsigned char)p[0];

	if (c < 0x20 || c == 0x7F)
		return true;
	if (c == 0xC2 && n > 1 && (unsigned char)p[1] < 0xA0)
		return true;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (n >= 3 && memcmp(p, marks[i], 3) == 0)
			return true;
	return false;
}

static enum fr_err copy_text(struct builder *b, const yaml_event_t *ev, struct fr_str *ret)
{
	struct fr_str text = { (const char *)ev->data.scalar.value, ev->data.scalar.length };

	for (size_t i = 0; i < text.n; i++)
		if (invisible(text.p + i, text.n - i))
			return fr_complain(b->s, mark_of(ev->start_mark),
					   "line breaks and control characters are not allowed in a value");
	*ret = fr_arena_str(&b->mem, text);
	return ret->p == NULL ? too_large(b, mark_of(ev->start_mark)) : FR_OK;
}

static struct fr_node *innermost(const struct builder *b)
{
	return b->depth == 0 ? NULL : b->open[b->depth - 1];
}

/* The node for a value that begins here, in its place in the tree. */
static enum fr_err place_value(struct builder *b, const yaml_event_t *ev, struct fr_node **ret)
{
	struct fr_node *parent = innermost(b), *n = b->named;

	if (parent != NULL && parent->kind == FR_NODE_MAP && n == NULL)
		return fr_complain(b->s, mark_of(ev->start_mark), "a name must be a word, not a list or a map");
	if (n == NULL) {
		n = node_new(b);
		if (n == NULL)
			return too_large(b, mark_of(ev->start_mark));
		if (parent != NULL)
			append(parent, n);
	}
	if (parent == NULL)
		b->root = n;
	n->at = mark_of(ev->start_mark);
	b->named = NULL;
	*ret = n;
	return FR_OK;
}

static enum fr_err on_key(struct builder *b, struct fr_node *map, const yaml_event_t *ev)
{
	struct fr_mark at = mark_of(ev->start_mark);
	struct fr_node *n = map->n < FR_TREE_KEYS_MAX ? node_new(b) : NULL;
	struct fr_str key = FR_STR("");
	enum fr_err e;

	if (n == NULL)
		return too_large(b, at);
	e = copy_text(b, ev, &key);
	if (e != FR_OK)
		return e;
	for (const struct fr_node *old = map->first; old != NULL; old = old->next)
		if (fr_str_eq(old->key, key))
			return fr_complain(b->s, at, "'%s' is given twice, first in line %zu, column %zu",
					   fr_complain_excerpt(key).s, old->key_at.line, old->key_at.column);
	n->key = key;
	n->key_at = at;
	append(map, n);
	b->named = n;
	return FR_OK;
}

static enum fr_err on_text(struct builder *b, const yaml_event_t *ev)
{
	struct fr_node *parent = innermost(b), *n = NULL;
	bool plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	enum fr_err e;

	if (parent != NULL && parent->kind == FR_NODE_MAP && b->named == NULL)
		return on_key(b, parent, ev);
	e = place_value(b, ev, &n);
	if (e != FR_OK)
		return e;
	FR_ASSERT(n != NULL);
	e = copy_text(b, ev, &n->text);
	if (e != FR_OK)
		return e;
	n->missing = plain && (n->text.n == 0 || fr_str_is(n->text, "~"));
	if (n->missing)
		n->text.n = 0;
	return FR_OK;
}

static enum fr_err on_open(struct builder *b, const yaml_event_t *ev, enum fr_node_kind kind)
{
	struct fr_node *n = NULL;
	enum fr_err e;

	if (b->depth == FR_TREE_DEPTH_MAX)
		return fr_complain(b->s, mark_of(ev->start_mark), "more than %d maps and lists inside one another",
				   FR_TREE_DEPTH_MAX);
	e = place_value(b, ev, &n);
	if (e != FR_OK)
		return e;
	FR_ASSERT(n != NULL);
	n->kind = kind;
	b->open[b->depth++] = n;
	return FR_OK;
}

/* What YAML allows to be hung on a value, and a configuration does not need. */
static enum fr_err plain_only(const struct builder *b, const yaml_event_t *ev, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor != NULL)
		return fr_complain(b->s, mark_of(ev->start_mark), "anchors (&name) are not supported here");
	if (tag != NULL)
		return fr_complain(b->s, mark_of(ev->start_mark), "tags (!name) are not supported here");
	return FR_OK;
}

static enum fr_err on_document(struct builder *b, const yaml_event_t *ev)
{
	if (b->n_documents++ > 0)
		return fr_complain(b->s, mark_of(ev->start_mark), "a second document begins here; one file is one document");
	return FR_OK;
}

static enum fr_err on_event(struct builder *b, const yaml_event_t *ev)
{
	enum fr_err e = FR_OK;

	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT: return on_document(b, ev);
	case YAML_ALIAS_EVENT: return fr_complain(b->s, mark_of(ev->start_mark), "aliases (*name) are not supported here");
	case YAML_SCALAR_EVENT:
		e = plain_only(b, ev, ev->data.scalar.anchor, ev->data.scalar.tag);
		return e != FR_OK ? e : on_text(b, ev);
	case YAML_SEQUENCE_START_EVENT:
		e = plain_only(b, ev, ev->data.sequence_start.anchor, ev->data.sequence_start.tag);
		return e != FR_OK ? e : on_open(b, ev, FR_NODE_LIST);
	case YAML_MAPPING_START_EVENT:
		e = plain_only(b, ev, ev->data.mapping_start.anchor, ev->data.mapping_start.tag);
		return e != FR_OK ? e : on_open(b, ev, FR_NODE_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		FR_ASSERT(b->depth > 0);
		b->depth--;
		return FR_OK;
	default: return FR_OK;
	}
}

/* The place of a byte, for the one kind of error that libyaml gives none for. */
static struct fr_mark mark_at(struct fr_str text, size_t offset)
{
	struct fr_mark m = { 1, 1 };

	for (size_t i = 0; i < text.n && i < offset; i++) {
		bool end = text.p[i] == '\n';

		m.line += end ? 1 : 0;
		m.column = end ? 1 : m.column + (((unsigned char)text.p[i] & 0xC0) != 0x80 ? 1 : 0);
	}
	return m;
}

/* Whether a line is indented with a tab, the slip behind most of libyaml's "cannot start any token". */
static bool tabbed(struct fr_str text, size_t line)
{
	struct fr_str rest = text, at = { NULL, 0 };

	for (size_t i = 0; i < line && rest.p != NULL; i++)
		at = fr_str_cut(&rest, '\n');
	for (size_t i = 0; i < at.n && (at.p[i] == ' ' || at.p[i] == '\t'); i++)
		if (at.p[i] == '\t')
			return true;
	return false;
}

static enum fr_err not_yaml(const struct builder *b, const yaml_parser_t *p)
{
	const char *problem = p->problem == NULL ? "unreadable" : p->problem;
	struct fr_mark at = mark_of(p->problem_mark);

	if (p->error == YAML_READER_ERROR)
		return fr_complain(b->s, mark_at(b->text, p->problem_offset), "not UTF-8 text: %s", problem);
	if (tabbed(b->text, at.line))
		return fr_complain(b->s, at, "not YAML: indent with spaces, not with tabs");
	if (p->context == NULL)
		return fr_complain(b->s, at, "not YAML: %s", problem);
	return fr_complain(b->s, at, "not YAML: %s, %s that begins in line %zu", problem, p->context,
			   mark_of(p->context_mark).line);
}

static enum fr_err build(struct builder *b, yaml_parser_t *p)
{
	for (;;) {
		yaml_event_t ev;
		enum fr_err e;
		bool last;

		if (yaml_parser_parse(p, &ev) == 0)
			return not_yaml(b, p);
		last = ev.type == YAML_STREAM_END_EVENT;
		e = on_event(b, &ev);
		yaml_event_delete(&ev);
		if (e != FR_OK || last)
			return e;
	}
}

/* An empty text, and one that holds only comments, is an empty map. */
static enum fr_err finish(struct builder *b)
{
	if (b->root == NULL)
		b->root = node_new(b);
	if (b->root == NULL)
		return too_large(b, (struct fr_mark){ 1, 1 });
	if (b->root->kind == FR_NODE_TEXT && b->root->text.n == 0)
		b->root->kind = FR_NODE_MAP;
	if (b->root->kind != FR_NODE_MAP)
		return fr_complain(b->s, b->root->at, "settings are written as `name: value`");
	return FR_OK;
}

enum fr_err fr_tree_read(const struct fr_source *s, struct fr_str text, struct fr_tree *ret)
{
	struct builder b = { .s = s, .text = text };
	yaml_parser_t p;
	enum fr_err e;

	if (text.n > FR_TREE_TEXT_MAX)
		return fr_complain(s, (struct fr_mark){ 0, 0 }, "larger than %d bytes", FR_TREE_TEXT_MAX);
	FR_ASSERT(yaml_parser_initialize(&p) == 1); /* fails only without memory */
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const unsigned char *)(text.n == 0 ? "" : text.p), text.n);
	fr_arena_init(&b.mem, MEM_MAX);
	e = build(&b, &p);
	if (e == FR_OK)
		e = finish(&b);
	yaml_parser_delete(&p);
	if (e != FR_OK) {
		fr_arena_free(&b.mem);
		return e;
	}
	*ret = (struct fr_tree){ b.mem, b.root };
	return FR_OK;
}

void fr_tree_free(struct fr_tree *t)
{
	fr_arena_free(&t->mem);
	t->root = NULL;
}

const struct fr_node *fr_tree_get(const struct fr_node *map, const char *key)
{
	if (map == NULL || map->kind != FR_NODE_MAP)
		return NULL;
	for (const struct fr_node *n = map->first; n != NULL; n = n->next)
		if (fr_str_is(n->key, key))
			return n;
	return NULL;
}
