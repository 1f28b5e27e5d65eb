#include "mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
	if (p == NULL) {
		fputs("twin: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *mem_new(size_t n)
{
	return must(calloc(1, n ? n : 1));
}

void *mem_resize(void *p, size_t n)
{
	return must(realloc(p, n ? n : 1));
}

char *mem_text(const char *text)
{
	return mem_copy(text ? text : "", text ? strlen(text) : 0);
}

char *mem_copy(const char *bytes, size_t n)
{
	char *p = must(malloc(n + 1));

	if (n > 0)
		memcpy(p, bytes, n);
	p[n] = '\0';
	return p;
}

json_t *mem_json(json_t *j)
{
	if (j == NULL) {
		fputs("twin: a JSON value could not be made\n", stderr);
		abort();
	}
	return j;
}

json_t *mem_json_text(const char *text)
{
	json_t *j = json_string(text);

	return j ? j : mem_json(json_string("(not UTF-8)"));
}
