/* question_log.h — the log of questions on disk: lines of core/logline.h, written behind the loop's back.
 *
 * Lines are gathered and handed to libuv's threads, at the latest a second after they came, so that a slow disk does not hold up an answer. What does
 * not fit into the memory for that, and what the disk does not take, is lost and counted; the first loss is noted, and when it works again. A file
 * that has grown to its limit is renamed to FILE.1, over an older one. One thread. */
#ifndef FRUGAL_ADAPT_QUESTION_LOG_H
#define FRUGAL_ADAPT_QUESTION_LOG_H

#include <uv.h>

#include "core/logline.h"
#include "frugal/err.h"
#include "frugal/settings.h"

struct fr_question_log;

struct fr_question_log *fr_question_log_new(uv_loop_t *loop, void (*note)(void *ctx, enum fr_level level, const char *line),
					    void *ctx);
/* Writes to this file from now on, appending to what is there (mode 0640); "" ends it. FR_IO: it cannot be opened, `why` says why; it is tried again at each
 * writing. */
enum fr_err fr_question_log_set(struct fr_question_log *l, const char *path, int64_t bytes_max, struct fr_errmsg *why);
void fr_question_log_add(struct fr_question_log *l, const struct fr_log_line *line);
void fr_question_log_reopen(struct fr_question_log *l); /* somebody has moved the file away */
uint64_t fr_question_log_lost(const struct fr_question_log *l);
/* Waits until everything is written. The handles go in the loop's next turn. NULL is harmless. */
void fr_question_log_free(struct fr_question_log *l);

#endif
