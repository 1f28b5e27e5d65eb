/* The log of questions: what is said of each request, as it is answered. */
#include "core/logline.h"

#include "base/str.h"
#include "engine/state.h"

static bool is_on(const struct fr_engine *e)
{
	return e->settings->log_questions.s[0] != '\0';
}

void log_asked(const struct fr_engine *e, struct asker *a, struct fr_str target, const struct fr_client *client)
{
	const struct fr_str none = { NULL, 0 };

	a->target = is_on(e) ? target : none;
	a->name = is_on(e) && client != NULL ? fr_str_of(client->name) : none;
}

static int64_t known(bool is, int64_t n)
{
	return is ? n : FR_LOG_NONE;
}

/* One that was asked before the log was switched on has no target. */
void log_answered(struct fr_engine *e, const struct asker *a, size_t endpoint, const struct fr_reply_facts *f,
		  const struct fr_reply *r, fr_ms call)
{
	int64_t waited = e->now.v - a->since.v;
	struct fr_log_line line;

	if (!is_on(e) || a->target.p == NULL)
		return;
	line = (struct fr_log_line){
		.came = e->wall.v - waited,
		.request_id = a->request_id,
		.client = a->name,
		.tenant = fr_str_of(e->policy.roster->tenants[a->standing.tenant].name),
		.priority = fr_str_of(fr_priority_name((enum fr_priority)a->standing.priority)),
		.target = a->target,
		.endpoint = fr_tally_label(&e->catalogue->rows[endpoint]),
		.key = a->key,
		.outcome = fr_str_of(fr_outcome_name(f->outcome)),
		.reason = f->from_flight ? fr_str_of(fr_reason_name(f->reason)) : (struct fr_str){ NULL, 0 },
		.status = r->status,
		.spent = f->spent,
		.avoided = f->avoided,
		.age = known(f->answer != NULL, f->view.age.v),
		.ttl = known(f->answer != NULL, f->view.left.v),
		.wait = waited,
		.call = known(f->from_flight && call.v >= 0, call.v),
		.bytes = (int64_t)r->body->n,
	};
	e->ports.log_question(e->ports.ctx, &line);
}
