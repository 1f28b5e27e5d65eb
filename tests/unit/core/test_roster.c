#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/random.h"
#include "base/str.h"
#include "core/roster.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct fr_roster *roster(void)
{
	struct fr_roster *r = fr_alloc(sizeof(*r));

	fr_roster_init(r, false);
	return r;
}

static size_t tenant(struct fr_roster *r, const char *name, int64_t weight)
{
	struct fr_tenant *t = &r->tenants[r->n_tenants];

	assert_true(fr_str_copy(t->name, sizeof(t->name), fr_str_of(name)));
	t->weight = weight;
	return r->n_tenants++;
}

static size_t tier(struct fr_roster *r, const char *name, int64_t fresh_s)
{
	struct fr_tier *t = &r->tiers[r->n_tiers];

	assert_true(fr_str_copy(t->name, sizeof(t->name), fr_str_of(name)));
	t->weight = 1;
	for (size_t i = 0; i < FR_ENDPOINTS_MAX; i++)
		t->fresh[i] = FR_SECONDS(fresh_s);
	return r->n_tiers++;
}

/* Adds a client behind the others; callers keep to the order. */
static struct fr_client *client(struct fr_roster *r, const char *name, const unsigned char *key, size_t tenant_number,
				size_t tier_number)
{
	struct fr_client *c = &r->clients[r->n_clients++];

	memset(c, 0, sizeof(*c));
	assert_true(fr_str_copy(c->name, sizeof(c->name), fr_str_of(name)));
	c->has_key = key != NULL;
	if (key != NULL)
		memcpy(c->key_sha256, key, FR_SHA256_BYTES);
	c->standing.tenant = (uint16_t)tenant_number;
	c->standing.tier = (uint16_t)tier_number;
	return c;
}

static void without_clients_everybody_is_the_default_without_a_key(void **state)
{
	static const unsigned char some[FR_SHA256_BYTES] = { 1 };
	struct fr_roster *r = roster();

	(void)state;
	assert_false(fr_roster_has_keys(r));
	assert_null(fr_roster_find(r, some));
	assert_string_equal(fr_roster_find(r, NULL)->name, "default");
	assert_int_equal(fr_roster_find(r, NULL)->standing.tenant, 0);
	assert_int_equal(fr_roster_find(r, NULL)->standing.priority, FR_PRIORITY_INTERACTIVE);
	assert_false(fr_roster_find(r, NULL)->standing.may_refresh);
	assert_int_equal(r->tiers[0].fresh[FR_ENDPOINTS_MAX - 1].v, -1);
	fr_roster_init(r, true);
	assert_true(fr_roster_find(r, NULL)->standing.may_refresh);
	free(r);
}

static void a_roster_of_keys_alone_knows_nobody_without_one(void **state)
{
	static const unsigned char key[FR_SHA256_BYTES] = { 7 }, other[FR_SHA256_BYTES] = { 7, 1 };
	struct fr_roster *r = roster();

	(void)state;
	r->n_clients = 0;
	assert_null(fr_roster_find(r, NULL));
	assert_null(fr_roster_find(r, key));
	client(r, "a", key, 0, 0);
	assert_true(fr_roster_has_keys(r));
	assert_null(fr_roster_find(r, NULL));
	assert_null(fr_roster_find(r, other));
	assert_string_equal(fr_roster_find(r, key)->name, "a");
	client(r, "b", NULL, 0, 0);
	assert_string_equal(fr_roster_find(r, NULL)->name, "b");
	assert_string_equal(fr_roster_find(r, key)->name, "a");
	free(r);
}

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, FR_SHA256_BYTES);
}

static void every_client_of_a_full_roster_is_found_by_its_key(void **state)
{
	static unsigned char keys[FR_CLIENTS_MAX - 1][FR_SHA256_BYTES];
	struct fr_roster *r = roster();
	struct fr_random random = { 5 };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		for (size_t j = 0; j < FR_SHA256_BYTES; j++)
			keys[i][j] = (unsigned char)fr_random_next(&random);
	qsort(keys, COUNT(keys), sizeof(keys[0]), by_key);
	r->n_clients = 0;
	for (size_t i = 0; i < COUNT(keys); i++)
		client(r, "x", keys[i], 0, 0);
	client(r, "last", NULL, 0, 0);
	for (size_t i = 0; i < COUNT(keys); i++) {
		assert_ptr_equal(fr_roster_find(r, keys[i]), &r->clients[i]);
		keys[i][FR_SHA256_BYTES - 1] ^= 1;
		assert_null(fr_roster_find(r, keys[i]));
	}
	assert_string_equal(fr_roster_find(r, NULL)->name, "last");
	free(r);
}

/* Three keys that differ in one byte only, wherever it is and whatever it is. */
static void each_byte_of_a_key_counts(void **state)
{
	struct fr_roster *r = roster();

	(void)state;
	for (size_t i = 0; i < FR_SHA256_BYTES; i++)
		for (int middle = 1; middle < 255; middle++) {
			unsigned char keys[3][FR_SHA256_BYTES];

			memset(keys, 0x80, sizeof(keys));
			keys[0][i] = (unsigned char)(middle - 1);
			keys[1][i] = (unsigned char)middle;
			keys[2][i] = (unsigned char)(middle + 1);
			/* What comes behind must not matter. */
			if (i + 1 < FR_SHA256_BYTES) {
				keys[0][i + 1] = 255;
				keys[2][i + 1] = 0;
			}
			r->n_clients = 0;
			for (size_t j = 0; j < COUNT(keys); j++)
				client(r, "x", keys[j], 0, 0);
			for (size_t j = 0; j < COUNT(keys); j++)
				assert_ptr_equal(fr_roster_find(r, keys[j]), &r->clients[j]);
		}
	free(r);
}

