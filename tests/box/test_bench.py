"""The parts of the credit benchmark: its clock, its day, how it is spelled, its judge, its peers' configuration."""

import collections
import json
import re
import subprocess
import sys
import urllib.parse

import pytest
from wire import ask
from world import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tests" / "bench"))

import columns  # noqa: E402
import judge  # noqa: E402
import peers  # noqa: E402
import planning  # noqa: E402
import player  # noqa: E402
import report  # noqa: E402
import terms  # noqa: E402
import workload  # noqa: E402
from floor import floor as least  # noqa: E402
from spelling import PASTED, POST_FORMS, PROGRAMS, short_code, target, username  # noqa: E402

SCALE, HOURS = 0.005, 1


@pytest.fixture(scope="module")
def bench():
    """A world of the benchmark: a twin that lives by a clock of its own."""
    w = columns.World()
    try:
        w.clock.go(1)
        w.start_twin()
        yield w
        faults = w.end()
    finally:
        w.end()
        w.remove()
    assert not faults, faults


def planned(seed, product=workload.LEADERBOARD):
    """A day of its own world, since clocks do not go back."""
    w = columns.World()
    try:
        w.clock.go(1)
        w.start_twin()
        return planning.plan(seed, SCALE, HOURS, workload.SKEW, planning.Oracle(w.twin, w.clock, columns.START_S * 1000), product)
    finally:
        w.end()
        w.remove()


@pytest.fixture(scope="module")
def day():
    return planned(1)


def parameters(request):
    return urllib.parse.parse_qsl(request.target.partition("?")[2], keep_blank_values=True)


def test_programs_live_by_the_worlds_clock(bench):
    def now_ms():
        return ask(bench.twin, "/_twin/time").json["now_ms"]

    bench.clock.stand(bench.clock.now_ns() + 3600 * 10**9)
    before = now_ms()
    assert before == bench.clock.now_ms() == now_ms()
    bench.clock.go(100000)
    ask(bench.twin, "/_twin/delay?ms=600000")
    began = now_ms()
    assert ask(bench.twin, "/region-list/").status == 200
    assert now_ms() - began >= 600000, "the twin's delay is ten minutes of the world"
    ask(bench.twin, "/_twin/delay?ms=0")
    bench.clock.go(1)


@pytest.mark.parametrize("product, calls", [(workload.LEADERBOARD, 203100), (workload.CASE, 480000)])
def test_a_day_has_its_products_proportions(product, calls):
    assert sum(product.calls.values()) == calls and len(product.calls) == 29
    counted = collections.Counter(r.path for r in planned(3, product))
    assert counted == {path: max(1, round(n * SCALE)) for path, n in product.calls.items()}


def test_requests_come_in_order_and_wait_for_earlier_lists(day):
    assert all(a.at_ms <= b.at_ms for a, b in zip(day, day[1:])) and 0 <= day[0].at_ms and day[-1].at_ms < HOURS * 3600000
    for i, request in enumerate(day):
        assert request.after < i and (request.after < 0 or day[request.after].path in planning.LISTS)


def test_most_details_are_hydration_and_the_exports_ask_for_the_rest(day):
    details = [r for r in day if r.path == "/post-detail/"]
    hydration = [r for r in details if r.after >= 0]
    assert 0.8 < len(hydration) / len(details) < 0.97
    assert {r.client for r in hydration} <= {"dashboard", "worker"} and "export" in {r.client for r in details}
    lists = collections.Counter(r.after for r in hydration)
    assert all(day[i].path in ("/user-posts/", "/search-video/") for i in lists) and max(lists.values()) <= 35


def test_a_seed_is_a_day(day):
    assert planned(1) == day
    assert planned(2) != day


def test_popularity_is_skewed():
    chosen = workload.Popularity(workload.random.Random(1), 12000)
    top = set(chosen.top(600))
    share = sum(chosen() in top for _ in range(20000)) / 20000
    assert 0.65 < share < 0.75, "a twentieth of the creators has about 70 % of the views"


