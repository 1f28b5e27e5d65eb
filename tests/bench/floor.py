"""floor.py: what no cache can do without, whatever it knows and however old its answers may be.

Each thing that is asked for has to be bought once: a post, a profile, a sound, a list. A list counts as one credit, however many
pages of it are read, so the figures are lower than what is possible. Where a program needs only what list rows tell, too, posts are
free, but for those that somebody needs the links of.
"""

import re
import urllib.parse

from spelling import ALPHABET, DEFAULTS

PLACE = {"count", "cursor", "time"}  # which part of a list


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


def floor(requests, needs=False):
    """Credits. `needs`: the dashboard and the jobs take a post's fields from lists."""
    return len({thing(r) for r in requests if not (needs and r.path == "/post-detail/" and r.client != "export")})
