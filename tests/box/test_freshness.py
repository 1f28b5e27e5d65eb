"""How old an answer may be, what it says about that, and what is never served: seen from outside."""

import email.utils
import os
import re
import subprocess
import time

from wire import until
from world import ROOT, query

USERID = "/userid/?username="


def ttl(answer):
    return int(re.search(r"ttl=(-?\d+)", answer.cache)[1])


def test_answers_carry_age_etag_and_lifetime_and_head_and_304_cost_nothing(world):
    frugald = world.frugald()
    target = USERID + world.twin.sample(1)["username"]
    first = frugald.get(target)
    hit = frugald.get(target)
    assert first["Age"] == "0" and int(hit["Age"]) <= 5
    assert re.fullmatch(r"max-age=\d+", hit["Cache-Control"]) and 0 < ttl(hit) <= 7 * 86400
    assert abs(int(hit["Cache-Control"][8:]) - ttl(hit)) <= 1
    assert abs(email.utils.parsedate_to_datetime(hit["Date"]).timestamp() - time.time()) < 60
    assert re.fullmatch(r'"[0-9a-f]{16}"', hit["ETag"]) and hit["ETag"] == first["ETag"]
    assert re.fullmatch(r"\S+", hit["X-Request-Id"]) and hit["X-Request-Id"] != first["X-Request-Id"]
    assert frugald.get(target, ("X-Request-Id", "mine-42"))["X-Request-Id"] == "mine-42"

    for tag in (hit["ETag"], "W/" + hit["ETag"], '"other", ' + hit["ETag"], "*"):
        same = frugald.get(target, ("If-None-Match", tag))
        assert (same.status, same.body, same["ETag"]) == (304, b"", hit["ETag"]) and same["Cache-Control"], (tag, same)
    assert frugald.get(target, ("If-None-Match", '"0000000000000000"')).status == 200

    head = frugald.get(target, method="HEAD")
    get = frugald.get(target)
    changing = {"Date", "X-Request-Id", "Age", "Cache-Control", "Cache-Status"}
    assert (head.status, head.body) == (200, b"") and [n for n, _ in head.fields] == [n for n, _ in get.fields]
    assert [f for f in head.fields if f[0] not in changing] == [f for f in get.fields if f[0] not in changing]
    assert int(head["Content-Length"]) == len(get.body) and world.twin.billed == 1

    other = USERID + world.twin.sample(2)["username"]
    assert frugald.get(other, method="HEAD")["X-Credits-Spent"] == "1" and frugald.get(other).body
    assert world.twin.billed == 2  # the HEAD has paid for the GET


def test_a_clients_directives_save_credits_but_buy_nothing_without_permission(world):
    frugald = world.frugald(endpoints={"userid": {"stale": 0}})
    target = USERID + world.twin.sample(1)["username"]

    def ask(directive):
        return frugald.get(target, ("Cache-Control", directive))

    probe = ask("only-if-cached")
    assert probe.status == 504 and probe.is_problem and world.twin.calls == 0
    assert frugald.get(target).status == 200
    assert ask("only-if-cached").status == 200
    for buys in ("no-cache", "max-age=0", "min-fresh=99999999", "no-store, no-cache"):
        answer = ask(buys)
        assert answer.status == 200 and answer.cache.startswith("frugald; hit") and "no-cache-ignored" in answer.cache, (buys, answer)
    assert frugald.get(target, ("Pragma", "no-cache")).cache.endswith("detail=no-cache-ignored")
    assert world.twin.calls == 1

    frugald.reload(endpoints={"userid": {"fresh": "1ms", "stale": 0}})  # what is stored is past its time
    asked = ask("max-stale=100")
    assert asked.status == 200 and ttl(asked) < 0 and world.twin.calls == 1
    assert ask("max-stale").status == 200 and frugald.outcomes()["stale_asked"] == 2
    assert ask("only-if-cached").status == 504 and world.twin.calls == 1
    assert frugald.get(target)["X-Credits-Spent"] == "1" and world.twin.calls == 2

    frugald.reload(may_refresh=True, refresh_min=0, endpoints={})
    assert ask("max-age=1000").cache.startswith("frugald; hit")
    bought = ask("no-cache")
    assert bought["X-Credits-Spent"] == "1" and "fwd=request" in bought.cache and world.twin.calls == 3
    frugald.reload(refresh_min="1h")
    assert ask("no-cache").cache.startswith("frugald; hit") and world.twin.calls == 3


