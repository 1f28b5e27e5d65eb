/* The texts for people that are written from the rows: the example file and the manual's tables. Declared in load.h. */
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "conf/dump.h"
#include "conf/load.h"
#include "conf/section.h"
#include "conf/terms.h"

enum { COMMENT_WIDTH = 100 };

/* Words as comment lines of a bearable width; `mark` begins with '#'. */
static enum fr_err add_comment(struct fr_buf *b, const char *indent, const char *mark, const char *text)
{
	struct fr_str rest = fr_str_of(text);
	enum fr_err e = FR_OK;

	while (rest.n > 0 && e == FR_OK) {
		size_t n = rest.n;

		if (n > COMMENT_WIDTH) {
			n = COMMENT_WIDTH;
			while (n > 1 && rest.p[n] != ' ')
				n--;
		}
		e = fr_buf_addf(b, "%s%s%.*s\n", indent, mark, (int)n, rest.p);
		rest = fr_str_trim(fr_str_skip(rest, n));
	}
	return e;
}

static enum fr_err example_line(struct fr_buf *b, const struct fr_setting *row, const char *indent, const char *key,
				const struct fr_settings *s)
{
	enum fr_err e = add_comment(b, indent, "# ", row->help);

	if (e == FR_OK)
		e = fr_buf_addf(b, "%s# %s: ", indent, key);
	if (e == FR_OK)
		e = fr_settings_write(b, row, s);
	return e == FR_OK ? fr_buf_add_char(b, '\n') : e;
}

static const struct fr_terms_key *key_named(const char *name)
{
	for (size_t i = 0; i < FR_TERMS_KEYS; i++)
		if (strcmp(fr_terms_keys[i].name, name) == 0)
			return &fr_terms_keys[i];
	return NULL;
}

/* "{ fresh: 1h, stale: 1h, rescue: 1d }" */
static enum fr_err add_times(struct fr_buf *b, const struct fr_endpoint *row)
{
	static const char *const shown[] = { "fresh", "stale", "rescue" };
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]) && e == FR_OK; i++) {
		const struct fr_terms_key *key = key_named(shown[i]);

		FR_ASSERT(key != NULL);
		e = fr_buf_addf(b, "%s%s: ", i == 0 ? "{ " : ", ", key->name);
		if (e == FR_OK)
			e = key->write(b, key, row);
	}
	return e == FR_OK ? fr_buf_add_text(b, " }") : e;
}

static enum fr_err example_endpoints(struct fr_buf *b, const struct fr_catalogue *c)
{
	enum fr_err e = fr_buf_add_text(b, "\n# Other terms than the catalogue's, path by path. The keys of a path:\n");

	for (size_t i = 0; i < FR_TERMS_KEYS && e == FR_OK; i++)
		e = fr_buf_addf(b, "#   %s (%s)\n#     %s\n", fr_terms_keys[i].name, fr_terms_keys[i].values,
				fr_terms_keys[i].help);
	if (e == FR_OK)
		e = fr_buf_add_text(b, "endpoints:\n");
	for (size_t i = 0; i + 1 < c->n && e == FR_OK; i++) {
		e = fr_buf_addf(b, "  # %.*s: ", FR_STR_ARG(c->rows[i].path));
		if (e == FR_OK)
			e = add_times(b, &c->rows[i]);
		if (e == FR_OK)
			e = fr_buf_add_char(b, '\n');
	}
	return e;
}

/* The section's example, with `lead` before each line. */
static enum fr_err add_example(struct fr_buf *b, const struct fr_section *section, const struct fr_catalogue *c, const char *lead)
{
	struct fr_str rest = fr_str_of(section->example);
	enum fr_err e = fr_buf_addf(b, "%s%s:\n", lead, section->within != NULL ? section->within : section->name);

	while (rest.n > 0 && e == FR_OK) {
		struct fr_str line = fr_str_cut(&rest, '\n');
		size_t path = fr_str_find(line, '@');

		e = fr_buf_addf(b, "%s%.*s", lead, (int)path, line.p);
		if (e == FR_OK && path < line.n)
			e = fr_buf_addf(b, "%.*s%.*s", FR_STR_ARG(c->rows[0].path), FR_STR_ARG(fr_str_skip(line, path + 1)));
		if (e == FR_OK)
			e = fr_buf_add_char(b, '\n');
	}
	return e;
}

