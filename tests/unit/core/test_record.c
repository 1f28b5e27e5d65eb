#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"
#include "base/str.h"
#include "core/record.h"

static const struct fr_key key = { 1, 2 };

static struct fr_answer *example(void)
{
	struct fr_answer from = {
		.key = key,
		.stored = { 1700000000123 },
		.verdict = FR_VERDICT_NOT_FOUND,
		.status = 404,
		.verbatim = true,
		.alias = true,
		.origin = FR_ORIGIN_PARTS,
		.negative = { 600000 },
		.post_id = 7016451766297570565u,
		.type = "application/json",
		.text = "Not found post",
		.canon = FR_STR("/user-posts/?count=10&userid=7"),
	};
	struct fr_answer *a;

	from.links_first.v = 1700000000000;
	from.body = fr_blob_of("{\"a\":\0\xff}", 8);
	a = fr_answer_new(&from);
	fr_blob_drop(from.body);
	return a;
}

static struct fr_answer *least(void)
{
	struct fr_answer from = { .stored = { -1 }, .verdict = FR_VERDICT_NETWORK, .body = fr_blob_new(0) };
	struct fr_answer *a = fr_answer_new(&from);

	fr_blob_drop(from.body);
	return a;
}

/* Reads a copy of the exact size, so that a sanitizer sees what is read past the end. */
static enum fr_record_read check(const char *p, size_t n, struct fr_str canon, struct fr_answer **ret)
{
	char *copy = malloc(n == 0 ? 1 : n);
	enum fr_record_read r;

	assert_non_null(copy);
	if (n > 0)
		memcpy(copy, p, n);
	r = fr_record_read((struct fr_str){ copy, n }, key, canon, ret);
	free(copy);
	return r;
}

static void same(const struct fr_answer *a, const struct fr_answer *b)
{
	assert_int_equal(a->refs, 1);
	assert_int_equal(a->stored.v, b->stored.v);
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->verbatim, b->verbatim);
	assert_int_equal(a->alias, b->alias);
	assert_int_equal(a->origin, b->origin);
	assert_int_equal(a->negative.v, b->negative.v);
	assert_int_equal(a->post_id, b->post_id);
	assert_int_equal(a->etag, b->etag);
	assert_int_equal(a->links_first.v, b->links_first.v);
	assert_string_equal(a->type, b->type);
	assert_string_equal(a->text, b->text);
	assert_true(fr_str_eq(a->canon, b->canon));
	assert_true(fr_str_eq(fr_blob_str(a->body), fr_blob_str(b->body)));
}

static void what_was_written_is_read(void **state)
{
	struct fr_answer *answers[] = { example(), least() };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fr_blob *b = fr_record_write(answers[i]);
		struct fr_answer *got = NULL;

		assert_int_equal(check(b->bytes, b->n, answers[i]->canon, &got), FR_RECORD_OK);
		same(got, answers[i]);
		assert_true(fr_key_eq(got->key, key));
		fr_answer_drop(got);
		assert_int_equal(check(b->bytes, b->n, (struct fr_str){ NULL, 0 }, &got), FR_RECORD_OK);
		fr_answer_drop(got);
		fr_blob_drop(b);
		fr_answer_drop(answers[i]);
	}
}

static void another_question_is_told_apart(void **state)
{
	struct fr_answer *a = example(), *got = NULL;
	struct fr_blob *b = fr_record_write(a);

	(void)state;
	assert_int_equal(check(b->bytes, b->n, FR_STR("/user-posts/?count=10&userid=8"), &got), FR_RECORD_OTHER);
	assert_int_equal(check(b->bytes, b->n, FR_STR("/user-posts/?count=10&userid="), &got), FR_RECORD_OTHER);
	assert_null(got);
	fr_blob_drop(b);
	fr_answer_drop(a);
}

static void every_flipped_byte_is_rejected(void **state)
{
	struct fr_answer *a = example(), *got = NULL;
	struct fr_blob *b = fr_record_write(a);

	(void)state;
	for (size_t i = 0; i < b->n; i++)
		for (int by = 1; by < 256; by++) {
			int version = b->bytes[4] ^ by;
			bool older = i == 4 &&
				     (version == FR_RECORD_VERSION_WITHOUT_ORIGIN || version == FR_RECORD_VERSION_PACKED);
			enum fr_record_read r, expected = i < 4             ? FR_RECORD_FOREIGN
							  : i < 6 && !older ? FR_RECORD_VERSION_UNKNOWN
									    : FR_RECORD_DAMAGED;

			b->bytes[i] = (char)(b->bytes[i] ^ by);
			r = check(b->bytes, b->n, (struct fr_str){ NULL, 0 }, &got);
			b->bytes[i] = (char)(b->bytes[i] ^ by);
			assert_int_equal(r, expected);
		}
	assert_null(got);
	fr_blob_drop(b);
	fr_answer_drop(a);
}

