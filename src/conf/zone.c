#include "conf/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "conf/suggest.h"

enum { ZONE_FILE_MAX = 512, ZONE_LINE_MAX = 512, LOOK_S = 24 * 3600 }; /* no zone changes twice within a day */

static const time_t FIRST_S = 1577836800, LAST_S = 2840140800; /* the beginnings of 2020 and of 2060 */

static bool plain(struct fr_str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = fr_lower(name.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-' || c == '+'))
			return false;
	}
	/* Those below right/ count leap seconds, which the clock of this machine does not. */
	return name.n > 0 && name.n < FR_NAME_MAX && name.p[0] != '/' && !fr_str_starts(name, "right/");
}

static bool file_of(const char *dir, struct fr_str name, char ret[ZONE_FILE_MAX])
{
	int n = snprintf(ret, ZONE_FILE_MAX, "%s/%.*s", dir, FR_STR_ARG(name));

	return n > 0 && n < ZONE_FILE_MAX;
}

static bool is_zone_file(const char *file)
{
	char magic[4] = "";
	FILE *f = fopen(file, "r");
	bool ok = f != NULL && fread(magic, 1, sizeof(magic), f) == sizeof(magic) && memcmp(magic, "TZif", sizeof(magic)) == 0;

	if (f != NULL)
		(void)fclose(f); /* it was only read */
	return ok;
}

/* zone.tab has a line for each zone: country, place, name and perhaps a remark, with tabs between. False: there is no such file. */
static bool offer_zones(const char *dir, struct fr_suggest *near, char (*names)[FR_NAME_MAX])
{
	char line[ZONE_LINE_MAX];
	bool there = file_of(dir, FR_STR("zone.tab"), line);
	FILE *f = there ? fopen(line, "r") : NULL;
	size_t spare = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		struct fr_str rest = fr_str_trim((struct fr_str){ line, strcspn(line, "\n") }), name;

		if (line[0] == '#')
			continue;
		(void)fr_str_cut(&rest, '\t');
		(void)fr_str_cut(&rest, '\t');
		name = fr_str_cut(&rest, '\t');
		if (name.p == NULL || !fr_str_copy(names[spare], FR_NAME_MAX, name))
			continue;
		fr_suggest_offer(near, fr_str_of(names[spare]));
		if (near->best.p == names[spare])
			spare = 1 - spare;
	}
	if (f != NULL)
		(void)fclose(f);
	return f != NULL;
}

static enum fr_err unknown(const struct fr_source *s, const struct fr_node *n, const char *name, const char *dir)
{
	struct fr_excerpt shown = fr_complain_excerpt(n->text);
	struct fr_suggest near;
	char names[2][FR_NAME_MAX];

	fr_suggest_init(&near, n->text);
	fr_suggest_offer(&near, FR_STR("UTC"));
	if (!offer_zones(dir, &near, names))
		return fr_complain(s, n->at, "%s: '%s' is not known here: install tzdata, or use UTC", name, shown.s);
	if (near.best.p == NULL)
		return fr_complain(s, n->at, "%s: '%s' is not known here: a name like Europe/Berlin or UTC is expected", name,
				   shown.s);
	return fr_complain(s, n->at, "%s: '%s' is not known here%s", name, shown.s, fr_suggest_hint(&near).s);
}

/* By TZ's clock. */
static int32_t ahead_at(time_t t)
{
	const struct fr_zone utc = { .n = 0 };
	struct fr_civil c;
	struct tm tm;

	FR_ASSERT(localtime_r(&t, &tm) != NULL); /* fails only for years that an int cannot hold */
	c = (struct fr_civil){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec };
	return (int32_t)(fr_zone_moment(&utc, &c).v / 1000 - t);
}

/* The first second of another offset than at `from`, of which `to` is one. */
static time_t change_between(time_t from, time_t to)
{
	int32_t before = ahead_at(from);

	while (to - from > 1) {
		time_t middle = from + (to - from) / 2;

		if (ahead_at(middle) == before)
			from = middle;
		else
			to = middle;
	}
	return to;
}

/* False: there are more than a table holds. */
static bool find_changes(struct fr_zone *z)
{
	time_t t = FIRST_S;

	z->steps[0] = (struct fr_zone_step){ t, ahead_at(t) };
	z->n = 1;
	while (t < LAST_S) {
		time_t next = t + LOOK_S;

		if (ahead_at(next) != z->steps[z->n - 1].ahead_s) {
			if (z->n == FR_ZONE_STEPS_MAX)
				return false;
			next = change_between(t, next);
			z->steps[z->n++] = (struct fr_zone_step){ next, ahead_at(next) };
		}
		t = next;
	}
	return true;
}

static void use_tz(const char *value)
{
	if (value == NULL)
		FR_ASSERT(unsetenv("TZ") == 0);
	else
		FR_ASSERT(setenv("TZ", value, 1) == 0); /* fails only without memory */
	tzset();
}

static bool read_file(const char *file, struct fr_zone *z)
{
	const char *mine = getenv("TZ");
	char *kept = mine == NULL ? NULL : fr_strndup(mine, strlen(mine)), value[ZONE_FILE_MAX + 1];
	int n = snprintf(value, sizeof(value), ":%s", file);
	bool fits;

	FR_ASSERT(n > 0 && (size_t)n < sizeof(value));
	use_tz(value);
	fits = find_changes(z);
	use_tz(kept);
	free(kept);
	return fits;
}

enum fr_err fr_zone_read(const struct fr_source *s, const struct fr_node *n, const char *name, const char *dir,
			 struct fr_zone *ret)
{
	struct fr_zone z = { .n = 0 };
	char file[ZONE_FILE_MAX];

	if (!fr_str_is(n->text, "UTC")) {
		if (!plain(n->text) || !file_of(dir, n->text, file) || !is_zone_file(file))
			return unknown(s, n, name, dir);
		if (!read_file(file, &z))
			return fr_complain(s, n->at, "%s: '%s' changes its clock more than %d times", name,
					   fr_complain_excerpt(n->text).s, FR_ZONE_STEPS_MAX - 1);
	}
	FR_ASSERT(fr_str_copy(z.name, sizeof(z.name), n->text));
	*ret = z;
	return FR_OK;
}