static enum fr_err example_section(struct fr_buf *b, const struct fr_section *section, const struct fr_catalogue *c)
{
	enum fr_err e = fr_buf_add_char(b, '\n');

	if (e == FR_OK)
		e = add_comment(b, "", "# ", section->help);
	if (e == FR_OK)
		e = fr_buf_addf(b, "# The keys of %s:\n", section->what);
	for (size_t i = 0; i < section->n_keys && e == FR_OK; i++) {
		const struct fr_section_key *key = &section->keys[i];

		e = fr_buf_addf(b, "#   %s (%s%s%s)\n", key->name, key->values,
				key->dflt == NULL ? "" : "; without it: ", key->dflt == NULL ? "" : key->dflt);
		if (e == FR_OK)
			e = add_comment(b, "", "#     ", key->help);
	}
	return e == FR_OK && section->example != NULL ? add_example(b, section, c, "# ") : e;
}

static struct fr_conf *defaults(void)
{
	struct fr_errmsg why;
	struct fr_conf *c;

	FR_ASSERT(fr_conf_load(NULL, &c, &why) == FR_OK); /* the defaults and the built-in catalogue are checked by the tests */
	return c;
}

enum fr_err fr_conf_example(struct fr_buf *b)
{
	static const char head[] =
		"# The configuration of frugald: every setting with its default. To change one, take the '# ' before its\n"
		"# name away and leave its place under the section's name.\n"
		"#\n"
		"# frugald -t checks the file, frugald -T prints what is in force, docs/settings.md says what takes effect when.\n";
	struct fr_conf *c = defaults();
	enum fr_err e = fr_buf_add_text(b, head);

	if (e == FR_OK)
		e = fr_dump_nested(b, &c->settings, "\n", example_line);
	if (e == FR_OK)
		e = example_endpoints(b, &c->catalogue);
	for (size_t i = 0; i < FR_SECTIONS && e == FR_OK; i++)
		e = example_section(b, fr_sections[i], &c->catalogue);
	fr_conf_free(c);
	return e;
}

/* One cell's text: what would end the cell is escaped. */
static enum fr_err add_cell(struct fr_buf *b, struct fr_str text)
{
	enum fr_err e = fr_buf_add_text(b, "| ");

	for (size_t i = 0; i < text.n && e == FR_OK; i++) {
		if (text.p[i] == '|')
			e = fr_buf_add_char(b, '\\');
		if (e == FR_OK)
			e = fr_buf_add_char(b, text.p[i]);
	}
	return e == FR_OK ? fr_buf_add_char(b, ' ') : e;
}

static enum fr_err document_setting(struct fr_buf *b, const struct fr_setting *row)
{
	enum fr_err e = fr_buf_addf(b, "| `%s` ", row->path);

	if (e == FR_OK)
		e = row->dflt[0] == '\0' ? fr_buf_add_text(b, "| empty ") : fr_buf_addf(b, "| `%s` ", row->dflt);
	if (e == FR_OK)
		e = fr_buf_add_text(b, "| ");
	if (e == FR_OK)
		e = fr_settings_range(b, row);
	if (e == FR_OK)
		e = fr_buf_add_text(b, row->when == FR_WHEN_RELOAD ? " | SIGHUP " : " | restart ");
	if (e == FR_OK)
		e = add_cell(b, fr_str_of(row->help));
	return e == FR_OK ? fr_buf_add_text(b, "|\n") : e;
}

static enum fr_err document_key(struct fr_buf *b, const struct fr_terms_key *key)
{
	enum fr_err e = fr_buf_addf(b, "| `%s` ", key->name);

	if (e == FR_OK)
		e = add_cell(b, fr_str_of(key->values));
	if (e == FR_OK)
		e = add_cell(b, fr_str_of(key->help));
	return e == FR_OK ? fr_buf_add_text(b, "|\n") : e;
}

static enum fr_err document_section_key(struct fr_buf *b, const struct fr_section_key *key)
{
	enum fr_err e = fr_buf_addf(b, "| `%s` ", key->name);

	if (e == FR_OK)
		e = add_cell(b, fr_str_of(key->values));
	if (e == FR_OK)
		e = add_cell(b, fr_str_of(key->dflt == NULL ? "must be written" : key->dflt));
	if (e == FR_OK)
		e = add_cell(b, fr_str_of(key->help));
	return e == FR_OK ? fr_buf_add_text(b, "|\n") : e;
}

