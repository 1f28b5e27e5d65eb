"""workload.py: a day of a product that nobody has optimised, as a schedule of requests.

203,100 calls in the proportions of the leaderboard that the API's vendor published, or 480,000 as in its case study, made by what such
products do: page views that fetch the profile each time, lists that are hydrated row by row, pollers, walks through followers and
comments, exports. A session is a generator that asks and is told the answer, since what it asks next depends on it. The answers come from a twin whose clock
stands wherever the session is, so the schedule is a function of the seed, and every cache that is tried gets the very same
requests at the same moments.
"""

import bisect
import collections
import dataclasses
import itertools
import math
import random

from spelling import PROGRAMS, post_url, username

CALLS = {
    "/post-detail/": 82400, "/userinfo-by-username/": 31200, "/user-posts/": 28900, "/search-video/": 19000, "/user-followers/": 12500,
    "/post-comments/": 10200,
    # everything else: 18,900
    "/music-info/": 3200, "/userinfo-by-id/": 3000, "/userid/": 2000, "/download-video/": 1800, "/user-following/": 1400,
    "/challenge-posts/": 1100, "/challenge-info-name/": 1000, "/music-posts/": 1000, "/post-comment-replies/": 900,
    "/challenge-info-id/": 700, "/user-stories/": 600, "/user-liked/": 500, "/search-user/": 500, "/search-challenge/": 300,
    "/user-playlists/": 150, "/playlist-posts/": 150, "/collection-posts/": 120, "/user-collections/": 100, "/playlist-info/": 100,
    "/download-music/": 100, "/collection-info/": 80, "/region-list/": 60, "/ads-detail/": 40,
}


@dataclasses.dataclass(frozen=True)
class Product:
    """What a day is made of: calls by path, and how much of them the sessions make that ask for several things."""

    calls: dict
    hydrated_views: float  # parts of /post-detail/: rows of creators' pages, rows of searches, exports
    hydrated_searches: float
    exports: float
    searched: float  # the part of /search-video/ that people ask for; a saved search is run again each hour
    saved_searches: int
    saved_sounds: int


LEADERBOARD = Product(CALLS, 0.585, 0.34, 0.032, 0.78, 40, 25)
# Published are the 480,000 calls, the 12,000 accounts, and which two paths dominate. The rest is ours: those two are 85 %.
CASE = Product({
    **{path: 50 for path in CALLS}, "/post-detail/": 216000, "/userinfo-by-username/": 192000, "/user-posts/": 36000, "/search-video/": 9000,
    "/user-followers/": 5000, "/post-comments/": 5000, "/userinfo-by-id/": 8000, "/music-info/": 2550, "/userid/": 1500,
    "/download-video/": 1600, "/user-following/": 400, "/challenge-posts/": 300, "/challenge-info-name/": 300, "/music-posts/": 700,
    "/post-comment-replies/": 400, "/challenge-info-id/": 200, "/user-stories/": 200, "/user-liked/": 150, "/search-user/": 150,
    "/search-challenge/": 100,
}, 0.93, 0.02, 0.032, 0.92, 10, 25)
PRODUCTS = {"leaderboard": LEADERBOARD, "case": CASE}

SKEW = 1.0  # the k-th most popular creator, keyword, tag or sound is asked for 1 / k^SKEW as often as the first
CREATORS, KEYWORDS, TAGS, SOUNDS = 12000, 2000, 3000, 2000
# Of sessions whose length depends on the answers more are planned than needed; then what is too much is left out, request by request,
# where no other waits for it.
SPARE = 1.12
S, MINUTE, HOUR = 1000, 60_000, 3_600_000  # in ms
VIEWERS = {"web2": 45, "web1": 25, "mobile": 20, "report": 10}
THEMES = {"/music-info/", "/download-music/", "/search-user/", "/search-challenge/", "/challenge-info-id/", "/challenge-info-name/"}
WORDS = ("dance", "recipe", "viaje", "cat", "gym tok", "été", "makeup", "diy", "book", "football")

# `dated`: the id that tells when what is asked about was made.
Ask = collections.namedtuple("Ask", "wait_ms program path params dated recorded", defaults=(None, True))
Request = collections.namedtuple("Request", "at_ms client after target path dated")


class Popularity:
    """Numbers 0 to n - 1, the k-th most popular one with weight 1 / k^exponent."""

    def __init__(self, rng, n, exponent=SKEW):
        self.rng, self.order = rng, list(range(n))
        rng.shuffle(self.order)
        self.sums = list(itertools.accumulate((k + 1) ** -exponent for k in range(n)))

    def __call__(self):
        return self.order[bisect.bisect(self.sums, self.rng.random() * self.sums[-1])]

    def top(self, n):
        return self.order[:n]


def keyword(no):
    return f"{WORDS[no % len(WORDS)]} {no // len(WORDS)}"


def public(no):
    """The no-th public account of the twin: every 23rd is private."""
    return f"creator_{no + no // 22:06d}"


