"""Several instances on one host behind one address."""

from wire import herd, until
from world import Redis

N = 64


def two_behind_one_address(world, **settings):
    world.redis = Redis(world)
    settings = {"front": {"shared": True}, "redis": {"url": world.redis.url}, **settings}
    first = world.frugald("d0", **settings)
    return [first, world.frugald("d1", listen="127.0.0.1:%d" % first.address[1], **settings)]


def requests_of(daemon):
    return sum(daemon.stats()["outcomes"].values())


def test_the_kernel_spreads_clients_over_instances_and_a_question_is_paid_once(world):
    instances = two_behind_one_address(world)
    question = "/userid/?username=creator_000007"
    answers = herd([instances[0].address], question, N)
    assert {a.status for a in answers} == {200} and len({a.body for a in answers}) == 1
    assert world.twin.billed == 1
    served = [requests_of(d) for d in instances]
    assert sum(served) == N and min(served) > 0, served


def test_budgets_and_totals_are_the_instances_together(world):
    instances = two_behind_one_address(world, budgets=[{"scope": "all", "window": "day", "credits": 10}])
    questions = [f"/music-info/?music_id={n}" for n in range(1, 41)]
    answers = herd([instances[0].address], questions, 40)
    assert sum(a.status == 200 for a in answers) == 10 and world.twin.billed == 10
    for d in instances:
        until(lambda d=d: d.report()["totals"]["spent"] == 10, "each reports the totals of all")


def test_who_stays_serves_when_the_other_is_stopped(world):
    first, second = two_behind_one_address(world)
    question = "/userid/?username=creator_000008"
    assert herd([first.address], question, 2)[0].status == 200
    second.stop()
    assert {a.status for a in herd([first.address], question, N)} == {200}
    assert world.twin.billed == 1
