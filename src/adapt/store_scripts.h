/* store_scripts.h — commands for Redis as bytes, and the Lua texts that must happen in one step.
 *
 * A script is sent by its hash, which Redis gives when the script is loaded into it; if Redis has forgotten it (restart,
 * SCRIPT FLUSH) the same command is sent again with the text in its place. So a command keeps its arguments in encoded form
 * and gets its head when sent. */
#ifndef FRUGAL_ADAPT_STORE_SCRIPTS_H
#define FRUGAL_ADAPT_STORE_SCRIPTS_H

#include "base/buf.h"
#include "frugal/types.h"

enum fr_script {
	FR_SCRIPT_CLAIM,
	FR_SCRIPT_RENEW,
	FR_SCRIPT_PUT,
	FR_SCRIPT_PIECE,
	FR_SCRIPT_FAIL,
	FR_SCRIPT_TOTALS,
	FR_SCRIPT_LEDGER,
	FR_SCRIPT_LEASE,
	FR_SCRIPT_LINE,
	FR_SCRIPT_ALERT_RAISE,
	FR_SCRIPT_ALERT_TAKE,
	FR_SCRIPT_ALERT_END,
	FR_SCRIPTS,
	FR_SCRIPT_NONE = FR_SCRIPTS /* a plain command */
};

const char *fr_script_text(enum fr_script s); /* store_lua.c */

struct fr_command {
	enum fr_script script;
	int args;
	struct fr_buf tail; /* the arguments, encoded */
};

void fr_command_init(struct fr_command *c, enum fr_script s, int keys); /* of a script the first `keys` arguments are keys */
void fr_command_free(struct fr_command *c);
void fr_command_add(struct fr_command *c, struct fr_str arg);
void fr_command_add_text(struct fr_command *c, const char *arg);
void fr_command_add_int(struct fr_command *c, int64_t arg);

/* The whole command into `ret`, which was empty; `sha` NULL: a script goes as its text. */
void fr_command_write(const struct fr_command *c, const char *sha, struct fr_buf *ret);

#endif
