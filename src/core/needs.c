#include "core/needs.h"

#include "base/str.h"

#include "base/pure.h"

static struct fr_str cut_name(struct fr_str *rest)
{
	struct fr_str name = *rest;
	size_t n = 0;

	while (n < rest->n && rest->p[n] != ',' && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	name.n = n;
	*rest = fr_str_skip(*rest, n < rest->n ? n + 1 : n);
	return name;
}

struct fr_needs fr_needs_read(const struct fr_shape *shape, struct fr_str list)
{
	struct fr_needs needs = { 0, false };
	bool all = false;

	while (list.n > 0) {
		struct fr_str name = cut_name(&list);
		size_t i = fr_shape_find(shape, name);

		if (name.n == 0)
			continue;
		if (fr_str_is(name, "*"))
			all = true;
		else if (i < shape->n)
			needs.bits |= UINT64_C(1) << i;
		else
			needs.unknown = true;
	}
	if (all || needs.unknown)
		needs.bits = 0;
	return needs;
}