class Day:
    """All that the sessions share. `scale`: share of the product's calls; `hours`: how long the day is. Shorter days have as many calls
    an hour, smaller scales fewer creators, so that each creator is asked for as often as in the whole."""

    def __init__(self, seed, scale, hours, skew=SKEW, product=LEADERBOARD):
        self.rng, self.hours, self.product = random.Random(seed), hours, product
        self.length_ms, self.crowd = hours * HOUR, scale * 24 / hours
        self.quota = {path: max(1, round(n * scale)) for path, n in product.calls.items()}
        self.creators = Popularity(self.rng, self.some(CREATORS), skew)
        self.keywords = Popularity(self.rng, self.some(KEYWORDS), skew)
        self.tags = Popularity(self.rng, self.some(TAGS), skew)
        self.sounds = Popularity(self.rng, self.some(SOUNDS), skew)
        self.ids, self.sessions = {}, []

    def some(self, n):
        return max(1, round(n * self.crowd))

    def share(self, path, part):
        return math.ceil(self.quota[path] * part)

    def spare(self, path, part):
        """More than the share, since how many requests it makes depends on the answers; the fewer, the more."""
        return math.ceil(self.quota[path] * part * SPARE + 2 * math.sqrt(self.quota[path] * part))

    def moment(self):
        """Twice as busy in the afternoon as in the small hours."""
        while True:
            at = self.rng.random()
            if self.rng.random() * 1.35 < 1 - 0.35 * math.cos(2 * math.pi * (at - 0.125)):
                return int(at * self.length_ms)

    def begin(self, session, at_ms=None):
        self.sessions.append((self.moment() if at_ms is None else at_ms, session))

    def viewer(self):
        return self.rng.choices(list(VIEWERS), list(VIEWERS.values()))[0]


def peek(path, **params):
    """What the product knows from elsewhere: not a request."""
    return Ask(0, "web2", path, tuple(params.items()), None, False)


def ask(wait_ms, program, path, dated=None, **params):
    return Ask(wait_ms, program, path, tuple(params.items()), dated)


def userid_of(day, handle):
    if handle not in day.ids:
        answer = yield peek("/userid/", username=handle)
        day.ids[handle] = answer["id"]
    return day.ids[handle]


def post_ask(day, wait_ms, program, path, handle, post_id, **params):
    return ask(wait_ms, program, path, int(post_id), url=post_url(PROGRAMS[program], day.rng, handle, int(post_id)), **params)


def some_post(day, newest=20):
    """A post of a popular creator, the newer the likelier: (handle, id)."""
    while True:
        userid = yield from userid_of(day, public(day.creators()))
        page = yield peek("/user-posts/", userid=userid, count=newest)
        if page.get("videos"):
            row = page["videos"][min(int(day.rng.expovariate(0.35)), len(page["videos"]) - 1)]
            return row["author"]["unique_id"], row["video_id"]


def hydrate(day, program, rows, wait_ms=S):
    """Each row's post once more, five at a time."""
    for i, row in enumerate(rows):
        yield post_ask(day, wait_ms if i == 0 else 350 if i % 5 == 0 else 0, program, "/post-detail/", row["author"]["unique_id"],
                       row["video_id"])


def page_view(day, program, handle, lists, hydrates, deeper, followers):
    """A creator's page: the profile each time, often the posts, now and then more of them and the head of the followers."""
    count = PROGRAMS[program].count
    yield ask(0, program, "/userinfo-by-username/", username=username(PROGRAMS[program], day.rng, handle))
    userid = yield from userid_of(day, handle)
    if followers:
        yield ask(100, program, "/user-followers/", userid=userid, count=20, time=0)
    cursor = 0
    for _ in range(1 + deeper if lists else 0):
        page = yield ask(200 if cursor == 0 else 8 * S, program, "/user-posts/", userid=userid, count=count, cursor=cursor)
        if hydrates:
            yield from hydrate(day, program, page.get("videos", ()))
        cursor = page.get("cursor")
        if not page.get("hasMore"):
            return


