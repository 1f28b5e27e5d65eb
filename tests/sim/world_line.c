#include "base/alloc.h"
#include "base/assert.h"
#include "tests/sim/world_state.h"

/* A call arrives: no sliding window of one process, nor of all of them while each place came from the store, holds more than the limit. */
void line_called(struct instance *i)
{
	struct world *w = i->world;
	struct fr_rate rate = w->conf->settings.upstream_rate;
	int64_t own = 0, all = 0;

	if (w->n_called == w->called_max) {
		w->called_max = w->called_max * 2 + 1024;
		w->called = fr_realloc(w->called, w->called_max * sizeof w->called[0]);
	}
	w->called[w->n_called++] = (struct called){ w->now, i };
	if (rate.calls == 0)
		return;
	for (size_t n = w->n_called; n > 0 && w->called[n - 1].at.v > w->now.v - rate.window.v; n--) {
		all++;
		own += w->called[n - 1].by == i;
	}
	if (own > rate.calls)
		world_broken(w, "more calls of one process in a window than upstream.rate", own, rate.calls);
	if (w->line_never_failed && all > rate.calls)
		world_broken(w, "more calls of all instances in a window than upstream.rate", all, rate.calls);
}

fr_ms world_call_at(const struct world *w, size_t call)
{
	FR_ASSERT(call < w->n_called);
	return w->called[call].at;
}
