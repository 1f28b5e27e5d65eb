"""The upstream fails in every way that the twin knows: what the client sees, what it costs, and that nothing of it stays."""

from wire import Herd, until
from world import query

PATH = "/post-detail/"
UPSTREAM_WORDS = (b"sign up", b"Api-Key is not available", b"exhausted")

# kind: (the client's status, whether it is stored, what the body is: the upstream's bytes, or a problem of ours)
KINDS = {
    "status": (502, False, "problem"),
    "html": (502, False, "problem"),
    "html503": (502, False, "problem"),
    "truncated": (502, False, "problem"),
    "oversized": (502, False, "problem"),
    "hang": (504, False, "problem"),
    "reset": (502, False, "problem"),
    "slow": (200, True, "upstream"),
    "account_no_key": (502, False, "problem"),
    "account_unknown_key": (502, False, "problem"),
    "account_no_credits": (502, False, "problem"),
    "throttle": (503, False, "problem"),
    "not_found": (200, True, "upstream"),
    "private": (200, True, "upstream"),
    "resource_error": (200, False, "upstream"),
    "url_parsing": (200, False, "upstream"),
    "missing_key": (200, False, "upstream"),
    "null_id": (200, False, "upstream"),
    "empty": (200, False, "upstream"),
    "redirect": (502, False, "problem"),
    "no_store": (200, True, "upstream"),
    "bad_json": (502, False, "problem"),
    "not_object": (502, False, "problem"),
    "deep": (502, False, "problem"),
}


def fault_of(world, frugald, kind, target):
    """Twenty clients meet the fault: their answers, and the number of the one call."""
    before = world.twin.calls
    world.twin.fault(kind, PATH, ms=200, retry_after=1)
    world.twin.hold(PATH)
    herd = Herd([frugald.address], target, 20)
    if kind == "hang":
        world.twin.release(PATH)
    else:
        until(lambda: frugald.gauge("flight_waiters") == 20, "all wait")
        world.twin.release(PATH)
    answers = herd.answers()
    world.twin.clear_faults()
    assert world.twin.calls == before + 1, kind
    return answers, before + 1


def judge(world, kind, answers, seq):
    status, _, what = KINDS[kind]
    assert {a.status for a in answers} == {status}, (kind, answers[0])
    assert sum(int(a["X-Credits-Spent"]) for a in answers) <= 1, kind
    if what == "upstream":
        body = world.twin.body(seq)
        assert all(a.body == body for a in answers), (kind, answers[0])
    else:
        assert all(a.is_problem and a["Cache-Control"] == "no-store" for a in answers), (kind, answers[0])
    if kind == "throttle":
        assert all(int(a["Retry-After"]) >= 1 for a in answers), answers[0]


def test_every_fault_is_one_call_and_only_what_may_be_stored_is(world):
    frugald = world.frugald(upstream={"timeout": "2s", "failure_hold": "100ms"}, breaker={"failures": 1000})
    for n, (kind, (_, stored, _)) in enumerate(KINDS.items()):
        s = world.twin.sample(n)
        target = PATH + "?" + query([("url", s["post_url"])])
        answers, seq = fault_of(world, frugald, kind, target)
        judge(world, kind, answers, seq)
        if stored:
            assert frugald.get(target).body == answers[0].body and world.twin.calls == seq, kind
            continue
        # The hold passes, and the truth comes; nothing of the fault was kept.
        answer = until(lambda: (lambda a: a if a.status == 200 and a.json.get("id") else None)(frugald.get(target)), f"data after {kind}")
        assert answer.json["id"] == s["post_id"] and world.twin.calls == seq + 1, kind
        assert frugald.get(target).cache.startswith("frugald; hit"), kind
    assert "/elsewhere" not in world.twin.ledger()["by_path"]


def test_what_the_upstream_says_of_a_key_reaches_only_its_owner(world):
    frugald = world.frugald(upstream={"failure_hold": 0})
    s = world.twin.sample(1)
    target = "/userid/?username=" + s["username"]
    world.twin.order("key", value="another-key-by-now")  # the operator's key is refused: no client may take that for data
    for _ in range(2):
        answer = frugald.get(target)
        assert answer.status == 502 and answer.is_problem and answer.json["type"] == "urn:frugald:problem:upstream-account", answer
    assert (frugald.stats()["credits"]["spent"], world.twin.billed) == (0, 0)
    assert "the upstream refuses the API key" in frugald.log
    world.twin.order("key", value="")
    assert frugald.get(target).json == {"id": s["userid"]} and world.twin.billed == 1

    world.twin.order("key", value="client-a")  # without an operator's key each client pays, and reads, with its own
    frugald = world.frugald("keyless", env={"TIKLIVE_API_KEY": ""})
    a, b = ("X-Api-Key", "client-a"), ("X-Api-Key", "client-b")
    assert frugald.get(target, a).status == 200 and frugald.get(target, a).cache.startswith("frugald; hit")
    assert b"Api-Key is not available" in frugald.get(target, b).body
    assert b"sign up" in frugald.get(target).body
    assert world.twin.billed == 2


def test_the_breaker_stops_calls_to_an_upstream_that_keeps_failing(world):
    frugald = world.frugald(upstream={"failure_hold": 0}, breaker={"failures": 3, "open": "1m"})
    world.twin.fault("status", PATH, status=500)
    targets = [PATH + "?" + query([("url", world.twin.sample(n)["post_url"])]) for n in range(6)]
    assert [frugald.get(t).status for t in targets] == [502, 502, 502, 503, 503, 503]
    refused = frugald.get(targets[0])
    assert refused.is_problem and 1 <= int(refused["Retry-After"]) <= 60 and world.twin.calls == 3


def test_a_path_without_a_row_is_handed_through_and_counted_as_other(world):
    frugald = world.frugald()
    for n, target in enumerate(("/extra/thing?a=1&a=2&b=%C3%A4", "/extra/thing?a=1&a=2&b=%C3%A4", "/extra/"), 1):
        answer = frugald.get(target)
        call = world.twin.calls_since(n - 1)[0]
        assert (answer.status, answer.body, answer["Content-Type"]) == (200, world.twin.body(n), "application/json")
        assert (answer["X-Credits-Spent"], answer["Cache-Control"]) == ("1", "no-store")
        assert call["path"] + ("?" + call["query"] if call["query"] else "") == target, call
    missing = frugald.get("/no/such/path")
    assert (missing.status, missing.body) == (404, world.twin.body(4)) and missing["X-Credits-Spent"] == "0"
    world.twin.fault("html", "/extra/page")
    page = frugald.get("/extra/page")
    assert (page.status, page["Content-Type"], page.body) == (200, "text/html; charset=utf-8", world.twin.body(5))
    stats = frugald.stats()
    assert stats["endpoints"]["other"] == {"requests": 5, "calls": 5, "spent": 4, "avoided": 0}
    assert world.twin.billed == 4 and stats["outcomes"]["bypass"] == 4
