#include "core/head.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "core/cache_status.h"

#include "base/pure.h"

static const uint32_t LATELY_MS = 2000;

_Static_assert(sizeof(struct fr_reply_facts) == 208, "plain() and has_mark() look at every fact");

void fr_heads_init(struct fr_heads *h)
{
	fr_list_init(&h->order);
	h->n = 0;
}

static void head_free(struct fr_head *head)
{
	struct fr_head **at = &head->answer->heads;

	while (*at != head)
		at = &(*at)->next;
	*at = head->next;
	FR_ASSERT(head->heads->n > 0);
	head->heads->n--;
	fr_list_cut(&head->in_order);
	if (head->sent_as != NULL)
		head->sent_as_free(head->sent_as);
	free(head);
}

static void free_oldest(struct fr_heads *h)
{
	head_free(FR_OF(fr_list_first(&h->order), struct fr_head, in_order));
}

void fr_heads_clear(struct fr_heads *h)
{
	while (h->n > 0)
		free_oldest(h);
}

void fr_heads_leave(struct fr_answer *a)
{
	while (a->heads != NULL)
		head_free(a->heads);
}

static bool fits(const char *word)
{
	return word == NULL || strlen(word) < FR_HEAD_WORD_MAX;
}

/* A reply of which nothing can be said that is not in its mark, its answer or the configuration. */
static bool plain(const struct fr_reply_facts *f)
{
	return !f->from_flight && f->outcome != FR_OUTCOME_BYPASS && f->body == NULL && !f->partial && f->spent == 0 &&
	       fits(f->detail) && fits(f->learnt);
}

static void set_word(char to[FR_HEAD_WORD_MAX], const char *word)
{
	to[0] = '\0';
	if (word != NULL)
		(void)fr_str_copy(to, FR_HEAD_WORD_MAX, fr_str_of(word));
}

static bool has_word(const char *mine, const char *word)
{
	return strcmp(mine, word != NULL ? word : "") == 0;
}

/* Links expire with a second's beginning, so what is dead of them changes with the seconds. */
static int64_t dead_s(const struct fr_reply_facts *f)
{
	int64_t dead_by = f->now.v + f->links_margin.v, first = f->answer->links_first.v;

	return first == 0 || first > dead_by ? 0 : dead_by / 1000;
}

static void set_mark(struct fr_head_mark *m, const struct fr_reply_facts *f)
{
	m->age_s = fr_cache_status_seconds(f->view.age);
	m->left_s = fr_cache_status_seconds(f->view.left);
	m->avoided = f->avoided;
	m->dead_s = dead_s(f);
	m->freshness = f->view.freshness;
	m->gzip = f->gzip;
	m->budget = f->budget;
	set_word(m->detail, f->detail);
	set_word(m->learnt, f->learnt);
}

/* Names of budgets are the configuration's: the same one is the same pointer. */
static bool has_mark(const struct fr_head *head, const struct fr_reply_facts *f)
{
	const struct fr_head_mark *m = &head->mark;

	return m->age_s == fr_cache_status_seconds(f->view.age) && m->left_s == fr_cache_status_seconds(f->view.left) &&
	       m->avoided == f->avoided && m->dead_s == dead_s(f) && m->freshness == f->view.freshness && m->gzip == f->gzip &&
	       m->budget.budget == f->budget.budget && m->budget.permille == f->budget.permille &&
	       m->budget.left == f->budget.left && m->budget.step == f->budget.step && has_word(m->detail, f->detail) &&
	       has_word(m->learnt, f->learnt);
}

/* The answer's head for such a reply, or NULL. Those of other seconds go. */
static struct fr_head *find(struct fr_answer *a, const struct fr_reply_facts *f)
{
	int64_t age_s = fr_cache_status_seconds(f->view.age);
	struct fr_head *next;

	for (struct fr_head *head = a->heads; head != NULL; head = next) {
		next = head->next;
		if (has_mark(head, f))
			return head;
		if (head->mark.age_s != age_s)
			head_free(head);
	}
	return NULL;
}

static void make_room(struct fr_heads *h, const struct fr_answer *a)
{
	struct fr_head *last = a->heads;
	size_t n = 0;

	for (struct fr_head *head = a->heads; head != NULL; head = head->next, n++)
		last = head;
	if (n == FR_HEADS_OF_ONE)
		head_free(last);
	else if (h->n == FR_HEADS_MAX)
		free_oldest(h);
}

static struct fr_head *head_new(struct fr_heads *h, struct fr_answer *a, const struct fr_reply_facts *f)
{
	struct fr_head *head;
	struct fr_reply r;

	fr_reply_head(&r, f);
	head = fr_alloc(sizeof(*head) + r.used);
	*head = (struct fr_head){ .heads = h, .answer = a, .next = a->heads, .status = r.status, .n = r.n };
	set_mark(&head->mark, f);
	memcpy(head->fields, r.headers, r.n * sizeof(r.headers[0]));
	memcpy(head->text, r.text, r.used);
	fr_list_push(&h->order, &head->in_order);
	h->n++;
	a->heads = head;
	return head;
}

/* Never 0. */
static uint32_t low_half(fr_wall moment)
{
	uint32_t low = (uint32_t)(uint64_t)moment.v;

	return low != 0 ? low : 1;
}

struct fr_head *fr_heads_for(struct fr_heads *h, struct fr_answer *a, const struct fr_reply_facts *f)
{
	uint32_t now = low_half(f->now), since = a->hit != 0 ? now - a->hit : UINT32_MAX;
	struct fr_head *head;

	FR_ASSERT(a == f->answer);
	if (!plain(f))
		return NULL;
	head = find(a, f);
	if (head != NULL)
		return head;
	a->hit = now;
	if (since > LATELY_MS) /* too large where the clock was set back */
		return NULL;
	make_room(h, a);
	return head_new(h, a, f);
}

const char *fr_head_value(const struct fr_head *head, const char *name)
{
	for (size_t i = 0; i < head->n; i++)
		if (fr_str_eq_nocase(fr_str_of(head->fields[i].name), fr_str_of(name)))
			return head->text + head->fields[i].at;
	return NULL;
}
