"""The upstream's limit of calls, kept by several daemons that share a real Redis."""

from wire import Herd, until

USERID = "/userid/?username="


def most_in(window_ms, moments):
    return max(sum(t - window_ms < other <= t for other in moments) for t in moments)


def questions(world, n):
    return [f"{USERID}nobody{i}" for i in range(n)]


def test_three_instances_keep_to_one_limit_and_refuse_nobody(world):
    fleet = world.fleet(3, upstream={"rate": "40/s"})
    answers = Herd([d.address for d in fleet], questions(world, 120), 120).answers(patience=30)
    assert {a.status for a in answers} == {200}, {a.status for a in answers}
    moments = [call["at_ms"] for call in world.twin.calls_since(0)]
    assert len(moments) == 120
    assert most_in(1000, moments) <= 40, most_in(1000, moments)
    assert sum(d.counter("limiter_waits") for d in fleet) > 0


def test_without_redis_each_instance_takes_its_part(world):
    fleet = world.fleet(2, upstream={"rate": "40/s"}, redis={"timeout": "100ms"})
    targets = questions(world, 120)
    assert {a.status for a in Herd([d.address for d in fleet], targets[:40], 40).answers(patience=30)} == {200}
    world.redis.kill()
    until(lambda: all(d.gauge("store_up") == 0 for d in fleet), "both miss Redis")
    seen = world.twin.calls
    answers = Herd([d.address for d in fleet], targets[40:], 80).answers(patience=30)
    assert {a.status for a in answers} == {200}, {a.status for a in answers}
    moments = [call["at_ms"] for call in world.twin.calls_since(seen)]
    assert len(moments) == 80
    assert most_in(1000, moments) <= 40, most_in(1000, moments)
