/* settings.h — what the operator may choose, as typed fields grown from tbl/settings.def.
 *
 * `conf` is the only reader of the text; everybody else sees these fields, checked and within their bounds. */
#ifndef FRUGAL_SETTINGS_H
#define FRUGAL_SETTINGS_H

#include "frugal/limits.h"
#include "frugal/types.h"

enum fr_level { FR_LOG_ERROR, FR_LOG_WARNING, FR_LOG_INFO, FR_LOG_DEBUG };
enum fr_status_style { FR_STATUS_AS_IS, FR_STATUS_NATIVE };
enum fr_sync { FR_SYNC_NEVER, FR_SYNC_ALWAYS };

struct fr_text {
	char s[FR_PATH_TEXT_MAX];
};

/* "host:port", "[v6]:port" or "unix:/path", as written. */
struct fr_addrs {
	size_t n;
	struct fr_text at[FR_ADDRS_MAX];
};

/* At most `calls` calls in any sliding `window`; calls == 0 means no limit. */
struct fr_rate {
	int64_t calls;
	fr_ms window;
};

typedef bool fr_set_BOOL;
typedef struct fr_text fr_set_TEXT, fr_set_PATH, fr_set_URL, fr_set_REDIS;
typedef struct fr_addrs fr_set_ADDRS;
typedef struct fr_rate fr_set_RATE;
typedef fr_ms fr_set_MS;
typedef int64_t fr_set_BYTES, fr_set_COUNT;
typedef enum fr_level fr_set_LEVEL;
typedef enum fr_status_style fr_set_STATUS;
typedef enum fr_sync fr_set_SYNC;

struct fr_settings {
#define SETTING(field, path, type, dflt, min, max, when, help) fr_set_##type field;
#include "frugal/tbl/settings.def"
#undef SETTING
};

#endif
