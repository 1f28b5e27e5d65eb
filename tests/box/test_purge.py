"""What an operator throws away is gone on every instance, in memory and in Redis; the twin says which call made an answer."""

import signal

import pytest
from wire import Connection, ask, until
from world import query

USERID = "/userid/?username="


def order(frugald, path, **params):
    """An order as frugalctl sends it."""
    answer = ask(frugald.admin, f"{path}?{query(params)}", [("X-Frugal-Admin", "1")], "POST")
    assert answer.status == 200, answer
    return answer.json


def explained(frugald, target):
    return frugald.page("/explain?" + query({"target": target})).body.decode()


def key_of(frugald, target):
    return explained(frugald, target).split("\nkey:")[1].split()[0]


def profile(world, n):
    """A question whose answer changes with time."""
    return "/userinfo-by-username/?username=" + world.twin.sample(n)["username"]


def pass_time(world):
    """What the twin says of a profile is something else from now on: no body is the old one's by chance."""
    world.twin.order("time", advance_ms=30 * 24 * 3600 * 1000)


@pytest.mark.parametrize("what", ["target", "key", "endpoint", "all"])
def test_a_hard_purge_on_one_is_seen_by_both(world, what):
    one, two = world.fleet(2)
    target = profile(world, 0)
    other = USERID + world.twin.sample(1)["username"]
    for d in (one, two):
        assert d.get(target).status == d.get(other).status == 200
    assert world.twin.calls == 2
    old = one.get(target).body
    pass_time(world)
    value = {"target": target, "key": key_of(one, target), "endpoint": "/userinfo-by-username/", "all": "1"}[what]
    assert order(one, "/purge", **{what: value})["soft"] is False

    first = one.get(target)
    assert first["X-Credits-Spent"] == "1" and "fwd=uri-miss" in first.cache and first.body != old, first
    until(lambda: two.get(target).body == first.body, "the other instance has the new answer")
    assert world.twin.calls == 3, "one call for both"
    again = one.get(target)
    assert again.cache.startswith("frugald; hit") and again.body == first.body
    for d in (one, two):
        d.get(other)
    assert world.twin.calls == (4 if what == "all" else 3)


def test_a_soft_purge_refreshes_and_makes_nobody_wait(world):
    one, two = world.fleet(2, endpoints={"/userinfo-by-username/": {"fresh": "1h", "stale": "1h"}})
    target = profile(world, 0)
    old = one.get(target)
    assert two.get(target).cache.startswith("frugald; hit") and world.twin.calls == 1
    world.twin.hold("/userinfo-by-username/")
    assert order(one, "/purge", target=target, soft=1)["soft"] is True
    for _ in range(5):
        stale = one.get(target)
        assert stale.body == old.body and stale["X-Credits-Spent"] == "0" and stale.cache.startswith("frugald; hit"), stale
    world.twin.await_held(1)
    assert "softly" in explained(one, target)
    world.twin.release("/userinfo-by-username/")
    until(lambda: "purged:" not in explained(one, target), "the answer is renewed")
    for d in (one, two):  # the second one finds in Redis what the first one has paid for
        until(lambda d=d: d.get(target).cache.startswith("frugald; hit; ttl=3"), lambda d=d: f"{d.name} has the new answer")
    assert world.twin.calls == 2 and one.stats()["credits"]["background"] == 1


def test_a_call_that_began_before_the_purge_brings_nothing_back(world):
    one, two = world.fleet(2)
    target, other = profile(world, 0), profile(world, 1)
    two.get(other)
    world.twin.hold("/userinfo-by-username/")
    connection = Connection(two.address).send(target)
    world.twin.await_held(1)
    order(one, "/purge", endpoint="/userinfo-by-username/")
    until(lambda: "purged" in explained(two, other), "the other instance is told")
    world.twin.release("/userinfo-by-username/")
    until(connection.take, "whoever waited is answered")
    assert connection.answer.status == 200 and "stored" not in connection.answer.cache
    connection.close()
    assert one.get(target)["X-Credits-Spent"] == "1"
    assert world.twin.calls == 3
    until(lambda: two.get(target).cache.startswith("frugald; hit"), "the other instance takes the new one")
    assert world.twin.calls == 3


def test_a_purge_while_redis_is_away_is_told_when_it_is_back(world):
    one, two = world.fleet(2)
    target = profile(world, 0)
    for d in (one, two):
        old = d.get(target).body
    pass_time(world)
    world.redis.kill(signal.SIGSTOP)
    one.get(USERID + world.twin.sample(1)["username"])  # it learns that Redis is away
    until(lambda: one.gauge("store_up") == 0, "Redis is away")
    assert "Redis is away" in order(one, "/purge", target=target)["detail"]
    new = one.get(target)
    assert new["X-Credits-Spent"] == "1" and new.body != old, "here it takes effect at once"
    assert two.get(target).body == old
    world.redis.kill(signal.SIGCONT)
    until(lambda: two.get(target).body != old, "the other instance is told")
    assert world.redis.command("ZCARD", "frugal:{credits}:k") == 1


def test_an_instance_that_comes_later_knows_of_purges_before_it(world):
    one, two = world.fleet(2)
    target = profile(world, 0)
    world.twin.hold("/userinfo-by-username/")
    connection = Connection(two.address).send(target)
    world.twin.await_held(1)
    world.redis.command("CLIENT", "KILL", "TYPE", "pubsub")  # two does not hear it, and stores what it began before
    order(one, "/purge", all=1)
    pass_time(world)
    world.twin.release("/userinfo-by-username/")
    until(connection.take, "whoever waited is answered")
    connection.close()
    three = world.frugald("d3", redis={"url": world.redis.url})
    assert three.get(target)["X-Credits-Spent"] == "1" and world.twin.calls == 2


def test_the_explanation_says_what_is_stored(world):
    frugald = world.frugald()
    target = USERID + world.twin.sample(0)["username"]
    assert "nothing in the memory" in explained(frugald, target)
    assert frugald.get(target).status == 200
    text = explained(frugald, target)
    assert "endpoint:      /userid/" in text and "stored:        ok" in text and "fresh" in text, text
    assert "refused:" in explained(frugald, "/userid/?name=x")
    assert world.twin.calls == 1


def test_what_a_web_page_could_send_throws_nothing_away(world):
    frugald = world.frugald()
    target = USERID + world.twin.sample(0)["username"]
    assert frugald.get(target).status == 200
    assert ask(frugald.admin, "/purge?all=1", [("Origin", "http://evil.example")], "POST").status == 403
    assert frugald.get(target).cache.startswith("frugald; hit") and world.twin.calls == 1
