"""Lists are read by count and cursor, with any counts: the same rows as from the twin itself, for the fewest calls."""

import itertools
import json
import random

from wire import ask
from world import KEY, query


class List:
    """One list of the twin: what names it, and how it is paged."""

    def __init__(self, path, names, most, rows="videos", cursor="cursor", cut=True):
        self.path, self.names, self.most, self.rows, self.cursor, self.cut = path, names, most, rows, cursor, cut

    def target(self, count, cursor):
        return f"/{self.path}/?" + query(self.names + [("count", count), (self.cursor, cursor)])


def lists_of(s, keyword):
    """Every list whose largest count is known. Those that are not cut are paged by times that their rows do not tell."""
    return [
        List("user-posts", [("userid", s["userid"])], 35),
        List("user-liked", [("userid", s["userid"])], 35, cut=False),
        List("user-followers", [("userid", s["userid"])], 200, "followers", "time", cut=False),
        List("user-following", [("userid", s["userid"])], 200, "followings", "time", cut=False),
        List("search-user", [("keyword", keyword)], 30, "user_list"),
        List("post-comments", [("url", s["post_url"])], 50, "comments"),
        List("post-comment-replies", [("video_id", s["post_id"]), ("comment_id", s["comment_id"])], 50, "comments"),
        List("music-posts", [("music_id", s["music_id"])], 35),
        List("challenge-posts", [("challenge_id", s["challenge_id"])], 35),
        List("search-video", [("keyword", keyword)], 35),
        List("search-challenge", [("keyword", keyword)], 30, "challenge_list"),
    ]


def of_twin(world, target):
    answer = ask(world.twin.address, target, (("X-Api-Key", KEY),))
    assert answer.status == 200, answer
    return answer


def of_frugald(daemons):
    turn = itertools.cycle(daemons)

    def get(target):
        answer = next(turn).get(target)
        assert answer.status == 200 and answer["Content-Type"] == "application/json", answer
        return answer
    return get


def crawl(get, a_list, counts, pages_max=400, between=lambda: None):
    """Reads a list to its end; the pages in their order."""
    cursor, pages = 0, []
    while len(pages) < pages_max:
        answer = get(a_list.target(next(counts), cursor))
        pages.append(answer)
        page = answer.json
        if not page["hasMore"]:
            return pages
        assert str(page[a_list.cursor]) != str(cursor), answer
        cursor = page[a_list.cursor]
        between()
    raise AssertionError(f"{a_list.path} has no end")


def same(value):
    """A row without what differs from one answer to the next: signed links, and a request's id."""
    if isinstance(value, dict):
        return {k: same(v) for k, v in value.items() if k != "organic_log_extra"}
    if isinstance(value, list):
        return [same(v) for v in value]
    return "link" if isinstance(value, str) and value.startswith("https://") else value


def rows_of(a_list, pages):
    return [same(row) for page in pages for row in page.json[a_list.rows]]


def ids_of(a_list, pages):
    """What a row is about, whatever else has changed meanwhile."""
    name = "video_id" if a_list.rows == "videos" else "id"  # comments name their post, too
    return [row.get(name) or row["user"]["id"] for page in pages for row in page[a_list.rows]]


def pieces(text, rows):
    """The rows of a page as they are spelled."""
    decoder, found = json.JSONDecoder(), []
    at = text.index(f'"{rows}":') + len(rows) + 3
    at = text.index("[", at) + 1
    while text[at].isspace():
        at += 1
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        found.append(text[at:end])
        at = end
        while text[at] in ", \n":
            at += 1
    return found