def test_spellings_are_mixed(day):
    counts = {dict(parameters(r)).get("count") for r in day if r.path == "/user-posts/"}
    assert counts == {None, "10", "20", "30", "35"} - {"10"}  # 10 is left out by the programs that mean it
    assert {r.target.partition("?")[0].endswith("/") for r in day} == {True, False}
    orders = {tuple(n for n, _ in parameters(r)) for r in day if r.path == "/user-posts/"}
    assert {("userid", "count", "cursor"), ("count", "userid"), ("count", "cursor", "userid"), ("userid",)} <= orders
    searches = [parameters(r) for r in day if r.path == "/search-video/"]
    assert {("region", "") in s for s in searches} == {True, False}
    handles = [dict(parameters(r))["username"] for r in day if r.path == "/userinfo-by-username/"]
    assert any(h[0] == "@" for h in handles) and any(h != h.lower() for h in handles) and any(h.startswith("creator") for h in handles)
    urls = [dict(parameters(r))["url"] for r in day if r.path == "/post-detail/"]
    for mark in ("is_from_webapp=1", "/@/video/", "m.tiktok.com/v/", "vm.tiktok.com/", "_t="):
        assert any(mark in u for u in urls), mark


def test_defaults_are_left_out_or_written_as_the_program_does():
    params = [("userid", 7), ("count", 10), ("cursor", 0)]
    assert target(PROGRAMS["web2"], "/user-posts/", params) == "/user-posts/?userid=7&count=10&cursor=0"
    assert target(PROGRAMS["web1"], "/user-posts/", params) == "/user-posts/?userid=7"
    assert target(PROGRAMS["mobile"], "/user-posts/", [("userid", 7), ("count", 30)]) == "/user-posts?count=30&userid=7"


def test_the_twin_understands_every_spelling(bench):
    sample, rng = ask(bench.twin, "/_twin/world?n=7").json, workload.random.Random(1)
    post, handle = int(sample["post_id"]), sample["username"]
    assert set(PASTED) <= set(POST_FORMS)
    for form, make in POST_FORMS.items():
        answer = ask(bench.twin, "/post-detail/?" + urllib.parse.urlencode({"url": make(handle, post, rng)}))
        assert answer.json["id"] == str(post), form
    for _ in range(20):
        name = username(PROGRAMS["export"], rng, handle)
        assert ask(bench.twin, "/userid/?" + urllib.parse.urlencode({"username": name})).json["id"] == sample["userid"], name


def test_frugald_reads_the_same_post_in_every_spelling(bench):
    keys, rng = set(), workload.random.Random(1)
    for form in set(POST_FORMS) - {"short"}:
        asked = target(PROGRAMS["web2"], "/post-detail/", [("url", POST_FORMS[form]("nasa", 7322612190769315843, rng))])
        said = subprocess.run([str(BUILD / "frugald"), "--explain", asked], capture_output=True, text=True, check=True).stdout
        keys.add(re.search(r"key: *(\S+)", said).group(1))
    assert len(keys) == 1


