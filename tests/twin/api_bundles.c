/* api_bundles.c — playlists, collections, regions, ads. */
#include "mem.h"
#include "mix.h"
#include "paging.h"
#include "shape.h"

#include <stdlib.h>

struct owner {
	uint32_t user;
	bool collection;
};

static json_t *bundle_row(struct ask *a, void *cls, int64_t slot)
{
	const struct owner *o = cls;
	struct bundle b;

	bundle_get(a->w, o->user, o->collection, (int)slot, a->now, &b);
	return shape_bundle(a, &b);
}

static json_t *user_bundles(struct ask *a, bool collection, const char *key)
{
	struct owner o = { .collection = collection };

	if (!ask_user(a, true, &o.user))
		return NULL;
	return page_by_offset(a, key, bundle_count(a->w, o.user, collection), 0, bundle_row, &o, PAGE_PLAIN);
}

json_t *api_user_playlists(struct ask *a)
{
	return user_bundles(a, false, "playlists");
}

json_t *api_user_collections(struct ask *a)
{
	return user_bundles(a, true, "collections");
}

static bool ask_bundle(struct ask *a, bool collection, struct bundle *ret)
{
	int64_t id = ask_number(a, collection ? "collection_id" : "playlist_id", 0);

	if (bundle_by_id(a->w, (uint64_t)id, collection, a->now, ret))
		return true;
	ask_fail(a, collection ? "Not found collection" : "Not found playlist");
	return false;
}

json_t *api_playlist_info(struct ask *a)
{
	struct bundle b;

	return ask_bundle(a, false, &b) ? shape_bundle(a, &b) : NULL;
}

json_t *api_collection_info(struct ask *a)
{
	struct bundle b;

	return ask_bundle(a, true, &b) ? shape_bundle(a, &b) : NULL;
}

static json_t *bundle_videos(struct ask *a, bool collection)
{
	struct bundle b;
	struct post *all;
	size_t n = 0;
	json_t *page;

	if (!ask_bundle(a, collection, &b))
		return NULL;
	all = mem_new((size_t)b.slots * sizeof *all);
	for (int64_t i = 0; i < b.slots; i++)
		n += bundle_post(a->w, &b, i, a->now, &all[n]);
	page = page_of_posts(a, all, n, b.salt, PAGE_PLAIN);
	free(all);
	return page;
}

json_t *api_playlist_posts(struct ask *a)
{
	return bundle_videos(a, false);
}

json_t *api_collection_posts(struct ask *a)
{
	return bundle_videos(a, true);
}

json_t *api_region_list(struct ask *a)
{
	static const char *const regions[][2] = { { "US", "United States" }, { "JP", "Japan" },          { "DE", "Germany" },
						  { "TR", "Türkiye" },       { "CI", "Côte d'Ivoire" },  { "BR", "Brazil" },
						  { "FR", "France" },        { "GB", "United Kingdom" }, { "MX", "Mexico" },
						  { "ES", "Spain" },         { "IT", "Italy" },          { "KR", "South Korea" },
						  { "ID", "Indonesia" },     { "VN", "Vietnam" },        { "CW", "Curaçao" },
						  { "RE", "Réunion" },       { "PL", "Poland" },         { "EG", "Egypt" } };
	json_t *j = mem_json(json_object());

	(void)a;
	for (size_t i = 0; i < sizeof regions / sizeof regions[0]; i++)
		json_object_set_new(j, regions[i][0], mem_json(json_string(regions[i][1])));
	return j;
}

/* Any ad with an id of at least six digits exists, but for one in ten, which have run out. */
json_t *api_ads_detail(struct ask *a)
{
	static const char *const brands[] = { "Acme", "Kahve & Co", "Müller", "花屋" };
	static const char *const industries[] = { "Beauty & Personal Care", "Games", "Food / Beverage" };
	uint64_t id, h;
	json_t *j, *video;

	if (!input_ad(ask_text(a, "url"), &id)) {
		a->unparsable = true;
		return NULL;
	}
	h = world_salt(a->w, SALT_AD, id);
	if (id < 100000 || mix(h, 1) % 10 == 0)
		return ask_fail(a, "Not found ads");
	video = mem_json(json_pack("{sI so so}", "duration", (json_int_t)mix_pick(mix(h, 2), 6, 60), "cover",
				   link_cover(&a->links, h), "video_url", link_media(&a->links, MEDIUM_PLAY, h)));
	j = mem_json(json_pack("{so ss ss ss ss ss ss}", "id", shape_id(id), "ad_title", "Try it now", "brand_name",
			       brands[mix(h, 3) % 4], "industry", industries[mix(h, 4) % 3], "objective", "traffic",
			       "landing_page", "https://example.com/landing", "country_code", "US"));
	json_object_update_new(j, mem_json(json_pack("{sI sI sI so}", "like", (json_int_t)mix_pick(mix(h, 5), 0, 90000),
						     "comment", (json_int_t)mix_pick(mix(h, 6), 0, 900), "share",
						     (json_int_t)mix_pick(mix(h, 7), 0, 900), "video_info", video)));
	return j;
}
