/* shape.h — entities as JSON, in the shapes of upstream.md section 3. All return new references. */
#ifndef TWIN_SHAPE_H
#define TWIN_SHAPE_H

#include "ask.h"
#include "bundle.h"
#include "post.h"
#include "theme.h"

enum video_form { VIDEO_ROW, VIDEO_DETAIL }; /* 3.3, 3.4 */

json_t *shape_id(uint64_t id);
json_t *shape_video(struct ask *a, const struct post *p, enum video_form form);
json_t *shape_profile(struct ask *a, uint32_t no);                 /* {user, stats}: 3.2 */
json_t *shape_follower(struct ask *a, uint32_t no, bool counters); /* 3.6; counters 0 when not wanted */
json_t *shape_sound(struct ask *a, uint32_t no, bool video_count); /* 3.10; the embedded one lacks video_count */
json_t *shape_tag(struct ask *a, uint32_t no);                     /* 3.8 */
json_t *shape_bundle(struct ask *a, const struct bundle *b);
json_t *shape_comment(struct ask *a, const struct post *p, const struct comment *c, bool reply); /* 3.7 */

#endif
