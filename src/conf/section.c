#include "conf/section.h"

#include "base/assert.h"
#include "base/str.h"
#include "conf/alerts.h"
#include "conf/budgets.h"
#include "conf/bundles.h"
#include "conf/channels.h"
#include "conf/clients.h"
#include "conf/tiers.h"
#include "conf/value.h"

const struct fr_section *const fr_sections[FR_SECTIONS] = {
	&fr_tiers_section,    &fr_clients_section, &fr_budgets_section, &fr_bundles_section,
	&fr_channels_section, &fr_rules_section,   &fr_report_section,
};

enum fr_err fr_section_keys(const struct fr_source *s, const struct fr_node *map, const char *of,
			    const struct fr_section_key *keys, size_t n_keys, struct fr_conf *c, void *into)
{
	const char *names[FR_SECTION_KEYS_MAX];
	enum fr_err e = fr_value_map(s, map, of);

	FR_ASSERT(n_keys <= FR_SECTION_KEYS_MAX);
	for (size_t i = 0; i < n_keys; i++)
		names[i] = keys[i].name;
	if (e == FR_OK)
		e = fr_value_keys(s, map, of, names, n_keys);
	for (size_t i = 0; i < n_keys && e == FR_OK; i++) {
		const struct fr_node *n = fr_tree_get(map, keys[i].name);

		if (n != NULL)
			e = keys[i].read(s, n, fr_value_name(of, n->key).s, c, into);
		else if (keys[i].dflt == NULL)
			e = fr_complain(s, map->at, "%s: %s is missing", of, keys[i].name);
	}
	return e;
}

enum fr_err fr_section_list(const struct fr_source *s, const struct fr_node *n, const char *name)
{
	if (n->kind == FR_NODE_LIST || (n->kind == FR_NODE_TEXT && n->missing))
		return FR_OK;
	return fr_complain(s, n->at, "%s: a list is expected here, with a dash before each entry", name);
}

/* `lead` goes before the first key, `indent` before the others, the section's margin before both. */
static enum fr_err write_keys(struct fr_buf *b, const struct fr_section *section, const struct fr_conf *c, const void *thing,
			      const char *lead, const char *indent)
{
	const char *margin = section->within != NULL ? "  " : "";
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < section->n_keys && e == FR_OK; i++) {
		const struct fr_section_key *key = &section->keys[i];

		if (key->write == NULL || (key->has != NULL && !key->has(thing)))
			continue;
		e = fr_buf_addf(b, "%s%s%s: ", margin, lead, key->name);
		if (e == FR_OK)
			e = key->write(b, c, thing);
		if (e == FR_OK)
			e = fr_buf_add_char(b, '\n');
		lead = indent;
	}
	return e;
}

static enum fr_err write_thing(struct fr_buf *b, const struct fr_section *section, const struct fr_conf *c, const void *thing)
{
	enum fr_err e;

	if (section->single)
		return write_keys(b, section, c, thing, "  ", "  ");
	if (!section->named)
		return write_keys(b, section, c, thing, "  - ", "    ");
	e = fr_buf_addf(b, "%s  ", section->within != NULL ? "  " : "");
	if (e == FR_OK)
		e = fr_value_write(b, fr_str_of(thing));
	if (e == FR_OK)
		e = fr_buf_add_text(b, section->bare ? ": " : ":\n");
	if (section->bare) {
		if (e == FR_OK)
			e = section->keys[0].write(b, c, thing);
		return e == FR_OK ? fr_buf_add_char(b, '\n') : e;
	}
	return e == FR_OK ? write_keys(b, section, c, thing, "    ", "    ") : e;
}

/* The outer name stands before the first of the sections within it. */
static bool begins(const struct fr_section *section)
{
	for (size_t i = 0; fr_sections[i] != section; i++)
		if (fr_sections[i]->within != NULL && section->within != NULL &&
		    fr_str_is(fr_str_of(section->within), fr_sections[i]->within))
			return false;
	return section->within != NULL;
}

enum fr_err fr_section_write(struct fr_buf *b, const struct fr_section *section, const struct fr_conf *c)
{
	size_t n = section->count(c);
	enum fr_err e = begins(section) ? fr_buf_addf(b, "%s:\n", section->within) : FR_OK;

	if (section->single && n == 0)
		return e;
	if (e == FR_OK)
		e = fr_buf_addf(b, "%s%s:%s\n", section->within != NULL ? "  " : "", section->name,
				n > 0            ? ""
				: section->named ? " {}"
						 : " []");
	for (size_t i = 0; i < n && e == FR_OK; i++)
		e = write_thing(b, section, c, section->at(c, i));
	return e;
}
