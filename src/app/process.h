/* process.h — this process and its place on the machine: limits, what /proc says of it, where its state lives. */
#ifndef FRUGAL_APP_PROCESS_H
#define FRUGAL_APP_PROCESS_H

#include "core/metrics.h"
#include "frugal/settings.h"

/* No core images (they would hold the key), as many descriptors as allowed, no SIGPIPE. */
void fr_process_harden(void);
void fr_process_facts(struct fr_metrics_facts *f); /* the process_* part; negative where it is not known */
/* state_dir of the settings or, if that is empty, the place that fits who runs us. */
void fr_process_state_dir(const struct fr_settings *s, char *ret, size_t size);

#endif
