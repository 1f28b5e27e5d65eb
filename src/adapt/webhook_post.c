#include "adapt/webhook_post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/digest.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/str.h"

enum { ANSWER_MAX = 4096, FIELD_MAX = 160 };

/* What an answer says beyond its status helps nobody here; a long one is not waited for. */
static size_t on_body(char *data, size_t size, size_t n, void *post)
{
	struct fr_webhook_post *p = post;

	(void)data;
	p->heard += size * n;
	return p->heard <= ANSWER_MAX ? size * n : 0;
}

#define SET(option, value) FR_ASSERT(curl_easy_setopt(p->easy, option, value) == CURLE_OK)

static void set_transport(struct fr_webhook_post *p, const char *agent, fr_ms timeout)
{
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_TIMEOUT_MS, (long)timeout.v);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_USERAGENT, agent);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, p);
	SET(CURLOPT_PRIVATE, p);
}

static void set_request(struct fr_webhook_post *p, const char *url)
{
	SET(CURLOPT_URL, url);
	SET(CURLOPT_HTTPHEADER, p->fields);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)p->n_body);
	SET(CURLOPT_POSTFIELDS, p->body);
}

#undef SET

static void add_field(struct fr_webhook_post *p, const char *field)
{
	struct curl_slist *longer = curl_slist_append(p->fields, field);

	FR_ASSERT(longer != NULL); /* fails only without memory */
	p->fields = longer;
}

static void sign(struct fr_webhook_post *p, const struct fr_secret *key, int64_t at)
{
	unsigned char mac[FR_SHA256_BYTES];
	char hex[FR_SHA256_HEX], field[FIELD_MAX];
	struct fr_buf signed_text;

	fr_buf_init(&signed_text, FIELD_MAX + FR_ALERT_BODY_MAX);
	FR_ASSERT(fr_buf_addf(&signed_text, "%" PRId64 ".", at) == FR_OK);
	FR_ASSERT(fr_buf_add(&signed_text, p->body, p->n_body) == FR_OK);
	fr_digest_hmac_sha256(fr_str_of(key->s), fr_buf_str(&signed_text), mac);
	fr_buf_free(&signed_text);
	fr_digest_hex(mac, hex);
	(void)snprintf(field, sizeof(field), "X-Frugal-Timestamp: %" PRId64, at);
	add_field(p, field);
	(void)snprintf(field, sizeof(field), "X-Frugal-Signature: sha256=%s", hex);
	add_field(p, field);
}

/* The core's event does not know the routing key: it becomes its first member. Spliced by hand, since a JSON library would leave copies of the key in
 * freed memory. */
static char *with_routing_key(struct fr_str event, const struct fr_secret *key)
{
	static const char name[] = "{\"routing_key\":\"";
	char *text = fr_alloc(sizeof(name) + 2 * sizeof(key->s) + 2 + event.n), *at = text;

	memcpy(at, name, sizeof(name) - 1);
	at += sizeof(name) - 1;
	for (const char *p = key->s; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			*at++ = '\\';
		*at++ = *p;
	}
	*at++ = '"';
	*at++ = ',';
	memcpy(at, event.p + 1, event.n - 1);
	at[event.n - 1] = '\0';
	return text;
}

struct fr_webhook_post *fr_webhook_post_new(const struct fr_webhook_target *t, const struct fr_delivery *d, const char *agent,
					    fr_ms timeout, int64_t at)
{
	struct fr_webhook_post *p;

	if (!fr_str_starts(d->body, "{\""))
		return NULL;
	p = fr_calloc(1, sizeof(*p));
	fr_list_init(&p->link);
	(void)fr_str_copy(p->channel, sizeof(p->channel), fr_str_of(t->name));
	p->body = t->kind == FR_CHANNEL_PAGERDUTY ? with_routing_key(d->body, &t->secret) : fr_strndup(d->body.p, d->body.n);
	p->n_body = strlen(p->body);
	add_field(p, "Content-Type: application/json");
	add_field(p, "Expect:"); /* no asking whether a large body may come */
	if (t->kind == FR_CHANNEL_WEBHOOK && t->secret.s[0] != '\0')
		sign(p, &t->secret, at);
	p->easy = curl_easy_init();
	FR_ASSERT(p->easy != NULL); /* fails only without memory */
	set_transport(p, agent, timeout);
	set_request(p, t->url);
	return p;
}

bool fr_webhook_post_accepted(const struct fr_webhook_post *p, long *ret_status)
{
	FR_ASSERT(curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, ret_status) == CURLE_OK);
	return *ret_status >= 200 && *ret_status <= 299;
}

void fr_webhook_post_free(struct fr_webhook_post *p)
{
	curl_easy_cleanup(p->easy);
	curl_slist_free_all(p->fields);
	explicit_bzero(p->body, p->n_body);
	free(p->body);
	free(p);
}
