/* engine_alerts.h — the engine's door for alerts: what Redis and the channels say, and what the operator tries.
 *
 * Every five seconds the engine reads each budget's figures, decides what is due and raises it; what is in the outbox it takes, delivers and ends
 * (core/outbox.h). Each question is answered exactly once, perhaps from inside the call; what is handed over is borrowed for it. */
#ifndef FRUGAL_ENGINE_ALERTS_H
#define FRUGAL_ENGINE_ALERTS_H

#include "core/outbox.h"
#include "frugal/engine.h"

/* Answers to the ports of the same names. */
void fr_engine_budget_read(struct fr_engine *e, uint64_t number, const struct fr_spending *spending);
void fr_engine_totals_read(struct fr_engine *e, uint64_t number, bool known, const struct fr_totals *days, size_t n);
void fr_engine_alert_raised(struct fr_engine *e, uint64_t number, enum fr_outbox_state state);
void fr_engine_alert_taken(struct fr_engine *e, const struct fr_outbox_taken *taken);
void fr_engine_alert_ended(struct fr_engine *e, uint64_t number, bool known);
void fr_engine_delivered(struct fr_engine *e, uint64_t token, bool accepted);

/* Raises an alert that says it is a test, for this channel. False: there is no such channel. */
bool fr_engine_alert_test(struct fr_engine *e, struct fr_str channel);

#endif
