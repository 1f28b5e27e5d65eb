/* target.h — a request's target under construction: a path, and parameters whose values may hold anything. */
#ifndef FRUGAL_CTL_TARGET_H
#define FRUGAL_CTL_TARGET_H

#include "base/buf.h"

enum { FR_TARGET_TEXT_MAX = 64 * 1024 };

struct fr_target {
	struct fr_buf text; /* terminated after every addition, the end not counted */
	enum fr_err e;      /* the first failure stays */
};

void fr_target_init(struct fr_target *t, const char *path);
/* "name=value" behind '?' or '&'; a NULL value adds nothing. */
void fr_target_add(struct fr_target *t, const char *name, const char *value);
/* The whole, or NULL if it is longer than any listener reads. */
const char *fr_target_text(const struct fr_target *t);
void fr_target_free(struct fr_target *t);

#endif
