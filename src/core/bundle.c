#include "core/bundle.h"

#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "core/json.h"
#include "core/json_text.h"

#include "base/pure.h"

enum { SHOWN_MAX = 64 };

static const char shape[] = "Send {\"bundle\": \"name\", \"params\": {\"name\": \"value\"}}, or the same in the query";

const struct fr_bundle *fr_bundle_find(const struct fr_bundles *all, struct fr_str name)
{
	for (size_t i = 0; i < all->n; i++)
		if (fr_str_is(name, all->at[i].name))
			return &all->at[i];
	return NULL;
}

static bool is_name(struct fr_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = fr_lower(s.p[i]);

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return s.n > 0 && s.n < FR_NAME_MAX;
}

bool fr_bundle_cut(struct fr_str *rest, struct fr_str *text, struct fr_str *place)
{
	*text = fr_str_cut(rest, '{');
	*place = (struct fr_str){ NULL, 0 };
	if (fr_str_find(*text, '}') < text->n)
		return false;
	if (rest->p == NULL)
		return true;
	*place = fr_str_cut(rest, '}');
	return rest->p != NULL && is_name(*place);
}

/* One of "params": a text's characters, a number or a flag as it is spelled. */
static enum fr_err read_param(struct fr_arena *mem, struct fr_str name, struct fr_str value, struct fr_bundle_ask *ask,
			      struct fr_refusal *why)
{
	struct fr_pair *pair = &ask->params.at[ask->params.n];
	enum fr_json_kind kind = fr_json_kind(value);
	char shown[SHOWN_MAX];

	if (ask->params.n == FR_PARAMS_MAX) {
		fr_problem_set(why, FR_PROBLEM_BAD_PREWARM, "There are more than %d params.", FR_PARAMS_MAX);
		return FR_INVALID;
	}
	*pair = (struct fr_pair){ .name = name, .value = kind == FR_JSON_TEXT ? fr_json_text(mem, value) : value };
	if (pair->value.p != NULL && (kind == FR_JSON_TEXT || kind == FR_JSON_NUMBER || kind == FR_JSON_FLAG)) {
		ask->params.n++;
		return FR_OK;
	}
	fr_query_show(shown, sizeof(shown), name);
	fr_problem_set(why, FR_PROBLEM_BAD_PREWARM, "The param %s is neither a text nor a number. %s.", shown, shape);
	return FR_INVALID;
}

static enum fr_err read_body(struct fr_arena *mem, struct fr_str body, struct fr_bundle_ask *ask, struct fr_refusal *why)
{
	struct fr_str root = fr_json_body(body), params, name, value;
	struct fr_json_walk walk;
	enum fr_err e = FR_OK;

	if (fr_json_kind(root) != FR_JSON_MAP) {
		fr_problem_set(why, FR_PROBLEM_BAD_PREWARM, "The body is not a JSON object. %s.", shape);
		return FR_INVALID;
	}
	ask->bundle = fr_json_text(mem, fr_json_get(root, FR_STR("bundle")));
	params = fr_json_get(root, FR_STR("params"));
	if (params.p != NULL && fr_json_kind(params) != FR_JSON_MAP) {
		fr_problem_set(why, FR_PROBLEM_BAD_PREWARM, "The params are no JSON object. %s.", shape);
		return FR_INVALID;
	}
	walk = fr_json_walk(params);
	while (e == FR_OK && fr_json_next(&walk, &name, &value))
		e = read_param(mem, name, value, ask, why);
	return e;
}

static enum fr_err read_query(struct fr_arena *mem, struct fr_str target, struct fr_bundle_ask *ask, struct fr_refusal *why)
{
	struct fr_query query;
	enum fr_err e = fr_query_split(mem, target, &query, why);

	if (e == FR_OK)
		e = fr_query_pairs(mem, &query, &ask->params, why);
	if (e != FR_OK)
		return e;
	for (size_t i = 0; i < ask->params.n; i++)
		if (fr_str_is(ask->params.at[i].name, "bundle"))
			ask->bundle = ask->params.at[i].value;
	return FR_OK;
}

