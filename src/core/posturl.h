/* posturl.h — the many spellings of one post, sound or ad (upstream.md, section 4.4).
 *
 * A post is named by its decimal id. Short links name a post too, but only the upstream can tell which: they are folded to one
 * spelling of their own ("vm.tiktok.com/ZMabc") and their id is learnt from the first answer. */
#ifndef FRUGAL_CORE_POSTURL_H
#define FRUGAL_CORE_POSTURL_H

#include "base/arena.h"
#include "frugal/types.h"

enum fr_post_form {
	FR_POST_ID,     /* id is set */
	FR_POST_SHORT,  /* text is the folded short link */
	FR_POST_OTHER,  /* a URL or text of a form that is not known: text is as it came, trimmed */
	FR_POST_INVALID /* empty, or holds control characters */
};

struct fr_post_ref {
	enum fr_post_form form;
	uint64_t id;
	struct fr_str text;
};

/* `url` is percent-decoded once already. Text results live in the arena or borrow from `url`. */
struct fr_post_ref fr_posturl_read(struct fr_arena *mem, struct fr_str url);

/* The value that stands for the post in a question: "<id>", "short:<folded short link>", or the text. A client's own text that
 * starts like one of our names ("short:", "music:", "ad:", "text:") gets "text:" before it, so that it cannot pass for one.
 * Lives in the arena or borrows from `ref`. */
struct fr_str fr_posturl_canon(struct fr_arena *mem, const struct fr_post_ref *ref);

/* "music:<id>" for a sound's link or "<id>" / short link / as it came, as above. */
struct fr_str fr_posturl_media(struct fr_arena *mem, struct fr_str url);

/* "ad:<id>" for a Creative Center link, else as it came. */
struct fr_str fr_posturl_ad(struct fr_arena *mem, struct fr_str url);

/* The moment a post or comment was made, from the upper half of its id (upstream.md, section 4.3); 0 if it cannot be one
 * (before 2014 or after 2100). */
fr_wall fr_posturl_created(uint64_t id);

#endif
