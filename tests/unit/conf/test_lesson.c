#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "conf/catalogue.h"
#include "conf/load.h"
#include "conf/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static enum fr_err read_catalogue(struct fr_str text, struct fr_catalogue *ret, struct fr_errmsg *why)
{
	struct fr_source s = { "c.yaml", why };
	struct fr_tree t;
	enum fr_err e = fr_tree_read(&s, text, &t);

	if (e != FR_OK)
		return e;
	e = fr_catalogue_read(&s, t.root, ret);
	fr_tree_free(&t);
	return e;
}

static void shapes_say_what_an_answer_is_made_of(void **state)
{
	static const char text[] =
		"shapes: { item: { id: id, note?: text, by?: { id: id, name?: text }, at: list } }\n"
		"endpoints:\n"
		"  /item/: { fresh: 1h, fields: item, params: { no: { type: id } }, thing: { kind: item, by: no } }\n"
		"  /plain/: { fresh: 1h, fields: { n: number, yes: flag, m: map } }\n"
		"  /free/: { fresh: 1h }\n";
	struct fr_catalogue c;
	struct fr_errmsg why;
	const struct fr_shape *s;

	(void)state;
	assert_int_equal(read_catalogue(fr_str_of(text), &c, &why), FR_OK);
	s = &c.rows[0].shape;
	assert_int_equal(s->n, 4);
	assert_true(fr_str_is(s->at[0].name, "id") && s->at[0].kind == FR_SHAPE_ID && !s->at[0].optional);
	assert_true(fr_str_is(s->at[1].name, "note") && s->at[1].kind == FR_SHAPE_TEXT && s->at[1].optional);
	assert_true(s->at[2].kind == FR_SHAPE_MAP && s->at[2].optional && s->at[2].inner.n == 2);
	assert_true(fr_str_is(s->at[2].inner.at[1].name, "name") && s->at[2].inner.at[1].optional);
	assert_true(s->at[3].kind == FR_SHAPE_LIST);
	assert_true(fr_str_is(c.rows[0].thing, "item"));
	assert_int_equal(c.rows[0].thing_by, 0);
	assert_ptr_equal(fr_catalogue_of_thing(&c, FR_STR("item")), &c.rows[0]);
	assert_null(fr_catalogue_of_thing(&c, FR_STR("other")));
	assert_null(fr_catalogue_of_thing(&c, FR_STR("")));
	s = &c.rows[1].shape;
	assert_true(s->at[0].kind == FR_SHAPE_NUMBER && s->at[1].kind == FR_SHAPE_FLAG && s->at[2].inner.n == 0);
	assert_int_equal(c.rows[2].shape.n, 0);
	assert_int_equal(c.rows[2].thing.n, 0);
	fr_arena_free(&c.mem);
}

static void lessons_may_speak_of_rows_that_come_later(void **state)
{
	static const char text[] =
		"lessons: { list: [ { from: 'items[].by', owner: man, id: id, name: name } ] }\n"
		"endpoints:\n"
		"  /items/:\n"
		"    fresh: 1h\n"
		"    params: { q: { type: text, required: yes } }\n"
		"    teaches:\n"
		"      - { from: 'all.items[]', thing: item, id: no, names: { id: no } }\n"
		"      - { from: 'all.items[]', as: /man/, ask: { name: by.name }, body: { id: by.id } }\n"
		"      - { as: /items/, ask: { q: by.name }, body: itself }\n"
		"      - { owner: man, id: id, name: '?q' }\n"
		"  /other/: { fresh: 1h, teaches: list }\n"
		"  /item/: { fresh: 1h, fields: { id: id }, params: { no: { type: id } }, thing: { kind: item, by: no } }\n"
		"  /man/: { fresh: 1h, fields: { id: id, x?: text }, params: { name: { type: username, required: yes, names: man } } }\n";
	struct fr_catalogue c;
	struct fr_errmsg why = { "" };
	const struct fr_lesson *l;

	(void)state;
	(void)read_catalogue(fr_str_of(text), &c, &why);
	assert_string_equal(why.s, "");
	assert_int_equal(c.rows[0].n_lessons, 4);
	l = c.rows[0].lessons;
	assert_int_equal(l[0].kind, FR_LESSON_PIECE);
	assert_int_equal(l[0].from.n, 2);
	assert_true(fr_str_is(l[0].from.at[0].name, "all") && !l[0].from.at[0].each);
	assert_true(fr_str_is(l[0].from.at[1].name, "items") && l[0].from.at[1].each);
	assert_int_equal(l[0].row, 2);
	assert_true(fr_str_is(l[0].thing, "item") && fr_str_is(l[0].id.from.at[0].name, "no"));
	assert_true(fr_str_is(l[0].names.at[0].as, "id") && fr_str_is(l[0].names.at[0].from.at[0].name, "no"));
	assert_int_equal(l[1].kind, FR_LESSON_ANSWER);
	assert_int_equal(l[1].row, 3);
	assert_true(!l[1].itself && l[1].body.n == 1 && l[1].body.at[0].from.n == 2);
	assert_true(l[2].itself && l[2].from.n == 0 && l[2].row == 0);
	assert_true(l[3].kind == FR_LESSON_OWNER && l[3].name.asked && fr_str_is(l[3].name.from.at[0].name, "q"));
	assert_int_equal(c.rows[1].n_lessons, 1);
	assert_true(fr_str_is(c.rows[1].lessons[0].thing, "man"));
	fr_arena_free(&c.mem);
}

