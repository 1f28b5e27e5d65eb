#include "ctl/usage.h"

#include "base/assert.h"
#include "base/str.h"

/* What stands between two spaces, without its brackets. */
struct token {
	struct fr_str text;
	bool optional, ends; /* it opened with '[', it closed with a bracket of either kind */
};

static struct token next(struct fr_str *rest)
{
	struct token t = { .text = fr_str_cut(rest, ' ') };

	FR_ASSERT(t.text.n > 0);
	if (t.text.p[0] == '[' || t.text.p[0] == '(') {
		t.optional = t.text.p[0] == '[';
		t.text = fr_str_skip(t.text, 1);
	}
	FR_ASSERT(t.text.n > 0);
	if (t.text.p[t.text.n - 1] == ']' || t.text.p[t.text.n - 1] == ')') {
		t.ends = true;
		t.text.n--;
	}
	FR_ASSERT(t.text.n > 0);
	return t;
}

static void add_word(struct fr_usage *u, struct token t)
{
	FR_ASSERT(u->n_words < FR_USAGE_WORDS_MAX && !u->many);
	if (fr_str_ends(t.text, "...")) {
		u->many = true;
		t.text.n -= 3;
	}
	u->words[u->n_words++] = t.text;
	if (t.optional)
		return;
	u->n_needed++;
	FR_ASSERT(u->n_needed == u->n_words); /* what may be left out comes last */
}

/* An option's value follows in the same brackets. */
static void add_option(struct fr_usage *u, struct token t, struct fr_str *rest)
{
	struct fr_usage_option *o = &u->options[u->n_options];

	FR_ASSERT(u->n_options < FR_USAGE_OPTIONS_MAX);
	*o = (struct fr_usage_option){ .name = t.text };
	u->n_options++;
	if (t.ends || rest->n == 0 || rest->p[0] == '|' || rest->p[0] == '[')
		return;
	o->value = next(rest).text;
}

void fr_usage_read(const char *text, struct fr_usage *ret)
{
	struct fr_str rest = fr_str_of(text);
	struct fr_usage u = { .n_words = 0 };

	while (rest.n > 0) {
		struct token t = next(&rest);

		if (fr_str_starts(t.text, "--"))
			add_option(&u, t, &rest);
		else if (!fr_str_is(t.text, "|"))
			add_word(&u, t);
	}
	*ret = u;
}

const struct fr_usage_option *fr_usage_option(const struct fr_usage *u, struct fr_str name)
{
	for (size_t i = 0; i < u->n_options; i++)
		if (fr_str_eq(u->options[i].name, name))
			return &u->options[i];
	return NULL;
}

bool fr_usage_literal(struct fr_str alternative)
{
	for (size_t i = 0; i < alternative.n; i++)
		if (fr_lower(alternative.p[i]) != alternative.p[i])
			return false;
	return alternative.n > 0;
}

bool fr_usage_closed(struct fr_str values)
{
	struct fr_str rest = values;
	bool closed = values.n > 0;

	while (closed && rest.p != NULL)
		closed = fr_usage_literal(fr_str_cut(&rest, '|'));
	return closed;
}
