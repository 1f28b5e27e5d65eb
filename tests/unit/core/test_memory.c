#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/random.h"
#include "core/memory.h"

static struct fr_answer *answer(uint64_t name, size_t n)
{
	struct fr_answer from = { .key = { 0, name }, .body = fr_blob_new(n) };
	struct fr_answer *a;

	memset(from.body->bytes, 0, n);
	a = fr_answer_new(&from);
	fr_blob_drop(from.body);
	return a;
}

static void put(struct fr_memory *m, uint64_t name, size_t n)
{
	struct fr_answer *a = answer(name, n);

	fr_memory_put(m, a);
	fr_answer_drop(a);
}

static bool has(struct fr_memory *m, uint64_t name)
{
	return fr_memory_find(m, (struct fr_key){ 0, name }) != NULL;
}

/* What one entry costs beside its body. */
static size_t cost_of(size_t n)
{
	struct fr_memory *m = fr_memory_new(1 << 20, 1);
	size_t cost;

	put(m, 1, n);
	cost = fr_memory_bytes(m);
	fr_memory_free(m);
	return cost;
}

/* A question of the API's usual length, the body of a profile. */
static void an_answer_takes_at_most_its_body_and_300_bytes(void **state)
{
	char canon[] = "/userinfo-by-username/?username=creator_000001";

	(void)state;
	for (size_t n = 512; n <= 2048; n++) {
		struct fr_memory *m = fr_memory_new(1 << 20, 1);
		struct fr_answer from = { .canon = { canon, sizeof(canon) - 1 },
					  .type = "application/json",
					  .body = fr_blob_new(n) };
		struct fr_answer *a;

		memset(from.body->bytes, 0, n);
		a = fr_answer_new(&from);
		fr_memory_put(m, a);
		assert_true(fr_memory_bytes(m) > n + sizeof(*a));
		assert_true(fr_memory_bytes(m) <= n + 300);
		fr_answer_drop(a);
		fr_blob_drop(from.body);
		fr_memory_free(m);
	}
}

static void the_hand_spares_what_was_hit_and_goes_on_from_where_it_stood(void **state)
{
	struct fr_memory *m = fr_memory_new(5 * cost_of(100), 1);

	(void)state;
	for (uint64_t i = 1; i <= 5; i++)
		put(m, i, 100);
	assert_true(has(m, 1) && has(m, 3)); /* bits of 1 and 3 */
	put(m, 6, 100);                      /* clears 1, evicts 2 */
	put(m, 7, 100);                      /* clears 3, evicts 4: the hand did not go back to 1 */
	assert_int_equal(fr_memory_evictions(m), 2);
	assert_false(has(m, 2));
	assert_false(has(m, 4));
	assert_true(has(m, 1) && has(m, 3) && has(m, 5) && has(m, 6) && has(m, 7));
	fr_memory_free(m);
}

static void a_replacement_keeps_its_bit_and_its_bytes_are_counted_once(void **state)
{
	struct fr_memory *m = fr_memory_new(4 * cost_of(100), 1);
	struct fr_answer *same;

	(void)state;
	put(m, 1, 10);
	assert_true(has(m, 1));
	put(m, 1, 100);
	assert_int_equal(fr_memory_bytes(m), cost_of(100));
	same = fr_answer_hold(fr_memory_find(m, (struct fr_key){ 0, 1 }));
	fr_memory_put(m, same);
	assert_int_equal(same->refs, 2);
	fr_answer_drop(same);
	for (uint64_t i = 2; i <= 5; i++) /* the fifth evicts 2, the first without a bit */
		put(m, i, 100);
	assert_false(has(m, 2));
	assert_true(has(m, 1));
	fr_memory_free(m);
}

