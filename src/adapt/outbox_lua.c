#include "adapt/outbox_lua.h"

/* The ids that were raised are a sorted set, by when. What is not delivered yet is a hash beside it, whose values are
 *     "<leased until, ms> <owner> <failures> <not before, ms> <raised, ms> <kind of channel> <body>"
 * so that looking for one to take costs what is pending, not what ever was. Redis' clock counts. */

#define NOW \
	"local time = redis.call('TIME')\n" \
	"local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)\n" \
	"local function text(n) return string.format('%.0f', n) end\n"

/* KEYS ids outbox, ARGV id kind body most kept lower... The outbox is written first: were that all, the alert would be raised again, not lost.
 * Answers 0 now, 1 pending, 2 done, 3 full. */
const char fr_outbox_lua_raise[] = NOW
	"if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 1 end\n"
	"if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 2 end\n"
	"if redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[4]) then return 3 end\n"
	"redis.call('HSET', KEYS[2], ARGV[1], '0 - 0 0 ' .. text(now) .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])\n"
	"redis.call('ZADD', KEYS[1], text(now), ARGV[1])\n"
	"for i = 6, #ARGV do redis.call('ZADD', KEYS[1], 'NX', text(now), ARGV[i]) end\n"
	"redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. text(now - tonumber(ARGV[5])))\n"
	"return 0\n";

/* KEYS outbox, ARGV owner lease given-up orphans. The oldest of those that may be taken. Values of another program's are removed with those that are given up.
 * Answers {pending, given-up, wait or -1} and, if one was taken, its id, kind and body. */
const char fr_outbox_lua_take[] = NOW
	"local all = redis.call('HGETALL', KEYS[1])\n"
	"local pending, gone, wait, id, oldest, found = 0, 0, -1, false, 0, false\n"
	"for i = 1, #all, 2 do\n"
	"  local lease, owner, failures, pause, raised, kind, body =\n"
	"    string.match(all[i + 1], '^(%d+) (%S+) (%d+) (%d+) (%d+) (%S+) (.*)$')\n"
	"  local free = lease and math.max(tonumber(lease), tonumber(pause))\n"
	"  if not lease or (free <= now and tonumber(raised) + tonumber(ARGV[3]) <= now) then\n"
	"    redis.call('HDEL', KEYS[1], all[i])\n"
	"    gone = gone + 1\n"
	"  else\n"
	"    pending = pending + 1\n"
	"    raised = tonumber(raised)\n"
	"    if free > now then\n"
	"      if wait < 0 or free - now < wait then wait = free - now end\n"
	"    elseif (owner == '-' or ARGV[4] == '1') and (not id or raised < oldest or (raised == oldest and all[i] < id)) then\n"
	"      id, oldest, found = all[i], raised, {failures, pause, text(raised), kind, body}\n"
	"    end\n"
	"  end\n"
	"end\n"
	"if not id then return {pending, gone, wait} end\n"
	"redis.call('HSET', KEYS[1], id, text(now + tonumber(ARGV[2])) .. ' ' .. ARGV[1] .. ' ' .. table.concat(found, ' '))\n"
	"return {pending, gone, wait, id, found[4], found[5]}\n";

/* KEYS ids outbox, ARGV id owner accepted pause pause-max. Who has lost it to somebody else only has a say if it was accepted; then its id is known, also to a
 * Redis that has forgotten of its being raised. Answers 1. */
const char fr_outbox_lua_end[] = NOW
	"local value = redis.call('HGET', KEYS[2], ARGV[1])\n"
	"local owner, failures, raised, rest = string.match(value or '', '^%d+ (%S+) (%d+) %d+ (%d+) (.*)$')\n"
	"if ARGV[3] == '1' then\n"
	"  redis.call('ZADD', KEYS[1], 'NX', text(now), ARGV[1])\n"
	"  redis.call('HDEL', KEYS[2], ARGV[1])\n"
	"elseif owner == ARGV[2] then\n"
	"  local pause = math.min(tonumber(ARGV[4]) * 2 ^ tonumber(failures), tonumber(ARGV[5]))\n"
	"  redis.call('HSET', KEYS[2], ARGV[1],\n"
	"    '0 - ' .. text(failures + 1) .. ' ' .. text(now + pause) .. ' ' .. raised .. ' ' .. rest)\n"
	"end\n"
	"return 1\n";
