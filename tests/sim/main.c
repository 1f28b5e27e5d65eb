/* main.c — seeds × random traffic × random faults at the ports × small limits, the standing invariants after every event.
 *
 *   sim [FIRST [COUNT]]     one virtual hour for each seed; prints the seed and dies on a broken invariant */
#include "base/random.h"
#include "tests/sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS_MAX = 6 };

/* '#' stands for the number of a thing, of two digits; '$' for how many, '^' for how far into a list by offset, '~' by time. */
static const char *const targets[] = {
	"/userid/?username=u#",
	"/userid?username=@U#",
	"/user-posts/?userid=1000#&count=10&cursor=0",
	"/user-posts/?userid=1000#",
	"/user-posts/?userid=1000#&cursor=1700000000000",
	"/user-posts/?userid=1000#&count=$",
	"/user-posts/?userid=1000#&count=$&cursor=~",
	"/search-video/?keyword=k#&count=$",
	"/search-video/?keyword=k#&count=$&cursor=^",
	"/search-video/?cursor=^&keyword=k#&count=35",
	"/post-detail/?url=71065943122924536#",
	"/post-detail/?url=https://www.tiktok.com/@x/video/71065943122924536#?lang=en",
	"/post-detail/?url=https://vm.tiktok.com/ZM71065943122924536#",
	"/download-video/?url=71065943122924536#",
	"/music-info/?music_id=#",
	"/userinfo-by-id/?userid=#",
	"/userid/?username=ann#",
	"/userid?username=@Ann#",
	"/userinfo-by-username/?username=ann#",
	"/userinfo-by-id/?userid=50000#",
	"/post-detail/?url=75762450007326720#",
	"/post-detail/?url=75763197331636224#",
	"/post-detail/?url=75763197331636224#",
	"/download-video/?url=75763197331636224#",
	"/post-comments/?url=75763197331636224#",
	"/extra/thing?n=#",
	"/userid/?nothing=#",
};

/* What is read, of whatever is asked. */
static const char *const reads[] = { "title,play_count",      "title, play, author", "hdplay", "id",
				     "music_info digg_count", "title,nothing",       "*" };

static const char *const wishes[] = {
	NULL, NULL, NULL, NULL, NULL, "no-cache", "max-stale", "max-stale=60", "only-if-cached", "max-age=5", "min-fresh=30"
};

/* The budgets of one world as they are now. A reload may change everything about them but their names, and what has left does not come back:
 * nobody has counted meanwhile. */
enum { BUDGETS = 6 };
struct plan {
	struct draft {
		const char *scope, *window, *zone;
		int credits;
		bool gone, waits; /* was there; comes with a reload */
	} budgets[BUDGETS];
	size_t order[BUDGETS], n_zones;
	int ladder[3], report_hour;
};

static int credits_of(size_t i, struct fr_random *r)
{
	static const int most[BUDGETS] = { 2000, 300, 300, 100, 50, 400 };

	return (int)fr_random_below(r, (uint64_t)most[i]);
}

/* Budgets of every scope that few seeds leave untouched; tenants are known by clients, whom introduce() replaces. */
static void draw_up(struct fr_random *r, struct plan *p)
{
	static const char *const scopes[BUDGETS] = { "all",         "tenant:acme", "tenant:globex", "endpoint:/userid/",
						     "class:batch", "all" };
	bool hourly = fr_random_chance(r, 500);

	*p = (struct plan){ .n_zones = 1 };
	for (size_t i = 0; i < BUDGETS; i++) {
		bool hour = i == 0 ? hourly : i == BUDGETS - 1 ? !hourly : fr_random_chance(r, 500);

		p->budgets[i] = (struct draft){ .scope = scopes[i], .window = hour ? "hour" : "day", .zone = "UTC" };
		p->budgets[i].credits = credits_of(i, r);
		p->budgets[i].waits = i == BUDGETS - 1 || fr_random_chance(r, 200);
		p->order[i] = i;
	}
	for (size_t i = 0; i < 3; i++)
		p->ladder[i] = 1 + (int)fr_random_below(r, 150);
	p->report_hour = (int)fr_random_below(r, 24);
}

