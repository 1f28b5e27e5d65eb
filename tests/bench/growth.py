"""What a hit costs by how much there is: answers, connections, waiters, clients, tenants. Status 1 if a bar is broken or a figure could not be taken.

    growth.py BUILD [--answers 1000000] [--rounds 3] [--seconds 2] [--out FILE]

Two daemons, each with a Redis of its own, one with a thousand answers of 512 to 2048 bytes, the other with as many as are wanted. Each is filled by
calls, asked for what only Redis has, then started anew with room for all and asked for what it has in memory; both are asked in turns. The daemon has
one core, the load the other one. What has no need of sockets is measured in the engine alone (growth.c), by the processor's time.
"""

import argparse
import datetime
import http.client
import json
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import rivals
from servers import DEADLINE_S, Origin, Process, children, cpu_between, cpu_s, fail, free_port, memory_mib

SMALL, HOT, CONNECTIONS, BUSY, IDLE, HERD, KEYS = 1000, 1000, 64, 2000, 10000, 10000, 1000
WAITERS_MOST, CLIENTS_MOST, TENANTS_MOST = 100000, 1024, 255  # include/frugal/limits.h: 131,072 waiters, 1,024 clients, 256 tenants with "default"
BODY_BYTES = (512, 2048)
EXTRA_BYTES, HERD_DELAY_MS, MIB = 300, 4000, 1 << 20
SETTLED = 10000  # after so many answers what the daemon keeps of targets and connections does not grow any more
LITTLE, ROOMY, TARGET = "64K", "64G", "/grown/?id=#"


class Bench:
    def __init__(self, options, work):
        self.options, self.work, self.build = options, work, Path(options.build).resolve()

    def say(self, what):
        print(what, file=sys.stderr)

    def engine(self, *arguments):
        said = subprocess.run([self.build / "bench/growth", *(str(a) for a in arguments), rivals.HERE / "catalogue.yaml"], capture_output=True,
                              text=True, check=False)
        if said.returncode != 0:
            fail(f"growth {' '.join(str(a) for a in arguments)}: {said.stderr.strip()}")
        self.say(f"engine, {' '.join(str(a) for a in arguments)}: {said.stdout.strip()}")
        return {k: float(v) for k, v in (pair.split("=") for pair in said.stdout.split())}


class Redis(Process):
    def start(self):
        self.folder.mkdir()
        self.socket = self.launch_redis()

    def used_bytes(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(str(self.socket))
            s.sendall(b"INFO memory\r\n")
            said = b""
            while not (found := re.search(rb"^used_memory:(\d+)\r\n", said, re.M)):
                said += s.recv(4096) or fail("Redis does not tell its memory")
        return int(found[1])


class Daemon(Process):
    """Each start is with a state of its own: a journal that remembers calls is no part of what answers take."""

    starts = 0

    def start(self, origin, redis, memory):
        self.starts += 1
        self.folder.mkdir(exist_ok=True)
        folder = self.folder / str(self.starts)
        folder.mkdir()
        self.port, self.admin = free_port(), free_port()
        (folder / "key").touch(mode=0o600)
        (folder / "key").write_text("secret\n")
        (folder / "frugald.yaml").write_text(
            f"listen: 127.0.0.1:{self.port}\nadmin: {{ listen: 127.0.0.1:{self.admin} }}\nstate_dir: {folder}/state\n"
            f"upstream: {{ url: 'http://127.0.0.1:{origin.port}', key_file: {folder}/key, rate: none, connections: 1024 }}\n"
            f"catalogue: {rivals.HERE}/catalogue.yaml\nmemory: {{ size: {memory} }}\nfront: {{ connections: 16384, idle: 1h }}\n"
            f"redis: {{ url: 'unix://{redis.socket}' }}\n")
        self.launch(rivals.as_the_unit_does([self.bench.build / "frugald", "-c", folder / "frugald.yaml"]), folder)
        self.await_answer("/grown/?id=1")

    def ask(self, connections, things, n=None, target=TARGET):
        """Figures of so many requests, or of as many as there is time for."""
        how = ["-n", n] if n else ["-s", self.bench.options.seconds, "-w", self.bench.options.seconds / 4]
        pids = [pid for p in self.running for pid in children(p.pid)]
        before = cpu_s(pids)
        figures, why = self.load("-c", connections, *how, "-k", things, f"127.0.0.1:{self.port}", target, cores=self.bench.load_cores)
        if figures is None:
            fail(f"no figures of {self.name}: {why}\n{self.logs()}")
        requests = figures["requests"] * (1 if n else (figures["seconds"] + self.bench.options.seconds / 4) / figures["seconds"])
        figures["cpu_us"] = cpu_between(before, cpu_s(pids)) / requests * 1e6
        if not n and figures["cpu_us"] <= 0:
            fail(f"{self.name}: the CPU time could not be taken")
        return figures

    def memory_bytes(self):
        return memory_mib([p.pid for p in self.running]) * MIB

    def stats(self):
        c = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=DEADLINE_S)
        c.request("GET", "/stats")
        return json.loads(c.getresponse().read())


