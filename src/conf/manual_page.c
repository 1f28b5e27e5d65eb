/* The part of frugald.yaml(5) that is written from the rows, in man's macros. Declared in load.h. */
#include "base/assert.h"
#include "base/str.h"
#include "conf/load.h"
#include "conf/section.h"
#include "conf/terms.h"

enum { RANGE_MAX = 256 };

/* Text for troff: no hyphen that turns into another sign, no backslash that means something, and what stands between `backticks` in bold. */
static enum fr_err add_text(struct fr_buf *b, struct fr_str text)
{
	enum fr_err e = FR_OK;
	bool bold = false;

	for (size_t i = 0; i < text.n && e == FR_OK; i++) {
		switch (text.p[i]) {
		case '-': e = fr_buf_add_text(b, "\\-"); break;
		case '\\': e = fr_buf_add_text(b, "\\e"); break;
		case '`':
			bold = !bold;
			e = fr_buf_add_text(b, bold ? "\\fB" : "\\fR");
			break;
		default: e = fr_buf_add_char(b, text.p[i]);
		}
	}
	return e;
}

/* A paragraph of its own; a point or an apostrophe at its beginning would be a request. */
static enum fr_err add_paragraph(struct fr_buf *b, const char *text)
{
	bool request = text[0] == '.' || text[0] == '\'';
	enum fr_err e = fr_buf_add_text(b, request ? "\\&" : "");

	if (e == FR_OK)
		e = add_text(b, fr_str_of(text));
	return e == FR_OK ? fr_buf_add_text(b, ".\n") : e;
}

/* ".TP", the name in bold, and what may be written behind it. */
static enum fr_err add_name(struct fr_buf *b, const char *name, const char *values)
{
	enum fr_err e = fr_buf_add_text(b, ".TP\n\\fB");

	if (e == FR_OK)
		e = add_text(b, fr_str_of(name));
	if (e == FR_OK)
		e = fr_buf_add_text(b, "\\fR: ");
	return e == FR_OK ? add_text(b, fr_str_of(values)) : e;
}

static enum fr_err page_setting(struct fr_buf *b, const struct fr_setting *row)
{
	struct fr_buf range;
	enum fr_err e = add_name(b, row->path, "");

	fr_buf_init(&range, RANGE_MAX);
	FR_ASSERT(fr_settings_range(&range, row) == FR_OK);
	if (e == FR_OK)
		e = add_text(b, fr_buf_str(&range));
	fr_buf_free(&range);
	if (e == FR_OK && row->dflt[0] != '\0') {
		e = fr_buf_add_text(b, "; default: ");
		if (e == FR_OK)
			e = add_text(b, fr_str_of(row->dflt));
	}
	if (e == FR_OK)
		e = fr_buf_add_char(b, '\n');
	if (e == FR_OK)
		e = add_paragraph(b, row->help);
	return e == FR_OK ? fr_buf_add_text(b, row->when == FR_WHEN_RELOAD ? "" : "Takes a restart.\n") : e;
}

static enum fr_err page_settings(struct fr_buf *b)
{
	enum fr_err e = fr_buf_add_text(b, ".SH SETTINGS\n");

	for (size_t i = 0; i < FR_ROWS && e == FR_OK; i++)
		e = page_setting(b, &fr_settings_rows[i]);
	return e;
}

static enum fr_err page_endpoints(struct fr_buf *b)
{
	enum fr_err e = fr_buf_add_text(b, ".SH \"ENDPOINTS:\"\n"
					   "Other terms than the catalogue's, path by path.\n"
					   "The keys of a path:\n");

	for (size_t i = 0; i < FR_TERMS_KEYS && e == FR_OK; i++) {
		e = add_name(b, fr_terms_keys[i].name, fr_terms_keys[i].values);
		if (e == FR_OK)
			e = fr_buf_add_char(b, '\n');
		if (e == FR_OK)
			e = add_paragraph(b, fr_terms_keys[i].help);
	}
	return e;
}

static enum fr_err page_key(struct fr_buf *b, const struct fr_section_key *key)
{
	enum fr_err e = add_name(b, key->name, key->values);

	if (e == FR_OK)
		e = fr_buf_add_text(b, key->dflt == NULL ? "; must be written" : "; without it: ");
	if (e == FR_OK && key->dflt != NULL)
		e = add_text(b, fr_str_of(key->dflt));
	if (e == FR_OK)
		e = fr_buf_add_char(b, '\n');
	return e == FR_OK ? add_paragraph(b, key->help) : e;
}

static enum fr_err add_capitals(struct fr_buf *b, const char *text)
{
	enum fr_err e = FR_OK;

	for (const char *c = text; *c != '\0' && e == FR_OK; c++)
		e = fr_buf_add_char(b, (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c));
	return e;
}

static enum fr_err page_section(struct fr_buf *b, const struct fr_section *section)
{
	enum fr_err e = fr_buf_add_text(b, ".SH \"");

	if (e == FR_OK && section->within != NULL)
		e = add_capitals(b, section->within);
	if (e == FR_OK && section->within != NULL)
		e = fr_buf_add_text(b, ": ");
	if (e == FR_OK)
		e = add_capitals(b, section->name);
	if (e == FR_OK)
		e = fr_buf_add_text(b, ":\"\n");
	if (e == FR_OK)
		e = add_paragraph(b, section->help);
	if (e == FR_OK)
		e = fr_buf_addf(b, "The keys of %s:\n", section->what);
	for (size_t i = 0; i < section->n_keys && e == FR_OK; i++)
		e = page_key(b, &section->keys[i]);
	return e;
}

enum fr_err fr_conf_page(struct fr_buf *b)
{
	enum fr_err e = page_settings(b);

	if (e == FR_OK)
		e = page_endpoints(b);
	for (size_t i = 0; i < FR_SECTIONS && e == FR_OK; i++)
		e = page_section(b, fr_sections[i]);
	return e;
}
