"""What the benchmark found, in words and tables: bars that hold or are broken, ratios, figures."""

import statistics

import rivals

SIZES = (1024, 8192, 81920)
ONE, ALL, MIXED = "one core", "all cores", "mixed"
MINE = {ONE: "frugald", ALL: "frugald, 2 instances"}
COLUMNS = {"rps": "requests/s", "cpu_us": "CPU µs", "p50_us": "p50 ms", "p99_us": "p99 ms", "memory_mib": "MiB", "busy": "load busy"}
PEER_LEAST, CEILING_LEAST, CPU_MOST, P99_MOST = 1.25, 0.9, 1.1, 1.0
GROWTH_MOST_US, SPREAD_MOST_US = 2000, 5000


def label(size):
    return f"{size // 1024} KiB"


class Taken:
    """The figures: (section, size, server) -> a dictionary for each round."""

    def __init__(self):
        self.rounds = {}

    def add(self, section, size, server, figures):
        self.rounds.setdefault((section, size, server), []).append(figures)

    def has(self, section, server):
        return server in self.names(section)

    def names(self, section):
        return list(dict.fromkeys(name for where, _, name in self.rounds if where == section))

    def median(self, section, size, server, figure):
        return statistics.median(f[figure] for f in self.rounds[section, size, server])

    def spread(self, section, size, server, figure):
        all_of_them = [f[figure] for f in self.rounds[section, size, server]]
        return min(all_of_them), max(all_of_them)

    def best_peer(self, section, size, figure):
        """(name, figure), or None."""
        pick = max if figure == "rps" else min
        return pick(((n, self.median(section, size, n, figure)) for n in self.names(section) if n in rivals.RIVALS),
                    key=lambda pair: pair[1], default=None)


# ---- bars ---------------------------------------------------------------------------------------------------------------


def bars(t):
    """(what must hold, whether it does) of all that was measured."""
    found = []
    for size in SIZES if t.has(ONE, MINE[ONE]) else ():
        found += bars_of_peers(t, size) + bars_of_ceiling(t, size)
    if t.has(MIXED, MINE[ONE]):
        found += bars_of_mixed(t)
    return found


def at_least(text, value, least):
    return f"{text} is at least {least:g}: {value:.2f}", value >= least


def at_most(text, value, most, digits=2):
    return f"{text} is at most {most:g}: {value:.{digits}f}", value <= most


def bars_of_peers(t, size):
    fastest, quickest = t.best_peer(ONE, size, "rps"), t.best_peer(ONE, size, "p99_us")
    if fastest is None:
        return []
    mine = {f: t.median(ONE, size, MINE[ONE], f) for f in ("rps", "p99_us")}
    return [at_least(f"{label(size)}: requests/s ÷ best peer's ({fastest[0]})", mine["rps"] / fastest[1], PEER_LEAST),
            at_most(f"{label(size)}: p99 ÷ best peer's ({quickest[0]})", mine["p99_us"] / quickest[1], P99_MOST)]


def bars_of_ceiling(t, size):
    if not t.has(ONE, "libmicrohttpd"):
        return []
    ratio = {f: t.median(ONE, size, MINE[ONE], f) / t.median(ONE, size, "libmicrohttpd", f) for f in ("rps", "cpu_us")}
    return [at_least(f"{label(size)}: requests/s ÷ libmicrohttpd's", ratio["rps"], CEILING_LEAST),
            at_most(f"{label(size)}: CPU per request ÷ libmicrohttpd's", ratio["cpu_us"], CPU_MOST)]


def bars_of_mixed(t):
    (size,) = {s for where, s, _ in t.rounds if where == MIXED}
    m = {f: t.median(MIXED, size, MINE[ONE], f) for f in ("growth_us", "spread_p99_us", "calls")}
    return [at_most("beside misses: growth of the hits' p99 in µs", m["growth_us"], GROWTH_MOST_US, 0),
            at_most("beside misses: p99 of first to last reply of those who waited, in µs", m["spread_p99_us"], SPREAD_MOST_US, 0),
            at_most("beside misses: calls for a question that ten asked", m["calls"], 1)]