static size_t write_plan(const struct plan *p, char *yaml, size_t size)
{
	size_t n = (size_t)snprintf(
		yaml, size,
		"clients:\n"
		"  - { name: a, tenant: acme, key_sha256: aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00 }\n"
		"  - { name: g, tenant: globex, key_sha256: bb00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00 }\n"
		"ladder: { stretch: %d, prewarm: %d, batch: %d }\n"
		"alerts: { channels: { ops: { slack: /x }, own: { webhook: 'https://h/', secret_file: /y } }, report: { daily: '%02d:00' },\n"
		"  at: [ { percent: 10 }, { percent: 70, to: ops }, { percent: 90 }, { credits: 20, to: own }, { forecast_percent: 100 },\n"
		"        { repeats: 20 }, { runaway: 2 } ] }\nbudgets: [\n",
		p->ladder[0], p->ladder[1], p->ladder[2], p->report_hour);

	for (size_t k = 0; k < BUDGETS; k++) {
		const struct draft *b = &p->budgets[p->order[k]];

		if (!b->gone && !b->waits)
			n += (size_t)snprintf(yaml + n, size - n, "  { scope: '%s', window: %s, credits: %d, timezone: %s },\n",
					      b->scope, b->window, b->credits, b->zone);
	}
	return n + (size_t)snprintf(yaml + n, size - n, "]\n");
}

/* Small limits find what large ones hide. */
static void configure(struct fr_random *r, char *yaml, size_t size)
{
	static const char *const rates[] = { "none", "200/min", "20/min" };

	snprintf(
		yaml, size,
		"memory: { size: %d, pieces: %d }\nwait: { max: %ds }\nredis: { lease: %dms, timeout: 100ms }\n"
		"upstream: { rate: %s, connections: %d, timeout: %ds, failure_hold: %dms, refresh_retry: %ds }\n"
		"breaker: { failures: %d, open: 2s, open_max: 10s }\nmay_refresh: %s\nrefresh_min: %ds\nblank_links: %s\n"
		"blocks: %s\nendpoints: { /userid/: { fresh: %ds, stale: %ds, rescue: 20m, negative: 20s }, /post-detail/: { stale: %ds } }\n",
		fr_random_chance(r, 300) ? 65536 : 1 << 24, fr_random_chance(r, 300) ? 65536 : 1 << 24,
		2 + (int)fr_random_below(r, 40), 300 + (int)fr_random_below(r, 5000), rates[fr_random_below(r, 3)],
		1 + (int)fr_random_below(r, 20), 1 + (int)fr_random_below(r, 20), (int)fr_random_below(r, 3000),
		1 + (int)fr_random_below(r, 60), 1 + (int)fr_random_below(r, 10), fr_random_chance(r, 300) ? "on" : "off",
		(int)fr_random_below(r, 20), fr_random_chance(r, 500) ? "on" : "off", fr_random_chance(r, 100) ? "off" : "on",
		5 + (int)fr_random_below(r, 300), (int)fr_random_below(r, 300), (int)fr_random_below(r, 4000));
}

static void weather(struct world *w, struct fr_random *r, bool store_fails)
{
	switch (fr_random_below(r, store_fails ? 13 : 3)) {
	case 0: world_upstream_chaos(w, (unsigned)fr_random_below(r, 1000), 1 + (int64_t)fr_random_below(r, 10000)); break;
	case 1: world_upstream(w, (int64_t)fr_random_below(r, 3000), WORLD_DATA); break;
	case 2: world_upstream(w, (int64_t)fr_random_below(r, 500), (enum world_answer)fr_random_below(r, WORLD_ANSWERS)); break;
	case 3: world_store_away(w, true); break;
	case 4:
	case 5: world_store_away(w, false); break;
	case 6: world_store_chaos(w, (unsigned)fr_random_below(r, 400)); break;
	case 7: world_store_chaos(w, 0); break;
	case 8: world_store(w, (int64_t)fr_random_below(r, 50)); break;
	case 9:
		if (fr_random_chance(r, 300))
			world_store_forget(w);
		else if (fr_random_chance(r, 300))
			world_store_corrupt(w);
		else if (fr_random_chance(r, 300))
			world_store_restart(w);
		break;
	case 10:
		if (fr_random_chance(r, 300))
			world_store_cut_back(w, 1 + (int64_t)fr_random_below(r, 10 * 1000));
		else
			world_disk_full(w, fr_random_chance(r, 200));
		break;
	default: world_pass(w, (int64_t)fr_random_below(r, 120 * 1000)); break;
	}
	if (fr_random_chance(r, 100))
		world_channel_down(w, fr_random_chance(r, 500) ? "ops" : "");
	if (fr_random_chance(r, 50))
		world_kill(w, fr_random_below(r, world_instances(w)));
}