def poll(day, program, handle, every_ms):
    """The newest posts again and again; what is new is fetched once more."""
    userid = yield from userid_of(day, handle)
    seen, wait = None, 0
    for _ in range(int(day.length_ms // every_ms)):
        page = yield ask(wait, program, "/user-posts/", userid=userid, count=PROGRAMS[program].count, cursor=0)
        rows = page.get("videos", ())
        new = [r for r in rows if seen is not None and r["video_id"] not in seen]
        seen = {r["video_id"] for r in rows}
        yield from hydrate(day, program, new)
        wait = every_ms - (S if new else 0) - 350 * ((len(new) - 1) // 5 if new else 0)


def walk(wait_ms, program, path, pages, position="cursor", dated=None, **params):
    """Pages of a list, as long as there are any. Gives back the pages."""
    at, got = 0, []
    for i in range(pages):
        page = yield ask(wait_ms if i == 0 else S, program, path, dated, **params, **{position: at})
        got.append(page)
        at = page.get(position, 0)
        if not page.get("hasMore"):
            break
    return got


def some_filters(day):
    return {"publish_time": day.rng.choices((0, 7), (85, 15))[0], "sort_by": day.rng.choices((0, 1), (80, 20))[0], "region": ""}


def search(day, program, keyword, pages, filters, hydrates=False, authors=False, sounds=False):
    """Pages of what a keyword finds; of the first page's posts some programs fetch each once more, or each author, or each sound."""
    cursor = 0
    for i in range(pages):
        page = yield ask(0 if i == 0 else 2 * S, program, "/search-video/", keyword=keyword, count=PROGRAMS[program].count, cursor=cursor,
                         **filters)
        rows = page.get("videos", [])
        if hydrates and i == 0:
            yield from hydrate(day, program, rows)
        for row in rows if authors and i == 0 else ():
            yield ask(150, program, "/userinfo-by-id/", userid=row["author"]["id"])
        for row in rows if sounds and i == 0 else ():
            yield ask(150, program, "/music-info/", music_id=row["music_info"]["id"])
        cursor = page.get("cursor")
        if not page.get("hasMore"):
            return


def post_page(day, program, pages, replies):
    """One post, what people say, and what is answered to that."""
    handle, post_id = yield from some_post(day)
    yield post_ask(day, 0, program, "/post-detail/", handle, post_id)
    url, count = post_url(PROGRAMS[program], day.rng, handle, int(post_id)), PROGRAMS[program].count
    got = yield from walk(200, program, "/post-comments/", pages, dated=int(post_id), url=url, count=count)
    threads = [c["id"] for page in got for c in page.get("comments", ()) if c.get("reply_total", 0) > 0]
    for comment in threads[:replies]:
        yield ask(3 * S, program, "/post-comment-replies/", int(comment), video_id=post_id, comment_id=comment, count=10, cursor=0)


def export(day, download):
    """Somebody pastes a link and wants the file: hdplay is needed, and half of the program's versions ask for the links again."""
    handle, post_id = yield from some_post(day, 35)
    yield post_ask(day, 0, "export", "/post-detail/", handle, post_id)
    if download:
        yield post_ask(day, S, "export", "/download-video/", handle, post_id)


def sound_of(day, no):
    """The id of a sound, found below a post of its own creator."""
    if ("sound", no) not in day.ids:
        userid = yield from userid_of(day, public(no % len(day.creators.order)))
        page = yield peek("/user-posts/", userid=userid, count=35)
        rows = page.get("videos") or [{"music_info": {"id": "1"}}]
        day.ids["sound", no] = rows[no % len(rows)]["music_info"]["id"]
    return day.ids["sound", no]


def single(day, path, program):
    """One question to one of the endpoints that are asked now and then."""
    if path == "/region-list/":
        yield ask(0, program, path)
    elif path == "/ads-detail/":
        ad = 7340000000000000000 + 1000 * day.creators()
        yield ask(0, program, path, url=f"https://ads.tiktok.com/business/creativecenter/topads/{ad}/pc/en?countryCode=US&period=30")
    elif path == "/download-video/":
        handle, post_id = yield from some_post(day)
        yield post_ask(day, 0, program, path, handle, post_id)
    elif path == "/userid/":
        yield ask(0, program, path, username=username(PROGRAMS[program], day.rng, public(day.creators())))
    else:
        params = yield from (about_a_theme if path in THEMES else about_a_user)(day, path, program)
        yield ask(0, program, path, **params)


def about_a_theme(day, path, program):
    if path == "/music-info/":
        return {"music_id": (yield from sound_of(day, day.sounds()))}
    if path == "/download-music/":
        return {"url": f"https://www.tiktok.com/music/sound-{(yield from sound_of(day, day.sounds()))}"}
    if path in ("/search-user/", "/search-challenge/"):
        return {"keyword": keyword(day.keywords()), "count": min(30, int(PROGRAMS[program].count)), "cursor": 0}
    tag = yield peek("/challenge-info-id/", id=1 + day.tags())
    mark = day.rng.choice(("", "#")) if PROGRAMS[program].handle == "typed" else ""
    return {"id": tag["id"]} if path == "/challenge-info-id/" else {"name": mark + tag["cha_name"]}


def about_a_user(day, path, program):
    userid = yield from userid_of(day, public(day.creators()))
    pages = {"count": PROGRAMS[program].count, "cursor": 0}
    if path in ("/userinfo-by-id/", "/user-stories/"):
        return {"userid": userid}
    if path.startswith("/user-"):
        return {"userid": userid, **pages}
    kind = "collection" if "collection" in path else "playlist"
    page = yield peek(f"/user-{kind}s/", userid=userid)
    of = {f"{kind}_id": (page.get(f"{kind}s") or [{"id": 1}])[0]["id"]}
    return of if path.endswith("info/") else {**of, **pages}
