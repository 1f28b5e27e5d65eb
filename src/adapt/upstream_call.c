#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapt/upstream_state.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

/* A spare call keeps so much memory for the next body. */
enum { KEEP_BODY = 128 * 1024, KEY_FIELD_MAX = FR_SECRET_MAX + 16, RETRY_AFTER_MAX = 7 * 86400 };

/* CURLOPT_PREREQFUNCTION: the connection stands, the request goes out next. A second time for one call means that libcurl wants to send it
 * again, which the upstream might bill again. */
static int on_send(void *call, char *to, char *from, int to_port, int from_port)
{
	struct fr_upstream_call *c = call;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	return ++c->sendings == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* Taking less than was offered ends the transfer; it is never paused. */
static size_t on_body(char *data, size_t size, size_t n, void *call)
{
	struct fr_upstream_call *c = call;

	if (fr_buf_add(&c->body, data, size * n) == FR_OK)
		return size * n;
	c->too_big = true;
	return 0;
}

/* Told of every line of a head. A connection that ends within the head is no error to libcurl: it would pass for an empty body. */
static size_t on_head(char *line, size_t size, size_t n, void *call)
{
	struct fr_upstream_call *c = call;
	struct fr_str text = { line, size * n };

	if (fr_str_starts(text, "HTTP/"))
		c->head_complete = false; /* of an interim response before, perhaps */
	else if (fr_str_is(text, "\r\n") || fr_str_is(text, "\n"))
		c->head_complete = true;
	return text.n;
}

#define SET(option, value) FR_ASSERT(curl_easy_setopt(c->easy, option, value) == CURLE_OK)

static void set_transport(struct fr_upstream_call *c)
{
	const struct fr_upstream *up = c->up;

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	SET(CURLOPT_TIMEOUT_MS, up->timeout);
	SET(CURLOPT_CONNECTTIMEOUT_MS, up->connect_timeout);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	if (up->idle >= 1000)
		SET(CURLOPT_MAXAGE_CONN, up->idle / 1000);
	else
		SET(CURLOPT_FORBID_REUSE, 1L);
}

static void set_request(struct fr_upstream_call *c)
{
	SET(CURLOPT_URL, c->up->base);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_HTTPGET, 1L);
	SET(CURLOPT_ACCEPT_ENCODING, ""); /* all that libcurl can undo */
	SET(CURLOPT_USERAGENT, c->up->agent);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->up->body_max);
	SET(CURLOPT_HEADERFUNCTION, on_head);
	SET(CURLOPT_HEADERDATA, c);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, c);
	SET(CURLOPT_PREREQFUNCTION, on_send);
	SET(CURLOPT_PREREQDATA, c);
	SET(CURLOPT_PRIVATE, c);
}

struct fr_upstream_call *fr_upstream_call_new(struct fr_upstream *up)
{
	struct fr_upstream_call *c = fr_calloc(1, sizeof(*c));

	fr_list_init(&c->link);
	c->up = up;
	c->easy = curl_easy_init();
	FR_ASSERT(c->easy != NULL); /* fails only without memory */
	fr_buf_init(&c->body, up->body_max);
	set_transport(c);
	set_request(c);
	return c;
}

/* The target as it goes on the wire: the path of upstream.url before it, and nothing in it that could end the request line. */
static char *target_of(const struct fr_upstream *up, struct fr_str target)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = strlen(up->prefix);
	char *ret = fr_alloc(n + 3 * target.n + 1), *at = ret + n;

	memcpy(ret, up->prefix, n);
	for (size_t i = 0; i < target.n; i++) {
		unsigned char byte = (unsigned char)target.p[i];

		if (byte > 0x20 && byte != 0x7f) {
			*at++ = (char)byte;
			continue;
		}
		*at++ = '%';
		*at++ = hex[byte >> 4];
		*at++ = hex[byte & 15];
	}
	*at = '\0';
	return ret;
}

struct curl_slist *fr_upstream_key_field(const struct fr_secret *key)
{
	char field[KEY_FIELD_MAX];
	struct curl_slist *list = NULL;

