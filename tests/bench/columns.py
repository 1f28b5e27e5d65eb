"""columns.py: the servers that the schedule is played against: nothing, nginx, Varnish, frugald with and without needs."""

import asyncio
import calendar
import hashlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "box"))

import peers
import player
from wire import ask, until
from world import BUILD, Frugald, Process, clean_environment
from worldclock import S_NS, WorldClock

START_S = calendar.timegm((2026, 10, 5, 0, 0, 0))
KEYS = {"dashboard": "tlc-bench-dashboard", "worker": "tlc-bench-worker", "export": "tlc-bench-export"}
DELAY_MS = 750  # how long the API takes
NEEDS = ["title", "cover", "create_time", "play_count", "digg_count", "comment_count", "share_count", "author", "music_info"]
# How long work on the machine may take, told by the world's clock: as long as frugald accepts, since a machine's hiccup of 50 ms is
# 15 s of the world.
PATIENT = {"upstream": {"rate": "none", "timeout": "5m", "connect_timeout": "1m", "idle": "5m"}, "redis": {"timeout": "1m", "lease": "2m"},
           "wait": {"max": "10m"}, "front": {"idle": "1h"}}
VARNISH = {"cli_timeout": "86400", "ping_interval": "0", "timeout_idle": "86400", "backend_idle_timeout": "86400", "send_timeout": "86400",
           "idle_send_timeout": "86400", "thread_pool_watchdog": "86400", "thread_pools": "1",
           "default_keep": "0", "default_ttl": "0", "default_grace": "0"}


class World:
    """One column's folder, clock, twin and processes."""

    def __init__(self):
        where = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="frugal-bench-", dir=where))
        self.processes = []
        self.clock = WorldClock(self.dir / "clock", START_S * S_NS)
        self.twin = None

    def live(self):
        """What makes a program live by the world's clock; AddressSanitizer wants to be told that it is not loaded first."""
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return {"LD_PRELOAD": str((BUILD / "worldclock.so").resolve()), "ASAN_OPTIONS": options, **self.clock.environment}

    def start(self, name, args):
        return Process(self, name, args, self.live())

    def start_twin(self, *more):
        ready = self.dir / "twin.port"
        ready.unlink(missing_ok=True)
        twin = self.start("twin", [BUILD / "twin", "--listen", "127.0.0.1:0", "--ready-file", ready, "--rate", "0", *more])
        until(lambda: ready.exists() or not twin.running, lambda: f"the twin listens: {twin.log}")
        self.twin = ("127.0.0.1", int(ready.read_text()))
        return twin

    def ledger(self):
        return ask(self.twin, "/_twin/ledger").json

    def end(self):
        faults = []
        for p in reversed(self.processes):  # clients before their servers
            try:
                p.stop()
            except subprocess.TimeoutExpired:
                p.kill()
                faults.append(f"{p.name} does not end")
            faults += p.faults()
        self.processes.clear()
        return faults

    def remove(self):
        self.clock.close()
        shutil.rmtree(self.dir, ignore_errors=True)


def tcp(address):
    return lambda factory: asyncio.get_running_loop().create_connection(factory, *address)


def unix(path):
    return lambda factory: asyncio.get_running_loop().create_unix_connection(factory, str(path))


def accepts(path):
    with socket.socket(socket.AF_UNIX) as s:
        return s.connect_ex(str(path)) == 0


class Nothing:
    title = "(a) nothing"

    def __init__(self, world, terms):
        self.connect = tcp(world.twin)

    @staticmethod
    def version():
        return ""

    def quiet(self):
        return True

    def check(self, ledger):
        return []


class Nginx(Nothing):
    title, tuned = "(b) nginx", True

    def __init__(self, world, terms):
        config, front = world.dir / "nginx.conf", world.dir / "front.sock"
        config.write_text(peers.nginx(world.dir, "%s:%d" % world.twin, terms, START_S, self.tuned))
        self.process = world.start("nginx", ["nginx", "-p", world.dir, "-e", "stderr", "-c", config])
        until(lambda: accepts(front) or not self.process.running, lambda: f"nginx listens: {self.process.log}")
        self.connect = unix(front)

    def check(self, ledger):
        return [line for line in self.process.log.splitlines() if re.search(r"\[(error|crit|alert|emerg)\]", line)][:3]

    @staticmethod
    def version():
        return said(["nginx", "-v"], r"nginx/([\d.]+)")


