"""credits.py: the credit benchmark. Plays one day against each column and prints what each paid; status 1 if a bar does not hold."""

import argparse
import collections
import datetime
import hashlib
import json
import pathlib
import signal
import sys
import time

import columns
import judge
import planning
import terms
from columns import BUILD, START_S, World
from floor import floor
from workload import PRODUCTS, SKEW, Request

HERE = pathlib.Path(__file__).resolve().parent
NEEDS_MIN, INSTALLED_MAX = 6.1, 0.5


def schedule(product, seed, scale, hours, skew):
    """The requests; planned once for each product, seed and size, and kept below build/."""
    sources = [HERE / f for f in ("workload.py", "planning.py", "spelling.py")] + [BUILD / "twin"]
    mark = hashlib.sha256(b"".join(p.read_bytes() for p in sources)).hexdigest()[:12]
    kept = BUILD / "bench" / f"schedule-{product}-{seed}-{scale:g}-{hours:g}-{skew:g}-{mark}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        world = World()
        try:
            world.clock.go(1)
            world.start_twin()
            requests = planning.plan(seed, scale, hours, skew, planning.Oracle(world.twin, world.clock, START_S * 1000),
                                     PRODUCTS[product])
        finally:
            world.end()
            world.remove()
        kept.write_text(json.dumps(requests))
    return [Request(*r) for r in json.loads(kept.read_text())]


def measure(key, requests, catalogue, speed, hours):
    """Plays the day against one column: its result as a dictionary."""
    world, began = World(), time.monotonic()
    try:
        world.clock.go(1)
        bodies = world.dir / "bodies"
        world.start_twin("--delay-ms", str(columns.DELAY_MS), "--bodies", str(bodies))
        column = columns.COLUMNS[key](world, catalogue)
        holes = collections.Counter()
        mine = columns.play(world, column, requests, speed, lambda r, status, body: count_holes(holes, r, status, body))
        played_s, ledger = time.monotonic() - began, world.ledger()
        faults = column.check(ledger)
        faults += world.end()
        verdict = judge_column(world, mine, bodies, catalogue, hours)
    finally:
        world.end()
        world.remove()
    failed = collections.Counter(s for s in mine.status if s != 200)
    return {"title": column.title, "version": column.version(), "credits": {p: n["billed"] for p, n in ledger["by_path"].items()},
            "total": ledger["billed"], "failed": sum(failed.values()), "failures": dict(failed), "holes": dict(holes), "faults": faults,
            "verdict": verdict, "seconds": played_s}


def judge_column(world, mine, bodies, catalogue, hours):
    world.clock.go(0, (START_S + hours * 3600 + 3600) * 1_000_000_000)
    world.start_twin()
    return judge.judge(mine, judge.read_bodies(bodies), catalogue, judge.Truth(world.twin))


def count_holes(holes, request, status, body):
    """What a client needs and did not get."""
    if request.path != "/post-detail/" or status != 200 or not body.startswith(b'{"id"'):
        return
    for field in ["hdplay", "play"] if request.client == "export" else columns.NEEDS:
        if b'"%s":' % field.encode() not in body:
            holes[field] += 1


def best_peer(results, keys="bc"):
    totals = [results[k]["total"] for k in keys if k in results]
    return min(totals) if totals else None


def bars(product, results):
    """(what must hold, whether it does); None where it was not measured."""
    found, best = [], best_peer(results)
    if product == "leaderboard" and "d" in results and best:
        share = results["d"]["total"] / best
        found.append((f"(d) is at most half of the better of (b) and (c): {share:.2f}", share <= INSTALLED_MAX))
    if "e" in results and "a" in results:
        factor = results["a"]["total"] / max(1, results["e"]["total"])
        found.append((f"(e) is at least {NEEDS_MIN} times under (a): {factor:.2f}", factor >= NEEDS_MIN))
    for r in results.values():
        v = r["verdict"]
        wrong = {"older than agreed": len(v.too_old), "dead links": v.dead_links, "never true": v.how["never true"],
                 "failed": r["failed"], "fields missing": sum(r["holes"].values())}
        wrong = {k: n for k, n in wrong.items() if n}
        found.append((f"{r['title']}: no answer is too old, dead, wrong, missing or incomplete {wrong or ''}".rstrip(), not wrong))
        found += [(f"{r['title']}: {fault}", False) for fault in r["faults"]]
    return found


def floors(requests, catalogue):
    """What no cache can go below on this day; said beside the bars, since a day may be such that one is out of reach."""
    installed, needs = (floor(requests, catalogue, n) for n in (False, True))
    return [f"nothing bought before it is too old, whole lists for one credit: {installed:,} credits",
            f"so, and no post's detail but for exports: {needs:,} credits, {len(requests) / needs:.2f} times under (a)"]


