#include "ctl/ledger.h"

#include <stdio.h>

#include "base/assert.h"
#include "base/str.h"
#include "base/units.h"
#include "ctl/facts.h"

enum { DEPTH_MAX = 3, NAME_WIDTH = 32, NAME_MAX_BYTES = 128 };

static void put_members(FILE *to, const char *of, json_t *o, int depth);

static void put_scalar(FILE *to, json_t *v)
{
	char number[FR_LOOK_MAX];

	if (json_is_string(v)) {
		fr_look_foreign(to, fr_str_of(json_string_value(v)));
	} else if (json_is_integer(v)) {
		fr_units_show_count(json_integer_value(v), number);
		fputs(number, to);
	} else if (json_is_real(v)) {
		fprintf(to, "%g", json_real_value(v));
	} else {
		fputs(json_is_true(v) ? "yes" : json_is_false(v) ? "no" : "not known", to);
	}
}

/* One line, or the lines of its members: their names follow its own behind a dot. */
static void put_member(FILE *to, const char *of, const char *name, json_t *v, int depth)
{
	char full[NAME_MAX_BYTES];
	int n = snprintf(full, sizeof(full), "%s%s%s", of, of[0] == '\0' ? "" : ".", name);

	FR_ASSERT(n >= 0);
	if (json_is_object(v) || json_is_array(v)) {
		if (depth < DEPTH_MAX)
			put_members(to, full, v, depth + 1);
		return;
	}
	fr_look_foreign(to, fr_str_of(full));
	fprintf(to, "%*s", n < NAME_WIDTH ? NAME_WIDTH - n : 1, "");
	put_scalar(to, v);
	fputc('\n', to);
}

static void put_members(FILE *to, const char *of, json_t *o, int depth)
{
	char place[FR_LOOK_MAX];
	json_t *v;
	size_t i;

	for (void *at = json_object_iter(o); at != NULL; at = json_object_iter_next(o, at))
		put_member(to, of, json_object_iter_key(at), json_object_iter_value(at), depth);
	json_array_foreach (o, i, v) {
		/* a thing among others goes by its name, if it has one */
		const char *own = fr_facts_text(v, "name", NULL);

		fr_units_show_count((int64_t)i, place);
		put_member(to, of, own != NULL ? own : place, v, depth);
	}
}

int fr_ledger_write(FILE *to, const struct fr_look *look, json_t *ledger)
{
	int64_t drift = fr_facts_number(ledger, "drift", INT64_MAX);

	put_members(to, "", ledger, 0);
	if (drift == INT64_MAX)
		return FR_CTL_FAILED;
	fr_look_put(to, look, drift == 0 ? FR_TINT_GOOD : FR_TINT_BAD,
		    drift == 0 ? "The books agree."
			       : "The books differ: the drift is what was counted and not recorded, or the other way round.");
	fputc('\n', to);
	return drift == 0 ? FR_CTL_OK : FR_CTL_DRIFT;
}

int fr_ledger_run(struct fr_session *s)
{
	struct fr_answer a;
	json_t *ledger;
	int code = fr_session_ask(s, FR_TALK_GET, "/ledger", &a);

	if (code != FR_CTL_OK)
		return code;
	ledger = fr_facts_of(&a);
	if (fr_session_json(s)) {
		int64_t drift = fr_facts_number(ledger, "drift", INT64_MAX);

		(void)fr_session_pass_on(s, &a);
		code = drift == 0 ? FR_CTL_OK : drift == INT64_MAX ? FR_CTL_FAILED : FR_CTL_DRIFT;
	} else {
		fr_answer_free(&a);
		code = fr_ledger_write(s->out, &s->look, ledger);
	}
	json_decref(ledger);
	if (code == FR_CTL_FAILED)
		return fr_session_fail(s, code, "frugald's answer names no drift, so nothing is verified");
	if (code == FR_CTL_DRIFT)
		return fr_session_fail(s, code, "the ledger has drifted: journalctl -u frugald, and keep state_dir as it is");
	return code;
}
