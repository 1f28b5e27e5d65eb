"""Hits side by side: frugald, the proxies that others use, and what is possible at all.

    hits.py BUILD [--rounds 5] [--seconds 3] [--only NAME,...] [--out FILE]

One core: each server runs on core 0, the load on core 1. All cores: servers and load share what there is; two frugald on one address against the others as
they are by default. 64 connections ask for 64 things in turn. Every round asks every server once, and each round begins with another one, so that what
the machine does meanwhile hits all alike. The figures are medians over the rounds, of figures of the same run: compare them with one another, not with
those of another day.
"""

import argparse
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import rivals
from servers import Origin, Server, fail, versions

SIZES = (1024, 8192, 81920)
CONNECTIONS, THINGS, WARM_MOST_S = 64, 64, 0.3
FIGURES = ("rps", "cpu_us", "p50_us", "p99_us", "memory_mib", "busy")


def label(size):
    return f"{size // 1024} KiB"


class Bench:
    def __init__(self, options, work):
        self.options, self.work, self.build = options, work, Path(options.build).resolve()
        self.taken = {}  # (section, size, server): one dictionary of figures for each round

    def servers(self, section, cores):
        """All that are compared in a section, started."""
        made = [Server(name, make, self, cores) for name, make in {**rivals.CEILINGS, **rivals.RIVALS}.items() if self.wanted(name)]
        if self.wanted("frugald"):
            made.insert(0, Server("frugald" if section == "one core" else "frugald, 2 instances", rivals.frugald, self, cores,
                                  instances=1 if section == "one core" else 2))
        if section != "one core":
            made = [s for s in made if s.name not in rivals.CEILINGS]  # they have one thread
        return made

    def wanted(self, name):
        return not self.options.only or name in self.options.only.split(",")

    def run(self, section, cores, load_cores):
        origin = Origin(self, cores=load_cores)
        servers = self.servers(section, cores)
        warm_s = min(WARM_MOST_S, self.options.seconds / 3)
        try:
            origin.start()
            for s in servers:
                s.start(origin)
            for size in SIZES:
                for s in servers:
                    s.fill(size, THINGS)
            for r in range(self.options.rounds):
                for size in SIZES:
                    turn = servers[r % len(servers):] + servers[:r % len(servers)]
                    for s in turn:
                        figures = s.measure(size, THINGS, CONNECTIONS, self.options.seconds, warm_s, load_cores)
                        self.taken.setdefault((section, size, s.name), []).append(figures)
                        time.sleep(self.options.seconds if self.options.realtime else 0)  # the others' turn
                        print(f"round {r + 1}, {section}, {label(size)}, {s.name}: {figures['rps']:,.0f}/s, {figures['cpu_us']:.1f} µs",
                              file=sys.stderr)
            origin.check(servers)
        finally:
            for s in [*servers, origin]:
                s.stop()

    def median(self, section, size, server, figure):
        return statistics.median(f[figure] for f in self.taken[section, size, server])

    def names(self, section):
        return list(dict.fromkeys(name for where, _, name in self.taken if where == section))


# ---- the report ---------------------------------------------------------------------------------------------------------


def ratio(mine, other):
    return f"{mine / other:.2f}" if other else "–"


def best_peer(b, section, size, figure, least):
    names = [n for n in b.names(section) if n in rivals.RIVALS]
    if not names:
        return "–", 0
    pick = min if least else max
    name = pick(names, key=lambda n: b.median(section, size, n, figure))
    return name, b.median(section, size, name, figure)


def ratios(b, section):
    mine = next((n for n in b.names(section) if n.startswith("frugald")), None)
    if mine is None:
        return
    print(f"| {section} | " + " | ".join(label(s) for s in SIZES) + " |")
    print("|---|" + "---:|" * len(SIZES))

    def row(title, cells):
        print(f"| {title} | " + " | ".join(cells) + " |")

    def against(figure, name):
        return [ratio(b.median(section, s, mine, figure), b.median(section, s, name, figure)) for s in SIZES]

    best = [best_peer(b, section, s, "rps", False) for s in SIZES]
    row("requests/s ÷ best peer's", [f"{ratio(b.median(section, s, mine, 'rps'), r[1])} ({r[0]})" for s, r in zip(SIZES, best)])
    best = [best_peer(b, section, s, "cpu_us", True) for s in SIZES]
    row("CPU per request ÷ best peer's", [f"{ratio(b.median(section, s, mine, 'cpu_us'), r[1])} ({r[0]})" for s, r in zip(SIZES, best)])
    best = [best_peer(b, section, s, "p99_us", True) for s in SIZES]
    row("p99 ÷ best peer's", [f"{ratio(b.median(section, s, mine, 'p99_us'), r[1])} ({r[0]})" for s, r in zip(SIZES, best)])
    for name in rivals.CEILINGS:
        if name in b.names(section):
            row(f"requests/s ÷ {name}", against("rps", name))
            row(f"CPU per request ÷ {name}", against("cpu_us", name))
    print()


def table(b, section, size):
    print(f"#### {section}, {label(size)}\n")
    print("| | requests/s | spread | CPU µs | p50 ms | p99 ms | MiB | load busy |\n|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in b.names(section):
        m = {f: b.median(section, size, name, f) for f in FIGURES}
        all_rps = [f["rps"] for f in b.taken[section, size, name]]
        spread = f"{min(all_rps):,.0f}–{max(all_rps):,.0f}"
        print(f"| {name} | {m['rps']:,.0f} | {spread} | {m['cpu_us']:.1f} | {m['p50_us'] / 1000:.2f} | {m['p99_us'] / 1000:.2f} | "
              f"{m['memory_mib']:.0f} | {m['busy'] * 100:.0f} % |")
    print()


def report(b, sections):
    print("### Ratios\n")
    for section in sections:
        ratios(b, section)
    print("### Figures\n")
    print(versions(b) + "\n")
    for section in sections:
        for size in SIZES:
            table(b, section, size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--realtime", action="store_true", help="take the cores from everybody else while it measures (root)")
    parser.add_argument("--only", default="", help="names of servers, with commas")
    parser.add_argument("--section", choices=("one core", "all cores"))
    parser.add_argument("--out")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us finds nothing left behind
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        fail("two cores are needed: one for the server, one for the load")
    sections = [options.section] if options.section else ["one core", "all cores"]
    with tempfile.TemporaryDirectory(prefix="frugald-bench-") as folder:
        bench = Bench(options, Path(folder))
        for section in sections:
            if section == "one core":
                bench.run(section, cores[:1], cores[1:2])
            else:
                bench.run(section, cores[:2], cores[:2])
    report(bench, sections)
    if options.out:
        with open(options.out, "w") as to:
            sys.stdout = to
            report(bench, sections)


if __name__ == "__main__":
    main()
