#include "fault.h"

#include <string.h>

static const char *const names[] = {
#define X(name, text) [FAULT_##name] = text,
	FAULT_KINDS(X)
#undef X
};

const char *fault_name(enum fault_kind kind)
{
	return names[kind];
}

bool fault_kind_of(const char *name, enum fault_kind *ret)
{
	for (int i = FAULT_NONE + 1; i < FAULT_KINDS_N; i++)
		if (strcmp(names[i], name) == 0) {
			*ret = (enum fault_kind)i;
			return true;
		}
	return false;
}

bool faults_add(struct faults *f, const struct fault *fault)
{
	if (f->n == FAULTS_MAX)
		return false;
	f->row[f->n++] = *fault;
	return true;
}

bool faults_take(struct faults *f, const char *path, const char *query, struct fault *ret)
{
	for (size_t i = 0; i < f->n; i++) {
		struct fault *row = &f->row[i];

		if ((row->path[0] != '\0' && strcmp(row->path, path) != 0) || strstr(query, row->match) == NULL)
			continue;
		*ret = *row;
		if (row->times != FAULT_FOREVER && --row->times == 0) {
			f->n--;
			memmove(row, row + 1, (f->n - i) * sizeof *row);
		}
		return true;
	}
	return false;
}