/* The store is there, but not for all. A store that went back waits for half a minute for who was there; a partition that outlasts that is known to be
 * too much. */
static void partition(struct world *w, struct fr_random *r)
{
	size_t i = fr_random_below(r, world_instances(w));

	world_client_away(w, i, true);
	world_pass(w, (int64_t)fr_random_below(r, 25 * 1000));
	world_client_away(w, i, false);
}

/* An operator changes his mind about budgets, all of them at once or one limit in Redis. */
static void reconsider(struct world *w, struct fr_random *r, struct plan *p)
{
	static const char *const zones[] = { "UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Asia/Tokyo" };
	size_t i = fr_random_below(r, BUDGETS), k = fr_random_below(r, BUDGETS), was = p->order[i];
	char yaml[2048], name[64], limit[16];

	p->order[i] = p->order[k];
	p->order[k] = was;
	if (fr_random_chance(r, 300) && !p->budgets[i].gone && !p->budgets[i].waits) {
		snprintf(name, sizeof name, "%s/%s", p->budgets[i].scope, p->budgets[i].window);
		snprintf(limit, sizeof limit, "%d", credits_of(i, r));
		world_store_limit(w, fr_random_below(r, world_instances(w)), name, fr_random_chance(r, 500) ? NULL : limit);
		return;
	}
	p->budgets[i].credits = credits_of(i, r);
	if (fr_random_chance(r, 50))
		p->budgets[k].gone = !p->budgets[k].waits;
	else if (fr_random_chance(r, 300))
		p->budgets[k].waits = false;
	if (p->budgets[i].window[0] == 'd' && fr_random_chance(r, 100) && p->n_zones < sizeof zones / sizeof zones[0])
		p->budgets[i].zone = zones[p->n_zones++];
	(void)write_plan(p, yaml, sizeof yaml);
	world_reload_budgets(w, yaml);
}

/* Several clients of few tenants, so that they meet; those that know the time of one path only share the rest. */
static size_t introduce(struct world *w, struct fr_random *r, struct world_client *clients)
{
	static const char *const names[CLIENTS_MAX] = { "anna", "bert", "carl", "dora", "emil", "fred" };
	static const char *const tenants[] = { "default", "acme", "globex" }, *const tiers[] = { "default", "pro", "free" };
	static const char *const paths[] = { "/userid/", "/user-posts/", "/post-detail/", "/music-info/" };
	size_t n = 1 + fr_random_below(r, CLIENTS_MAX);

	for (size_t i = 0; i < n; i++)
		clients[i] = (struct world_client){ .name = names[i],
						    .tenant = tenants[fr_random_below(r, 3)],
						    .tier = tiers[fr_random_below(r, 3)],
						    .priority = (enum fr_priority)fr_random_below(r, FR_PRIORITIES),
						    .may_refresh = fr_random_chance(r, 300) };
	world_clients(w, clients, n);
	for (size_t i = 0; i < 4; i++)
		world_tier(w, tiers[1 + fr_random_below(r, 2)], paths[fr_random_below(r, 4)],
			   FR_MS((int64_t)fr_random_below(r, 1000 * 1000)));
	return n;
}

/* All clocks, or that of one instance: to another window, and perhaps back. */
static void set_clocks(struct world *w, struct fr_random *r)
{
	if (fr_random_chance(r, 100))
		world_set_clock(w, 24 * 3600 * 1000 - (int64_t)fr_random_below(r, 48 * 3600 * 1000));
	if (fr_random_chance(r, 30))
		world_skew(w, fr_random_below(r, world_instances(w)),
			   fr_random_chance(r, 500) ? 0 : 3600 * 1000 - (int64_t)fr_random_below(r, 2 * 3600 * 1000));
}

