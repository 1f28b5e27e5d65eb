#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/batch.h"
#include "core/json.h"
#include "core/page.h"
#include "core/reply.h"

#include "base/pure.h"

enum { HEAD_MAX = 16 * 1024 };

static const char *value_of(const struct fr_reply *r, const char *name, const char *otherwise)
{
	const char *value = fr_reply_header(r, name);

	return value == NULL ? otherwise : value;
}

/* The body as JSON in one line: its own bytes, or those of a text that says them. */
static void take_body(struct fr_batch_line *l, struct fr_blob *body, const struct fr_batch_line *like)
{
	struct fr_str own = body == NULL ? FR_STR("") : fr_blob_str(body);
	struct fr_buf text;

	if (fr_str_starts(own, "\xEF\xBB\xBF"))
		own = fr_str_skip(own, 3);
	if ((like != NULL && like->body == body && body != NULL) || fr_json_sound(own)) {
		l->body = body;
		l->shown = own;
		return;
	}
	fr_buf_init(&text, 6 * FR_BODY_MAX + 2);
	FR_ASSERT(fr_buf_add_json(&text, own) == FR_OK); /* six bytes for each at the most */
	l->body = fr_blob_of(text.p, text.len);
	l->shown = fr_blob_str(l->body);
	fr_buf_free(&text);
	fr_blob_drop(body);
}

struct fr_batch_line *fr_batch_line_new(size_t index, struct fr_reply *reply, const struct fr_batch_line *like)
{
	struct fr_batch_line *l = fr_calloc(1, sizeof(*l));
	struct fr_page p;

	fr_list_init(&l->link);
	fr_buf_init(&l->head, HEAD_MAX);
	fr_page_begin(&p, &l->head);
	fr_page_addf(&p, "{\"index\":%zu,\"status\":%d,\"cache_status\":", index, reply->status);
	fr_page_json(&p, fr_str_of(value_of(reply, "Cache-Status", "")));
	fr_page_addf(&p, ",\"credits_spent\":%s,\"credits_avoided\":%s,\"body\":", value_of(reply, "X-Credits-Spent", "0"),
		     value_of(reply, "X-Credits-Avoided", "0"));
	FR_ASSERT(fr_page_end(&p) == FR_OK); /* fields of a reply are short */
	take_body(l, reply->body, like);
	reply->body = NULL;
	return l;
}

static struct fr_str tail(void)
{
	return FR_STR("}\n");
}

static size_t whole(const struct fr_batch_line *l)
{
	return l->head.len + l->shown.n + tail().n;
}

size_t fr_batch_line_left(const struct fr_batch_line *l)
{
	return whole(l) - l->at;
}

/* The piece in which the next byte lies, from that byte on. */
static struct fr_str piece(const struct fr_batch_line *l)
{
	size_t at = l->at;

	if (at < l->head.len)
		return fr_str_skip(fr_buf_str(&l->head), at);
	at -= l->head.len;
	return at < l->shown.n ? fr_str_skip(l->shown, at) : fr_str_skip(tail(), at - l->shown.n);
}

/* Line breaks of a JSON text stand between its tokens, where a space is as good. */
static void copy(char *to, const char *from, size_t n, bool of_body)
{
	memcpy(to, from, n);
	for (size_t i = 0; of_body && i < n; i++)
		if (to[i] == '\n' || to[i] == '\r')
			to[i] = ' ';
}

size_t fr_batch_line_take(struct fr_batch_line *l, char *to, size_t max)
{
	size_t n = 0;

	while (n < max && fr_batch_line_left(l) > 0) {
		struct fr_str next = piece(l);
		bool of_body = l->at >= l->head.len && l->at < l->head.len + l->shown.n;

		next.n = next.n < max - n ? next.n : max - n;
		copy(to + n, next.p, next.n, of_body);
		n += next.n;
		l->at += next.n;
	}
	return n;
}

void fr_batch_line_free(struct fr_batch_line *l)
{
	FR_ASSERT(fr_list_empty(&l->link));
	fr_buf_free(&l->head);
	fr_blob_drop(l->body);
	free(l);
}
