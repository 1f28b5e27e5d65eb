/* explain.h — `frugald --explain URL`: what frugald makes of a target, in words. */
#ifndef FRUGAL_CORE_EXPLAIN_H
#define FRUGAL_CORE_EXPLAIN_H

#include "base/buf.h"
#include "core/catalogue.h"
#include "core/question.h"

/* Endpoint, key, canonical text, parameters with what they folded to, times, verdict rules, what the upstream is sent. `url` may be a target ("/…") or a whole URL (its
 * scheme and host are dropped). FR_INVALID if the question is refused; the text then says why. */
enum fr_err fr_explain(struct fr_buf *b, const struct fr_catalogue *c, struct fr_str url, bool validate);

#endif
