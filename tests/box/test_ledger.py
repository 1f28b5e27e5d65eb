"""The ledger: kill what you like, fill the disk, cut Redis back: what frugald reports as spent is what the twin billed."""

import contextlib
import os
import re
import signal
import subprocess
import time

import pytest

from wire import Connection, Herd, until
from world import KEY, ROOT, Process, Redis, run

USERID = "/userid/?username="
PATH = "/userid/"


def user(world, n):
    return USERID + world.twin.sample(n)["username"]


def drift(world, *daemons):
    """(spent - billed, uncertain) as all that share the Redis report it, once Redis has everything."""
    for d in daemons:
        until(lambda d=d: d.gauge("store_up") == 1 and d.gauge("ledger_pending") == 0, "Redis has the journal")
    totals = daemons[0].report()["totals"]
    assert totals["spent"] == totals["demand"] + totals["background"]
    return totals["spent"] - world.twin.billed, totals["uncertain"]


def test_killed_while_a_call_is_on_its_way_its_credit_is_uncertain_and_no_other(world):
    daemon = world.frugald()
    for n in range(3):
        assert daemon.get(user(world, n)).status == 200
    world.twin.hold(PATH)
    waiting = [Connection(daemon.address).send(user(world, n)) for n in (10, 11)]
    world.twin.await_held(2)
    daemon.kill()
    for client in waiting:
        client.close()
    world.twin.release(PATH)  # the twin answers nobody: it bills what it answers
    until(lambda: world.twin.ledger()["held"] == 0, "the held calls end")
    again = world.frugald()
    difference, uncertain = drift(world, again)
    assert uncertain == 2, "exactly the calls on their way"
    assert 0 <= difference <= uncertain
    assert again.counter("ledger_recovered") == 2
    assert "2 calls were on their way" in again.log
    assert again.report()["totals"]["calls"] == world.twin.calls == 5
    assert "2 are uncertain" in again.page("/report").body.decode()
    assert again.stop() == 0
    third = world.frugald()  # booked once, not at every start
    assert drift(world, third) == (difference, 2)
    assert third.counter("ledger_recovered") == 0


def test_killed_right_after_an_answer_nothing_is_missing(world):
    asked = 0
    for life in range(4):
        daemon = world.frugald()
        world.twin.hold(PATH)
        waiting = Herd([daemon.address], [user(world, 10 * life + n) for n in range(5)], 5)
        world.twin.await_held(5)
        world.twin.release(PATH)
        assert {a.status for a in waiting.answers()} == {200}
        daemon.kill()  # less than a second after: Redis cannot have it all
        asked += 5
    again = world.frugald()
    assert world.twin.billed == asked
    assert drift(world, again) == (0, 0)
    assert again.report()["totals"]["calls"] == world.twin.calls


def test_killed_while_redis_is_away_the_next_life_sends_what_is_missing(world):
    redis = Redis(world)
    daemon, other = (world.frugald(name, redis={"url": redis.url}) for name in ("one", "two"))
    assert daemon.get(user(world, 0)).status == 200 and other.get(user(world, 1)).status == 200
    assert drift(world, daemon, other) == (0, 0)
    redis.kill(signal.SIGSTOP)
    for n in range(10, 16):
        assert daemon.get(user(world, n)).status == 200
    assert daemon.gauge("ledger_pending") == 12
    daemon.kill()
    redis.kill(signal.SIGCONT)
    again = world.frugald("one", redis={"url": redis.url})
    assert world.twin.billed == 8
    assert drift(world, again, other) == (0, 0)


def scripts_run(redis):
    found = re.search(rb"cmdstat_evalsha:calls=(\d+)", redis.command("INFO", "commandstats"))
    return int(found.group(1)) if found else 0


def test_killed_while_it_replays_nothing_counts_twice(world):
    redis = Redis(world)
    daemon = world.frugald(redis={"url": redis.url})
    for life in range(6):
        redis.kill(signal.SIGSTOP)
        for n in range(5):
            assert daemon.get(user(world, 100 * life + n)).status == 200
        daemon.kill()
        redis.kill(signal.SIGCONT)
        for step in (1, 2, 3):  # the watermark is asked for; the batch is sent; it is acknowledged

            def kill_at_step(before=scripts_run(redis), step=step):
                until(lambda: scripts_run(redis) >= before + step, f"step {step} of the replay")
                world.processes[-1].kill()
            if life % 3 + 1 == step:
                with contextlib.suppress(AssertionError):  # it may have become ready just before
                    world.frugald(redis={"url": redis.url}, early=kill_at_step)
        daemon = world.frugald(redis={"url": redis.url})
    assert world.twin.billed == 30
    assert drift(world, daemon) == (0, 0)


