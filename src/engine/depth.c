/* A client that walks through a list costs a credit for each page that nobody has asked for yet. How far it may go is its configuration's. */
#include "base/hash.h"
#include "base/str.h"
#include "core/problem.h"
#include "engine/state.h"

bool depth_allows(struct fr_engine *e, struct asker *a, const struct fr_question *q)
{
	const struct fr_client *client = &e->policy.roster->clients[a->client];
	unsigned most = client->max_pages[q->endpoint->index];
	struct fr_str name = fr_str_of(client->name);
	struct fr_refusal why;

	if (most == 0 || q->endpoint->is_other || !fr_depth_known(q->endpoint))
		return true;
	a->depth.who = fr_hash64(3, name.p, name.n);
	a->depth.page = fr_walks_page(e->walks, a->depth.who, q->endpoint, q->canon);
	if (a->depth.page <= most)
		return true;
	fr_problem_set(&why, FR_PROBLEM_PAGE_LIMIT, "this is page %llu; client %s may read %u of a list of %.*s (max_pages)",
		       (unsigned long long)a->depth.page, client->name, most, FR_STR_ARG(q->endpoint->path));
	refuse(e, a, q->endpoint->index, q->endpoint->price, &why, FR_OUTCOME_TOO_DEEP, FR_MS(0), NULL);
	return false;
}

void depth_told(struct fr_engine *e, const struct asker *a, const struct fr_endpoint *row, struct fr_str canon,
		const struct fr_answer *answer)
{
	if (a->depth.page > 0 && answer->verdict == FR_VERDICT_DATA)
		fr_walks_told(e->walks, a->depth.who, row, canon, fr_blob_str(answer->body), a->depth.page);
}