class Side:
    """A daemon with so many answers, and its Redis."""

    def __init__(self, bench, answers):
        self.answers = answers
        self.redis = Redis(bench, f"Redis with {answers:,}", bench.cores)
        self.daemon = Daemon(bench, f"frugald with {answers:,}", bench.cores)
        self.figures = {}

    def take(self, what, figures):
        self.figures.setdefault(what, []).append(figures)

    def median(self, what, figure):
        return statistics.median(f[figure] for f in self.figures[what])

    def fill(self, origin):
        self.redis.start()
        before = self.redis.used_bytes()
        self.daemon.start(origin, self.redis, LITTLE)
        self.daemon.ask(CONNECTIONS, self.answers, n=self.answers)
        self.redis_bytes = (self.redis.used_bytes() - before) / self.answers

    def take_up(self, origin):
        """Anew, with room for all: what Redis has is in memory after it was asked for once."""
        self.daemon.stop()
        self.daemon.start(origin, self.redis, ROOMY)
        settled = min(SETTLED, self.answers)
        self.daemon.ask(CONNECTIONS, settled, n=settled)
        before = self.daemon.memory_bytes()
        said = self.daemon.ask(CONNECTIONS, self.answers, n=self.answers)
        self.body_bytes = said["bytes"] / said["requests"]
        if self.answers > settled:
            self.bytes = (self.daemon.memory_bytes() - before) / (self.answers - settled)
        stats = self.daemon.stats()
        found = {k: v for section in (stats, *(v for v in stats.values() if isinstance(v, dict))) for k, v in section.items()
                 if k in ("memory_entries", "memory_bytes")}
        if found.get("memory_entries") != self.answers:
            fail(f"{self.daemon.name} has {found.get('memory_entries')} answers in memory")
        self.counted = found["memory_bytes"] / self.answers

    def stop(self):
        self.daemon.stop()
        self.redis.stop()


def in_turns(bench, sides, what, connections, things):
    for r in range(bench.options.rounds):
        for side in sides if r % 2 == 0 else reversed(sides):
            figures = side.daemon.ask(connections, things(side))
            side.take(what, figures)
            bench.say(f"{what}, {side.answers:,} answers: {figures['rps']:,.0f}/s, {figures['cpu_us']:.1f} µs")


def crowd(port, n):
    """Connections that say nothing."""
    return [socket.create_connection(("127.0.0.1", port), DEADLINE_S) for _ in range(n)]


def with_idle(bench, side):
    before = side.daemon.memory_bytes()
    for r in range(bench.options.rounds):
        side.take("no idle ones", side.daemon.ask(CONNECTIONS, HOT))
        there = crowd(side.daemon.port, IDLE)
        side.take("idle ones", side.daemon.ask(CONNECTIONS, HOT))
        side.idle_bytes = (side.daemon.memory_bytes() - before) / IDLE
        for s in there:
            s.close()


def herd(bench, side, late):
    """Everybody asks at once; the origin is late enough for all of them to wait."""
    side.daemon.stop()
    side.daemon.start(late, side.redis, ROOMY)
    before = late.asked()
    said = side.daemon.ask(HERD, KEYS, n=HERD, target="/grown/?id=99999#")
    side.herd_calls = (late.asked() - before) / KEYS
    side.herd_s = (said["max_us"] / 1000 - HERD_DELAY_MS) / 1000  # counted from before the first connects
    side.herd_cpu_us = said["cpu_us"]


