"""Clients with keys: who is served, on which terms, and that their keys are seen by nobody."""

import hashlib
import secrets

import pytest
from wire import until
from world import KEY

USERID = "/userid/?username="
HOUR = 3600


def client(name, key, tenant, **more):
    return {"name": name, "key_sha256": hashlib.sha256(key.encode()).hexdigest(), "tenant": tenant, **more}


@pytest.fixture
def keys(collector):
    """Two clients' keys, which nobody may see."""
    return [collector.guard(f"tlc-{secrets.token_hex(16)}") for _ in range(2)]


def refused(answer):
    """What a refusal says, without what differs from request to request."""
    changing = {"Date", "X-Request-Id"}
    assert answer.status == 401 and answer.is_problem, answer
    return ([f for f in answer.fields if f[0] not in changing | {"Content-Length"}], answer.json["type"], answer.json["title"])


def test_only_who_shows_a_known_key_is_served_and_nobody_sees_it(world, keys, collector):
    anna, bert = keys
    frugald = world.frugald(clients=[client("anna", anna, "acme"), client("bert", bert, "globex")], log={"level": "debug"},
                            budgets=[{"scope": "all", "window": "day", "credits": 100}])
    target = USERID + world.twin.sample(1)["username"]
    missing = refused(frugald.get(target))
    assert ("WWW-Authenticate", 'ApiKey realm="frugald"') in missing[0]
    assert world.twin.calls == 0

    paid = frugald.get(target, ("X-Api-Key", anna))
    assert paid["X-Credits-Remaining"] == "99" and "X-Credits-Remaining" not in dict(missing[0]), "a stranger learns nothing of the account"
    assert (paid.status, paid["X-Credits-Spent"]) == (200, "1") and world.twin.calls_since(0)[0]["key_ok"]
    shared = frugald.get(target, ("X-Api-Key", bert))
    assert (shared.body, shared["X-Credits-Avoided"]) == (paid.body, "1")

    for wrong in ("nobody", anna[:-1], anna + "x", anna.upper(), "a b", "\xe4", "", "x" * 300, hashlib.sha256(anna.encode()).hexdigest()):
        for other in (target, USERID, "/userid/..%2f", "/extra/x"):
            assert refused(frugald.get(other, ("X-Api-Key", wrong))) == missing, (wrong, other)
    assert refused(frugald.get(target, ("X-Api-Key", "nobody"), ("Cache-Control", "only-if-cached"))) == missing
    assert refused(frugald.get(target, ("X-Api-Key", "nobody"), method="POST")) == missing
    assert world.twin.calls == 1 and frugald.outcomes()["unknown_client"] == 9 * 4 + 3
    until(lambda: not frugald.gauge("totals_pending"), "Redis has the totals")
    for page in ("/", "/metrics", "/stats", "/report"):
        frugald.page(page)
    world.show_files()
    assert not collector.leaks, collector.leaks


def test_a_reload_lets_clients_in_and_out(world, keys):
    anna, bert = keys
    frugald = world.frugald(clients=[client("anna", anna, "acme")])
    target = USERID + world.twin.sample(1)["username"]
    assert [frugald.get(target, ("X-Api-Key", k)).status for k in keys] == [200, 401]
    frugald.reload(clients=[client("bert", bert, "globex")])
    assert [frugald.get(target, ("X-Api-Key", k)).status for k in keys] == [401, 200]
    frugald.reload(clients=[client("bert", bert, "globex"), client("anna", anna, "acme")])
    assert [frugald.get(target, ("X-Api-Key", k)).status for k in keys] == [200, 200]
    assert world.twin.calls == 1


def test_each_tier_is_told_its_own_time_left_of_one_stored_answer(world, keys):
    fast, slow = keys
    tiers = {"pro": {"fresh": {"/userid/": "1h"}}, "free": {"fresh": {"/userid/": "48h"}}}
    frugald = world.frugald(clients=[client("fast", fast, "acme", tier="pro"), client("slow", slow, "globex", tier="free")], tiers=tiers,
                            refresh_reads=0)
    target = USERID + world.twin.sample(1)["username"]

    def left(key):
        return int(frugald.get(target, ("X-Api-Key", key))["Cache-Control"][8:])

    assert 0.8 * HOUR < left(slow) - 42 * HOUR < 6 * HOUR and 0.8 * HOUR < left(fast) <= HOUR
    frugald.reload(tiers={**tiers, "pro": {"fresh": {"/userid/": "1ms"}}})
    assert left(fast) == 0 and left(slow) > 42 * HOUR
    until(lambda: world.twin.calls == 2, "the fast one's refresh")


def test_only_a_client_with_the_permission_buys_a_fresh_answer(world, keys):
    may, may_not = keys
    frugald = world.frugald(clients=[client("may", may, "acme", may_refresh=True), client("not", may_not, "acme")], refresh_min=0)
    target = USERID + world.twin.sample(1)["username"]
    wish = ("Cache-Control", "no-cache")
    assert frugald.get(target, ("X-Api-Key", may)).status == 200
    assert "no-cache-ignored" in frugald.get(target, ("X-Api-Key", may_not), wish).cache and world.twin.calls == 1
    assert "fwd=request" in frugald.get(target, ("X-Api-Key", may), wish).cache and world.twin.calls == 2


def test_without_a_key_of_the_operators_a_known_clients_key_is_handed_on(world, keys):
    """The API takes one of the two keys; each client gets what its own key is worth, and reads nothing of the other's."""
    frugald = world.frugald(env={"TIKLIVE_API_KEY": ""}, clients=[client("good", KEY, "acme"), client("bad", keys[0], "globex")])
    target = USERID + world.twin.sample(1)["username"]
    good = frugald.get(target, ("X-Api-Key", KEY))
    assert (good.status, good["X-Credits-Spent"]) == (200, "1") and "id" in good.json
    bad = frugald.get(target, ("X-Api-Key", keys[0]))
    assert bad.body != good.body and bad["X-Credits-Spent"] == "0"
    assert frugald.get(target, ("X-Api-Key", keys[1])).status == 401
    assert [c["key_ok"] for c in world.twin.calls_since(0)] == [True, False]
