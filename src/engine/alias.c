#include "base/alloc.h"
#include "base/assert.h"
#include "engine/state.h"

#include <stdlib.h>

uint64_t alias_find(const struct fr_engine *e, struct fr_key key)
{
	struct fr_map_link *link = fr_map_find(&e->aliases, key);

	return link == NULL ? 0 : FR_OF(link, struct alias, link)->post_id;
}

static void forget(struct fr_engine *e, struct alias *a)
{
	fr_map_cut(&e->aliases, &a->link);
	fr_list_cut(&a->order);
	free(a);
	e->n_aliases--;
}

void alias_learn(struct fr_engine *e, struct fr_key key, uint64_t post_id)
{
	struct fr_map_link *link = fr_map_find(&e->aliases, key);
	struct alias *a;

	FR_ASSERT(post_id != 0);
	if (link != NULL) {
		FR_OF(link, struct alias, link)->post_id = post_id;
		return;
	}
	if (e->n_aliases == FR_ALIASES_MAX)
		forget(e, FR_OF(fr_list_first(&e->alias_order), struct alias, order));
	a = fr_calloc(1, sizeof *a);
	a->post_id = post_id;
	fr_map_add(&e->aliases, &a->link, key);
	fr_list_push(&e->alias_order, &a->order);
	e->n_aliases++;
	e->tally.counters.aliases_learnt++;
}

void alias_free_all(struct fr_engine *e)
{
	while (!fr_list_empty(&e->alias_order))
		forget(e, FR_OF(fr_list_first(&e->alias_order), struct alias, order));
}
