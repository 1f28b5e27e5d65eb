#include "input.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool input_number(const char *text, uint64_t *ret)
{
	uint64_t n = 0;
	size_t i = 0;

	for (; text[i] != '\0' && i < 20; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	if (i == 0 || i > 19 || n > INT64_MAX)
		return false;
	*ret = n;
	return true;
}

/* The digits at p, up to the end of the path segment or its ".html". */
static bool leading_number(const char *p, uint64_t *ret)
{
	char digits[24];
	size_t n = strspn(p, "0123456789");

	if (n == 0 || n >= sizeof digits || (p[n] != '\0' && strchr("/?#&.", p[n]) == NULL))
		return false;
	memcpy(digits, p, n);
	digits[n] = '\0';
	return input_number(digits, ret);
}

/* Where the host begins; NULL when the text names no host of the service. */
static const char *host_of(const char *text)
{
	static const char *const names[] = { "tiktok.com", "tiktokv.com" };
	const char *p = strstr(text, "://");
	size_t n;

	p = p ? p + 3 : text;
	n = strcspn(p, "/?#");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t m = strlen(names[i]);

		if (n >= m && strncasecmp(p + n - m, names[i], m) == 0 && (n == m || p[n - m - 1] == '.'))
			return p;
	}
	return NULL;
}

static bool short_code(const char *p, uint64_t *ret_id)
{
	char code[20];
	size_t n = strcspn(p, "/?#");
	char *end;
	unsigned long long id;

	if (n < 2 || n - 1 >= sizeof code || toupper((unsigned char)*p) != 'Z')
		return false;
	memcpy(code, p + 1, n - 1);
	code[n - 1] = '\0';
	if (!isalnum((unsigned char)code[0]))
		return false;
	id = strtoull(code, &end, 36);
	if (*end != '\0' || id > INT64_MAX)
		return false;
	*ret_id = id;
	return true;
}

/* The number after one of the marks, looked for from p on. */
static bool after_mark(const char *p, const char *const *marks, size_t n, uint64_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = strstr(p, marks[i]);

		if (at != NULL && leading_number(at + strlen(marks[i]), ret))
			return true;
	}
	return false;
}

bool input_post(const char *text, uint64_t *ret_id)
{
	static const char *const marks[] = { "/video/", "/photo/",        "/embed/v2/", "/embed/",
					     "/v/",     "share_item_id=", "item_id=",   "shareId=" };
	const char *host;

	text += strspn(text, " \t");
	if (input_number(text, ret_id))
		return true;
	host = host_of(text);
	if (host == NULL)
		return false;
	if (strncasecmp(host, "vm.tiktok.com/", 14) == 0 || strncasecmp(host, "vt.tiktok.com/", 14) == 0)
		return short_code(host + 14, ret_id);
	if (strncasecmp(host, "t.tiktok.com/", 13) == 0)
		return short_code(host + 13, ret_id);
	if (strncmp(host + strcspn(host, "/?#"), "/t/", 3) == 0)
		return short_code(host + strcspn(host, "/") + 3, ret_id);
	return after_mark(host, marks, sizeof marks / sizeof marks[0], ret_id);
}

bool input_sound(const char *text, uint64_t *ret_id)
{
	const char *host = host_of(text), *p = host ? strstr(host, "/music/") : NULL;
	size_t n;

	if (p == NULL)
		return false;
	p += 7;
	n = strcspn(p, "/?#");
	while (n > 0 && p[n - 1] >= '0' && p[n - 1] <= '9')
		n--;
	return leading_number(p + n, ret_id);
}

bool input_ad(const char *text, uint64_t *ret_id)
{
	static const char *const marks[] = { "/topads/" };

	return input_number(text, ret_id) || after_mark(text, marks, 1, ret_id);
}

void input_short_url(uint64_t id, char out[SHORT_URL_MAX])
{
	char code[16];
	size_t n = sizeof code - 1;

	code[n] = '\0';
	do {
		code[--n] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[id % 36];
		id /= 36;
	} while (id > 0);
	snprintf(out, SHORT_URL_MAX, "https://vm.tiktok.com/Z%s/", code + n);
}