def test_a_not_found_is_remembered_for_a_while_and_ends_when_the_thing_appears(world):
    frugald = world.frugald(endpoints={"post-detail": {"negative": "1s"}})
    s = world.twin.sample(3)
    target = "/post-detail/?" + query([("url", s["post_url"])])
    world.twin.order("remove", post=s["post_id"])
    gone = frugald.get(target)
    assert (gone.status, gone.json) == (200, {"status": "error", "message": "Not found post"}) and gone["X-Credits-Spent"] == "1"
    world.twin.order("restore", post=s["post_id"])
    again = frugald.get(target)
    if world.twin.calls == 1:  # else more than a second has gone by
        assert again.body == gone.body and "detail=negative" in again.cache
    until(lambda: frugald.get(target, ("Cache-Control", "only-if-cached")).status == 504 or world.twin.calls > 1, "it is forgotten")
    there = frugald.get(target)
    assert there.json["id"] == s["post_id"] and world.twin.calls == 2
    assert frugald.get(target).body == there.body and world.twin.calls == 2

    frugald.reload(status="native")
    missing = USERID + s["missing_username"]
    for _ in range(2):
        assert frugald.get(missing).status == 404
    assert world.twin.calls == 3


def test_stale_is_served_at_once_and_rescue_only_when_the_upstream_fails(world):
    frugald = world.frugald(upstream={"failure_hold": 0, "refresh_retry": "1h"}, breaker={"failures": 1000})
    s = world.twin.sample(4)
    target = USERID + s["username"]
    body = frugald.get(target).body
    frugald.reload(endpoints={"userid": {"fresh": "1ms", "stale": "1h"}})
    world.twin.hold("/userid/")
    seldom = frugald.get(target)
    assert (seldom.body, ttl(seldom) < 0, seldom.cache.endswith("detail=seldom-read")) == (body, True, True)
    assert "too seldom to be refreshed" in frugald.page("/explain?" + query({"target": target})).body.decode()
    frugald.reload(refresh_reads=0)
    for _ in range(3):
        stale = frugald.get(target)
        assert (stale.status, stale.body, stale["X-Credits-Spent"]) == (200, body, "0") and ttl(stale) < 0
        assert stale["Cache-Control"] == "max-age=0"
    world.twin.await_held(1)
    frugald.reload(endpoints={})
    world.twin.release("/userid/")
    until(lambda: ttl(frugald.get(target)) > 0, "the refreshed answer")
    assert world.twin.calls == 2 and frugald.stats()["credits"]["background"] == 1

    frugald.reload(endpoints={"userid": {"fresh": "1ms", "stale": 0, "rescue": "1h"}})
    world.twin.fault("status", "/userid/", status=503)
    for n in range(3):  # one try; after a failed one, what is stored, for upstream.refresh_retry
        rescued = frugald.get(target)
        assert (rescued.status, rescued.body) == (200, body) and "detail=stale-error" in rescued.cache, (n, rescued)
    assert world.twin.calls == 3 and frugald.outcomes()["rescue"] == 3
    frugald.reload(endpoints={"userid": {"fresh": "1ms", "stale": 0, "rescue": 0}})
    other = USERID + world.twin.sample(5)["username"]
    assert frugald.get(other).status == 502
    world.twin.clear_faults()
    assert frugald.get(other).status == 200


