#include "conf/max_pages.h"

#include "base/str.h"
#include "conf/complain.h"
#include "conf/endpoints.h"
#include "conf/value.h"
#include "core/depth.h"

enum fr_err fr_max_pages_read(const struct fr_source *s, const struct fr_node *n, const char *name, const struct fr_catalogue *c,
			      uint16_t ret[FR_ENDPOINTS_MAX])
{
	enum fr_err e = fr_value_map(s, n, name);

	for (const struct fr_node *path = n->first; path != NULL && e == FR_OK; path = path->next) {
		const struct fr_endpoint *row = fr_endpoints_find(c, path->key);
		int64_t pages = 0;

		if (row == NULL)
			return fr_complain(s, path->key_at, "%s: unknown path '%s'%s", name, fr_complain_excerpt(path->key).s,
					   fr_endpoints_hint(c, path->key).s);
		if (!fr_depth_known(row))
			return fr_complain(s, path->key_at, "%s: path '%s' has no pages that can be counted", name,
					   fr_complain_excerpt(row->path).s);
		if (ret[row->index] != 0)
			return fr_complain(s, path->key_at, "%s: path '%s' is given twice", name,
					   fr_complain_excerpt(row->path).s);
		e = fr_value_count(s, path, fr_value_name(name, path->key).s, 1, UINT16_MAX, &pages);
		ret[row->index] = (uint16_t)pages;
	}
	return e;
}

enum fr_err fr_max_pages_write(struct fr_buf *b, const struct fr_catalogue *c, const uint16_t pages[FR_ENDPOINTS_MAX])
{
	const char *lead = "{ ";
	enum fr_err e = FR_OK;

	for (size_t i = 0; i < c->n && e == FR_OK; i++) {
		if (pages[i] == 0)
			continue;
		e = fr_buf_addf(b, "%s%.*s: %u", lead, FR_STR_ARG(c->rows[i].path), (unsigned)pages[i]);
		lead = ", ";
	}
	return e == FR_OK ? fr_buf_add_text(b, lead[0] == '{' ? "{}" : " }") : e;
}
