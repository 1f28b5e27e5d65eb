"""planning.py: how many sessions of each kind a day has, and the schedule that comes of them."""

import collections
import heapq
import http.client
import itertools
import json
import math
import urllib.parse

import workload
from spelling import PROGRAMS, target
from workload import HOUR, MINUTE, SPARE, Day, Request

# What sessions wait for.
LISTS = {"/user-posts/", "/search-video/", "/user-followers/", "/user-following/", "/post-comments/", "/challenge-posts/", "/music-posts/"}
POLLED = ((50, 5 * MINUTE, "poller"), (200, HOUR, "poller1"))  # so many creators, so often
SAVED_PAGES = 6  # of a saved search
PAGES = {1: 50, 2: 20, 3: 12, 5: 10, 8: 5, 15: 3}  # how deep searches go, in percent
FOLLOWER_PAGES = {1: 10, 3: 30, 5: 35, 8: 25}
COMMENT_PAGES = {1: 25, 3: 30, 5: 30, 8: 15}
SINGLES = {  # who asks for what else, and how much of it is not asked for by the other sessions
    "/music-info/": ("web2", 0.5), "/userinfo-by-id/": ("poller", 0.6), "/userid/": ("export", 1), "/download-video/": ("export", 0.42),
    "/challenge-info-name/": ("mobile", 1), "/challenge-info-id/": ("web2", 1), "/user-stories/": ("web1", 1), "/user-liked/": ("web2", 1),
    "/search-user/": ("web2", 1), "/search-challenge/": ("research", 1), "/user-playlists/": ("web2", 1), "/user-collections/": ("web1", 1),
    "/playlist-info/": ("web2", 1), "/playlist-posts/": ("web2", 1), "/collection-info/": ("web1", 1), "/collection-posts/": ("web1", 1),
    "/download-music/": ("export", 1), "/region-list/": ("web2", 1), "/ads-detail/": ("research", 1),
}


def pick(day, weights):
    return day.rng.choices(list(weights), list(weights.values()))[0]


def flags(day, n, *counts):
    """For each of n sessions as many flags as there are counts; the i-th is set in counts[i] sessions."""
    columns = []
    for count in counts:
        chosen = set(day.rng.sample(range(n), min(n, count)))
        columns.append([i in chosen for i in range(n)])
    return list(zip(*columns))


def plan_polls(day):
    made = 0
    for n, every, program in POLLED:
        for creator in day.creators.top(day.some(n)):
            day.begin(workload.poll(day, program, workload.public(creator), every), int(day.rng.random() * every))
            made += day.length_ms // every
    return made


def plan_views(day):
    views, polls = day.quota["/userinfo-by-username/"], plan_polls(day)
    lists = day.quota["/user-posts/"] - polls + 1
    pages = int(lists * 0.86)
    chosen = flags(day, views, pages, day.share("/user-followers/", 0.1))
    listing = [i for i in range(views) if chosen[i][0]]
    deeper = set(day.rng.sample(listing, min(pages, math.ceil((lists - pages) * SPARE))))
    hydrated = set(day.rng.sample(listing, min(pages, day.spare("/post-detail/", day.product.hydrated_views / 25))))
    for i, (lists_posts, followers) in enumerate(chosen):
        day.begin(workload.page_view(day, day.viewer(), workload.public(day.creators()), lists_posts, i in hydrated, i in deeper, followers))


def plan_searches(day):
    """Saved searches, all their pages each hour; and what people look for."""
    for no in day.keywords.top(day.some(day.product.saved_searches)):
        for hour in range(int(day.hours)):
            at = hour * HOUR + no % 60 * MINUTE
            day.begin(workload.search(day, "research", workload.keyword(no), SAVED_PAGES, {"publish_time": 0, "sort_by": 2, "region": ""}), at)
    sessions = day.spare("/search-video/", day.product.searched / 2.2)
    chosen = flags(day, sessions, day.spare("/post-detail/", day.product.hydrated_searches / 21),
                   day.spare("/userinfo-by-id/", 0.4 / 30), day.spare("/music-info/", 0.4 / 30))
    for hydrated, authors, sounds in chosen:
        program = "report" if authors else "research" if sounds else day.viewer()
        day.begin(workload.search(day, program, workload.keyword(day.keywords()), pick(day, PAGES), workload.some_filters(day), hydrated, authors,
                                  sounds))