HOUR = 3600


def test_an_answer_lives_no_longer_than_its_links(world):
    frugald = world.frugald()
    path = "/download-video/?"
    posts = [path + query([("url", world.twin.sample(n)["post_url"])]) for n in range(3)]
    world.twin.order("time", offset_ms=-5 * HOUR * 1000)  # signed five hours ago, for six
    answer = frugald.get(posts[0])
    assert 0.8 * HOUR < int(answer["Cache-Control"][8:]) <= HOUR - 300 and "Frugal-Expired-Fields" not in dict(answer.fields)
    assert frugald.get(posts[0])["X-Credits-Avoided"] == "1"
    world.twin.order("time", offset_ms=-7 * HOUR * 1000)  # dead on arrival: said so, and not asked again at every request
    for spent in ("1", "0"):
        dead = frugald.get(posts[1])
        assert dead["X-Credits-Spent"] == spent and "video" in dead["Frugal-Expired-Fields"]
        assert int(dead["Cache-Control"][8:]) <= 60
    world.twin.order("time", offset_ms=0)
    alive = frugald.get(posts[2])
    assert 5 * HOUR < int(alive["Cache-Control"][8:]) < 6 * HOUR and world.twin.calls == 3


def test_hours_later_no_dead_link_is_served_without_saying_so(world):
    shim = world.dir / "clock_ahead.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", shim, ROOT / "tests/box/clock_ahead.c"], check=True, timeout=60)
    settings = {"upstream": {"failure_hold": 0, "refresh_retry": 0}, "breaker": {"failures": 1000}}
    s, other = world.twin.sample(6), world.twin.sample(8)  # a detail would answer its own download
    detail = "/post-detail/?" + query([("url", s["post_url"])])
    download = "/download-video/?" + query([("url", other["post_url"])])
    music = "/music-info/?music_id=" + s["music_id"]
    morning = world.frugald(**settings)
    then = {t: morning.get(t) for t in (detail, download, music)}
    assert then[detail].json["play"] and then[detail].json["title"] and world.twin.calls == 3
    assert morning.stop() == 0

    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    evening = world.frugald(env={"LD_PRELOAD": str(shim), "CLOCK_AHEAD_S": str(7 * HOUR), "ASAN_OPTIONS": options}, **settings)
    world.twin.order("time", advance_ms=7 * HOUR * 1000)
    world.twin.fault("status", "/post-detail/", status=503)
    world.twin.fault("status", "/download-video/", status=503)
    old = evening.get(detail)
    assert old.status == 200 and "detail=stale-error" in old.cache and abs(int(old["Age"]) - 7 * HOUR) < 60, old
    assert "play" in old["Frugal-Expired-Fields"] and old["ETag"] != then[detail]["ETag"]
    assert old.json["play"] == "" and {k for k, v in old.json.items() if v != then[detail].json[k]} >= {"play", "hdplay"}
    for same in ("id", "title", "play_count", "create_time", "duration"):
        assert old.json[same] == then[detail].json[same]
    evening.reload(blank_links=False)
    assert evening.get(detail).status == 502
    assert evening.get(download).status == 502  # a download without its link is nothing
    outlived = evening.get(music)  # incidental links: the answer outlives them and says which are dead
    assert outlived.body == then[music].body and outlived["X-Credits-Spent"] == "0" and outlived["Frugal-Expired-Fields"]

    world.twin.clear_faults()
    for target in (detail, download):
        renewed = evening.get(target)
        assert renewed["X-Credits-Spent"] == "1" and renewed.body != then[target].body
        assert "Frugal-Expired-Fields" not in dict(renewed.fields)
        assert evening.get(target).body == renewed.body
    until(lambda: not evening.gauge("totals_pending"), "Redis has the totals")
    totals = evening.page("/report?period=7d&format=json").json["totals"]
    assert totals["spent"] == world.twin.billed == 5
