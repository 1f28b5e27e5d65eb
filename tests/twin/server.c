/* server.c — requests as libmicrohttpd hands them in; the clock; the rules by path. */
#include "mem.h"
#include "twin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t clock_ms(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t twin_mono_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t twin_wall_ms(void)
{
	return clock_ms(CLOCK_REALTIME);
}

int64_t twin_now_ms(const struct twin *t)
{
	return (t->frozen_ms ? t->frozen_ms : twin_wall_ms()) + t->offset_ms;
}

void twin_path(const char *path, char *out, size_t room)
{
	int n = snprintf(out, room, "%s", path);
	size_t len = n < 0 ? 0 : (size_t)n < room ? (size_t)n : room - 1;

	if (len > 0 && out[len - 1] != '/' && len + 1 < room)
		memcpy(out + len, "/", 2);
}

const struct rule *rules_find(const struct rules *r, const char *path)
{
	const struct rule *any = NULL;

	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->row[i].path, path) == 0)
			return &r->row[i];
		if (r->row[i].path[0] == '\0')
			any = &r->row[i];
	}
	return any;
}

bool rules_set(struct rules *r, const char *path, int64_t ms)
{
	size_t i = 0;

	while (i < r->n && strcmp(r->row[i].path, path) != 0)
		i++;
	if (ms < 0) {
		if (i < r->n)
			r->row[i] = r->row[--r->n];
		return true;
	}
	if (i == RULES_MAX)
		return false;
	if (i == r->n)
		r->n++;
	snprintf(r->row[i].path, sizeof r->row[i].path, "%s", path);
	r->row[i].ms = ms;
	return true;
}

void twin_reset(struct twin *t, bool all)
{
	t->epoch++;
	t->holds.n = 0;
	t->delays.n = 0;
	if (t->start.delay_ms > 0)
		rules_set(&t->delays, "", t->start.delay_ms);
	t->faults.n = 0;
	t->offset_ms = 0;
	t->frozen_ms = 0;
	window_clear(&t->accepted);
	ledger_clear(&t->ledger);
	if (all) {
		world_restore(&t->world);
		memcpy(t->key, t->start.key, sizeof t->key);
		t->rate = t->start.rate;
	}
	lot_clear(&t->lot);
}

void *server_begin(void *cls, const char *target, struct MHD_Connection *conn)
{
	struct call *c = mem_new(sizeof *c);
	char *mark;

	c->twin = cls;
	c->target = mem_text(target);
	mark = strchr(c->target, '?');
	c->query = mark ? mark + 1 : c->target + strlen(c->target);
	c->berth.conn = conn;
	c->berth.path = c->path;
	return c;
}

enum MHD_Result server_serve(void *cls, struct MHD_Connection *conn, const char *url, const char *method, const char *version,
			     const char *upload, size_t *upload_size, void **con_cls)
{
	struct twin *t = cls;
	struct call *c = *con_cls;

	(void)version;
	(void)upload;
	if (c->stage == STAGE_READ) { /* first call for a request: an answer now would close the connection */
		c->stage = STAGE_BODY;
		return MHD_YES;
	}
	if (*upload_size > 0) {
		*upload_size = 0;
		return MHD_YES;
	}
	if (strncmp(url, "/_twin", 6) == 0 && (url[6] == '/' || url[6] == '\0'))
		return control_serve(t, conn, url);
	if (c->stage == STAGE_BODY) {
		twin_path(url, c->path, sizeof c->path);
		if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
			c->refusal = REFUSED_METHOD;
	}
	return api_serve(c);
}

void server_done(void *cls, struct MHD_Connection *conn, void **con_cls, enum MHD_RequestTerminationCode why)
{
	struct twin *t = cls;
	struct call *c = *con_cls;

	(void)conn;
	(void)why;
	if (c == NULL)
		return;
	*con_cls = NULL;
	lot_forget(&t->lot, &c->berth);
	if (c->stage >= STAGE_ARRIVED && !c->settled)
		api_abandon(c);
	free(c->body);
	free(c->target);
	free(c);
}
