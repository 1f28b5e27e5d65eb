#include "ctl/report.h"

#include "ctl/target.h"

static int pass(struct fr_session *s, struct fr_target *t)
{
	struct fr_answer a;
	int code = fr_session_ask(s, FR_TALK_GET, fr_target_text(t), &a);

	fr_target_free(t);
	return code == FR_CTL_OK ? fr_session_pass_on(s, &a) : code;
}

int fr_report_run(struct fr_session *s)
{
	bool csv = fr_cmdline_option(s->line, "--csv") != NULL, json = fr_session_json(s);
	struct fr_target t;

	if (csv && json)
		return fr_session_fail(s, FR_CTL_USAGE, "report is written with --csv or with --json, not with both");
	fr_target_init(&t, "/report");
	fr_target_add(&t, "by", fr_cmdline_option(s->line, "--by"));
	fr_target_add(&t, "period", fr_cmdline_option(s->line, "--period"));
	fr_target_add(&t, "format", csv ? "csv" : json ? "json" : "text");
	return pass(s, &t);
}

int fr_explain_run(struct fr_session *s)
{
	struct fr_target t;

	fr_target_init(&t, "/explain");
	fr_target_add(&t, "target", fr_cmdline_word(s->line, 0));
	fr_target_add(&t, "format", fr_session_json(s) ? "json" : NULL);
	return pass(s, &t);
}