static void every_cut_and_every_addition_is_rejected(void **state)
{
	struct fr_answer *a = example(), *got = NULL;
	struct fr_blob *b = fr_record_write(a);
	char longer[1024] = "";

	(void)state;
	for (size_t n = 0; n < b->n; n++)
		assert_int_equal(check(b->bytes, n, a->canon, &got), n < 4 ? FR_RECORD_FOREIGN : FR_RECORD_DAMAGED);
	memcpy(longer, b->bytes, b->n);
	assert_int_equal(check(longer, b->n + 1, a->canon, &got), FR_RECORD_DAMAGED);
	assert_null(got);
	fr_blob_drop(b);
	fr_answer_drop(a);
}

static void foreign_bytes_and_other_versions_are_told_apart(void **state)
{
	struct fr_answer *got = NULL;

	(void)state;
	assert_int_equal(check("", 0, (struct fr_str){ NULL, 0 }, &got), FR_RECORD_FOREIGN);
	assert_int_equal(check("{\"id\":\"7\"}", 10, (struct fr_str){ NULL, 0 }, &got), FR_RECORD_FOREIGN);
	assert_int_equal(check("FRU1\4\0\0\0012345678", 16, (struct fr_str){ NULL, 0 }, &got), FR_RECORD_VERSION_UNKNOWN);
	assert_int_equal(check("FRU1\3\0\0\0012345678", 16, (struct fr_str){ NULL, 0 }, &got), FR_RECORD_DAMAGED);
	assert_int_equal(check("FRU1\2\0\0\0012345678", 16, (struct fr_str){ NULL, 0 }, &got), FR_RECORD_DAMAGED);
	assert_int_equal(check("FRU1\1\0\0\0012345678", 16, (struct fr_str){ NULL, 0 }, &got), FR_RECORD_DAMAGED);
}

static void sign(struct fr_blob *b)
{
	uint64_t sum = fr_hash64(0, b->bytes, b->n - 8);

	for (size_t i = 0; i < 8; i++)
		b->bytes[b->n - 8 + i] = (char)(sum >> (8 * i) & 0xff);
}

/* Records of the first version say nothing of where an answer comes from: the byte behind `stored` is not there. */
static void what_an_older_version_wrote_is_still_read(void **state)
{
	enum { ORIGIN_AT = 4 + 2 + 2 + 8 };
	struct fr_answer *a = example(), *got = NULL;
	struct fr_blob *b = fr_record_write(a), *old = fr_blob_new(b->n - 1);

	(void)state;
	assert_int_equal(b->bytes[ORIGIN_AT], FR_ORIGIN_PARTS);
	memcpy(old->bytes, b->bytes, ORIGIN_AT);
	memcpy(old->bytes + ORIGIN_AT, b->bytes + ORIGIN_AT + 1, b->n - ORIGIN_AT - 1);
	old->bytes[4] = 1;
	sign(old);
	assert_int_equal(check(old->bytes, old->n, a->canon, &got), FR_RECORD_OK);
	assert_int_equal(got->origin, FR_ORIGIN_UPSTREAM);
	a->origin = FR_ORIGIN_UPSTREAM;
	same(got, a);
	fr_answer_drop(got);
	fr_blob_drop(old);
	fr_blob_drop(b);
	fr_answer_drop(a);
}

static void the_moment_of_a_record_is_in_its_first_bytes(void **state)
{
	struct fr_answer *answers[] = { example(), least() };
	fr_wall moment;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fr_blob *b = fr_record_write(answers[i]);

		assert_true(fr_record_moment((struct fr_str){ b->bytes, FR_RECORD_MOMENT_END }, &moment));
		assert_int_equal(moment.v, answers[i]->stored.v);
		for (size_t n = 0; n < FR_RECORD_MOMENT_END; n++)
			assert_false(fr_record_moment((struct fr_str){ b->bytes, n }, &moment));
		b->bytes[0] = 'f';
		assert_false(fr_record_moment(fr_blob_str(b), &moment));
		fr_blob_drop(b);
		fr_answer_drop(answers[i]);
	}
}

