#include "app/process.h"

#include <dirent.h>
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
	setrlimit(RLIMIT_CORE, &none);
#ifndef UNDER_SANITIZER /* the leak checker traces its own process */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int64_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int64_t n = -3; /* ".", ".." and the directory itself */

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static int64_t resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long long all, pages = -1;

	if (f == NULL)
		return -1;
	if (fscanf(f, "%lld %lld", &all, &pages) != 2)
		pages = -1;
	fclose(f);
	return pages < 0 ? -1 : (int64_t)pages * sysconf(_SC_PAGESIZE);
}

void fr_process_facts(struct fr_metrics_facts *f)
{
	struct rusage u;
	struct rlimit files;

	f->cpu_seconds = -1;
	if (getrusage(RUSAGE_SELF, &u) == 0)
		f->cpu_seconds = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
	f->resident_bytes = resident();
	f->open_fds = open_files();
	f->max_fds = getrlimit(RLIMIT_NOFILE, &files) == 0 ? (int64_t)files.rlim_cur : -1;
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
