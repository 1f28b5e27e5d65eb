#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "ctl/commands.h"
#include "ctl/completion.h"
#include "ctl/help.h"
#include "unit/ctl/page.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Calls `each` for every usage text that there is. */
static void each_usage(void (*each)(const struct fr_usage *u, void *ctx), void *ctx)
{
	struct fr_usage u;

	fr_usage_read(fr_command_everywhere, &u);
	each(&u, ctx);
	fr_usage_read(fr_command_itself, &u);
	each(&u, ctx);
	for (size_t i = 0; i < FR_COMMANDS; i++) {
		fr_usage_read(fr_commands[i].takes, &u);
		each(&u, ctx);
	}
}

static void count_uses(const struct fr_usage *u, void *ctx)
{
	size_t *uses = ctx;

	for (size_t i = 0; i < u->n_options; i++) {
		bool found = false;

		for (size_t row = 0; row < FR_COMMAND_OPTIONS; row++) {
			if (!fr_str_is(u->options[i].name, fr_command_options[row].name))
				continue;
			uses[row]++;
			found = true;
		}
		assert_true(found);
	}
}

static void every_option_has_a_row_and_every_row_is_used(void **state)
{
	size_t uses[FR_COMMAND_OPTIONS] = { 0 };

	(void)state;
	each_usage(count_uses, uses);
	for (size_t i = 0; i < FR_COMMAND_OPTIONS; i++)
		assert_true(uses[i] >= 1);
}

static void every_command_has_a_name_of_its_own_and_a_function(void **state)
{
	(void)state;
	for (size_t i = 0; i < FR_COMMANDS; i++) {
		assert_ptr_equal(fr_command_find(fr_str_of(fr_commands[i].name)), &fr_commands[i]);
		assert_non_null((void *)(uintptr_t)fr_commands[i].run);
		assert_true(strlen(fr_commands[i].help) < 80 && fr_commands[i].help[0] != '\0');
	}
	assert_null(fr_command_find(FR_STR("budget")));
	assert_true(fr_str_is(fr_command_second(fr_command_find(FR_STR("budget set")), FR_STR("budget")), "set"));
	assert_true(fr_command_second(fr_command_find(FR_STR("status")), FR_STR("status")).n == 0);
}

static void help_completion_and_manual_name_every_command(void **state)
{
	static void (*const write[])(FILE * to) = { fr_help_all, fr_completion_bash, fr_help_manual };

	(void)state;
	for (size_t w = 0; w < COUNT(write); w++) {
		struct page p;

		page_open(&p);
		write[w](p.to);
		for (size_t i = 0; i < FR_COMMANDS; i++)
			assert_non_null(strstr(page_text(&p), fr_commands[i].name));
		page_close(&p);
	}
}

static void help_fits_a_terminal_but_for_usages(void **state)
{
	struct page p;
	struct fr_str rest;

	(void)state;
	page_open(&p);
	fr_help_all(p.to);
	for (size_t i = 0; i < FR_COMMANDS; i++)
		fr_help_command(p.to, &fr_commands[i]);
	rest = fr_str_of(page_text(&p));
	while (rest.p != NULL) {
		struct fr_str line = fr_str_cut(&rest, '\n');

		assert_true(line.n <= 80 || fr_str_starts(line, "usage: "));
		assert_false(fr_str_ends(line, " "));
	}
	page_close(&p);
}

static void the_help_of_a_command_says_its_usage_and_its_options(void **state)
{
	static const char says[] = "usage: frugalctl budget reset NAME\n"
				   "\n"
				   "Give a budget the limit of the configuration again\n";
	struct page p;

	(void)state;
	page_open(&p);
	fr_help_command(p.to, fr_command_find(FR_STR("budget reset")));
	assert_string_equal(page_text(&p), says);
	page_close(&p);
	page_open(&p);
	fr_help_command(p.to, fr_command_find(FR_STR("purge")));
	assert_non_null(strstr(page_text(&p), "\n  --key HEX                The answer with this key\n"));
	page_close(&p);
}

static void the_manual_has_no_bare_hyphen(void **state)
{
	const char *text;
	struct page p;

	(void)state;
	page_open(&p);
	fr_help_manual(p.to);
	text = page_text(&p);
	assert_non_null(strstr(text, "\n\\fBbudget set\\fR \\fI\\%NAME\\fR \\fI\\%CREDITS\\fR|\\fB\\%none\\fR\n"));
	for (const char *hyphen = strchr(text, '-'); hyphen != NULL; hyphen = strchr(hyphen + 1, '-'))
		assert_true(hyphen > text && hyphen[-1] == '\\');
	page_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_has_a_row_and_every_row_is_used),
		cmocka_unit_test(every_command_has_a_name_of_its_own_and_a_function),
		cmocka_unit_test(help_completion_and_manual_name_every_command),
		cmocka_unit_test(help_fits_a_terminal_but_for_usages),
		cmocka_unit_test(the_help_of_a_command_says_its_usage_and_its_options),
		cmocka_unit_test(the_manual_has_no_bare_hyphen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
