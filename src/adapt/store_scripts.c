#include "adapt/store_scripts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/assert.h"
#include "base/str.h"
#include "frugal/limits.h"

/* A record and some arguments beside it. */
enum { COMMAND_MAX = FR_RECORD_MAX + 256 * 1024, HEAD_MAX = 16 * 1024 };

/* Lease: the owner's 32 digits while a flight lives; "!" and the record of its outcome while that is held. Foreign values of
 * another type in the place of an answer count as none; in the place of a lease they are an error, so that nothing is
 * overwritten. A text there without a time to live is no lease of ours: it would be waited for without end, so it is. Releasing never depends on the storing before it: a full Redis must not keep others waiting for a lease that is
 * over. */
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
	/* KEYS answer lease, ARGV owner-or-empty ms record channel message */
	[FR_SCRIPT_PUT] = "local stored = redis.pcall('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])\n"
			  "if ARGV[1] ~= '' and redis.pcall('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end\n"
			  "redis.call('PUBLISH', ARGV[4], ARGV[5])\n"
			  "return stored\n",
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
	/* KEYS day watermarks old-day..., ARGV instance from to base (field n)... Answers the watermark: `to` if the batch was
	 * applied now. An instance's identity outlives its process, so its mark is kept as long as the days are. */
	[FR_SCRIPT_LEDGER] =
		"local mark = redis.call('HGET', KEYS[2], ARGV[1])\n"
		"local w = mark and tonumber(string.match(mark, '^%d+')) or 0\n"
		"local from, to = tonumber(ARGV[2]), tonumber(ARGV[3])\n"
		"if to < from or w >= from or (w < from - 1 and ARGV[4] ~= '1') then return w end\n"
		"local today = math.floor(tonumber(redis.call('TIME')[1]) / 86400)\n"
		"local old = redis.call('HLEN', KEYS[1]) > 0\n"
		"redis.call('HSET', KEYS[2], ARGV[1], ARGV[3] .. ' ' .. string.format('%d', today))\n"
		"if not mark then\n"
		"  local marks = redis.call('HGETALL', KEYS[2])\n"
		"  for i = 1, #marks, 2 do\n"
		"    if (tonumber(string.match(marks[i + 1], ' (%d+)$')) or 0) + 800 < today then redis.call('HDEL', KEYS[2], marks[i]) end\n"
		"  end\n"
		"end\n"
		"if not old and #ARGV > 4 then for i = 3, #KEYS do redis.call('DEL', KEYS[i]) end end\n"
		"for i = 5, #ARGV, 2 do redis.pcall('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end\n"
		"return to\n",
};

const char *fr_script_text(enum fr_script s)
{
	FR_ASSERT(s < FR_SCRIPTS);
	return texts[s];
}

/* The ceilings hold every command that the program makes. */
static void must(enum fr_err e)
{
	FR_ASSERT(e == FR_OK);
}

static void bulk(struct fr_buf *b, struct fr_str s)
{
	must(fr_buf_addf(b, "$%zu\r\n", s.n));
	must(fr_buf_add_str(b, s));
	must(fr_buf_add(b, "\r\n", 2));
}

void fr_command_init(struct fr_command *c, enum fr_script s, int keys)
{
	c->script = s;
	c->args = 0;
	fr_buf_init(&c->tail, COMMAND_MAX);
	if (s != FR_SCRIPT_NONE)
		fr_command_add_int(c, keys);
}

void fr_command_free(struct fr_command *c)
{
	fr_buf_free(&c->tail);
}

void fr_command_add(struct fr_command *c, struct fr_str arg)
{
	bulk(&c->tail, arg);
	c->args++;
}

void fr_command_add_text(struct fr_command *c, const char *arg)
{
	fr_command_add(c, fr_str_of(arg));
}

void fr_command_add_int(struct fr_command *c, int64_t arg)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRId64, arg);
	fr_command_add_text(c, text);
}

void fr_command_write(const struct fr_command *c, const char *sha, struct fr_buf *ret)
{
	fr_buf_init(ret, COMMAND_MAX + HEAD_MAX);
	if (c->script == FR_SCRIPT_NONE) {
		must(fr_buf_addf(ret, "*%d\r\n", c->args));
	} else {
		must(fr_buf_addf(ret, "*%d\r\n", c->args + 2));
		bulk(ret, fr_str_of(sha != NULL ? "EVALSHA" : "EVAL"));
		bulk(ret, fr_str_of(sha != NULL ? sha : fr_script_text(c->script)));
	}
	must(fr_buf_add_str(ret, fr_buf_str(&c->tail)));
}
