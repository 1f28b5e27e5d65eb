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
