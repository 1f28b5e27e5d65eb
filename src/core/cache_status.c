#include "core/cache_status.h"

#include "base/assert.h"
#include "base/str.h"
#include "core/fields.h"

#include "base/pure.h"

int64_t fr_cache_status_seconds(fr_ms t)
{
	return t.v / 1000 - (t.v % 1000 < 0 ? 1 : 0);
}

static const char *fwd(enum fr_reason reason)
{
	switch (reason) {
	case FR_REASON_EXPIRED:
	/* joined a refresh that was under way */
	case FR_REASON_REFRESH: return "stale";
	case FR_REASON_FORCED: return "request";
	case FR_REASON_BYPASS: return "bypass";
	case FR_REASON_MISS:
	case FR_REASON_PREWARM:
	case FR_REASON_ORPHAN: return "uri-miss";
	case FR_REASONS: break;
	}
	FR_ASSERT(false);
	return "";
}

static void parameter(struct fr_reply *r, const char *name, int64_t v)
{
	fr_fields_put(r, name);
	fr_fields_put_int(r, v);
}

static bool token(struct fr_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = fr_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(i > 0 && ((c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.')))
			return false;
	}
	return s.n > 0;
}

/* A token as it is, else an sf-string (RFC 9651, section 3.3.3), which has escapes for two characters only. */
static void detail(struct fr_reply *r, struct fr_str s)
{
	fr_fields_put(r, "; detail=");
	if (token(s)) {
		fr_fields_put_str(r, s);
		return;
	}
	fr_fields_put(r, "\"");
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			fr_fields_put(r, "\\");
		fr_fields_put_str(r, (struct fr_str){ s.p + i, 1 });
	}
	fr_fields_put(r, "\"");
}

void fr_cache_status_add(struct fr_reply *r, const struct fr_reply_facts *f)
{
	bool old = f->answer != NULL && fr_verdict_stored(f->answer->verdict) && f->view.freshness != FR_FRESH;
	const char *word = f->detail;

	if (word == NULL && f->from_flight && f->reason == FR_REASON_BYPASS)
		word = "uncatalogued";
	fr_fields_begin(r, "Cache-Status");
	fr_fields_put(r, "frugald; ");
	if (f->from_flight) {
		fr_fields_put(r, "fwd=");
		fr_fields_put(r, fwd(f->reason));
		if (f->upstream_status > 0)
			parameter(r, "; fwd-status=", f->upstream_status);
		if (f->collapsed)
			fr_fields_put(r, "; collapsed");
		if (f->stored)
			fr_fields_put(r, "; stored");
	} else {
		fr_fields_put(r, "hit");
	}
	if (!f->from_flight || old)
		parameter(r, "; ttl=", fr_cache_status_seconds(f->view.left));
	if (word != NULL)
		detail(r, fr_str_of(word));
	fr_fields_end(r);
}
