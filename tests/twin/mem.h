/* mem.h — memory that is there.
 *
 * The twin is a test tool: when memory runs out it stops at once, so callers never check. */
#ifndef TWIN_MEM_H
#define TWIN_MEM_H

#include <jansson.h>
#include <stddef.h>

/* Zeroed block of n bytes. The caller frees it. */
void *mem_new(size_t n);
/* Block p grown or shrunk to n bytes. */
void *mem_resize(void *p, size_t n);
/* Copy of the text; of "" when text is NULL. The caller frees it. */
char *mem_text(const char *text);
/* Copy of n bytes. The caller frees it. */
char *mem_copy(const char *bytes, size_t n);
/* Hands j through; stops the program when it is NULL (a wrong json_pack format, invalid UTF-8, no memory). */
json_t *mem_json(json_t *j);
/* The text as a JSON string; what came over the wire may be no UTF-8 and is then only said to be none. */
json_t *mem_json_text(const char *text);

#endif
