#include "app/version.h"

#ifndef FR_VERSION
#define FR_VERSION "0.0.0"
#endif
#ifndef FR_COMMIT
#define FR_COMMIT "unknown"
#endif

const char *fr_version(void)
{
	return FR_VERSION;
}

const char *fr_commit(void)
{
	return FR_COMMIT;
}
