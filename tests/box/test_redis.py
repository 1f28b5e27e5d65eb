"""Redis fails in every way it can: whoever can be served is served, and the bill does not follow."""

import os
import pathlib
import re
import signal
import time

from wire import Herd, ask, herd, until
from world import Redis

USERID = "/userid/?username="
PATH = "/userid/"


def users(world, first, n):
    return [USERID + world.twin.sample(i)["username"] for i in range(first, first + n)]


def all_ok(answers):
    assert {a.status for a in answers} == {200}, [a for a in answers if a.status != 200][:3]
    return answers


def all_up(fleet):
    until(lambda: all(d.gauge("store_up") == 1 for d in fleet), "all instances have Redis again")


def known_is_free_and_new_costs_little(world, fleet, known, new):
    """What memory holds costs nothing; a new question costs at the most one call for each instance."""
    addresses = [d.address for d in fleet]
    before = world.twin.calls
    for target in known:
        all_ok(herd(addresses, target, 3))
    assert world.twin.calls == before
    for target in new:
        before = world.twin.calls
        all_ok(herd(addresses, target, 60))
        assert 1 <= world.twin.calls - before <= len(fleet)


def one_call_for_all(world, fleet, target):
    before = world.twin.calls
    all_ok(herd([d.address for d in fleet], target, 60))
    assert world.twin.calls - before == 1


def test_a_killed_redis_fails_no_request_and_starts_no_storm_of_calls(world):
    fleet = world.fleet(3)
    addresses = [d.address for d in fleet]
    known, new = users(world, 0, 3), users(world, 10, 3)
    for target in known:
        all_ok(herd(addresses, target, 30))
    assert world.twin.calls == 3
    world.redis.kill()
    until(lambda: not any(d.gauge("store_up") for d in fleet), "the instances notice")
    known_is_free_and_new_costs_little(world, fleet, known, new)
    assert fleet[0].report()["partial"] is True
    Redis(world)
    all_up(fleet)
    one_call_for_all(world, fleet, users(world, 20, 1)[0])
    assert "is there again" in fleet[0].log


def test_redis_restarted_under_load_fails_no_request(world):
    fleet = world.fleet(3)
    addresses = [d.address for d in fleet]
    targets = iter(users(world, 0, 12))
    load = []
    for step in (None, "kill", None, "start", None):
        if step == "kill":
            asked = next(targets)
            world.twin.hold(PATH)  # questions are on their way when Redis dies
            waiting = Herd(addresses, asked, 30)
            until(lambda: sum(d.gauge("flight_waiters") for d in fleet) == 30, "all wait")
            world.redis.kill()
            until(lambda: not any(d.gauge("store_up") for d in fleet), "the instances notice")
            world.twin.release(PATH)
            all_ok(waiting.answers())
        elif step == "start":
            Redis(world)
        for target in (next(targets), next(targets)):
            load.append(target)
            all_ok(herd(addresses, target, 30))
    all_up(fleet)
    before = world.twin.calls
    assert before <= 3 * (len(load) + 1), "calls per question: at the most one for each instance"
    for target in load:  # nobody has forgotten what was paid for
        for d in fleet:
            if ask(d.address, target, [("Cache-Control", "only-if-cached")]).status != 200:
                assert d.get(target).status == 200
    assert world.twin.calls - before <= len(load)
    one_call_for_all(world, fleet, next(targets))


def test_a_redis_that_stands_still_fails_no_request(world):
    fleet = world.fleet(3, redis={"timeout": "150ms"})
    known, new = users(world, 0, 2), users(world, 10, 2)
    for target in known:
        all_ok(herd([d.address for d in fleet], target, 30))
    world.redis.kill(signal.SIGSTOP)
    known_is_free_and_new_costs_little(world, fleet, known, new)
    world.redis.kill(signal.SIGCONT)
    all_up(fleet)
    one_call_for_all(world, fleet, users(world, 20, 1)[0])


