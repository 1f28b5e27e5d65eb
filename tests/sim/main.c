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

/* Budgets of every scope that few seeds leave untouched; tenants are known by clients, whom introduce() replaces. */
static size_t configure_budgets(struct fr_random *r, char *yaml, size_t size)
{
	static const char *const windows[] = { "hour", "day" };

	if (fr_random_chance(r, 500))
		return 0;
	return (size_t)snprintf(
		yaml, size,
		"clients:\n"
		"  - { name: a, tenant: acme, key_sha256: aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00 }\n"
		"  - { name: g, tenant: globex, key_sha256: bb00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00 }\n"
		"budgets:\n"
		"  - { scope: all, window: %s, credits: %d }\n  - { scope: 'tenant:acme', window: %s, credits: %d }\n"
		"  - { scope: 'tenant:globex', window: hour, credits: %d }\n  - { scope: 'endpoint:/userid/', window: day, credits: %d }\n"
		"  - { scope: 'class:batch', window: hour, credits: %d }\n"
		"ladder: { stretch: %d, prewarm: %d, batch: %d }\n"
		"alerts: { channels: { ops: { slack: /x }, own: { webhook: 'https://h/', secret_file: /y } }, report: { daily: '%02d:00' },\n"
		"  at: [ { percent: 10 }, { percent: 70, to: ops }, { percent: 90 }, { credits: 20, to: own }, { forecast_percent: 100 },\n"
		"        { repeats: 20 }, { runaway: 2 } ] }\n",
		windows[fr_random_below(r, 2)], (int)fr_random_below(r, 2000), windows[fr_random_below(r, 2)],
		(int)fr_random_below(r, 300), (int)fr_random_below(r, 300), (int)fr_random_below(r, 100),
		(int)fr_random_below(r, 50), 1 + (int)fr_random_below(r, 150), 1 + (int)fr_random_below(r, 150),
		1 + (int)fr_random_below(r, 150), (int)fr_random_below(r, 24));
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
	size_t n;
	struct world *w;
	uint64_t requests;
	struct world_client clients[CLIENTS_MAX];
	size_t n_clients = 0, moves = 0;
	bool store_fails = fr_random_chance(&r, 700), clock_fails = fr_random_chance(&r, 100);

	n = configure_budgets(&r, yaml, sizeof yaml);
	configure(&r, yaml + n, sizeof yaml - n);
	if (fr_random_chance(&r, 300))
		strcat(yaml, "log: { questions: /questions }\n");
	w = fr_random_chance(&r, 100) ? world_new_alone(seed, yaml) : world_new(seed, 1 + fr_random_below(&r, 3), yaml);
	if (n > 0 || fr_random_chance(&r, 600))
		n_clients = introduce(w, &r, clients);
	world_store(w, (int64_t)fr_random_below(&r, 30));
	world_at_once(w, fr_random_chance(&r, 100));
	fill_lists(w, &r);
	while (world_now(w).v < 3600 * 1000 && world_requests(w) < WORLD_REQUESTS_MAX - 100) {
		world_batch(w, fr_random_chance(&r, 200));
		burst(w, &r, clients, n_clients);
		while (fr_random_chance(&r, 300))
			hover(w, &r, clients, n_clients);
		weather(w, &r, store_fails);
		if (fr_random_chance(&r, 100))
			purge(w, &r);
		if (fr_random_chance(&r, 10))
			fill_lists(w, &r);
		if (moves < 50 && !clock_fails && fr_random_chance(&r, 50)) { /* of which a clock that is set tells no order */
			moves++;
			world_move_name(w, (unsigned)fr_random_below(&r, 20), (unsigned)fr_random_below(&r, 20));
		}
		if (clock_fails && fr_random_chance(&r, 100))
			world_set_clock(w, 24 * 3600 * 1000 - (int64_t)fr_random_below(&r, 48 * 3600 * 1000));
		world_pass(w, (int64_t)fr_random_below(&r, 20 * 1000));
	}
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
