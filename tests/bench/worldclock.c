/* worldclock.c — preloaded into programs: all of them live by one clock that a conductor sets.
 *
 * The file that WORLDCLOCK names says what time it is in the world and how many times faster than the machine's the world's
 * clock runs (0: it stands). Whatever asks for the time gets the world's; whatever waits for a while waits for that while of
 * the world. So a day with all its hours and minutes passes in minutes, and no program needs other times than in real life.
 * Processor time stays the machine's. Without WORLDCLOCK, or where the file cannot be read, nothing changes.
 *
 * The file (struct page) has two slots of three numbers; the conductor fills the one that is not in use and then moves
 * `index`. A reader that finds `index` moved meanwhile reads again. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define S_NS INT64_C(1000000000)
#define HOUR_NS (3600 * S_NS)
/* The longest that a wait goes on by one reading of the speed. */
#define CHUNK_NS INT64_C(20000000)

struct slot {
	int64_t machine_ns, world_ns; /* CLOCK_MONOTONIC, and the Unix time of the world at that moment */
	int64_t speed_milli;          /* thousandths: 1000 is real time */
};

struct page {
	_Atomic uint64_t index; /* its lowest bit names the slot in use */
	int64_t monotonic_less; /* what the world's CLOCK_MONOTONIC is behind its Unix time, in ns */
	struct slot slot[2];
};

static const struct page *page;
static _Atomic int64_t latest; /* the world's time never goes back, not even by what lies between two slots */

__attribute__((constructor)) static void open_page(void)
{
	const char *path = getenv("WORLDCLOCK");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof *page, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (at != MAP_FAILED)
		page = at;
}

static int64_t ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * S_NS + t->tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / S_NS), .tv_nsec = (long)(ns % S_NS) };
}

static int machine_clock(clockid_t clock, struct timespec *ret)
{
	static int (*_Atomic real)(clockid_t, struct timespec *);
	int (*f)(clockid_t, struct timespec *) = real;

	if (f == NULL) {
		*(void **)&f = dlsym(RTLD_NEXT, "clock_gettime");
		real = f;
	}
	return f(clock, ret);
}

static int64_t machine_ns(void)
{
	struct timespec t;

	machine_clock(CLOCK_MONOTONIC, &t);
	return ns_of(&t);
}

static struct slot slot_now(void)
{
	struct slot s;
	uint64_t index;

	do {
		index = atomic_load(&page->index);
		s = page->slot[index & 1];
		atomic_thread_fence(memory_order_acquire);
	} while (atomic_load(&page->index) != index);
	return s;
}

static int64_t world_ns(void)
{
	struct slot s = slot_now();
	int64_t now = s.world_ns + (machine_ns() - s.machine_ns) * s.speed_milli / 1000;
	int64_t before = atomic_load(&latest);

	while (before < now && !atomic_compare_exchange_weak(&latest, &before, now))
		;
	return before < now ? now : before;
}

/* How long to wait on the machine for `left` of the world; at most a chunk. */
static int64_t machine_wait(int64_t left)
{
	int64_t speed = slot_now().speed_milli, ns;

	if (speed <= 0 || left > HOUR_NS)
		return CHUNK_NS;
	ns = (left * 1000 + speed - 1) / speed;
	return ns < CHUNK_NS ? ns : CHUNK_NS;
}

static bool of_the_world(clockid_t clock)
{
	return page != NULL && clock != CLOCK_PROCESS_CPUTIME_ID && clock != CLOCK_THREAD_CPUTIME_ID && clock >= 0;
}

static bool of_the_wall(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
	if (!of_the_world(clock))
		return machine_clock(clock, ret);
	*ret = timespec_of(world_ns() - (of_the_wall(clock) ? 0 : page->monotonic_less));
	return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	struct timespec t;

	(void)zone;
	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		return -1;
	*ret = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
	return 0;
}

time_t time(time_t *ret)
{
	struct timespec t;

	if (clock_gettime(CLOCK_REALTIME, &t) != 0)
		return -1;
	if (ret != NULL)
		*ret = t.tv_sec;
	return t.tv_sec;
}

int timespec_get(struct timespec *ret, int base)
{
	return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, ret) == 0 ? base : 0;
}

/* One wait on the machine; ns < 0: until something happens. */
typedef int (*wait_fn)(void *what, int64_t ns);

/* Waits for `ns` of the world, or until `once` has something to tell. */
static int wait_in_world(wait_fn once, void *what, int64_t ns)
{
	int64_t end, left;
	int r;

	if (page == NULL || ns <= 0)
		return once(what, ns);
	end = world_ns() + ns;
	for (;;) {
		left = end - world_ns();
		r = once(what, left > 0 ? machine_wait(left) : 0);
		if (r != 0 || left <= 0)
			return r;
	}
}

struct epoll_wait_args {
	int fd, room;
	struct epoll_event *events;
	const sigset_t *mask;
};

