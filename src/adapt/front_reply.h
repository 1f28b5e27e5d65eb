/* front_reply.h — the engine's replies as libmicrohttpd wants them.
 *
 * libmicrohttpd keeps each header field in three pieces of memory and looks at each for every reply. It is given all of them as one: a Date whose value
 * goes on over the ends of lines. In a value it takes no ends of lines, so they are put into its copy afterwards, which it sends byte for byte.
 *
 * A reply whose head was prepared for many (core/head.h) is sent by one response object, which hangs on the head: only the second of its date and the
 * request's id are written into it. libmicrohttpd (0.9.75) copies the fields into the connection's own memory as soon as a response is queued, so one
 * object may be queued on many connections, each with its own id, as long as nothing comes between writing the id and queueing. */
#ifndef FRUGAL_ADAPT_FRONT_REPLY_H
#define FRUGAL_ADAPT_FRONT_REPLY_H

#include <microhttpd.h>

#include "core/reply.h"

/* A response of the reply's own, `last`: which ends its connection; takes over its body reference. Content-Length and, for HEAD and 304, the missing body
 * are libmicrohttpd's work. */
struct MHD_Response *fr_front_reply(struct fr_reply *reply, bool last);

/* The response that all with this head share; takes over the reply's body reference. NULL, and nothing is taken: the reply has no head. To be queued at
 * once, and not destroyed: it belongs to the head. */
struct MHD_Response *fr_front_reply_shared(struct fr_reply *reply);

#endif
