#include "lot.h"

#include <limits.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool lot_init(struct lot *l)
{
	memset(l, 0, sizeof *l);
	l->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return l->wake_fd >= 0 && pthread_mutex_init(&l->mutex, NULL) == 0;
}

static void take_out(struct lot *l, struct berth *b)
{
	*(b->prev ? &b->prev->next : &l->first) = b->next;
	*(b->next ? &b->next->prev : &l->last) = b->prev;
	b->next = b->prev = NULL;
	b->parked = false;
}

static void resume(struct lot *l, struct berth *b)
{
	take_out(l, b);
	MHD_resume_connection(b->conn);
}

bool lot_park(struct lot *l, struct berth *b, enum wait_for why, int64_t due_ms)
{
	bool open;

	pthread_mutex_lock(&l->mutex);
	open = !l->closed;
	if (open) {
		b->why = why;
		b->due_ms = due_ms;
		b->prev = l->last;
		b->next = NULL;
		*(l->last ? &l->last->next : &l->first) = b;
		l->last = b;
		b->parked = true;
		MHD_suspend_connection(b->conn);
	}
	pthread_mutex_unlock(&l->mutex);
	if (open && why == WAIT_TIME)
		(void)!write(l->wake_fd, &(uint64_t){ 1 }, sizeof(uint64_t));
	return open;
}

size_t lot_release(struct lot *l, const char *path, size_t n)
{
	size_t done = 0;

	pthread_mutex_lock(&l->mutex);
	for (struct berth *b = l->first, *next; b != NULL && done < n; b = next) {
		next = b->next;
		if (b->why == WAIT_TIME || (path != NULL && strcmp(b->path, path) != 0))
			continue;
		resume(l, b);
		done++;
	}
	pthread_mutex_unlock(&l->mutex);
	return done;
}

void lot_clear(struct lot *l)
{
	pthread_mutex_lock(&l->mutex);
	while (l->first != NULL)
		resume(l, l->first);
	pthread_mutex_unlock(&l->mutex);
}

int64_t lot_run(struct lot *l, int64_t now)
{
	int64_t soonest = INT64_MAX;

	pthread_mutex_lock(&l->mutex);
	for (struct berth *b = l->first, *next; b != NULL; b = next) {
		next = b->next;
		if (b->why != WAIT_TIME)
			continue;
		if (b->due_ms <= now)
			resume(l, b);
		else if (b->due_ms < soonest)
			soonest = b->due_ms;
	}
	pthread_mutex_unlock(&l->mutex);
	return soonest == INT64_MAX ? -1 : soonest - now;
}

size_t lot_count(struct lot *l, int mask)
{
	size_t n = 0;

	pthread_mutex_lock(&l->mutex);
	for (struct berth *b = l->first; b != NULL; b = b->next)
		n += ((int)b->why & mask) != 0;
	pthread_mutex_unlock(&l->mutex);
	return n;
}

void lot_forget(struct lot *l, struct berth *b)
{
	pthread_mutex_lock(&l->mutex);
	if (b->parked)
		take_out(l, b);
	pthread_mutex_unlock(&l->mutex);
}

void lot_close(struct lot *l)
{
	pthread_mutex_lock(&l->mutex);
	l->closed = true;
	pthread_mutex_unlock(&l->mutex);
	lot_clear(l);
}
