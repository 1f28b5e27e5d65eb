/* comment.c — comments are numbered below their post, replies below their comment. */
#include "mix.h"
#include "post.h"

#include <string.h>

static const char *const texts[] = { "first!",
				     "çok güzel 😍",
				     "これ好き",
				     "who is watching in 2026?",
				     "\"quoted\" \\ and/or",
				     "🔥🔥🔥",
				     "where is that?",
				     "Größe und Maß",
				     "lol",
				     "part 2 please" };

static struct schedule comment_schedule(const struct world *w, const struct post *p)
{
	uint64_t h = mix(world_salt(w, SALT_COMMENT, p->id), 1);

	return (struct schedule){ .t0 = p->created + 20, .gap = mix_pick(h, 60, 7200), .salt = h };
}

int64_t comments_count(const struct world *w, const struct post *p, int64_t now)
{
	struct schedule s = comment_schedule(w, p);
	int64_t cap = mix_pick(mix(s.salt, UINT64_MAX), 0, 300), n = schedule_before(&s, now + 1);

	return n < cap ? n : cap;
}

static struct schedule reply_schedule(const struct world *w, const struct comment *c)
{
	uint64_t h = mix(world_salt(w, SALT_REPLY, c->id), 1);

	return (struct schedule){ .t0 = c->created + 15, .gap = mix_pick(h, 30, 3600), .salt = h };
}

static int64_t replies_count(const struct world *w, const struct comment *c, int64_t now)
{
	struct schedule s = reply_schedule(w, c);
	int64_t cap = mix(s.salt, 77) % 3 == 0 ? mix_pick(mix(s.salt, 78), 1, 70) : 0, n = schedule_before(&s, now + 1);

	return n < cap ? n : cap;
}

/* What comments and replies have in common. */
static void fill(const struct schedule *s, int64_t j, int64_t now, struct comment *c)
{
	memset(c, 0, sizeof *c);
	c->salt = mix(s->salt, (uint64_t)j + 5000);
	c->created = schedule_time(s, j);
	c->id = (uint64_t)(c->created - 2) << 32 | (mix(c->salt, 1) & 0xffff) << 16 | (uint64_t)j;
	c->digg = schedule_grown(mix_pick(mix(c->salt, 2), 0, 5000), now - c->created, 86400);
	c->user = (uint32_t)mix_pick(mix(c->salt, 3), 0, 99999);
	c->text = texts[mix(c->salt, 4) % (sizeof texts / sizeof texts[0])];
}

void comment_at(const struct world *w, const struct post *p, int64_t j, int64_t now, struct comment *ret)
{
	struct schedule s = comment_schedule(w, p);

	fill(&s, j, now, ret);
	ret->replies = replies_count(w, ret, now);
}

bool comment_by_id(const struct world *w, const struct post *p, uint64_t id, int64_t now, struct comment *ret)
{
	int64_t j = (int64_t)(id & 0xffff);

	if (j >= comments_count(w, p, now))
		return false;
	comment_at(w, p, j, now, ret);
	return ret->id == id;
}

void reply_at(const struct world *w, const struct comment *c, int64_t i, int64_t now, struct comment *ret)
{
	struct schedule s = reply_schedule(w, c);

	fill(&s, i, now, ret);
}
