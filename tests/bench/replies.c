#include "bench/replies.h"

#include <stdlib.h>
#include <string.h>

/* How many bytes a target asks for; 0: none of ours. */
static size_t size_of(const char *target)
{
	char *end;
	unsigned long n;

	if (strncmp(target, "/b", 2) != 0)
		return 0;
	n = strtoul(target + 2, &end, 10);
	return *end == '/' && n >= REPLY_BODY_MIN && n <= REPLY_BODY_MAX ? n : 0;
}

static uint64_t id_of(const char *target)
{
	const char *id = target + strcspn(target, "= ");

	return *id == '=' ? strtoull(id + 1, NULL, 10) : 0;
}

struct reply *reply_find(struct replies *r, const char *target)
{
	size_t body = size_of(target), at;
	uint64_t id = id_of(target);

	if (body == 0 || r->n > REPLIES_MAX / 2)
		return NULL;
	for (at = (id * 31 + body) % REPLIES_MAX; r->at[at].body != 0; at = (at + 1) % REPLIES_MAX)
		if (r->at[at].body == body && r->at[at].id == id)
			return &r->at[at];
	r->n++;
	r->at[at] = (struct reply){ .body = body, .id = id };
	return &r->at[at];
}

void reply_body(char *to, size_t n)
{
	static const char head[] = "{\"text\":\"", tail[] = "\"}", words[] = "the same question is never paid for twice ";
	const size_t n_head = sizeof head - 1, n_tail = sizeof tail - 1;

	memcpy(to, head, n_head);
	for (size_t i = n_head; i < n - n_tail; i++)
		to[i] = words[(i - n_head) % (sizeof words - 1)];
	memcpy(to + n - n_tail, tail, n_tail);
}
