"""renewals.py: what it costs to renew stale answers behind their readers, by how well they must have been read to earn it.

    renewals.py [PRODUCT [SCALE]]

Plays the day's schedule against a cache that knows each thing and page by its name and has frugald's times, jitter and rule (core/freshness.h)
and nothing else: no blocks, no lessons. Prints a table for docs/CREDITS.md.
"""

import collections
import sys
import urllib.parse
import zlib

import columns
import credits
import terms
from floor import PICTURES_S, thing
from judge import is_deep

PARTS, NEVER = 8, 99
JITTER = 0.1


def page(request):
    """The thing, and which page of it, where it is a list."""
    params = dict(urllib.parse.parse_qsl(request.target.partition("?")[2]))
    return thing(request), *(params.get(name, "0").lstrip("0") for name in ("cursor", "time"))


def play(asked, row, earn, jitter):
    """(credits, requests that wait, summed age of what was served from the cache), in seconds; `asked` in the order of time."""
    bought_s, fresh, stale, parts, last = None, 0, 0, 0, 0
    paid = waited = ages = 0
    for r in asked:
        now_s = r.at_ms / 1000
        age = now_s - bought_s if bought_s is not None else float("inf")
        renewed = False
        if age < fresh:
            part = 1 + int(age / fresh * PARTS)
            parts, last = parts + (part > last), max(part, last)
        elif age < fresh + stale:
            renewed = parts >= earn
        else:
            waited += 1
        if age < fresh + stale:
            ages += age
        if renewed or age >= fresh + stale:
            post_age = columns.START_S + now_s - (r.dated >> 32) if r.dated is not None and row.by_age else None
            fresh, stale = row.window(is_deep(r), post_age, PICTURES_S)
            paid, bought_s, fresh, parts, last = paid + 1, now_s, fresh * jitter, 0, 0
    return paid, waited, ages


def main():
    product, scale = (sys.argv[1:] + ["leaderboard", "1"][len(sys.argv) - 1:])[:2]
    requests, catalogue = credits.schedule(product, 1, float(scale), 24, 1.0), terms.read(columns.BUILD / "frugald")
    pages = collections.defaultdict(list)
    for r in requests:
        pages[page(r)].append(r)
    print("| `refresh_reads` | credits | requests that wait for a call | mean age of what is served from the cache, over all requests |\n|---:|---:|---:|---:|")
    for earn in (0, 1, 2, 3, 4, 6, NEVER):
        total = [sum(column) for column in zip(*(
            play(asked, catalogue[asked[0].path], earn, 1 - JITTER * (zlib.crc32(repr(name).encode()) & 0xFFFF) / 0x10000)
            for name, asked in pages.items()))]
        print(f"| {'never' if earn == NEVER else earn} | {total[0]:,} | {total[1]:,} | {total[2] / len(requests):,.0f} s |")


main()
