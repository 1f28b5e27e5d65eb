#include "bench/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES_MAX = 2048 };

void fail(const char *what, const char *detail)
{
	fprintf(stderr, "load: %s: %s\n", what, detail);
	exit(1);
}

static void add(struct targets *t, const char *path)
{
	struct target *at = realloc(t->at, (t->n + 1) * sizeof *at);
	char *request;
	int n = asprintf(&request, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: */*\r\n%s\r\n", path, t->host, t->fields);

	if (at == NULL || n < 0)
		fail("cannot write a request", "out of memory");
	at[t->n++] = (struct target){ .request = request, .n = (size_t)n };
	t->at = at;
}

void targets_add(struct targets *t, const char *path, size_t copies)
{
	const char *mark = strchr(path, '#');
	char one[PATH_BYTES_MAX];

	if (mark == NULL)
		add(t, path);
	for (size_t k = 1; mark != NULL && k <= copies; k++) {
		(void)snprintf(one, sizeof one, "%.*s%zu%s", (int)(mark - path), path, k, mark + 1);
		add(t, one);
	}
}

void targets_read(struct targets *t, const char *file)
{
	FILE *from = fopen(file, "r");
	char path[PATH_BYTES_MAX];

	if (from == NULL)
		fail("cannot read", file);
	while (fgets(path, sizeof path, from) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		add(t, path);
	}
	fclose(from);
}
