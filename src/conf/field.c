#include "conf/field.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "conf/address.h"
#include "conf/value.h"

enum { WORD_MAX = 64 };

static const char *const levels[] = { "error", "warning", "info", "debug" };
static const char *const styles[] = { "as-is", "native" };
static const char *const syncs[] = { "never", "always" };

static enum fr_err read_bool(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	return fr_value_bool(s, n, row->path, field);
}

static enum fr_err write_bool(struct fr_buf *b, const void *field)
{
	return fr_buf_add_text(b, *(const fr_set_BOOL *)field ? "on" : "off");
}

/* Text that fits into a field of FR_PATH_TEXT_MAX. */
static enum fr_err path_text(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_str *ret)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e == FR_OK && text.n >= FR_PATH_TEXT_MAX)
		e = fr_complain(s, n->at, "%s: longer than %d bytes", name, FR_PATH_TEXT_MAX - 1);
	if (e == FR_OK)
		*ret = text;
	return e;
}

/* A word that may stand in a key of Redis: braces would move the key to another slot. */
static enum fr_err read_text(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	struct fr_str text;
	enum fr_err e = fr_value_text(s, n, row->path, &text);

	if (e != FR_OK)
		return e;
	if (text.n == 0 || text.n > WORD_MAX)
		return fr_complain(s, n->at, "%s: a word of 1 to %d characters is expected", row->path, WORD_MAX);
	for (size_t i = 0; i < text.n; i++) {
		char c = fr_lower(text.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':'))
			return fr_complain(s, n->at, "%s: '%s' may hold letters, digits and - _ . : only", row->path,
					   fr_complain_excerpt(text).s);
	}
	FR_ASSERT(fr_str_copy(((fr_set_TEXT *)field)->s, FR_PATH_TEXT_MAX, text));
	return FR_OK;
}

static enum fr_err read_path(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	struct fr_str text = FR_STR("");
	enum fr_err e = path_text(s, n, row->path, &text);

	if (e != FR_OK)
		return e;
	if (text.n == 0 && row->dflt[0] != '\0')
		return fr_complain(s, n->at, "%s: must not be empty", row->path);
	FR_ASSERT(fr_str_copy(((fr_set_PATH *)field)->s, FR_PATH_TEXT_MAX, text));
	return FR_OK;
}

static enum fr_err write_text(struct fr_buf *b, const void *field)
{
	return fr_value_write(b, fr_str_of(((const struct fr_text *)field)->s));
}

/* The URL with *** for what must not be shown. */
static struct fr_text masked(struct fr_str url)
{
	struct fr_str secret = fr_address_secret(url);
	size_t before = secret.p == NULL ? url.n : (size_t)(secret.p - url.p);
	size_t behind = secret.p == NULL ? url.n : before + secret.n;
	struct fr_text t;
	const char *mask = secret.p == NULL ? "" : secret.n > 0 && secret.p[0] == ':' ? ":***" : "***";
	int n = snprintf(t.s, sizeof(t.s), "%.*s%s%.*s", (int)before, url.p, mask, (int)(url.n - behind), url.p + behind);

	FR_ASSERT(n >= 0);
	return t;
}

static enum fr_err bad_url(const struct fr_source *s, const struct fr_node *n, const char *name, const char *wrong)
{
	struct fr_text shown = masked(n->text);

	return fr_complain(s, n->at, "%s: '%s' %s", name, fr_complain_excerpt(fr_str_of(shown.s)).s, wrong);
}

static enum fr_err read_url(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	struct fr_url_address url;
	struct fr_str text = FR_STR("");
	const char *wrong;
	enum fr_err e = path_text(s, n, row->path, &text);

	if (e != FR_OK)
		return e;
	wrong = fr_address_url(text, &url);
	if (wrong != NULL)
		return bad_url(s, n, row->path, wrong);
	if (!url.https && !url.host.loopback)
		return bad_url(s, n, row->path,
			       "would send the API key in clear: use https:// (http:// is for 127.0.0.1, [::1] and localhost)");
	while (text.p[text.n - 1] == '/')
		text.n--;
	FR_ASSERT(fr_str_copy(((fr_set_URL *)field)->s, FR_PATH_TEXT_MAX, text));
	return FR_OK;
}

