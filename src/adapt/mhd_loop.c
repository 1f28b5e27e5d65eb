#include "adapt/mhd_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

/* Runs in a row before the others in the loop get their turn. */
enum { RUNS_MAX = 32, NOTE_MAX = 256 };

struct fr_mhd_loop {
	struct MHD_Daemon *daemon; /* NULL once stopped */
	uv_poll_t poll;
	uv_timer_t timer;
	int handles; /* of libuv, not closed yet */
	bool running, kicked, quiet;
	void *note_ctx;
	void (*note)(void *ctx, enum fr_level level, const char *line);
};

static void on_timer(uv_timer_t *timer);

/* Wakes up after `ms`, or sooner: an earlier wake-up that is set already stays, because running once too often costs less than moving it. */
static void wake_in(struct fr_mhd_loop *h, uint64_t ms)
{
	if (uv_is_active((uv_handle_t *)&h->timer) && uv_timer_get_due_in(&h->timer) <= ms)
		return;
	FR_ASSERT(uv_timer_start(&h->timer, on_timer, ms, 0) == 0);
}

static void run(struct fr_mhd_loop *h)
{
	MHD_UNSIGNED_LONG_LONG ms = 1;
	int runs = 0;

	FR_ASSERT(!h->running && h->daemon != NULL);
	h->running = true;
	do {
		h->kicked = false;
		(void)MHD_run(h->daemon); /* its failures have been told to the logger */
		if (MHD_get_timeout(h->daemon, &ms) != MHD_YES)
			ms = UINT64_MAX;
	} while ((ms == 0 || h->kicked) && ++runs < RUNS_MAX);
	h->running = false;
	if (h->kicked)
		ms = 0;
	if (ms != UINT64_MAX)
		wake_in(h, ms);
}

static void on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

/* Errors of the poll itself are left to the daemon, which looks at its descriptors anyway. */
static void on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	run(poll->data);
}

static void on_closed(uv_handle_t *handle)
{
	struct fr_mhd_loop *h = handle->data;

	if (--h->handles == 0)
		free(h);
}

static void on_log(void *cls, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

static void on_log(void *cls, const char *fmt, va_list ap)
{
	struct fr_mhd_loop *h = cls;
	char line[NOTE_MAX] = "http: ";
	size_t at = strlen(line);

	if (h->note == NULL)
		return;
	(void)vsnprintf(line + at, sizeof(line) - at, fmt, ap); /* a longer line is cut */
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = p[1] == '\0' ? '\0' : ' ';
	h->note(h->note_ctx, FR_LOG_DEBUG, line);
}

/* Targets stay as they came: decoding is the engine's business. */
static size_t unescape_nothing(void *cls, struct MHD_Connection *c, char *s)
{
	(void)cls;
	(void)c;
	return strlen(s);
}

static struct MHD_Daemon *start(struct fr_mhd_loop *h, const struct fr_mhd_setup *s, int fd)
{
	struct MHD_OptionItem items[16];
	size_t n = 0;

#define OPTION(...) items[n++] = (struct MHD_OptionItem){ __VA_ARGS__ }
	OPTION(MHD_OPTION_LISTEN_SOCKET, fd, NULL);
	OPTION(MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL);
	OPTION(MHD_OPTION_CONNECTION_LIMIT, (intptr_t)s->connections, NULL);
	OPTION(MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)s->idle_seconds, NULL);
	OPTION(MHD_OPTION_CONNECTION_MEMORY_LIMIT, (intptr_t)s->memory, NULL);
	OPTION(MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)unescape_nothing, NULL);
	if (s->completed != NULL)
		OPTION(MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)s->completed, s->cls);
	if (s->connection != NULL)
		OPTION(MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)s->connection, s->cls);
	if (s->target != NULL)
		OPTION(MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)s->target, s->cls);
	OPTION(MHD_OPTION_END, 0, NULL);
