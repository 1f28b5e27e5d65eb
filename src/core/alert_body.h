/* alert_body.h — an alert as each kind of channel wants it: JSON.
 *
 * Slack: a message. PagerDuty: an Events v2 trigger, whose dedup_key is the alert's id, so that one which is sent twice is one incident; the routing
 * key is a secret and is added by whoever sends. A webhook of the operator's own: all that the alert says, and its figures. Pure. */
#ifndef FRUGAL_CORE_ALERT_BODY_H
#define FRUGAL_CORE_ALERT_BODY_H

#include "core/alert_text.h"

/* FR_TOOBIG past the buffer's ceiling; FR_ALERT_BODY_MAX suffices. */
enum fr_err fr_alert_body(struct fr_buf *b, enum fr_channel_kind kind, const struct fr_alert *a);

#endif