static void fill_in(char *target, size_t size, const char *form, unsigned thing, struct fr_random *r)
{
	size_t n = 0;

	for (; *form != '\0' && n + 32 < size; form++)
		switch (*form) {
		case '#': n += (size_t)snprintf(target + n, size - n, "%02u", thing); break;
		case '$': n += (size_t)snprintf(target + n, size - n, "%u", 1 + (unsigned)fr_random_below(r, 35)); break;
		case '^': n += (size_t)snprintf(target + n, size - n, "%u", (unsigned)fr_random_below(r, 120)); break;
		case '~':
			n += (size_t)snprintf(target + n, size - n, "17639%02u000000", (unsigned)fr_random_below(r, 100));
			break;
		default: target[n++] = *form;
		}
	target[n] = '\0';
}

/* Lists of which some places show nothing, which have pinned rows, and which now and then are not what the catalogue says. */
static void fill_lists(struct world *w, struct fr_random *r)
{
	const struct fake_list like = { .rows = fr_random_chance(r, 500) ? fr_random_below(r, 150) : 0,
					.every_s = 60 + (int64_t)fr_random_below(r, 3600),
					.hidden = fr_random_chance(r, 500) ? (unsigned)fr_random_below(r, 300) : 0,
					.pinned = fr_random_below(r, 3),
					.wrong = fr_random_chance(r, 100) };

	world_lists(w, &like);
}

/* Now and then somebody without a key, or with one that nobody knows. */
static const char *key_of(struct fr_random *r, const struct world_client *clients, size_t n)
{
	if (n == 0 || fr_random_chance(r, 20))
		return "";
	return fr_random_chance(r, 20) ? "nobody" : clients[fr_random_below(r, n)].name;
}

static void burst(struct world *w, struct fr_random *r, const struct world_client *clients, size_t n_clients)
{
	unsigned things = 1 + (unsigned)fr_random_below(r, 20);
	uint64_t n = 1 + fr_random_below(r, 40);
	char target[256];

	for (uint64_t i = 0; i < n; i++) {
		const char *form = targets[fr_random_below(r, sizeof targets / sizeof targets[0])];
		const char *wish = wishes[fr_random_below(r, sizeof wishes / sizeof wishes[0])];

		fill_in(target, sizeof target, form, (unsigned)fr_random_below(r, things), r);
		world_fields(w, fr_random_chance(r, 200) ? reads[fr_random_below(r, sizeof reads / sizeof reads[0])] : NULL);
		world_ask(w, fr_random_below(r, world_instances(w)), target, wish, key_of(r, clients, n_clients),
			  (enum fr_priority)fr_random_below(r, FR_PRIORITIES + 1));
		if (fr_random_chance(r, 200))
			world_pass(w, (int64_t)fr_random_below(r, 200));
	}
}

/* Somebody hovers over a row: most of what that brings is wanted soon, some of it never. */
static void hover(struct world *w, struct fr_random *r, const struct world_client *clients, size_t n_clients)
{
	static const char *const sources[] = { "page", "list", "other" };
	char texts[3][256];
	const char *bundle[3] = { texts[0], texts[1], texts[2] };
	size_t n = 1 + fr_random_below(r, 3);

	for (size_t i = 0; i < n; i++)
		fill_in(texts[i], sizeof texts[i], targets[fr_random_below(r, sizeof targets / sizeof targets[0])],
			(unsigned)fr_random_below(r, 30), r);
	world_prewarm(w, fr_random_below(r, world_instances(w)), key_of(r, clients, n_clients), sources[fr_random_below(r, 3)],
		      bundle, n);
}

/* Now and then an operator throws something away. */
static void purge(struct world *w, struct fr_random *r)
{
	static const char *const whats[] = { NULL,
					     "/userid/",
					     "/post-detail/",
					     "/user-posts/",
					     "/search-video/?keyword=k03&count=7&cursor=20",
					     "/userid/?username=u07",
					     "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453607" };

	world_purge(w, fr_random_below(r, world_instances(w)), whats[fr_random_below(r, sizeof whats / sizeof whats[0])],
		    fr_random_chance(r, 400));
}

