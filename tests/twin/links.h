/* links.h — signed links as in upstream.md 3.15, new for every answer.
 *
 * Media links carry their expiry (issue + 6 h) as hex in the second path segment and their issue in `l=`; image
 * links carry `x-expires=`, a full hour about 23.5 h (covers) or 47.5 h (avatars) ahead. The host's shard, the
 * signature and `l=` come from a nonce, so two fetches of one thing never have the same bytes. A judge finds the second of issue
 * in both: in `l=`, and in the first eight letters of `x-signature`. */
#ifndef TWIN_LINKS_H
#define TWIN_LINKS_H

#include <jansson.h>
#include <stdint.h>

struct linker {
	uint64_t nonce; /* moves with every link */
	int64_t now;    /* unix seconds of issue */
};

enum { LINK_MEDIA_S = 6 * 3600, LINK_COVER_S = 84600, LINK_AVATAR_S = 171000 };

enum medium { MEDIUM_PLAY, MEDIUM_WATERMARK, MEDIUM_HD, MEDIUM_SOUND };

/* New JSON strings; the caller owns them. `asset` names the thing that the link leads to. */
json_t *link_media(struct linker *l, enum medium medium, uint64_t asset);
json_t *link_cover(struct linker *l, uint64_t asset);
json_t *link_avatar(struct linker *l, uint64_t asset, int size);
/* 20 hex digits that differ each time: a request id. out has 21 bytes. */
void link_noise(struct linker *l, char *out);

#endif
