#include "core/posturl.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/pure.h"

enum { SHORT_CODE_MAX = 64 };

/* A URL on one of the service's own hosts. */
struct place {
	struct fr_str host;  /* as it came, without a port */
	struct fr_str path;  /* from its '/' on, or empty */
	struct fr_str query; /* behind the '?', or empty */
};

/* 1 to 19 digits above zero that fit 63 bits, leading zeros aside: what an id is. */
static bool read_id(struct fr_str s, struct fr_post_ref *ret)
{
	uint64_t id;

	while (s.n > 1 && s.p[0] == '0')
		s = fr_str_skip(s, 1);
	if (s.n > 19 || !fr_str_to_u64(s, &id) || id == 0 || id > INT64_MAX)
		return false;
	*ret = (struct fr_post_ref){ .form = FR_POST_ID, .id = id, .text = s };
	return true;
}

static bool ends_nocase(struct fr_str s, struct fr_str end)
{
	return s.n >= end.n && fr_str_eq_nocase(fr_str_skip(s, s.n - end.n), end);
}

/* The domain itself or a name under it; never "eviltiktok.com" or "tiktok.com.evil.example". */
static bool host_under(struct fr_str host, struct fr_str domain)
{
	if (host.n > domain.n && host.p[host.n - domain.n - 1] != '.')
		return false;
	return ends_nocase(host, domain);
}

static bool host_is_ours(struct fr_str host)
{
	for (size_t i = 0; i < host.n; i++) {
		char c = fr_lower(host.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'))
			return false; /* userinfo, a backslash, an odd port: another host than it seems */
	}
	return host_under(host, FR_STR("tiktok.com")) || host_under(host, FR_STR("tiktokv.com"));
}

static struct fr_str without_port(struct fr_str authority)
{
	if (fr_str_ends(authority, ":443"))
		authority.n -= 4;
	else if (fr_str_ends(authority, ":80"))
		authority.n -= 3;
	return authority;
}

static struct fr_str without_scheme(struct fr_str url)
{
	if (fr_str_starts_nocase(url, "https://"))
		return fr_str_skip(url, 8);
	return fr_str_skip(url, fr_str_starts_nocase(url, "http://") ? 7 : 0);
}

/* False for every host but the service's own. */
static bool read_place(struct fr_str url, struct place *ret)
{
	struct fr_str rest = url, before_query;
	size_t slash;

	rest = fr_str_cut(&rest, '#');
	rest = without_scheme(rest);
	before_query = fr_str_cut(&rest, '?');
	slash = fr_str_find(before_query, '/');
	ret->host = without_port((struct fr_str){ before_query.p, slash });
	ret->path = fr_str_skip(before_query, slash);
	ret->query = rest;
	return host_is_ours(ret->host);
}

/* The next piece between slashes that is not empty; false at the end. */
static bool next_segment(struct fr_str *path, struct fr_str *ret)
{
	while (path->p != NULL) {
		*ret = fr_str_cut(path, '/');
		if (ret->n > 0)
			return true;
	}
	return false;
}

static bool is_handle(struct fr_str segment)
{
	return fr_str_starts(segment, "@") || fr_str_starts(segment, "%40");
}

/* Whether the two segments before say that a post's id follows (upstream.md, section 4.4). */
static bool announces_post(struct fr_str second_last, struct fr_str last)
{
	if (fr_str_is(last, "video") || fr_str_is(last, "photo"))
		return is_handle(second_last) || fr_str_is(second_last, "share");
	if (fr_str_is(last, "v2"))
		return fr_str_is(second_last, "embed");
	return fr_str_is(last, "v") || fr_str_is(last, "embed");
}

/* Segments around the form ("/i18n/share/video/…", "/@a/video/1/extra") do not matter. */
static bool post_of_path(struct fr_str path, struct fr_post_ref *ret)
{
	struct fr_str segment, last = { "", 0 }, second_last = { "", 0 };

	while (next_segment(&path, &segment)) {
		if (announces_post(second_last, last)) {
			if (fr_str_is(last, "v") && ends_nocase(segment, FR_STR(".html")))
				segment.n -= 5;
			if (read_id(segment, ret))
				return true;
		}
		second_last = last;
		last = segment;
	}
	return false;
}

static bool is_code(struct fr_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = fr_lower(s.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return s.n >= 1 && s.n <= SHORT_CODE_MAX;
}

/* The host that a short link on `host` is written with, and how many segments stand before its code. */
static const char *short_host(struct fr_str host, bool *with_t)
{
	static const struct {
		const char *host, *folded;
		bool with_t;
	} hosts[] = {
		{ "vm.tiktok.com", "vm.tiktok.com/", false }, { "vt.tiktok.com", "vt.tiktok.com/", false },
		{ "t.tiktok.com", "t.tiktok.com/", false },   { "www.tiktok.com", "tiktok.com/t/", true },
		{ "m.tiktok.com", "tiktok.com/t/", true },    { "tiktok.com", "tiktok.com/t/", true },
	};

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		if (fr_str_eq_nocase(host, fr_str_of(hosts[i].host))) {
			*with_t = hosts[i].with_t;
			return hosts[i].folded;
		}
	}
	return NULL;
}

/* A short link, folded to one host and its code, whose case counts. Its query is tracking: what the link stands for is decided
 * by the code alone. */
static bool short_of(struct fr_arena *mem, const struct place *at, struct fr_post_ref *ret)
{
	struct fr_str path = at->path, first, code, more;
	bool with_t;
	const char *folded = short_host(at->host, &with_t);
	char *text;
	size_t n;

	if (folded == NULL || (with_t && !(next_segment(&path, &first) && fr_str_is(first, "t"))))
		return false;
	if (!next_segment(&path, &code) || !is_code(code) || next_segment(&path, &more))
		return false;
	n = strlen(folded);
	text = fr_arena_take(mem, n + code.n);
	if (text == NULL)
		return false; /* as it came, then: never a wrong answer, at worst a second call */
	memcpy(text, folded, n);
	memcpy(text + n, code.p, code.n);
	*ret = (struct fr_post_ref){ .form = FR_POST_SHORT, .text = { text, n + code.n } };
	return true;
}

/* Pages about something else than one post: an id in their query is not what they are about. */
static bool names_another_thing(struct fr_str path)
{
	static const char *const things[] = { "music", "tag", "playlist", "collection", "live" };
	struct fr_str segment;

	while (next_segment(&path, &segment)) {
		if (is_handle(segment))
			return true;
		for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++)
			if (fr_str_is(segment, things[i]))
				return true;
	}
	return false;
}