def plan_walks(day):
    """Followers mostly of other creators each time, by jobs; the rest as people please."""
    for _ in range(day.spare("/user-followers/", 0.9 / 3.8)):
        creator = day.creators() if day.rng.random() < 0.2 else day.rng.randrange(len(day.creators.order))
        program = pick(day, {"audience": 60, "audience2": 40})
        day.begin(of_user(day, program, "/user-followers/", creator, pick(day, FOLLOWER_PAGES)))
    for _ in range(day.spare("/user-following/", 1 / 2)):
        day.begin(of_user(day, "audience", "/user-following/", day.creators(), day.rng.choice((1, 2, 3))))
    for path, part in (("/challenge-posts/", 1), ("/music-posts/", 0.4)):
        for _ in range(day.spare(path, part / 1.5)):
            day.begin(of_theme(day, day.viewer(), path, day.rng.choice((1, 1, 2, 3))))
    for sound in day.sounds.top(day.some(day.product.saved_sounds)):
        for hour in range(int(day.hours)):
            day.begin(of_theme(day, "research", "/music-posts/", 1, sound), hour * HOUR + sound % 60 * MINUTE)


def of_user(day, program, path, creator, pages):
    userid = yield from workload.userid_of(day, workload.public(creator))
    yield from workload.walk(0, program, path, pages, "time", userid=userid, count=PROGRAMS[program].count)


def of_theme(day, program, path, pages, sound=None):
    count = PROGRAMS[program].count
    if path == "/challenge-posts/":
        yield from workload.walk(0, program, path, pages, challenge_id=1 + day.tags(), count=count, region="")
    else:
        music_id = yield from workload.sound_of(day, day.sounds() if sound is None else sound)
        yield from workload.walk(0, program, path, pages, music_id=music_id, count=count)


def plan_posts(day):
    for _ in range(day.spare("/post-comments/", 1 / 3.1)):
        day.begin(workload.post_page(day, day.viewer(), pick(day, COMMENT_PAGES), pick(day, {0: 70, 1: 15, 3: 15})))
    exports = day.share("/post-detail/", day.product.exports)
    for (download,) in flags(day, exports, day.spare("/download-video/", 0.58)):
        day.begin(workload.export(day, download))


def plan_singles(day):
    for path, (program, part) in SINGLES.items():
        for _ in range(day.share(path, part)):
            day.begin(workload.single(day, path, program))


class Oracle:
    """Answers from a twin that stands still wherever it is asked."""

    def __init__(self, address, clock, start_ms):
        self.connection, self.clock = http.client.HTTPConnection(*address), clock
        self.start_ms = start_ms

    def __call__(self, at_ms, path, params):
        self.clock.stand((self.start_ms + at_ms) * 1_000_000)
        self.connection.request("GET", path + "?" + urllib.parse.urlencode(params))
        return json.loads(self.connection.getresponse().read())


def play(day, oracle):
    """Runs all sessions in the order of the world's time and writes down what they ask."""
    tie, requests = itertools.count(), []
    queue = [(at_ms, next(tie), session, None, -1) for at_ms, session in day.sessions]
    heapq.heapify(queue)
    while queue:
        at_ms, _, session, due, after = heapq.heappop(queue)
        answer = None
        if due is not None:
            if due.path in LISTS or not due.recorded:
                answer = oracle(at_ms, due.path, due.params)
            if due.recorded:
                program = PROGRAMS[due.program]
                requests.append(Request(at_ms, program.client, after, target(program, due.path, due.params), due.path, due.dated))
                after = len(requests) - 1 if due.path in LISTS else after
        try:
            due = session.send(answer)
        except StopIteration:
            continue
        if at_ms + due.wait_ms < day.length_ms:
            heapq.heappush(queue, (at_ms + due.wait_ms, next(tie), session, due, after))
    return requests


def trim(day, requests):
    """Leaves out what is above the proportions, where no other request waits for it; leaves first."""
    gone, children = set(), collections.Counter(r.after for r in requests)
    for path in sorted(day.quota, key=LISTS.__contains__):
        mine = [i for i, r in enumerate(requests) if r.path == path]
        surplus, free = len(mine) - day.quota[path], [i for i in mine if not children[i]]
        if surplus < 0:
            raise RuntimeError(f"{path}: {len(mine)} planned, {day.quota[path]} wanted")
        while surplus:
            place = day.rng.randrange(len(free))
            free[place], free[-1] = free[-1], free[place]
            i = free.pop()
            gone.add(i)
            parent, surplus = requests[i].after, surplus - 1
            children[parent] -= 1
            if parent >= 0 and not children[parent] and requests[parent].path == path:
                free.append(parent)
    kept = [i for i in range(len(requests)) if i not in gone]
    place_of = {old: new for new, old in enumerate(kept)}
    return [requests[i]._replace(after=place_of.get(requests[i].after, -1)) for i in kept]


def plan(seed, scale, hours, skew, oracle, product=workload.LEADERBOARD):
    day = Day(seed, scale, hours, skew, product)
    for part in (plan_views, plan_searches, plan_walks, plan_posts, plan_singles):
        part(day)
    return trim(day, play(day, oracle))
