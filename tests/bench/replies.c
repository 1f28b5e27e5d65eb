#include "bench/replies.h"

#include <stdlib.h>
#include <string.h>

size_t reply_size(const char *target)
{
	char *end;
	unsigned long n;

	if (strncmp(target, "/b", 2) != 0)
		return 0;
	n = strtoul(target + 2, &end, 10);
	return *end == '/' && n >= REPLY_BODY_MIN && n <= REPLY_BODY_MAX ? n : 0;
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
