#include "ctl/target.h"

#include "base/str.h"

/* What RFC 3986, section 2.3, leaves as it is everywhere in a URL. */
static bool unreserved(char c)
{
	char l = fr_lower(c);

	return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

static enum fr_err add_encoded(struct fr_buf *b, const char *value)
{
	enum fr_err e = FR_OK;

	for (const char *c = value; *c != '\0' && e == FR_OK; c++)
		e = unreserved(*c) ? fr_buf_add_char(b, *c) : fr_buf_addf(b, "%%%02X", (unsigned)(unsigned char)*c);
	return e;
}

static void end(struct fr_target *t)
{
	if (t->e == FR_OK)
		t->e = fr_buf_add_char(&t->text, '\0');
	if (t->e == FR_OK)
		t->text.len--;
}

void fr_target_init(struct fr_target *t, const char *path)
{
	fr_buf_init(&t->text, FR_TARGET_TEXT_MAX);
	t->e = fr_buf_add_text(&t->text, path);
	end(t);
}

void fr_target_add(struct fr_target *t, const char *name, const char *value)
{
	struct fr_str so_far = fr_buf_str(&t->text);

	if (value == NULL || t->e != FR_OK)
		return;
	t->e = fr_buf_addf(&t->text, "%c%s=", fr_str_find(so_far, '?') < so_far.n ? '&' : '?', name);
	if (t->e == FR_OK)
		t->e = add_encoded(&t->text, value);
	end(t);
}

const char *fr_target_text(const struct fr_target *t)
{
	return t->e == FR_OK ? t->text.p : NULL;
}

void fr_target_free(struct fr_target *t)
{
	fr_buf_free(&t->text);
}
