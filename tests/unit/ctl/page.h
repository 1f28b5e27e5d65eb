/* page.h — what a function writes to a file, as text. */
#ifndef FRUGAL_TESTS_UNIT_CTL_PAGE_H
#define FRUGAL_TESTS_UNIT_CTL_PAGE_H

#include <stdio.h>
#include <stdlib.h>

struct page {
	FILE *to;
	char *text;
	size_t n;
};

static inline void page_open(struct page *p)
{
	p->to = open_memstream(&p->text, &p->n);
	assert_non_null(p->to);
}

/* The text, until page_close(). */
static inline const char *page_text(struct page *p)
{
	assert_int_equal(fflush(p->to), 0);
	return p->text;
}

static inline void page_close(struct page *p)
{
	assert_int_equal(fclose(p->to), 0);
	free(p->text);
}

#endif