static enum fr_err document_section(struct fr_buf *b, const struct fr_section *section, const struct fr_catalogue *c)
{
	const char *first = section->within != NULL ? section->within : section->name,
		   *second = section->within != NULL ? section->name : "";
	enum fr_err e = fr_buf_addf(b, "\n## %c%s%s%s\n\n%s.\n", first[0] - 'a' + 'A', first + 1, second[0] != '\0' ? ": " : "",
				    second, section->help);

	if (e == FR_OK)
		e = fr_buf_addf(b, "The keys of %s, which take effect with SIGHUP:\n\n", section->what);
	if (e == FR_OK)
		e = fr_buf_add_text(b, "| key | values | without it | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < section->n_keys && e == FR_OK; i++)
		e = document_section_key(b, &section->keys[i]);
	if (e != FR_OK || section->example == NULL)
		return e;
	e = fr_buf_add_text(b, "\n```yaml\n");
	if (e == FR_OK)
		e = add_example(b, section, c, "");
	return e == FR_OK ? fr_buf_add_text(b, "```\n") : e;
}

static enum fr_err document_row(struct fr_buf *b, const struct fr_endpoint *row)
{
	enum fr_err e = fr_buf_addf(b, "| `%.*s` |", FR_STR_ARG(row->path));

	for (size_t i = 0; i < FR_TERMS_KEYS && e == FR_OK; i++) {
		e = fr_buf_add_char(b, ' ');
		if (e == FR_OK && fr_terms_has(&fr_terms_keys[i], row))
			e = fr_terms_keys[i].write(b, &fr_terms_keys[i], row);
		if (e == FR_OK)
			e = fr_buf_add_text(b, " |");
	}
	return e == FR_OK ? fr_buf_add_char(b, '\n') : e;
}

static enum fr_err document_catalogue(struct fr_buf *b, const struct fr_catalogue *c)
{
	enum fr_err e = fr_buf_add_text(b, "\n## The built-in catalogue\n\n| path |");

	for (size_t i = 0; i < FR_TERMS_KEYS && e == FR_OK; i++)
		e = fr_buf_addf(b, " %s |", fr_terms_keys[i].name);
	if (e == FR_OK)
		e = fr_buf_add_text(b, "\n|---|");
	for (size_t i = 0; i < FR_TERMS_KEYS && e == FR_OK; i++)
		e = fr_buf_add_text(b, "---|");
	if (e == FR_OK)
		e = fr_buf_add_char(b, '\n');
	for (size_t i = 0; i + 1 < c->n && e == FR_OK; i++)
		e = document_row(b, &c->rows[i]);
	return e;
}

enum fr_err fr_conf_document(struct fr_buf *b)
{
	static const char head[] =
		"# Settings\n\n"
		"Written from the program's own tables. `frugald -t` checks a configuration, `frugald -T` prints the one in force.\n"
		"`upstream.url` is written as `upstream:` with `url:` indented below it. Durations are a number and ms, s, m, h, d or w;\n"
		"sizes a number with K, M, G or T; switches on or off.\n\n"
		"| setting | default | range | takes effect with | meaning |\n|---|---|---|---|---|\n";
	static const char keys[] =
		"\n## Endpoints\n\n"
		"`endpoints:` lays other terms over the catalogue's, path by path: `endpoints: { /path/: { fresh: 30m, max: 20 } }`.\n"
		"They take effect with SIGHUP.\n\n"
		"| key | values | meaning |\n|---|---|---|\n";
	struct fr_conf *c = defaults();
	enum fr_err e = fr_buf_add_text(b, head);

	for (size_t i = 0; i < FR_ROWS && e == FR_OK; i++)
		e = document_setting(b, &fr_settings_rows[i]);
	if (e == FR_OK)
		e = fr_buf_add_text(b, keys);
	for (size_t i = 0; i < FR_TERMS_KEYS && e == FR_OK; i++)
		e = document_key(b, &fr_terms_keys[i]);
	for (size_t i = 0; i < FR_SECTIONS && e == FR_OK; i++)
		e = document_section(b, fr_sections[i], &c->catalogue);
	if (e == FR_OK)
		e = document_catalogue(b, &c->catalogue);
	fr_conf_free(c);
	return e;
}
