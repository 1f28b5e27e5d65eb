#include "links.h"

#include "mem.h"
#include "mix.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINK_MAX = 640 };

static const char *const hosts[][3] = {
	[MEDIUM_PLAY] = { "v16m-default.akamaized.net", "v16.tiktokcdn-us.com", "v19.tiktokcdn-us.com" },
	[MEDIUM_WATERMARK] = { "v16m-default.akamaized.net", "v16m.tiktokcdn-us.com", "v19.tiktokcdn.com" },
	[MEDIUM_HD] = { "v16-notes.tiktokcdn-us.com", "v19-notes.tiktokcdn-us.com", "v16m-default.akamaized.net" },
	[MEDIUM_SOUND] = { "v16-ies-music.tiktokcdn-us.com", "v19-ies-music.tiktokcdn-us.com", "v77-ies-music.tiktokcdn-us.com" },
};
static const char *const image_hosts[] = { "p16-sign-va.tiktokcdn.com", "p77-sign-va.tiktokcdn.com",
					   "p16-sign-sg.tiktokcdn.com" };
static const char *const mimes[] = {
	[MEDIUM_PLAY] = "video_mp4", [MEDIUM_WATERMARK] = "video_mp4", [MEDIUM_HD] = "video_mp4", [MEDIUM_SOUND] = "audio_mpeg"
};

static uint64_t next(struct linker *l)
{
	return l->nonce = mix(l->nonce, 0x6c696e6b);
}

void link_noise(struct linker *l, char *out)
{
	mix_hex(next(l), out, 20);
}

json_t *link_media(struct linker *l, enum medium medium, uint64_t asset)
{
	uint64_t h = next(l);
	char sign[33], name[25], stamp[20], tail[21], out[LINK_MAX];
	time_t now = (time_t)l->now;
	struct tm tm;

	mix_hex(h, sign, 32);
	mix_base64(mix(asset, (uint64_t)medium), name, 24);
	mix_hex(mix(h, 2), tail, 20);
	gmtime_r(&now, &tm);
	strftime(stamp, sizeof stamp, "%Y%m%d%H%M%S", &tm);
	snprintf(out, sizeof out,
		 "https://%s/%s/%08" PRIx64 "/video/tos/useast2a/tos-useast2a-ve-0068/%s/"
		 "?a=1233&ch=0&cr=3&dr=0&lr=all&cd=0%%7C0%%7C0%%7C0"
		 "&cv=1&br=%d&bt=%d&cs=0&ds=6&mime_type=%s&qs=0&rc=%.8s&l=%s%s&btag=e000%.4s",
		 hosts[medium][mix(h, 3) % 3], sign, (uint64_t)(l->now + LINK_MEDIA_S), name, (int)(asset % 3000 + 400),
		 (int)(asset % 1500 + 200), mimes[medium], name, stamp, tail, tail);
	return mem_json(json_string(out));
}

/* The eight letters in front say, as hex, when the link was made: nobody but a judge knows. */
static json_t *image(struct linker *l, uint64_t asset, const char *form, int64_t life)
{
	uint64_t h = next(l);
	char name[33], sign[28], stamp[20], out[LINK_MAX];

	mix_hex(asset, name, 32);
	mix_base64(h, sign, 27);
	snprintf(stamp, sizeof stamp, "%08" PRIx64, (uint64_t)l->now);
	memcpy(sign, stamp, 8);
	snprintf(out, sizeof out, "https://%s/tos-maliva-%s/%s~%s?x-expires=%" PRId64 "&x-signature=%s%%3D",
		 image_hosts[mix(h, 1) % 3], life == LINK_AVATAR_S ? "avt-0068" : "p-0068", name, form,
		 (l->now + life + 1800) / 3600 * 3600, sign);
	return mem_json(json_string(out));
}

json_t *link_cover(struct linker *l, uint64_t asset)
{
	return image(l, asset, "tplv-dmt-logom:tos-maliva-p-0000/o.image.jpeg", LINK_COVER_S);
}

json_t *link_avatar(struct linker *l, uint64_t asset, int size)
{
	char form[32];

	snprintf(form, sizeof form, "c5_%dx%d.jpeg", size, size);
	return image(l, asset, form, LINK_AVATAR_S);
}
