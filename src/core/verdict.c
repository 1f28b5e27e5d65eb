#include "core/verdict.h"

#include "base/assert.h"
#include "base/str.h"
#include "core/body.h"

#include "base/pure.h"

static const struct {
	const char *name;
	bool stored, failure;
} verdicts[FR_VERDICTS] = {
#define VERDICT(id, name, stored, failure, help) { name, stored, failure },
#include "frugal/tbl/verdicts.def"
#undef VERDICT
};

const char *fr_verdict_name(enum fr_verdict v)
{
	FR_ASSERT(v < FR_VERDICTS);
	return verdicts[v].name;
}

bool fr_verdict_stored(enum fr_verdict v)
{
	FR_ASSERT(v < FR_VERDICTS);
	return verdicts[v].stored;
}

bool fr_verdict_failure(enum fr_verdict v)
{
	FR_ASSERT(v < FR_VERDICTS);
	return verdicts[v].failure;
}

/* `phrase` is lower case. */
static bool holds(struct fr_str text, struct fr_str phrase)
{
	for (size_t i = 0; phrase.n > 0 && i + phrase.n <= text.n; i++)
		if (fr_str_eq_nocase((struct fr_str){ text.p + i, phrase.n }, phrase))
			return true;
	return false;
}

static bool holds_any(struct fr_str text, const struct fr_names *phrases)
{
	for (size_t i = 0; i < phrases->n; i++)
		if (holds(text, phrases->at[i]))
			return true;
	return false;
}

static struct fr_str message_of(json_t *root)
{
	struct fr_str message = fr_body_text(root, FR_STR("message"));

	return message.p != NULL ? message : fr_body_text(root, FR_STR("msg"));
}

static bool only_message(json_t *root)
{
	return json_object_size(root) == 1 && json_object_get(root, "message") != NULL;
}

static bool says_error(json_t *root)
{
	return fr_str_eq_nocase(fr_body_text(root, FR_STR("status")), FR_STR("error"));
}

/* The envelope of the API's relatives: a code other than 0 and a msg. */
static bool says_code(json_t *root)
{
	const json_t *code = json_object_get(root, "code");
	bool zero = json_is_integer(code) ? json_integer_value(code) == 0 : json_number_value(code) == 0;

	return json_is_number(code) && !zero && fr_body_text(root, FR_STR("msg")).p != NULL;
}

static bool is_in(const struct fr_names *names, struct fr_str name)
{
	for (size_t i = 0; i < names->n; i++)
		if (fr_str_eq(names->at[i], name))
			return true;
	return false;
}

/* A text that is empty is an "empty success", except where emptiness has a rule of its own. */
static bool complete(json_t *root, const struct fr_endpoint *e)
{
	for (size_t i = 0; i < e->mandatory.n; i++) {
		const json_t *member = fr_body_member(root, e->mandatory.at[i]);

		if (member == NULL || json_is_null(member))
			return false;
		if (json_is_string(member) && json_string_length(member) == 0 && !is_in(&e->gone_if_empty, e->mandatory.at[i]))
			return false;
	}
	return json_object_size(root) > 0;
}

static bool gone(json_t *root, const struct fr_names *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		struct fr_str value = fr_body_text(root, fields->at[i]);

		if (value.p == NULL || value.n > 0)
			return false;
	}
	return fields->n > 0;
}

/* HTTP 200: only the body tells. upstream.md, section 5. */
static enum fr_verdict of_body(const struct fr_catalogue *c, const struct fr_endpoint *e, json_t *root)
{
	if (root == NULL)
		return FR_VERDICT_MALFORMED;
	if (only_message(root))
		return FR_VERDICT_ACCOUNT_ERROR;
	if (says_error(root) || says_code(root))
		return holds_any(message_of(root), &c->not_found) ? FR_VERDICT_NOT_FOUND : FR_VERDICT_RESOURCE_ERROR;
	if (gone(root, &e->gone_if_empty))
		return FR_VERDICT_NOT_FOUND;
	return complete(root, e) ? FR_VERDICT_DATA : FR_VERDICT_MALFORMED;
}