#undef OPTION
	FR_ASSERT(n <= sizeof(items) / sizeof(items[0]));
	/* The logger comes first, so that it hears about the other options. */
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TURBO | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, s->accept,
				s->cls, s->handler, s->cls, MHD_OPTION_EXTERNAL_LOGGER, on_log, (void *)h, MHD_OPTION_ARRAY,
				items, MHD_OPTION_END);
}

static void watch(struct fr_mhd_loop *h, uv_loop_t *loop)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	FR_ASSERT(info != NULL);
	FR_ASSERT(uv_poll_init(loop, &h->poll, info->epoll_fd) == 0);
	FR_ASSERT(uv_timer_init(loop, &h->timer) == 0);
	h->poll.data = h->timer.data = h;
	h->handles = 2;
	FR_ASSERT(uv_poll_start(&h->poll, UV_READABLE, on_poll) == 0);
	wake_in(h, 0); /* the listening socket joins the daemon's epoll in its first run */
}

struct fr_mhd_loop *fr_mhd_loop_new(uv_loop_t *loop, const struct fr_mhd_setup *setup, int fd, struct fr_errmsg *why)
{
	struct fr_mhd_loop *h = fr_calloc(1, sizeof(*h));

	h->note_ctx = setup->note_ctx;
	h->note = setup->note;
	h->daemon = start(h, setup, fd);
	if (h->daemon == NULL) {
		(void)snprintf(why->s, sizeof(why->s), "libmicrohttpd cannot serve the socket: out of descriptors or memory?");
		free(h);
		return NULL;
	}
	watch(h, loop);
	return h;
}

void fr_mhd_loop_quiesce(struct fr_mhd_loop *h)
{
	int fd;

	if (h->quiet)
		return;
	h->quiet = true;
	fd = MHD_quiesce_daemon(h->daemon);
	if (fd != MHD_INVALID_SOCKET)
		(void)close(fd);
	fr_mhd_loop_kick(h);
}

void fr_mhd_loop_free(struct fr_mhd_loop *h)
{
	if (h == NULL)
		return;
	FR_ASSERT(!h->running);
	(void)uv_poll_stop(&h->poll);
	(void)uv_timer_stop(&h->timer);
	MHD_stop_daemon(h->daemon);
	h->daemon = NULL;
	uv_close((uv_handle_t *)&h->poll, on_closed);
	uv_close((uv_handle_t *)&h->timer, on_closed);
}

void fr_mhd_loop_kick(struct fr_mhd_loop *h)
{
	h->kicked = true;
	if (!h->running)
		wake_in(h, 0);
}

static enum MHD_Result note_body(void *has_body, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value,
				 size_t value_n)
{
	struct fr_str key = { name, name_n };

	(void)kind;
	if (fr_str_eq_nocase(key, FR_STR(MHD_HTTP_HEADER_TRANSFER_ENCODING)))
		*(bool *)has_body = true;
	else if (fr_str_eq_nocase(key, FR_STR(MHD_HTTP_HEADER_CONTENT_LENGTH)) && value_n > 0)
		*(bool *)has_body |= value[strspn(value, "0")] != '\0';
	return MHD_YES;
}

bool fr_mhd_loop_has_body(struct MHD_Connection *c)
{
	bool has_body = false;

	(void)MHD_get_connection_values_n(c, MHD_HEADER_KIND, note_body, &has_body);
	return has_body;
}

static void drop_blob(void *blob)
{
	fr_blob_drop(blob);
}

struct MHD_Response *fr_mhd_loop_response(struct fr_blob *taken)
{
	struct MHD_Response *r;

	if (taken == NULL)
		r = MHD_create_response_from_buffer_with_free_callback_cls(0, NULL, drop_blob, NULL);
	else
		r = MHD_create_response_from_buffer_with_free_callback_cls(taken->n, taken->bytes, drop_blob, taken);
	FR_ASSERT(r != NULL); /* fails only without memory */
	return r;
}

void fr_mhd_loop_header(struct MHD_Response *r, const char *name, const char *value)
{
	(void)MHD_add_response_header(r, name, value);
}
