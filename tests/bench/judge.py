"""judge.py: how old was what the clients got, and might it be so old?

The twin has written down when it made each body. A body that came out as it was made is known by its sum; its age is exact. One
that a cache put together tells its age by what is in it: a post's play count says when it was last true, links say when they
were made. The age is that at the moment when the request was sent.
"""

import bisect
import collections
import http.client
import json
import re

from terms import NEGATIVE_MAX_S

CURSOR = re.compile(r"[?&]cursor=(\d+)")
Aged = collections.namedtuple("Aged", "index age_s allowed_s how")


class Verdict:
    """What there is to say about one column."""

    def __init__(self):
        self.how = collections.Counter()  # by what the age was found
        self.aged, self.dead_links, self.too_old = [], 0, []
        self.rescued = 0  # was said to be old, in trouble: the machine was slower than its clock

    def add(self, aged):
        self.how[aged.how] += 1
        self.aged.append(aged.age_s / aged.allowed_s)
        if aged.age_s > aged.allowed_s:
            self.too_old.append(aged)

    @property
    def largest(self):
        return max(self.aged, default=0)

    def percentile(self, part):
        ordered = sorted(self.aged)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0


class Truth:
    """A twin whose clock stands at the end of the day."""

    def __init__(self, address):
        self.connection, self.known = http.client.HTTPConnection(*address), {}

    def last_true_s(self, post, plays):
        """The last second at which the post had so many plays; None if it never had."""
        if (post, plays) not in self.known:
            self.connection.request("GET", f"/_twin/made?post={post}&play_count={plays}")
            answer = self.connection.getresponse()
            said = json.loads(answer.read())
            self.known[post, plays] = said["until_ms"] / 1000 if answer.status == 200 else None
        return self.known[post, plays]


def read_bodies(path):
    """The twin's record: {sum: [(made_ms), ...]}, oldest first."""
    made = {}
    with open(path, encoding="ascii") as f:
        for line in f:
            at, _, total = line.split()
            made.setdefault(bytes.fromhex(total), []).append(int(at))
    return made


def is_deep(request):
    cursor = CURSOR.search(request.target)
    return cursor is not None and int(cursor.group(1)) > 0


def judge(player, bodies, terms, truth):
    verdict = Verdict()
    for index, request in enumerate(player.requests):
        if player.status[index] != 200:
            continue
        if player.rescued[index]:
            verdict.rescued += 1
            continue
        sent_ms = player.start_ms + player.sent[index]
        facts, row = player.facts[player.sums[index]], terms[request.path]
        if row.links_matter and facts.links_end and facts.links_end * 1000 <= sent_ms:
            verdict.dead_links += 1
        made_s, how = when_made(request, player.sums[index], facts, bodies, player.start_ms + player.got[index], truth)
        if made_s is None:
            verdict.how[how] += 1
            continue
        verdict.add(Aged(index, max(0, sent_ms / 1000 - made_s), allowed(row, request, facts, made_s), how))
    return verdict


def allowed(row, request, facts, made_s):
    if facts.is_negative:
        return NEGATIVE_MAX_S
    age = made_s - (request.dated >> 32) if request.dated is not None and row.by_age else None
    return row.allowed(is_deep(request), age, max(1, facts.links_end - made_s) if facts.links_end else float("inf"))


def when_made(request, total, facts, bodies, got_ms, truth):
    """(unix second or None, by what it is known)"""
    if total in bodies:
        times = bodies[total]
        before = bisect.bisect_right(times, got_ms)
        return (times[before - 1] if before else times[0]) / 1000, "sum"
    if request.path == "/post-detail/":
        last = truth.last_true_s(request.dated, facts.plays)
        return (last, "plays") if last is not None else (None, "never true")
    if facts.oldest_link:
        return facts.oldest_link, "links"
    return None, "not told"