	FR_ASSERT(memchr(key->s, '\0', sizeof(key->s)) != NULL);
	for (const char *p = key->s; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f)
			return NULL;
	if (key->s[0] != '\0') {
		(void)snprintf(field, sizeof(field), "X-Api-Key: %s", key->s); /* fits by its size */
		list = curl_slist_append(NULL, field);
		FR_ASSERT(list != NULL);
	}
	explicit_bzero(field, sizeof(field));
	return list;
}

void fr_upstream_key_clear(struct curl_slist **key)
{
	for (struct curl_slist *l = *key; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(*key);
	*key = NULL;
}

void fr_upstream_call_set(struct fr_upstream_call *c, uint64_t token, const struct fr_call *call)
{
	c->token = token;
	c->sendings = 0;
	c->head_complete = c->too_big = false;
	c->target = target_of(c->up, call->target);
	if (!c->up->has_key && call->key != NULL)
		c->own_key = fr_upstream_key_field(call->key);
	SET(CURLOPT_REQUEST_TARGET, c->target);
	SET(CURLOPT_HTTPHEADER, c->up->has_key ? c->up->key : c->own_key);
}

#undef SET

/* How the transfer ended; `status` is that of a final response, or 0. */
static enum fr_transfer transfer_of(const struct fr_upstream_call *c, CURLcode code, int status)
{
	if (c->too_big || code == CURLE_FILESIZE_EXCEEDED)
		return FR_TRANSFER_TOO_BIG;
	if (code == CURLE_OK && status != 0 && c->head_complete)
		return FR_TRANSFER_DONE;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return FR_TRANSFER_TIMEOUT;
	return status != 0 ? FR_TRANSFER_TRUNCATED : FR_TRANSFER_NETWORK;
}

/* RFC 9110 section 10.2.3: seconds, or a date. */
static fr_ms retry_after_of(CURL *easy)
{
	struct curl_header *field;
	struct fr_str text;
	uint64_t seconds;
	time_t until;

	if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &field) != CURLHE_OK)
		return FR_MS(-1);
	text = fr_str_trim(fr_str_of(field->value));
	if (fr_str_all_digits(text)) {
		if (!fr_str_to_u64(text, &seconds) || seconds > RETRY_AFTER_MAX)
			seconds = RETRY_AFTER_MAX;
		return FR_SECONDS((int64_t)seconds);
	}
	until = curl_getdate(field->value, NULL);
	if (until == -1)
		return FR_MS(-1);
	until -= time(NULL);
	return FR_SECONDS(until < 0 ? 0 : until > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : until);
}

void fr_upstream_call_read(struct fr_upstream_call *c, CURLcode code, struct fr_fetched *ret)
{
	const char *type = NULL;
	long status = 0;

	FR_ASSERT(curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
	FR_ASSERT(curl_easy_getinfo(c->easy, CURLINFO_CONTENT_TYPE, &type) == CURLE_OK);
	if (status < 200 || status > 999)
		status = 0; /* an interim response is no answer */
	*ret = (struct fr_fetched){
		.answer = { .transfer = transfer_of(c, code, (int)status),
			    .sent = c->sendings > 0,
			    .status = (int)status,
			    .body = fr_buf_str(&c->body) },
		.type = fr_str_of(type == NULL ? "" : type),
		.retry_after = status == 0 ? FR_MS(-1) : retry_after_of(c->easy),
	};
}

void fr_upstream_call_reset(struct fr_upstream_call *c)
{
	FR_ASSERT(curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, NULL) == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(c->easy, CURLOPT_REQUEST_TARGET, NULL) == CURLE_OK);
	fr_upstream_key_clear(&c->own_key);
	free(c->target);
	c->target = NULL;
	if (c->body.cap > KEEP_BODY)
		fr_buf_free(&c->body);
	else
		fr_buf_clear(&c->body);
}

void fr_upstream_call_free(struct fr_upstream_call *c)
{
	fr_upstream_call_reset(c);
	curl_easy_cleanup(c->easy);
	fr_buf_free(&c->body);
	free(c);
}
