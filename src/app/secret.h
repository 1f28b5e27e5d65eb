/* secret.h — where the daemon's secrets come from: a file of mode 0600, a systemd credential or, on a laptop, the environment. */
#ifndef FRUGAL_APP_SECRET_H
#define FRUGAL_APP_SECRET_H

#include "frugal/err.h"
#include "frugal/ports.h"
#include "frugal/settings.h"

/* The upstream key, in this order: upstream.key_file, $CREDENTIALS_DIRECTORY/upstream_key, $TIKLIVE_API_KEY (which is removed from the
 * environment). FR_ABSENT if there is none; FR_IO or FR_INVALID with a message that never holds the key. */
enum fr_err fr_secret_upstream_key(const struct fr_settings *s, struct fr_secret *ret, struct fr_errmsg *why);

/* The first line of a file that nobody else may read. `what` names the setting in messages. */
enum fr_err fr_secret_read(const char *what, const char *path, bool check_mode, struct fr_secret *ret, struct fr_errmsg *why);

void fr_secret_wipe(struct fr_secret *s);

#endif
