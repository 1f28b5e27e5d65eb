"""spelling.py: how the programs of the product write down the same question.

Each program has its habits; what people typed or pasted varies from request to request. The forms are those that public users of the
API were seen to send.
"""

import dataclasses
import urllib.parse

# What the API's own client sends for a parameter that the caller leaves out.
DEFAULTS = {"cursor": "0", "time": "0", "publish_time": "0", "sort_by": "0", "region": ""}
COUNT_DEFAULTS = {"/user-followers/": "50", "/user-following/": "50", "/user-liked/": "2"}

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclasses.dataclass(frozen=True)
class Program:
    name: str
    client: str  # whose API key it shows: dashboard, worker or export
    handle: str  # plain, at or typed
    post: str  # a key of POST_FORMS, or pasted
    count: str = "20"
    order: str = "natural"  # natural, reversed or sorted
    explicit: bool = True  # writes the defaults out
    slash: bool = True  # ends the path with one
    plus: bool = False  # blanks as '+', and ':', '/' and '@' as they are


PROGRAMS = {p.name: p for p in (
    Program("web2", "dashboard", "plain", "handle"),
    Program("web1", "dashboard", "at", "tracked", count="10", explicit=False, plus=True),
    Program("mobile", "dashboard", "typed", "mobile", count="30", order="reversed", explicit=False, slash=False),
    Program("report", "dashboard", "plain", "placeholder", count="35", order="sorted"),
    Program("poller", "worker", "plain", "handle"),
    Program("poller1", "worker", "plain", "handle", count="10", explicit=False),
    Program("audience", "worker", "plain", "handle", count="50", explicit=False),
    Program("audience2", "worker", "plain", "handle", count="100", order="sorted"),
    Program("research", "worker", "at", "bare", count="35", order="sorted", plus=True),
    Program("export", "export", "typed", "pasted", count="35"),
)}


def short_code(post_id):
    """As the twin makes the codes of its short links."""
    digits = ""
    while post_id:
        post_id, rest = divmod(post_id, 36)
        digits = ALPHABET[rest] + digits
    return "Z" + digits


def token(rng):
    return "8" + "".join(rng.choice(ALPHABET) for _ in range(10))


POST_FORMS = {
    "handle": lambda h, i, rng: f"https://www.tiktok.com/@{h}/video/{i}",
    "tracked": lambda h, i, rng: f"https://www.tiktok.com/@{h}/video/{i}?is_from_webapp=1&sender_device=pc",
    "shared": lambda h, i, rng: f"https://www.tiktok.com/@{h}/video/{i}?_r=1&_t={token(rng)}",
    "campaign": lambda h, i, rng: f"https://tiktok.com/@{h}/video/{i}?lang=en&utm_source=mail&utm_campaign={rng.randrange(40)}",
    "placeholder": lambda h, i, rng: f"https://www.tiktok.com/@/video/{i}",
    "photo": lambda h, i, rng: f"https://www.tiktok.com/@{h}/photo/{i}",
    "mobile": lambda h, i, rng: f"https://m.tiktok.com/v/{i}.html",
    "embed": lambda h, i, rng: f"https://www.tiktok.com/embed/v2/{i}",
    "schemeless": lambda h, i, rng: f"www.tiktok.com/@{h}/video/{i}/",
    "short": lambda h, i, rng: f"https://vm.tiktok.com/{short_code(i)}/",
    "bare": lambda h, i, rng: str(i),
}
# What people paste into the export's form.
PASTED = {"handle": 25, "tracked": 20, "shared": 20, "short": 10, "mobile": 8, "schemeless": 5, "photo": 4, "embed": 3, "bare": 3, "campaign": 2}


def post_url(program, rng, handle, post_id):
    form = rng.choices(list(PASTED), list(PASTED.values()))[0] if program.post == "pasted" else program.post
    return POST_FORMS[form](handle, post_id, rng)


def username(program, rng, handle):
    style = rng.choice(("plain", "at", "capital", "upper")) if program.handle == "typed" else program.handle
    return {"plain": handle, "at": "@" + handle, "capital": handle.capitalize(), "upper": handle.upper()}[style]


def is_default(path, name, value):
    return value == (COUNT_DEFAULTS.get(path, "10") if name == "count" else DEFAULTS.get(name))


def target(program, path, params):
    """params: (name, value) in the order of the API's documentation."""
    pairs = [(n, str(v)) for n, v in params if program.explicit or not is_default(path, n, str(v))]
    if program.order == "sorted":
        pairs.sort()
    elif program.order == "reversed":
        pairs.reverse()
    quote = urllib.parse.quote_plus if program.plus else urllib.parse.quote
    query = urllib.parse.urlencode(pairs, quote_via=quote, safe=":/@" if program.plus else "")
    return (path if program.slash else path.rstrip("/")) + ("?" + query if query else "")