static void an_answer_larger_than_a_quarter_is_not_kept(void **state)
{
	size_t quarter = cost_of(1000);
	struct fr_memory *m = fr_memory_new(4 * quarter, 1);

	(void)state;
	put(m, 1, 1000);
	assert_true(has(m, 1));
	put(m, 2, 1016);
	assert_false(has(m, 2));
	put(m, 1, 1016); /* what it would have replaced is gone all the same */
	assert_false(has(m, 1));
	assert_int_equal(fr_memory_bytes(m), 0);
	assert_int_equal(fr_memory_evictions(m), 0);
	fr_memory_free(m);
}

/* The same rules over a plain array, oldest first. */
struct model {
	struct {
		uint64_t name;
		size_t bytes;
		bool hit;
	} at[256];
	size_t n, hand, bytes, max;
	uint64_t evictions;
};

static size_t model_find(const struct model *m, uint64_t name)
{
	size_t i = 0;

	while (i < m->n && m->at[i].name != name)
		i++;
	return i;
}

static void model_cut(struct model *m, size_t i)
{
	m->bytes -= m->at[i].bytes;
	memmove(&m->at[i], &m->at[i + 1], (m->n - i - 1) * sizeof(m->at[0]));
	m->n--;
	if (m->hand > i)
		m->hand--;
	if (m->hand == m->n) /* past the newest comes the oldest, whatever arrives in between */
		m->hand = 0;
}

static void model_put(struct model *m, uint64_t name, size_t bytes)
{
	size_t i = model_find(m, name);
	bool hit = i < m->n && m->at[i].hit;

	if (i < m->n)
		model_cut(m, i);
	if (bytes > m->max / 4)
		return;
	while (m->bytes + bytes > m->max) {
		if (m->at[m->hand].hit) {
			m->at[m->hand].hit = false;
			m->hand = (m->hand + 1) % m->n;
		} else {
			model_cut(m, m->hand);
			m->evictions++;
		}
	}
	m->at[m->n].name = name;
	m->at[m->n].bytes = bytes;
	m->at[m->n++].hit = hit;
	m->bytes += bytes;
}

static void it_behaves_as_a_plain_list_does(void **state)
{
	size_t base = cost_of(0);

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct fr_random r = { seed };
		struct model want = { .max = base * (1 + seed) };
		struct fr_memory *m = fr_memory_new(want.max, seed);

		for (int i = 0; i < 3000; i++) {
			uint64_t name = fr_random_below(&r, 3 * seed) + 1, what = fr_random_below(&r, 10);
			size_t n = (size_t)fr_random_below(&r, 2000), at = model_find(&want, name);

			if (what < 5) {
				assert_int_equal(has(m, name), at < want.n);
				want.at[at].hit = true; /* harmless behind the end */
			} else if (what < 9) {
				put(m, name, n);
				model_put(&want, name, cost_of(n));
			} else {
				fr_memory_cut(m, (struct fr_key){ 0, name });
				if (at < want.n)
					model_cut(&want, at);
			}
			assert_int_equal(fr_memory_bytes(m), want.bytes);
			assert_int_equal(fr_memory_entries(m), want.n);
			assert_int_equal(fr_memory_evictions(m), want.evictions);
			assert_true(fr_memory_bytes(m) <= want.max);
		}
		for (size_t i = 0; i < want.n; i++)
			assert_true(has(m, want.at[i].name));
		for (size_t i = 0; i < want.n; i++)
			fr_memory_cut(m, (struct fr_key){ 0, want.at[i].name });
		assert_int_equal(fr_memory_bytes(m), 0);
		assert_int_equal(fr_memory_entries(m), 0);
		fr_memory_free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_takes_at_most_its_body_and_300_bytes),
		cmocka_unit_test(the_hand_spares_what_was_hit_and_goes_on_from_where_it_stood),
		cmocka_unit_test(a_replacement_keeps_its_bit_and_its_bytes_are_counted_once),
		cmocka_unit_test(an_answer_larger_than_a_quarter_is_not_kept),
		cmocka_unit_test(it_behaves_as_a_plain_list_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
