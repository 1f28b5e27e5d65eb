/* report.h — `frugalctl report` and `frugalctl explain`: frugald writes these texts itself. */
#ifndef FRUGAL_CTL_REPORT_H
#define FRUGAL_CTL_REPORT_H

#include "ctl/session.h"

int fr_report_run(struct fr_session *s);
int fr_explain_run(struct fr_session *s);

#endif
