"""Bundles: asked beforehand, paid once, and followed to their use."""

import pytest
from wire import Connection, gather, post, until
from world import query, run

PREWARM = "/frugal/prewarm"


def creator(userid):
    return ["/userinfo-by-id/?" + query({"userid": userid}), "/user-posts/?" + query({"userid": userid, "count": 20}),
            "/user-followers/?" + query({"userid": userid, "count": 20, "time": 0})]


def prewarm(frugald, bundle, **params):
    answer = post(frugald.address, PREWARM, {"bundle": bundle, "params": params})
    assert answer.status == 202 and answer["Content-Type"] == "application/json", answer
    return answer.json


def quiet(frugald):
    until(lambda: frugald.gauge("flights") == 0, "all flights have ended")


def test_a_page_that_was_prewarmed_opens_without_a_call(world):
    frugald = world.frugald()
    userid = world.twin.sample(1)["userid"]
    assert prewarm(frugald, "creator", userid=userid) == {"questions": 3, "held_back": False}
    until(lambda: world.twin.calls == 3, "the questions are asked")
    quiet(frugald)
    assert frugald.stats()["credits"] == {**frugald.stats()["credits"], "asked": 0, "background": 3, "spent": 3}
    for target in creator(userid)[:2]:
        answer = frugald.get(target)
        assert answer.status == 200 and answer["X-Credits-Avoided"] == "1" and answer.cache.startswith("frugald; hit"), answer
    assert world.twin.billed == 3
    told = frugald.stats()["prewarm"]["creator"]
    assert told == {"asked": 3, "used": 2, "wasted": 0, "pending": 1, "held": 0, "judged": 2, "used_ratio": 1.0}
    assert (frugald.counter("prewarm_asked"), frugald.counter("prewarm_used")) == (3, 2)
    assert 'frugald_credits_spent_total{endpoint="/user-posts/",reason="prewarm"} 1' in frugald.page("/metrics").body.decode()
    assert prewarm(frugald, "creator", userid=userid)["questions"] == 3  # all of it is fresh
    quiet(frugald)
    assert world.twin.calls == 3


def test_its_questions_are_asked_at_the_same_time_and_joined_by_who_comes(world):
    frugald = world.frugald()
    userid = world.twin.sample(1)["userid"]
    for target in creator(userid):
        world.twin.hold(target.split("?")[0])
    prewarm(frugald, "creator", userid=userid)
    world.twin.await_held(3)
    waiting = [frugald.gauge("flight_waiters")]
    connection = Connection(frugald.address).send(creator(userid)[0])
    until(lambda: frugald.gauge("flight_waiters") == 1, "the demand waits for the prewarm")
    for target in creator(userid):
        world.twin.release(target.split("?")[0])
    answer = gather([connection])[0]
    connection.close()
    assert waiting == [0] and answer.status == 200 and "collapsed" in answer.cache and answer["X-Credits-Spent"] == "0"
    assert world.twin.billed == 3


@pytest.mark.parametrize("form", ["query", "numbers"])
def test_a_bundle_is_named_in_the_query_too_and_numbers_need_no_quotes(world, form):
    frugald = world.frugald(bundles={"tags": ["/challenge-info-name/?name={tag}", "/userid/?username={tag}"]})
    tag = world.twin.sample(1)["username"]
    if form == "query":
        answer = post(frugald.address, PREWARM + "?" + query({"bundle": "tags", "tag": tag}), b"")
    else:
        answer = post(frugald.address, PREWARM, {"bundle": "creator", "params": {"userid": int(world.twin.sample(1)["userid"])}})
    assert answer.status == 202 and answer.json["questions"] == (2 if form == "query" else 3), answer
    until(lambda: world.twin.calls == answer.json["questions"], "the questions are asked")
    quiet(frugald)


def test_what_cannot_be_prewarmed_is_refused_and_nothing_is_asked(world):
    frugald = world.frugald(bundles={"tags": ["/challenge-info-name/?name={tag}", "/user-posts/?userid={id}"]})

    def refused(body, status, *words, target=PREWARM):
        answer = post(frugald.address, target, body)
        assert answer.status == status and answer.is_problem, answer
        assert all(word in answer.json["detail"] for word in words), answer.json

    refused({"bundle": "nothing"}, 404, "nothing", "creator, tags")
    refused({"bundle": "creator"}, 400, "userid")
    refused({"bundle": "creator", "params": {"userid": "nobody"}}, 400, "userid")
    refused({"bundle": "tags", "params": {"tag": "a", "id": "x"}}, 400, "userid")
    refused({"bundle": "creator", "params": {"userid": None}}, 400, "userid")
    refused(b"bundle=creator&userid=7", 400, "not a JSON object")
    refused(b"", 400, "No bundle is named")
    refused(b"", 404, "no bundle x", target=PREWARM + "?bundle=x")
    refused(b"{" + b" " * (1024 * 1024) + b"}", 413)
    assert frugald.get(PREWARM + "?bundle=creator&userid=7").status == 405
    assert world.twin.calls == 0 and frugald.stats()["credits"]["asked"] == 0


def test_bundles_change_with_a_reload(world):
    frugald = world.frugald()
    name = world.twin.sample(1)["username"]
    frugald.reload(bundles={"creator": [], "one": ["/userid/?username={name}"]})
    assert post(frugald.address, PREWARM, {"bundle": "creator", "params": {"userid": "7"}}).status == 404
    assert prewarm(frugald, "one", name=name)["questions"] == 1
    until(lambda: world.twin.calls == 1, "it is asked")
    quiet(frugald)
    assert frugald.get("/userid/?username=" + name)["X-Credits-Avoided"] == "1"
    status, _, told = run("-t", "-c", write(world, "bundles: { one: [ '/userid/?user={name}' ] }"))
    assert status == 78 and "/userid/ needs the parameter username" in told


def write(world, text):
    path = world.dir / "other.yaml"
    path.write_text(text)
    return path


def test_a_bundle_that_nobody_wants_is_held_back(world):
    brief = {"fresh": "1s", "stale": "1h", "negative": "1s", "negative_max": "1s"}
    frugald = world.frugald(bundles={"one": ["/userid/?username={name}"]}, endpoints={"userid": brief})
    for i in range(20):
        assert not prewarm(frugald, "one", name=f"u{i}")["held_back"]
    until(lambda: frugald.counter("prewarm_wasted") == 20, "their freshness has ended")
    held = [prewarm(frugald, "one", name=f"v{i}")["held_back"] for i in range(20)]
    assert sum(held) == 18, held
    quiet(frugald)
    assert world.twin.calls == 22 and frugald.stats()["prewarm"]["one"]["held"] == 18