def test_foreign_bytes_in_redis_are_no_answer(world):
    redis = Redis(world)
    writer = world.frugald("writer", redis={"url": redis.url})
    targets = users(world, 0, 6)
    bodies = [writer.get(t).body for t in targets]
    until(lambda: len(redis.keys("frugal:{*}:a")) == 6, "all are stored")  # clients are answered first
    keys = set(redis.keys("frugal:{*}:a"))
    good = redis.command("GET", min(keys))
    for n, key in enumerate(sorted(keys)):
        redis.command("DEL", key)
        if n == 0:
            redis.command("SET", key, b"\x00\xff garbage")
        elif n == 1:
            redis.command("SET", key, good[:-7])
        elif n == 2:
            redis.command("SET", key, good)  # another question's record
        elif n == 3:
            redis.command("RPUSH", key, "a", "list")
        elif n == 4:
            redis.command("SET", key, good[:40] + bytes([good[40] ^ 1]) + good[41:])
        else:
            redis.command("SET", key, b"")
    reader = world.frugald("reader", redis={"url": redis.url})
    before = world.twin.calls
    for target, body in zip(targets, bodies):
        answer = reader.get(target)
        assert (answer.status, answer.body) == (200, body), answer
    assert world.twin.calls - before == 6
    assert reader.counter("store_bad_records") >= 4
    assert "does not check" in reader.log
    third = world.frugald("third", redis={"url": redis.url})  # what was wrong has been replaced
    for target in targets:
        assert third.get(target).status == 200
    assert world.twin.calls - before == 6


def listens_on_tcp(pid):
    """Sockets of the process that listen on TCP."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        found = re.match(r"socket:\[(\d+)\]", os.readlink(fd))
        if found:
            inodes.add(found.group(1))
    listening = set()
    for table in ("tcp", "tcp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A":
                listening.add(words[9])
    assert inodes, "no sockets seen"
    return inodes & listening


def test_the_embedded_redis_is_private_and_is_started_again_with_its_state(world):
    daemon = world.frugald()
    known, new = users(world, 0, 3), users(world, 10, 2)
    for target in known:
        assert daemon.get(target).status == 200
    child = daemon.child_pid()
    assert pathlib.Path(f"/proc/{child}/comm").read_text().strip() == "redis-server"
    assert not listens_on_tcp(child)
    os.kill(child, signal.SIGKILL)
    known_is_free_and_new_costs_little(world, [daemon], known, new)
    until(lambda: daemon.child_pid() not in (None, child) and daemon.gauge("store_up") == 1, "Redis is started again")
    assert not listens_on_tcp(daemon.child_pid())
    assert "was killed by signal 9" in daemon.log and "was started again" in daemon.log
    later = USERID + world.twin.sample(20)["username"]
    assert daemon.get(later).status == 200
    until(lambda: daemon.report()["totals"]["spent"] == 6 and not daemon.gauge("totals_pending"), "Redis has the totals")
    child = daemon.child_pid()
    assert daemon.stop() == 0
    until(lambda: not pathlib.Path(f"/proc/{child}").exists(), "the child has ended with its daemon")
    before = world.twin.calls
    assert before == 6
    again = world.frugald()
    for target in known + [later]:
        assert again.get(target).cache.startswith("frugald; hit"), target
    assert world.twin.calls == before
    totals = again.report()["totals"]
    assert (totals["spent"], totals["calls"]) == (before, before) and totals["avoided"] >= 4, totals

    again.kill()  # its Redis, which is left behind, does not stand in the way of the next
    third = world.frugald()
    assert third.get(later).cache.startswith("frugald; hit") and world.twin.calls == before
    assert third.report()["totals"]["spent"] == before


def test_a_daemon_whose_redis_has_gone_first_stops_at_once(world):
    redis = Redis(world)
    daemon = world.frugald(redis={"url": redis.url})
    assert daemon.get(USERID + world.twin.sample(0)["username"]).status == 200
    redis.kill()
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 10, "it waited for Redis, which does not come back"
