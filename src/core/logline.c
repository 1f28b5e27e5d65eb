#include "core/logline.h"

#include <inttypes.h>

#include "base/hash.h"
#include "base/str.h"
#include "core/page.h"

#include "base/pure.h"

enum { NAME_MAX_BYTES = 24 };

static int hex(char c)
{
	char l = fr_lower(c);

	return l >= '0' && l <= '9' ? l - '0' : l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/* The character at *at, its escape undone; moves on. */
static char plain(struct fr_str s, size_t *at)
{
	char c = s.p[(*at)++];

	if (c != '%' || s.n - *at < 2 || hex(s.p[*at]) < 0 || hex(s.p[*at + 1]) < 0)
		return c;
	c = (char)(hex(s.p[*at]) << 4 | hex(s.p[*at + 1]));
	*at += 2;
	return c;
}

/* Names under which people send keys, however they spell them. The API takes none of them, so nothing is lost to who asks again. */
static bool is_secret(struct fr_str name)
{
	static const char *const names[] = { "key",  "apikey",   "xapikey",       "token",  "accesstoken", "secret",
					     "auth", "password", "authorization", "bearer", "credentials", "apisecret" };
	char bare[NAME_MAX_BYTES];
	size_t n = 0;

	for (size_t at = 0; at < name.n;) {
		char c = fr_lower(plain(name, &at));

		if (c == '-' || c == '_' || c == '.' || c == ' ' || c == '+')
			continue;
		if (n == sizeof(bare))
			return false;
		bare[n++] = c;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (fr_str_is((struct fr_str){ bare, n }, names[i]))
			return true;
	return false;
}

/* The target without the values of parameters that may be secrets. */
static void write_TARGET(struct fr_page *p, struct fr_str target)
{
	size_t mark = fr_str_find(target, '?');
	struct fr_str rest = fr_str_skip(target, mark);
	struct fr_buf b;
	const char *before = "?";

	fr_buf_init(&b, target.n + 1);
	(void)fr_buf_add_str(&b, (struct fr_str){ target.p, mark });
	if (rest.n > 0)
		rest = fr_str_skip(rest, 1);
	while (mark < target.n && rest.p != NULL) {
		struct fr_str pair = fr_str_cut(&rest, '&'), name = { pair.p, fr_str_find(pair, '=') };

		(void)fr_buf_add_text(&b, before);
		(void)fr_buf_add_str(&b, is_secret(name) ? name : pair); /* no longer than the target */
		before = "&";
	}
	fr_page_json(p, fr_buf_str(&b));
	fr_buf_free(&b);
}

static void write_TEXT(struct fr_page *p, struct fr_str text)
{
	fr_page_json(p, text);
}

static void write_NUMBER(struct fr_page *p, int64_t n)
{
	if (n == FR_LOG_NONE)
		fr_page_text(p, "null");
	else
		fr_page_addf(p, "%" PRId64, n);
}

static void write_KEY(struct fr_page *p, struct fr_key key)
{
	char text[33];

	if (fr_key_none(key)) {
		fr_page_text(p, "null");
		return;
	}
	fr_key_hex(key, text);
	fr_page_json(p, fr_str_of(text));
}

#define KNOWN_TEXT(v) ((v).p != NULL)
#define KNOWN_TARGET(v) ((v).p != NULL)
#define KNOWN_NUMBER(v) true
#define KNOWN_KEY(v) true

enum fr_err fr_log_line_write(struct fr_buf *b, const struct fr_log_line *l)
{
	const char *before = "{";
	struct fr_page p;

	fr_page_begin(&p, b);
#define LOGFIELD(field, name, type, help) \
	fr_page_addf(&p, "%s\"" name "\":", before); \
	before = ","; \
	if (KNOWN_##type(l->field)) \
		write_##type(&p, l->field); \
	else \
		fr_page_text(&p, "null");
#include "frugal/tbl/logfields.def"
#undef LOGFIELD
	fr_page_text(&p, "}\n");
	return fr_page_end(&p);
}

enum fr_err fr_log_document(struct fr_buf *b)
{
	struct fr_page p;

	fr_page_begin(&p, b);
	fr_page_text(
		&p,
		"# The log of questions\n\n"
		"This page is generated from include/frugal/tbl/logfields.def.\n\n"
		"With `log.questions: FILE` every request is a line of JSON: enough to ask all of it again, without bodies and\n"
		"without secrets. What is not known is null. With `log.questions_max` bytes the file becomes FILE.1, and a new one\n"
		"begins; SIGUSR1 opens FILE anew, for whoever has moved it away.\n\n"
		"| Field | Meaning |\n|---|---|\n");
#define LOGFIELD(field, name, type, help) fr_page_text(&p, "| `" name "` | " help " |\n");
#include "frugal/tbl/logfields.def"
#undef LOGFIELD
	return fr_page_end(&p);
}
