/* replies.h — what the benchmark's servers answer: a path names how many bytes, "/b1024/?id=7" that many.
 *
 * The bodies are JSON objects, so that a proxy that looks into them finds data. */
#ifndef FRUGAL_TESTS_BENCH_REPLIES_H
#define FRUGAL_TESTS_BENCH_REPLIES_H

#include <stddef.h>

enum { REPLY_BODY_MAX = 1024 * 1024, REPLY_BODY_MIN = 16 };

/* How many bytes a target asks for; 0: none of ours. */
size_t reply_size(const char *target);
/* Writes a body of exactly so many bytes. */
void reply_body(char *to, size_t n);

/* The fields that frugald sends with a hit, lines with their ends: what the ceilings send, too. */
#define REPLY_FIELDS \
	"Content-Type: application/json\r\nAge: 17\r\nETag: \"0123456789abcdef\"\r\nCache-Control: max-age=3583\r\n" \
	"Cache-Status: frugald; hit; ttl=3583\r\nX-Credits-Spent: 0\r\nX-Credits-Avoided: 1\r\nX-Request-Id: 0123456789abcdef\r\n"

#endif
