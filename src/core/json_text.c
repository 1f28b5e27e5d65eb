#include "core/json_text.h"

#include <jansson.h>

#include "base/str.h"
#include "core/json.h"

#include "base/pure.h"

static bool space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct fr_str fr_json_body(struct fr_str body)
{
	if (fr_str_starts(body, "\xEF\xBB\xBF"))
		body = fr_str_skip(body, 3);
	if (!fr_json_sound(body))
		return (struct fr_str){ NULL, 0 };
	while (space(body.p[0]))
		body = fr_str_skip(body, 1);
	while (space(body.p[body.n - 1]))
		body.n--;
	return body;
}

struct fr_str fr_json_text(struct fr_arena *mem, struct fr_str value)
{
	struct fr_str ret = { NULL, 0 };
	json_t *text;

	if (fr_json_kind(value) != FR_JSON_TEXT)
		return ret;
	text = json_loadb(value.p, value.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (text == NULL)
		return ret;
	ret = fr_arena_str(mem, (struct fr_str){ json_string_value(text), json_string_length(text) });
	json_decref(text);
	return ret;
}
