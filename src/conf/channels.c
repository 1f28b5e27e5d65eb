#include "conf/channels.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "conf/address.h"
#include "conf/value.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What an entry of `channels` says. */
struct draft {
	struct fr_channel channel;
	bool has_kind;
};

static enum fr_err path_text(const struct fr_source *s, const struct fr_node *n, const char *name, char ret[FR_PATH_TEXT_MAX])
{
	struct fr_str text = FR_STR("");
	enum fr_err e = fr_value_text(s, n, name, &text);

	if (e == FR_OK && (text.n == 0 || text.n >= FR_PATH_TEXT_MAX))
		e = fr_complain(s, n->at, "%s: 1 to %d bytes are expected", name, FR_PATH_TEXT_MAX - 1);
	if (e == FR_OK)
		FR_ASSERT(fr_str_copy(ret, FR_PATH_TEXT_MAX, text));
	return e;
}

/* The path of a file with a secret. Whoever writes the secret itself here, by mistake, does not see it again in a message. */
static enum fr_err read_file(const struct fr_source *s, const struct fr_node *n, const char *name, char ret[FR_PATH_TEXT_MAX])
{
	enum fr_err e = path_text(s, n, name, ret);

	if (e == FR_OK && (strstr(ret, "://") != NULL || strchr(ret, '/') == NULL))
		return fr_complain(s, n->at, "%s: the path of a file is expected, with a '/' in it; the secret is in that file",
				   name);
	return e;
}

static enum fr_err set_kind(const struct fr_source *s, const struct fr_node *n, const char *name, struct draft *d,
			    enum fr_channel_kind kind)
{
	if (d->has_kind)
		return fr_complain(s, n->key_at, "%s: a channel is one of slack, pagerduty and webhook", name);
	d->has_kind = true;
	d->channel.kind = kind;
	return FR_OK;
}

static enum fr_err read_slack(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c, void *into)
{
	struct draft *d = into;
	enum fr_err e = set_kind(s, n, name, d, FR_CHANNEL_SLACK);

	(void)c;
	return e == FR_OK ? read_file(s, n, name, d->channel.file) : e;
}

static enum fr_err read_pagerduty(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				  void *into)
{
	struct draft *d = into;
	enum fr_err e = set_kind(s, n, name, d, FR_CHANNEL_PAGERDUTY);

	(void)c;
	return e == FR_OK ? read_file(s, n, name, d->channel.file) : e;
}

/* With a query, unlike other URLs: some services have their key there. It is not shown for that reason. */
static enum fr_err read_address(const struct fr_source *s, const struct fr_node *n, const char *name, struct draft *d)
{
	struct fr_str text;
	struct fr_url_address url;
	enum fr_err e = path_text(s, n, name, d->channel.url);
	const char *wrong;

	if (e != FR_OK)
		return e;
	text = fr_str_of(d->channel.url);
	text.n = fr_str_find(text, '?');
	wrong = fr_address_url(text, &url);
	if (wrong == NULL && !url.https && !url.host.loopback)
		wrong = "would be sent in clear: use https:// (http:// is for 127.0.0.1, [::1] and localhost)";
	return wrong == NULL ? FR_OK : fr_complain(s, n->at, "%s: what is written here %s", name, wrong);
}

static enum fr_err read_webhook(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				void *into)
{
	struct draft *d = into;
	enum fr_err e = set_kind(s, n, name, d, FR_CHANNEL_WEBHOOK);

	(void)c;
	return e == FR_OK ? read_address(s, n, name, d) : e;
}

static enum fr_err read_other_url(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				  void *into)
{
	struct draft *d = into;

	(void)c;
	if (d->has_kind && d->channel.kind != FR_CHANNEL_PAGERDUTY)
		return fr_complain(s, n->key_at, "%s: only pagerduty has another address than the one it is known for", name);
	return read_address(s, n, name, d);
}

static enum fr_err read_secret_file(const struct fr_source *s, const struct fr_node *n, const char *name, struct fr_conf *c,
				    void *into)
{
	struct draft *d = into;

	(void)c;
	if (d->has_kind && d->channel.kind != FR_CHANNEL_WEBHOOK)
		return fr_complain(s, n->key_at, "%s: only a webhook is signed", name);
	return read_file(s, n, name, d->channel.file);
}

