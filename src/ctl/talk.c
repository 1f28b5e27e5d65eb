#include "ctl/talk.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/assert.h"
#include "ctl/target.h"

enum { URL_MAX = FR_TARGET_TEXT_MAX + FR_PLACE_MAX + 16 };

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct fr_buf *b = ctx;

	return fr_buf_add(b, p, size * n) == FR_OK ? size * n : 0;
}

static enum fr_err fail(struct fr_errmsg *why, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static enum fr_err fail(struct fr_errmsg *why, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(why->s, sizeof(why->s), fmt, ap);
	va_end(ap);
	FR_ASSERT(n >= 0);
	return FR_IO;
}

static enum fr_err explain(const struct fr_place *place, CURLcode code, long os_error, struct fr_errmsg *why)
{
	const char *at = place->shown;

	switch (code) {
	case CURLE_COULDNT_CONNECT:
		if (os_error == EACCES || os_error == EPERM)
			return fail(why, "%s may not be used by this user: run frugalctl as root, or as the user of frugald", at);
		return fail(why,
			    "frugald does not answer on %s: is it running? systemctl status frugald; another address: --admin",
			    at);
	case CURLE_COULDNT_RESOLVE_HOST: return fail(why, "%s has no address: --admin takes an IP address and a port", at);
	case CURLE_OPERATION_TIMEDOUT:
		return fail(why, "frugald on %s did not answer within %d s: journalctl -u frugald may say why", at,
			    FR_TALK_TIMEOUT_MS / 1000);
	case CURLE_GOT_NOTHING:
	case CURLE_RECV_ERROR:
	case CURLE_PARTIAL_FILE: return fail(why, "frugald on %s hung up in the middle: journalctl -u frugald may say why", at);
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		return fail(why, "what answers on %s does not speak HTTP: --admin names frugald's admin.listen", at);
	case CURLE_WRITE_ERROR: return fail(why, "the answer of %s is longer than %d MiB", at, FR_TALK_BODY_MAX >> 20);
	default: return fail(why, "asking frugald on %s failed: %s", at, curl_easy_strerror(code));
	}
}

static void set_up(CURL *curl, const struct fr_place *place, const char *url, struct fr_buf *body)
{
	/* Options that this libcurl does not know, or values that it cannot hold, are mistakes of ours. */
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http") == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK); /* what http_proxy says is for the world outside */
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)FR_TALK_TIMEOUT_MS) == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L) == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_WRITEDATA, body) == CURLE_OK);
	if (place->unix_socket)
		FR_ASSERT(curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, place->at) == CURLE_OK);
}

static struct curl_slist *post(CURL *curl)
{
	struct curl_slist *fields = curl_slist_append(NULL, "X-Frugal-Admin: 1"), *all;

	FR_ASSERT(fields != NULL);
	all = curl_slist_append(fields, "Content-Type:"); /* an empty body has none */
	FR_ASSERT(all != NULL);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "") == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, 0L) == CURLE_OK);
	FR_ASSERT(curl_easy_setopt(curl, CURLOPT_HTTPHEADER, all) == CURLE_OK);
	return all;
}

static enum fr_err perform(CURL *curl, const struct fr_place *place, struct fr_answer *a, struct fr_errmsg *why)
{
	CURLcode code = curl_easy_perform(curl);
	long number = 0;

	if (code != CURLE_OK) {
		FR_ASSERT(curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &number) == CURLE_OK);
		return explain(place, code, number, why);
	}
	FR_ASSERT(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &number) == CURLE_OK);
	a->status = (int)number;
	return FR_OK;
}

enum fr_err fr_talk(const struct fr_place *place, enum fr_talk_method method, const char *target, struct fr_answer *ret,
		    struct fr_errmsg *why)
{
	struct fr_answer a = { .status = 0 };
	struct curl_slist *fields = NULL;
	struct fr_buf url;
	enum fr_err e;
	CURL *curl;

	FR_ASSERT(curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK);
	curl = curl_easy_init();
	FR_ASSERT(curl != NULL);
	fr_buf_init(&url, URL_MAX);
	fr_buf_init(&a.body, FR_TALK_BODY_MAX);
	e = fr_buf_addf(&url, "http://%s%s", place->unix_socket ? "localhost" : place->at, target);
	if (e == FR_OK)
		e = fr_buf_add_char(&url, '\0');
	if (e == FR_OK) {
		set_up(curl, place, url.p, &a.body);
		if (method == FR_TALK_POST)
			fields = post(curl);
		e = perform(curl, place, &a, why);
	} else {
		e = fail(why, "what was given is longer than %d bytes", URL_MAX);
	}
	curl_slist_free_all(fields);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	fr_buf_free(&url);
	if (e == FR_OK)
		*ret = a;
	else
		fr_buf_free(&a.body);
	return e;
}

void fr_answer_free(struct fr_answer *a)
{
	fr_buf_free(&a->body);
}