static int epoll_once(void *what, int64_t ns)
{
	const struct epoll_wait_args *a = what;
	struct timespec t = timespec_of(ns < 0 ? 0 : ns);

	return (int)syscall(SYS_epoll_pwait2, a->fd, a->events, a->room, ns < 0 ? NULL : &t, a->mask, (size_t)(_NSIG / 8));
}

static int64_t ns_of_ms(int ms)
{
	return ms < 0 ? -1 : (int64_t)ms * 1000000;
}

int epoll_pwait(int fd, struct epoll_event *events, int room, int ms, const sigset_t *mask)
{
	struct epoll_wait_args a = { fd, room, events, mask };

	return wait_in_world(epoll_once, &a, ns_of_ms(ms));
}

int epoll_wait(int fd, struct epoll_event *events, int room, int ms)
{
	return epoll_pwait(fd, events, room, ms, NULL);
}

struct poll_args {
	struct pollfd *fds;
	nfds_t n;
};

static int poll_once(void *what, int64_t ns)
{
	const struct poll_args *a = what;
	struct timespec t = timespec_of(ns < 0 ? 0 : ns);

	return (int)syscall(SYS_ppoll, a->fds, a->n, ns < 0 ? NULL : &t, NULL, (size_t)(_NSIG / 8));
}

int poll(struct pollfd *fds, nfds_t n, int ms)
{
	struct poll_args a = { fds, n };

	return wait_in_world(poll_once, &a, ns_of_ms(ms));
}

struct select_args {
	int n;
	fd_set *given[3];
};

/* select() empties its sets where a wait ends without news, so each wait works on copies. */
static int select_once(void *what, int64_t ns)
{
	struct select_args *a = what;
	struct timespec t = timespec_of(ns < 0 ? 0 : ns);
	fd_set copy[3], *sets[3];
	int r;

	for (int i = 0; i < 3; i++) {
		sets[i] = a->given[i] != NULL ? &copy[i] : NULL;
		if (sets[i] != NULL)
			copy[i] = *a->given[i];
	}
	r = (int)syscall(SYS_pselect6, a->n, sets[0], sets[1], sets[2], ns < 0 ? NULL : &t, NULL);
	for (int i = 0; i < 3 && r > 0; i++)
		if (sets[i] != NULL)
			*a->given[i] = copy[i];
	return r;
}

int select(int n, fd_set *restrict r, fd_set *restrict w, fd_set *restrict e, struct timeval *restrict timeout)
{
	struct select_args a = { n, { r, w, e } };
	int found = wait_in_world(select_once, &a, timeout == NULL ? -1 : timeout->tv_sec * S_NS + timeout->tv_usec * 1000);

	for (int i = 0; i < 3 && found == 0; i++)
		if (a.given[i] != NULL)
			FD_ZERO(a.given[i]);
	return found;
}

static int sleep_once(void *what, int64_t ns)
{
	struct timespec t = timespec_of(ns < 0 ? 0 : ns);

	(void)what;
	return (int)syscall(SYS_nanosleep, &t, NULL);
}

int nanosleep(const struct timespec *want, struct timespec *left)
{
	if (left != NULL)
		*left = (struct timespec){ 0 };
	return wait_in_world(sleep_once, NULL, ns_of(want));
}

/* Returns the error, as pthreads do. */
int clock_nanosleep(clockid_t clock, int flags, const struct timespec *want, struct timespec *left)
{
	struct timespec now = { 0 };

	if (left != NULL)
		*left = (struct timespec){ 0 };
	if ((flags & TIMER_ABSTIME) != 0)
		clock_gettime(clock, &now);
	return wait_in_world(sleep_once, NULL, ns_of(want) - ns_of(&now)) == 0 ? 0 : errno;
}

int usleep(useconds_t us)
{
	return wait_in_world(sleep_once, NULL, (int64_t)us * 1000);
}

unsigned sleep(unsigned s)
{
	wait_in_world(sleep_once, NULL, (int64_t)s * S_NS);
	return 0;
}

/* Which clock a deadline is told by shows in its size: the world's Unix time is years, its monotonic time hours.
 * A wait may end early: whoever waits on a condition looks at it and waits again. */
int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, const struct timespec *restrict until)
{
	static int (*_Atomic real)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
	int (*f)(pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *) = real;
	int64_t end = ns_of(until), left, now;
	bool wall = end > INT64_C(1000000000) * S_NS;
	clockid_t clock = wall ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	struct timespec t;
	int r;

	if (f == NULL) {
		*(void **)&f = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
		real = f;
	}
	if (page == NULL)
		return f(cond, mutex, clock, until);
	left = end - (world_ns() - (wall ? 0 : page->monotonic_less));
	if (left <= 0)
		return ETIMEDOUT;
	now = machine_ns();
	t = timespec_of(now + machine_wait(left));
	r = f(cond, mutex, CLOCK_MONOTONIC, &t);
	return r == ETIMEDOUT ? 0 : r;
}