static enum fr_err write_file(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_value_write(b, fr_str_of(((const struct fr_channel *)thing)->file));
}

static enum fr_err write_url(struct fr_buf *b, const struct fr_conf *c, const void *thing)
{
	(void)c;
	return fr_value_write(b, fr_str_of(((const struct fr_channel *)thing)->url));
}

static bool is_slack(const void *thing)
{
	return ((const struct fr_channel *)thing)->kind == FR_CHANNEL_SLACK;
}

static bool is_pagerduty(const void *thing)
{
	return ((const struct fr_channel *)thing)->kind == FR_CHANNEL_PAGERDUTY;
}

static bool is_webhook(const void *thing)
{
	return ((const struct fr_channel *)thing)->kind == FR_CHANNEL_WEBHOOK;
}

static bool has_other_url(const void *thing)
{
	return is_pagerduty(thing) && ((const struct fr_channel *)thing)->url[0] != '\0';
}

static bool has_secret_file(const void *thing)
{
	return is_webhook(thing) && ((const struct fr_channel *)thing)->file[0] != '\0';
}

static const struct fr_section_key channel_keys[] = {
	{ "slack", "file", "another kind", "The channel is a Slack webhook; the file, mode 0600, holds its URL", read_slack,
	  write_file, is_slack },
	{ "pagerduty", "file", "another kind", "The channel is a PagerDuty service; the file, mode 0600, holds its routing key",
	  read_pagerduty, write_file, is_pagerduty },
	{ "webhook", "https:// URL", "another kind", "The channel is a server of your own, which gets JSON", read_webhook,
	  write_url, is_webhook },
	{ "url", "https:// URL", "PagerDuty's own", "Another address of PagerDuty's Events API v2", read_other_url, write_url,
	  has_other_url },
	{ "secret_file", "file", "not signed",
	  "What a webhook is sent is signed with the key in this file, mode 0600: X-Frugal-Signature is the HMAC-SHA-256 of X-Frugal-Timestamp, a dot and the body",
	  read_secret_file, write_file, has_secret_file },
};

static size_t count_channels(const struct fr_conf *c)
{
	return c->alerts.n_channels;
}

static const void *channel_at(const struct fr_conf *c, size_t i)
{
	return &c->alerts.channels[i];
}

const struct fr_section fr_channels_section = {
	.name = "channels",
	.within = "alerts",
	.what = "a channel",
	.help = "Where frugald tells people what they should know, by name, under `alerts:`",
	.keys = channel_keys,
	.n_keys = COUNT(channel_keys),
	.named = true,
	.count = count_channels,
	.at = channel_at,
};

static enum fr_err read_channel(const struct fr_source *s, const struct fr_node *n, struct fr_conf *c)
{
	const struct fr_value_name of = fr_value_name("alerts.channels", n->key);
	struct draft d = { .has_kind = false };
	enum fr_err e = fr_value_word(s, n->key_at, "alerts.channels", n->key);

	if (e == FR_OK && n->key.n >= FR_CHANNEL_NAME_MAX)
		e = fr_complain(s, n->key_at, "alerts.channels: a name of at most %d characters is expected",
				FR_CHANNEL_NAME_MAX - 1);
	if (e == FR_OK && c->alerts.n_channels == FR_CHANNELS_MAX)
		e = fr_complain(s, n->key_at, "alerts.channels: more than %d", FR_CHANNELS_MAX);
	if (e == FR_OK)
		e = fr_section_keys(s, n, of.s, channel_keys, COUNT(channel_keys), c, &d);
	if (e == FR_OK && !d.has_kind)
		e = fr_complain(s, n->at, "%s: slack, pagerduty or webhook is missing", of.s);
	if (e != FR_OK)
		return e;
	FR_ASSERT(fr_str_copy(d.channel.name, sizeof(d.channel.name), n->key));
	c->alerts.channels[c->alerts.n_channels++] = d.channel;
	return FR_OK;
}

enum fr_err fr_channels_read(const struct fr_source *s, const struct fr_node *map, struct fr_conf *c)
{
	enum fr_err e = map == NULL ? FR_OK : fr_value_map(s, map, "alerts.channels");

	for (const struct fr_node *n = map == NULL ? NULL : map->first; n != NULL && e == FR_OK; n = n->next)
		e = read_channel(s, n, c);
	return e;
}
