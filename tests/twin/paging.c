#include "paging.h"

#include "mem.h"
#include "mix.h"
#include "shape.h"

enum { RUN = 12 };

static bool hole(uint64_t salt, int64_t slot)
{
	return salt != 0 && slot >= RUN && mix(salt, (uint64_t)(slot / RUN)) % 19 == 0;
}

/* Takes the row. True when it shows. */
static bool add_row(json_t *rows, json_t *taken)
{
	bool shows = !json_is_null(taken);

	if (shows)
		json_array_append_new(rows, taken);
	else
		json_decref(taken);
	return shows;
}

json_t *page_by_offset(struct ask *a, const char *key, int64_t total, uint64_t salt, slot_fn row, void *cls,
		       enum page_style style)
{
	json_t *rows = mem_json(json_array()), *page = mem_json(json_object());
	int64_t end = a->cursor;
	bool more;

	if (a->cursor < total)
		end = a->count < total - a->cursor ? a->cursor + a->count : total;
	for (int64_t i = a->cursor; i < end; i++) {
		json_t *j = hole(salt, i) ? NULL : row(a, cls, i);

		if (j != NULL)
			add_row(rows, j);
	}
	more = end < total;
	json_object_set_new(page, key, rows);
	json_object_set_new(page, "cursor", json_integer((json_int_t)end));
	json_object_set_new(page, "hasMore", style == PAGE_FLAG_AS_INT ? json_integer(more) : json_boolean(more));
	return page;
}

static json_t *post_row(struct ask *a, void *cls, int64_t slot)
{
	const struct post *all = cls;

	return shape_video(a, &all[slot], VIDEO_ROW);
}

json_t *page_of_posts(struct ask *a, struct post *all, size_t n, uint64_t salt, enum page_style style)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (post_visible(a->w, &all[i], a->now))
			all[kept++] = all[i];
	return page_by_offset(a, "videos", (int64_t)kept, salt, post_row, all, style);
}

struct stretch page_by_time(struct ask *a, const struct schedule *s, int64_t before, int64_t count, slot_fn row, void *cls)
{
	struct stretch got = { .rows = mem_json(json_array()) };
	int64_t k = schedule_before(s, before) - 1, slots = 0;

	for (; k >= 0 && slots < count; k--) {
		json_t *j = row(a, cls, k);

		if (j == NULL)
			continue;
		slots++;
		if (add_row(got.rows, j) || json_array_size(got.rows) == 0)
			got.last = schedule_time(s, k);
	}
	got.more = k >= 0;
	return got;
}
