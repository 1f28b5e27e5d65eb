/* outbox_lua.h — the three steps of an alert in Redis, each in one: raised, taken, ended (core/outbox.h). */
#ifndef FRUGAL_ADAPT_OUTBOX_LUA_H
#define FRUGAL_ADAPT_OUTBOX_LUA_H

extern const char fr_outbox_lua_raise[], fr_outbox_lua_take[], fr_outbox_lua_end[];

#endif
