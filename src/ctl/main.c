#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/commands.h"
#include "ctl/completion.h"
#include "ctl/help.h"

static const char PLACE[] = "127.0.0.1:8788"; /* the default of admin.listen */

/* What is asked of the program itself; -1: nothing is. */
static int about_itself(struct fr_session *s)
{
	const struct fr_command *c = s->line->command;

	if (fr_cmdline_option(s->line, "--version") != NULL)
		fprintf(s->out, "frugalctl %s (%s)\n", FR_VERSION, FR_COMMIT);
	else if (fr_cmdline_option(s->line, "--completion") != NULL)
		fr_completion_bash(s->out);
	else if (fr_cmdline_option(s->line, "--dump-docs") != NULL)
		fr_help_manual(s->out);
	else if (fr_cmdline_option(s->line, "--help") != NULL && c != NULL)
		fr_help_command(s->out, c);
	else if (fr_cmdline_option(s->line, "--help") != NULL)
		fr_help_all(s->out);
	else
		return -1;
	return FR_CTL_OK;
}

static int run(struct fr_session *s)
{
	const char *place = fr_cmdline_option(s->line, "--admin"), *wrong, *from = "--admin";
	int code = about_itself(s);

	if (code >= 0)
		return code;
	if (s->line->command == NULL) {
		fr_help_all(s->err);
		return FR_CTL_USAGE;
	}
	if (place == NULL) {
		from = "FRUGALCTL_ADMIN";
		place = getenv(from);
	}
	if (place == NULL || place[0] == '\0')
		place = PLACE;
	wrong = fr_place_read(place, &s->place);
	if (wrong != NULL)
		return fr_session_fail(s, FR_CTL_USAGE, "%s: '%.100s' %s", from, place, wrong);
	return s->line->command->run(s);
}

int main(int argc, char **argv)
{
	struct fr_errmsg why = { "" };
	struct fr_cmdline line;
	struct fr_session s = { .line = &line, .out = stdout, .err = stderr };
	bool utf8 = setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	int code;

	s.look = fr_look_for(isatty(STDOUT_FILENO) == 1, getenv("NO_COLOR"), getenv("TERM"), utf8);
	if (fr_cmdline_read(argc, (const char *const *)argv, &line, &why) != FR_OK)
		return fr_session_fail(&s, FR_CTL_USAGE, "%s", why.s);
	code = run(&s);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return fr_session_fail(&s, FR_CTL_FAILED, "the output could not be written");
	return code;
}
