#include "core/shape.h"

#include "base/assert.h"
#include "base/str.h"
#include "core/json.h"
#include "frugal/limits.h"

#include "base/pure.h"

size_t fr_shape_find(const struct fr_shape *s, struct fr_str name)
{
	size_t i = 0;

	while (i < s->n && !fr_str_eq(s->at[i].name, name))
		i++;
	return i;
}

/* Whether a value is of the kind; a map's members are not looked at. */
static bool is_kind(enum fr_shape_kind kind, struct fr_str value)
{
	switch (kind) {
	case FR_SHAPE_TEXT: return fr_json_kind(value) == FR_JSON_TEXT;
	case FR_SHAPE_ID: return fr_str_all_digits(fr_json_inside(value));
	case FR_SHAPE_NUMBER: return fr_json_kind(value) == FR_JSON_NUMBER;
	case FR_SHAPE_FLAG: return fr_json_kind(value) == FR_JSON_FLAG;
	case FR_SHAPE_LIST: return fr_json_kind(value) == FR_JSON_LIST;
	case FR_SHAPE_MAP: break;
	}
	return fr_json_kind(value) == FR_JSON_MAP;
}

bool fr_shape_holds(const struct fr_shape_part *part, struct fr_str value)
{
	if (part->optional && fr_json_kind(value) == FR_JSON_NULL)
		return true;
	return is_kind(part->kind, value) && (part->inner.n == 0 || fr_shape_whole(&part->inner, value));
}

/* Calls itself through fr_shape_holds() for maps inside, of which the catalogue's reader allows one level. */
bool fr_shape_whole(const struct fr_shape *s, struct fr_str map)
{
	struct fr_json_walk w = fr_json_walk(map);
	struct fr_str name, value;
	uint64_t seen = 0;

	FR_ASSERT(s->n <= FR_SHAPE_MAX);
	if (!w.map)
		return false;
	while (fr_json_next(&w, &name, &value)) {
		size_t i = fr_shape_find(s, name);

		if (i == s->n)
			continue;
		if ((seen & UINT64_C(1) << i) != 0 || !fr_shape_holds(&s->at[i], value))
			return false;
		seen |= UINT64_C(1) << i;
	}
	for (size_t i = 0; i < s->n; i++)
		if (!s->at[i].optional && (seen & UINT64_C(1) << i) == 0)
			return false;
	return true;
}
