#include <string.h>

#include "adapt/admin_state.h"
#include "base/assert.h"
#include "base/str.h"

enum { DETAIL_MAX = 64 * 1024 };

static void problem(struct fr_admin_reply *r, int status, const char *title, struct fr_str detail)
{
	enum fr_err e;

	r->status = status;
	r->type = "application/problem+json";
	r->html = false;
	fr_buf_clear(&r->body);
	e = fr_buf_addf(&r->body, "{\"type\":\"about:blank\",\"status\":%d,\"title\":", status);
	FR_ASSERT(e == FR_OK && fr_buf_add_json(&r->body, fr_str_of(title)) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, ",\"detail\":") == FR_OK && fr_buf_add_json(&r->body, detail) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, ",\"message\":") == FR_OK && fr_buf_add_json(&r->body, detail) == FR_OK);
	FR_ASSERT(fr_buf_add_text(&r->body, "}\n") == FR_OK);
}

void fr_admin_problem(struct fr_admin_reply *r, int status, const char *title, const char *detail)
{
	problem(r, status, title, fr_str_of(detail));
}

void fr_admin_problem_of(struct fr_admin_reply *r, int status, const char *title, struct fr_buf *detail)
{
	problem(r, status, title, fr_buf_str(detail));
	fr_buf_free(detail);
}

struct MHD_Response *fr_admin_respond(struct fr_admin_reply *r)
{
	struct MHD_Response *response = fr_mhd_loop_response(fr_blob_of(r->body.p, r->body.len));

	fr_buf_free(&r->body);
	fr_mhd_loop_header(response, "Content-Type", r->type);
	fr_mhd_loop_header(response, "Cache-Control", "no-store");
	fr_mhd_loop_header(response, "X-Content-Type-Options", "nosniff");
	if (r->allow != NULL)
		fr_mhd_loop_header(response, "Allow", r->allow);
	if (r->html) {
		fr_mhd_loop_header(
			response, "Content-Security-Policy",
			"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
		fr_mhd_loop_header(response, "Referrer-Policy", "no-referrer");
	}
	return response;
}

static void refuse(struct fr_admin_reply *r, const char *name, const char *fmt_rest)
{
	struct fr_buf detail;

	fr_buf_init(&detail, DETAIL_MAX);
	FR_ASSERT(fr_buf_addf(&detail, "%s %s.", name, fmt_rest) == FR_OK);
	fr_admin_problem_of(r, MHD_HTTP_BAD_REQUEST, "A parameter cannot be read", &detail);
}

bool fr_admin_param(struct MHD_Connection *mhd, const char *name, char *ret, size_t size, struct fr_admin_reply *r)
{
	const char *value = MHD_lookup_connection_value(mhd, MHD_GET_ARGUMENT_KIND, name);

	if (fr_str_decode(fr_str_of(value == NULL ? "" : value), ret, size)) /* libmicrohttpd has made blanks of every '+' */
		return true;
	refuse(r, name, "is too long, or its percent-encoding is broken");
	return false;
}

bool fr_admin_choice(struct MHD_Connection *mhd, const char *name, const char *const *words, size_t n, size_t *ret,
		     struct fr_admin_reply *r)
{
	struct fr_buf detail;
	char value[32];

	*ret = 0;
	if (!fr_admin_param(mhd, name, value, sizeof(value), r))
		return false;
	if (value[0] == '\0')
		return true;
	for (; *ret < n; ++*ret)
		if (strcmp(value, words[*ret]) == 0)
			return true;
	fr_buf_init(&detail, DETAIL_MAX);
	FR_ASSERT(fr_buf_addf(&detail, "%s is", name) == FR_OK);
	for (size_t i = 0; i < n; i++)
		FR_ASSERT(fr_buf_addf(&detail, "%s %s", i == 0 ? "" : i + 1 == n ? " or" : ",", words[i]) == FR_OK);
	FR_ASSERT(fr_buf_add_char(&detail, '.') == FR_OK);
	fr_admin_problem_of(r, MHD_HTTP_BAD_REQUEST, "A parameter has an unknown value", &detail);
	return false;
}
