#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "ctl/commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { ARGS_MAX = 8 };

struct args {
	const char *at[ARGS_MAX]; /* without the program's name, ends with NULL */
};

static enum fr_err read_args(const struct args *a, struct fr_cmdline *ret, struct fr_errmsg *why)
{
	const char *argv[ARGS_MAX + 1] = { "frugalctl" };
	int argc = 1;

	for (size_t i = 0; i < ARGS_MAX && a->at[i] != NULL; i++)
		argv[argc++] = a->at[i];
	return fr_cmdline_read(argc, argv, ret, why);
}

static struct fr_cmdline good(const struct args *a)
{
	struct fr_errmsg why = { "" };
	struct fr_cmdline line;

	if (read_args(a, &line, &why) != FR_OK)
		fail_msg("%s", why.s);
	return line;
}

static void a_command_is_found_by_one_word_or_two(void **state)
{
	static const struct {
		struct args args;
		const char *name, *word;
	} rows[] = {
		{ { { "status" } }, "status", NULL },
		{ { { "budget", "show" } }, "budget show", NULL },
		{ { { "budget", "set", "all/month", "none" } }, "budget set", "all/month" },
		{ { { "--json", "budget", "--admin", "x:1", "reset", "a" } }, "budget reset", "a" },
		{ { { "explain", "--", "--odd" } }, "explain", "--odd" },
		{ { { "explain", "-" } }, "explain", "-" },
		{ { { "help", "budget", "set" } }, "help", "budget" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_cmdline line = good(&rows[i].args);

		assert_string_equal(line.command->name, rows[i].name);
		if (rows[i].word == NULL)
			assert_null(fr_cmdline_word(&line, 0));
		else
			assert_string_equal(fr_cmdline_word(&line, 0), rows[i].word);
	}
}

static void options_may_stand_before_and_behind_and_carry_their_value_either_way(void **state)
{
	static const struct {
		struct args args;
		const char *option, *value; /* NULL: not given */
	} rows[] = {
		{ { { "--admin", "unix:/a=b", "status" } }, "--admin", "unix:/a=b" },
		{ { { "status", "--admin=unix:/a=b" } }, "--admin", "unix:/a=b" },
		{ { { "report", "--by", "tenant" } }, "--by", "tenant" },
		{ { { "report", "--by=tenant", "--csv" } }, "--csv", "" },
		{ { { "report", "--period", "2026-11-22" } }, "--period", "2026-11-22" },
		{ { { "report" } }, "--json", NULL },
		{ { { "purge", "--target", "/a?b=--soft" } }, "--soft", NULL },
		{ { { "-h" } }, "--help", "" },
		{ { { "-V" } }, "--version", "" },
		{ { { "budget", "set", "-h" } }, "--help", "" },
		{ { { "--completion", "bash" } }, "--completion", "bash" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_cmdline line = good(&rows[i].args);
		const char *value = fr_cmdline_option(&line, rows[i].option);

		if (rows[i].value == NULL)
			assert_null(value);
		else
			assert_string_equal(value, rows[i].value);
	}
}

static void what_cannot_be_read_is_said_with_the_way_to_mend_it(void **state)
{
	static const struct {
		struct args args;
		const char *says;
	} rows[] = {
		{ { { "stauts" } }, "'stauts' is no command, did you mean 'status'?" },
		{ { { "colour" } }, "'colour' is no command; see frugalctl help" },
		{ { { "budget" } }, "'budget' is followed by one of: show, set, reset" },
		{ { { "budget", "shwo" } }, "'shwo' is no command of 'budget', did you mean 'show'?" },
		{ { { "budget", "colour" } }, "'colour' is no command of 'budget'; see frugalctl help" },
		{ { { "budget", "set", "a" } }, "CREDITS|none is missing; usage: frugalctl budget set NAME CREDITS|none" },
		{ { { "status", "now" } }, "'now' is one word too many; usage: frugalctl status" },
		{ { { "report", "--bye", "tenant" } }, "'--bye' is no option, did you mean '--by'?" },
		{ { { "report", "--soft" } }, "'--soft' is no option; see frugalctl help report" },
		{ { { "--soft", "purge" } }, "'--soft' before the command is no option; name the command first" },
		{ { { "report", "--by", "tennant" } },
		  "--by is endpoint|tenant|reason|outcome, not 'tennant', did you mean 'tenant'?" },
		{ { { "report", "--by" } }, "--by needs a value: endpoint|tenant|reason|outcome" },
		{ { { "report", "--csv=1" } }, "--csv takes no value" },
		{ { { "report", "--csv", "--csv" } }, "--csv is given twice" },
		{ { { "status", "-x" } }, "'-x' is no option; see frugalctl help status" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fr_cmdline line = { .n_words = 77 };
		struct fr_errmsg why = { "" };

		assert_int_equal(read_args(&rows[i].args, &line, &why), FR_INVALID);
		assert_string_equal(why.s, rows[i].says);
		assert_int_equal(line.n_words, 77);
	}
}

static void nothing_at_all_names_no_command(void **state)
{
	struct fr_cmdline line = good(&(struct args){ { NULL } });

	(void)state;
	assert_null(line.command);
	assert_int_equal(line.n_words + line.n_options, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_found_by_one_word_or_two),
		cmocka_unit_test(options_may_stand_before_and_behind_and_carry_their_value_either_way),
		cmocka_unit_test(what_cannot_be_read_is_said_with_the_way_to_mend_it),
		cmocka_unit_test(nothing_at_all_names_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