static enum fr_err read_redis(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	struct fr_redis_address redis;
	struct fr_str text = FR_STR("");
	const char *wrong;
	enum fr_err e = path_text(s, n, row->path, &text);

	if (e != FR_OK)
		return e;
	wrong = fr_address_redis(text, &redis);
	if (wrong != NULL)
		return bad_url(s, n, row->path, wrong);
	FR_ASSERT(fr_str_copy(((fr_set_REDIS *)field)->s, FR_PATH_TEXT_MAX, text));
	return FR_OK;
}

static enum fr_err write_redis(struct fr_buf *b, const void *field)
{
	struct fr_str url = fr_str_of(((const fr_set_REDIS *)field)->s);
	struct fr_redis_address redis;
	struct fr_text shown;

	FR_ASSERT(fr_address_redis(url, &redis) == NULL);
	if (redis.password.p == NULL)
		return fr_value_write(b, url);
	shown = masked(url);
	return fr_value_write(b, fr_str_of(shown.s));
}

static enum fr_err add_address(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_addrs *to)
{
	struct fr_listen_address a;
	struct fr_str text;
	const char *wrong;
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e != FR_OK)
		return e;
	if (to->n == FR_ADDRS_MAX)
		return fr_complain(s, n->at, "%s: more than %d addresses", name, FR_ADDRS_MAX);
	wrong = fr_address_listen(text, &a);
	if (wrong != NULL)
		return fr_complain(s, n->at, "%s: '%s' %s", name, fr_complain_excerpt(text).s, wrong);
	for (size_t i = 0; i < to->n; i++)
		if (fr_str_is(text, to->at[i].s) && (a.unix_socket || a.port != 0))
			return fr_complain(s, n->at, "%s: '%s' is listed twice", name, fr_complain_excerpt(text).s);
	FR_ASSERT(fr_str_copy(to->at[to->n++].s, FR_PATH_TEXT_MAX, text));
	return FR_OK;
}

static enum fr_err read_addrs(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	struct fr_addrs got = { .n = 0 };
	enum fr_err e = FR_OK;

	if (n->kind != FR_NODE_LIST)
		e = add_address(s, n, row->path, &got);
	else if (n->n == 0)
		return fr_complain(s, n->at, "%s: an address is missing", row->path);
	else
		for (const struct fr_node *item = n->first; item != NULL && e == FR_OK; item = item->next)
			e = add_address(s, item, row->path, &got);
	if (e == FR_OK)
		*(fr_set_ADDRS *)field = got;
	return e;
}

static enum fr_err write_addrs(struct fr_buf *b, const void *field)
{
	const fr_set_ADDRS *a = field;
	enum fr_err e = FR_OK;

	if (a->n == 1)
		return fr_value_write(b, fr_str_of(a->at[0].s));
	for (size_t i = 0; i < a->n && e == FR_OK; i++) {
		e = fr_buf_add_text(b, i == 0 ? "[" : ", ");
		if (e == FR_OK)
			e = fr_value_write(b, fr_str_of(a->at[i].s));
	}
	return e == FR_OK ? fr_buf_add_char(b, ']') : e;
}

static enum fr_err read_rate(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	struct fr_rate rate;
	struct fr_str text;
	enum fr_err e = fr_value_text(s, n, row->path, &text);

	if (e != FR_OK)
		return e;
	if (!fr_units_rate(text, &rate.calls, &rate.window))
		return fr_complain(s, n->at, "%s: '%s' is not a rate (like 200/min, 50/s, none)", row->path,
				   fr_complain_excerpt(text).s);
	if (rate.calls > row->max)
		return fr_complain(s, n->at, "%s: %s is above the maximum of %" PRId64 " calls", row->path,
				   fr_complain_excerpt(text).s, row->max);
	*(fr_set_RATE *)field = rate;
	return FR_OK;
}

