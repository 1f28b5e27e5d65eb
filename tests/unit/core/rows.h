/* rows.h — a small catalogue made by hand, with one row for each way in which parameters fold. */
#ifndef FRUGAL_TEST_ROWS_H
#define FRUGAL_TEST_ROWS_H

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "core/catalogue.h"

static inline struct fr_endpoint *row_add(struct fr_catalogue *c, const char *path)
{
	struct fr_endpoint *e = &c->rows[c->n];

	e->path = fr_str_of(path);
	e->price = 1;
	e->index = c->n++;
	e->fresh = FR_HOURS(1);
	e->stale = FR_HOURS(1);
	e->rescue = FR_DAYS(1);
	e->negative = FR_MINUTES(10);
	e->negative_max = FR_DAYS(1);
	return e;
}

static inline struct fr_param *param_add(struct fr_endpoint *e, const char *name, enum fr_fold fold)
{
	struct fr_param *p = &e->params[e->n_params++];

	p->name = fr_str_of(name);
	p->fold = fold;
	return p;
}

static inline void param_required(struct fr_endpoint *e, const char *name, enum fr_fold fold)
{
	param_add(e, name, fold)->required = true;
}

static inline struct fr_param *param_default(struct fr_endpoint *e, const char *name, enum fr_fold fold, const char *dflt)
{
	struct fr_param *p = param_add(e, name, fold);

	p->has_default = true;
	p->dflt = fr_str_of(dflt);
	return p;
}

static inline void param_page(struct fr_endpoint *e, int64_t max)
{
	param_default(e, "count", FR_FOLD_COUNT, "10")->max = max;
	param_default(e, "cursor", FR_FOLD_CURSOR, "0")->page = true;
}

static inline void rows_of_posts(struct fr_catalogue *c)
{
	struct fr_endpoint *e = row_add(c, "/user-posts/");

	param_required(e, "userid", FR_FOLD_ID);
	param_page(e, 35);
	e->group = FR_STR("feed");
	e->fresh_deep = FR_DAYS(1);
	e->paging = FR_PAGING_TIME;
	e->rows = FR_STR("videos");
	e->cursor = FR_STR("cursor");
	e->more = FR_STR("hasMore");

	e = row_add(c, "/post-detail/");
	param_required(e, "url", FR_FOLD_POST);
	e->post_id = FR_STR("id");
	e->links = FR_LINKS_REQUIRED;
	e->n_steps = 2;
	e->steps[0] = (struct fr_age_step){ FR_HOURS(1), FR_MINUTES(5) };
	e->steps[1] = (struct fr_age_step){ FR_MS(INT64_MAX), FR_DAYS(1) };
	e->mandatory.at[e->mandatory.n++] = FR_STR("id");
	e->counters.at[e->counters.n++] = FR_STR("play_count");
	e->counters.at[e->counters.n++] = FR_STR("digg_count");

	e = row_add(c, "/post-comments/");
	param_required(e, "url", FR_FOLD_POST);
	param_page(e, 50);
	(void)param_add(e, "note", FR_FOLD_TEXT);

	param_required(row_add(c, "/download-music/"), "url", FR_FOLD_MEDIA);
	param_required(row_add(c, "/ads-detail/"), "url", FR_FOLD_AD);
}

/* Release with rows_free(). */
static inline struct fr_catalogue *rows_new(void)
{
	struct fr_catalogue *c = fr_calloc(1, sizeof(*c));
	struct fr_endpoint *e;

	param_required(row_add(c, "/userid/"), "username", FR_FOLD_USERNAME);
	rows_of_posts(c);

	e = row_add(c, "/user-followers/");
	param_required(e, "userid", FR_FOLD_ID);
	param_default(e, "count", FR_FOLD_COUNT, "50");
	param_default(e, "time", FR_FOLD_NUMBER, "0")->page = true;

	e = row_add(c, "/search-video/");
	param_required(e, "keyword", FR_FOLD_TEXT);
	param_page(e, 35);
	param_default(e, "publish_time", FR_FOLD_NUMBER, "0");
	param_default(e, "sort_by", FR_FOLD_NUMBER, "0");
	param_default(e, "region", FR_FOLD_REGION, "");

	param_required(row_add(c, "/challenge-info-name/"), "name", FR_FOLD_TAG);
	(void)row_add(c, "/region-list/");
	row_add(c, "other")->is_other = true;
	return c;
}

static inline void rows_free(struct fr_catalogue *c)
{
	free(c);
}

#endif
