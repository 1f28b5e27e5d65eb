#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "adapt/admin_state.h"

static double cpu_seconds(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) != 0)
		return -1;
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* proc(5): the second number of statm is the resident pages. */
static int64_t resident_bytes(void)
{
	char line[128], *second, *end;
	FILE *f = fopen("/proc/self/statm", "re");
	long long pages;
	bool read;

	if (f == NULL)
		return -1;
	read = fgets(line, sizeof(line), f) != NULL;
	(void)fclose(f);
	if (!read || (second = strchr(line, ' ')) == NULL)
		return -1;
	pages = strtoll(second, &end, 10);
	return end != second && pages >= 0 ? (int64_t)pages * sysconf(_SC_PAGESIZE) : -1;
}

static int64_t open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int64_t n = -3; /* ".", ".." and the folder itself */

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static int64_t max_fds(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur <= INT64_MAX ? (int64_t)limit.rlim_cur : -1;
}

void fr_admin_process(struct fr_metrics_facts *ret)
{
	ret->cpu_seconds = cpu_seconds();
	ret->resident_bytes = resident_bytes();
	ret->open_fds = open_fds();
	ret->max_fds = max_fds();
}
