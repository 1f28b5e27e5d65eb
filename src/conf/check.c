#include "conf/check.h"

#include "base/str.h"
#include "base/units.h"
#include "conf/address.h"

/* Where to point: the first of two settings that was written. */
static struct fr_mark either(const struct fr_settings_marks *marks, enum fr_row a, enum fr_row b)
{
	return marks->at[a].line != 0 ? marks->at[a] : marks->at[b];
}

static enum fr_err check_breaker(const struct fr_source *s, const struct fr_settings *set, const struct fr_settings_marks *marks)
{
	char first[32], longest[32];

	if (set->breaker_open.v <= set->breaker_open_max.v)
		return FR_OK;
	fr_units_show_ms(set->breaker_open, first, sizeof(first));
	fr_units_show_ms(set->breaker_open_max, longest, sizeof(longest));
	return fr_complain(s, either(marks, FR_ROW_breaker_open, FR_ROW_breaker_open_max),
			   "breaker.open (%s) is longer than breaker.open_max (%s)", first, longest);
}

/* Two listeners on one port would fail later, at the second bind. */
static enum fr_err check_listeners(const struct fr_source *s, const struct fr_settings *set,
				   const struct fr_settings_marks *marks)
{
	for (size_t i = 0; i < set->listen.n; i++) {
		struct fr_str text = fr_str_of(set->listen.at[i].s);
		struct fr_listen_address a;

		if (fr_address_listen(text, &a) == NULL && !a.unix_socket && a.port == 0)
			continue;
		for (size_t j = 0; j < set->admin_listen.n; j++)
			if (fr_str_is(text, set->admin_listen.at[j].s))
				return fr_complain(s, either(marks, FR_ROW_admin_listen, FR_ROW_listen),
						   "listen and admin.listen both name %s", fr_complain_excerpt(text).s);
	}
	return FR_OK;
}

static enum fr_err check_redis(const struct fr_source *s, const struct fr_settings *set, const struct fr_settings_marks *marks)
{
	struct fr_redis_address redis;

	if (fr_address_redis(fr_str_of(set->redis_url.s), &redis) == NULL && redis.password.p != NULL &&
	    set->redis_password_file.s[0] != '\0')
		return fr_complain(s, marks->at[FR_ROW_redis_password_file],
				   "redis.password_file: redis.url holds a password already");
	return FR_OK;
}

enum fr_err fr_check(const struct fr_source *s, const struct fr_settings *set, const struct fr_settings_marks *marks)
{
	enum fr_err e = check_listeners(s, set, marks);

	if (e == FR_OK)
		e = check_breaker(s, set, marks);
	return e == FR_OK ? check_redis(s, set, marks) : e;
}

static bool is_open(const char *text)
{
	struct fr_listen_address a;

	return fr_address_listen(fr_str_of(text), &a) == NULL && !a.unix_socket && !a.host.loopback;
}

const char *fr_check_open(const struct fr_addrs *addrs)
{
	for (size_t i = 0; i < addrs->n; i++)
		if (is_open(addrs->at[i].s))
			return addrs->at[i].s;
	return NULL;
}

/* Where the first open address stands in a setting's value, one text or a list of them. */
static struct fr_mark open_at(const struct fr_node *value)
{
	if (value == NULL)
		return (struct fr_mark){ 0, 0 };
	for (const struct fr_node *item = value->first; item != NULL; item = item->next)
		if (is_open(item->text.p))
			return item->at;
	return value->at;
}

static enum fr_err check_operators(const struct fr_source *s, const struct fr_node *root, const struct fr_settings *set)
{
	const char *open = fr_check_open(&set->admin_listen);

	if (open == NULL)
		return FR_OK;
	return fr_complain(
		s, open_at(fr_tree_get(fr_tree_get(root, "admin"), "listen")),
		"admin.listen: '%s' can be reached from other machines, and nobody is checked there: use 127.0.0.1, [::1], "
		"localhost or unix:/path, and put a proxy that checks its clients before it",
		fr_complain_excerpt(fr_str_of(open)).s);
}

static enum fr_err check_clients(const struct fr_source *s, const struct fr_node *root, const struct fr_settings *set,
				 const struct fr_roster *r)
{
	const char *open = fr_check_open(&set->listen);
	const struct fr_client *keyless = fr_roster_find(r, NULL);
	const struct fr_node *clients = fr_tree_get(root, "clients"), *n = clients == NULL ? NULL : clients->first;
	struct fr_excerpt shown;

	if (open == NULL || keyless == NULL)
		return FR_OK;
	shown = fr_complain_excerpt(fr_str_of(open));
	while (n != NULL && fr_tree_get(n, "key_sha256") != NULL)
		n = n->next;
	if (n == NULL)
		return fr_complain(
			s, open_at(fr_tree_get(root, "listen")),
			"listen: '%s' can be reached from other machines: add `clients:` with keys (frugalctl key new NAME makes "
			"one), or use 127.0.0.1, [::1], localhost or unix:/path",
			shown.s);
	return fr_complain(
		s, n->at,
		"clients: '%s' has no key_sha256 (frugalctl key new NAME makes one), and listen: '%s' can be reached from "
		"other machines",
		keyless->name, shown.s);
}

enum fr_err fr_check_reach(const struct fr_source *s, const struct fr_node *root, const struct fr_settings *set,
			   const struct fr_roster *r)
{
	enum fr_err e = check_operators(s, root, set);

	return e == FR_OK ? check_clients(s, root, set, r) : e;
}
