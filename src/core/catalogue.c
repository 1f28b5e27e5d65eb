#include "core/catalogue.h"

#include "base/assert.h"
#include "base/str.h"
#include "base/pure.h"

static struct fr_str without_end_slashes(struct fr_str path)
{
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

/* At most FR_ENDPOINTS_MAX comparisons, nearly all of which end at the length. */
const struct fr_endpoint *fr_catalogue_find(const struct fr_catalogue *c, struct fr_str path)
{
	struct fr_str asked = without_end_slashes(path);

	FR_ASSERT(c->n >= 1 && c->n <= FR_ENDPOINTS_MAX);
	FR_ASSERT(c->rows[c->n - 1].is_other);
	for (size_t i = 0; i + 1 < c->n; i++)
		if (fr_str_eq(without_end_slashes(c->rows[i].path), asked))
			return &c->rows[i];
	return &c->rows[c->n - 1];
}

const struct fr_param *fr_catalogue_param(const struct fr_endpoint *e, struct fr_str name)
{
	for (size_t i = 0; i < e->n_params; i++)
		if (fr_str_eq(e->params[i].name, name))
			return &e->params[i];
	return NULL;
}

const struct fr_endpoint *fr_catalogue_of_thing(const struct fr_catalogue *c, struct fr_str thing)
{
	for (size_t i = 0; i < c->n && thing.n > 0; i++)
		if (fr_str_eq(c->rows[i].thing, thing))
			return &c->rows[i];
	return NULL;
}
