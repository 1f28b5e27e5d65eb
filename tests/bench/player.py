"""player.py: plays a schedule of requests against a server, over a few dozen connections, by the world's clock.

A request leaves at its moment, or when the answer that it waits for has come. The clock runs as fast as it may, and slower while
answers are late: so the requests come at the same moments of the world, however busy the machine is.
"""

import array
import asyncio
import calendar
import collections
import hashlib
import heapq
import re

CONNECTIONS = 64
TICK_S = 0.002
LATE_MS, TOO_LATE_MS = 10000, 30000  # of the world: from here on the clock goes slower, and here it crawls
CRAWL = 0.02

MEDIA_END = re.compile(rb"[0-9a-f]{32}\\?/([0-9a-f]{8})\\?/video")
MEDIA_MADE = re.compile(rb"&l=(\d{14})")
IMAGE = re.compile(rb"x-expires=(\d+)&x-signature=([0-9a-f]{8})")
PLAYS = re.compile(rb'"play_count":(\d+)')
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


def unchunk(data):
    """The body in `data`, or None while it is not complete."""
    body, at = [], 0
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return None
        n = int(data[at:line].split(b";")[0], 16)
        if n == 0:
            return b"".join(body) if data.find(b"\r\n", line + 2) >= 0 else None
        if len(data) < line + 2 + n + 2:
            return None
        body.append(data[line + 2:line + 2 + n])
        at = line + 2 + n + 2


RESCUED = b"stale-error"  # an old answer rather than none, since somebody did not answer in time


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, player):
        self.player, self.parts, self.need, self.index, self.transport = player, [], 0, None, None
        self.head, self.size, self.chunked, self.used = None, 0, False, False

    def connection_made(self, transport):
        self.transport = transport

    def send(self, index, data):
        self.index, self.parts, self.size, self.head = index, [], 0, None
        self.transport.write(data)

    def data_received(self, data):
        self.parts.append(data)
        self.size += len(data)
        if self.head is None:
            whole = b"".join(self.parts)
            gap = whole.find(b"\r\n\r\n")
            if gap < 0:
                return
            self.head, rest = whole[:gap + 2], whole[gap + 4:]
            self.parts, self.size = [rest], len(rest)
            length = LENGTH.search(self.head)
            self.chunked = CHUNKED.search(self.head) is not None
            self.need = int(length.group(1)) if length else 0
        if self.chunked:
            body = unchunk(b"".join(self.parts))
            if body is not None:
                self.done(body)
        elif self.size >= self.need:
            self.done(b"".join(self.parts))

    def done(self, body):
        status, closes = int(self.head[9:12]), CLOSES.search(self.head)
        index, self.index, self.used = self.index, None, True
        if closes:
            self.transport.close()
        self.player.answered(self if not closes else None, index, status, body, RESCUED in self.head)

    def connection_lost(self, exc):
        index, self.index = self.index, None
        self.player.lost(self)
        if index is not None and self.used and self.head is None and not self.size:
            self.player.again(index)  # closed while nothing was asked, as every client must expect
        elif index is not None:
            self.player.answered(None, index, 0, b"")


Facts = collections.namedtuple("Facts", "links_end oldest_link plays is_negative")


def facts_of(body):
    """What a body tells about its age: when its first link ends, when its oldest link was made (unix seconds, 0: none), its plays (-1:
    none), and whether it says that there is nothing."""
    images = IMAGE.findall(body)
    ends = [int(e, 16) for e in MEDIA_END.findall(body)] + [int(e) for e, _ in images]
    made = [utc(m) for m in MEDIA_MADE.findall(body)] + [int(m, 16) for _, m in images]
    plays = PLAYS.search(body)
    return Facts(min(ends, default=0), min(made, default=0), int(plays.group(1)) if plays else -1,
                 body.startswith((b'{"status":"error"', b'{"code":-1')))


def utc(stamp, cache={}):
    """20261005123456 as unix seconds."""
    if stamp not in cache:
        cache[stamp] = calendar.timegm(tuple(int(stamp[i:j]) for i, j in ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14))))
    return cache[stamp]


class Player:
    """`requests` in the order of their moments; `connect` opens a connection for a protocol factory. Times are ms since the start."""

    def __init__(self, requests, connect, clock, start_ms, speed, keys, look=None):
        self.requests, self.connect, self.clock, self.start_ms, self.speed = requests, connect, clock, start_ms, speed
        self.heads = {c: f" HTTP/1.1\r\nHost: api\r\nX-Api-Key: {k}\r\n\r\n".encode() for c, k in keys.items()}
        n = len(requests)
        self.sent, self.got, self.status = array.array("q", [0] * n), array.array("q", [0] * n), array.array("h", [-1] * n)
        self.sums, self.facts, self.rescued = [b""] * n, {}, bytearray(n)
        self.look = look
        self.idle, self.ready, self.due, self.waiting = collections.deque(), [], {}, collections.defaultdict(list)
        self.open_connections, self.left, self.next = 0, n, 0

    def now_ms(self):
        return self.clock.now_ms() - self.start_ms

    async def play(self):
        await self.refill()
        self.clock.go(self.speed)
        while self.left:
            self.release(self.now_ms())
            self.dispatch()
            self.govern()
            if self.open_connections < CONNECTIONS:
                await self.refill()
            await asyncio.sleep(TICK_S)
        self.clock.go(1)
        for c in self.idle:
            c.transport.close()

    async def refill(self):
        for _ in range(CONNECTIONS - self.open_connections):
            _, connection = await self.connect(lambda: Connection(self))
            self.idle.append(connection)
            self.open_connections += 1

    def release(self, now):
        while self.next < len(self.requests) and self.requests[self.next].at_ms <= now:
            after = self.requests[self.next].after
            if after >= 0 and self.status[after] < 0:
                self.waiting[after].append(self.next)
            else:
                self.put(self.next, self.requests[self.next].at_ms)
            self.next += 1

    def put(self, index, due):
        self.due[index] = due
        heapq.heappush(self.ready, index)

    def again(self, index):
        heapq.heappush(self.ready, index)

    def dispatch(self):
        while self.ready and self.idle:
            index, connection = heapq.heappop(self.ready), self.idle.popleft()  # in turn, so that none is idle for long
            request = self.requests[index]
            self.sent[index] = self.now_ms()
            connection.send(index, b"GET " + request.target.encode() + self.heads[request.client])

    def answered(self, connection, index, status, body, rescued=False):
        self.left -= 1
        self.rescued[index] = rescued
        self.status[index], self.got[index] = status, self.now_ms()
        self.sums[index] = total = hashlib.sha256(body).digest()[:16]
        if total not in self.facts:
            self.facts[total] = facts_of(body)
        if self.look is not None:
            self.look(self.requests[index], status, body)
        del self.due[index]
        for child in self.waiting.pop(index, ()):
            self.put(child, max(self.requests[child].at_ms, self.now_ms()))
        if connection is not None:
            self.idle.append(connection)
        self.dispatch()

    def lost(self, connection):
        self.open_connections -= 1
        if connection in self.idle:
            self.idle.remove(connection)

    def govern(self):
        """The later the oldest request that is on its way, the slower the clock."""
        late = self.now_ms() - min(self.due.values(), default=self.now_ms())
        share = min(1, max(CRAWL, (TOO_LATE_MS - late) / (TOO_LATE_MS - LATE_MS)))
        self.clock.go(self.speed * share)
