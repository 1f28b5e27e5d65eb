"""Budgets: a thousand clients, ten credits left, and Redis failing at any step. The twin's ledger says what was spent."""

import os
import random
import resource
import signal
import subprocess
import time

import pytest
from wire import Herd, until
from world import ROOT, Redis

N = 1000
# Rows that take a plain number, so that a round has questions that nobody has asked before.
ROUNDS = ["/music-info/?music_id=", "/challenge-info-id/?id=", "/music-posts/?music_id=", "/challenge-posts/?challenge_id=",
          "/userinfo-by-id/?userid=", "/user-posts/?userid=", "/user-followers/?userid=", "/user-following/?userid="]


@pytest.fixture(autouse=True)
def descriptors():
    """A thousand clients, and what the tests have open besides."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4 * N), hard), hard))


def path_of(question):
    return question.partition("?")[0]


def billed(world, question):
    return world.twin.ledger()["by_path"].get(path_of(question), {}).get("billed", 0)


def ten_each(questions):
    return [{"scope": "endpoint:" + path_of(q), "window": "day", "credits": 10} for q in questions]


def statuses(answers):
    found = {}
    for a in answers:
        found[a.status] = found.get(a.status, 0) + 1
    return found


@pytest.mark.parametrize("instances", [1, 3])
def test_a_thousand_clients_spend_the_last_ten_credits_exactly(world, instances):
    fleet = world.fleet(instances, budgets=[{"scope": "all", "window": "month", "credits": 10, "timezone": "Europe/Berlin"}])
    world.twin.order("delay", ms=50)
    answers = Herd([d.address for d in fleet], [f"/music-info/?music_id={n + 1}" for n in range(N)], N).answers()
    assert statuses(answers) == {200: 10, 429: N - 10}
    assert world.twin.billed == 10
    refused = next(a for a in answers if a.status == 429)
    assert refused.is_problem and refused.json["type"].endswith("#quota-exceeded"), refused
    assert "all/month" in refused.json["detail"] and int(refused["Retry-After"]) > 0
    assert refused["X-Credits-Remaining"] == "0" and "step=empty" in refused["Frugal-Budget"]
    until(lambda: all(d.gauge("ledger_pending") == 0 for d in fleet), "Redis has the journals")
    assert fleet[0].report()["totals"]["spent"] == 10


class Trouble:
    """One thing that happens to Redis, and its end."""

    def __init__(self, world, kind):
        self.world, self.kind = world, kind

    def begin(self):
        if self.kind != "none":
            self.world.redis.kill(signal.SIGKILL if self.kind == "killed" else signal.SIGSTOP)

    def end(self):
        if self.kind == "killed":
            self.world.redis = Redis(self.world)
        elif self.kind == "paused":
            self.world.redis.kill(signal.SIGCONT)


@pytest.mark.parametrize("instances", [1, 3])
@pytest.mark.parametrize("kind", ["paused", "killed"])
def test_whatever_happens_to_redis_not_one_credit_too_many_is_spent(world, instances, kind):
    seed = random.Random(f"{instances} {kind}")
    rounds = ROUNDS if kind == "paused" else ROUNDS[:2]  # one that was killed has forgotten all, and grants nothing for eight seconds
    fleet = world.fleet(3, budgets=ten_each(ROUNDS)) if instances > 1 else one_with_shared_redis(world)
    world.twin.order("delay", ms=20)
    for question in rounds:
        trouble = Trouble(world, kind)
        after = seed.randrange(0, 14)
        waiting = Herd([d.address for d in fleet], [question + str(n + 1) for n in range(300)], 300)
        until(lambda: billed(world, question) >= min(after, 10), lambda: f"{after} calls of {question}: {world.twin.ledger()}")
        trouble.begin()
        if seed.random() < 0.5:
            waiting.answers()
            trouble.end()
        else:
            trouble.end()
            waiting.answers()
        assert billed(world, question) <= 10, world.twin.ledger()
        until(lambda: all(d.gauge("store_up") for d in fleet), "Redis is there again")
        until(lambda: spend_the_rest(world, fleet, question) == 10, lambda: f"ten in the end: {world.twin.ledger()}")
    assert all(billed(world, q) == 10 for q in rounds), world.twin.ledger()


def one_with_shared_redis(world):
    world.redis = Redis(world)
    return [world.frugald("d0", redis={"url": world.redis.url}, budgets=ten_each(ROUNDS))]


def spend_the_rest(world, fleet, question):
    """With Redis healthy whoever asks gets what is left, and not one more."""
    spend_the_rest.n += 40
    Herd([d.address for d in fleet], [question + str(spend_the_rest.n + n) for n in range(40)], 40).answers()
    found = billed(world, question)
    assert found <= 10, world.twin.ledger()
    return found


spend_the_rest.n = 1000


def test_a_budget_changes_with_a_reload_at_once(world):
    daemon = world.frugald(budgets=[{"scope": "all", "window": "day", "credits": 2}])
    asked = [daemon.get(f"/music-info/?music_id={n}").status for n in range(1, 5)]
    assert asked == [200, 200, 429, 429]
    daemon.reload(budgets=[{"scope": "all", "window": "day", "credits": 3}])
    assert [daemon.get(f"/music-info/?music_id={n}").status for n in range(5, 8)] == [200, 429, 429]
    daemon.reload(budgets=[])
    assert daemon.get("/music-info/?music_id=8").status == 200
    assert world.twin.billed == 4


def test_what_is_free_is_served_when_nothing_is_left(world):
    daemon = world.frugald(budgets=[{"scope": "all", "window": "day", "credits": 1}])
    known = "/music-info/?music_id=1"
    assert daemon.get(known).status == 200
    assert daemon.get("/music-info/?music_id=2").status == 429
    again = daemon.get(known)
    assert again.status == 200 and "hit" in again.cache and again["X-Credits-Remaining"] == "0"
    stats = daemon.stats()
    assert stats["outcomes"]["refused_budget"] == 1 and stats["credits"]["refused"] == 1


def test_killed_with_credits_in_hand_none_are_lost(world):
    redis = Redis(world)
    settings = {"redis": {"url": redis.url}, "budgets": [{"scope": "all", "window": "day", "credits": 60}]}
    for life in range(5):
        daemon = world.frugald(**settings)
        Herd([daemon.address], [f"/music-info/?music_id={1 + 10 * life + n}" for n in range(10)], 10).answers()
        daemon.kill()
    daemon = world.frugald(**settings)
    answers = Herd([daemon.address], [f"/music-info/?music_id={500 + n}" for n in range(40)], 40).answers()
    assert statuses(answers) == {200: 10, 429: 30}
    assert world.twin.billed == 60


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
def test_a_machine_whose_clock_has_no_battery_begins_in_1970(world, zone):
    shim = world.dir / "clock_ahead.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", shim, ROOT / "tests/box/clock_ahead.c"], check=True, timeout=60)
    options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    env = {"LD_PRELOAD": str(shim), "CLOCK_AHEAD_S": str(-int(time.time()) + 60), "ASAN_OPTIONS": options}
    budgets = [{"scope": "all", "window": w, "credits": 2, "timezone": zone} for w in ("day", "month")]
    daemon = world.frugald(env=env, budgets=[*budgets, {"scope": "class:batch", "window": "month", "credits": 9, "start_day": 15}])
    assert [daemon.get(f"/music-info/?music_id={n}").status for n in range(1, 5)] == [200, 200, 429, 429]
    until(lambda: daemon.page("/ledger").json["drift"] == 0, lambda: f"no drift: {daemon.page('/ledger').body}")
    assert {b["name"]: b["spent"] for b in daemon.page("/budgets").json["budgets"]} == {"all/day": 2, "all/month": 2, "class:batch/month": 0}
