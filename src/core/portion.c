#include "core/portion.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/canon.h"
#include "core/query.h"
#include "base/pure.h"

enum { NUMBER_MAX = 24 };

bool fr_portion_params(const struct fr_endpoint *row, struct fr_page_params *ret)
{
	ret->count = ret->cursor = NULL;
	for (size_t i = 0; row->paging != FR_PAGING_NONE && i < row->n_params; i++) {
		const struct fr_param *p = &row->params[i];

		if (p->fold == FR_FOLD_COUNT)
			ret->count = p;
		else if (p->fold == FR_FOLD_CURSOR && p->page && fr_str_is(p->dflt, "0"))
			ret->cursor = p;
	}
	return ret->cursor != NULL;
}

static bool find_params(const struct fr_endpoint *row, struct fr_page_params *ret)
{
	bool told = row->paging == FR_PAGING_OFFSET || row->at.n > 0;

	if (!row->blocks || !told || row->rows.n == 0 || row->cursor.n == 0 || row->more.n == 0 || !fr_portion_params(row, ret))
		return false;
	return ret->count != NULL && ret->count->has_default && ret->count->max > 0 && ret->count->max <= FR_BLOCK_ROWS_MAX;
}

bool fr_portion_known(const struct fr_endpoint *row)
{
	struct fr_page_params p;

	return find_params(row, &p);
}

/* All but the count and the cursor, and who shares it. */
static struct fr_key key_of(const struct fr_endpoint *row, struct fr_str canon, struct fr_str list)
{
	struct fr_str partition = fr_str_skip(canon, fr_str_find(canon, '#'));
	struct fr_key key = fr_hash128(row->index, list.p, list.n);

	key.hi ^= partition.n == 0 ? 0 : fr_hash64(row->index, partition.p, partition.n);
	return key;
}

bool fr_portion_place(const struct fr_endpoint *row, struct fr_str canon, struct fr_page_place *ret)
{
	struct fr_str rest = fr_canon_query(canon), name, value, cursor = { NULL, 0 }, count = { NULL, 0 };
	char list[FR_CANON_MAX], *to = list;
	struct fr_page_params p;

	if (!fr_portion_params(row, &p) || canon.n > sizeof(list))
		return false;
	while (fr_canon_next(&rest, &name, &value)) {
		if (fr_query_encoded_is(name, p.cursor->name)) {
			cursor = value;
		} else if (p.count != NULL && fr_query_encoded_is(name, p.count->name)) {
			count = value;
		} else {
			memcpy(to, name.p, name.n + 1 + value.n); /* with the '=' between them */
			to += name.n + 1 + value.n;
			*to++ = '&';
		}
	}
	FR_ASSERT(to <= list + sizeof(list));
	*ret = (struct fr_page_place){ .list = key_of(row, canon, (struct fr_str){ list, (size_t)(to - list) }) };
	if (!fr_str_to_u64(count, &ret->count))
		ret->count = 0;
	return fr_str_to_u64(cursor, &ret->cursor);
}

bool fr_portion_read(const struct fr_endpoint *row, struct fr_str canon, struct fr_portion *ret)
{
	struct fr_page_params p;
	struct fr_page_place at;

	if (!find_params(row, &p) || !fr_portion_place(row, canon, &at) || at.count == 0 || at.count > (uint64_t)p.count->max)
		return false;
	*ret = (struct fr_portion){ .cursor = at.cursor, .count = at.count, .max = (uint64_t)p.count->max, .list = at.list };
	return true;
}

uint64_t fr_portion_start(const struct fr_endpoint *row, const struct fr_portion *p)
{
	return row->paging == FR_PAGING_OFFSET ? p->cursor - p->cursor % p->max : p->cursor;
}

static char *append(char *to, struct fr_str s)
{
	memcpy(to, s.p, s.n);
	return to + s.n;
}

static char *append_number(char *to, const struct fr_param *p, uint64_t n)
{
	char text[NUMBER_MAX];

	to = fr_query_encode(to, p->name);
	(void)snprintf(text, sizeof(text), "=%" PRIu64, n);
	return append(to, fr_str_of(text));
}

static size_t room_for(const struct fr_param *p)
{
	return 1 + fr_query_encoded_size(p->name) + NUMBER_MAX;
}

/* The target as it was asked for, with another count and cursor. */
static enum fr_err write_target(struct fr_arena *mem, const struct fr_question *q, const struct fr_page_params *p,
				uint64_t cursor, struct fr_str *ret, struct fr_refusal *why)
{
	bool count_put = false, cursor_put = cursor == 0;
	struct fr_query query;
	struct fr_pairs pairs;
	enum fr_err e = fr_query_split(mem, q->upstream, &query, why);
	uint64_t was;
	char *text, *to;

	if (e == FR_OK)
		e = fr_query_pairs(mem, &query, &pairs, why);
	if (e != FR_OK)
		return e;
	text = to = fr_arena_take(mem, q->upstream.n + room_for(p->count) + room_for(p->cursor));
	if (text == NULL)
		return fr_query_full(why);
	to = append(to, q->endpoint->path);
	for (size_t i = 0; i < pairs.n; i++) {
		*to++ = i == 0 ? '?' : '&';
		if (fr_str_eq(pairs.at[i].name, p->count->name)) {
			to = append_number(to, p->count, (uint64_t)p->count->max);
			count_put = true;
		} else if (fr_str_eq(pairs.at[i].name, p->cursor->name) &&
			   (!fr_str_to_u64(pairs.at[i].value, &was) || was != cursor)) {
			to = append_number(to, p->cursor, cursor);
			cursor_put = true;
		} else {
			to = append(to, pairs.at[i].raw);
			cursor_put = cursor_put || fr_str_eq(pairs.at[i].name, p->cursor->name);
		}
	}
	if (!count_put) {
		*to++ = pairs.n == 0 ? '?' : '&';
		to = append_number(to, p->count, (uint64_t)p->count->max);
	}
	if (!cursor_put) {
		*to++ = '&';
		to = append_number(to, p->cursor, cursor);
	}
	*ret = (struct fr_str){ text, (size_t)(to - text) };
	return FR_OK;
}

enum fr_err fr_portion_enlarge(struct fr_arena *mem, const struct fr_catalogue *c, const struct fr_question *q, uint64_t cursor,
			       bool validate, struct fr_question *ret)
{
	struct fr_refusal why;
	struct fr_question large;
	struct fr_str target;
	struct fr_page_params p;
	enum fr_err e;

	FR_ASSERT(find_params(q->endpoint, &p));
	e = write_target(mem, q, &p, cursor, &target, &why);
	if (e == FR_OK)
		e = fr_question_read(mem, c, target, q->partition, validate, &large, &why);
	if (e == FR_OK && large.alias.n > 0)
		e = q->alias.n == 0 && q->post_id != 0 ? fr_question_resolve(mem, c, &large, q->post_id, &large) : FR_INVALID;
	if (e == FR_OK)
		*ret = large;
	return e;
}
