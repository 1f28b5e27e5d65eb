#include "ctl/orders.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "ctl/budgets.h"
#include "ctl/facts.h"
#include "ctl/target.h"

enum { REPLY_MAX = 16 };

/* Sends the order and frees its target. With --json frugald's answer is handed on; else `said` is written, and what frugald adds in
 * its "detail". */
static int order(struct fr_session *s, struct fr_target *t, const char *said)
{
	struct fr_answer a;
	json_t *facts;
	const char *detail;
	int code = fr_session_ask(s, FR_TALK_POST, fr_target_text(t), &a);

	fr_target_free(t);
	if (code != FR_CTL_OK)
		return code;
	if (fr_session_json(s))
		return fr_session_pass_on(s, &a);
	facts = fr_facts_of(&a);
	fr_answer_free(&a);
	detail = fr_facts_text(facts, "detail", "");
	fr_look_foreign(s->out, fr_str_of(said));
	fputc('\n', s->out);
	if (detail[0] != '\0') {
		fr_look_foreign(s->out, fr_str_of(detail));
		fputc('\n', s->out);
	}
	json_decref(facts);
	return FR_CTL_OK;
}

int fr_orders_budget_show(struct fr_session *s)
{
	struct fr_answer a;
	json_t *facts, *list;
	int code = fr_session_ask(s, FR_TALK_GET, "/budgets", &a);

	if (code != FR_CTL_OK)
		return code;
	if (fr_session_json(s))
		return fr_session_pass_on(s, &a);
	facts = fr_facts_of(&a);
	fr_answer_free(&a);
	list = fr_facts_at(facts, "budgets");
	if (json_array_size(list) > 0)
		fr_budgets_table(s->out, &s->look, list);
	else
		fputs("There are no budgets: what is spent has no limit. They are written under budgets: in frugald.yaml, see frugald.yaml(5).\n",
		      s->out);
	json_decref(facts);
	return FR_CTL_OK;
}

/* A whole number of credits, or none; `shown` becomes what the order will say. */
static bool read_credits(const char *text, char shown[FR_LOOK_MAX])
{
	int64_t n;

	if (strcmp(text, "none") == 0)
		return fr_str_copy(shown, FR_LOOK_MAX, FR_STR("any number of"));
	if (text[0] == '-' || !fr_str_to_i64(fr_str_of(text), &n))
		return false;
	fr_units_show_count(n, shown);
	return true;
}

int fr_orders_budget_set(struct fr_session *s)
{
	const char *name = fr_cmdline_word(s->line, 0), *credits = fr_cmdline_word(s->line, 1);
	char shown[FR_LOOK_MAX], said[FR_ERRMSG_MAX];
	struct fr_target t;
	int n;

	if (!read_credits(credits, shown))
		return fr_session_fail(s, FR_CTL_USAGE, "'%s' is no number of credits: write digits only, or none for no limit",
				       credits);
	fr_target_init(&t, "/budget");
	fr_target_add(&t, "name", name);
	fr_target_add(&t, "credits", credits);
	n = snprintf(said, sizeof(said),
		     "Budget %s may spend %s credits in its window; frugalctl budget reset %s takes that back.", name, shown,
		     name);
	FR_ASSERT(n > 0);
	return order(s, &t, said);
}

int fr_orders_budget_reset(struct fr_session *s)
{
	const char *name = fr_cmdline_word(s->line, 0);
	char said[FR_ERRMSG_MAX];
	struct fr_target t;
	int n = snprintf(said, sizeof(said), "Budget %s is what the configuration says.", name);

	FR_ASSERT(n > 0);
	fr_target_init(&t, "/budget");
	fr_target_add(&t, "name", name);
	fr_target_add(&t, "credits", "config");
	return order(s, &t, said);
}

int fr_orders_alert_test(struct fr_session *s)
{
	const char *channel = fr_cmdline_word(s->line, 0);
	char said[FR_ERRMSG_MAX];
	struct fr_target t;
	int n = snprintf(said, sizeof(said), "A test is on its way to channel %s.", channel);

	FR_ASSERT(n > 0);
	fr_target_init(&t, "/alert/test");
	fr_target_add(&t, "channel", channel);
	return order(s, &t, said);
}

/* Asks on the terminal; without one nobody can be asked, so --yes must say it. */
static int confirm(struct fr_session *s)
{
	char reply[REPLY_MAX] = "";

	if (fr_cmdline_option(s->line, "--yes") != NULL)
		return FR_CTL_OK;
	if (isatty(STDIN_FILENO) != 1)
		return fr_session_fail(
			s, FR_CTL_USAGE,
			"purge --all makes every question cost a credit again: without a terminal to ask on, it needs --yes");
	fputs("Purge everything? Every question will cost a credit again. Type yes: ", s->err);
	(void)fflush(s->err);
	if (fgets(reply, sizeof(reply), stdin) == NULL || strcmp(reply, "yes\n") != 0)
		return fr_session_fail(s, FR_CTL_FAILED, "nothing was purged");
	return FR_CTL_OK;
}

/* The one of the four that was given, or NULL. */
static const char *what_to_purge(const struct fr_session *s)
{
	static const char *const which[] = { "--target", "--key", "--endpoint", "--all" };
	const char *found = NULL;

	for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++) {
		if (fr_cmdline_option(s->line, which[i]) == NULL)
			continue;
		if (found != NULL)
			return NULL;
		found = which[i];
	}
	return found;
}

int fr_orders_purge(struct fr_session *s)
{
	const char *what = what_to_purge(s), *value;
	bool all, soft = fr_cmdline_option(s->line, "--soft") != NULL;
	struct fr_target t;
	int code = FR_CTL_OK;

	if (what == NULL)
		return fr_session_fail(s, FR_CTL_USAGE, "purge takes one of --target, --key, --endpoint and --all");
	all = strcmp(what, "--all") == 0;
	value = fr_cmdline_option(s->line, what);
	if (all)
		code = confirm(s);
	if (code != FR_CTL_OK)
		return code;
	fr_target_init(&t, "/purge");
	fr_target_add(&t, what + 2, all ? "1" : value);
	fr_target_add(&t, "soft", soft ? "1" : NULL);
	return order(s, &t,
		     soft ? "What was stored is not fresh any more: it is served once more while it is renewed."
			  : "What was stored is not used any more.");
}