# ---- tables -------------------------------------------------------------------------------------------------------------


def line(cells):
    return "| " + " | ".join(cells) + " |"


def head(cells):
    return [line(cells), "|---|" + "---:|" * (len(cells) - 1)]


def ratio(mine, other):
    return f"{mine / other:.2f}" if other else "–"


def ratios(t, section):
    mine = MINE[section]
    if not t.has(section, mine):
        return []
    rows = head([section] + [label(s) for s in SIZES])
    for figure, title in (("rps", "requests/s"), ("cpu_us", "CPU per request"), ("p99_us", "p99")):
        best = [(s, t.best_peer(section, s, figure)) for s in SIZES]
        if None not in [b for _, b in best]:
            rows.append(line([f"{title} ÷ best peer's"] + [f"{ratio(t.median(section, s, mine, figure), b[1])} ({b[0]})" for s, b in best]))
    for name in [n for n in (*rivals.CEILINGS, "frugald") if t.has(section, n) and n != mine]:
        for figure, title in (("rps", "requests/s"), ("cpu_us", "CPU per request")):
            rows.append(line([f"{title} ÷ {name}"] + [ratio(t.median(section, s, mine, figure), t.median(section, s, name, figure))
                                                      for s in SIZES]))
    return rows + [""]


def shown(figure, value):
    if figure == "busy":
        return f"{value * 100:.0f} %"
    if figure in ("p50_us", "p99_us"):
        return f"{value / 1000:.2f}"
    return f"{value:,.1f}" if figure == "cpu_us" else f"{value:,.0f}"


def table(t, section, size):
    rows = [f"#### {section}, {label(size)}", ""] + head(["", *list(COLUMNS.values())[:1], "spread", *list(COLUMNS.values())[1:]])
    for name in t.names(section):
        cells = [shown(f, t.median(section, size, name, f)) for f in COLUMNS]
        spread = "–".join(f"{x:,.0f}" for x in t.spread(section, size, name, "rps"))
        rows.append(line([name, cells[0], spread, *cells[1:]]))
    return rows + [""]


def mixed_table(t):
    if not t.names(MIXED):
        return []
    (size,) = {s for where, s, _ in t.rounds if where == MIXED}
    rows = ["#### Hits beside misses", ""] + head(["", "hits/s", "p99 ms", "hits/s beside misses", "p99 ms beside misses", "growth ms (spread)",
                                                   "first to last waiter, p50 ms", "p99 ms", "calls for a question"])
    for name in t.names(MIXED):
        m = {f: t.median(MIXED, size, name, f) for f in t.rounds[MIXED, size, name][0]}
        low, high = t.spread(MIXED, size, name, "growth_us")
        rows.append(line([name, f"{m['quiet_rps']:,.0f}", f"{m['quiet_p99_us'] / 1000:.2f}", f"{m['rps']:,.0f}", f"{m['p99_us'] / 1000:.2f}",
                          f"{m['growth_us'] / 1000:.2f} ({low / 1000:.2f}–{high / 1000:.2f})", f"{m['spread_p50_us'] / 1000:.2f}",
                          f"{m['spread_p99_us'] / 1000:.2f}", f"{m['calls']:.2f}"]))
    return rows + [""]


def verdict(holds):
    return "holds" if holds else "BROKEN"


def text(t, versions):
    """All of it, as markdown: ratios first."""
    rows = ["### Ratios", "", *ratios(t, ONE), *ratios(t, ALL), "### Bars", "", *head(["bar", ""])]
    rows += [line([what, verdict(holds)]) for what, holds in bars(t)]
    rows += ["", "### Figures", "", versions, ""]
    for section in (ONE, ALL):
        for size in SIZES if t.names(section) else ():
            rows += table(t, section, size)
    return "\n".join(rows + mixed_table(t))