/* A right check sum does not make a length right: the reader trusts nothing. */
static void signed_nonsense_never_crashes(void **state)
{
	struct fr_random r = { 9 };
	struct fr_answer *a = example();
	struct fr_blob *b = fr_record_write(a);
	char *sound = malloc(b->n);

	(void)state;
	assert_non_null(sound);
	memcpy(sound, b->bytes, b->n);
	for (int i = 0; i < 50000; i++) {
		struct fr_answer *got = NULL;
		enum fr_record_read read;

		memcpy(b->bytes, sound, b->n);
		for (uint64_t k = fr_random_below(&r, 3) + 1; k > 0; k--)
			b->bytes[6 + fr_random_below(&r, b->n - 14)] = (char)fr_random_next(&r);
		sign(b);
		read = check(b->bytes, b->n, (struct fr_str){ NULL, 0 }, &got);
		assert_int_equal(read == FR_RECORD_OK, got != NULL);
		if (got != NULL) { /* then it is a record that could have been written */
			struct fr_blob *again = fr_record_write(got);

			assert_true(fr_str_eq(fr_blob_str(again), fr_blob_str(b)));
			fr_blob_drop(again);
		}
		fr_answer_drop(got);
	}
	free(sound);
	fr_blob_drop(b);
	fr_answer_drop(a);
}

/* Where the text's length and the number of links stand in example()'s record. */
static size_t text_at(const struct fr_answer *a)
{
	return 4 + 2 + 2 + 28 + 4 + a->canon.n + 1 + strlen(a->type);
}

static void a_signed_length_past_its_array_is_refused(void **state)
{
	struct fr_answer *a = example(), *got = NULL, from = *a;
	struct fr_blob *b, *longer;
	char text[FR_ANSWER_TEXT_MAX] = "";
	size_t at = text_at(a);

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	from.text = text;
	b = fr_record_write(&from);
	assert_int_equal(b->bytes[at], 127);
	longer = fr_blob_new(b->n + 1); /* a text of 128 in a record that is sound otherwise */
	memcpy(longer->bytes, b->bytes, at + 1);
	longer->bytes[at] = (char)128;
	longer->bytes[at + 1] = 'x';
	memcpy(longer->bytes + at + 2, b->bytes + at + 1, b->n - at - 1);
	sign(longer);
	assert_int_equal(check(longer->bytes, longer->n, a->canon, &got), FR_RECORD_DAMAGED);
	fr_blob_drop(longer);
	fr_blob_drop(b);

	from.body = fr_blob_new(1024); /* with the zeros of its length enough to be read as any number of links */
	memset(from.body->bytes, 0, 1024);
	from.text = "";
	b = fr_record_write(&from);
	assert_int_equal(b->bytes[at + 9], 0);
	for (int n = FR_LINKS_MAX + 1; n < 100; n++) {
		b->bytes[at + 9] = (char)n;
		sign(b);
		assert_int_equal(check(b->bytes, b->n, a->canon, &got), FR_RECORD_DAMAGED);
	}
	fr_blob_drop(b);
	fr_blob_drop(from.body);
	fr_answer_drop(a);
}

/* Records once had the names of signed fields, which the body tells as well. */
static void names_of_links_in_a_record_are_passed_over(void **state)
{
	static const char link[] = "\x01\x04play\0\0\0\0\0\0\0\0";
	const size_t n = sizeof(link) - 2; /* but for the number of links, which is there already */
	struct fr_answer *a = example(), *got = NULL;
	struct fr_blob *b = fr_record_write(a), *longer = fr_blob_new(b->n + n);
	size_t at = text_at(a) + 1 + strlen(a->text) + 8;

	(void)state;
	memcpy(longer->bytes, b->bytes, at);
	memcpy(longer->bytes + at, link, n + 1);
	memcpy(longer->bytes + at + n + 1, b->bytes + at + 1, b->n - at - 1);
	sign(longer);
	assert_int_equal(check(longer->bytes, longer->n, a->canon, &got), FR_RECORD_OK);
	same(got, a);
	fr_answer_drop(got);
	fr_blob_drop(longer);
	fr_blob_drop(b);
	fr_answer_drop(a);
}

