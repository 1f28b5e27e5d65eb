/* alerts.h — the daemon's side of alerts: the secrets of its channels, and the engine's questions about them put to the store. */
#ifndef FRUGAL_APP_ALERTS_H
#define FRUGAL_APP_ALERTS_H

#include "app/daemon.h"

/* Reads the channels' secret files. FR_IO or FR_INVALID with a message that never holds a secret. Whoever calls it clears `ret` when it is no longer
 * needed. */
enum fr_err fr_alerts_targets(const struct fr_alerts *a, struct fr_webhook_target ret[FR_CHANNELS_MAX], struct fr_errmsg *why);

/* Makes the way out, with the configuration's channels; before the engine. */
enum fr_err fr_alerts_open(struct fr_daemon *d, struct fr_errmsg *why);

/* The operator's order. */
bool fr_alerts_test(void *daemon, struct fr_str channel);

/* Fills in the engine's ports for alerts. */
void fr_alerts_ports(struct fr_ports *ports);

#endif
