"""Two hundred clients ask the same question at once: the eight situations in which other proxies pay more than once."""

import pytest
from wire import Connection, Herd, gather, herd, until
from world import query

N = 200
USERID = "/userid/?username="


class Fleet:
    """The instances together, as a load balancer's clients see them."""

    def __init__(self, world, instances):
        self.twin = world.twin
        self.all = world.fleet(instances, upstream={"failure_hold": "20s"}, endpoints={"userid": {"fresh": "1s", "stale": "1h"}})
        self.addresses = [d.address for d in self.all]

    def waiting(self):
        return sum(d.gauge("flight_waiters") for d in self.all)

    def await_waiting(self, n):
        until(lambda: self.waiting() == n, lambda: f"{n} requests wait: {self.waiting()}")

    def herd(self, targets, n=N):
        return herd(self.addresses, targets, n)

    def held_herd(self, path, targets, n=N):
        """The upstream is so slow that all clients wait for it."""
        self.twin.hold(path)
        waiting = Herd(self.addresses, targets, n)
        self.await_waiting(n)
        self.twin.await_held(1)
        self.twin.release(path)
        return waiting.answers()


def same(answers, status=200):
    """All clients got the very same answer."""
    assert {a.status for a in answers} == {status}, {a.status for a in answers}
    assert len({a.body for a in answers}) == 1
    return answers[0].body


def cold(fleet, s):
    assert same(fleet.herd("/userinfo-by-id/?userid=" + s["userid"]))


def slow(fleet, s):
    assert same(fleet.held_herd("/music-info/", "/music-info/?music_id=" + s["music_id"]))


def expired(fleet, s):
    """Whoever asks for what has just become stale is served at once; one refresh goes on behind."""
    target = USERID + s["username"]
    primed = fleet.all[0].get(target)
    assert primed.status == 200 and primed["X-Credits-Spent"] == "1"
    before = fleet.twin.calls
    for d in fleet.all:
        until(lambda: "ttl=-" in d.get(target, ("Cache-Control", "only-if-cached")).cache, "the answer is stale")
    fleet.twin.hold("/userid/")
    answers = fleet.herd(target)
    assert same(answers) == primed.body and all("hit; ttl=-" in a.cache for a in answers), answers[0]
    fleet.twin.await_held(1)
    for d in fleet.all:
        d.reload(endpoints={"userid": {"fresh": "1d"}})
    fleet.twin.release("/userid/")
    for d in fleet.all:
        until(lambda: "ttl=-" not in d.get(target).cache, "the refreshed answer is there")
    return fleet.twin.calls - before


def failing(fleet, s):
    fleet.twin.fault("status", "/userinfo-by-username/", status=503)
    answers = fleet.herd("/userinfo-by-username/?username=" + s["username"])
    fleet.twin.clear_faults()
    assert {a.status for a in answers} == {502} and all(a.is_problem for a in answers), answers[0]


def not_to_be_stored(fleet, s):
    """A no-store of the origin: the operator's policy is what counts."""
    fleet.twin.fault("no_store", "/challenge-info-id/")
    assert same(fleet.herd("/challenge-info-id/?id=" + s["challenge_id"]))
    fleet.twin.clear_faults()


def first_hangs_up(fleet, s):
    target = "/user-posts/?" + query([("userid", s["userid"]), ("count", 10), ("cursor", 0)])
    fleet.twin.hold("/user-posts/")
    first = Connection(fleet.addresses[0]).send(target)
    fleet.twin.await_held(1)
    first.close()
    others = Herd(fleet.addresses, target, N - 1)
    until(lambda: fleet.waiting() >= N - 1, "the others wait")
    fleet.twin.release("/user-posts/")
    assert same(others.answers())


def not_found_twice(fleet, s):
    for _ in range(2):
        assert b"Not found user" in same(fleet.herd(USERID + s["missing_username"]))


