#include "adapt/question_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"

enum { HELD_MAX = 4 * 1024 * 1024, WRITE_FROM = 64 * 1024, FILE_MODE = 0640 };
static const uint64_t AT_LATEST_MS = 1000;

/* Whole lines. */
struct load {
	struct fr_buf text;
	uint64_t lines;
};

struct fr_question_log {
	uv_loop_t *loop;
	uv_timer_t timer;
	uv_fs_t request;
	void (*note)(void *ctx, enum fr_level level, const char *line);
	void *ctx;
	char path[FR_PATH_TEXT_MAX]; /* "": off */
	int64_t bytes_max, bytes;    /* of the file */
	int fd;                      /* < 0: not open */
	char next_path[FR_PATH_TEXT_MAX];
	int64_t next_bytes_max;
	bool switches; /* to these, when what is gathered for the present file is written */
	struct load gathered, going;
	size_t gone; /* bytes of `going` that are in the file */
	uint64_t lost;
	bool busy, reopens, failing;
};

static void say(struct fr_question_log *l, enum fr_level level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void say(struct fr_question_log *l, enum fr_level level, const char *fmt, ...)
{
	char line[FR_ERRMSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap); /* a cut line is still a line */
	va_end(ap);
	l->note(l->ctx, level, line);
}

static void count_lost(struct fr_question_log *l, uint64_t lines, const char *why)
{
	if (lines > 0 && !l->failing)
		say(l, FR_LOG_WARNING, "log.questions: %s: %s; lines are lost until it can be written again", l->path, why);
	l->failing |= lines > 0;
	l->lost += lines;
}

static void lose(struct fr_question_log *l, struct load *load, const char *why)
{
	count_lost(l, load->lines, why);
	load->lines = 0;
	fr_buf_clear(&load->text);
}

static void close_file(struct fr_question_log *l)
{
	if (l->fd >= 0)
		(void)close(l->fd); /* what was written is with the kernel */
	l->fd = -1;
}

/* A disk that was full may have taken a part of a line: the next one begins anew. */
static void mend_end(struct fr_question_log *l)
{
	char last = '\n';

	if (l->bytes > 0 && pread(l->fd, &last, 1, l->bytes - 1) == 1 && last != '\n' && write(l->fd, "\n", 1) == 1)
		l->bytes++;
}

/* NULL, or why it cannot be had. */
static const char *open_file(struct fr_question_log *l)
{
	struct stat st;

	l->fd = open(l->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, FILE_MODE);
	if (l->fd < 0)
		return strerror(errno);
	if (fstat(l->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close_file(l);
		return "it is no regular file";
	}
	l->bytes = st.st_size;
	mend_end(l);
	return NULL;
}

/* The file is full: it becomes FILE.1. */
static void begin_anew(struct fr_question_log *l)
{
	char old[FR_PATH_TEXT_MAX + 2];

	(void)snprintf(old, sizeof(old), "%s.1", l->path);
	if (rename(l->path, old) != 0) {
		say(l, FR_LOG_WARNING, "log.questions: %s cannot be renamed: %s; it goes on growing", l->path, strerror(errno));
		l->bytes = 0; /* tried again when as much has been added */
		return;
	}
	close_file(l);
}

static uint64_t lines_in(struct fr_str text)
{
	uint64_t n = 0;

	while (text.p != NULL) {
		(void)fr_str_cut(&text, '\n');
		n += text.p != NULL;
	}
	return n;
}

static void write_on(struct fr_question_log *l);

/* The disk has taken all of it, or refuses. */
static void end_writing(struct fr_question_log *l, const char *why)
{
	l->busy = false;
	if (why != NULL) {
		l->going.lines = lines_in(fr_str_skip(fr_buf_str(&l->going.text), l->gone));
		lose(l, &l->going, why);
		close_file(l); /* whoever mends it may have put another in its place */
		return;
	}
	if (l->failing)
		say(l, FR_LOG_INFO, "log.questions: %s is written again, after %llu lost lines", l->path,
		    (unsigned long long)l->lost);
	l->failing = false;
	l->going.lines = 0;
	fr_buf_clear(&l->going.text);
}

static bool ready(struct fr_question_log *l);
static void write_out(struct fr_question_log *l);
static const char *try_switch(struct fr_question_log *l);

static void on_written(uv_fs_t *request)
{
	struct fr_question_log *l = request->data;
	ssize_t n = request->result;

	uv_fs_req_cleanup(request);
	if (n > 0) {
		l->gone += (size_t)n;
		l->bytes += n;
	}
	if (n > 0 && l->gone < l->going.text.len) {
		write_on(l);
		return;
	}
	end_writing(l, n > 0 ? NULL : n == 0 ? "nothing is taken" : uv_strerror((int)n));
	(void)try_switch(l); /* a file that cannot be opened is tried again, and told of, when there is something to write */
	if (l->reopens)
		(void)ready(l);
	if (l->gathered.text.len >= WRITE_FROM || l->switches)
		write_out(l);
}

static void write_on(struct fr_question_log *l)
{
	uv_buf_t rest = uv_buf_init(l->going.text.p + l->gone, (unsigned)(l->going.text.len - l->gone));

	l->request.data = l;
	FR_ASSERT(uv_fs_write(l->loop, &l->request, l->fd, &rest, 1, -1, on_written) == 0);
}

/* The file is the right one, and open. */
static bool ready(struct fr_question_log *l)
{
	const char *why;

	if (l->reopens)
		close_file(l);
	l->reopens = false;
	if (l->fd >= 0 && l->bytes > 0 && l->bytes + (int64_t)l->gathered.text.len > l->bytes_max)
		begin_anew(l);
	why = l->fd < 0 ? open_file(l) : NULL;
	if (why != NULL)
		lose(l, &l->gathered, why);
	return why == NULL;
}

/* What was gathered goes to the disk, if it is its turn. */
static void write_out(struct fr_question_log *l)
{
	struct load empty = l->going;

	if (l->busy || l->gathered.lines == 0 || !ready(l))
		return;
	l->going = l->gathered;
	l->gathered = empty;
	l->gone = 0;
	l->busy = true;
	write_on(l);
}

static void on_timer(uv_timer_t *t)
{
	write_out(t->data);
}

struct fr_question_log *fr_question_log_new(uv_loop_t *loop, void (*note)(void *ctx, enum fr_level level, const char *line),
					    void *ctx)
{
	struct fr_question_log *l = fr_calloc(1, sizeof(*l));

	l->loop = loop;
	l->note = note;
	l->ctx = ctx;
	l->fd = -1;
	fr_buf_init(&l->gathered.text, HELD_MAX);
	fr_buf_init(&l->going.text, HELD_MAX);
	FR_ASSERT(uv_timer_init(loop, &l->timer) == 0);
	l->timer.data = l;
	return l;
}

/* Takes the next file, unless something is still to be written to the present one. NULL, or why it cannot be opened. */
static const char *try_switch(struct fr_question_log *l)
{
	bool off = l->next_path[0] == '\0';

	if (!l->switches || l->busy || (off && l->gathered.lines > 0))
		return NULL;
	l->switches = false;
	l->bytes_max = l->next_bytes_max;
	if (strcmp(l->path, l->next_path) == 0)
		return NULL;
	close_file(l);
	memcpy(l->path, l->next_path, sizeof(l->path));
	l->failing = false;
	return off ? NULL : open_file(l);
}

enum fr_err fr_question_log_set(struct fr_question_log *l, const char *path, int64_t bytes_max, struct fr_errmsg *why)
{
	const char *wrong;

	FR_ASSERT(fr_str_copy(l->next_path, sizeof(l->next_path), fr_str_of(path)));
	l->next_bytes_max = bytes_max;
	l->switches = true;
	write_out(l);
	wrong = try_switch(l);
	if (wrong == NULL)
		return FR_OK;
	(void)snprintf(why->s, sizeof(why->s), "log.questions: %s cannot be written: %s", path, wrong);
	return FR_IO;
}

void fr_question_log_add(struct fr_question_log *l, const struct fr_log_line *line)
{
	if (fr_log_line_write(&l->gathered.text, line) != FR_OK) {
		count_lost(l, 1, "the disk is too slow");
		return;
	}
	l->gathered.lines++;
	if (l->gathered.text.len >= WRITE_FROM)
		write_out(l);
	if (l->gathered.lines > 0 && !uv_is_active((uv_handle_t *)&l->timer))
		FR_ASSERT(uv_timer_start(&l->timer, on_timer, AT_LATEST_MS, 0) == 0);
}

void fr_question_log_reopen(struct fr_question_log *l)
{
	if (l->path[0] == '\0')
		return;
	l->reopens = true;
	if (!l->busy)
		(void)ready(l);
}

uint64_t fr_question_log_lost(const struct fr_question_log *l)
{
	return l->lost;
}

static void on_closed(uv_handle_t *timer)
{
	struct fr_question_log *l = timer->data;

	fr_buf_free(&l->gathered.text);
	fr_buf_free(&l->going.text);
	free(l);
}

void fr_question_log_free(struct fr_question_log *l)
{
	if (l == NULL)
		return;
	while (l->busy || l->gathered.lines > 0) {
		write_out(l);
		if (l->busy)
			(void)uv_run(l->loop, UV_RUN_ONCE);
	}
	close_file(l);
	uv_close((uv_handle_t *)&l->timer, on_closed);
}
