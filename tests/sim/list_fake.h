/* list_fake.h — lists as the API pages them (upstream.md, "Pagination facts"), without the API.
 *
 * Pure: a list is a function of what it is about and of the moment. Its row number k came at a known second, the newest is on top, and since then
 * others may have come. Some places show nothing, so pages may be short or empty while there is more. By time, pinned rows lead the first page,
 * the last place being left for the newest, and come again at their own time. */
#ifndef TESTS_SIM_LIST_FAKE_H
#define TESTS_SIM_LIST_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAKE_LIST_MAX = 24 * 1024 };

struct fake_list {
	bool by_time;
	uint64_t thing;
	size_t rows;     /* at the world's beginning */
	int64_t every_s; /* a row comes */
	unsigned hidden; /* so many places in a thousand show nothing */
	size_t pinned;
	bool wrong; /* its cursor is not what paging makes of its rows */
};

/* What is asked of which list; false: the target is no list's. The rest of `ret` is left alone. */
bool fake_list_of(const char *target, struct fake_list *ret, uint64_t *ret_cursor, uint64_t *ret_count);

/* "\"videos\":[...],\"cursor\":...,\"hasMore\":..." as of a moment of the wall clock. */
void fake_list_page(const struct fake_list *l, uint64_t cursor, uint64_t count, int64_t at_ms, char ret[FAKE_LIST_MAX]);

#endif
