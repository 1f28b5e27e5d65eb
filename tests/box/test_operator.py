"""The operator's listener of real daemons: books that are compared, limits that are changed, reports that are broken down."""

import hashlib
import shutil
import subprocess

from wire import Connection, Herd, ask, until
from world import query

USERID = "/userid/?username="


def order(frugald, path, **params):
    return ask(frugald.admin, f"{path}?{query(params)}", [("X-Frugal-Admin", "1")], "POST")


def ledger(frugald):
    return frugald.page("/ledger").json


def report(frugald, by):
    return frugald.page(f"/report?by={by}&format=json").json


def test_the_books_agree_before_and_after_a_kill_and_say_so_if_nobody_can_tell(world):
    one, two = world.fleet(2, budgets=[{"scope": "all", "window": "day", "credits": 1000}])
    for n in range(20):
        assert (one, two)[n % 2].get(USERID + world.twin.sample(n)["username"]).status == 200
    for d in (one, two):
        until(lambda d=d: ledger(d)["whole"] and ledger(d)["drift"] == 0, lambda d=d: f"the books agree: {ledger(d)}")
        assert ledger(d)["instances"] == 2
    world.books_apply = False
    world.twin.hold("/userid/")
    lost = Connection(two.address).send(USERID + world.twin.sample(30)["username"])
    world.twin.await_held(1)
    found = ledger(two)
    assert found["journal"]["unsettled"] == 1 and found["drift"] == 0, found
    two.kill()
    lost.close()
    world.twin.release("/userid/")
    again = world.frugald("d1", redis={"url": world.redis.url}, budgets=[{"scope": "all", "window": "day", "credits": 1000}])
    until(lambda: ledger(again)["whole"] and ledger(again)["drift"] == 0, lambda: f"the books agree: {ledger(again)}")
    assert ledger(again)["journal"]["recovered"] == 1
    world.redis.kill()
    until(lambda: ledger(one)["drift"] is None, lambda: f"nobody can tell: {ledger(one)}")


def test_the_books_agree_at_every_moment_of_traffic(world):
    frugald = world.frugald(budgets=[{"scope": "all", "window": "day", "credits": 5000}, {"scope": "tenant:default", "window": "hour", "credits": 5000}])
    world.twin.order("delay", ms=5)
    seen = []
    for turn in range(15):
        herd = Herd([frugald.address], [f"/music-info/?music_id={1 + 40 * turn + n}" for n in range(40)], 40)
        seen += [ledger(frugald) for _ in range(10)]
        assert all(a.status == 200 for a in herd.answers())
    assert not [found for found in seen if found["drift"]], [found for found in seen if found["drift"]][0]
    assert len([found for found in seen if found["drift"] == 0]) > 100
    assert any(found["journal"]["unsettled"] > 0 for found in seen), "some were asked for while calls were on their way"


def test_a_limit_is_changed_while_calls_wait_for_it_and_taken_back(world):
    one, two = world.fleet(2, budgets=[{"scope": "all", "window": "day", "credits": 2}])
    names = [world.twin.sample(n)["username"] for n in range(12)]
    assert [one.get(USERID + n).status for n in names[:3]] == [200, 200, 429]
    assert order(one, "/budget", name="all/day", credits=4).status == 200
    until(lambda: two.get(USERID + names[3]).status == 200, "the other instance knows of it")
    until(lambda: one.get(USERID + names[4]).status == 200, "and this one")
    until(lambda: one.get(USERID + names[5]).status == 429, "four are spent")
    assert order(two, "/budget", name="all/day", credits="none").status == 200
    until(lambda: one.get(USERID + names[6]).status == 200, "there is no limit")
    budget = one.page("/budgets").json["budgets"][0]
    assert budget["name"] == "all/day" and budget["limit"] is None
    assert order(one, "/budget", name="all/day", credits="config").status == 200
    until(lambda: two.page("/budgets").json["budgets"][0]["limit"] == 2, "the configuration counts again")
    assert two.get(USERID + names[7]).status == 429
    unknown = order(one, "/budget", name="all/year", credits=1)
    assert unknown.status == 404 and "all/day" in unknown.json["detail"]
    assert world.twin.billed == 5


def test_reports_by_tenant_reason_and_outcome_add_up_to_the_same_totals(world, collector):
    keys = [collector.guard("tlc-operator-%032d" % n) for n in range(2)]
    clients = [{"name": f"c{n}", "key_sha256": hashlib.sha256(k.encode()).hexdigest(), "tenant": f"tenant{n}"} for n, k in enumerate(keys)]
    one, two = world.fleet(2, clients=clients)
    for n in range(9):
        target = USERID + world.twin.sample(n % 5)["username"]
        assert (one, two)[n % 2].get(target, ("X-Api-Key", keys[n % 3 % 2])).status == 200
    for d in (one, two):
        until(lambda d=d: not d.gauge("totals_pending") and not d.gauge("ledger_pending"), "Redis has the totals")
    totals = one.report()["totals"]
    assert (totals["requests"], totals["spent"], totals["avoided"]) == (9, world.twin.billed, 9 - world.twin.billed)
    for by in ("endpoint", "tenant", "reason", "outcome"):
        found = report(two, by)
        assert found["totals"] == totals
        for column in set(found[by + "s"][0]) & set(totals):
            assert sum(row[column] for row in found[by + "s"]) == totals[column], (by, column, found)
    assert {row["tenant"] for row in report(one, "tenant")["tenants"]} == {"tenant0", "tenant1"}
    assert {row["outcome"] for row in report(one, "outcome")["outcomes"]} <= {"hit", "miss", "collapsed"}
    tenants = [d.stats()["tenants"] for d in (one, two)]
    assert sum(t[f"tenant{n}"]["requests"] for t in tenants for n in range(2)) == 9


def test_metrics_of_budgets_and_tenants_please_promtool(world):
    frugald = world.frugald(budgets=[{"scope": "all", "window": "month", "credits": 100}, {"scope": "class:batch", "window": "hour", "credits": 7}])
    assert frugald.get(USERID + world.twin.sample(0)["username"]).status == 200
    until(lambda: b'frugald_budget_spent_credits{budget="all/month",window="month"} 1\n' in frugald.page("/metrics").body, "it is counted")
    text = frugald.page("/metrics").body
    for line in ('frugald_budget_credits{budget="class:batch/hour",window="hour"} 7', 'frugald_tenant_requests_total{tenant="default"} 1',
                 'frugald_budget_used_ratio{budget="all/month",window="month"} 0.010', 'frugald_queue_length{class="interactive"} 0',
                 'frugald_budget_ledger_drift_credits{budget="all/month",window="month"} 0'):
        assert line.encode() in text, line
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done


def test_the_page_shows_budgets_as_bars(world):
    frugald = world.frugald(budgets=[{"scope": "all", "window": "day", "credits": 4}])
    for n in range(3):
        frugald.get(USERID + world.twin.sample(n)["username"])
    until(lambda: b'style="width:75.0%"' in frugald.page("/").body, lambda: frugald.page("/").body.decode())
    assert b"<script" not in frugald.page("/").body
