"""Hits side by side: frugald, the proxies that others use, and what is possible at all. Status 1 if a bar is broken or a figure could not be taken.

    hits.py BUILD [--rounds 5] [--seconds 3] [--only NAME,...] [--section "one core"|"all cores"|mixed] [--out FILE]

One core: each server runs on core 0, the load on core 1. All cores: servers and load share what there is; two frugald on one address against the others as
they are by default. 64 connections ask for 64 things in turn. Every round asks every server once, and each round begins with another one, so that what
the machine does meanwhile hits all alike. The figures are medians over the rounds, of figures of the same run: compare them with one another, not with
those of another day. Mixed: mixed.py.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import report
import rivals
from mixed import Mixed
from report import ALL, MINE, MIXED, ONE, SIZES, label
from servers import Origin, Server, fail, versions

CONNECTIONS, THINGS, WARM_MOST_S = 64, 64, 0.3


class Bench:
    def __init__(self, options, work):
        self.options, self.work, self.build = options, work, Path(options.build).resolve()
        self.catalogue, self.taken = rivals.HERE / "catalogue.yaml", report.Taken()

    def servers(self, section, cores):
        """All that are compared in a section, not yet started."""
        mine = {MINE[ONE]: 1} if section == ONE else {MINE[ONE]: 1, MINE[ALL]: 2}
        others = {**rivals.CEILINGS, **rivals.RIVALS} if section == ONE else rivals.RIVALS  # the ceilings have one thread
        made = [Server(name, rivals.frugald, self, cores, instances=n) for name, n in mine.items() if self.wanted("frugald")]
        return made + [Server(name, make, self, cores) for name, make in others.items() if self.wanted(name)]

    def wanted(self, name):
        return not self.options.only or name in self.options.only.split(",")

    def say(self, what):
        print(what, file=sys.stderr)

    def run(self, section, cores, load_cores):
        origin = Origin(self, load_cores, name=f"origin, {section}")
        servers = self.servers(section, cores)
        try:
            origin.start()
            for s in servers:
                s.start(origin)
            for size in SIZES:
                for s in servers:
                    s.fill(size, THINGS)
            for r in range(self.options.rounds):
                for size in SIZES:
                    for s in servers[r % len(servers):] + servers[:r % len(servers)]:
                        self.measure(s, section, size, load_cores)
            origin.check(servers)
        finally:
            for s in [*servers, origin]:
                s.stop()

    def measure(self, s, section, size, load_cores):
        warm_s = min(WARM_MOST_S, self.options.seconds / 3)
        figures = s.measure(size, THINGS, CONNECTIONS, self.options.seconds, warm_s, load_cores)
        self.taken.add(section, size, s.name, figures)
        time.sleep(self.options.seconds if self.options.realtime else 0)  # the others' turn
        self.say(f"{section}, {label(size)}, {s.name}: {figures['rps']:,.0f}/s, {figures['cpu_us']:.1f} µs")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--realtime", action="store_true", help="take the cores from everybody else while it measures (root)")
    parser.add_argument("--only", default="", help="names of servers, with commas")
    parser.add_argument("--section", choices=(ONE, ALL, MIXED))
    parser.add_argument("--out")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us finds nothing left behind
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        fail("two cores are needed: one for the server, one for the load")
    with tempfile.TemporaryDirectory(prefix="frugald-bench-") as folder:
        bench = Bench(options, Path(folder))
        for section in [options.section] if options.section else [ONE, ALL, MIXED]:
            if section == MIXED:
                Mixed(bench).run(cores[:1], cores[1:2])
            else:
                bench.run(section, cores[:1] if section == ONE else cores[:2], cores[1:2] if section == ONE else cores[:2])
        text = report.text(bench.taken, versions(bench))
    print(text)
    if options.out:
        Path(options.out).write_text(text + "\n")
    if not all(holds for _, holds in report.bars(bench.taken)):
        sys.exit(1)


if __name__ == "__main__":
    main()
