#include "tests/story/story.h"

/* Without a key of the operator's the clients' own keys are handed on. */

#define POSTS "/user-posts/?userid=7"

static void clients_with_keys_of_their_own_share_nothing(void **state)
{
	struct world *w = world_new_keyless(1, 2, "");
	size_t r[4];

	(void)state;
	r[0] = world_get_as(w, 0, POSTS, "anna");
	world_run(w);
	assert_string_equal(world_last_key(w), "anna");
	r[1] = world_get_as(w, 1, POSTS, "bert");
	world_run(w);
	assert_string_equal(world_last_key(w), "bert");
	r[2] = world_get_as(w, 1, POSTS, "anna");
	r[3] = world_get_as(w, 0, POSTS, "bert");
	world_run(w);
	assert_int_equal(world_reply(w, r[0])->serial, world_reply(w, r[2])->serial);
	assert_int_equal(world_reply(w, r[1])->serial, world_reply(w, r[3])->serial);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void a_short_link_is_asked_with_the_key_of_who_asks(void **state)
{
	struct world *w = world_new_keyless(1, 2, "");
	size_t r;

	(void)state;
	world_get_as(w, 0, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675", "anna");
	world_run(w);
	r = world_get_as(w, 1, "/post-detail/?url=https://vm.tiktok.com/ZM7106594312292453675",
			 "bert"); /* its post is known to all */
	world_run(w);
	assert_string_equal(world_last_key(w), "bert");
	assert_int_equal(world_reply(w, r)->spent, 1);
	assert_int_equal(world_calls(w), 2);
	world_free(w);
}

static void a_bad_key_of_one_client_does_not_stop_the_others(void **state)
{
	struct world *w = world_new_keyless(1, 1, "breaker: { failures: 3 }");
	char target[64];
	size_t r;

	(void)state;
	world_upstream(w, 10, WORLD_ACCOUNT_ERROR);
	for (int i = 0; i < 10; i++) {
		snprintf(target, sizeof target, "/userid/?username=u%d", i);
		r = world_get_as(w, 0, target, "bert");
		world_run(w);
		assert_int_equal(world_reply(w, r)->status, 200); /* the upstream's own words, for him alone */
	}
	world_upstream(w, 10, WORLD_DATA);
	r = world_get_as(w, 0, POSTS, "anna");
	world_run(w);
	assert_int_equal(world_reply(w, r)->status, 200);
	assert_int_equal(world_calls(w), 11);
	world_free(w);
}

static void a_known_clients_key_says_who_it_is_and_is_handed_on(void **state)
{
	static const struct world_client clients[] = {
		{ "anna", "acme", "default", FR_PRIORITY_INTERACTIVE, false },
		{ "bert", "globex", "default", FR_PRIORITY_INTERACTIVE, false },
	};
	struct world *w = world_new_keyless(1, 2, "");
	size_t r[4];

	(void)state;
	world_clients(w, clients, 2);
	r[0] = world_get_as(w, 0, POSTS, "anna");
	world_run(w);
	assert_string_equal(world_last_key(w), "anna");
	r[1] = world_get_as(w, 0, POSTS, "bert"); /* reads nothing that anna has paid for */
	world_run(w);
	assert_string_equal(world_last_key(w), "bert");
	r[2] = world_get_as(w, 1, POSTS, "anna");
	r[3] = world_get_as(w, 1, POSTS, "carl");
	world_run(w);
	assert_int_equal(world_reply(w, r[0])->serial, world_reply(w, r[2])->serial);
	assert_int_equal(world_reply(w, r[1])->spent, 1);
	assert_int_equal(world_reply(w, r[3])->status, 401);
	assert_int_equal(world_calls(w), 2);
	assert_int_equal(world_tenant_spent(w, 0, "acme", false), 1);
	assert_int_equal(world_tenant_spent(w, 0, "globex", false), 1);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clients_with_keys_of_their_own_share_nothing),
		cmocka_unit_test(a_short_link_is_asked_with_the_key_of_who_asks),
		cmocka_unit_test(a_known_clients_key_says_who_it_is_and_is_handed_on),
		cmocka_unit_test(a_bad_key_of_one_client_does_not_stop_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
