#include "adapt/store_scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "frugal/limits.h"

/* A record and some arguments beside it. */
enum { COMMAND_MAX = FR_RECORD_MAX + 256 * 1024, HEAD_MAX = 16 * 1024 };

/* The ceilings hold every command that the program makes. */
static void must(enum fr_err e)
{
	FR_ASSERT(e == FR_OK);
}

static void bulk(struct fr_buf *b, struct fr_str s)
{
	must(fr_buf_addf(b, "$%zu\r\n", s.n));
	must(fr_buf_add_str(b, s));
	must(fr_buf_add(b, "\r\n", 2));
}

void fr_command_init(struct fr_command *c, enum fr_script s, int keys)
{
	c->script = s;
	c->args = 0;
	fr_buf_init(&c->tail, COMMAND_MAX);
	if (s != FR_SCRIPT_NONE)
		fr_command_add_int(c, keys);
}

void fr_command_free(struct fr_command *c)
{
	fr_buf_free(&c->tail);
}

void fr_command_add(struct fr_command *c, struct fr_str arg)
{
	bulk(&c->tail, arg);
	c->args++;
}

void fr_command_add_text(struct fr_command *c, const char *arg)
{
	fr_command_add(c, fr_str_of(arg));
}

void fr_command_add_int(struct fr_command *c, int64_t arg)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRId64, arg);
	fr_command_add_text(c, text);
}

void fr_command_write(const struct fr_command *c, const char *sha, struct fr_buf *ret)
{
	fr_buf_init(ret, COMMAND_MAX + HEAD_MAX);
	if (c->script == FR_SCRIPT_NONE) {
		must(fr_buf_addf(ret, "*%d\r\n", c->args));
	} else {
		must(fr_buf_addf(ret, "*%d\r\n", c->args + 2));
		bulk(ret, fr_str_of(sha != NULL ? "EVALSHA" : "EVAL"));
		bulk(ret, fr_str_of(sha != NULL ? sha : fr_script_text(c->script)));
	}
	must(fr_buf_add_str(ret, fr_buf_str(&c->tail)));
}
