#include "core/depth.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/map.h"
#include "base/str.h"
#include "core/json.h"
#include "core/portion.h"
#include "base/pure.h"

struct told {
	struct fr_map_link link;
	struct fr_list age;
	uint64_t page;
};

struct fr_walks {
	struct fr_map map;
	struct fr_list ages;
	size_t n;
};

bool fr_depth_known(const struct fr_endpoint *row)
{
	struct fr_page_params p;

	return fr_portion_params(row, &p) && (row->paging == FR_PAGING_OFFSET ? p.count != NULL : row->cursor.n > 0);
}

struct fr_walks *fr_walks_new(uint64_t seed)
{
	struct fr_walks *w = fr_calloc(1, sizeof(*w));

	fr_map_init(&w->map, seed);
	fr_list_init(&w->ages);
	return w;
}

static void forget(struct fr_walks *w, struct told *t)
{
	fr_map_cut(&w->map, &t->link);
	fr_list_cut(&t->age);
	free(t);
	w->n--;
}

void fr_walks_free(struct fr_walks *w)
{
	struct fr_list *first;

	while ((first = fr_list_first(&w->ages)) != NULL)
		forget(w, FR_OF(first, struct told, age));
	fr_map_free(&w->map);
	free(w);
}

/* A page that begins at `cursor` in the walk of somebody through a list. */
static struct fr_key key_of(uint64_t who, struct fr_key list, uint64_t cursor)
{
	const uint64_t of[] = { who, list.hi, list.lo, cursor };

	return fr_hash128(2, of, sizeof(of));
}

uint64_t fr_walks_page(const struct fr_walks *w, uint64_t who, const struct fr_endpoint *row, struct fr_str canon)
{
	struct fr_page_place at;
	struct fr_map_link *link;

	FR_ASSERT(fr_depth_known(row));
	if (!fr_portion_place(row, canon, &at)) /* whatever its cursor is, it is not the first one's */
		return 2;
	if (at.cursor == 0)
		return 1;
	if (row->paging == FR_PAGING_OFFSET)
		return at.count > 0 ? at.cursor / at.count + 1 : 2;
	link = fr_map_find(&w->map, key_of(who, at.list, at.cursor));
	return link != NULL ? FR_OF(link, struct told, link)->page : 2;
}

static void remember(struct fr_walks *w, struct fr_key key, uint64_t page)
{
	struct fr_map_link *link = fr_map_find(&w->map, key);
	struct told *t;

	if (link != NULL)
		forget(w, FR_OF(link, struct told, link));
	else if (w->n == FR_WALKS_MAX)
		forget(w, FR_OF(fr_list_first(&w->ages), struct told, age));
	t = fr_calloc(1, sizeof(*t));
	t->page = page;
	fr_map_add(&w->map, &t->link, key);
	fr_list_push(&w->ages, &t->age);
	w->n++;
}

void fr_walks_told(struct fr_walks *w, uint64_t who, const struct fr_endpoint *row, struct fr_str canon, struct fr_str body,
		   uint64_t page)
{
	struct fr_str value = fr_json_get(fr_json_value(body), row->cursor), inside = fr_json_inside(value);
	struct fr_page_place at;
	uint64_t next;

	if (row->paging != FR_PAGING_TIME || !fr_portion_place(row, canon, &at))
		return;
	if (fr_str_to_u64(inside.p != NULL ? inside : value, &next) && next != at.cursor)
		remember(w, key_of(who, at.list, next), page + 1);
}
