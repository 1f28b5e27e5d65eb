"""What the operator reads: metrics, figures, the report, the unit; and what nobody may read."""

import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess

import pytest
from wire import herd, until, watch
from world import KEY, ROOT, query

USERID = "/userid/?username="


def some_traffic(world, frugald):
    """Requests of as many kinds as come easily; returns how many."""
    s = [world.twin.sample(n) for n in range(4)]
    targets = [USERID + s[0]["username"]] * 3 + [USERID + s[1]["missing_username"]] * 2
    targets += ["/post-detail/?" + query([("url", s[2]["post_url"])]), "/region-list/?", "/extra/x?y=z", "/userid/?name=x", "/userid/..%2f"]
    for target in targets:
        assert frugald.get(target).status in (200, 400)
    assert frugald.get(targets[0], method="POST").status == 405
    assert frugald.get("/region-list", ("Cache-Control", "only-if-cached")).status == 200
    assert frugald.get("/music-info/?music_id=" + s[3]["music_id"], ("Cache-Control", "only-if-cached")).status == 504
    world.twin.fault("status", "/userinfo-by-id/", status=503)
    assert {a.status for a in herd([frugald.address], "/userinfo-by-id/?userid=" + s[0]["userid"], 10)} == {502}
    world.twin.clear_faults()
    return len(targets) + 3 + 10


def test_metrics_figures_and_report_agree_and_promtool_is_content(world):
    frugald = world.frugald()
    n = some_traffic(world, frugald)
    stats = frugald.stats()
    assert sum(stats["outcomes"].values()) == sum(e["requests"] for e in stats["endpoints"].values()) == n
    text = frugald.page("/metrics")
    assert text["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = text.body.decode()
    assert sum(int(v) for v in re.findall(r"(?m)^frugald_requests_total\{.*\} (\d+)$", samples)) == n
    assert sum(int(v) for v in re.findall(r"(?m)^frugald_credits_spent_total\{.*\} (\d+)$", samples)) == world.twin.billed
    open_metrics = frugald.page("/metrics", ("Accept", "application/openmetrics-text; version=1.0.0"))
    assert open_metrics["Content-Type"].startswith("application/openmetrics-text") and open_metrics.body.endswith(b"# EOF\n")
    report = frugald.report()
    assert report["totals"]["requests"] == n and report["totals"]["spent"] == world.twin.billed
    for form in ("text", "csv"):
        assert b"/region-list/" in frugald.page(f"/report?period=7d&format={form}").body
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text.body, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), done


def units(folder):
    """Written as `make install` does."""
    subprocess.run(["make", "--silent", "-C", str(ROOT), f"B={folder}", "PREFIX=/usr", "units"], timeout=60, check=True)
    return folder / "frugald.service", folder / "frugald@.service"


def test_the_units_keep_the_daemon_in_a_tight_room(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze")
    for unit in units(tmp_path):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)], capture_output=True, text=True,
                              timeout=60, check=False)
        level = re.search(r"Overall exposure level for frugald(?:@i)?\.service: (\d+\.\d+)", done.stdout)
        assert level and float(level[1]) <= 1.5, done


def test_instances_have_a_configuration_and_a_state_of_their_own(tmp_path):
    one, many = (unit.read_text().splitlines() for unit in units(tmp_path))
    differ = [(a, b) for a, b in zip(one, many, strict=True) if a != b]
    assert [b for _, b in differ] == ["Description=frugald, the proxy that never pays twice (%i)",
                                      "ExecStartPre=/usr/sbin/frugald -t -c /etc/frugald/%i.yaml",
                                      "ExecStart=/usr/sbin/frugald -c /etc/frugald/%i.yaml", "StateDirectory=frugald-%i"]


@pytest.mark.last
def test_the_key_is_in_no_answer_log_figure_or_file_of_all_these_tests(world, collector):
    key_file = world.dir.parent / (world.dir.name + ".key")
    key_file.touch(mode=0o600)
    try:
        key_file.write_text(KEY + "\n")
        frugald = world.frugald(env={"TIKLIVE_API_KEY": ""}, upstream={"key_file": str(key_file)}, log={"level": "debug"})
        inherits = world.frugald("inherits", log={"level": "debug"})
        for d in (frugald, inherits):
            some_traffic(world, d)
            for kind in ("account_no_key", "account_unknown_key", "account_no_credits", "reset", "html", "truncated"):
                world.twin.fault(kind, "/challenge-info-id/", times=1)
                d.get("/challenge-info-id/?id=%d" % (1 + len(kind)), ("X-Api-Key", "a-clients-key"))
            d.reload(validate=False)
            for page in ("/", "/metrics", "/stats", "/report", "/live", "/ready"):
                d.page(page)
            for name in ("environ", "cmdline"):
                watch(f"{name} of {d.name}", pathlib.Path(f"/proc/{d.pid}/{name}").read_bytes())
                watch(f"{name} of the Redis of {d.name}", pathlib.Path(f"/proc/{d.child_pid()}/{name}").read_bytes())
            until(lambda d=d: not d.gauge("totals_pending"), "Redis has the totals")
        assert world.twin.calls_since(0)[0]["key_ok"], "the key is used, all the same"
    finally:
        key_file.unlink()
    world.show_files()
    assert not collector.leaks, collector.leaks
    assert collector.bytes_seen > 100000


def test_a_crash_leaves_no_core_image(world):
    """The key is in the memory of a daemon that runs; it must not be written to a disk when that crashes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        daemon = world.frugald()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert resource.prlimit(daemon.pid, resource.RLIMIT_CORE) == (0, 0)
    daemon.killed = True
    os.kill(daemon.pid, signal.SIGABRT)
    _, status = os.waitpid(daemon.pid, 0)
    daemon.child.returncode = -signal.SIGABRT
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGABRT and not os.WCOREDUMP(status)
