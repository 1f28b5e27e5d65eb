"""Hits beside misses: what a page that is fetched, taken apart and stored does to those who only want what is there.

Every 50 ms ten clients ask at once for a list that nobody has asked for before; the origin answers 100 ms later with a page of the twin's. Beside it
64 connections ask for what is stored, as fast as they are answered. The same is measured without the pages before.
"""

import http.client
import json
import os
import subprocess
import time
from pathlib import Path

import rivals
from report import MIXED
from servers import DEADLINE_S, Origin, Server, fail

ROOT = Path(__file__).resolve().parents[2]
HERDS_A_SECOND, CLIENTS, DELAY_MS = 20, 10, 100
PAGE_BYTES = range(80 * 1024, 128 * 1024)
SIZE, THINGS, CONNECTIONS, WARM_S = 1024, 64, 64, 0.3


def catalogue(work):
    """The API's own, which says what pages teach, with the benchmark's rows."""
    rows = (rivals.HERE / "catalogue.yaml").read_text().partition("endpoints:\n")[2]
    before, bundles, after = (ROOT / "config/catalogue.yaml").read_text().partition("\nbundles:\n")
    (work / "catalogue.yaml").write_text(before + rows + bundles + after)
    return work / "catalogue.yaml"


class Pages:
    """First pages of creators, as many as are wanted, one in a file named by the creator's id."""

    def __init__(self, bench, wanted):
        self.folder, self.paths = bench.work / "pages", []
        self.folder.mkdir()
        ready = bench.work / "twin"
        twin = subprocess.Popen([bench.build / "twin", "--listen", "127.0.0.1:0", "--ready-file", ready, "--rate", "0", "--parent", str(os.getpid())],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until = time.monotonic() + DEADLINE_S
            while not ready.exists():
                if twin.poll() is not None or time.monotonic() > until:
                    fail("the twin does not start")
                time.sleep(0.02)
            self.collect(http.client.HTTPConnection("127.0.0.1", int(ready.read_text())), wanted)
        finally:
            twin.terminate()
            twin.wait()

    def collect(self, twin, wanted):
        for n in range(20 * wanted):
            creator = json.loads(ask(twin, f"/_twin/world?n={n}"))["userid"]
            path = f"/user-posts/?userid={creator}&count=35&cursor=0"
            page = ask(twin, path)
            if len(page) in PAGE_BYTES and not (self.folder / creator).exists():
                (self.folder / creator).write_bytes(page)
                self.paths.append(path)
            if len(self.paths) == wanted:
                return
        fail("the twin has too few large pages")

    def part(self, n, parts):
        """The file with the n-th of so many parts of their targets."""
        of = len(self.paths) // parts
        file = self.folder / f"targets-{n}"
        file.write_text("".join(path + "\n" for path in self.paths[n * of:(n + 1) * of]))
        return file


def ask(connection, path):
    connection.request("GET", path)
    return connection.getresponse().read()


class Mixed:
    def __init__(self, bench):
        self.bench, self.seconds, self.rounds = bench, bench.options.seconds, bench.options.rounds

    def run(self, cores, load_cores):
        bench = self.bench
        pages = Pages(bench, self.rounds * int(HERDS_A_SECOND * (self.seconds + WARM_S) + 5))
        origin = Origin(bench, load_cores, name="origin of pages", more=[pages.folder, DELAY_MS])
        bench.catalogue = catalogue(bench.work)
        servers = [Server(f"{name}, mixed", make, bench, cores) for name, make in {"frugald": rivals.frugald, **rivals.RIVALS}.items()
                   if bench.wanted(name)]
        try:
            origin.start()
            for s in servers:
                s.start(origin)
                s.fill(SIZE, THINGS)
            for r in range(self.rounds):
                targets = pages.part(r, self.rounds)
                for s in servers[r % len(servers):] + servers[:r % len(servers)]:
                    self.measure(s, origin, targets, load_cores)
        finally:
            for s in [*servers, origin]:
                s.stop()

    def measure(self, s, origin, targets, load_cores):
        name = s.name.partition(",")[0]
        herds = ("-p", HERDS_A_SECOND, "-g", CLIENTS, "-m", targets)
        quiet = s.measure(SIZE, THINGS, CONNECTIONS, self.seconds, WARM_S, load_cores)
        asked = origin.asked()
        mixed = s.measure(SIZE, THINGS, CONNECTIONS, self.seconds, WARM_S, load_cores, herds)
        mixed["calls"] = (origin.asked() - asked) / mixed["herds_asked"]
        mixed["growth_us"] = mixed["p99_us"] - quiet["p99_us"]
        mixed.update(quiet_rps=quiet["rps"], quiet_p99_us=quiet["p99_us"])
        self.bench.taken.add(MIXED, SIZE, name, mixed)
        self.bench.say(f"mixed, {name}: p99 {quiet['p99_us']:,.0f} µs, with misses {mixed['p99_us']:,.0f} µs, "
                       f"waiters {mixed['spread_p99_us']:,.0f} µs")
