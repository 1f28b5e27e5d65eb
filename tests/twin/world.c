#include "world.h"

#include "mem.h"
#include "mix.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

uint64_t world_salt(const struct world *w, enum salt kind, uint64_t no)
{
	return mix(mix(w->seed, (uint64_t)kind), no);
}

void world_restore(struct world *w)
{
	uint64_t seed = w->seed;

	free(w->gone_posts);
	free(w->gone_users);
	free(w->renamed);
	free(w->unlike);
	memset(w, 0, sizeof *w);
	w->seed = seed;
}

bool world_user_gone(const struct world *w, uint32_t no)
{
	for (size_t i = 0; i < w->n_gone_users; i++)
		if (w->gone_users[i] == no)
			return true;
	return false;
}

bool world_post_gone(const struct world *w, uint64_t id)
{
	for (size_t i = 0; i < w->n_gone_posts; i++)
		if (w->gone_posts[i] == id)
			return true;
	return false;
}

void world_remove_post(struct world *w, uint64_t id, bool gone)
{
	size_t i = 0;

	while (i < w->n_gone_posts && w->gone_posts[i] != id)
		i++;
	if (gone && i == w->n_gone_posts) {
		w->gone_posts = mem_resize(w->gone_posts, (i + 1) * sizeof *w->gone_posts);
		w->gone_posts[w->n_gone_posts++] = id;
	} else if (!gone && i < w->n_gone_posts) {
		w->gone_posts[i] = w->gone_posts[--w->n_gone_posts];
	}
}

void world_remove_user(struct world *w, uint32_t no, bool gone)
{
	size_t i = 0;

	while (i < w->n_gone_users && w->gone_users[i] != no)
		i++;
	if (gone && i == w->n_gone_users) {
		w->gone_users = mem_resize(w->gone_users, (i + 1) * sizeof *w->gone_users);
		w->gone_users[w->n_gone_users++] = no;
	} else if (!gone && i < w->n_gone_users) {
		w->gone_users[i] = w->gone_users[--w->n_gone_users];
	}
}

void world_rename(struct world *w, uint32_t no, const char *handle)
{
	size_t i = 0;

	while (i < w->n_renamed && w->renamed[i].user != no)
		i++;
	if (i == w->n_renamed) {
		w->renamed = mem_resize(w->renamed, (i + 1) * sizeof *w->renamed);
		w->n_renamed++;
	}
	memset(&w->renamed[i], 0, sizeof w->renamed[i]);
	w->renamed[i].user = no;
	strncpy(w->renamed[i].handle, handle, HANDLE_MAX - 1);
}

void world_hide_user(struct world *w, uint32_t no, bool hidden)
{
	size_t i = 0;

	if (user_private(w, no) == hidden)
		return;
	while (i < w->n_unlike && w->unlike[i] != no)
		i++;
	if (i < w->n_unlike) {
		w->unlike[i] = w->unlike[--w->n_unlike];
		return;
	}
	w->unlike = mem_resize(w->unlike, (i + 1) * sizeof *w->unlike);
	w->unlike[w->n_unlike++] = no;
}

void world_sign(const struct world *w, char *text, size_t size)
{
	size_t n = strlen(text);

	if (w->edition != 0)
		snprintf(text + n, size - n, " %" PRId64, w->edition);
}
