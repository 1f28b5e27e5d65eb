#include "page.h"

#include "mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char help[] =
	"Control calls (never billed, no key needed, GET or POST):\n"
	"  /_twin/ledger                                  what was called, what was billed\n"
	"  /_twin/calls?since=SEQ                         the calls after SEQ, with raw query and headers\n"
	"  /_twin/body?seq=SEQ                            the bytes that were sent\n"
	"  /_twin/reset[?all=1]                           back to the start (all: key, rate and world as well)\n"
	"  /_twin/delay?ms=N[&path=P]                     answer later\n"
	"  /_twin/hold[?path=P]                           park requests until\n"
	"  /_twin/release[?path=P][&n=K]                  lets them go (n: only the K oldest)\n"
	"  /_twin/fault?kind=K[&path=P][&times=N][&status=S][&retry_after=S][&ms=N][&match=TEXT]   or ?clear=1\n"
	"  /_twin/time[?offset_ms=N|advance_ms=N|freeze=0/1]\n"
	"  /_twin/rate?per_minute=N   /_twin/key?value=K\n"
	"  /_twin/made?post=ID&play_count=N               from when until when the post had so many plays\n"
	"  /_twin/world?n=N                               valid inputs\n"
	"  /_twin/remove?post=ID|user=HANDLE   /_twin/restore?…   /_twin/handle?userid=ID&to=NAME\n"
	"Kinds of faults:";

json_t *page_ledger(struct twin *t)
{
	const struct ledger *l = &t->ledger;
	json_t *paths = mem_json(json_object()), *status = mem_json(json_object());
	char code[16];

	for (size_t i = 0; i < l->n_paths; i++)
		json_object_set_new(paths, l->paths[i].path,
				    mem_json(json_pack("{sI sI}", "calls", (json_int_t)l->paths[i].calls, "billed",
						       (json_int_t)l->paths[i].billed)));
	for (unsigned i = 0; i < STATUS_MAX; i++) {
		if (l->by_status[i] == 0)
			continue;
		snprintf(code, sizeof code, "%u", i);
		json_object_set_new(status, code, json_integer((json_int_t)l->by_status[i]));
	}
	return mem_json(json_pack("{sI sI sI sI sI so so}", "calls", (json_int_t)l->calls, "billed", (json_int_t)l->billed,
				  "waiting", (json_int_t)(l->calls - l->settled), "held",
				  (json_int_t)lot_count(&t->lot, WAIT_HOLD | WAIT_HANG), "max_per_minute",
				  (json_int_t)l->max_per_minute, "by_path", paths, "by_status", status));
}

json_t *page_calls(const struct twin *t, uint64_t since)
{
	json_t *all = mem_json(json_array());
	uint64_t last = t->ledger.calls, first = last >= CALLS_KEPT ? last - CALLS_KEPT + 1 : 1;

	for (uint64_t seq = since + 1 > first ? since + 1 : first; seq <= last; seq++) {
		const struct record *r = ledger_record(&t->ledger, seq);

		if (r == NULL)
			continue;
		json_array_append_new(all, mem_json(json_pack("{sI so so sb sO si sb ss sI sI}", "seq", (json_int_t)r->seq,
							      "path", mem_json_text(r->path), "query", mem_json_text(r->query),
							      "key_ok", r->key_ok, "headers", r->headers, "status",
							      (int)r->status, "billed", r->billed, "kind", r->kind, "at_ms",
							      (json_int_t)r->at_ms, "body_bytes", (json_int_t)r->body_bytes)));
	}
	return all;
}

static int by_calls(const void *a, const void *b)
{
	const struct path_tally *const *p = a, *const *q = b;

	return (*p)->calls < (*q)->calls ? 1 : (*p)->calls > (*q)->calls ? -1 : 0;
}

static void print_paths(FILE *f, const struct ledger *l)
{
	const struct path_tally *top[PATHS_KEPT];
	size_t n = l->n_paths;

	for (size_t i = 0; i < n; i++)
		top[i] = &l->paths[i];
	if (n > 0)
		qsort(top, n, sizeof top[0], by_calls);
	for (size_t i = 0; i < n && i < 12; i++)
		fprintf(f, "  %8" PRIu64 " calls %8" PRIu64 " billed  %s\n", top[i]->calls, top[i]->billed, top[i]->path);
}

char *page_text(struct twin *t)
{
	const struct ledger *l = &t->ledger;
	char *text = NULL, stamp[32];
	size_t size = 0;
	time_t now = (time_t)(twin_now_ms(t) / 1000);
	struct tm tm;
	FILE *f = open_memstream(&text, &size);

	if (f == NULL)
		abort();
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &tm);
	fprintf(f,
		"The twin: a stand-in for api.tikliveapi.com. All data is invented.\n\n"
		"seed %" PRIu64 "   virtual time %s%s   rate %" PRId64 "/min   key %s\n\n",
		t->world.seed, stamp, t->frozen_ms ? " (frozen)" : "", t->rate, t->key[0] ? "needed" : "not needed");
	fprintf(f,
		"calls %" PRIu64 "   billed %" PRIu64 "   waiting %" PRIu64 "   held %zu"
		"   most in a minute %zu   faults set %zu\n\n",
		l->calls, l->billed, l->calls - l->settled, lot_count(&t->lot, WAIT_HOLD | WAIT_HANG), l->max_per_minute,
		t->faults.n);
	print_paths(f, l);
	fprintf(f, "\n%s", help);
	for (int i = FAULT_NONE + 1; i < FAULT_KINDS_N; i++)
		fprintf(f, " %s", fault_name((enum fault_kind)i));
	fputs("\n\nPaths played:", f);
	for (size_t i = 0; endpoint_row(i) != NULL; i++)
		fprintf(f, " %s", endpoint_row(i)->path);
	fputs("\n", f);
	if (fclose(f) != 0 || text == NULL)
		abort();
	return text;
}
