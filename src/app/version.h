/* version.h — which build this is. */
#ifndef FRUGAL_APP_VERSION_H
#define FRUGAL_APP_VERSION_H

const char *fr_version(void); /* "0.1.0" */
const char *fr_commit(void);  /* short hash, or "unknown" */

#endif