/* "@" stands for two rows and the beginning of a third one's lesson, in line 3. */
static const char rows[] =
	"endpoints:\n"
	"  /man/: { fresh: 1h, fields: { id: id }, params: { name: { type: username, required: yes, names: man } } }\n"
	"  /x/: { fresh: 1h, params: { q: { type: text } }, teaches: [ ";

static const struct {
	const char *text, *says;
} bad[] = {
	{ "endpoints: { /x/: { fresh: 1h, fields: none } }", "c.yaml:1:40: /x/.fields: there is no shape 'none'" },
	{ "endpoints: { /x/: { fresh: 1h, fields: [] } }",
	  "c.yaml:1:40: /x/.fields: names and kinds are expected here, as { id: id, title?: text }" },
	{ "endpoints: { /x/: { fresh: 1h, fields: {} } }",
	  "c.yaml:1:40: /x/.fields: 1 to 64 fields are expected here, as `name: kind`" },
	{ "endpoints: { /x/: { fresh: 1h, fields: { a: txt } } }",
	  "c.yaml:1:45: /x/.fields.a: 'txt' is not one of text, id, number, flag, list, map, did you mean 'text'?" },
	{ "endpoints: { /x/: { fresh: 1h, fields: { a: text, a?: id } } }", "c.yaml:1:51: /x/.fields: 'a' is listed twice" },
	{ "endpoints: { /x/: { fresh: 1h, fields: { a: { b: { c: id } } } } }",
	  "c.yaml:1:50: /x/.fields.b: a kind is expected here, as text, id, number, flag, list, map" },
	{ "endpoints: { /x/: { fresh: 1h, fields: { '\"': id } } }",
	  "c.yaml:1:42: /x/.fields: a field's name has 1 to 63 bytes, none of them a quote or a backslash" },
	{ "endpoints: { /x/: { fresh: 1h, params: { a: { type: text, dates: yes } } } }",
	  "c.yaml:1:42: /x/.params.a: only an id tells the age of what it names (dates)" },
	{ "endpoints: { /x/: { fresh: 1h, params: { a: { type: text, names: '' } } } }",
	  "c.yaml:1:66: /x/.params.a.names: a word of 1 to 63 bytes is expected" },
	{ "endpoints: { /x/: { fresh: 1h, thing: item } }",
	  "c.yaml:1:39: /x/.thing: { kind: item, by: id } is expected, with a parameter's name" },
	{ "endpoints: { /x/: { fresh: 1h, thing: { kind: item, by: no } } }",
	  "c.yaml:1:57: /x/.thing: 'no' is no parameter of /x/" },
	{ "endpoints: { /x/: { fresh: 1h, params: { no: { type: id } }, thing: { kind: item, by: no } } }",
	  "c.yaml:1:69: /x/.thing: /x/ needs `fields`" },
	{ "@ ] }", "c.yaml:3:61: /x/.teaches: a list of 1 to 16 lessons is expected" },
	{ "@ a ] }", "c.yaml:3:64: /x/.teaches: a lesson is expected, as { from: items[], thing: kind, id: id }" },
	{ "@ {} ] }", "c.yaml:3:64: /x/.teaches: a lesson has one of as, thing, owner" },
	{ "@ { as: /man/, owner: man } ] }", "c.yaml:3:64: /x/.teaches: a lesson has one of as, thing, owner" },
	{ "@ { form: a } ] }", "c.yaml:3:66: /x/.teaches: unknown key 'form', did you mean 'from'?" },
	{ "@ { from: 'a[', owner: man, id: '' } ] }",
	  "c.yaml:3:72: /x/.teaches.from: 'a[' is no place in a body, as items[].owner" },
	{ "@ { from: 'a..b', owner: man } ] }", "c.yaml:3:72: /x/.teaches.from: 'a..b' is no place in a body, as items[].owner" },
	{ "@ { from: a.b.c.d.e, owner: man } ] }", "c.yaml:3:72: /x/.teaches.from: more than 4 steps" },
	{ "@ { owner: man, id: 'a[]', name: b } ] }", "c.yaml:3:82: /x/.teaches.id: 'a[]' is no place in a body, as owner.id" },
	{ "@ { owner: man, id: a } ] }", "c.yaml:3:64: /x/.teaches: name is missing" },
	{ "@ { owner: man, id: a, name: '?n' } ] }", "c.yaml:3:91: /x/.teaches.name: 'n' is no parameter of /x/" },
	{ "@ { owner: woman, id: a, name: b } ] }", "c.yaml:3:73: /x/.teaches: no parameter names a 'woman' (`names:`)" },
	{ "@ { thing: item, id: a } ] }", "c.yaml:3:73: /x/.teaches: no row answers all of a 'item' (`thing:`)" },
	{ "@ { as: /men/, ask: { name: a }, body: { id: b } } ] }", "c.yaml:3:70: /x/.teaches: there is no path '/men/'" },
	{ "@ { as: /man/, ask: { name: a } } ] }", "c.yaml:3:64: /x/.teaches: `as` needs `ask` and `body`" },
	{ "@ { as: /man/, ask: a, body: itself } ] }",
	  "c.yaml:3:82: /x/.teaches.ask: names and fields are expected here, as { id: owner.id }" },
	{ "@ { as: /man/, ask: { nam: a }, body: itself } ] }", "c.yaml:3:82: /x/.teaches: /man/ has no parameter 'nam'" },
	{ "@ { as: /x/, ask: { q: a }, body: { id: b } } ] }",
	  "c.yaml:3:96: /x/.teaches: /x/ needs `fields`, against which its answer is checked" },
	{ "@ { from: a, as: /x/, ask: { q: a }, body: itself } ] }",
	  "c.yaml:3:105: /x/.teaches: /x/ needs `fields`, against which its answer is checked" },
	{ "@ { as: /man/, ask: { name: a }, body: { no: b } } ] }", "c.yaml:3:101: /x/.teaches: 'no' is no field of /man/" },
	{ "endpoints: { /x/: { fresh: 1h, teaches: videos } }", "c.yaml:1:41: /x/.teaches: there are no lessons 'videos'" },
};

