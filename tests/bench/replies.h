/* replies.h — what the benchmark's servers answer: "/b1024/?id=7" asks for thing 7, in 1024 bytes.
 *
 * The bodies are JSON objects, so that a proxy that looks into them finds data. Each thing has a body of its own in memory, as it has in a cache. */
#ifndef FRUGAL_TESTS_BENCH_REPLIES_H
#define FRUGAL_TESTS_BENCH_REPLIES_H

#include <stddef.h>
#include <stdint.h>

enum { REPLY_BODY_MAX = 1024 * 1024, REPLY_BODY_MIN = 16, REPLIES_MAX = 8192 };

struct reply {
	size_t body; /* bytes of it; 0: not in use */
	uint64_t id;
	void *made; /* the server's own */
};

struct replies {
	size_t n;
	struct reply at[REPLIES_MAX];
};

/* The reply that a target asks for, `made` NULL if it is new; or NULL: it asks for none of ours, or there are too many. */
struct reply *reply_find(struct replies *r, const char *target);
/* Writes a body of exactly so many bytes. */
void reply_body(char *to, size_t n);

/* The fields that frugald sends with a hit, lines with their ends: what the ceilings send, too. */
#define REPLY_FIELDS \
	"Content-Type: application/json\r\nAge: 17\r\nETag: \"0123456789abcdef\"\r\nCache-Control: max-age=3583\r\n" \
	"Cache-Status: frugald; hit; ttl=3583\r\nX-Credits-Spent: 0\r\nX-Credits-Avoided: 1\r\nX-Request-Id: 0123456789abcdef\r\n"

#endif
