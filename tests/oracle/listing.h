/* listing.h — a page of a list as it is spelled: which rows it has, byte for byte, and what it says of the next page. */
#ifndef TESTS_ORACLE_LISTING_H
#define TESTS_ORACLE_LISTING_H

#include "core/catalogue.h"

struct listing_row {
	uint64_t bytes; /* their hash */
	uint64_t when;  /* by time: as a cursor says it */
	int64_t dies;   /* unix seconds: the first of its links; INT64_MAX: it has none */
};

struct listing {
	size_t n;
	struct listing_row *rows;
	uint64_t cursor; /* of the next page */
	bool quoted;     /* it is a text */
	bool more;
	char flag;      /* how that is written: its first letter, with 't' for a word and 'd' for a digit */
	uint64_t frame; /* the hash of the names at the root in their order, and of all other values */
};

/* False: it is no page of that row's lists. */
bool listing_read(const struct fr_endpoint *row, const char *body, struct listing *ret);
void listing_free(struct listing *l);

/* When the first link in a text, JSON or not, dies: unix seconds, INT64_MAX if there is none. */
int64_t link_dies(const char *text, size_t n);
/* Two texts are the same link if they lead to the same thing and were made in the same second. */
bool link_is(const char *text);
bool link_same(const char *a, const char *b);

#endif