def other_spellings(fleet, s):
    """Order, defaults left out, a last slash more or less, a leading zero, letters as %XX."""
    id_, path = s["userid"], "/user-followers"
    first = fleet.herd([f"{path}/?userid={id_}&count=50&time=0", f"{path}?time=0&count=50&userid={id_}", f"{path}/?userid={id_}",
                        f"{path}/?count=050&userid={id_}&time=", f"{path}/?%75serid={id_}&time=00", f"{path}/?userid=%3{id_[0]}{id_[1:]}"])
    assert same(first) == same(fleet.herd(f"{path}/?userid={id_}&count=50&time=0"))


def resource_error(fleet, s):
    """HTTP 200 that may not be stored: shared by all who ask for a while, paid once."""
    fleet.twin.fault("resource_error", "/post-detail/")
    answers = fleet.herd("/post-detail/?" + query([("url", s["post_url"])]))
    fleet.twin.clear_faults()
    assert b"Something went wrong" in same(answers)
    assert sum(int(a["X-Credits-Spent"]) for a in answers) == 1


EIGHT = [cold, slow, expired, failing, not_to_be_stored, first_hangs_up, not_found_twice, other_spellings]


@pytest.mark.parametrize("instances", [1, 3])
def test_eight_herds_of_200_clients_cost_eight_calls(world, instances):
    fleet = Fleet(world, instances)
    calls = {}
    for n, step in enumerate(EIGHT + [resource_error]):
        before = world.twin.calls
        counted = step(fleet, world.twin.sample(n))
        calls[step.__name__] = world.twin.calls - before if counted is None else counted
    assert calls == {step.__name__: 1 for step in EIGHT + [resource_error]}
    assert sum(calls[step.__name__] for step in EIGHT) == 8


def survivors_are_served(fleet, dead, clients, instances):
    """The clients of the killed instance lose their connections, all others get the answer."""
    lost = [a for i, a in enumerate(clients) if fleet[i % instances] is dead]
    served = [a for i, a in enumerate(clients) if fleet[i % instances] is not dead]
    assert served and {a.status for a in served} == {200} and len({a.body for a in served}) == 1, served
    assert {a.status for a in lost} <= {0, 200}, lost


@pytest.mark.parametrize("when", ["while its call is held", "when its call is let go", "before its call"])
def test_a_killed_leader_costs_one_more_call_at_the_most(world, when):
    world.books_apply = False  # the killed instance's count dies with it
    before_call = when == "before its call"
    path, target = "/music-info/", "/music-info/?music_id=" + world.twin.sample(1)["music_id"]
    fleet = world.fleet(3, redis={"lease": "1s"}, upstream={"connections": 1 if before_call else 64})
    if before_call:  # the leader has the lease and waits until its only connection is free
        leader = fleet[0]
        world.twin.hold("/userid/")
        first = [Connection(leader.address).send(USERID + world.twin.sample(1)["username"])]
        world.twin.await_held(1)
        first.append(Connection(leader.address).send(target))
        until(lambda: leader.gauge("limiter_queue") == 1, "the leader waits for its turn")
        clients = [Connection(fleet[i % 3].address).send(target) for i in range(60)]
        until(lambda: sum(d.gauge("flight_waiters") for d in fleet) == 62, "all wait")
        assert path not in world.twin.ledger()["by_path"]
        leader.kill()
        world.twin.release("/userid/")
    else:
        world.twin.hold(path)
        clients = [Connection(fleet[i % 3].address).send(target) for i in range(60)]
        until(lambda: sum(d.gauge("flight_waiters") for d in fleet) == 60, "all wait")
        world.twin.await_held(1)
        leader = next(d for d in fleet if d.gauge("upstream_calls_in_flight") == 1)
        if when == "when its call is let go":
            world.twin.release(path)
        leader.kill()
        if when == "while its call is held":  # its lease runs out, and one of the others takes over
            until(lambda: world.twin.calls == 2, "the call of a successor")
            world.twin.release(path)
    survivors_are_served(fleet, leader, gather(clients), 3)
    calls = world.twin.ledger()["by_path"][path]["calls"]
    assert calls == 1 if before_call else calls <= 2, calls
    successors = [d for d in fleet if d is not leader]
    assert {a.status for a in herd([d.address for d in successors], target, 20)} == {200}
    assert world.twin.ledger()["by_path"][path]["calls"] == calls
    if before_call:
        for client in first:
            client.close()