def test_a_redis_that_lost_its_last_seconds_is_healed_without_traffic(world):
    redis = Redis(world)
    fleet = [world.frugald(name, redis={"url": redis.url}) for name in ("one", "two", "three")]
    for n in range(3):
        assert fleet[n].get(user(world, n)).status == 200
    assert drift(world, *fleet) == (0, 0)
    old = {key: redis.command("DUMP", key) for key in redis.keys("frugal:{credits}:*")}
    for n in range(10, 25):
        assert fleet[n % 3].get(user(world, n)).status == 200
    assert drift(world, *fleet) == (0, 0)
    redis.command("EVAL", "for i = 1, #KEYS do redis.call('RESTORE', KEYS[i], 0, ARGV[i], 'REPLACE') end", len(old), *old.keys(), *old.values())
    assert world.twin.billed == 18
    until(lambda: all(d.counter("ledger_again") > 0 for d in fleet), "all notice", 15)
    assert drift(world, *fleet) == (0, 0)
    redis.kill()  # it kept nothing on disk: all is gone
    Redis(world)
    until(lambda: all(d.gauge("store_up") for d in fleet), "Redis is there again")
    until(lambda: drift(world, *fleet) == (0, 0), "the journals have brought it all back", 15)
    assert "sent again from the journal" in fleet[0].log


def test_a_full_disk_refuses_calls_and_never_spends_uncounted(world):
    disk = world.dir / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", str(disk)], check=False,
                                           capture_output=True).returncode != 0:
        pytest.skip("needs root to mount a small disk")
    try:
        fill_it(world, disk)
    finally:
        for p in world.processes:
            if p.name.startswith("one"):
                p.stop()
        subprocess.run(["umount", str(disk)], check=True)


def fill_it(world, disk):
    redis = Redis(world)
    daemon = world.frugald(redis={"url": redis.url}, state_dir=str(disk / "state"))
    known = user(world, 0)
    assert daemon.get(known).status == 200
    world.twin.hold(PATH)
    waiting = Herd([daemon.address], user(world, 1), 2)
    world.twin.await_held(1)
    ballast = disk / "ballast"
    with open(ballast, "wb", buffering=0) as f:
        with pytest.raises(OSError):
            while True:
                f.write(bytes(1024))
    world.twin.release(PATH)
    assert {a.status for a in waiting.answers()} == {200}, "who has paid gets the answer"
    n, before = 10, None
    while before is None:  # what is left of the journal's last page
        calls = world.twin.calls
        answer = daemon.get(user(world, n))
        if answer.status != 200:
            assert answer.status == 503 and answer.json["type"].endswith("journal-unavailable"), answer
            assert answer["Retry-After"] == "1"
            before = calls
        n += 1
        assert n < 300
    for more in range(n, n + 5):
        assert daemon.get(user(world, more)).status == 503
    assert world.twin.calls == before, "nothing is called that cannot be counted"
    assert daemon.get(known).status == 200, "what is known is served"
    assert daemon.gauge("journal_up") == 0 and daemon.outcomes()["unrecorded"] == 6
    assert "no call is made until it can" in daemon.log
    ballast.unlink()
    assert daemon.get(user(world, n)).status == 200
    assert daemon.gauge("journal_up") == 1 and "is written again" in daemon.log
    assert drift(world, daemon) == (0, 0)


def test_a_second_daemon_on_the_same_journal_is_refused(world):
    redis = Redis(world)
    daemon = world.frugald(redis={"url": redis.url})
    status, _, err = run("-c", daemon.config, env={"TIKLIVE_API_KEY": KEY})
    assert status != 0 and "in use by another frugald" in err, err


@pytest.mark.parametrize("sync", ["never", "always"])
def test_many_lives_under_load_drift_by_nothing_but_what_was_on_its_way(world, sync):
    redis = Redis(world)
    uncertain_at_most = n = 0
    for life in range(6):
        daemon = world.frugald(redis={"url": redis.url}, journal={"sync": sync})
        world.twin.order("delay", ms=30)
        calls = world.twin.calls
        clients = [Connection(daemon.address).send(user(world, 1000 + n + i)) for i in range(20)]
        n += 20
        until(lambda calls=calls, life=life: world.twin.calls >= calls + life, "some are on their way")
        daemon.kill()
        uncertain_at_most += 20
        for client in clients:
            client.close()
    until(lambda: world.twin.ledger()["held"] == 0, "nothing is on its way")
    last = world.frugald(redis={"url": redis.url}, journal={"sync": sync})
    difference, uncertain = drift(world, last)
    assert 0 <= difference <= uncertain <= uncertain_at_most
    assert last.report()["totals"]["calls"] >= world.twin.calls


@pytest.fixture(scope="module")
def deadly(tmp_path_factory):
    """The shim that kills a daemon at a write to its journal."""
    shim = tmp_path_factory.mktemp("shim") / "die_at_write.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", shim, ROOT / "tests/box/die_at_write.c"], check=True, timeout=60)
    return shim


