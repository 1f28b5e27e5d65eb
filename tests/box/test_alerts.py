"""Alerts: budgets run out, and whoever wants to know is told once, over real sockets."""

import hashlib
import hmac
import os
import socket
import time

import pytest

from receiver import Receiver
from wire import PATIENCE, ask, until, watchers
from world import run

USERID = "/userid/?username="
SLACK = "/services/T0001/B0001/secretSlackPath93"
PAGERDUTY_KEY = "R0UTINGsecret4711key"
SIGNING_KEY = "s1gning-secret-0815"
SECRETS = ("secretSlackPath93", PAGERDUTY_KEY, SIGNING_KEY)


@pytest.fixture
def receiver():
    r = Receiver()
    yield r
    r.end()


@pytest.fixture
def seen():
    """Everything that the world shows: answers, log lines, files."""
    pieces = []

    def look(where, data):
        if where != "an alert":
            pieces.append((where, data))
    watchers.append(look)
    yield pieces
    watchers.remove(look)


def secret(world, name, text, mode=0o600):
    path = world.dir / name
    path.write_text(text + "\n")
    path.chmod(mode)
    return str(path)


def channels(world, receiver):
    return {"ops": {"slack": secret(world, "slack", receiver.url + SLACK)},
            "oncall": {"pagerduty": secret(world, "pagerduty", PAGERDUTY_KEY), "url": receiver.url + "/v2/enqueue"},
            "own": {"webhook": receiver.url + "/own", "secret_file": secret(world, "signing", SIGNING_KEY)}}


def settings(world, receiver, credits=10, **alerts):
    return {"budgets": [{"scope": "all", "window": "month", "credits": credits}],
            "alerts": {"channels": channels(world, receiver), **alerts}}


def spend(world, daemons, numbers):
    for n in numbers:
        assert daemons[n % len(daemons)].get(USERID + world.twin.sample(n)["username"]).status == 200