/* The id that the query of a feed's link carries. Two that differ decide nothing. */
static bool post_of_query(const struct place *at, struct fr_post_ref *ret)
{
	struct fr_str rest = at->query;
	struct fr_post_ref found = { .form = FR_POST_OTHER }, one;

	if (names_another_thing(at->path))
		return false;
	while (rest.p != NULL) {
		struct fr_str value = fr_str_cut(&rest, '&'), name = fr_str_cut(&value, '=');

		if (!fr_str_is(name, "item_id") && !fr_str_is(name, "share_item_id") && !fr_str_is(name, "shareId"))
			continue;
		if (!read_id(value, &one))
			continue;
		if (found.form == FR_POST_ID && found.id != one.id)
			return false;
		found = one;
	}
	if (found.form != FR_POST_ID)
		return false;
	*ret = found;
	return true;
}

static bool has_control(struct fr_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

struct fr_post_ref fr_posturl_read(struct fr_arena *mem, struct fr_str url)
{
	struct fr_post_ref ref = { .form = FR_POST_OTHER, .text = fr_str_trim(url) };
	struct place at;

	if (ref.text.n == 0 || has_control(ref.text))
		return (struct fr_post_ref){ .form = FR_POST_INVALID };
	if (read_id(ref.text, &ref) || !read_place(ref.text, &at))
		return ref;
	if (!post_of_path(at.path, &ref) && !short_of(mem, &at, &ref))
		(void)post_of_query(&at, &ref); /* it stays as it came */
	return ref;
}

static struct fr_str joined(struct fr_arena *mem, struct fr_str prefix, struct fr_str s)
{
	char *p = fr_arena_take(mem, prefix.n + s.n);

	if (p == NULL)
		return s; /* as in short_of(): the canonical text will find no room either */
	memcpy(p, prefix.p, prefix.n);
	if (s.n > 0)
		memcpy(p + prefix.n, s.p, s.n);
	return (struct fr_str){ p, prefix.n + s.n };
}

/* Text that looks like one of our own names for a thing must not be taken for it. */
static struct fr_str plain(struct fr_arena *mem, struct fr_str text)
{
	static const char *const ours[] = { "short:", "music:", "ad:", "text:" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (fr_str_starts(text, ours[i]))
			return joined(mem, FR_STR("text:"), text);
	return text;
}

struct fr_str fr_posturl_canon(struct fr_arena *mem, const struct fr_post_ref *ref)
{
	if (ref->form == FR_POST_SHORT)
		return joined(mem, FR_STR("short:"), ref->text);
	return ref->form == FR_POST_OTHER ? plain(mem, ref->text) : ref->text;
}

/* "/music/<slug>-<id>": the slug may hold anything but a slash, and may be missing (upstream.md, section 4.3). */
static bool sound_of_path(struct fr_str path, struct fr_post_ref *ret)
{
	struct fr_str segment, last = { "", 0 };

	while (next_segment(&path, &segment)) {
		if (fr_str_is(last, "music")) {
			size_t from = segment.n;

			while (from > 0 && segment.p[from - 1] != '-')
				from--;
			if (read_id(fr_str_skip(segment, from), ret))
				return true;
		}
		last = segment;
	}
	return false;
}

struct fr_str fr_posturl_media(struct fr_arena *mem, struct fr_str url)
{
	struct fr_post_ref ref = fr_posturl_read(mem, url);
	struct place at;

	if (ref.form == FR_POST_OTHER && read_place(ref.text, &at) && sound_of_path(at.path, &ref))
		return joined(mem, FR_STR("music:"), ref.text);
	return fr_posturl_canon(mem, &ref);
}

/* ".../creativecenter/topads/<id>/pc/en?..." (upstream.md, section 3.14). */
struct fr_str fr_posturl_ad(struct fr_arena *mem, struct fr_str url)
{
	struct fr_str text = fr_str_trim(url), segment, last = { "", 0 };
	struct fr_post_ref ref;
	struct place at;

	if (!read_place(text, &at))
		return plain(mem, text);
	while (next_segment(&at.path, &segment)) {
		if (fr_str_is(last, "topads") && read_id(segment, &ref))
			return joined(mem, FR_STR("ad:"), ref.text);
		last = segment;
	}
	return plain(mem, text);
}

fr_wall fr_posturl_created(uint64_t id)
{
	const int64_t first = 1388534400, end = 4102444800; /* 2014-01-01 and 2100-01-01 */
	int64_t seconds = (int64_t)(id >> 32);

	return (fr_wall){ seconds >= first && seconds < end ? seconds * 1000 : 0 };
}