enum fr_err fr_bundle_read(struct fr_arena *mem, struct fr_str target, struct fr_str body, struct fr_bundle_ask *ret,
			   struct fr_refusal *why)
{
	enum fr_err e;

	*ret = (struct fr_bundle_ask){ .bundle = { NULL, 0 } };
	e = body.n > 0 ? read_body(mem, body, ret, why) : read_query(mem, target, ret, why);
	if (e == FR_OK && ret->bundle.n == 0) {
		fr_problem_set(why, FR_PROBLEM_BAD_PREWARM, "No bundle is named. %s.", shape);
		return FR_INVALID;
	}
	return e;
}

static const struct fr_pair *param_of(const struct fr_bundle_ask *ask, struct fr_str name)
{
	for (size_t i = 0; i < ask->params.n; i++)
		if (fr_str_eq(ask->params.at[i].name, name))
			return &ask->params.at[i];
	return NULL;
}

/* Adds one piece of the question; `to` is NULL while sizes are counted. */
static size_t add(char **to, struct fr_str text, struct fr_str value)
{
	size_t n = text.n + fr_query_encoded_size(value);

	if (*to != NULL) {
		memcpy(*to, text.p, text.n);
		*to = fr_query_encode(*to + text.n, value);
	}
	return n;
}

/* Writes the question to `to`, or only counts its bytes. */
static enum fr_err fill(struct fr_str question, const struct fr_bundle_ask *ask, char *to, size_t *ret_n, struct fr_refusal *why)
{
	*ret_n = 0;
	while (question.p != NULL) {
		struct fr_str text, place, value = FR_STR("");

		FR_ASSERT(fr_bundle_cut(&question, &text, &place)); /* as the configuration was checked */
		if (place.p != NULL) {
			const struct fr_pair *param = param_of(ask, place);

			if (param == NULL) {
				fr_problem_set(why, FR_PROBLEM_MISSING_PARAM, "The bundle needs the param %.*s.",
					       FR_STR_ARG(place));
				return FR_INVALID;
			}
			value = param->value;
		}
		*ret_n += add(&to, text, value);
	}
	return FR_OK;
}

enum fr_err fr_bundle_fill(struct fr_arena *mem, struct fr_str question, const struct fr_bundle_ask *ask, struct fr_str *ret,
			   struct fr_refusal *why)
{
	enum fr_err e;
	size_t n;
	char *p;

	e = fill(question, ask, NULL, &n, why);
	if (e != FR_OK)
		return e;
	p = n <= FR_TARGET_MAX ? fr_arena_take(mem, n + 1) : NULL;
	if (p == NULL)
		return fr_query_full(why);
	(void)fill(question, ask, p, &n, why);
	p[n] = '\0';
	*ret = (struct fr_str){ p, n };
	return FR_OK;
}

void fr_bundle_unknown(const struct fr_bundles *all, struct fr_str name, struct fr_refusal *why)
{
	struct fr_buf list;
	char shown[SHOWN_MAX];

	fr_buf_init(&list, FR_BUNDLES_MAX * (FR_NAME_MAX + 2));
	for (size_t i = 0; i < all->n; i++)
		FR_ASSERT(fr_buf_addf(&list, "%s%s", i == 0 ? "" : ", ", all->at[i].name) == FR_OK);
	fr_query_show(shown, sizeof(shown), name);
	if (all->n == 0)
		fr_problem_set(why, FR_PROBLEM_UNKNOWN_BUNDLE, "There is no bundle %s; the configuration has none.", shown);
	else
		fr_problem_set(why, FR_PROBLEM_UNKNOWN_BUNDLE, "There is no bundle %s, but %.*s.", shown,
			       FR_STR_ARG(fr_buf_str(&list)));
	fr_buf_free(&list);
}
