#include "core/page.h"

#include <inttypes.h>

#include "base/assert.h"

#include "base/pure.h"

void fr_page_begin(struct fr_page *p, struct fr_buf *b)
{
	*p = (struct fr_page){ .b = b, .from = b->len, .e = FR_OK };
}

void fr_page_text(struct fr_page *p, const char *terminated)
{
	if (p->e == FR_OK)
		p->e = fr_buf_add_text(p->b, terminated);
}

void fr_page_str(struct fr_page *p, struct fr_str s)
{
	if (p->e == FR_OK)
		p->e = fr_buf_add_str(p->b, s);
}

void fr_page_char(struct fr_page *p, char c)
{
	if (p->e == FR_OK)
		p->e = fr_buf_add_char(p->b, c);
}

void fr_page_json(struct fr_page *p, struct fr_str s)
{
	if (p->e == FR_OK)
		p->e = fr_buf_add_json(p->b, s);
}

void fr_page_addf(struct fr_page *p, const char *fmt, ...)
{
	va_list ap;

	if (p->e != FR_OK)
		return;
	va_start(ap, fmt);
	p->e = fr_buf_addv(p->b, fmt, ap);
	va_end(ap);
}

void fr_page_seconds(struct fr_page *p, int64_t ms)
{
	const char *sign = ms < 0 ? "-" : "";

	FR_ASSERT(ms > INT64_MIN);
	ms = ms < 0 ? -ms : ms;
	fr_page_addf(p, "%s%" PRId64 ".%03d", sign, ms / 1000, (int)(ms % 1000));
}

void fr_page_ratio(struct fr_page *p, int64_t n, int64_t of)
{
	const int64_t most = INT64_MAX / 20000; /* credits stay far below; what does not is a bug */
	const char *sign = n < 0 ? "-" : "";
	int64_t scaled = 0;

	FR_ASSERT(n > -most && n < most && of >= 0 && of < most);
	n = n < 0 ? -n : n;
	if (of > 0)
		scaled = (n * 10000 + of / 2) / of;
	fr_page_addf(p, "%s%" PRId64 ".%04d", scaled == 0 ? "" : sign, scaled / 10000, (int)(scaled % 10000));
}

enum fr_err fr_page_end(struct fr_page *p)
{
	if (p->e != FR_OK)
		p->b->len = p->from;
	return p->e;
}
