#include "app/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif

void fr_process_harden(void)
{
	struct rlimit files, none = { 0, 0 };

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write */
	setrlimit(RLIMIT_CORE, &none);
#ifndef UNDER_SANITIZER /* the leak checker traces its own process */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

void fr_process_state_dir(const struct fr_settings *s, char *ret, size_t size)
{
	const char *given = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (s->state_dir.s[0] != '\0')
		snprintf(ret, size, "%s", s->state_dir.s);
	else if (given != NULL && given[0] == '/')
		snprintf(ret, size, "%s", given);
	else if (geteuid() == 0)
		snprintf(ret, size, "/var/lib/frugald");
	else if (xdg != NULL && xdg[0] == '/')
		snprintf(ret, size, "%s/frugald", xdg);
	else
		snprintf(ret, size, "%s/.local/state/frugald", home != NULL ? home : "");
}