def fewest_calls(a_list, largest, first):
    """One for each page of the largest count: every place of the list is in one of them, and all but the last are full."""
    if a_list.path == "user-posts":
        pinned = sum(row["is_top"] for row in largest[0].json["videos"][:3])
        return len(largest) + (first <= pinned)  # a page that ends among pinned posts can only be bought as it is
    places = int(largest[-1].json[a_list.cursor])
    assert len(largest) == max(1, -(-places // a_list.most)), (a_list.path, places, len(largest))
    return len(largest)


def types_of(page, a_list):
    return {k: type(v) for k, v in page.items()}, list(page)


def test_a_crawl_with_random_counts_equals_a_direct_one_and_costs_the_fewest_calls(world):
    world.twin.order("time", freeze=1)
    chance, saved = random.Random(4), 0
    for n in range(3):
        frugald = world.frugald(f"d{n}")
        for a_list in lists_of(world.twin.sample(n), f"cats {n}"):
            counts = [chance.randint(1, a_list.most) for _ in range(1000)]
            direct = crawl(lambda target: of_twin(world, target), a_list, iter(counts))
            largest = crawl(lambda target: of_twin(world, target), a_list, itertools.repeat(a_list.most))
            before = world.twin.calls
            pages = crawl(of_frugald([frugald]), a_list, iter(counts))
            calls = world.twin.calls - before
            assert rows_of(a_list, pages) == rows_of(a_list, direct) == rows_of(a_list, largest), (n, a_list.path)
            assert calls == (fewest_calls(a_list, largest, counts[0]) if a_list.cut else len(direct)), (n, a_list.path, calls, counts[0])
            sent = "".join(world.twin.body(c["seq"]).decode() for c in world.twin.calls_since(before))
            for count, page, as_sent in zip(counts, pages, itertools.cycle(direct)):
                found = pieces(page.body.decode(), a_list.rows)
                assert len(found) <= count and all(row in sent for row in found), (n, a_list.path)  # byte for byte
                assert types_of(page.json, a_list) == types_of(as_sent.json, a_list), (n, a_list.path)
            saved += len(direct) - calls
        frugald.stop()
    world.books_apply = False  # the twin has billed the direct crawls as well
    assert saved > 100, saved


def test_the_first_page_is_right_for_every_count(world):
    """Pinned posts lead it; how many of them there are on a page that ends among them only the upstream knows."""
    world.twin.order("time", freeze=1)
    frugald = world.frugald()
    for n in range(3):
        a_list = List("user-posts", [("userid", world.twin.sample(n)["userid"])], 35)
        for count in range(1, 36):
            pages = [of_frugald([frugald])(a_list.target(count, 0))]
            direct = [of_twin(world, a_list.target(count, 0))]
            cut, short = rows_of(a_list, pages), rows_of(a_list, direct)
            assert cut[:len(short)] == short and len(short) <= len(cut) <= count, (n, count)  # places that show nothing are at its end
    assert frugald.stats()["credits"]["spent"] <= 3 * 4
    world.books_apply = False


class Churn:
    """Between two pages time passes, and posts are deleted, those that were read and those that were not yet."""

    def __init__(self, world, chance, posts):
        self.world, self.chance, self.posts, self.gone = world, chance, posts, set()

    def __call__(self):
        self.world.twin.order("time", advance_ms=self.chance.randint(0, 20000))
        for _ in range(self.chance.randint(0, 2) if self.posts else 0):
            post = self.chance.choice(self.posts)
            self.world.twin.order("remove", post=post)
            self.gone.add(post)

    def left(self, ids):
        return [i for i in ids if i not in self.gone]


def test_what_happens_between_two_pages_makes_no_gap_and_no_duplicate(world):
    world.twin.order("time", freeze=1)
    frugald = world.frugald()
    chance = random.Random(7)
    for a_list in (c for n in range(3) for c in lists_of(world.twin.sample(n), f"dogs {n}")):
        direct = crawl(lambda target: of_twin(world, target), a_list, itertools.repeat(a_list.most))
        listed = ids_of(a_list, [p.json for p in direct])
        churn = Churn(world, chance, listed if a_list.rows == "videos" else [])
        counts = itertools.chain([chance.randint(4, a_list.most)], iter(lambda: chance.randint(1, a_list.most), 0))
        seq = world.twin.calls
        pages = crawl(of_frugald([frugald]), a_list, counts, between=churn)
        got = ids_of(a_list, [p.json for p in pages])
        # each block is what a direct crawl got at that moment, and so are all pages that are cut from it
        blocks = [json.loads(world.twin.body(c["seq"])) for c in world.twin.calls_since(seq)]
        assert got == ids_of(a_list, blocks), a_list.path
        assert not a_list.cut or len(blocks) <= len(direct), a_list.path
        if a_list.cursor == "time" or a_list.path in ("user-posts", "user-liked"):  # what is newer comes before the first page
            assert churn.left(got) == churn.left(listed), a_list.path
        for post in churn.gone:
            world.twin.order("restore", post=post)
    world.books_apply = False


def test_clients_of_several_instances_share_blocks(world):
    world.twin.order("time", freeze=1)
    fleet = world.fleet(3)
    for a_list in lists_of(world.twin.sample(1), "birds"):
        if not a_list.cut:
            continue
        largest = crawl(lambda target: of_twin(world, target), a_list, itertools.repeat(a_list.most))
        before = world.twin.calls
        pages = crawl(of_frugald(fleet), a_list, itertools.repeat(a_list.most // 5))
        assert world.twin.calls - before <= len(largest), a_list.path
        assert rows_of(a_list, pages) == rows_of(a_list, largest), a_list.path
    world.books_apply = False


def test_pages_say_that_they_are_cut_and_have_tags_of_their_own(world):
    frugald = world.frugald()
    a_list = List("search-video", [("keyword", "cats")], 35)
    first = frugald.get(a_list.target(10, 0))
    assert "fwd=uri-miss" in first.cache and first.cache.endswith("detail=page-slice") and first["X-Credits-Spent"] == "1"
    again = frugald.get(a_list.target(10, 0))
    assert again.body == first.body and again["ETag"] == first["ETag"] and again["X-Credits-Avoided"] == "1"
    assert again.cache.startswith("frugald; hit; ttl=") and again.cache.endswith("detail=page-slice")
    assert frugald.get(a_list.target(10, 0), ("If-None-Match", first["ETag"])).status == 304
    second = frugald.get(a_list.target(10, first.json["cursor"]))
    assert second["ETag"] != first["ETag"] and frugald.outcomes()["page"] == 3
    whole = frugald.get(a_list.target(35, 0))
    assert whole.body == world.twin.body(1) and "page-slice" not in whole.cache
    assert world.twin.calls == 1


def test_without_blocks_each_page_is_asked_for_as_it_is(world):
    frugald = world.frugald(blocks="off")
    a_list = List("search-video", [("keyword", "cats")], 35)
    for seq, cursor in enumerate((0, 10, 20), 1):
        answer = frugald.get(a_list.target(10, cursor))
        assert answer.body == world.twin.body(seq) and "page-slice" not in answer.cache
    frugald.reload(blocks="on")
    assert frugald.get(a_list.target(5, 0)).cache.endswith("page-slice") and world.twin.calls == 4
