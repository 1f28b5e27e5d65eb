#include "adapt/redis_log.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { LINE_MAX_BYTES = 400, READS_MAX = 64 };

struct fr_redis_log {
	int fd;
	struct fr_redis_notes notes;
	uv_poll_t poll;
	bool attached, serving, over; /* over: the other end is closed */
	size_t n;
	char line[LINE_MAX_BYTES + 1]; /* what of a line has come; a longer one is cut */
	char last[LINE_MAX_BYTES + 1];
};

/* Cuts "<pid>:<role> <day> <month> <year> <time> <level> " off; 0 if the line does not start so. */
static char cut_head(struct fr_str *line)
{
	struct fr_str rest = *line, first = fr_str_cut(&rest, ' ');

	if (fr_str_find(first, ':') == first.n)
		return 0;
	for (int i = 0; i < 4 && rest.p != NULL; i++)
		(void)fr_str_cut(&rest, ' ');
	if (rest.p == NULL || rest.n < 2 || rest.p[1] != ' ' || strchr(".-*#", rest.p[0]) == NULL)
		return 0;
	*line = fr_str_skip(rest, 2);
	return rest.p[0];
}

static void take_line(struct fr_redis_log *l)
{
	struct fr_str text = { l->line, l->n };
	char level = cut_head(&text);
	bool warning = (level == '#' || level == 0) && text.n > 0;

	if (warning)
		(void)fr_str_copy(l->last, sizeof l->last, text);
	if (text.n > 0)
		fr_redis_note(&l->notes, warning && l->serving ? FR_LOG_WARNING : FR_LOG_DEBUG, "redis-server: %.*s",
			      FR_STR_ARG(text));
	if (fr_str_find_nocase(text, "ready to accept connections") < text.n)
		l->serving = true;
	l->n = 0;
}

static void take(struct fr_redis_log *l, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n')
			take_line(l);
		else if (l->n < LINE_MAX_BYTES)
			l->line[l->n++] = p[i];
	}
}

static void read_all(struct fr_redis_log *l)
{
	char bytes[4096];
	ssize_t n = 1;

	for (int i = 0; i < READS_MAX && !l->over && n > 0; i++) {
		n = read(l->fd, bytes, sizeof bytes);
		if (n > 0)
			take(l, bytes, (size_t)n);
		l->over = n == 0;
	}
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct fr_redis_log *l = poll->data;

	(void)events;
	read_all(l);
	if (l->over || status < 0)
		(void)uv_poll_stop(poll);
}

struct fr_redis_log *fr_redis_log_new(int fd, const struct fr_redis_notes *notes)
{
	struct fr_redis_log *l = fr_calloc(1, sizeof *l);

	l->fd = fd;
	l->notes = *notes;
	(void)fr_str_copy(l->last, sizeof l->last, FR_STR("it says nothing"));
	return l;
}

void fr_redis_log_wait(struct fr_redis_log *l, int ms)
{
	struct pollfd p = { .fd = l->over ? -1 : l->fd, .events = POLLIN };

	FR_ASSERT(!l->attached);
	(void)poll(&p, 1, ms);
	read_all(l);
}

void fr_redis_log_attach(struct fr_redis_log *l, uv_loop_t *loop)
{
	int r;

	FR_ASSERT(!l->attached);
	r = uv_poll_init(loop, &l->poll, l->fd);
	FR_ASSERT(r == 0);
	l->poll.data = l;
	l->attached = true;
	r = uv_poll_start(&l->poll, UV_READABLE, readable);
	FR_ASSERT(r == 0);
}

void fr_redis_log_hush(struct fr_redis_log *l)
{
	l->serving = false;
}

const char *fr_redis_log_last(const struct fr_redis_log *l)
{
	return l->last;
}

static void closed(uv_handle_t *h)
{
	free(h->data);
}

void fr_redis_log_free(struct fr_redis_log **taken)
{
	struct fr_redis_log *l = *taken;

	*taken = NULL;
	read_all(l);
	if (l->attached)
		uv_close((uv_handle_t *)&l->poll, closed);
	(void)close(l->fd);
	if (!l->attached)
		free(l);
}
