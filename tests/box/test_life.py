"""From the start to the stop of a daemon, as its service manager sees it."""

import hashlib
import os
import signal

from wire import Connection, Herd, gather, until

USERID = "/userid/?username="


def test_sigterm_lets_paid_calls_come_home_and_loses_no_credit(world):
    frugald = world.frugald()
    assert "READY=1" in frugald.told and frugald.page("/ready").body == b"ready\n"
    users = [world.twin.sample(n) for n in range(3)]
    assert frugald.get(USERID + users[0]["username"]).status == 200
    idle = Connection(frugald.address)  # a client that has nothing to ask does not keep the daemon
    world.twin.hold("/userid/")
    waiting = Herd([frugald.address], USERID + users[1]["username"], 5)
    world.twin.await_held(1)
    until(lambda: frugald.gauge("flight_waiters") == 5, "all wait")
    os.kill(frugald.pid, signal.SIGTERM)
    frugald.await_told("STOPPING=1")
    assert frugald.running and frugald.gauge("flight_waiters") == 5
    world.twin.release("/userid/")
    for answer in waiting.answers():
        assert answer.json == {"id": users[1]["userid"]} and answer["Connection"] == "close"
    assert frugald.child.wait(30) == 0
    idle.close()
    again = world.frugald()
    for user in users[:2]:
        assert again.get(USERID + user["username"]).cache.startswith("frugald; hit")
    assert again.report()["totals"]["spent"] == world.twin.billed == 2


def test_a_second_sigterm_does_not_wait(world):
    frugald = world.frugald()
    world.twin.hold("/userid/")
    client = Connection(frugald.address).send(USERID + world.twin.sample(0)["username"])
    world.twin.await_held(1)
    os.kill(frugald.pid, signal.SIGTERM)
    frugald.await_told("STOPPING=1")
    os.kill(frugald.pid, signal.SIGTERM)
    assert frugald.child.wait(30) == 0
    assert gather([client])[0].status in (0, 503)
    client.close()


def test_sighup_changes_times_at_once_and_a_bad_file_keeps_the_old(world):
    frugald = world.frugald()
    target = USERID + world.twin.sample(0)["username"]
    probe = ("Cache-Control", "only-if-cached")
    assert frugald.get(target).status == 200
    frugald.reload(endpoints={"userid": {"fresh": "1ms", "stale": 0}})
    assert frugald.get(target, probe).status == 504
    frugald.config.write_text("endpoints: { userid: { fresh: soon } }\n")
    frugald.told.clear()
    os.kill(frugald.pid, signal.SIGHUP)
    frugald.await_told("READY=1")
    assert "RELOADING=1" in frugald.told
    refused = frugald.await_log(r"reload refused, the old configuration stays: (\S+):1:\d+: ")
    assert refused[1] == str(frugald.config)
    assert frugald.get(target, probe).status == 504
    frugald.reload(endpoints={}, log={"level": "debug"}, wait={"max": "20s"})
    assert frugald.get(target, probe).status == 200 and world.twin.calls == 1
    assert "wait.max has changed: it takes effect with a restart" in frugald.log


def test_a_waiters_deadline_ends_in_a_504_and_never_in_another_call(world):
    frugald = world.frugald(wait={"max": "300ms"})
    s = world.twin.sample(0)
    target = USERID + s["username"]
    world.twin.hold("/userid/")
    for answer in Herd([frugald.address], target, 10).answers():
        assert answer.status == 504 and answer.is_problem and answer["Retry-After"], answer
    assert world.twin.calls == 1
    world.twin.release("/userid/")
    until(lambda: frugald.get(target, ("Cache-Control", "only-if-cached")).status == 200, "what was paid for is kept")
    assert frugald.get(target).json == {"id": s["userid"]} and world.twin.calls == 1


def test_sighup_takes_clients_and_budgets_over_only_where_the_daemon_can_follow(world):
    def client(name):
        return {"name": name, "key_sha256": hashlib.sha256(name.encode()).hexdigest()}

    frugald = world.frugald(listen=["127.0.0.1:0", "0.0.0.0:0"], clients=[client(f"a{i}") for i in range(200)])
    for changed, says in [
        ({"clients": [client("a0"), {"name": "open"}], "listen": "127.0.0.1:0"}, "a client has no key"),
        ({"clients": [], "listen": "127.0.0.1:0"}, "a client has no key"),
        ({"clients": [client(f"b{i}") for i in range(56)]}, "more tenants or tiers than can be told apart"),
        ({"clients": [client("a0")], "budgets": [{"scope": "tenant:a1", "window": "day", "credits": 1}]}, r"no client has the tenant 'a1'"),
    ]:
        before = frugald.settings
        frugald.reload(**changed)
        assert "configuration reloaded" not in frugald.log
        frugald.await_log("reload refused, the old configuration stays: .*" + says)
        frugald.settings = before
    frugald.reload(clients=[client(f"b{i}") for i in range(55)], tiers={"pro": {"weight": 2}},
                   budgets=[{"scope": "tenant:b7", "window": "month", "credits": 5, "timezone": "Europe/Berlin"}])
    frugald.await_log("configuration reloaded")


def test_who_asks_while_the_daemon_starts_waits_for_redis(world):
    """Else the first call is made without a lease, and what it brought is not stored."""
    door = world.dir / "door"
    clients = []

    def knock():
        try:
            clients.append(Connection(str(door)).send(USERID + world.twin.sample(0)["username"]))
        except OSError:
            return False  # it does not listen yet
        return True

    frugald = world.frugald(listen=["127.0.0.1:0", f"unix:{door}"], early=lambda: until(knock, "the daemon listens"))
    assert gather(clients)[0].status == 200
    clients[0].close()
    assert frugald.counter("lease_unleased") == 0 and frugald.counter("lease_won") == 1
