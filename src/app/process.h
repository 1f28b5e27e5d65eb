/* process.h — this process and its place on the machine: what it may do and where its state lives. */
#ifndef FRUGAL_APP_PROCESS_H
#define FRUGAL_APP_PROCESS_H

#include "frugal/settings.h"

/* No core images (they would hold the key), as many descriptors as allowed, no death by SIGPIPE or SIGXFSZ. */
void fr_process_harden(void);
/* state_dir of the settings or, if that is empty, the place that fits who runs us. */
void fr_process_state_dir(const struct fr_settings *s, char *ret, size_t size);

#endif