def measure(bench):
    sides = [Side(bench, SMALL), Side(bench, bench.options.answers)]
    origin, late = Origin(bench, bench.load_cores, more=[".", 0]), Origin(bench, bench.load_cores, name="late origin", more=[".", HERD_DELAY_MS])
    try:
        origin.start()
        late.start()
        for side in sides:
            side.fill(origin)
        in_turns(bench, sides, "from Redis", CONNECTIONS, lambda side: side.answers)
        for side in sides:
            side.take_up(origin)
        asked = origin.asked()
        in_turns(bench, sides, "the same thousand", CONNECTIONS, lambda side: HOT)
        in_turns(bench, sides, "each in turn", CONNECTIONS, lambda side: side.answers)
        in_turns(bench, sides[1:], "busy ones", BUSY, lambda side: HOT)
        with_idle(bench, sides[1])
        if origin.asked() != asked:
            fail("not all were hits")
        herd(bench, sides[0], late)
    finally:
        for p in (*sides, origin, late):
            p.stop()
    return sides


def engine(bench):
    quick, n = bench.options.answers < 100000, bench.options.answers
    hits = 20000 if quick else 200000
    return {"few answers": bench.engine("answers", SMALL, hits), "answers": bench.engine("answers", n, hits),
            "few waiters": bench.engine("waiters", 10 * KEYS, KEYS), "waiters": bench.engine("waiters", WAITERS_MOST, KEYS),
            "few clients": bench.engine("clients", 1, 1, hits), "clients": bench.engine("clients", CLIENTS_MOST, 1, hits),
            "tenants": bench.engine("clients", CLIENTS_MOST, TENANTS_MOST, hits)}


def line(*cells):
    return "| " + " | ".join(cells) + " |"


def at_most(what, is_, most, unit=""):
    return f"{what}: {is_:,.2f}{unit}, at most {most:,.2f}{unit}", is_ <= most


def bars(sides, e):
    small, large = sides
    busy, quiet = large.median("busy ones", "rps"), large.median("the same thousand", "rps")
    return [
        at_most(f"memory per answer above its body ({large.answers:,} answers)", large.bytes - large.body_bytes, EXTRA_BYTES, " bytes"),
        at_most("memory per answer ÷ what the daemon counts", large.bytes / large.counted, 1.1),
        at_most(f"CPU per hit with {large.answers:,} answers ÷ with {SMALL:,}, the same thousand asked for",
                large.median("the same thousand", "cpu_us") / small.median("the same thousand", "cpu_us"), 1.15),
        at_most(f"CPU per hit from Redis with {large.answers:,} answers ÷ with {SMALL:,}",
                large.median("from Redis", "cpu_us") / small.median("from Redis", "cpu_us"), 1.15),
        at_most(f"CPU per hit beside {IDLE:,} idle connections ÷ without",
                large.median("idle ones", "cpu_us") / large.median("no idle ones", "cpu_us"), 1.15),
        at_most(f"hits/s of {CONNECTIONS} connections ÷ of {BUSY:,}", quiet / busy, 1.5),
        at_most(f"calls for a question that {HERD // KEYS} asked", small.herd_calls, 1),
        at_most("in the engine: a hit with that many answers above one with a thousand", e["answers"]["hot_ns"] - e["few answers"]["hot_ns"], 1000, " ns"),
        at_most(f"in the engine: a waiter of {WAITERS_MOST:,} ÷ of {10 * KEYS:,}, to come and to be answered",
                (e["waiters"]["join_ns"] + e["waiters"]["wake_ns"]) / (e["few waiters"]["join_ns"] + e["few waiters"]["wake_ns"]), 1.1),
        at_most(f"in the engine: a hit of one of {CLIENTS_MOST:,} clients above one of a single client's",
                e["clients"]["hit_ns"] - e["few clients"]["hit_ns"], 500, " ns"),
        at_most(f"in the engine: the same, of {TENANTS_MOST} tenants ÷ of one", e["tenants"]["hit_ns"] / e["clients"]["hit_ns"], 1.15),
    ]


def rows_of(sides, e):
    small, large = sides
    yield line("", f"{SMALL:,} answers", f"{large.answers:,} answers")
    yield "|---|---:|---:|"
    for what in ("the same thousand", "each in turn", "from Redis"):
        for figure, unit, scale in (("rps", "hits/s", 1), ("cpu_us", "CPU per hit, µs", 1), ("p50_us", "p50, ms", 1000), ("p99_us", "p99, ms", 1000)):
            digits = "0" if figure == "rps" else "2"
            yield line(f"{what}: {unit}", *(f"{s.median(what, figure) / scale:,.{digits}f}" for s in sides))
    yield line("memory per answer beyond the first ten thousand, bytes", "–", f"{large.bytes:,.0f}")
    yield line("... as the daemon counts", *(f"{s.counted:,.0f}" for s in sides))
    yield line("... its body", *(f"{s.body_bytes:,.0f}" for s in sides))
    yield line("Redis' memory per answer, bytes", *(f"{s.redis_bytes:,.0f}" for s in sides))
    yield line("in the engine: the same thousand, ns", *(f"{e[w]['hot_ns']:,.0f}" for w in ("few answers", "answers")))
    yield line("in the engine: each in turn, ns", *(f"{e[w]['all_ns']:,.0f}" for w in ("few answers", "answers")))
    yield line("in the engine: memory per answer above its body, bytes",
               *(f"{e[w]['resident_bytes'] - e[w]['body_bytes']:,.0f}" for w in ("few answers", "answers")))


