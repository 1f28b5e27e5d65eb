#include "ctl/session.h"

#include <stdarg.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "ctl/facts.h"

int fr_session_fail(struct fr_session *s, int code, const char *fmt, ...)
{
	struct fr_errmsg line;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line.s, sizeof(line.s), fmt, ap);
	va_end(ap);
	FR_ASSERT(n >= 0);
	fputs("frugalctl: ", s->err);
	fr_look_foreign(s->err, fr_str_of(line.s));
	fputc('\n', s->err);
	return code;
}

/* frugald says in a problem what is wrong, and how to mend it. */
static int refuse(struct fr_session *s, const struct fr_answer *a)
{
	json_t *problem = fr_facts_of(a);
	const char *title = fr_facts_text(problem, "title", "");
	const char *detail = fr_facts_text(problem, "detail", fr_facts_text(problem, "message", title));
	int code = a->status == 404 ? FR_CTL_UNKNOWN : FR_CTL_FAILED;

	if (detail[0] != '\0')
		(void)fr_session_fail(s, code, "%s", detail);
	else
		(void)fr_session_fail(
			s, code, "%s answered with HTTP status %d and no word of frugald's: does --admin name its admin.listen?",
			s->place.shown, a->status);
	json_decref(problem);
	return code;
}

static bool good(const struct fr_answer *a)
{
	return a->status >= 200 && a->status < 300;
}

int fr_session_ask(struct fr_session *s, enum fr_talk_method method, const char *target, struct fr_answer *ret)
{
	struct fr_errmsg why = { "" };
	struct fr_answer a;
	int code;

	if (target == NULL)
		return fr_session_fail(s, FR_CTL_USAGE, "what was given is longer than frugald reads");
	if (fr_talk(&s->place, method, target, &a, &why) != FR_OK)
		return fr_session_fail(s, FR_CTL_FAILED, "%s", why.s);
	if (good(&a)) {
		*ret = a;
		return FR_CTL_OK;
	}
	code = refuse(s, &a);
	fr_answer_free(&a);
	return code;
}

bool fr_session_try(struct fr_session *s, const char *target, struct fr_answer *ret)
{
	struct fr_errmsg why;
	struct fr_answer a;

	if (fr_talk(&s->place, FR_TALK_GET, target, &a, &why) != FR_OK)
		return false;
	if (good(&a)) {
		*ret = a;
		return true;
	}
	fr_answer_free(&a);
	return false;
}

int fr_session_pass_on(struct fr_session *s, struct fr_answer *a)
{
	size_t n = a->body.len;

	fwrite(n > 0 ? a->body.p : "", 1, n, s->out);
	if (n > 0 && a->body.p[n - 1] != '\n')
		fputc('\n', s->out);
	fr_answer_free(a);
	return FR_CTL_OK;
}

bool fr_session_json(const struct fr_session *s)
{
	return fr_cmdline_option(s->line, "--json") != NULL;
}
