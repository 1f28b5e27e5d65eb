/* since.c — how old is it? For judges who see only what came out at the other end of a cache. */
#include "mem.h"
#include "post.h"
#include "twin.h"

#include <inttypes.h>
#include <openssl/sha.h>

static int64_t plays(const struct world *w, const struct post *p, int64_t at)
{
	struct post_counters c;

	post_counters(w, p, at, &c);
	return c.play;
}

/* The first second in (lo, hi] at which the count is above `most`; hi if there is none before. */
static int64_t first_above(const struct world *w, const struct post *p, int64_t most, int64_t lo, int64_t hi)
{
	while (hi - lo > 1) {
		int64_t mid = lo + (hi - lo) / 2;

		*(plays(w, p, mid) > most ? &hi : &lo) = mid;
	}
	return hi;
}

json_t *since_when(const struct twin *t, uint64_t post, int64_t play_count)
{
	int64_t from, end, now = twin_now_ms(t) / 1000;
	struct post p;

	if (!post_by_id(&t->world, post, &p) || p.created > now)
		return NULL;
	from = first_above(&t->world, &p, play_count - 1, p.created - 1, now + 1);
	end = first_above(&t->world, &p, play_count, p.created - 1, now + 1);
	if (from == end)
		return NULL;
	return mem_json(json_pack("{sI sI}", "from_ms", (json_int_t)from * 1000, "until_ms", (json_int_t)end * 1000 - 1));
}

void since_note(struct twin *t, int64_t made_ms, const char *path, const char *body, size_t len)
{
	unsigned char sum[SHA256_DIGEST_LENGTH];

	if (t->bodies == NULL)
		return;
	SHA256((const unsigned char *)body, len, sum);
	fprintf(t->bodies, "%" PRId64 " %s ", made_ms, path);
	for (int i = 0; i < 16; i++)
		fprintf(t->bodies, "%02x", sum[i]);
	fputc('\n', t->bodies);
}
