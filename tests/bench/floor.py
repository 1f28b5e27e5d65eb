"""floor.py: what no cache can do without, whatever it knows.

Each thing that is asked for has to be bought: a post, a profile, a sound, a list; and again when what was bought is older than it may
be. A list counts as one credit, however many pages of it are read, and nothing is renewed before somebody waits for it, so the
figures are lower than what is possible. Where a program needs only what list rows tell, too, posts are free, but for those of which
somebody needs the links.
"""

import collections
import re
import urllib.parse

from columns import START_S
from judge import is_deep

from spelling import ALPHABET, DEFAULTS

PLACE = {"count", "cursor", "time"}  # which part of a list
PICTURES_S = 86400  # the longest that links live which matter


def post_id(url):
    number = re.search(r"\d{15,}", url)
    if number:
        return int(number[0])
    code = re.search(r"vm\.tiktok\.com/Z(\w+)", url)
    return sum(ALPHABET.index(c) * 36**i for i, c in enumerate(reversed(code[1]))) if code else url


def thing(request):
    """What a request is about, however it is spelled: (path, parameters)."""
    params = urllib.parse.parse_qsl(request.target.partition("?")[2], keep_blank_values=True)
    found = {n: v for n, v in params if n not in PLACE and v != DEFAULTS.get(n)}
    for name in {"username", "name"} & found.keys():
        found[name] = found[name].lstrip("@#").lower()
    if "url" in found and request.path in ("/post-detail/", "/post-comments/", "/download-video/"):
        found["url"] = post_id(found["url"])
    return request.path, tuple(sorted(found.items()))


def purchases(asked, row):
    """How often one thing has to be bought, `asked` in the order of time: again as soon as what was bought is too old."""
    n, until_s = 0, -1
    for r in asked:
        if r.at_ms / 1000 > until_s:
            age = START_S + r.at_ms / 1000 - (r.dated >> 32) if r.dated is not None and row.by_age else None
            n, until_s = n + 1, r.at_ms / 1000 + row.allowed(is_deep(r), age, PICTURES_S)
    return n


def floor(requests, catalogue, needs=False):
    """Credits. `needs`: the dashboard and the jobs take a post's fields from lists."""
    things = collections.defaultdict(list)
    for r in requests:
        if not (needs and r.path == "/post-detail/" and r.client != "export"):
            things[thing(r)].append(r)
    # deeper pages have other times: of a list of which the first page is asked for, that alone counts
    return sum(purchases([r for r in asked if not is_deep(r)] or asked, catalogue[path]) for (path, _), asked in things.items())
