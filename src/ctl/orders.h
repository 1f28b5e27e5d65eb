/* orders.h — the commands that change something: budgets, what is stored, a test of an alert's channel. */
#ifndef FRUGAL_CTL_ORDERS_H
#define FRUGAL_CTL_ORDERS_H

#include "ctl/session.h"

int fr_orders_budget_show(struct fr_session *s);
int fr_orders_budget_set(struct fr_session *s);
int fr_orders_budget_reset(struct fr_session *s);
int fr_orders_purge(struct fr_session *s);
int fr_orders_alert_test(struct fr_session *s);

#endif
