#include "adapt/front_reply.h"

#include <stdlib.h>
#include <string.h>

#include "adapt/mhd_loop.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/units.h"
#include "core/head.h"

enum { DATE_SIZE = 29, NAME_SIZE_MAX = 32, FIELDS_MAX = 2 * FR_HEADERS_MAX };
enum { BLOCK_MAX = DATE_SIZE + 2 * FR_HEADER_TEXT_MAX + FIELDS_MAX * (NAME_SIZE_MAX + 4) + 1 };

/* The response of a head. */
struct shared {
	struct MHD_Response *mhd;
	int64_t second; /* of the date in it */
	size_t id_n;
	char *date, *id; /* in libmicrohttpd's copy of the fields */
};

/* Appends to a block; its end. */
static char *append(char *to, const char *block, const char *text)
{
	size_t n = strlen(text);

	FR_ASSERT(n < BLOCK_MAX - (size_t)(to - block));
	memcpy(to, text, n);
	return to + n;
}

/* Every field in a line of its own, the date without its name before them. A field without a value is left out. Returns how much it is. */
static size_t write_block(const struct fr_reply *reply, char block[BLOCK_MAX])
{
	char *to = block + DATE_SIZE;

	fr_units_show_http_date(reply->now, block);
	for (size_t i = 0; i < fr_reply_fields(reply); i++) {
		const char *name, *value;

		fr_reply_field(reply, i, &name, &value);
		if (value[0] == '\0')
			continue;
		to = append(to, block, "\r\n");
		to = append(to, block, name);
		to = append(to, block, ": ");
		to = append(to, block, value);
	}
	*to = '\0';
	return (size_t)(to - block);
}

/* Gives a block to a response; returns the copy that it will send. No value has an end of a line in it (core/fields.h). */
static char *add_block(struct MHD_Response *r, const char *block, size_t n)
{
	char lineless[BLOCK_MAX], *copy;

	for (size_t i = 0; i < n; i++)
		lineless[i] = block[i] == '\r' || block[i] == '\n' ? ' ' : block[i];
	lineless[n] = '\0';
	fr_mhd_loop_header(r, MHD_HTTP_HEADER_DATE, lineless);
	copy = (char *)MHD_get_response_header(r, MHD_HTTP_HEADER_DATE);
	FR_ASSERT(copy != NULL && strlen(copy) == n);
	memcpy(copy, block, n);
	return copy;
}

/* The end of the connection is said before the date: libmicrohttpd (0.9.75) forgets at a field Connection that there is a date, and adds its own. */
static struct MHD_Response *respond(struct fr_reply *reply, bool last, char **ret_copy, size_t *ret_n)
{
	struct MHD_Response *r = fr_mhd_loop_response(reply->body);
	char block[BLOCK_MAX];

	reply->body = NULL;
	if (last)
		fr_mhd_loop_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	*ret_n = write_block(reply, block);
	*ret_copy = add_block(r, block, *ret_n);
	return r;
}

struct MHD_Response *fr_front_reply(struct fr_reply *reply, bool last)
{
	char *copy;
	size_t n;

	return respond(reply, last, &copy, &n);
}

static void shared_free(void *sent_as)
{
	struct shared *s = sent_as;

	MHD_destroy_response(s->mhd); /* connections that still send it have references of their own */
	free(s);
}

static struct shared *shared_new(struct fr_reply *reply, size_t id_n)
{
	struct shared *s = fr_alloc(sizeof(*s));
	size_t n;

	s->mhd = respond(reply, false, &s->date, &n);
	s->second = reply->now.v / 1000;
	s->id = s->date + n - id_n;
	s->id_n = id_n;
	return s;
}

/* What differs from the last reply with this head. */
static void write_own(struct shared *s, const struct fr_reply *reply, const char *id)
{
	char date[DATE_SIZE + 1];

	memcpy(s->id, id, s->id_n);
	if (s->second == reply->now.v / 1000)
		return;
	fr_units_show_http_date(reply->now, date);
	memcpy(s->date, date, DATE_SIZE);
	s->second = reply->now.v / 1000;
}

/* The request's id is the one field that is not the head's, and the last. */
struct MHD_Response *fr_front_reply_shared(struct fr_reply *reply)
{
	struct fr_head *head = reply->head;
	const char *name, *id;
	struct shared *s;
	size_t id_n;

	if (head == NULL || reply->n != 1)
		return NULL;
	fr_reply_field(reply, head->n, &name, &id);
	id_n = strlen(id);
	s = head->sent_as;
	if (s != NULL && s->id_n == id_n) {
		write_own(s, reply, id);
		fr_blob_drop(reply->body);
		reply->body = NULL;
		return s->mhd;
	}
	if (s != NULL)
		shared_free(s);
	s = shared_new(reply, id_n);
	head->sent_as = s;
	head->sent_as_free = shared_free;
	return s->mhd;
}
