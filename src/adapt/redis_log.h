/* redis_log.h — what a redis-server says on its output, line by line into the notes.
 *
 * A line is "<pid>:<role> <date and time> <level> <text>", level one of . - * #. While the server starts and stops it marks
 * much as a warning ('#') that is none: that goes to debug; what it says while it serves goes to warning. The last word before
 * an end explains it.
 *
 * Before the loop runs it is read by fr_redis_log_wait(); after fr_redis_log_attach() the loop reads it. */
#ifndef FRUGAL_ADAPT_REDIS_LOG_H
#define FRUGAL_ADAPT_REDIS_LOG_H

#include <uv.h>

#include "adapt/redis_note.h"

struct fr_redis_log;

struct fr_redis_log *fr_redis_log_new(int fd, const struct fr_redis_notes *notes); /* takes the descriptor; copies the notes */
void fr_redis_log_wait(struct fr_redis_log *l, int ms); /* reads what is there, waiting so long for a first byte */
void fr_redis_log_attach(struct fr_redis_log *l, uv_loop_t *loop);
void fr_redis_log_hush(struct fr_redis_log *l);              /* it is about to be stopped */
const char *fr_redis_log_last(const struct fr_redis_log *l); /* the last warning or plain line, never empty; borrowed */
void fr_redis_log_free(struct fr_redis_log **taken); /* reads the rest; an attached one's memory goes when the loop has turned */

#endif
