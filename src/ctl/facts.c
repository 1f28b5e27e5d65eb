#include "ctl/facts.h"

#include <math.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"

enum { DAY_TEXT = 10 };

static const double MS_FROM = 1e11, SECONDS_MOST = 1e11;

json_t *fr_facts_of(const struct fr_answer *a)
{
	return a->body.len == 0 ? NULL : json_loadb(a->body.p, a->body.len, JSON_DISABLE_EOF_CHECK, NULL);
}

json_t *fr_facts_at(const json_t *o, const char *path)
{
	struct fr_str rest = fr_str_of(path);
	json_t *found = NULL;
	char name[FR_NAME_MAX];

	while (rest.p != NULL && o != NULL) {
		FR_ASSERT(fr_str_copy(name, sizeof(name), fr_str_cut(&rest, '.')));
		found = json_object_get(o, name);
		o = found;
	}
	return found;
}

int64_t fr_facts_number(const json_t *o, const char *path, int64_t unknown)
{
	const json_t *v = fr_facts_at(o, path);

	return json_is_integer(v) ? (int64_t)json_integer_value(v) : unknown;
}

double fr_facts_real(const json_t *o, const char *path)
{
	const json_t *v = fr_facts_at(o, path);

	return json_is_number(v) ? json_number_value(v) : (double)NAN;
}

const char *fr_facts_text(const json_t *o, const char *path, const char *unknown)
{
	const json_t *v = fr_facts_at(o, path);

	return json_is_string(v) ? json_string_value(v) : unknown;
}

bool fr_facts_moment(const json_t *o, const char *path, int64_t *ret)
{
	double v = fr_facts_real(o, path);

	if (isnan(v) || v <= 0)
		return false;
	if (v >= MS_FROM)
		v /= 1000;
	if (v >= SECONDS_MOST)
		return false;
	*ret = (int64_t)v;
	return true;
}

/* "2026-11-21", whatever follows. */
static bool is_day(const char *text)
{
	static const char form[] = "dddd-dd-dd";

	for (size_t i = 0; i < DAY_TEXT; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != '-')
			return false;
	return true;
}

bool fr_facts_day(const json_t *o, const char *path, char ret[11])
{
	const char *text = fr_facts_text(o, path, "");
	int64_t seconds;

	if (is_day(text))
		return fr_str_copy(ret, DAY_TEXT + 1, (struct fr_str){ text, DAY_TEXT });
	if (!fr_facts_moment(o, path, &seconds))
		return false;
	fr_units_show_day(fr_units_day((fr_wall){ seconds * 1000 }), ret);
	return true;
}
