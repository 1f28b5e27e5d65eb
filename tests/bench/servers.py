"""Servers under measurement: started in folders of their own, ended by their ids, their costs taken from /proc."""

import datetime
import os
import re
import socket
import subprocess
import sys
import time

import rivals

DEADLINE_S = 30
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def fail(what):
    sys.exit(f"bench: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def children(pid):
    """A process and all below it."""
    found = [pid]
    for pid in found:
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as f:
                    found += [int(p) for p in f.read().split()]
        except FileNotFoundError:
            pass
    return found


def cpu_s(pids):
    """Of those that are there, by their ids, with what their children had used that have ended: a Redis forks to rewrite its file."""
    used = {}
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as f:
                used[pid] = sum(int(n) for n in f.read().rpartition(")")[2].split()[11:15]) * TICK_S
        except FileNotFoundError:
            pass
    return used


def cpu_between(before, after):
    return sum(used - before[pid] for pid, used in after.items() if pid in before)


def memory_mib(pids):
    """What they hold; what several share counts once."""
    kib = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                kib += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M)[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return kib / 1024


class Process:
    def __init__(self, bench, name, cores):
        self.bench, self.name, self.cores, self.running, self.port = bench, name, cores, [], None
        self.folder = bench.work / re.sub(r"\W+", "-", f"{name} on {len(cores)}")

    def place(self, cores):
        """Where a process of ours runs, and whether before all others."""
        os.sched_setaffinity(0, cores)
        if self.bench.options.realtime:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    def launch(self, command, folder):
        log = open(folder / "said", "w")
        with log:
            self.running.append(subprocess.Popen([str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                 preexec_fn=lambda: self.place(self.cores)))

    def launch_redis(self):
        """One that keeps nothing, in this process's folder: its socket."""
        at = self.folder / "redis.sock"
        self.launch(["redis-server", "--port", "0", "--unixsocket", at, "--save", "", "--dir", self.folder], self.folder)
        until = time.monotonic() + DEADLINE_S
        while not at.exists():
            if time.monotonic() > until or self.running[-1].poll() is not None:
                fail(f"Redis does not start\n{self.logs()}")
            time.sleep(0.05)
        return at

    def load(self, *arguments, cores=None):
        said = subprocess.run([self.bench.build / "bench/load", *(str(a) for a in arguments)], capture_output=True, text=True, check=False,
                              preexec_fn=(lambda: self.place(cores)) if cores else None)
        if said.returncode != 0:
            return None, said.stderr.strip()
        return {k: float(v) for k, v in (pair.split("=") for pair in said.stdout.split())}, None

    def await_answer(self, target):
        until = time.monotonic() + DEADLINE_S
        while True:
            figures, why = self.load("-c", 1, "-n", 1, f"127.0.0.1:{self.port}", target)
            if figures:
                return
            if time.monotonic() > until or any(p.poll() is not None for p in self.running):
                fail(f"{self.name} does not serve: {why}\n{self.logs()}")
            time.sleep(0.1)

    def logs(self):
        return "\n".join(path.read_text(errors="replace")[-1000:] for path in self.folder.rglob("said") if path.is_file())

    def stop(self):
        for p in reversed(self.running):
            p.terminate()
        for p in reversed(self.running):
            try:
                p.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait()
        self.running = []


class Origin(Process):
    """Behind all of them; it counts what they ask."""

    def __init__(self, bench, cores, name="origin", more=()):
        super().__init__(bench, name, cores)
        self.more = more

    def start(self):
        self.folder.mkdir()
        self.port = free_port()
        self.launch([self.bench.build / "bench/raw_server", self.port, *self.more], self.folder)
        self.await_answer("/asked")

    def asked(self):
        with socket.create_connection(("127.0.0.1", self.port), DEADLINE_S) as s:
            s.sendall(b"GET /asked HTTP/1.1\r\nHost: x\r\n\r\n")
            said = b""
            while b"\r\n\r\n" not in said or said.endswith(b"\r\n\r\n"):
                said += s.recv(4096)
        return int(said.rpartition(b"\r\n")[2])

    def check(self, servers):
        """What was measured were hits: each thing was asked for once by each cache, or a few times where it does not wait for itself."""
        caches = [s for s in servers if s.name not in rivals.CEILINGS]
        most = sum(s.filled for s in caches) * 2 + 100
        if self.asked() > most:
            fail(f"the origin was asked {self.asked()} times for {sum(s.filled for s in caches)} things: not all were hits")


class Server(Process):
    def __init__(self, name, make, bench, cores, instances=1):
        super().__init__(bench, name, cores)
        self.make, self.instances, self.filled = make, instances, 0

    def start(self, origin):
        self.folder.mkdir()
        self.port = free_port()
        if self.make is rivals.frugald:
            self.start_frugald(origin)
        else:
            self.launch(self.make(self.bench.build, self.folder, self.port, origin.port, self.cores), self.folder)
        self.await_answer("/b1024/?id=1")
        self.pin()

    def pin(self):
        """Some servers spread their threads over all cores by themselves, whatever they were started on."""
        for pid in [pid for p in self.running for pid in children(p.pid)]:
            for task in os.listdir(f"/proc/{pid}/task"):
                os.sched_setaffinity(int(task), self.cores)

    def start_frugald(self, origin):
        redis = self.launch_redis() if self.instances > 1 else None
        for i in range(self.instances):
            folder = self.folder / str(i)
            folder.mkdir()
            self.launch(rivals.frugald(self.bench.build, folder, self.port, origin.port, self.bench.catalogue, redis), folder)

    def fill(self, size, things):
        self.filled += things * self.instances
        figures, why = self.load("-c", 8 * self.instances, "-n", 4 * things * self.instances, "-k", things, f"127.0.0.1:{self.port}",
                                 f"/b{size}/?id=#")
        if figures is None:
            fail(f"{self.name} does not answer: {why}\n{self.logs()}")

    def measure(self, size, things, connections, seconds, warm_s, load_cores, more=()):
        pids = [pid for p in self.running for pid in children(p.pid)]
        before, begun = cpu_s(pids), time.monotonic()
        figures, why = self.load("-c", connections, "-s", seconds, "-w", warm_s, "-k", things, *more, f"127.0.0.1:{self.port}", f"/b{size}/?id=#",
                                 cores=load_cores)
        if figures is None:
            fail(f"no figures of {self.name}: {why}\n{self.logs()}")
        took = time.monotonic() - begun
        # The load of the warm-up is in the CPU time, too: as many requests a second as later.
        figures["cpu_us"] = cpu_between(before, cpu_s(pids)) / (figures["requests"] * (seconds + warm_s) / figures["seconds"]) * 1e6
        figures["memory_mib"] = memory_mib(pids)
        if figures["cpu_us"] <= 0 or took < seconds:
            fail(f"{self.name}: the CPU time could not be taken")
        return figures


def versions(bench):
    said = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${Version}\n", *rivals.PACKAGES.values()], capture_output=True, text=True, check=True)
    have = dict(line.split() for line in said.stdout.splitlines())
    mine = subprocess.run([bench.build / "frugald", "-V"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    with open("/proc/cpuinfo") as f:
        cpu = re.search(r"model name\s*: (.*)", f.read())[1]
    others = ", ".join(f"{name} {have[package]}" for name, package in rivals.PACKAGES.items())
    load = "/".join(f"{x:.1f}" for x in os.getloadavg())
    return (f"{datetime.date.today()}, {len(os.sched_getaffinity(0))} cores of {cpu}, Linux {os.uname().release}, load average at the end {load}; "
            f"{bench.options.rounds} rounds of {bench.options.seconds:g} s"
            f"{' at real-time priority' if bench.options.realtime else ''}; {mine}, {others}.")