static void a_tenants_number_is_found_by_its_whole_name(void **state)
{
	struct fr_roster *r = roster();

	(void)state;
	tenant(r, "acme", 1);
	tenant(r, "acme2", 1);
	assert_int_equal(fr_roster_tenant(r, FR_STR("acme")), 1);
	assert_int_equal(fr_roster_tenant(r, FR_STR("acme2")), 2);
	assert_int_equal(fr_roster_tenant(r, FR_STR("default")), 0);
	assert_int_equal(fr_roster_tenant(r, FR_STR("acm")), 0);
	free(r);
}

static void a_name_keeps_its_number_over_a_reload(void **state)
{
	static const unsigned char one[FR_SHA256_BYTES] = { 1 }, two[FR_SHA256_BYTES] = { 2 }, three[FR_SHA256_BYTES] = { 3 };
	struct fr_roster *old = roster(), *fresh = roster();

	(void)state;
	tenant(old, "acme", 3);
	tenant(old, "gone", 5);
	tier(old, "free", 10);
	tier(old, "lost", 20);
	fresh->n_clients = 0;
	client(fresh, "n", one, tenant(fresh, "new", 7), tier(fresh, "pro", 30));
	client(fresh, "a", two, tenant(fresh, "acme", 4), tier(fresh, "free", 40));
	client(fresh, "d", three, 0, 0);
	assert_true(fr_roster_renumber(fresh, old));

	assert_int_equal(fresh->n_tenants, 4);
	assert_string_equal(fresh->tenants[0].name, "default");
	assert_string_equal(fresh->tenants[1].name, "acme");
	assert_int_equal(fresh->tenants[1].weight, 4);
	assert_string_equal(fresh->tenants[2].name, "gone");
	assert_int_equal(fresh->tenants[2].weight, 5);
	assert_string_equal(fresh->tenants[3].name, "new");
	assert_int_equal(fresh->tenants[3].weight, 7);

	assert_int_equal(fresh->n_tiers, 4);
	assert_string_equal(fresh->tiers[1].name, "free");
	assert_int_equal(fresh->tiers[1].fresh[9].v, 40000);
	assert_string_equal(fresh->tiers[2].name, "lost");
	assert_int_equal(fresh->tiers[2].fresh[9].v, 20000);
	assert_string_equal(fresh->tiers[3].name, "pro");

	assert_int_equal(fr_roster_find(fresh, one)->standing.tenant, 3);
	assert_int_equal(fr_roster_find(fresh, one)->standing.tier, 3);
	assert_int_equal(fr_roster_find(fresh, two)->standing.tenant, 1);
	assert_int_equal(fr_roster_find(fresh, two)->standing.tier, 1);
	assert_int_equal(fr_roster_find(fresh, three)->standing.tenant, 0);
	assert_int_equal(fr_roster_find(fresh, three)->standing.tier, 0);
	free(old);
	free(fresh);
}

/* However often names come and go: whatever had a number has it for good. */
static void numbers_hold_over_many_reloads(void **state)
{
	struct fr_roster *running = roster();
	struct fr_random random = { 9 };
	size_t number_of[20] = { 0 };

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct fr_roster *fresh = roster();
		char name[8];

		for (size_t i = 0; i < COUNT(number_of); i++) {
			(void)snprintf(name, sizeof(name), "t%zu", (i * 7 + (size_t)round) % COUNT(number_of));
			if (fr_random_chance(&random, 300))
				tenant(fresh, name, 1);
		}
		assert_true(fr_roster_renumber(fresh, running));
		for (size_t i = 0; i < COUNT(number_of); i++) {
			size_t number;

			(void)snprintf(name, sizeof(name), "t%zu", i);
			number = fr_roster_tenant(fresh, fr_str_of(name));
			if (number_of[i] != 0)
				assert_int_equal(number, number_of[i]);
			number_of[i] = number;
		}
		free(running);
		running = fresh;
	}
	assert_int_equal(running->n_tenants, 1 + COUNT(number_of));
	free(running);
}

static void without_room_for_both_nothing_changes(void **state)
{
	struct fr_roster *old = roster(), *fresh = roster(), *copy = roster();
	char name[16];

	(void)state;
	for (size_t i = 1; i < FR_TENANTS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "t%zu", i);
		tenant(old, name, 1);
	}
	tenant(fresh, "t9", 1);
	assert_true(fr_roster_renumber(fresh, old)); /* full, and nobody new */
	assert_int_equal(fresh->n_tenants, FR_TENANTS_MAX);

	fr_roster_init(fresh, false);
	tenant(fresh, "new", 1);
	memcpy(copy, fresh, sizeof(*copy));
	assert_false(fr_roster_renumber(fresh, old));
	assert_memory_equal(copy, fresh, sizeof(*copy));

	fr_roster_init(old, false);
	for (size_t i = 1; i < FR_TIERS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "t%zu", i);
		tier(old, name, 1);
	}
	tier(fresh, "pro", 1);
	memcpy(copy, fresh, sizeof(*copy));
	assert_false(fr_roster_renumber(fresh, old));
	assert_memory_equal(copy, fresh, sizeof(*copy));
	free(old);
	free(fresh);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_clients_everybody_is_the_default_without_a_key),
		cmocka_unit_test(a_roster_of_keys_alone_knows_nobody_without_one),
		cmocka_unit_test(every_client_of_a_full_roster_is_found_by_its_key),
		cmocka_unit_test(each_byte_of_a_key_counts),
		cmocka_unit_test(a_tenants_number_is_found_by_its_whole_name),
		cmocka_unit_test(a_name_keeps_its_number_over_a_reload),
		cmocka_unit_test(numbers_hold_over_many_reloads),
		cmocka_unit_test(without_room_for_both_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