def others(sides, e):
    small, large = sides
    yield line("connections", "hits/s", "CPU per hit, µs", "p50, ms", "p99, ms")
    yield "|---|---:|---:|---:|---:|"
    for what, name in (("no idle ones", f"{CONNECTIONS}"), ("idle ones", f"{CONNECTIONS} beside {IDLE:,} idle ones"), ("busy ones", f"{BUSY:,}")):
        yield line(name, f"{large.median(what, 'rps'):,.0f}", *(f"{large.median(what, f) / s:,.2f}" for f, s in (("cpu_us", 1), ("p50_us", 1000),
                                                                                                       ("p99_us", 1000))))
    yield ""
    yield f"An idle connection takes {large.idle_bytes / 1024:,.1f} KiB of the daemon's memory."
    yield (f"{HERD:,} connections wait for {KEYS:,} questions: {small.herd_calls:,.2f} calls for each, {small.herd_cpu_us:,.0f} µs of CPU for each who "
           f"waits, all are answered {small.herd_s:,.2f} s after the origin's delay (connecting included).")
    yield ""
    yield line("in the engine", "few", "", "many", "")
    yield "|---|---:|---:|---:|---:|"
    for figure, what in (("join_ns", "a waiter comes, ns"), ("wake_ns", "... is answered, ns"), ("bytes", "... takes, bytes")):
        yield line(f"{what}, for {KEYS:,} questions", f"{10 * KEYS:,}", f"{e['few waiters'][figure]:,.0f}", f"{WAITERS_MOST:,}",
                   f"{e['waiters'][figure]:,.0f}")
    yield line("a hit by one of so many clients, ns", "1", f"{e['few clients']['hit_ns']:,.0f}", f"{CLIENTS_MOST:,}", f"{e['clients']['hit_ns']:,.0f}")
    yield line("a hit by a client of one of so many tenants, ns", "1", f"{e['clients']['hit_ns']:,.0f}", f"{TENANTS_MOST}",
               f"{e['tenants']['hit_ns']:,.0f}")


def versions(bench):
    mine = subprocess.run([bench.build / "frugald", "-V"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True).stdout.split(" ")[2]
    with open("/proc/cpuinfo") as f:
        cpu = re.search(r"model name\s*: (.*)", f.read())[1]
    load = "/".join(f"{x:.1f}" for x in os.getloadavg())
    return (f"{datetime.date.today()}, {len(os.sched_getaffinity(0))} cores of {cpu}, Linux {os.uname().release}, load average at the end {load}; "
            f"{bench.options.rounds} rounds of {bench.options.seconds:g} s; {mine}, Redis {redis}.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--answers", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    options.realtime = False
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us finds nothing left behind
    cores = sorted(os.sched_getaffinity(0))
    if options.answers < 2 * SETTLED:
        fail(f"at least {2 * SETTLED:,} answers are wanted")
    if len(cores) < 2:
        fail("two cores are needed: one for the daemon, one for the load")
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if files != resource.RLIM_INFINITY and files < IDLE + 1000:
        fail(f"{files} open files are too few for {IDLE:,} connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with tempfile.TemporaryDirectory(prefix="frugald-growth-") as folder:
        bench = Bench(options, Path(folder))
        bench.cores, bench.load_cores = cores[:1], cores[1:2]
        e, sides = engine(bench), measure(bench)
        judged = bars(sides, e)
        rows = ["### Bars", "", line("bar", ""), "|---|---:|", *(line(what, "holds" if holds else "BROKEN") for what, holds in judged), "",
                "### Figures", "", versions(bench), "", *rows_of(sides, e), "", *others(sides, e)]
    print("\n".join(rows))
    if options.out:
        Path(options.out).write_text("\n".join(rows) + "\n")
    if not all(holds for _, holds in judged):
        sys.exit(1)


if __name__ == "__main__":
    main()
