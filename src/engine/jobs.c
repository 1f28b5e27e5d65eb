#include "base/str.h"
#include "engine/state.h"
#include "frugal/engine_jobs.h"

enum fr_named fr_engine_name(const struct fr_engine *e, const struct fr_ask *asked, struct fr_key *ret, struct fr_refusal *why)
{
	struct fr_str path = { asked->target.p, fr_str_find(asked->target, '?') };
	enum fr_named named = FR_NAMED_BAD;
	struct fr_question q;
	struct fr_arena mem;

	fr_arena_init(&mem, 8 * FR_CANON_MAX);
	if (fr_question_read(&mem, e->catalogue, asked->target, engine_partition(e, asked->client_key), e->settings->validate, &q,
			     why) == FR_OK) {
		named = q.endpoint->is_other ? FR_NAMED_UNKNOWN : FR_NAMED_KEY;
		*ret = q.key;
	} else if (fr_catalogue_find(e->catalogue, path)->is_other) {
		named = FR_NAMED_UNKNOWN;
	}
	fr_arena_free(&mem);
	return named;
}