def cell_rows(product, results):
    """The table's body: a row of texts for each endpoint, the six largest by name."""
    top = list(PRODUCTS[product].calls)[:6]
    paths = {p for r in results.values() for p in r["credits"]}
    rows = [(f"`{p}`", [p]) for p in top] + [("everything else", sorted(paths - set(top))), ("**all**", sorted(paths))]
    return [[name] + [f"{sum(r['credits'].get(p, 0) for p in of):,}" for r in results.values()] for name, of in rows]


def table(product, results):
    """Markdown."""
    first, best, plain = results.get("a"), best_peer(results), best_peer(results, "BC")
    lines = [["credits"] + [r["title"] for r in results.values()], ["---"] + ["---:"] * len(results)] + cell_rows(product, results)

    def line(name, value):
        lines.append([name] + [value(r) for r in results.values()])

    if first:
        line("times under (a)", lambda r: f"{first['total'] / max(1, r['total']):.2f}")
    if best:
        line("share of the better of (b), (c)", lambda r: f"{r['total'] / best:.2f}")
    if plain:
        line("share of the better of (B), (C)", lambda r: f"{r['total'] / plain:.2f}")
    line("largest age / allowed", lambda r: f"{r['verdict'].largest:.3f}")
    line("99th percentile of age / allowed", lambda r: f"{r['verdict'].percentile(0.99):.3f}")
    line("older than agreed", lambda r: str(len(r["verdict"].too_old)))
    line("dead links served", lambda r: str(r["verdict"].dead_links))
    line("ages known by sum / plays / links / not told", lambda r: " / ".join(str(r["verdict"].how[k])
                                                                             for k in ("sum", "plays", "links", "not told")))
    line("old answers in trouble", lambda r: str(r["verdict"].rescued))
    line("failed requests", lambda r: str(r["failed"]))
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def heading(args, requests, results, skipped):
    versions = ", ".join(f"{r['title'][4:]} {r['version']}" for r in results.values() if r["version"])
    lines = [f"{datetime.date.today().isoformat()}: {args.product}, {len(requests):,} requests of {args.hours:g} hours, scale {args.scale:g}, seed {args.seed}, "
             f"skew {args.skew:g}; {versions}."]
    return "\n".join(lines + [f"{columns.COLUMNS[k].title} is left out: {why}." for k, why in skipped.items()])


def say_worst(results):
    for r in results.values():
        for aged in sorted(r["verdict"].too_old, key=lambda a: -a.age_s / a.allowed_s)[:3]:
            print(f"  {r['title']}: request {aged.index} got what is {aged.age_s:.0f} s old, allowed {aged.allowed_s:.0f} s ({aged.how})")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", choices=PRODUCTS, default="leaderboard")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the product's calls")
    parser.add_argument("--hours", type=float, help="of the day; without it: 24, below a quarter of the calls 6, below a tenth 3")
    parser.add_argument("--speed", type=float, help="how many times faster than the machine's the world's clock runs at most")
    parser.add_argument("--skew", type=float, default=SKEW, help="exponent of the popularity of creators, keywords, tags and sounds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--columns", default="aBCbcde")
    parser.add_argument("--markdown", help="file for the table")
    args = parser.parse_args()
    args.hours = args.hours or (24 if args.scale >= 0.25 else 6 if args.scale >= 0.1 else 3)
    args.speed = args.speed or min(1500, 250 / args.scale)
    return args


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends this finds nothing left behind
    args = arguments()
    catalogue, requests = terms.read(BUILD / "frugald"), schedule(args.product, args.seed, args.scale, args.hours, args.skew)
    results, skipped = {}, {}
    for key in args.columns:
        why = columns.missing(key, BUILD / "bench")
        if why is not None:
            skipped[key] = why
            continue
        results[key] = r = measure(key, requests, catalogue, args.speed, args.hours)
        print(f"{r['title']}: {r['total']:,} credits, {r['seconds']:.0f} s {r['failures'] or ''}", flush=True)
    text = heading(args, requests, results, skipped) + "\n\n" + table(args.product, results) + "\n"
    print("\n" + text)
    say_worst(results)
    least = floors(requests, catalogue)
    print("\n".join("least:  " + line for line in least))
    held = bars(args.product, results)
    for what, holds in held:
        print(("holds:  " if holds else "BROKEN: ") + what)
    if args.markdown:
        said = [f"- {'holds' if h else '**broken**'}: {w}" for w, h in held] + [f"- least: {line}" for line in least]
        pathlib.Path(args.markdown).write_text(text + "\n" + "\n".join(said) + "\n")
    return 0 if all(h for _, h in held) and not skipped else 1


if __name__ == "__main__":
    sys.exit(main())
