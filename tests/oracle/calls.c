#include "tests/oracle/calls.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/map.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All calls about one thing. */
struct about {
	struct fr_map_link link;
	struct call *last;
};

/* A name was seen with an id, or an id with a name; only changes are kept. */
struct sighting {
	int64_t at_ms;
	char says[64];
	struct sighting *before;
};

struct seen {
	struct fr_map_link link;
	struct sighting *last;
};

struct calls {
	const struct fr_catalogue *catalogue;
	struct fr_map things, names;
	size_t n;
};

struct calls *calls_new(const struct fr_catalogue *catalogue)
{
	struct calls *c = fr_calloc(1, sizeof *c);

	c->catalogue = catalogue;
	fr_map_init(&c->things, 1);
	fr_map_init(&c->names, 2);
	return c;
}

static void free_about(struct about *a)
{
	while (a->last != NULL) {
		struct call *call = a->last;

		a->last = call->before;
		listing_free(&call->listing);
		free(call->target);
		json_decref(call->spoilt);
		free(call);
	}
	free(a);
}

static void free_seen(struct seen *s)
{
	while (s->last != NULL) {
		struct sighting *last = s->last;

		s->last = last->before;
		free(last);
	}
	free(s);
}

void calls_free(struct calls *c)
{
	struct fr_map_link *next;

	for (struct fr_map_link *l = fr_map_next(&c->things, NULL); l != NULL; l = next) {
		next = fr_map_next(&c->things, l);
		free_about((struct about *)l);
	}
	for (struct fr_map_link *l = fr_map_next(&c->names, NULL); l != NULL; l = next) {
		next = fr_map_next(&c->names, l);
		free_seen((struct seen *)l);
	}
	fr_map_free(&c->things);
	fr_map_free(&c->names);
	free(c);
}

size_t calls_n(const struct calls *c)
{
	return c->n;
}

const struct call *calls_about(const struct calls *c, uint64_t thing)
{
	struct fr_map_link *l = fr_map_find(&c->things, (struct fr_key){ 1, thing });

	return l != NULL ? ((struct about *)l)->last : NULL;
}

/* ---- names ---------------------------------------------------------------------------------------------------------- */

static struct fr_key key_of(char kind, const char *word)
{
	char text[80];

	snprintf(text, sizeof text, "%c%s", kind, word);
	for (char *p = text; *p != '\0'; p++)
		*p = fr_lower(*p);
	return fr_hash128(5, text, strlen(text));
}

static void note(struct calls *c, char kind, const char *word, const char *says, int64_t at_ms)
{
	struct fr_key key = key_of(kind, word);
	struct seen *s = (struct seen *)fr_map_find(&c->names, key);
	struct sighting *new;

	if (s == NULL) {
		s = fr_calloc(1, sizeof *s);
		fr_map_add(&c->names, &s->link, key);
	}
	if (s->last != NULL && (s->last->at_ms > at_ms || fr_str_eq_nocase(fr_str_of(s->last->says), fr_str_of(says))))
		return;
	new = fr_calloc(1, sizeof *new);
	new->at_ms = at_ms;
	new->before = s->last;
	snprintf(new->says, sizeof new->says, "%s", says);
	s->last = new;
}

static void see(struct calls *c, const char *name, const char *id, int64_t at_ms)
{
	note(c, 'n', name, id, at_ms);
	note(c, 'i', id, name, at_ms);
}

/* Whoever has an id and a name, anywhere in a body. */
static void look_around(struct calls *c, const json_t *value, int64_t at_ms)
{
	const char *id = json_string_value(json_object_get(value, "id")), *key;
	const char *name = json_string_value(json_object_get(value, "unique_id"));
	json_t *inner;
	size_t i;

	if (name == NULL)
		name = json_string_value(json_object_get(value, "uniqueId"));
	if (id != NULL && name != NULL)
		see(c, name, id, at_ms);
	json_object_foreach ((json_t *)(uintptr_t)value, key, inner)
		look_around(c, inner, at_ms);
	json_array_foreach (value, i, inner)
		look_around(c, inner, at_ms);
}

static bool otherwise(const struct calls *c, char kind, const char *word, const char *says, int64_t since_ms, int64_t until_ms)
{
	const struct seen *s = (const struct seen *)fr_map_find(&c->names, key_of(kind, word));

	for (const struct sighting *p = s != NULL ? s->last : NULL; p != NULL && p->at_ms > since_ms; p = p->before)
		if (p->at_ms < until_ms && !fr_str_eq_nocase(fr_str_of(p->says), fr_str_of(says)))
			return true;
	return false;
}

bool calls_told_otherwise(const struct calls *c, const char *name, const char *id, int64_t since_ms, int64_t until_ms)
{
	return otherwise(c, 'n', name, id, since_ms, until_ms) || otherwise(c, 'i', id, name, since_ms, until_ms);
}

/* ---- calls ---------------------------------------------------------------------------------------------------------- */

void calls_add(struct calls *c, size_t instance, const char *target, int64_t at_ms, const char *sent, json_t *said, bool spoilt)
{
	struct call *call = fr_calloc(1, sizeof *call);
	struct about *about;
	struct fr_key key;

	c->n++;
	call->at_ms = at_ms;
	call->instance = instance;
	call->spoilt = spoilt ? json_incref(said) : NULL;
	call->target = fr_strndup(target, strlen(target));
	asked_read(c->catalogue, target, &call->asked);
	call->bytes = fr_hash64(4, sent, strlen(sent));
	call->error = json_object_get(said, "status") != NULL || json_object_get(said, "code") != NULL;
	call->paged = !call->error && listing_read(call->asked.row, sent, &call->listing);
	key = (struct fr_key){ 1, call->asked.thing };
	about = (struct about *)fr_map_find(&c->things, key);
	if (about == NULL) {
		about = fr_calloc(1, sizeof *about);
		fr_map_add(&c->things, &about->link, key);
	}
	call->before = about->last;
	about->last = call;
	look_around(c, said, at_ms);
	if (call->asked.name[0] != '\0' && !call->error && json_is_string(json_object_get(said, "id")))
		see(c, call->asked.name, json_string_value(json_object_get(said, "id")), at_ms);
}
