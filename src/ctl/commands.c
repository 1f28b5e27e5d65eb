#include "ctl/commands.h"

#include "base/str.h"
#include "ctl/help.h"
#include "ctl/key.h"
#include "ctl/ledger.h"
#include "ctl/orders.h"
#include "ctl/report.h"
#include "ctl/status.h"

const char fr_command_everywhere[] = "[--admin ADDRESS] [--json] [--help]";
const char fr_command_itself[] = "[--version] [--completion bash] [--dump-docs man1]";

const struct fr_command fr_commands[FR_COMMANDS] = {
	{ "status", "", "How frugald is, what it spends, and what to do next",
	  "The first lines and the line of calls are about the instance that answers, what was spent today (UTC) and the budgets about all "
	  "that share its Redis.",
	  fr_status_run },
	{ "report", "[--by endpoint|tenant|reason|outcome] [--period today|yesterday|7d|30d|month|YYYY-MM-DD] [--csv]",
	  "Who spent how much, and what was avoided", "Of all instances that share the Redis; days are in UTC.", fr_report_run },
	{ "budget show", "", "Budgets: spent, lent, left, and how they will end",
	  "Lent is what instances may spend without asking again; it counts as used until it is spent or given back.",
	  fr_orders_budget_show },
	{ "budget set", "NAME CREDITS|none", "Give a budget another limit, at once",
	  "NAME is as in budget show, such as all/month. The limit holds for all instances and over restarts, until budget reset.",
	  fr_orders_budget_set },
	{ "budget reset", "NAME", "Give a budget the limit of the configuration again", "", fr_orders_budget_reset },
	{ "key new", "NAME [--tenant TENANT] [--tier TIER]", "Make a key for a client, and its line in clients",
	  "The key is shown this once, on standard output, and kept nowhere; frugald is not asked. Add the line to clients: in "
	  "frugald.yaml and reload.",
	  fr_key_new_run },
	{ "key hash", "[NAME] [--tenant TENANT] [--tier TIER]", "Read a key and print its line in clients",
	  "The key is read from standard input, on a terminal without showing it. Without NAME only its key_sha256 is printed.",
	  fr_key_hash_run },
	{ "ledger verify", "", "Compare journal, counters and reservations", "The exit status is 4 if they differ.",
	  fr_ledger_run },
	{ "alert test", "CHANNEL", "Send a test to a channel of alerts", "", fr_orders_alert_test },
	{ "purge", "(--target URL | --key HEX | --endpoint PATH | --all) [--soft] [--yes]", "Use no more what is stored",
	  "The next request for it costs a credit. --key is the key that explain shows. --all is asked about on a terminal.",
	  fr_orders_purge },
	{ "explain", "TARGET", "What frugald makes of a request, and what it has stored for it",
	  "TARGET is a path and a query. No call is made.", fr_explain_run },
	{ "help", "[COMMAND...]", "All commands, or one of them", "", fr_help_run },
};

const struct fr_command_option fr_command_options[FR_COMMAND_OPTIONS] = {
	{ "--admin",
	  "Where frugald's admin.listen is: host:port, [v6]:port or unix:/path; default: FRUGALCTL_ADMIN, else 127.0.0.1:8788" },
	{ "--json", "What frugald said, for programs" },
	{ "--help", "Help, of the command if one is named; also -h" },
	{ "--version", "The version; also -V" },
	{ "--completion", "Print the completion for bash" },
	{ "--dump-docs", "Print the part of frugalctl(1) that is written from the program's tables" },
	{ "--by", "What the rows are; default: endpoint" },
	{ "--period", "Which days; default: today" },
	{ "--csv", "Comma-separated values" },
	{ "--tenant", "Who pays for the client's requests" },
	{ "--tier", "The tier whose times the client has" },
	{ "--target", "The answer to this request" },
	{ "--key", "The answer with this key" },
	{ "--endpoint", "All answers of this path" },
	{ "--all", "All answers" },
	{ "--soft", "Serve it once more, while it is renewed" },
	{ "--yes", "Do not ask" },
};

const struct fr_command *fr_command_find(struct fr_str name)
{
	for (size_t i = 0; i < FR_COMMANDS; i++)
		if (fr_str_is(name, fr_commands[i].name))
			return &fr_commands[i];
	return NULL;
}

struct fr_str fr_command_second(const struct fr_command *c, struct fr_str first)
{
	struct fr_str rest = fr_str_of(c->name), word = fr_str_cut(&rest, ' ');

	return fr_str_eq(word, first) ? rest : (struct fr_str){ NULL, 0 };
}
