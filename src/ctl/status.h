/* status.h — `frugalctl status`: one screen that says how frugald is, what it spends, and what to do next. */
#ifndef FRUGAL_CTL_STATUS_H
#define FRUGAL_CTL_STATUS_H

#include <jansson.h>

#include "ctl/session.h"

/* What the screen is made of; each may be NULL, and each member missing. */
struct fr_status {
	const char *place;     /* as in --admin */
	const json_t *stats;   /* of /stats */
	const json_t *budgets; /* the list of /budgets */
	const json_t *today;   /* of /report?period=today */
};

void fr_status_write(FILE *to, const struct fr_look *look, const struct fr_status *s);

int fr_status_run(struct fr_session *s);

#endif