def looks(redis, n):
    """So many looks at the budget, by whomever: what has not been told by then is not told. Redis sees them."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(PATIENCE)
        s.connect(str(redis.socket_path))
        s.sendall(b"*1\r\n$7\r\nMONITOR\r\n")
        with s.makefile("rb") as lines:
            while n > 0:
                n -= b'"HGETALL" "frugal:{credits}:b:all/month"' in lines.readline()


def leaks(seen, world):
    texts = [(w, d) for w, d in seen] + [(p.name, p.log.encode()) for p in world.processes]
    return [(w, s) for w, d in texts for s in SECRETS if s.encode() in d]


def test_three_daemons_tell_each_channel_once_in_its_own_words(world, receiver, seen):
    fleet = world.fleet(3, **settings(world, receiver, at=[{"percent": 70, "to": ["ops"]}, {"percent": 90, "to": ["ops", "oncall", "own"]}]))
    spend(world, fleet, range(9))
    slack = receiver.await_at(SLACK)[0]
    pagerduty = receiver.await_at("/v2/enqueue")[0]
    own = receiver.await_at("/own")[0]
    looks(world.redis, 2 * len(fleet))
    assert [p.path for p in sorted(receiver.posts, key=lambda p: p.path)] == ["/own", SLACK, "/v2/enqueue"], "each once, and 70 with 90"

    text = slack.json["text"]
    assert text.startswith("TikTok API spend at 90 % of all/month: 9 of 10 credits. Top endpoints: /userid/ 100 %."), text
    event = pagerduty.json
    assert event["routing_key"] == PAGERDUTY_KEY and event["event_action"] == "trigger"
    assert event["dedup_key"].startswith("oncall|percent|all/month|90|")
    assert event["payload"]["severity"] == "error" and event["payload"]["summary"] == text.split("\n")[0]
    assert event["payload"]["custom_details"]["figures"]["spent"] == 9
    body = own.json
    assert (body["kind"], body["scope"], body["threshold"]) == ("percent", "all/month", 90)
    assert body["figures"]["limit"] == 10 and body["figures"]["top_endpoints"] == [{"endpoint": "/userid/", "credits": 9}]
    signed = own.fields["X-Frugal-Timestamp"].encode() + b"." + own.body
    assert own.fields["X-Frugal-Signature"] == "sha256=" + hmac.new(SIGNING_KEY.encode(), signed, hashlib.sha256).hexdigest()
    assert abs(int(own.fields["X-Frugal-Timestamp"]) - time.time()) < 60

    assert sum(d.counter("alerts_sent") for d in fleet) == 3
    assert "frugald_alerts_sent_total" in fleet[0].page("/metrics").body.decode()
    for key in world.redis.keys("frugal:{credits}:*"):
        seen.append((f"the key {key}", world.redis.command("DUMP", key) or b""))
    for daemon in fleet:
        daemon.page("/stats")
        assert daemon.stop() == 0
    world.show_files = lambda: None  # the files with the secrets are ours
    assert not leaks(seen, world)


def test_a_channel_that_fails_is_tried_until_it_accepts_and_redirects_are_not_followed(world, receiver):
    receiver.answers[SLACK] = [302, 500, 404]
    fleet = world.fleet(3, **settings(world, receiver, at=[{"percent": 50, "to": "ops"}]))
    spend(world, fleet, range(6))
    receiver.await_at(SLACK)
    until(lambda: fleet[0].gauge("alerts_pending") == 0, "the outbox is empty")
    assert [p.status for p in receiver.posts] == [302, 500, 404, 200]
    assert {p.path for p in receiver.posts} == {SLACK}, "/elsewhere was not asked"
    assert sum(d.counter("alert_delivery_failures") for d in fleet) == 3
    logs = "".join(d.log for d in fleet)
    assert "channel ops did not accept an alert: HTTP 302" in logs and receiver.url not in logs


def test_killed_and_started_again_they_tell_nothing_twice(world, receiver):
    fleet = world.fleet(3, **settings(world, receiver, at=[{"percent": 50, "to": "ops"}]))
    receiver.answers[SLACK] = [503] * 3
    spend(world, fleet, range(6))
    until(lambda: receiver.at(SLACK, accepted=False), "the first delivery fails")
    for daemon in fleet:
        daemon.kill()
    fleet = [world.frugald(f"d{i}", **{**settings(world, receiver, at=[{"percent": 50, "to": "ops"}]), "redis": {"url": world.redis.url}})
             for i in range(3)]
    receiver.await_at(SLACK)
    looks(world.redis, 2 * len(fleet))
    assert len(receiver.at(SLACK)) == 1


def test_an_operator_tries_a_channel(world, receiver):
    daemon, = world.fleet(1, **settings(world, receiver))
    for n in (1, 2):
        answer = ask(daemon.admin, "/alert/test?channel=own", [("X-Frugal-Admin", "1")], "POST")
        assert answer.status == 200 and answer.json["channel"] == "own", answer
        assert receiver.await_at("/own", n)[-1].json["kind"] == "test"
    assert receiver.posts[0].json["id"] != receiver.posts[1].json["id"]
    answer = ask(daemon.admin, "/alert/test?channel=nobody", [("X-Frugal-Admin", "1")], "POST")
    assert answer.status == 404 and answer.is_problem
    assert ask(daemon.admin, "/alert/test?channel=own").status == 405


def test_a_reload_brings_channels_and_rules_in_force(world, receiver):
    daemon, = world.fleet(1, **{**settings(world, receiver), "alerts": {}})
    spend(world, [daemon], range(6))
    daemon.reload(alerts={"channels": channels(world, receiver), "at": [{"credits": 6, "to": "ops"}]})
    assert "has passed 6 credits: 6 of 10 credits" in receiver.await_at(SLACK)[0].json["text"]
    os.chmod(world.dir / "slack", 0o644)
    daemon.reload(alerts={"channels": {"ops": {"slack": str(world.dir / "slack")}}, "at": []})
    assert "reload refused, the old configuration stays: alerts.channels.ops: " in daemon.log and "chmod 600" in daemon.log
    assert not leaks([], world)


@pytest.mark.parametrize("text, why", [
    ("ftp://example.org/secretSlackPath93", "is in the file"),
    ("http://example.org/secretSlackPath93", "would be sent in clear"),
    ("", "is empty"),
])
def test_a_slack_file_without_a_usable_url_keeps_frugald_from_starting(world, text, why):
    config = world.dir / "bad.yaml"
    config.write_text('{"listen": "127.0.0.1:0", "admin": {"listen": "127.0.0.1:0"}, "state_dir": "%s", '
                      '"upstream": {"url": "%s"}, "alerts": {"channels": {"ops": {"slack": "%s"}}}}'
                      % (world.dir / "bad", world.twin.url, secret(world, "slack", text)))
    status, _, err = run("-c", config, env={"TIKLIVE_API_KEY": "k"})
    assert status == 1 and "alerts.channels.ops: " in err and why in err, err
    assert "secretSlackPath93" not in err


def test_a_malformed_threshold_is_told_with_its_place(world):
    config = world.dir / "bad.yaml"
    config.write_text("alerts:\n  channels: { ops: { slack: /x } }\n  at: [ { percent: lots } ]\n")
    status, _, err = run("-t", "-c", config)
    assert status == 78 and f"{config}:3:20: alerts.at.percent: 'lots' is not a whole number" in err, err
