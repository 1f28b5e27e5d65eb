"""world.py: a small world of real processes: the twin, redis-server, frugald.

All of them listen on ports that the kernel chose, or on sockets below one folder of their own; all of them are ended, by their
process ids, when the world ends. The twin's ledger is the judge of what was paid.
"""

import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse

from wire import PATIENCE, Answer, ask, until, watch

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("FRUGAL_BUILD", "build/plain")
KEY = "tlk-5f0b2c9e8d7a41f6b3-secret"  # the operator's key: frugald knows it, nobody may see it
libc = ctypes.CDLL(None)


def query(pairs):
    """As PHP's http_build_query."""
    return urllib.parse.urlencode(pairs)


def end_with_parent():
    libc.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: even if the tests are killed


def clean_environment():
    """What of ours a program needs; no key and no systemd of whoever runs the tests."""
    return {k: v for k, v in os.environ.items() if k in ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")}


class Process:
    """A program with its output in a file. Its end must be orderly, unless the test killed it."""

    def __init__(self, world, name, args, env=None):
        self.world, self.name = world, name
        self.log_path = world.dir / f"{name}.err"
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen([str(a) for a in args], env={**clean_environment(), "HOME": str(world.dir), **(env or {})},
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=end_with_parent)
        self.killed = False
        world.processes.append(self)

    @property
    def pid(self):
        return self.child.pid

    @property
    def running(self):
        return self.child.poll() is None

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def await_log(self, pattern):
        """The first match of the pattern in the log; the process must live until it comes."""
        def look():
            found = re.search(pattern, self.log)
            if found is None and not self.running:
                raise AssertionError(f"{self.name} ended with {self.child.returncode}: {self.log}")
            return found
        return until(look, lambda: f"{pattern!r} in the log of {self.name}: {self.log}")

    def kill(self, number=signal.SIGKILL):
        self.killed = self.killed or number == signal.SIGKILL
        os.kill(self.pid, number)
        if number == signal.SIGKILL:
            self.child.wait(PATIENCE)

    def stop(self):
        """Ends it as an operator would, and returns its status."""
        if self.running:
            os.kill(self.pid, signal.SIGCONT)
            os.kill(self.pid, signal.SIGTERM)
        return self.child.wait(PATIENCE)

    def faults(self):
        """What is wrong about how it ended."""
        log = self.log
        found = [f"{self.name}: {line}" for line in log.splitlines()
                 if "Sanitizer" in line or "runtime error:" in line or "assertion" in line.lower()]
        if self.child.returncode != 0 and not self.killed:
            found.append(f"{self.name} ended with status {self.child.returncode}: {log[-3000:]}")
        return found


class Twin(Process):
    def __init__(self, world, key=KEY):
        ready = world.dir / "twin.port"
        super().__init__(world, "twin", [BUILD / "twin", "--listen", "127.0.0.1:0", "--ready-file", ready, "--rate", "0", "--key", key])
        until(lambda: ready.exists() or not self.running, "the twin listens")
        self.address = ("127.0.0.1", int(ready.read_text()))
        self.url = "http://127.0.0.1:%d" % self.address[1]

    def order(self, call, **params):
        answer = ask(self.address, f"/_twin/{call}?{query(params)}")
        assert answer.status == 200, answer
        return answer.json

    def ledger(self):
        return self.order("ledger")

    @property
    def calls(self):
        return self.ledger()["calls"]

    @property
    def billed(self):
        return self.ledger()["billed"]

    def calls_since(self, seq):
        return self.order("calls", since=seq)

    def body(self, seq):
        answer = ask(self.address, f"/_twin/body?seq={seq}")
        assert answer.status == 200, answer
        return answer.body

    def hold(self, path):
        self.order("hold", path=path)

    def release(self, path):
        return self.order("release", path=path)["released"]

    def await_held(self, n):
        until(lambda: self.ledger()["held"] == n, lambda: f"{n} calls held: {self.ledger()}")

    def fault(self, kind, path, **params):
        self.order("fault", kind=kind, path=path, **params)

    def clear_faults(self):
        self.order("fault", clear=1)

    def sample(self, n):
        return self.order("world", n=n)


class Redis(Process):
    """A redis-server that keeps nothing on disk, on a unix socket: it can be killed and started again."""

    def __init__(self, world):
        self.socket_path = world.dir / "shared.sock"
        self.socket_path.unlink(missing_ok=True)
        super().__init__(world, "redis-%d" % len(world.processes),
                         ["redis-server", "--port", "0", "--unixsocket", self.socket_path, "--save", "", "--appendonly", "no",
                          "--dir", world.dir])
        until(lambda: self.answers() or not self.running, "Redis answers")
        self.url = f"unix://{self.socket_path}"

    def answers(self):
        try:
            return self.command("PING") == "PONG"
        except (OSError, RuntimeError):
            return False

    def command(self, *args):
        words = [a if isinstance(a, bytes) else str(a).encode() for a in args]
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(PATIENCE)
            s.connect(str(self.socket_path))
            s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
            with s.makefile("rb") as f:
                return read_reply(f)

    def keys(self, pattern):
        return self.command("KEYS", pattern)


def read_reply(f):
    """One reply of Redis' protocol: text, number, bytes, list."""
    line = f.readline().rstrip(b"\r\n")
    kind, rest = line[:1], line[1:]
    if kind == b"-":
        raise RuntimeError(rest.decode())
    if kind == b"+":
        return rest.decode()
    if kind == b":":
        return int(rest)
    n = int(rest)
    if kind == b"$":
        return None if n < 0 else f.read(n + 2)[:-2]
    return [read_reply(f) for _ in range(n)]


class Frugald(Process):
    """The daemon before the world's twin. Settings are nested as in the configuration: upstream={"rate": "none"}."""

    def __init__(self, world, name, settings, env, early):
        self.dir = world.dir / name
        self.dir.mkdir(mode=0o700, exist_ok=True)
        self.settings = settings
        self.config = self.dir / "frugald.yaml"
        self.write_config()
        self.manager, self.told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK), []
        notify = self.dir / f"notify-{len(world.processes)}"
        self.manager.bind(str(notify))
        super().__init__(world, f"{name}-{len(world.processes)}", [BUILD / "frugald", "-c", self.config],
                         {"TIKLIVE_API_KEY": KEY, "NOTIFY_SOCKET": str(notify), **env})
        early()
        self.await_told("READY=1")
        self.address = self.port_of("serving")
        self.admin = self.port_of("admin")

    def port_of(self, what):
        found = self.await_log(rf"{what} on 127\.0\.0\.1:(\d+)")
        return ("127.0.0.1", int(found.group(1)))

    def write_config(self, **changed):
        """JSON is YAML, too."""
        self.settings = {**self.settings, **changed}
        self.config.write_text(json.dumps(self.settings, indent=1))

    def reload(self, **changed):
        """Changes settings as an operator does, and waits until frugald has dealt with them."""
        self.write_config(**changed)
        self.told.clear()
        os.kill(self.pid, signal.SIGHUP)
        self.await_told("READY=1")

    def tells(self):
        """What it has told the service manager so far."""
        while True:
            try:
                said = self.manager.recv(4096)
            except BlockingIOError:
                return self.told
            watch(f"a notification of {self.name}", said)
            self.told += said.decode().split("\n")

    def await_told(self, state):
        until(lambda: state in self.tells() or not self.running, lambda: f"{self.name} tells {state}: {self.log}")
        assert state in self.tells(), self.log

    def get(self, target, *fields, method="GET") -> Answer:
        return ask(self.address, target, fields, method)

    def page(self, path, *fields):
        answer = ask(self.admin, path, fields)
        assert answer.status == 200, answer
        return answer

    def stats(self):
        return self.page("/stats").json

    def gauge(self, name):
        return self.stats()["gauges"][name]

    def counter(self, name):
        return self.stats()["counters"][name]

    def outcomes(self):
        return {k: v for k, v in self.stats()["outcomes"].items() if v}

    def report(self):
        return self.page("/report?format=json").json

    def child_pid(self):
        """The embedded Redis, or None."""
        children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[0]) if children else None


