"""The log of questions: a line for each request, everything to ask it again, and no secret."""

import hashlib
import json
import os
import secrets
import signal

import pytest
from wire import ask, post, until
from world import KEY, query

USERID = "/userid/?username="


def lines_of(path):
    try:
        return [json.loads(line) for line in path.read_text().splitlines()]
    except FileNotFoundError:  # a full file has another name before the next one is there
        return []


@pytest.fixture
def log(world):
    return world.dir / "questions.log"


def test_every_request_is_a_line_and_no_line_has_a_secret(world, log, collector):
    key, stray = [collector.guard(f"tlc-{secrets.token_hex(16)}") for _ in range(2)]
    client = {"name": "anna", "key_sha256": hashlib.sha256(key.encode()).hexdigest(), "tenant": "acme"}
    frugald = world.frugald(clients=[client], log={"questions": str(log)}, bundles={"one": ["/userid/?username={name}"]})
    me, name = ("X-Api-Key", key), world.twin.sample(1)["username"]
    frugald.get(USERID + name, me, ("X-Request-Id", "first"), ("X-Frugal-Priority", "poll"))
    second = frugald.get(USERID + "@" + name.upper(), me)
    frugald.get("/userid/", me)
    frugald.get(USERID + name, ("X-Api-Key", stray))
    frugald.get("/extra/thing", me)
    frugald.get(USERID + name + "&api_key=" + key + "&x=1", me)
    frugald.get("/frugal/nothing", me)
    ask(frugald.address, "/userid/", [me], "POST")
    post(frugald.address, "/frugal/batch", [USERID + name, USERID + "?", USERID + name], [me, ("X-Request-Id", "many")])
    post(frugald.address, "/frugal/batch", b"[", [me])
    post(frugald.address, "/frugal/prewarm", {"bundle": "one", "params": {"name": name}}, [me])
    requests = sum(frugald.outcomes().values())
    until(lambda: len(lines_of(log)) == requests, lambda: f"{requests} lines: {lines_of(log)}")
    lines = lines_of(log)
    first = lines[0]
    assert first == {**first, "request": "first", "client": "anna", "tenant": "acme", "priority": "poll", "target": USERID + name,
                     "endpoint": "/userid/", "outcome": "miss", "reason": "miss", "status": 200, "credits_spent": 1,
                     "credits_avoided": 0}
    assert first["wait_ms"] >= first["upstream_ms"] >= 0 and first["wait_ms"] >= first["age_ms"] >= 0 and first["bytes"] > 0
    assert lines[1] == {**lines[1], "request": second["X-Request-Id"], "key": first["key"], "outcome": "hit", "reason": None,
                        "credits_avoided": 1, "upstream_ms": None, "bytes": first["bytes"]}
    assert lines[1]["time"] >= first["time"] + first["wait_ms"] and 0 < lines[1]["ttl_ms"] <= 7 * 86400 * 1000
    assert (lines[2]["outcome"], lines[2]["status"], lines[2]["key"], lines[2]["age_ms"]) == ("bad_request", 400, None, None)
    assert (lines[3]["outcome"], lines[3]["client"], lines[3]["tenant"]) == ("unknown_client", None, "default")
    assert (lines[4]["outcome"], lines[4]["endpoint"], lines[4]["key"]) == ("bypass", "other", None)
    assert lines[5]["target"] == USERID + name + "&api_key&x=1"
    assert [line["request"] for line in lines if line["request"].startswith("many")] == ["many.0", "many.2", "many.1"]
    assert sum(line["credits_spent"] for line in lines) == frugald.stats()["credits"]["demand"]
    assert sum(line["credits_avoided"] for line in lines) == frugald.stats()["credits"]["avoided"]
    text = log.read_bytes()
    assert key.encode() not in text and stray.encode() not in text and KEY.encode() not in text
    world.show_files()
    # the twin and the page of the one who sent it there have seen the key in the query: of nobody else is it to be seen
    assert not [leak for leak in collector.leaks if "questions.log" in leak]
    collector.leaks.clear()
    collector.secrets.remove(key.encode())


def test_the_log_can_be_replayed(world, log):
    """What it says of each question is enough to ask all of them again, at the same cost."""
    frugald = world.frugald(log={"questions": str(log)})
    for i in range(60):
        frugald.get(USERID + world.twin.sample(1 + i % 7)["username"])
        frugald.get("/user-posts/?" + query({"userid": world.twin.sample(1 + i % 3)["userid"], "count": 10 + i % 2}))
    until(lambda: len(lines_of(log)) == 120, "all lines are there")
    again = world.frugald("two")
    for line in lines_of(log):
        answer = again.get(line["target"])
        assert (answer.status, int(answer["X-Credits-Spent"])) == (line["status"], line["credits_spent"]), line


def test_sigusr1_opens_the_file_anew(world, log):
    frugald = world.frugald(log={"questions": str(log)})
    frugald.get("/userid/")
    until(lambda: len(lines_of(log)) == 1, "the line is there")
    old = log.rename(world.dir / "moved.log")
    os.kill(frugald.pid, signal.SIGUSR1)
    until(log.exists, "a new file")
    frugald.get("/userid/")
    until(lambda: len(lines_of(log)) == 1, "the second line is in it")
    assert len(lines_of(old)) == 1


def test_a_reload_switches_it_and_a_full_file_begins_anew(world, log):
    frugald = world.frugald()
    frugald.get("/userid/")
    frugald.reload(log={"questions": str(log), "questions_max": "64K"})
    old = world.dir / "questions.log.1"
    n = 0
    while not old.exists():
        for _ in range(20):
            frugald.get("/userid/?x=" + "y" * 500)
        n += 20
        until(lambda: len(lines_of(log)) + len(lines_of(old)) == n, "the lines are there")
        assert n < 1000
    frugald.reload(log={})
    frugald.get("/userid/")
    other = world.dir / "nowhere" / "q.log"
    frugald.reload(log={"questions": str(other)})
    frugald.await_log("log.questions: .* cannot be written: No such file or directory")
    frugald.get("/userid/")
    until(lambda: frugald.gauge("question_log_lost") == 1, "the line is lost and counted")
    other.parent.mkdir()
    frugald.get("/userid/")
    until(lambda: len(lines_of(other)) == 1, "it is tried again")
    assert frugald.stop() == 0
    assert len(lines_of(log)) + len(lines_of(old)) == n


def test_the_end_writes_the_last_lines(world, log):
    frugald = world.frugald(log={"questions": str(log)})
    for _ in range(5):
        frugald.get("/userid/")
    assert frugald.stop() == 0
    assert len(lines_of(log)) == 5


def test_a_file_that_cannot_be_written_is_said_at_the_start(world):
    with pytest.raises(AssertionError):
        world.frugald(log={"questions": str(world.dir)})
    failed = world.processes[-1]
    assert failed.child.wait() == 1 and "cannot be written: Is a directory" in failed.log
    failed.killed = True
