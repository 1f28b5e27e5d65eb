#include "conf/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/str.h"
#include "conf/alerts.h"
#include "conf/budgets.h"
#include "conf/builtin.h"
#include "conf/bundles.h"
#include "conf/catalogue.h"
#include "conf/check.h"
#include "conf/clients.h"
#include "conf/endpoints.h"
#include "conf/tiers.h"
#include "conf/tree.h"

static enum fr_err unreadable(const struct fr_source *s, struct fr_mark at, const char *file, int error)
{
	if (at.line == 0)
		fr_complain(s, at, "cannot be read: %s", strerror(error));
	else
		fr_complain(s, at, "catalogue: %s cannot be read: %s", fr_complain_excerpt(fr_str_of(file)).s, strerror(error));
	return FR_IO;
}

/* A file's bytes, up to a few more than a tree takes, so that a longer file is refused there. `s` and `at`: where it was named. */
static enum fr_err slurp(const char *file, const struct fr_source *s, struct fr_mark at, struct fr_buf *ret)
{
	char piece[8192];
	size_t n = 1;
	FILE *f = fopen(file, "r");
	int error;

	if (f == NULL)
		return unreadable(s, at, file, errno);
	errno = 0;
	while (n > 0 && ret->len <= FR_TREE_TEXT_MAX) {
		n = fread(piece, 1, sizeof(piece), f);
		FR_ASSERT(fr_buf_add(ret, piece, n) == FR_OK);
	}
	error = ferror(f) != 0 ? (errno != 0 ? errno : EIO) : 0;
	(void)fclose(f); /* it was only read */
	return error == 0 ? FR_OK : unreadable(s, at, file, error);
}

static enum fr_err read_catalogue(const struct fr_source *s, struct fr_str text, struct fr_catalogue *ret)
{
	struct fr_tree tree;
	enum fr_err e = fr_tree_read(s, text, &tree);

	if (e != FR_OK)
		return e;
	e = fr_catalogue_read(s, tree.root, ret);
	fr_tree_free(&tree);
	return e;
}

/* The operator's file, or the built-in text. */
static enum fr_err choose_catalogue(const struct fr_source *s, struct fr_conf *c)
{
	const char *file = c->settings.catalogue.s;
	struct fr_source inner = { file, s->why };
	struct fr_buf text;
	enum fr_err e;

	if (file[0] == '\0') {
		inner.name = "built-in catalogue";
		return read_catalogue(&inner, (struct fr_str){ fr_catalogue_yaml, fr_catalogue_yaml_len }, &c->catalogue);
	}
	fr_buf_init(&text, 2 * FR_TREE_TEXT_MAX);
	e = slurp(file, s, c->marks.at[FR_ROW_catalogue], &text);
	if (e == FR_OK)
		e = read_catalogue(&inner, fr_buf_str(&text), &c->catalogue);
	fr_buf_free(&text);
	return e;
}

static enum fr_err read_all(const struct fr_source *s, const struct fr_node *root, struct fr_conf *c)
{
	enum fr_err e = fr_settings_read(s, root, &c->settings, &c->marks);

	if (e == FR_OK)
		e = fr_check(s, &c->settings, &c->marks);
	if (e == FR_OK)
		e = choose_catalogue(s, c);
	fr_roster_init(&c->roster, c->settings.may_refresh);
	if (e == FR_OK)
		e = fr_endpoints_lay(s, fr_tree_get(root, "endpoints"), &c->catalogue);
	if (e == FR_OK)
		e = fr_bundles_lay(s, fr_tree_get(root, "bundles"), &c->catalogue);
	if (e == FR_OK)
		e = fr_tiers_read(s, fr_tree_get(root, "tiers"), c);
	if (e == FR_OK)
		e = fr_clients_read(s, fr_tree_get(root, "clients"), c);
	if (e == FR_OK)
		e = fr_budgets_read(s, fr_tree_get(root, "budgets"), c);
	if (e == FR_OK)
		e = fr_alerts_read(s, fr_tree_get(root, "alerts"), c);
	if (e == FR_OK)
		e = fr_check_reach(s, root, &c->settings, &c->roster);
	return e;
}

enum fr_err fr_conf_parse(struct fr_str text, const char *name, struct fr_conf **ret, struct fr_errmsg *why)
{
	struct fr_source s = { name, why };
	struct fr_conf *c;
	struct fr_tree tree;
	enum fr_err e = fr_tree_read(&s, text, &tree);

	if (e != FR_OK)
		return e;
	c = fr_calloc(1, sizeof(*c));
	e = read_all(&s, tree.root, c);
	fr_tree_free(&tree);
	if (e == FR_OK)
		*ret = c;
	else
		fr_conf_free(c);
	return e;
}

enum fr_err fr_conf_load(const char *file, struct fr_conf **ret, struct fr_errmsg *why)
{
	struct fr_source s = { file, why };
	struct fr_buf text;
	enum fr_err e;

	if (file == NULL)
		return fr_conf_parse(FR_STR(""), "defaults", ret, why);
	fr_buf_init(&text, 2 * FR_TREE_TEXT_MAX);
	e = slurp(file, &s, (struct fr_mark){ 0, 0 }, &text);
	if (e == FR_OK)
		e = fr_conf_parse(fr_buf_str(&text), file, ret, why);
	fr_buf_free(&text);
	return e;
}

bool fr_conf_renumber(struct fr_conf *fresh, const struct fr_roster *old)
{
	char tenants[FR_BUDGETS_MAX][FR_NAME_MAX];

	for (size_t i = 0; i < fresh->budgets.n; i++)
		if (fresh->budgets.at[i].scope == FR_SCOPE_TENANT)
			memcpy(tenants[i], fresh->roster.tenants[fresh->budgets.at[i].subject].name, FR_NAME_MAX);
	if (!fr_roster_renumber(&fresh->roster, old))
		return false;
	for (size_t i = 0; i < fresh->budgets.n; i++)
		if (fresh->budgets.at[i].scope == FR_SCOPE_TENANT)
			fresh->budgets.at[i].subject = fr_roster_tenant(&fresh->roster, fr_str_of(tenants[i]));
	return true;
}

void fr_conf_free(struct fr_conf *c)
{
	if (c == NULL)
		return;
	fr_arena_free(&c->catalogue.mem);
	free(c);
}
