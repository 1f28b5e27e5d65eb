/* ledger.h — `frugalctl ledger verify`: whether journal, counters and reservations say the same. */
#ifndef FRUGAL_CTL_LEDGER_H
#define FRUGAL_CTL_LEDGER_H

#include <jansson.h>

#include "ctl/session.h"

/* Writes what frugald compared, member by member, and the verdict. Returns FR_CTL_OK, FR_CTL_DRIFT, or FR_CTL_FAILED if no drift is
 * named, which must not pass for none. */
int fr_ledger_write(FILE *to, const struct fr_look *look, json_t *ledger);

int fr_ledger_run(struct fr_session *s);

#endif