# The writes of a first life with two calls: the head of the file, the life, then for each call what it may cost and what became of it.
@pytest.mark.parametrize("moment", [f"{when}:{n}" for n in range(1, 7) for when in ("before", "after")])
def test_killed_at_each_write_of_the_journal_nothing_is_lost_or_counted_twice(world, deadly, moment):
    if "san" in os.environ.get("FRUGAL_BUILD", "") or "address" in os.environ.get("FRUGAL_BUILD", ""):
        pytest.skip("a sanitizer wants to be loaded first")
    world.books_apply = False
    redis = Redis(world)
    settings = {"redis": {"url": redis.url}, "budgets": [{"scope": "all", "window": "day", "credits": 2}]}
    with contextlib.suppress(AssertionError, ConnectionError):  # it may die before it is ready
        doomed = world.frugald(env={"LD_PRELOAD": str(deadly), "DIE_AT_WRITE": moment}, **settings)
        for n in (0, 1):
            doomed.get(user(world, n))
    doomed = next(p for p in world.processes if p.name.startswith("one"))
    until(lambda: not doomed.running, "it is dead")
    doomed.killed = True
    again = world.frugald(**settings)
    difference, uncertain = drift(world, again)
    assert 0 <= difference <= uncertain <= 1, (difference, uncertain)
    for n in range(10, 14):
        assert again.get(user(world, n)).status in (200, 429)
    assert world.twin.billed <= 2, "what an earlier life has spent counts"
    assert drift(world, again) == (difference, uncertain)
    assert again.report()["totals"]["spent"] == 2, "and all credits but those were there to be spent"


class DurableRedis(Redis):
    """Keeps an append-only file, whose end can be cut off."""

    def __init__(self, world):
        self.data = world.dir / "durable"
        self.data.mkdir(exist_ok=True)
        self.socket_path = world.dir / "shared.sock"
        self.socket_path.unlink(missing_ok=True)
        Process.__init__(self, world, "redis-%d" % len(world.processes),
                         ["redis-server", "--port", "0", "--unixsocket", self.socket_path, "--save", "", "--appendonly", "yes",
                          "--appendfsync", "everysec", "--dir", self.data])
        until(lambda: self.answers() or not self.running, "Redis answers")
        self.url = f"unix://{self.socket_path}"

    @property
    def file(self):
        return max(self.data.rglob("*.incr.aof"), key=lambda path: path.stat().st_mtime)


def test_an_append_only_file_that_lost_its_last_seconds_is_healed_and_no_budget_is_passed(world):
    redis = DurableRedis(world)
    fleet = [world.frugald(name, redis={"url": redis.url}, budgets=[{"scope": "all", "window": "day", "credits": 60}])
             for name in ("one", "two", "three")]
    for n in range(12):
        assert fleet[n % 3].get(user(world, n)).status == 200
    assert drift(world, *fleet) == (0, 0)
    size = redis.file.stat().st_size
    began = time.monotonic()
    n = 100
    while time.monotonic() - began < 5:  # what is cut off is five seconds of work
        assert fleet[n % 3].get(user(world, n)).status in (200, 429)
        n += 1
        until(lambda n=n, began=began: time.monotonic() - began > (n - 100) / 5, "five a second")
    redis.kill()
    os.truncate(redis.file, size)
    DurableRedis(world)
    until(lambda: all(d.gauge("store_up") for d in fleet), "Redis is there again")
    Herd([d.address for d in fleet], [user(world, 1000 + i) for i in range(90)], 90).answers()
    until(lambda: drift(world, *fleet) == (0, 0), "the journals have brought it all back", 20)
    until(lambda: spend_on(world, fleet) == 60, lambda: f"all of the budget, and no more: {world.twin.billed}")
    assert drift(world, *fleet) == (0, 0)


def spend_on(world, fleet):
    spend_on.n += 10
    Herd([d.address for d in fleet], [user(world, spend_on.n + i) for i in range(10)], 10).answers()
    assert world.twin.billed <= 60
    return world.twin.billed


spend_on.n = 2000


def test_the_embedded_redis_is_healed_as_well(world):
    daemon = world.frugald()
    for n in range(3):
        assert daemon.get(user(world, n)).status == 200
    assert drift(world, daemon) == (0, 0)
    file = max((world.dir / "one").rglob("*.incr.aof"), key=lambda path: path.stat().st_mtime)
    size = file.stat().st_size
    for n in range(10, 15):
        assert daemon.get(user(world, n)).status == 200
    assert drift(world, daemon) == (0, 0)
    child = daemon.child_pid()
    daemon.kill()
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.truncate(file, size)
    again = world.frugald()
    assert drift(world, again) == (0, 0)
    assert again.report()["totals"]["calls"] == world.twin.calls == 8


def test_answers_that_come_too_late_make_nothing_count_twice(world):
    redis = Redis(world)
    fleet = [world.frugald(name, redis={"url": redis.url, "timeout": "50ms"}) for name in ("one", "two", "three")]
    for pause in range(5):
        for n in range(6):
            assert fleet[n % 3].get(user(world, 10 * pause + n)).status == 200
        redis.kill(signal.SIGSTOP)
        until(lambda: not any(d.gauge("store_up") for d in fleet), "all find it silent")
        redis.kill(signal.SIGCONT)
        until(lambda: all(d.gauge("store_up") for d in fleet), "Redis is there again")
    assert drift(world, *fleet) == (0, 0)
    assert fleet[0].report()["totals"]["calls"] == world.twin.calls