static enum fr_err write_rate(struct fr_buf *b, const void *field)
{
	const fr_set_RATE *rate = field;
	char text[48];

	fr_units_show_rate(rate->calls, rate->window, text, sizeof(text));
	return fr_buf_add_text(b, text);
}

static enum fr_err read_ms(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	return fr_value_ms(s, n, row->path, FR_MS(row->min), FR_MS(row->max), field);
}

static enum fr_err write_ms(struct fr_buf *b, const void *field)
{
	char text[32];

	fr_units_show_ms(*(const fr_set_MS *)field, text, sizeof(text));
	return fr_buf_add_text(b, text);
}

static enum fr_err read_bytes(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	return fr_value_bytes(s, n, row->path, row->min, row->max, field);
}

static enum fr_err write_bytes(struct fr_buf *b, const void *field)
{
	char text[32];

	fr_units_show_bytes(*(const fr_set_BYTES *)field, text, sizeof(text));
	return fr_buf_add_text(b, text);
}

static enum fr_err read_count(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	return fr_value_count(s, n, row->path, row->min, row->max, field);
}

static enum fr_err write_count(struct fr_buf *b, const void *field)
{
	return fr_buf_addf(b, "%" PRId64, *(const fr_set_COUNT *)field);
}

static enum fr_err read_level(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	size_t at;
	enum fr_err e = fr_value_choice(s, n, row->path, levels, sizeof(levels) / sizeof(levels[0]), &at);

	if (e == FR_OK)
		*(fr_set_LEVEL *)field = (enum fr_level)at;
	return e;
}

static enum fr_err write_level(struct fr_buf *b, const void *field)
{
	return fr_buf_add_text(b, levels[*(const fr_set_LEVEL *)field]);
}

static enum fr_err read_status(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	size_t at;
	enum fr_err e = fr_value_choice(s, n, row->path, styles, sizeof(styles) / sizeof(styles[0]), &at);

	if (e == FR_OK)
		*(fr_set_STATUS *)field = (enum fr_status_style)at;
	return e;
}

static enum fr_err write_status(struct fr_buf *b, const void *field)
{
	return fr_buf_add_text(b, styles[*(const fr_set_STATUS *)field]);
}

static enum fr_err read_sync(const struct fr_source *s, const struct fr_node *n, const struct fr_setting *row, void *field)
{
	size_t at;
	enum fr_err e = fr_value_choice(s, n, row->path, syncs, sizeof(syncs) / sizeof(syncs[0]), &at);

	if (e == FR_OK)
		*(fr_set_SYNC *)field = (enum fr_sync)at;
	return e;
}

static enum fr_err write_sync(struct fr_buf *b, const void *field)
{
	return fr_buf_add_text(b, syncs[*(const fr_set_SYNC *)field]);
}

const struct fr_setting_type fr_field_types[FR_FIELD_TYPES] = {
	[FR_FIELD_BOOL] = { "on or off", read_bool, write_bool },
	[FR_FIELD_TEXT] = { "word", read_text, write_text },
	[FR_FIELD_PATH] = { "path", read_path, write_text },
	[FR_FIELD_URL] = { "URL", read_url, write_text },
	[FR_FIELD_ADDRS] = { "address or list", read_addrs, write_addrs },
	[FR_FIELD_REDIS] = { "embedded or URL", read_redis, write_redis },
	[FR_FIELD_RATE] = { "rate", read_rate, write_rate },
	[FR_FIELD_MS] = { "duration", read_ms, write_ms },
	[FR_FIELD_BYTES] = { "size", read_bytes, write_bytes },
	[FR_FIELD_COUNT] = { "number", read_count, write_count },
	[FR_FIELD_LEVEL] = { "error, warning, info or debug", read_level, write_level },
	[FR_FIELD_STATUS] = { "as-is or native", read_status, write_status },
	[FR_FIELD_SYNC] = { "never or always", read_sync, write_sync },
};
