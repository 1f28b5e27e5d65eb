"""Many questions in one request: each is answered in a line of its own, and paid for once."""

import hashlib
import json
import os
import secrets
import signal

import pytest
from wire import Connection, gather, parse, post, until
from world import query

USERID = "/userid/?username="
BATCH = "/frugal/batch"


def names(world, n, offset=0):
    """Usernames that exist, n of them."""
    return [world.twin.sample(i)["username"] for i in range(offset + 1, offset + n + 1)]


def batch(frugald, questions, *fields):
    answer = post(frugald.address, BATCH, questions, fields)
    assert answer.status == 200, answer
    questions = questions["questions"] if isinstance(questions, dict) else questions
    assert sorted(line["index"] for line in answer.lines) == list(range(len(questions)))
    return sorted(answer.lines, key=lambda line: line["index"])


def refused(frugald, body, status, *fields):
    before = frugald.stats()["credits"]
    answer = post(frugald.address, BATCH, body, fields)
    assert answer.status == status and answer.is_problem, answer
    assert frugald.stats()["credits"] == before
    return answer.json


def test_two_batches_that_overlap_cost_their_union(world):
    frugald = world.frugald()
    people = names(world, 140)
    first, second = people[:100], people[40:]
    lines = batch(frugald, [USERID + n for n in first])
    assert {line["status"] for line in lines} == {200} and sum(line["credits_spent"] for line in lines) == 100
    assert world.twin.billed == 100
    lines = batch(frugald, {"questions": [USERID + "@" + n.upper() for n in second]})  # other spellings of the same
    assert (sum(line["credits_spent"] for line in lines), sum(line["credits_avoided"] for line in lines)) == (40, 60)
    assert world.twin.billed == 140
    assert frugald.stats()["credits"]["asked"] == 200
    for name, line in zip(second, lines):
        assert line["body"] == frugald.get(USERID + name).json
        assert line["cache_status"].startswith("frugald; hit" if line["credits_avoided"] else "frugald; fwd=uri-miss")


def test_every_occurrence_is_answered_and_counted_and_one_is_paid(world):
    frugald = world.frugald()
    name, other = names(world, 2)
    spellings = [USERID + name, USERID + "@" + name, USERID + name.upper(), "/userid?username=" + name, USERID + name]
    lines = batch(frugald, spellings * 100 + [USERID + other])
    assert len(lines) == 501 and world.twin.billed == 2
    assert sum(line["credits_spent"] for line in lines) == 2 and sum(line["credits_avoided"] for line in lines) == 499
    assert len({json.dumps(line["body"]) for line in lines[:500]}) == 1
    assert frugald.outcomes() == {"miss": 2, "collapsed": 499}


def test_a_failure_is_one_call_for_all_its_occurrences(world):
    frugald = world.frugald(upstream={"failure_hold": "0s"})
    world.twin.fault("status", "/userid/", code=503)
    lines = batch(frugald, [USERID + "somebody"] * 50)
    assert {line["status"] for line in lines} == {502} and world.twin.calls == 1
    assert all(line["body"]["status"] == 502 and line["body"]["message"] for line in lines)
    assert len({line["body"]["instance"] for line in lines}) == 50


def test_answers_come_as_they_are_ready(world):
    frugald = world.frugald()
    slow, quick = names(world, 2)
    world.twin.hold("/userinfo-by-username/")
    connection = Connection(frugald.address).post(BATCH, ["/userinfo-by-username/?" + query({"username": slow}), USERID + quick])
    world.twin.await_held(1)

    def first():
        connection.take()
        return b'"index":1,' in connection.raw
    until(first, "the quick one's line")
    assert b'"index":0,' not in connection.raw and connection.answer is None
    world.twin.release("/userinfo-by-username/")
    assert [line["index"] for line in gather([connection])[0].lines] == [1, 0]
    again = gather([connection.send(USERID + quick)])[0]  # the connection goes on
    assert again.status == 200 and again["X-Credits-Avoided"] == "1"
    connection.close()


def test_a_question_that_must_fail_is_refused_in_its_line_free_of_charge(world):
    frugald = world.frugald()
    good = names(world, 1)[0]
    lines = batch(frugald, [USERID, USERID + good, "/user-posts/?userid=nobody", "/user-posts/?userid=7&userid=8", USERID + "x" * 9000])
    assert [line["status"] for line in lines] == [400, 200, 400, 400, 414]
    assert lines[0]["body"]["type"] == "urn:frugald:problem:missing-parameter"
    assert world.twin.calls == 1
    alone = frugald.get(USERID)
    assert (alone.json["detail"], alone.status) == (lines[0]["body"]["detail"], 400)


def test_what_is_no_batch_is_refused_and_nothing_is_asked(world):
    frugald = world.frugald()
    assert "not JSON" in refused(frugald, b"", 400)["detail"]
    assert "not JSON" in refused(frugald, b"username=a", 400)["detail"]
    assert "no list" in refused(frugald, {"question": []}, 400)["detail"]
    assert "Question 1" in refused(frugald, [USERID + "a", 7], 400)["detail"]
    assert "more than 1000" in refused(frugald, [USERID + f"u{i}" for i in range(1001)], 400)["detail"]
    for path in ("/nothing/", "/frugal/batch", "/", "/userid/x?username=a", "/userid/..%2f?username=a"):
        told = refused(frugald, [USERID + "a", path], 400)
        assert told["type"] == "urn:frugald:problem:unknown-path" and "Question 1" in told["detail"], told
    large = b"[" + b" " * (1024 * 1024) + b"]"
    assert "1048576 bytes" in refused(frugald, large, 413)["detail"]
    assert frugald.get(BATCH)["Allow"] == "POST"
    assert frugald.get(BATCH).status == 405 and frugald.get("/frugal/nothing").status == 404
    assert frugald.get("/%66rugal/batch").status == 404
    assert post(frugald.address, USERID + "a", b"{}").status == 405
    assert world.twin.calls == 0
    assert frugald.stats()["credits"]["asked"] == 1  # for the POST to an endpoint
    assert batch(frugald, []) == []


