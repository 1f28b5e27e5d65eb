/* notify.h — the service manager's notification protocol (sd_notify(3)): one datagram to $NOTIFY_SOCKET, without libsystemd. */
#ifndef FRUGAL_APP_NOTIFY_H
#define FRUGAL_APP_NOTIFY_H

#include "frugal/types.h"

/* Sends `state` ("READY=1", ...). Does nothing where nobody listens; a lost message is not an error of ours. */
void fr_notify(const char *state);
void fr_notify_status(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* STATUS=..., one line */
void fr_notify_reloading(void); /* RELOADING=1 with the monotonic time that systemd wants */
fr_ms fr_notify_watchdog(void); /* half of $WATCHDOG_USEC, 0 if there is no watchdog for this process */

#endif