/* A 404 counts as the thing's own only when the API words it: a proxy's page or a path that has moved must not be kept. */
static enum fr_verdict of_refusal(const struct fr_catalogue *c, int status, json_t *root)
{
	if (root == NULL)
		return FR_VERDICT_TRANSIENT;
	if (status == 404 || status == 410)
		return says_error(root) || holds_any(message_of(root), &c->not_found) ? FR_VERDICT_NOT_FOUND
										      : FR_VERDICT_RESOURCE_ERROR;
	return holds_any(message_of(root), &c->account) ? FR_VERDICT_ACCOUNT_ERROR : FR_VERDICT_RESOURCE_ERROR;
}

static enum fr_verdict of_answer(const struct fr_catalogue *c, const struct fr_endpoint *e, int status, json_t *root)
{
	if (status == 429)
		return FR_VERDICT_THROTTLED;
	if (status >= 401 && status <= 403)
		return FR_VERDICT_ACCOUNT_ERROR;
	if (status < 200 || status >= 500)
		return FR_VERDICT_TRANSIENT;
	if (e->is_other) {
		if (status == 200 && only_message(root))
			return FR_VERDICT_ACCOUNT_ERROR;
		return status < 400 ? FR_VERDICT_DATA : FR_VERDICT_RESOURCE_ERROR;
	}
	if (status == 200)
		return of_body(c, e, root);
	if (status < 300)
		return FR_VERDICT_MALFORMED;
	return status < 400 ? FR_VERDICT_TRANSIENT : of_refusal(c, status, root);
}

/* Whatever left this machine is booked, unless a status other than 200 says that it is not billed. */
static struct fr_judgement unfinished(const struct fr_upstream_answer *a)
{
	struct fr_judgement j = { .verdict = FR_VERDICT_NETWORK };

	if (a->transfer == FR_TRANSFER_TIMEOUT)
		j.verdict = FR_VERDICT_TIMEOUT;
	else if (a->transfer == FR_TRANSFER_TRUNCATED || a->transfer == FR_TRANSFER_TOO_BIG)
		j.verdict = FR_VERDICT_MALFORMED;
	j.uncertain = a->sent && a->status <= 0;
	j.billed = j.uncertain || a->status == 200;
	return j;
}

static bool billed(const struct fr_catalogue *c, int status, enum fr_verdict v)
{
	if (status != 200 || v == FR_VERDICT_ACCOUNT_ERROR)
		return false;
	return v != FR_VERDICT_NOT_FOUND || c->bill_not_found;
}

static bool verbatim(enum fr_verdict v, bool is_object)
{
	return v == FR_VERDICT_DATA || v == FR_VERDICT_NOT_FOUND || v == FR_VERDICT_RESOURCE_ERROR ||
	       (v == FR_VERDICT_MALFORMED && is_object);
}

/* Ids fit 63 bits; as text or as a number. */
static uint64_t id_of(json_t *root, struct fr_str key)
{
	const json_t *member = fr_body_member(root, key);
	uint64_t id = 0;

	if (json_is_string(member) && !fr_str_to_u64(fr_body_text(root, key), &id))
		return 0;
	if (json_is_integer(member) && json_integer_value(member) > 0)
		id = (uint64_t)json_integer_value(member);
	return id <= INT64_MAX ? id : 0;
}

/* As printable ASCII, fit for logs and header fields: a space for control characters, one '?' for every character beyond. */
static void clean(char *ret, size_t size, struct fr_str text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n + 1 < size; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= 0x80 && c < 0xC0) /* inside of a character */
			continue;
		ret[n++] = c < 0x20 || c == 0x7F ? ' ' : c >= 0x80 ? '?' : (char)c;
	}
	ret[n] = '\0';
}

struct fr_judgement fr_verdict_judge(const struct fr_catalogue *c, const struct fr_endpoint *e,
				     const struct fr_upstream_answer *a)
{
	struct fr_judgement j = { .verdict = FR_VERDICT_DATA };
	json_t *root;

	if (a->transfer != FR_TRANSFER_DONE || a->status <= 0)
		return unfinished(a);
	root = fr_body_root(a->body);
	j.verdict = of_answer(c, e, a->status, root);
	j.billed = billed(c, a->status, j.verdict);
	j.verbatim = verbatim(j.verdict, root != NULL);
	if (j.verdict == FR_VERDICT_DATA)
		j.post_id = id_of(root, e->post_id);
	else
		clean(j.text, sizeof(j.text), message_of(root));
	json_decref(root);
	return j;
}
