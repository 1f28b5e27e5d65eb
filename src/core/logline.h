/* logline.h — one request as a line of the log of questions: JSON with the fields of tbl/logfields.def, enough to ask all of it again. Neither bodies nor
 * secrets are in it. */
#ifndef FRUGAL_CORE_LOGLINE_H
#define FRUGAL_CORE_LOGLINE_H

#include "base/buf.h"
#include "frugal/limits.h"
#include "frugal/types.h"

#define FR_LOG_NONE INT64_MIN /* a number that is not known */

typedef int64_t fr_log_NUMBER;
typedef struct fr_str fr_log_TEXT, fr_log_TARGET; /* p == NULL: not known */
typedef struct fr_key fr_log_KEY;                 /* none: not known */

struct fr_log_line {
#define LOGFIELD(field, name, type, help) fr_log_##type field;
#include "frugal/tbl/logfields.def"
#undef LOGFIELD
};

enum {
	FR_LOG_LINE_MAX = 6 * FR_TARGET_MAX + 8 * 1024
}; /* bytes of a line: a target of bytes that all need an escape, and the rest */

/* Adds the line, with its end. FR_TOOBIG leaves the buffer as it was. */
enum fr_err fr_log_line_write(struct fr_buf *b, const struct fr_log_line *l);
enum fr_err fr_log_document(struct fr_buf *b); /* docs/questions.md */

#endif