static struct fr_answer *packed(void)
{
	char body[4000];
	struct fr_answer *a = example(), from = *a, *p;

	memset(body, 'x', sizeof(body));
	from.body = fr_blob_of(body, sizeof(body));
	p = fr_answer_new(&from);
	fr_answer_pack(p, sizeof(body));
	assert_non_null(p->packed);
	fr_blob_drop(from.body);
	fr_answer_drop(a);
	return p;
}

static void a_packed_body_is_written_as_it_is_and_read_as_both(void **state)
{
	struct fr_answer *a = packed(), *got = NULL;
	struct fr_blob *b = fr_record_write(a);

	(void)state;
	assert_true(b->n < 400);
	assert_int_equal(check(b->bytes, b->n, a->canon, &got), FR_RECORD_OK);
	same(got, a);
	assert_true(fr_str_eq(fr_blob_str(got->packed), fr_blob_str(a->packed)));
	assert_int_equal(got->packed->refs, 1);
	assert_true(fr_answer_bytes(got) > got->body->n + got->packed->n);
	fr_answer_drop(got);
	fr_blob_drop(b);
	fr_answer_drop(a);
}

static void a_body_that_should_be_packed_and_is_not_is_refused(void **state)
{
	struct fr_answer *a = packed(), *got = NULL;
	struct fr_blob *b = fr_record_write(a);

	(void)state;
	for (size_t i = 0; i < 8; i++) { /* the member's check sum and length */
		b->bytes[b->n - 9 - i] ^= 1;
		sign(b);
		assert_int_equal(check(b->bytes, b->n, a->canon, &got), FR_RECORD_DAMAGED);
		b->bytes[b->n - 9 - i] ^= 1;
	}
	fr_blob_drop(b);
	fr_answer_drop(a);
}

static void only_bodies_of_some_size_are_packed(void **state)
{
	struct fr_answer *a = packed(), from = *a, *other;

	(void)state;
	from.packed = NULL;
	other = fr_answer_new(&from);
	fr_answer_pack(other, 0);
	assert_null(other->packed);
	fr_answer_pack(other, other->body->n + 1);
	assert_null(other->packed);
	fr_answer_drop(other);
	other = fr_answer_new(a); /* what shares a body shares it packed, too */
	assert_ptr_equal(other->packed, a->packed);
	assert_int_equal(a->packed->refs, 2);
	fr_answer_drop(other);
	fr_answer_drop(a);
}

static void an_answer_is_counted_and_has_its_own_question(void **state)
{
	char canon[] = "/userid/?username=a";
	struct fr_answer from = { .body = fr_blob_of("{}", 2), .canon = { canon, 19 } };
	struct fr_answer *a = fr_answer_new(&from), *b = fr_answer_new(&from);

	(void)state;
	canon[1] = 'X';
	assert_true(fr_str_is(a->canon, "/userid/?username=a"));
	assert_int_equal(from.body->refs, 3);
	assert_int_equal(a->etag, b->etag);
	assert_true(fr_answer_bytes(a) >= sizeof(*a) + 21);
	assert_ptr_equal(fr_answer_hold(a), a);
	fr_answer_drop(a);
	fr_answer_drop(a);
	fr_answer_drop(b);
	fr_answer_drop(NULL);
	assert_int_equal(from.body->refs, 1);
	fr_blob_drop(from.body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(another_question_is_told_apart),
		cmocka_unit_test(every_flipped_byte_is_rejected),
		cmocka_unit_test(every_cut_and_every_addition_is_rejected),
		cmocka_unit_test(foreign_bytes_and_other_versions_are_told_apart),
		cmocka_unit_test(what_an_older_version_wrote_is_still_read),
		cmocka_unit_test(the_moment_of_a_record_is_in_its_first_bytes),
		cmocka_unit_test(signed_nonsense_never_crashes),
		cmocka_unit_test(a_signed_length_past_its_array_is_refused),
		cmocka_unit_test(names_of_links_in_a_record_are_passed_over),
		cmocka_unit_test(a_packed_body_is_written_as_it_is_and_read_as_both),
		cmocka_unit_test(a_body_that_should_be_packed_and_is_not_is_refused),
		cmocka_unit_test(only_bodies_of_some_size_are_packed),
		cmocka_unit_test(an_answer_is_counted_and_has_its_own_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