class Varnish(Nothing):
    title, tuned = "(c) Varnish", True

    def __init__(self, world, terms):
        code, front = world.dir / "default.vcl", world.dir / "front.sock"
        code.write_text(peers.vcl(*world.twin, terms, self.tuned))
        params = [word for name, value in VARNISH.items() for word in ("-p", f"{name}={value}")]
        self.process = world.start("varnish", ["varnishd", "-F", "-j", "none", "-n", world.dir / "varnish", "-f", code, "-a", front,
                                               "-s", "malloc,4g", *params])
        until(lambda: accepts(front) or not self.process.running, lambda: f"Varnish listens: {self.process.log}")
        self.connect = unix(front)

    @staticmethod
    def version():
        return said(["varnishd", "-V"], r"varnish-([\d.]+)")


class PlainNginx(Nginx):
    title, tuned = "(B) nginx, plain", False


class PlainVarnish(Varnish):
    title, tuned = "(C) Varnish, plain", False


class AsInstalled(Nothing):
    title = "(d) frugald"
    more = {}

    def __init__(self, world, terms):
        self.daemon = Frugald(world, "frugald", settings(world, self.more), world.live(), lambda: None)
        self.connect = tcp(self.daemon.address)

    @staticmethod
    def version():
        return said([str(BUILD / "frugald"), "--version"], r"([\d.]+\S*)")

    def quiet(self):
        return self.daemon.gauge("upstream_calls_in_flight") == 0

    def check(self, ledger):
        """Promise P3: its count is the twin's."""
        credits = self.daemon.stats()["credits"]
        return [] if credits["spent"] == ledger["billed"] else [f"frugald counts {credits['spent']} credits, the twin {ledger['billed']}"]


class WithNeeds(AsInstalled):
    title = "(e) with needs"
    more = {"clients": [{"name": name, "key_sha256": hashlib.sha256(key.encode()).hexdigest(),
                         **({"fields": {"/post-detail/": NEEDS}} if name == "dashboard" else {})} for name, key in KEYS.items()]}


COLUMNS = {"a": Nothing, "B": PlainNginx, "C": PlainVarnish, "b": Nginx, "c": Varnish, "d": AsInstalled, "e": WithNeeds}


def settings(world, more):
    upstream = {"url": "http://%s:%d" % world.twin, **PATIENT["upstream"]}
    return {"listen": "127.0.0.1:0", "admin": {"listen": "127.0.0.1:0"}, "state_dir": str(world.dir / "frugald" / "state"), **PATIENT,
            "upstream": upstream, **more}


def said(args, pattern):
    done = subprocess.run(args, capture_output=True, text=True, env=clean_environment(), check=False)
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(1) if found else "?"


def missing(column, folder):
    """Why a column cannot be measured; None if it can."""
    for program in {"b": ["nginx"], "c": ["varnishd"]}.get(column.lower(), []):
        if shutil.which(program, path=clean_environment().get("PATH")) is None:
            return f"{program} is not installed; .ci/deps.sh bench"
    if column == "e":
        config = folder / "needs.json"
        config.write_text(json.dumps(WithNeeds.more))
        done = subprocess.run([str(BUILD / "frugald"), "-t", "-c", str(config)], capture_output=True, text=True, env=clean_environment(),
                              check=False)
        return None if done.returncode == 0 else "this frugald does not know `fields:` yet"
    return None


def play(world, column, requests, speed, look=None):
    """Plays the schedule against the column and waits until all is quiet."""
    mine = player.Player(requests, column.connect, world.clock, START_S * 1000, speed, KEYS, look)
    asyncio.run(mine.play())
    until(lambda: world.ledger()["waiting"] == 0 and column.quiet(), "nothing is on its way any more")
    return mine