def test_a_client_that_leaves_does_not_lose_what_was_paid(world):
    frugald = world.frugald()
    people = names(world, 30)
    world.twin.hold("/userid/")
    connection = Connection(frugald.address).post(BATCH, [USERID + n for n in people])
    world.twin.await_held(30)
    connection.close()
    world.twin.release("/userid/")
    until(lambda: frugald.gauge("upstream_calls_in_flight") == 0, "all calls have ended")
    lines = batch(frugald, [USERID + n for n in people])
    assert {line["credits_spent"] for line in lines} == {0} and world.twin.billed == 30


def test_a_client_that_leaves_is_not_asked_for_any_more(world):
    frugald = world.frugald()
    world.twin.hold("/userid/")
    connection = Connection(frugald.address).post(BATCH, [USERID + f"u{i}" for i in range(1000)])
    world.twin.await_held(64)
    connection.close()
    world.twin.release("/userid/")
    until(lambda: frugald.gauge("upstream_calls_in_flight") == 0 and frugald.gauge("flight_waiters") == 0, "all calls have ended")
    asked = frugald.stats()["credits"]["asked"]
    assert world.twin.calls == asked and asked <= 2 * 64, asked


def test_a_client_that_does_not_read_stops_the_asking(world):
    frugald = world.frugald()
    target = "/user-posts/?" + query({"userid": world.twin.sample(1)["userid"], "count": 35})
    size = len(frugald.get(target).body)
    connection = Connection(frugald.address).post(BATCH, [target] * 64 + [f"{target}&n={i}" for i in range(236)])
    until(lambda: frugald.stats()["credits"]["asked"] > 64, "the batch has begun")
    asked, last = 0, 1
    while asked != last:  # what is on its way comes to its end
        until(lambda: frugald.gauge("flight_waiters") == 0, "nobody waits")
        asked, last = frugald.stats()["credits"]["asked"], asked
    assert asked < 250, asked
    raw = b""
    while not raw.endswith(b"\r\n0\r\n\r\n"):
        raw += connection.socket.recv(1024 * 1024)
    connection.close()
    assert len(parse(raw, False, True).lines) == 300 and len(raw) > 300 * size
    assert world.twin.billed == 237


def test_a_thousand_new_questions_wait_for_the_line_of_calls(world):
    """Each of them longer than a request alone would be let wait."""
    frugald = world.frugald(upstream={"rate": "500/s"}, wait={"max": "200ms"})
    lines = batch(frugald, [USERID + f"u{i}" for i in range(1000)])
    assert {line["status"] for line in lines} == {200} and world.twin.calls == 1000


@pytest.mark.parametrize("method", ["batch", "prewarm"])
def test_an_unknown_client_is_told_nothing(world, collector, method):
    key = collector.guard(f"tlc-{secrets.token_hex(16)}")
    client = {"name": "anna", "key_sha256": hashlib.sha256(key.encode()).hexdigest(), "tenant": "acme"}
    frugald = world.frugald(clients=[client])
    for body in ([USERID + "a"], b"{", b"[" + b" " * (1024 * 1024) + b"]"):
        for fields in ([], [("X-Api-Key", "nobody")]):
            answer = post(frugald.address, f"/frugal/{method}", body, fields)
            assert answer.status == 401 and answer.is_problem, answer
    assert world.twin.calls == 0
    if method == "batch":
        lines = batch(frugald, [USERID + names(world, 1)[0]], ("X-Api-Key", key))
        assert lines[0]["credits_spent"] == 1 and frugald.stats()["tenants"]["acme"]["spent"] == 1


def test_batches_stop_before_a_budget_is_used_up(world):
    frugald = world.frugald(budgets=[{"scope": "all", "window": "day", "credits": 20}])
    people = names(world, 40)
    for name in people[:18]:
        assert frugald.get(USERID + name).status == 200
    until(lambda: frugald.stats()["budgets"][0]["spent"] == 18, "Redis has counted")
    lines = batch(frugald, [USERID + name for name in people])
    assert [line["status"] for line in lines] == [200] * 18 + [429] * 22
    assert "work of class batch" in lines[-1]["body"]["detail"]
    assert frugald.get(USERID + people[18]).status == 200  # somebody who waits is served
    assert world.twin.billed == 19


def test_a_stop_ends_a_batch_in_good_order(world):
    frugald = world.frugald()
    world.twin.hold("/userid/")
    connection = Connection(frugald.address).post(BATCH, [USERID + f"u{i}" for i in range(200)])
    world.twin.await_held(64)
    os.kill(frugald.pid, signal.SIGTERM)
    frugald.await_log("finishing what is paid for")
    world.twin.release("/userid/")
    lines = gather([connection])[0].lines
    connection.close()
    assert len(lines) == 200 and sum(line["credits_spent"] for line in lines) == 64
    assert sum(line["status"] == 503 for line in lines) == 136
