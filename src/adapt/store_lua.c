#include "adapt/outbox_lua.h"
#include "adapt/store_scripts.h"

#include "base/assert.h"

/* When a record was asked for stands in its first 16 bytes (core/record.h). */
#define MOMENT \
	"local function moment(r)\n" \
	"  return type(r) == 'string' and #r >= 16 and string.sub(r, 1, 4) == 'FRU1' and struct.unpack('<i8', r, 9)\n" \
	"end\n" \
	"local function younger(key, record)\n" \
	"  local there, now = moment(redis.pcall('GETRANGE', key, 0, 15)), moment(record)\n" \
	"  return there and now and there > now\n" \
	"end\n"

/* Lease: the owner's 32 digits while a flight lives; "!" and the record of its outcome while that is held. Foreign values of
 * another type in the place of an answer count as none; in the place of a lease they are an error, so that nothing is
 * overwritten. A text there without a time to live is no lease of ours: it would be waited for without end, so it is. Releasing
 * never depends on the storing before it: a full Redis must not keep others waiting for a lease that is over. */
static const char *const texts[FR_SCRIPTS] = {
	/* KEYS lease answer, ARGV owner ms */
	[FR_SCRIPT_CLAIM] = "local held = redis.call('GET', KEYS[1])\n"
			    "if held and held ~= ARGV[1] and redis.call('PTTL', KEYS[1]) >= 0 then\n"
			    "  if string.sub(held, 1, 1) == '!' then return {2, string.sub(held, 2)} end\n"
			    "  return {0}\n"
			    "end\n"
			    "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])\n"
			    "local answer = redis.pcall('GET', KEYS[2])\n"
			    "if type(answer) ~= 'string' then answer = false end\n"
			    "return {1, answer}\n",
	/* KEYS lease, ARGV owner ms */
	[FR_SCRIPT_RENEW] = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end\n"
			    "return 0\n",
	/* KEYS answer lease, ARGV owner-or-empty ms record channel message. Without an owner a younger record stays. */
	[FR_SCRIPT_PUT] = MOMENT
	"if ARGV[1] == '' and younger(KEYS[1], ARGV[3]) then return {ok = 'OK'} end\n"
	"local stored = redis.pcall('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])\n"
	"if ARGV[1] ~= '' and redis.pcall('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end\n"
	"redis.call('PUBLISH', ARGV[4], ARGV[5])\n"
	"return stored\n",
	/* KEYS piece, ARGV ms record */
	[FR_SCRIPT_PIECE] = MOMENT "if younger(KEYS[1], ARGV[2]) then return {ok = 'OK'} end\n"
				   "return redis.pcall('SET', KEYS[1], ARGV[2], 'PX', ARGV[1])\n",
	/* KEYS lease, ARGV owner ms record channel message */
	[FR_SCRIPT_FAIL] = "if redis.call('GET', KEYS[1]) == ARGV[1] then\n"
			   "  local held = false\n"
			   "  if tonumber(ARGV[2]) > 0 then\n"
			   "    held = redis.pcall('SET', KEYS[1], '!' .. ARGV[3], 'PX', ARGV[2])\n"
			   "    held = type(held) == 'table' and held.ok\n"
			   "  end\n"
			   "  if not held then redis.call('DEL', KEYS[1]) end\n"
			   "end\n"
			   "redis.call('PUBLISH', ARGV[4], ARGV[5])\n"
			   "return 1\n",
	/* KEYS day watermarks old-day..., ARGV instance seq (field n)... The watermark is written first: whatever fails before
	 * it leaves nothing behind, and after it nothing but a field that is no number can fail, which would never count.
	 * Without a time to live neither is ever evicted; old ones are removed here. */
	[FR_SCRIPT_TOTALS] =
		"local today = math.floor(tonumber(redis.call('TIME')[1]) / 86400)\n"
		"local mark = redis.call('HGET', KEYS[2], ARGV[1])\n"
		"if mark and (tonumber(string.match(mark, '^%d+')) or 0) >= tonumber(ARGV[2]) then return 0 end\n"
		"local old = redis.call('HLEN', KEYS[1]) > 0\n"
		"redis.call('HSET', KEYS[2], ARGV[1], ARGV[2] .. ' ' .. string.format('%d', today))\n"
		"if not mark then\n"
		"  local marks = redis.call('HGETALL', KEYS[2])\n"
		"  for i = 1, #marks, 2 do\n"
		"    if (tonumber(string.match(marks[i + 1], ' (%d+)$')) or 0) + 8 < today then redis.call('HDEL', KEYS[2], marks[i]) end\n"
		"  end\n"
		"end\n"
		"if not old then for i = 3, #KEYS do redis.call('DEL', KEYS[i]) end end\n"
		"for i = 3, #ARGV, 2 do redis.pcall('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end\n"
		"return 1\n",
	/* KEYS day watermarks old-day (8) budget..., ARGV instance from to base lines (start five kept closed spent)... (field n)...
	 * Answers the watermark: `to` if the batch was applied now. An instance's identity outlives its process, so its mark is kept
	 * as long as the days are. Budgets are looked at before the watermark is written, so that one of a foreign type stops the
	 * batch and not half of it. History is kept around Redis' own time, and an instance whose clock is ahead takes no window
	 * with it that still counts. */
	[FR_SCRIPT_LEDGER] =
		"local function number(v) return tonumber(v or 0) or 0 end\n"
		"local function text(n) return string.format('%.0f', n) end\n"
		"local mark = redis.call('HGET', KEYS[2], ARGV[1])\n"
		"local w = mark and tonumber(string.match(mark, '^%d+')) or 0\n"
		"local from, to, lines = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])\n"
		"if to < from or w >= from or (w < from - 1 and ARGV[4] ~= '1') then return w end\n"
		"for i = 11, #KEYS do redis.call('HLEN', KEYS[i]) end\n"
		"local now_s = tonumber(redis.call('TIME')[1])\n"
		"local today, hour, five = math.floor(now_s / 86400), math.floor(now_s / 3600), math.floor(now_s / 300)\n"
		"local old = redis.call('HLEN', KEYS[1]) > 0\n"
		"redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ' ' .. text(today))\n"
		"if not mark then\n"
		"  local marks = redis.call('HGETALL', KEYS[2])\n"
		"  for i = 1, #marks, 2 do\n"
		"    if (tonumber(string.match(marks[i + 1], ' (%d+)$')) or 0) + 800 < today then redis.call('HDEL', KEYS[2], marks[i]) end\n"
		"  end\n"
		"end\n"
		"local first = 6 + 5 * lines\n"
		"if not old and #ARGV >= first then for i = 3, 10 do redis.call('DEL', KEYS[i]) end end\n"
		"for i = first, #ARGV, 2 do redis.pcall('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end\n"
		"local function lower(key, field, n)\n"
		"  local left = number(redis.call('HGET', key, field)) - n\n"
		"  if left > 0 then redis.call('HSET', key, field, text(left)) else redis.call('HDEL', key, field) end\n"
		"end\n"
		"local function add(key, field, n)\n"
		"  local new = redis.call('HEXISTS', key, field) == 0\n"
		"  redis.pcall('HINCRBY', key, field, n)\n"
		"  return new\n"
		"end\n"
		"local function forget(key, windows)\n"
		"  for _, field in ipairs(redis.call('HKEYS', key)) do\n"
		"    local start, unit, at = string.match(field, '^(%d+):[solf]'), string.match(field, '^([hm]):(%d+)$')\n"
		"    at = number(at)\n"
		"    if start and tonumber(start) < windows or\n"
		"        unit == 'h' and (at < hour - 192 or at > hour + 2) or\n"
		"        unit == 'm' and (at < five - 24 or at > five + 24) then redis.call('HDEL', key, field) end\n"
		"  end\n"
		"end\n"
		"for i = 1, lines do\n"
		"  local key, a = KEYS[10 + i], 5 * i + 1\n"
		"  local start, at, spent = ARGV[a], tonumber(ARGV[a + 1]), ARGV[a + 4]\n"
		"  local held = start .. ':l:' .. ARGV[1]\n"
		"  local closed = math.min(number(redis.call('HGET', key, held)), tonumber(ARGV[a + 3]))\n"
		"  if closed > 0 then\n"
		"    lower(key, held, closed)\n"
		"    lower(key, start .. ':o', closed)\n"
		"  end\n"
		"  if tonumber(spent) > 0 then\n"
		"    local new = add(key, start .. ':s', spent)\n"
		"    if at <= five + 24 and at >= five - 24 then new = add(key, 'm:' .. text(at), spent) or new end\n"
		"    if at <= five + 24 and at >= five - 2304 then new = add(key, 'h:' .. text(math.floor(at / 12)), spent) or new end\n"
		"    if new then forget(key, math.min(now_s, tonumber(start)) - tonumber(ARGV[a + 2])) end\n"
		"  end\n"
		"end\n"
		"return to\n",
	/* KEYS instances budget..., ARGV instance number run alone healed veteran (start limit outstanding want lost)... Answers {settling,
	 * instances, (limit granted spent outstanding)...}. `number` always has as many digits, so that texts compare like numbers,
	 * and exactly. A Redis that has never heard of a budget has lost nothing, unless who asks has met budgets before; then it
	 * cannot know for whom to wait, and waits longer. Once all have been waited for `since` is 0, and a newcomer waits alone. */
	[FR_SCRIPT_LEASE] =
		"local function number(v) return tonumber(v or 0) or 0 end\n"
		"local function text(n) return string.format('%.0f', n) end\n"
		"local time = redis.call('TIME')\n"
		"local now_s = tonumber(time[1])\n"
		"local now_ms = now_s * 1000 + math.floor(tonumber(time[2]) / 1000)\n"
		"local lines = (#ARGV - 6) / 5\n"
		"local book = redis.call('HMGET', KEYS[1], ARGV[1], 'run', 'since', 'pause')\n"
		"local stale = book[1] and string.sub(book[1], 1, 40) >= ARGV[2]\n"
		"local run, since, pause = book[2], number(book[3]), number(book[4])\n"
		"if not stale then\n"
		"  local restarted, forgotten = run ~= ARGV[3], ARGV[6] == '1' and not book[1]\n"
		"  if restarted or forgotten then\n"
		"    pause = forgotten and 8000 or run and 3000 or 0\n"
		"    run, since = ARGV[3], now_ms\n"
		"  end\n"
		"  since = math.min(since, now_ms)\n"
		"  redis.call('HSET', KEYS[1], 'run', run, 'since', text(since), 'pause', pause,\n"
		"    ARGV[1], ARGV[2] .. ' ' .. run .. ' ' .. text(now_s) .. ' ' .. ARGV[5])\n"
		"end\n"
		"local live, spoken = 0, true\n"
		"local known = redis.call('HGETALL', KEYS[1])\n"
		"for i = 1, #known, 2 do\n"
		"  local its_run, seen, healed = string.match(known[i + 1], '^%d+ (%S+) (%d+) ([01])$')\n"
		"  local away = seen and now_s - tonumber(seen)\n"
		"  if seen and away <= 600 then live, spoken = live + 1, spoken and its_run == run and healed == '1' end\n"
		"  if seen and away > 86400 and not stale then redis.call('HDEL', KEYS[1], known[i]) end\n"
		"end\n"
		"live = math.max(1, live)\n"
		"local waited = now_ms - since\n"
		"local all = (spoken and waited >= pause) or waited >= 30000\n"
		"if all and since > 0 and not stale then redis.call('HSET', KEYS[1], 'since', 0) end\n"
		"local settled = ARGV[5] == '1' and (ARGV[4] == '1' or all)\n"
		"local function put(key, field, was, n)\n"
		"  if n ~= was and n > 0 then redis.call('HSET', key, field, text(n)) end\n"
		"  if n ~= was and n <= 0 then redis.call('HDEL', key, field) end\n"
		"end\n"
		"local told = {settled and 0 or 1, live}\n"
		"for i = 1, lines do\n"
		"  local key, a = KEYS[1 + i], 5 * i + 2\n"
		"  local all, held = ARGV[a] .. ':o', ARGV[a] .. ':l:' .. ARGV[1]\n"
		"  local is = redis.call('HMGET', key, ARGV[a] .. ':s', all, held, 'limit')\n"
		"  local spent, out, mine, granted = number(is[1]), number(is[2]), number(is[3]), 0\n"
		"  local limit = is[4] == 'none' and 9007199254740991 or tonumber(string.match(is[4] or '', '^%d+$') or ARGV[a + 1])\n"
		"  limit = math.min(limit, 9007199254740991)\n"
		"  if not stale then\n"
		"    local outstanding, lost = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 4])\n"
		"    local more = lost > 0 and lost - number(redis.call('HGET', key, ARGV[a] .. ':f')) or 0\n"
		"    if more > 0 then\n"
		"      spent = spent + more\n"
		"      redis.call('HSET', key, ARGV[a] .. ':s', text(spent), ARGV[a] .. ':f', text(lost))\n"
		"    end\n"
		"    local others = math.max(0, out - mine)\n"
		"    local free = limit - spent - others - outstanding\n"
		"    if settled and free >= 1 then granted = math.min(tonumber(ARGV[a + 3]), math.max(1, math.floor(free / (4 * live)))) end\n"
		"    put(key, held, mine, outstanding + granted)\n"
		"    put(key, all, out, others + outstanding + granted)\n"
		"    out = others + outstanding + granted\n"
		"  end\n"
		"  for _, n in ipairs({limit, granted, spent, out}) do table.insert(told, n) end\n"
		"end\n"
		"return told\n",
	/* KEYS log instances, ARGV instance calls window slice share urgent paced. Answers {urgent, paced, wait-urgent, wait-paced,
	 * used, instances}. The log's entries are "<ms> <places given so far> <places>", so that the places between two of them are
	 * known without counting. Entries of the future, after Redis' clock was set back, become entries of now. */
	[FR_SCRIPT_LINE] =
		"local time = redis.call('TIME')\n"
		"local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)\n"
		"local calls, window, slice, share = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])\n"
		"local urgent, paced = tonumber(ARGV[6]), tonumber(ARGV[7])\n"
		"local function text(n) return string.format('%.0f', n) end\n"
		"local function entry(i)\n"
		"  local at, given, n = string.match(redis.call('LINDEX', KEYS[1], i) or '', '^(%d+) (%d+) (%d+)$')\n"
		"  return tonumber(at), tonumber(given), tonumber(n)\n"
		"end\n"
		"local i, at, given, n = -1, entry(-1)\n"
		"while at and at > now do\n"
		"  redis.call('LSET', KEYS[1], i, text(now) .. ' ' .. text(given) .. ' ' .. text(n))\n"
		"  i = i - 1\n"
		"  at, given, n = entry(i)\n"
		"end\n"
		"at, given, n = entry(0)\n"
		"while at and at <= now - window do\n"
		"  redis.call('LPOP', KEYS[1])\n"
		"  at, given, n = entry(0)\n"
		"end\n"
		"local used, so_far = 0, 0\n"
		"if at then\n"
		"  local _, last = entry(-1)\n"
		"  used, so_far = last - given + n, last\n"
		"end\n"
		"local function take(places)\n"
		"  if places <= 0 then return 0 end\n"
		"  used, so_far = used + places, so_far + places\n"
		"  redis.call('RPUSH', KEYS[1], text(now) .. ' ' .. text(so_far) .. ' ' .. text(places))\n"
		"  redis.call('PEXPIRE', KEYS[1], text(2 * window))\n"
		"  return places\n"
		"end\n"
		"local function in_slice()\n"
		"  local taken, k = 0, -1\n"
		"  local when, _, places = entry(k)\n"
		"  while when and when > now - slice do\n"
		"    taken = taken + places\n"
		"    if taken >= share then return taken, when + slice - now end\n"
		"    k = k - 1\n"
		"    when, _, places = entry(k)\n"
		"  end\n"
		"  return taken, 0\n"
		"end\n"
		"if urgent + paced > 0 then\n"
		"  redis.call('HSET', KEYS[2], ARGV[1], text(now))\n"
		"  redis.call('PEXPIRE', KEYS[2], text(2 * window))\n"
		"end\n"
		"urgent = take(math.min(urgent, math.max(0, calls - used)))\n"
		"paced = take(math.min(paced, math.max(0, calls - used), math.max(0, share - in_slice())))\n"
		"local _, wait_paced = in_slice()\n"
		"local wait_urgent = used < calls and 0 or entry(0) + window - now\n"
		"local instances = 0\n"
		"local seen = redis.call('HGETALL', KEYS[2])\n"
		"for k = 1, #seen, 2 do\n"
		"  local last = tonumber(seen[k + 1]) or 0\n"
		"  if last > now - window and last <= now then\n"
		"    instances = instances + 1\n"
		"  else\n"
		"    redis.call('HDEL', KEYS[2], seen[k])\n"
		"  end\n"
		"end\n"
		"return {urgent, paced, wait_urgent, math.max(wait_urgent, wait_paced), used, math.max(1, instances)}\n",
	[FR_SCRIPT_ALERT_RAISE] = fr_outbox_lua_raise,
	[FR_SCRIPT_ALERT_TAKE] = fr_outbox_lua_take,
	[FR_SCRIPT_ALERT_END] = fr_outbox_lua_end,
};

const char *fr_script_text(enum fr_script s)
{
	FR_ASSERT(s < FR_SCRIPTS);
	return texts[s];
}