static uint64_t live(uint64_t seed)
{
	struct fr_random r = { .state = seed * 7919 + 1 };
	char yaml[4096];
	size_t n = 0;
	struct plan plan;
	struct world *w;
	uint64_t requests;
	struct world_client clients[CLIENTS_MAX];
	size_t n_clients = 0, moves = 0;
	bool store_fails = fr_random_chance(&r, 700), clock_fails = fr_random_chance(&r, 200),
	     planned = fr_random_chance(&r, 600);
	bool reloads = planned && fr_random_chance(&r, 400), prices = reloads && fr_random_chance(&r, 400);

	draw_up(&r, &plan);
	if (planned)
		n = write_plan(&plan, yaml, sizeof yaml);
	configure(&r, yaml + n, sizeof yaml - n);
	if (fr_random_chance(&r, 300))
		strcat(yaml, "log: { questions: /questions }\n");
	if (fr_random_chance(&r, 500))
		strcat(yaml, "compress: 200\n");
	if (fr_random_chance(&r, 500))
		strcat(yaml, "refresh_reads: 0\n");
	w = fr_random_chance(&r, 250) ? world_new_alone(seed, yaml) : world_new(seed, 1 + fr_random_below(&r, 3), yaml);
	if (n > 0 || fr_random_chance(&r, 600))
		n_clients = introduce(w, &r, clients);
	world_store(w, (int64_t)fr_random_below(&r, 30));
	world_at_once(w, fr_random_chance(&r, 100));
	fill_lists(w, &r);
	while (world_now(w).v < 3600 * 1000 && world_requests(w) < WORLD_REQUESTS_MAX - 100) {
		world_batch(w, fr_random_chance(&r, 200));
		world_gzip(w, fr_random_chance(&r, 500));
		burst(w, &r, clients, n_clients);
		while (fr_random_chance(&r, 300))
			hover(w, &r, clients, n_clients);
		weather(w, &r, store_fails);
		if (fr_random_chance(&r, 100))
			purge(w, &r);
		if (reloads && fr_random_chance(&r, 150))
			reconsider(w, &r, &plan);
		if (prices && fr_random_chance(&r, 100))
			world_price(w, fr_random_chance(&r, 500) ? "/userid/" : "/post-detail/", (int64_t)fr_random_below(&r, 4));
		if (store_fails && fr_random_chance(&r, 100))
			partition(w, &r);
		if (clock_fails)
			set_clocks(w, &r);
		if (fr_random_chance(&r, 10))
			fill_lists(w, &r);
		if (moves < 50 && !clock_fails && fr_random_chance(&r, 50)) { /* of which a clock that is set tells no order */
			moves++;
			world_move_name(w, (unsigned)fr_random_below(&r, 20), (unsigned)fr_random_below(&r, 20));
		}
		world_pass(w, (int64_t)fr_random_below(&r, 20 * 1000));
	}
	for (size_t i = 0; clock_fails && i < world_instances(w); i++)
		world_skew(w, i, 0);
	world_store_away(w, false);
	world_store_chaos(w, 0);
	world_disk_full(w, false);
	world_channel_down(w, "");
	world_upstream(w, 100, WORLD_DATA);
	world_pass(w, 400 * 1000); /* the longest pause of a channel that failed, and a taken alert's time */
	world_told_all(w);
	requests = world_requests(w);
	world_free(w);
	return requests;
}

/* One process for each processor; each takes every n-th seed and tells its number of requests through a pipe. */
static int share(uint64_t first, uint64_t count, uint64_t every, uint64_t offset, int to)
{
	uint64_t requests = 0;

	for (uint64_t seed = first + offset; seed < first + count; seed += every)
		requests += live(seed);
	return write(to, &requests, sizeof requests) == (ssize_t)sizeof requests ? 0 : 1;
}

int main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000,
		 requests = 0, part;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint64_t n = count > 1 && processors > 1 ? (uint64_t)processors : 1;
	int ends[2], status, failed = 0;

	if (pipe(ends) != 0)
		return 1;
	fflush(stdout);
	for (uint64_t i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0)
			exit(share(first, count, n, i, ends[1]));
	}
	close(ends[1]);
	while (read(ends[0], &part, sizeof part) == (ssize_t)sizeof part)
		requests += part;
	while (wait(&status) > 0)
		failed += status != 0;
	printf("simulation: seeds %llu to %llu, one virtual hour each, %llu requests%s\n", (unsigned long long)first,
	       (unsigned long long)(first + count - 1), (unsigned long long)requests,
	       failed == 0 ? ", every invariant held after every event" : "; the broken seed is named above: simulate SEED 1");
	printf("%llu passed, %d failed\n", (unsigned long long)(failed == 0 ? count : 0), failed);
	return failed == 0 ? 0 : 1;
}
