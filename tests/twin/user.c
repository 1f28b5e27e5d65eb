/* user.c — one person: identity, counters. */
#include "world.h"

#include "mix.h"
#include "post.h"
#include "schedule.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const famous[] = { "tiktok", "nasa", "duolingo", "natgeo", "bbc", "espn", "nba", "netflix", "mrbeast" };
static const char *const first_names[] = { "Ana", "Björn", "Chloé", "Diego", "Emre", "Fatma", "Giulia", "花子", "Игорь", "Jun" };
static const char *const last_names[] = { "Studio", "Dances", "& Co", "🎨", "Kitchen", "<3 Music", "Öztürk", "Lab" };
static const char *const signatures[] = { "",
					  "New video every week",
					  "Café owner ☕ / runner",
					  "踊ってみた 🕺",
					  "biz: \"mail\\me\" @ example.com",
					  "line one\nline two" };
static const char *const regions[] = { "US", "TR", "DE", "JP", "BR", "FR", "GB", "MX" };
static const char *const languages[] = { "en", "tr", "de", "ja", "pt", "fr", "en", "es" };

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static bool number_exists(uint32_t no)
{
	return no < CREATORS || (no >= VETERAN_FIRST && no < VETERAN_FIRST + VETERANS) ||
	       (no >= FAMOUS_FIRST && no < FAMOUS_FIRST + COUNT(famous));
}

bool user_private(const struct world *w, uint32_t no)
{
	bool usual = no % 23 == 22 && no < FAMOUS_FIRST;

	for (size_t i = 0; i < w->n_unlike; i++)
		if (w->unlike[i] == no)
			return !usual;
	return usual;
}

static int64_t user_created(const struct world *w, uint32_t no)
{
	return mix_pick(world_salt(w, SALT_USER, no), 1500000000, 1650000000);
}

uint64_t user_id(const struct world *w, uint32_t no)
{
	uint64_t check = mix(world_salt(w, SALT_USER, no), 1) % (1u << (32 - USER_BITS));

	if (no >= VETERAN_FIRST && no < FAMOUS_FIRST)
		return no - VETERAN_FIRST + 1;
	return (uint64_t)user_created(w, no) << 32 | check << USER_BITS | no;
}

bool user_by_id(const struct world *w, uint64_t id, uint32_t *ret_no)
{
	uint32_t no = (uint32_t)(id & ((1u << USER_BITS) - 1));

	if (id >= 1 && id <= VETERANS)
		no = (uint32_t)id - 1 + VETERAN_FIRST;
	if (!number_exists(no) || user_id(w, no) != id || world_user_gone(w, no))
		return false;
	*ret_no = no;
	return true;
}

/* The digits after prefix, exactly `digits` of them, as a number; -1 when the name is another one. */
static long numbered(const char *name, const char *prefix, size_t digits)
{
	size_t n = strlen(prefix);

	if (strncasecmp(name, prefix, n) != 0 || strlen(name) != n + digits || strspn(name + n, "0123456789") != digits)
		return -1;
	return strtol(name + n, NULL, 10);
}

static bool original_name(const char *name, uint32_t *ret_no)
{
	long n = numbered(name, "creator_", 6);

	if (n >= 0) {
		*ret_no = (uint32_t)n;
		return true;
	}
	n = numbered(name, "veteran_", 5);
	if (n >= 1) {
		*ret_no = (uint32_t)n - 1 + VETERAN_FIRST;
		return true;
	}
	for (size_t i = 0; i < COUNT(famous); i++)
		if (strcasecmp(famous[i], name) == 0) {
			*ret_no = (uint32_t)(FAMOUS_FIRST + i);
			return true;
		}
	return false;
}

bool user_by_handle(const struct world *w, const char *handle, uint32_t *ret_no)
{
	uint32_t no;

	if (*handle == '@')
		handle++;
	for (size_t i = 0; i < w->n_renamed; i++)
		if (strcasecmp(w->renamed[i].handle, handle) == 0 && !world_user_gone(w, w->renamed[i].user)) {
			*ret_no = w->renamed[i].user;
			return true;
		}
	if (!original_name(handle, &no) || world_user_gone(w, no))
		return false;
	for (size_t i = 0; i < w->n_renamed; i++)
		if (w->renamed[i].user == no)
			return false;
	*ret_no = no;
	return true;
}

static void user_handle(const struct world *w, uint32_t no, char *out)
{
	for (size_t i = 0; i < w->n_renamed; i++)
		if (w->renamed[i].user == no) {
			memcpy(out, w->renamed[i].handle, HANDLE_MAX);
			return;
		}
	if (no >= FAMOUS_FIRST)
		snprintf(out, HANDLE_MAX, "%s", famous[no - FAMOUS_FIRST]);
	else if (no >= VETERAN_FIRST)
		snprintf(out, HANDLE_MAX, "veteran_%05" PRIu32, no - VETERAN_FIRST + 1);
	else
		snprintf(out, HANDLE_MAX, "creator_%06" PRIu32, no);
}

/* TikTok shows large figures rounded: 207900, 1400000. */
static int64_t rounded(int64_t n)
{
	if (n >= 1000000)
		return n / 100000 * 100000;
	return n >= 10000 ? n / 100 * 100 : n;
}

static void user_counters(const struct world *w, int64_t now, struct user *u)
{
	int64_t age = now - u->created;
	int64_t size = mix_pick(mix(u->salt, 11), 1, 7), fans = mix_pick(mix(u->salt, 12), 100, 999);

	for (int64_t i = 1; i < size; i++)
		fans = fans * 10 + 7;
	u->followers = rounded(schedule_grown(fans, age, 200000000) + age / 3600);
	u->following = mix_pick(mix(u->salt, 13), 0, 2000) + age / 2592000;
	u->likes = mix_pick(mix(u->salt, 14), 0, 9000) + age / 86400;
	u->friends = u->following / 7;
	u->posts = posts_living(w, u->no, now);
	u->hearts = rounded(schedule_grown(fans * mix_pick(mix(u->salt, 15), 2, 40), age, 150000000) + age / 600);
}

void user_who(const struct world *w, uint32_t no, struct user *ret)
{
	uint64_t s = world_salt(w, SALT_USER, no);

	memset(ret, 0, sizeof *ret);
	ret->no = no;
	ret->id = user_id(w, no);
	ret->salt = s;
	ret->created = user_created(w, no);
	user_handle(w, no, ret->handle);
	snprintf(ret->nickname, sizeof ret->nickname, "%s %s", first_names[mix(s, 2) % COUNT(first_names)],
		 last_names[mix(s, 3) % COUNT(last_names)]);
	world_sign(w, ret->nickname, sizeof ret->nickname);
	memcpy(ret->sec_uid, "MS4wLjABAAAA", 12);
	mix_base64(mix(s, 4), ret->sec_uid + 12, 43);
	ret->signature = signatures[mix(s, 5) % COUNT(signatures)];
	ret->region = regions[mix(s, 6) % COUNT(regions)];
	ret->language = languages[mix(s, 6) % COUNT(languages)];
	ret->verified = mix(s, 7) % 12 == 0;
	ret->hidden = user_private(w, no);
	ret->open_likes = mix(s, 8) % 4 != 0;
}

void user_get(const struct world *w, uint32_t no, int64_t now, struct user *ret)
{
	user_who(w, no, ret);
	user_counters(w, now, ret);
}
