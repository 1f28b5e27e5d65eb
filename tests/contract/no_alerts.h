/* no_alerts.h — for tests that stand in for the engine and have nothing to do with alerts. */
#ifndef FRUGAL_TESTS_NO_ALERTS_H
#define FRUGAL_TESTS_NO_ALERTS_H

#include "frugal/engine_alerts.h"

void fr_engine_alert_raised(struct fr_engine *e, uint64_t number, enum fr_outbox_state state)
{
	(void)e;
	(void)number;
	(void)state;
}

void fr_engine_alert_taken(struct fr_engine *e, const struct fr_outbox_taken *taken)
{
	(void)e;
	(void)taken;
}

void fr_engine_alert_ended(struct fr_engine *e, uint64_t number, bool known)
{
	(void)e;
	(void)number;
	(void)known;
}

#endif
