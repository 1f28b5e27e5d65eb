#include "base/str.h"
#include "frugal/engine_jobs.h"
#include "tests/sim/world_state.h"

#include <string.h>

void world_batch(struct world *w, bool of_batch)
{
	w->of_batch = of_batch;
}

bool world_prewarm(struct world *w, size_t instance, const char *client_key, const char *source, const char *const *targets,
		   size_t n)
{
	struct fr_ask ask = { .priority = FR_PRIORITIES, .request_id = FR_STR("sim"), .wish = fr_wish_none() };
	struct fr_str texts[FR_BUNDLE_QUESTIONS_MAX];
	unsigned char digest[FR_SHA256_BYTES];
	bool followed;

	ask.client_key = fr_str_of(client_key);
	if (client_key[0] != '\0' && fr_roster_has_keys(&w->conf->roster)) {
		client_digest(client_key, digest);
		ask.key_sha256 = digest;
	}
	for (size_t i = 0; i < n; i++)
		texts[i] = fr_str_of(targets[i]);
	followed = fr_engine_prewarm(w->instances[instance]->engine, &ask, fr_str_of(source), texts, n);
	check_all(w);
	return followed;
}

struct fr_prewarm_figures world_prewarmed(const struct world *w, size_t instance, const char *source)
{
	struct fr_prewarm_figures of[FR_PREWARM_SOURCES_MAX];
	size_t n = fr_engine_prewarm_figures(w->instances[instance]->engine, of);

	for (size_t i = 0; i < n; i++)
		if (strcmp(of[i].name, source) == 0)
			return of[i];
	return (struct fr_prewarm_figures){ .asked = 0 };
}

uint64_t world_lines(const struct world *w, size_t instance)
{
	return w->instances[instance]->last_logged.n;
}

void log_question(void *ctx, const struct fr_log_line *line)
{
	struct instance *i = ctx;
	struct logged *l = &i->last_logged;
	struct fr_buf b;

	l->n++;
	l->came = line->came;
	l->status = line->status;
	l->spent = line->spent;
	l->avoided = line->avoided;
	l->wait = line->wait;
	(void)fr_str_copy(l->target, sizeof l->target, line->target);
	(void)fr_str_copy(l->outcome, sizeof l->outcome, line->outcome);
	fr_buf_init(&b, FR_LOG_LINE_MAX);
	if (fr_log_line_write(&b, line) != FR_OK)
		world_broken(i->world, "a line that does not fit", line->status, 0);
	fr_buf_free(&b);
}

/* With each answer comes a line, before it, that says the same. */
void check_logged(struct instance *i, const struct world_reply *r)
{
	const struct logged *l = &i->last_logged;
	struct world *w = i->world;

	if (w->conf->settings.log_questions.s[0] == '\0')
		return;
	if (l->n != ++i->last_logged.answers)
		world_broken(w, "lines and answers differ", (long long)l->n, (long long)l->answers);
	if (strcmp(l->target, r->target) != 0 || l->status != r->status || l->spent != r->spent || l->avoided != r->avoided)
		world_broken(w, "a line says another thing than its answer", l->status, r->status);
	if (l->wait != w->now.v - r->asked_at.v || l->came + l->wait != instance_wall(i))
		world_broken(w, "a line has another time than its answer", l->wait, w->now.v - r->asked_at.v);
}

/* Every credit that prewarming cost is an answer that was used, or wasted, or may still be used; and every row costs one credit. */
void check_prewarms(const struct world *w, const struct instance *i)
{
	const struct fr_tally *t = fr_engine_tally(i->engine);
	struct fr_prewarm_figures of[FR_PREWARM_SOURCES_MAX];
	size_t n = fr_engine_prewarm_figures(i->engine, of);
	uint64_t asked = 0, pending = 0;
	int64_t spent = 0;

	for (size_t s = 0; s < n; s++) {
		asked += of[s].asked;
		pending += of[s].pending;
	}
	for (size_t e = 0; e < w->conf->catalogue.n; e++)
		spent += t->spent[e][FR_REASON_PREWARM];
	if (asked != t->counters.prewarm_asked || (!w->price_was_set && spent != (int64_t)asked))
		world_broken(w, "what prewarming cost is not what its sources have asked", (long long)spent, (long long)asked);
	if (asked != t->counters.prewarm_used + t->counters.prewarm_wasted + pending)
		world_broken(w, "prewarmed answers are neither used nor wasted nor pending", (long long)asked,
			     (long long)pending);
}
