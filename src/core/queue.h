/* queue.h — who may call next: classes of work in strict order, tenants of one class by weight, a tenant's own work in order of arrival.
 *
 * Within a class each tenant has a tag: the virtual time up to which it has had its share. Whoever has the smallest tag goes next, and its tag grows
 * by 1/weight (start-time fair queueing). A tenant that comes, or comes back, starts at the tag of the last that went: it has its share at once,
 * and nothing saved up. When nobody of the class waits any more, what was before is forgotten.
 *
 * Items are parts of the things that wait and belong to them; nothing is allocated here but the queue. The order depends on the calls alone. */
#ifndef FRUGAL_CORE_QUEUE_H
#define FRUGAL_CORE_QUEUE_H

#include "base/list.h"
#include "core/priority.h"
#include "frugal/limits.h"

struct fr_queue;

struct fr_queue_item {
	struct fr_list link; /* of the tenant's own in its class */
	bool queued;
	uint16_t tenant;
	uint8_t priority; /* enum fr_priority */
};

struct fr_queue *fr_queue_new(void);
void fr_queue_free(struct fr_queue *q); /* what waits is let go */

void fr_queue_item_init(struct fr_queue_item *item);
/* At the end of its tenant's own. Whatever weight (>= 1) was said last holds for the tenant in this class. At the most FR_FLIGHTS_MAX wait at a time. */
void fr_queue_push(struct fr_queue *q, struct fr_queue_item *item, enum fr_priority p, size_t tenant, int64_t weight);
/* Leaves without a turn, which costs its tenant nothing. Harmless if it does not wait. */
void fr_queue_cut(struct fr_queue *q, struct fr_queue_item *item);

struct fr_queue_item *fr_queue_first(const struct fr_queue *q); /* who goes next, or NULL */
/* It had its turn: leaves, and its tenant's tag grows. It must be the first of its class, as fr_queue_first() said. */
void fr_queue_took(struct fr_queue *q, struct fr_queue_item *item);
/* Who makes room if there are too many: of the last class in which somebody waits, the newest of the tenant with the most. NULL: nobody waits. */
struct fr_queue_item *fr_queue_last(const struct fr_queue *q);

size_t fr_queue_length(const struct fr_queue *q, enum fr_priority p);
size_t fr_queue_waiting(const struct fr_queue *q); /* in all classes */

#endif