@pytest.mark.parametrize("n", [7687620374665625600, 1000000000000000000, 7900000000000000019, 12])
def test_below_is_a_pattern_for_smaller_numbers(n):
    pattern = re.compile(peers.below(n))
    for other in {n - 1, n, n + 1, n // 2, n - 10**6, n + 10**6, 10**(len(str(n)) - 1), 10**len(str(n)) - 1}:
        if len(str(other)) == len(str(n)) and other > 0:
            assert bool(pattern.fullmatch(str(other))) == (other < n), other


def test_terms_end_with_the_links():
    catalogue = terms.read(BUILD / "frugald")
    assert len(catalogue) == 29
    assert catalogue["/userid/"].window() == (7 * 86400, 30 * 86400)
    posts, detail = catalogue["/user-posts/"], catalogue["/post-detail/"]
    assert posts.window() == (3600, 3600) and posts.window(deep=True) == (terms.LINK_LIFE_S, 0)
    assert [detail.window(post_age=age) for age in (0, 3600, 86400, 10**9)] == [(300, 3600), (1800, 3600), (terms.LINK_LIFE_S, 0),
                                                                              (terms.LINK_LIFE_S, 0)]


def test_links_of_pictures_let_a_body_live_longer():
    detail = terms.read(BUILD / "frugald")["/post-detail/"]
    assert detail.window(post_age=10**9, link_life=86400) == (86400, 0)
    assert detail.window(post_age=10**9, link_life=10**9) == (86400, 3600)


def test_the_floor_counts_each_thing_once_however_it_is_spelled():
    catalogue = terms.read(BUILD / "frugald")

    def request(target, client="dashboard", at_s=0):
        return workload.Request(at_s * 1000, client, -1, target, target.partition("?")[0].rstrip("/") + "/", None)

    def floor(requests, needs=False):
        return least(requests, catalogue, needs)

    code = short_code(7000000000000000001)
    same = [request("/post-detail/?url=7000000000000000001"), request("/post-detail?url=https%3A%2F%2Fvm.tiktok.com%2F" + code + "%2F"),
            request("/post-detail/?url=https%3A%2F%2Fwww.tiktok.com%2F%40a%2Fvideo%2F7000000000000000001%3Flang%3Den")]
    assert floor(same) == 1 and floor(same, needs=True) == 0
    assert floor(same + [request("/post-detail/?url=7000000000000000001", "export")], needs=True) == 1
    pages = [request("/user-posts/?userid=1&count=10&cursor=0"), request("/user-posts?cursor=77&userid=1"), request("/user-posts/?userid=2")]
    assert floor(pages) == 2
    assert floor([request("/userid/?username=@Anna"), request("/userid/?username=anna"), request("/userid/?username=bert")]) == 2
    hours = [request("/user-posts/?userid=1", at_s=3600 * h) for h in range(7)]
    assert floor(hours) == 3, "an hour fresh and another one stale"


class Played:
    """What a player leaves behind, for a few answers: (request, sent_s, body)."""

    start_ms = columns.START_S * 1000

    def __init__(self, *answers):
        self.requests = [request for request, _, _ in answers]
        self.sent = self.got = [int(sent_s * 1000) for _, sent_s, _ in answers]
        self.status = [200] * len(answers)
        self.sums = [i.to_bytes(16, "big") for i in range(len(answers))]
        self.facts = {s: player.facts_of(body) for s, (_, _, body) in zip(self.sums, answers)}
        self.rescued = bytearray(len(answers))


def test_the_judge_finds_what_is_too_old_dead_or_never_was(bench):
    catalogue, start = terms.read(BUILD / "frugald"), columns.START_S
    bench.clock.stand((start + 30 * 3600) * 10**9)
    sample = ask(bench.twin, "/_twin/world?n=7").json
    post, truth = int(sample["post_id"]), judge.Truth(bench.twin)
    detail = ask(bench.twin, f"/post-detail/?url={post}").body  # made 30 h after the start
    request = workload.Request(0, "dashboard", -1, f"/post-detail/?url={post}", "/post-detail/", post)
    posts = request._replace(target="/user-posts/?userid=1", path="/user-posts/", dated=None)
    made = {(0).to_bytes(16, "big"): [(start + 30 * 3600) * 1000], (1).to_bytes(16, "big"): [start * 1000]}
    cases = [(request, 31 * 3600, detail), (posts, 7201, b"{}"), (request, 31 * 3600, detail), (request, 54 * 3600, detail),
             (request, 31 * 3600, re.sub(rb'"play_count":\d+', b'"play_count":999999999999', detail))]
    verdict = judge.judge(Played(*cases), made, catalogue, truth)
    assert verdict.how == {"sum": 2, "plays": 2, "never true": 1}
    assert [a.index for a in verdict.too_old] == [1, 3], "two hours are all that a list may have; a day old is too old for plays"
    in_trouble = Played(*cases)
    in_trouble.rescued[1] = True
    verdict_then = judge.judge(in_trouble, made, catalogue, truth)
    assert [a.index for a in verdict_then.too_old] == [3] and verdict_then.rescued == 1, "who says that an answer is old in trouble is counted"
    assert verdict.dead_links == 1 and verdict.largest > 1 and 0 < verdict.percentile(0.3) < 1


def test_a_body_tells_its_age_by_its_links(bench):
    at = columns.START_S + 30 * 3600
    bench.clock.stand(at * 10**9)
    sample = ask(bench.twin, "/_twin/world?n=7").json
    detail = player.facts_of(ask(bench.twin, f"/post-detail/?url={sample['post_id']}").body)
    assert (detail.oldest_link, detail.links_end) == (at, at + 6 * 3600) and detail.plays > 0 and not detail.is_negative
    profile = player.facts_of(ask(bench.twin, f"/userinfo-by-username/?username={sample['username']}").body)
    assert profile.oldest_link == at and profile.links_end > at + 46 * 3600
    assert player.facts_of(ask(bench.twin, "/post-detail/?url=12").body).is_negative


def test_chunks_make_a_body():
    whole = b"3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n"
    assert player.unchunk(whole) == b"abc0123456789"
    assert all(player.unchunk(whole[:n]) is None for n in range(len(whole) - 2))


def test_what_the_bars_say(monkeypatch):
    import credits
    good = judge.Verdict()
    results = {k: {"title": k, "total": n, "failed": 0, "holes": {}, "faults": [], "verdict": good, "credits": {"/userid/": n}}
               for k, n in {"a": 610, "b": 300, "c": 240, "d": 120, "e": 100}.items()}
    assert all(held for _, held in credits.bars("leaderboard", results)) and len(credits.bars("leaderboard", results)) == 7
    for key, total in (("d", 121), ("e", 101)):
        assert not all(held for _, held in credits.bars("leaderboard", {**results, key: {**results[key], "total": total}}))
    assert not all(held for _, held in credits.bars("leaderboard", {**results, "d": {**results["d"], "faults": ["drift"]}}))
    peers_close = {**results, "d": {**results["d"], "total": 230}}
    assert all(held for _, held in credits.bars("case", peers_close)), "the case study says nothing of who does not say what he reads"
    bad = judge.Verdict()
    bad.add(judge.Aged(0, 11, 10, "sum"))
    assert not all(held for _, held in credits.bars("leaderboard", {**results, "b": {**results["b"], "verdict": bad}}))
    assert json.dumps(credits.table("leaderboard", results)).count("610") == 2


FIGURES = {"rps": 60000, "cpu_us": 10, "p50_us": 1000, "p99_us": 2000, "memory_mib": 20, "busy": 0.5}


def taken(**mine):
    """Figures of a run in which frugald does as it should, but for what is said otherwise."""
    t = report.Taken()
    for size in report.SIZES:
        for name, rps in {"frugald": 60000, "nginx": 40000, "HAProxy": 48000, "libmicrohttpd": 66000}.items():
            for _ in range(3):
                t.add(report.ONE, size, name, {**FIGURES, "rps": rps, **(mine if name == "frugald" else {})})
    mixed = {"growth_us": 500, "spread_p50_us": 90, "spread_p99_us": 400, "calls": 1, "quiet_rps": 60000, "quiet_p99_us": 2000}
    t.add(report.MIXED, 1024, "frugald", {**FIGURES, **mixed, **mine})
    return t


@pytest.mark.parametrize(("broken", "how_often"), [
    ({}, 0), ({"cpu_us": 11}, 0), ({"rps": 59999}, 3), ({"rps": 59399}, 6), ({"cpu_us": 11.1}, 3), ({"p99_us": 2001}, 3), ({"growth_us": 2001}, 1),
    ({"spread_p99_us": 5001}, 1), ({"calls": 1.01}, 1)])
def test_what_the_bars_of_speed_say(broken, how_often):
    held = [holds for _, holds in report.bars(taken(**broken))]
    assert len(held) == 15 and held.count(False) == how_often, report.bars(taken(**broken))


def test_the_report_begins_with_ratios_and_names_the_best_of_the_peers():
    text = report.text(taken(), "versions")
    assert text.index("### Ratios") < text.index("### Bars") < text.index("### Figures") < text.index("versions")
    assert "| requests/s ÷ best peer's | 1.25 (HAProxy) |" in text and "BROKEN" not in text
    assert "BROKEN" in report.text(taken(cpu_us=20), "versions")


def test_what_was_not_measured_is_no_bar():
    t = report.Taken()
    t.add(report.ONE, 1024, "nginx", FIGURES)
    assert report.bars(t) == []


def test_a_request_on_a_connection_that_has_just_been_closed_is_sent_again():
    """A server that closes every connection after its first answer without saying so."""
    import asyncio
    asked = []

    async def serve(reader, writer):
        asked.append((await reader.read(65536)).split(b"\r\n\r\n")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" if asked[-1] else b"")
        writer.close()

    async def play():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        requests = [workload.Request(0, "worker", -1, f"/region-list/?n={n}", "/region-list/", None) for n in range(300)]
        mine = player.Player(requests, columns.tcp(address), Still(), 0, 1, columns.KEYS)
        await asyncio.wait_for(mine.play(), 20)
        server.close()
        return mine

    class Still:
        """A clock that nobody reads."""

        def now_ms(self):
            return 1000

        def go(self, speed):
            pass

    mine = asyncio.run(play())
    assert set(mine.status) == {200} and len({a.split()[1] for a in asked if a}) == 300


@pytest.mark.skipif("address" in BUILD.name or "thread" in BUILD.name, reason="a sanitizer takes memory and time of its own")
def test_growth_can_be_measured(tmp_path):
    """Not what it costs: one short round beside other tests says nothing of that."""
    out = tmp_path / "growth.md"
    done = subprocess.run([sys.executable, ROOT / "tests/bench/growth.py", BUILD, "--answers", "20000", "--rounds", "1", "--seconds", "0.2",
                           "--out", out], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1) and done.stdout.count("holds") >= 4, done.stderr
    assert "100,000" in out.read_text()
