"""terms.py: how old an answer may be, from frugald's own catalogue; every cache that is tried gets these times."""

import dataclasses
import re
import subprocess

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LINK_LIFE_S = 6 * 3600 - 300  # media links live for six hours; frugald leaves a margin of five minutes
NEGATIVE_MAX_S = 86400


def seconds(text):
    return sum(float(n) * UNITS[unit] for n, unit in re.findall(r"([\d.]+)(ms|[smhdw])", text))


@dataclasses.dataclass(frozen=True)
class Terms:
    """Of one endpoint, in seconds."""

    path: str
    fresh: float
    stale: float
    fresh_deep: float
    by_age: tuple  # (the post is younger than, fresh), the last one for all older
    links_matter: bool

    def window(self, deep=False, post_age=None, link_life=LINK_LIFE_S):
        """(fresh, stale) for a deeper page, or for a post of that age; where links matter, they end both. Those of pictures live longer
        than those of media."""
        fresh = self.fresh_deep if deep and self.fresh_deep else self.fresh
        if post_age is not None and self.by_age:
            fresh = min(fresh, next(f for limit, f in self.by_age if post_age < limit))
        if not self.links_matter:
            return fresh, self.stale
        fresh = min(fresh, link_life)
        return fresh, min(self.stale, link_life - fresh)

    def allowed(self, deep=False, post_age=None, link_life=LINK_LIFE_S):
        return sum(self.window(deep, post_age, link_life))


def by_age(text):
    """{ 1h: 5m, older: 1d } as ((3600, 300), (inf, 86400))"""
    pairs = re.findall(r"(\w+): (\w+)", text)
    return tuple((float("inf") if limit == "older" else seconds(limit), seconds(fresh)) for limit, fresh in pairs)


def read(frugald):
    """The built-in catalogue, as the program prints it: {path: Terms}."""
    text = subprocess.run([str(frugald), "--dump-docs", "settings"], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        cells = [c.strip().strip("`") for c in line.strip("|").split("|")]
        if cells[0] == "path":
            head = cells
        elif cells[0].startswith("/") and len(cells) == len(head):
            row = dict(zip(head, cells))
            found[row["path"]] = Terms(row["path"], seconds(row["fresh"]), seconds(row["stale"]), seconds(row["fresh_deep"]),
                                       by_age(row["fresh_by_age"]), row["links"] == "required")
    return found
