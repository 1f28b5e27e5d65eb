#include "conf/dump.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "conf/load.h"
#include "conf/section.h"
#include "conf/terms.h"

/* Length of "upstream" in "upstream.url", 0 for a setting that stands alone. */
static size_t section_length(const struct fr_setting *row)
{
	const char *dot = strchr(row->path, '.');

	FR_ASSERT(dot == NULL || strchr(dot + 1, '.') == NULL); /* one level of nesting */
	return dot == NULL ? 0 : (size_t)(dot - row->path);
}

static bool same_section(const struct fr_setting *a, const struct fr_setting *b)
{
	size_t n = section_length(a);

	return n == section_length(b) && strncmp(a->path, b->path, n) == 0;
}

/* A section is written where its first row stands. */
static bool begins_section(size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_section(&fr_settings_rows[i], &fr_settings_rows[at]))
			return false;
	return true;
}

static enum fr_err dump_section(struct fr_buf *b, const struct fr_settings *s, size_t first, fr_dump_line line)
{
	const struct fr_setting *head = &fr_settings_rows[first];
	size_t n = section_length(head);
	enum fr_err e = fr_buf_addf(b, "%.*s:\n", (int)n, head->path);

	for (size_t i = first; i < FR_ROWS && e == FR_OK; i++)
		if (same_section(head, &fr_settings_rows[i]))
			e = line(b, &fr_settings_rows[i], "  ", fr_settings_rows[i].path + n + 1, s);
	return e;
}

enum fr_err fr_dump_nested(struct fr_buf *b, const struct fr_settings *s, const char *gap, fr_dump_line line)
{
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < FR_ROWS && e == FR_OK; i++) {
		const struct fr_setting *row = &fr_settings_rows[i];
		bool alone = section_length(row) == 0;

		if (!alone && !begins_section(i))
			continue;
		e = fr_buf_add_text(b, gap);
		if (e == FR_OK)
			e = alone ? line(b, row, "", row->path, s) : dump_section(b, s, i, line);
	}
	return e;
}

static enum fr_err effective_line(struct fr_buf *b, const struct fr_setting *row, const char *indent, const char *key,
				  const struct fr_settings *s)
{
	enum fr_err e = fr_buf_addf(b, "%s%s: ", indent, key);

	if (e == FR_OK)
		e = fr_settings_write(b, row, s);
	return e == FR_OK ? fr_buf_add_char(b, '\n') : e;
}

static enum fr_err dump_row(struct fr_buf *b, const struct fr_endpoint *row)
{
	enum fr_err e = fr_buf_addf(b, "  %.*s:\n", FR_STR_ARG(row->path));

	for (size_t i = 0; i < FR_TERMS_KEYS && e == FR_OK; i++) {
		const struct fr_terms_key *key = &fr_terms_keys[i];

		if (!fr_terms_has(key, row))
			continue;
		e = fr_buf_addf(b, "    %s: ", key->name);
		if (e == FR_OK)
			e = key->write(b, key, row);
		if (e == FR_OK)
			e = fr_buf_add_char(b, '\n');
	}
	return e;
}

enum fr_err fr_conf_dump(struct fr_buf *b, const struct fr_conf *c)
{
	enum fr_err e = fr_buf_add_text(
		b, "# The configuration in force, defaults included. It loads again, but for a password in redis.url.\n");

	if (e == FR_OK)
		e = fr_dump_nested(b, &c->settings, "", effective_line);
	if (e == FR_OK)
		e = fr_buf_add_text(b, "endpoints:\n");
	for (size_t i = 0; i + 1 < c->catalogue.n && e == FR_OK; i++)
		e = dump_row(b, &c->catalogue.rows[i]);
	for (size_t i = 0; i < FR_SECTIONS && e == FR_OK; i++)
		e = fr_section_write(b, fr_sections[i], c);
	return e;
}
