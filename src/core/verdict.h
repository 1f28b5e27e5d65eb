/* verdict.h — what an upstream answer means, by its body as much as by its status (upstream.md, section 5).
 *
 * Most failures come as HTTP 200. The rules, in this order: a broken transfer; 429; 401, 402, 403; other statuses; then for a 200 the body: not JSON
 * or not an object, only a `message`, `status: error` or a `code` other than 0 with a `msg`, `gone_if_empty` fields all empty, mandatory
 * keys absent, null or "" (an "empty success"), else data. The texts that tell a lasting not-found from another error are the catalogue's. */
#ifndef FRUGAL_CORE_VERDICT_H
#define FRUGAL_CORE_VERDICT_H

#include "core/catalogue.h"
#include "frugal/types.h"

enum fr_verdict {
#define VERDICT(id, name, stored, failure, help) FR_VERDICT_##id,
#include "frugal/tbl/verdicts.def"
#undef VERDICT
	FR_VERDICTS
};

/* How the transfer ended. */
enum fr_transfer {
	FR_TRANSFER_DONE,
	FR_TRANSFER_TIMEOUT,
	FR_TRANSFER_NETWORK,   /* refused, reset, name not found, TLS */
	FR_TRANSFER_TRUNCATED, /* fewer bytes than announced */
	FR_TRANSFER_TOO_BIG
};

/* An upstream answer as the rules see it. All borrowed. */
struct fr_upstream_answer {
	enum fr_transfer transfer;
	bool sent;  /* the request, or a part of it, left this machine */
	int status; /* 0 if none came */
	struct fr_str body;
};

struct fr_judgement {
	enum fr_verdict verdict;
	bool billed;      /* costs the row's price */
	bool uncertain;   /* sent, but no status came: booked as spent, and said so */
	bool verbatim;    /* the body may be handed on as it came (JSON that a client of this API can read) */
	uint64_t post_id; /* what the row's `post_id` key says, 0 if nothing */
	char text[128];   /* the upstream's own message, printable, cut; "" if none */
};

/* Judges. `other` rows get only the status rules: their bodies are the client's business. */
struct fr_judgement fr_verdict_judge(const struct fr_catalogue *c, const struct fr_endpoint *e,
				     const struct fr_upstream_answer *a);

const char *fr_verdict_name(enum fr_verdict v);
bool fr_verdict_stored(enum fr_verdict v);
bool fr_verdict_failure(enum fr_verdict v);

#endif