static void a_lesson_that_could_never_be_right_is_refused_with_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		bool short_form = bad[i].text[0] == '@';
		struct fr_errmsg why = { "" };
		struct fr_catalogue c;
		char text[512];

		snprintf(text, sizeof(text), "%s%s", short_form ? rows : "", bad[i].text + (short_form ? 1 : 0));
		assert_int_equal(read_catalogue(fr_str_of(text), &c, &why), FR_INVALID);
		if (strcmp(why.s, bad[i].says) != 0)
			fail_msg("%s\nsays     %s\nnot like %s", text, why.s, bad[i].says);
	}
}

/* upstream.md, section 4.2. */
static void the_built_in_rows_teach_what_is_known_of_the_api(void **state)
{
	static const struct {
		const char *path;
		size_t answers, pieces, owners;
	} expected[] = {
		{ "/userid/", 0, 0, 1 },
		{ "/userinfo-by-username/", 2, 0, 1 },
		{ "/userinfo-by-id/", 2, 0, 1 },
		{ "/user-posts/", 1, 2, 1 },
		{ "/user-liked/", 1, 2, 1 },
		{ "/user-stories/", 1, 2, 1 },
		{ "/music-posts/", 1, 2, 1 },
		{ "/challenge-posts/", 1, 2, 1 },
		{ "/playlist-posts/", 1, 2, 1 },
		{ "/collection-posts/", 1, 2, 1 },
		{ "/search-video/", 1, 2, 1 },
		{ "/post-detail/", 2, 1, 1 },
		{ "/post-comments/", 1, 0, 1 },
		{ "/post-comment-replies/", 1, 0, 1 },
		{ "/user-followers/", 1, 0, 1 },
		{ "/user-following/", 1, 0, 1 },
		{ "/search-user/", 1, 0, 1 },
		{ "/search-challenge/", 2, 0, 0 },
		{ "/challenge-info-id/", 1, 0, 0 },
		{ "/challenge-info-name/", 1, 0, 0 },
		{ "/music-info/", 0, 0, 0 },
	};
	struct fr_errmsg why;
	struct fr_conf *c;
	size_t taught = 0;

	(void)state;
	assert_int_equal(fr_conf_load(NULL, &c, &why), FR_OK);
	for (size_t i = 0; i < COUNT(expected); i++) {
		const struct fr_endpoint *e = fr_catalogue_find(&c->catalogue, fr_str_of(expected[i].path));
		size_t n[3] = { 0 };

		for (size_t l = 0; l < e->n_lessons; l++)
			n[e->lessons[l].kind]++;
		assert_int_equal(n[FR_LESSON_ANSWER], expected[i].answers);
		assert_int_equal(n[FR_LESSON_PIECE], expected[i].pieces);
		assert_int_equal(n[FR_LESSON_OWNER], expected[i].owners);
		taught += e->n_lessons;
	}
	for (size_t i = 0; i < c->catalogue.n; i++)
		taught -= c->catalogue.rows[i].n_lessons;
	assert_int_equal(taught, 0);
	assert_true(fr_str_is(fr_catalogue_of_thing(&c->catalogue, FR_STR("post"))->path, "/post-detail/"));
	assert_true(fr_str_is(fr_catalogue_of_thing(&c->catalogue, FR_STR("sound"))->path, "/music-info/"));
	fr_conf_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes_say_what_an_answer_is_made_of),
		cmocka_unit_test(lessons_may_speak_of_rows_that_come_later),
		cmocka_unit_test(a_lesson_that_could_never_be_right_is_refused_with_its_place),
		cmocka_unit_test(the_built_in_rows_teach_what_is_known_of_the_api),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