class World:
    """One test's processes and folder."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="frugal-box-"))  # short: a socket's path has 107 bytes
        self.processes, self.daemons = [], []
        self.books_apply = True  # a test that kills a daemon says that its memory of credits died with it
        self.twin = Twin(self)

    def frugald(self, name="one", env=None, early=lambda: None, **settings):
        """`early` is called when the daemon has been started, but is not ready."""
        upstream = {"url": self.twin.url, "rate": "none", **settings.pop("upstream", {})}
        defaults = {"listen": "127.0.0.1:0", "admin": {"listen": "127.0.0.1:0"}, "state_dir": str(self.dir / name / "state")}
        daemon = Frugald(self, name, {**defaults, "upstream": upstream, **settings}, env or {}, early)
        self.daemons.append(daemon)
        return daemon

    def fleet(self, n, **settings):
        """n instances; more than one share a Redis."""
        if n > 1:
            self.redis = Redis(self)
            settings["redis"] = {"url": self.redis.url, **settings.get("redis", {})}
        return [self.frugald(f"d{i}", **settings) for i in range(n)]

    def books(self):
        """(credits that frugald counted, of which uncertain, credits that the twin billed), over all daemons that run."""
        stats = [d.stats() for d in self.daemons if d.running]
        return (sum(s["credits"]["spent"] for s in stats), sum(s["counters"]["credits_uncertain"] for s in stats), self.twin.billed)

    def books_agree(self):
        spent, uncertain, billed = self.books()
        return spent - uncertain <= billed <= spent

    def check_books(self):
        if not self.books_apply or any(d.killed or not d.running for d in self.daemons):
            return
        until(lambda: all(d.gauge("upstream_calls_in_flight") == 0 for d in self.daemons), "no call is on its way")
        until(self.books_agree, lambda: "spent, uncertain and billed: %s" % (self.books(),), 10)
        for d in self.daemons:
            s = d.stats()
            c = s["credits"]
            assert c["spent"] == c["demand"] + c["background"], s
            assert c["asked"] == c["demand"] + c["avoided"] + c["refused"], s
            assert sum(s["outcomes"].values()) == sum(e["requests"] for e in s["endpoints"].values()), s

    def end(self):
        """Ends all processes and returns what is wrong about how they ended."""
        found = []
        for p in self.daemons + [p for p in self.processes if p not in self.daemons]:  # clients before their servers
            try:
                p.stop()
            except subprocess.TimeoutExpired:
                found.append(f"{p.name} does not end: {p.log[-3000:]}")
                p.kill()
            found += p.faults()
        self.show_files()
        return found

    def show_files(self):
        for path in self.dir.rglob("*"):
            if path.is_file():
                watch(f"the file {path.name} below {path.parent.name}", path.read_bytes())

    def remove(self):
        shutil.rmtree(self.dir, ignore_errors=True)


def run(*args, env=None):
    """Runs frugald to its end: (status, stdout, stderr)."""
    done = subprocess.run([str(BUILD / "frugald"), *map(str, args)], env={**clean_environment(), "HOME": "/nonexistent", **(env or {})},
                          capture_output=True, text=True, errors="replace", timeout=PATIENCE, stdin=subprocess.DEVNULL, check=False)
    for what, text in (("stdout", done.stdout), ("stderr", done.stderr)):
        watch(f"{what} of frugald {args[0] if args else ''}", text.encode())
    assert "Sanitizer" not in done.stderr and "runtime error:" not in done.stderr, done.stderr
    return done.returncode, done.stdout, done.stderr
