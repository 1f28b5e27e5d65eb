"""What can only fail upstream is refused here, in words that a client understands, and costs nothing."""

from wire import Connection, ask_bytes, gather
from world import query

GOOD = b"/userid/?username=creator_000001"


def get(target, *fields, method=b"GET"):
    return method + b" " + target + b" HTTP/1.1\r\nHost: x\r\n" + b"".join(f + b"\r\n" for f in fields) + b"\r\n"


# (what, bytes, statuses that are right, frugald's own words). 0: the connection is closed without an answer, which is what the HTTP
# library does with what it cannot take for a request.
REQUESTS = [
    ("no request line", b"rubbish\r\n\r\n", {0, 400}, False),
    ("no version", b"GET " + GOOD + b"\r\nHost: x\r\n\r\n", {400, 505}, False),
    ("unknown version", b"GET " + GOOD + b" HTTP/9.9\r\nHost: x\r\n\r\n", {400, 505}, False),
    ("no Host", b"GET " + GOOD + b" HTTP/1.1\r\n\r\n", {400}, False),
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), {0, 400}, False),
    ("raw NUL in the target", get(b"/userid/?username=a\0b"), {400}, None),
    ("header too large", get(GOOD, b"X-Filler: " + b"a" * 100000), {0, 400, 413, 431}, False),
    ("many header fields", get(GOOD, *[b"X-%d: y" % i for i in range(20000)]), {0, 400, 413, 431}, False),
    ("body on a GET", get(GOOD, b"Content-Length: 5") + b"hello", {400}, True),
    ("chunked body on a GET", get(GOOD, b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n", {400}, True),
    ("POST", get(GOOD, b"Content-Length: 2", method=b"POST") + b"{}", {405}, True),
    ("DELETE", get(GOOD, method=b"DELETE"), {405}, True),
    ("OPTIONS", get(GOOD, method=b"OPTIONS"), {405}, True),
    ("unheard-of method", get(GOOD, method=b"FROBNICATE"), {405}, True),
    ("overlong target", get(GOOD + b"&x=" + b"a" * 9000), {414}, True),
    ("absurdly long target", get(GOOD + b"&x=" + b"a" * 60000), {0, 400, 414, 431}, False),
    ("parameter twice", get(GOOD + b"&username=other"), {400}, True),
    ("parameter twice, once encoded", get(GOOD + b"&%75sername=other"), {400}, True),
    ("missing parameter", get(b"/userid/"), {400}, True),
    ("empty parameter", get(b"/userid/?username="), {400}, True),
    ("wrong type", get(b"/userinfo-by-id/?userid=creator"), {400}, True),
    ("id too large", get(b"/userinfo-by-id/?userid=99999999999999999999999999"), {400}, True),
    ("count above its maximum", get(b"/user-posts/?userid=1&count=36"), {400}, True),
    ("count of zero", get(b"/user-posts/?userid=1&count=0"), {400}, True),
    ("negative count", get(b"/user-posts/?userid=1&count=-1"), {400}, True),
    ("dot-dot", get(b"/userid/../userid/?username=a"), {400}, True),
    ("dot-dot, encoded", get(b"/userid/%2e%2e/admin"), {400}, True),
    ("dot-dot, half encoded", get(b"/extra/.%2E/x"), {400}, True),
    ("NUL, encoded", get(b"/userid/?username=a%00b"), {400}, True),
    ("NUL in the path", get(b"/extra/%00"), {400}, True),
    ("broken escape", get(b"/userid/?username=%zz"), {400}, True),
    ("cut escape", get(b"/userid/?username=%4"), {400}, True),
    ("line break, encoded", get(b"/userid/?username=a%0d%0aX-Evil:%201"), {400}, True),
    ("no path", get(b"*"), {400}, True),
    ("33 parameters", get(GOOD + b"".join(b"&p%d=1" % i for i in range(33))), {400}, True),
]


def test_what_must_fail_is_refused_here_and_costs_nothing(world):
    frugald = world.frugald(front={"idle": "1s"})  # what ends before it is a request may end there only
    for what, data, statuses, own in REQUESTS:
        answer = ask_bytes(frugald.address, data)
        assert answer.status in statuses, (what, answer)
        if own:
            assert answer.is_problem, (what, answer.raw[:600])
            assert answer["X-Credits-Spent"] == "0" and answer["Cache-Control"] == "no-store", (what, answer.raw[:600])
        if answer.status == 405:
            assert answer["Allow"] == "GET, HEAD", what
        assert b"X-Evil" not in answer.raw.split(b"\r\n\r\n")[0], what
        assert frugald.running, (what, frugald.log)
    assert world.twin.calls == 0
    stats = frugald.stats()
    assert set(frugald.outcomes()) == {"bad_request"} and stats["credits"]["refused"] == stats["outcomes"]["bad_request"]

    target = "/user-posts/?" + query([("userid", world.twin.sample(1)["userid"]), ("count", 99), ("cursor", 0)])
    refused = frugald.get(target)
    assert refused.status == 400 and "count" in refused.json["message"] and "35" in refused.json["message"], refused
    frugald.reload(validate=False)
    assert frugald.get(target).status == 200 and world.twin.calls == 1
    assert world.twin.calls_since(0)[0]["query"] == target.partition("?")[2]


def test_the_same_requests_byte_by_byte_and_cut_off_do_no_harm(world):
    frugald = world.frugald(front={"idle": "1s"})
    whole = get(GOOD)
    slow = Connection(frugald.address)
    for i in range(len(whole)):
        slow.socket.sendall(whole[i:i + 1])
    assert gather([slow])[0].status == 200
    slow.close()
    cut_off = [Connection(frugald.address).send_bytes(whole[:n]) for n in (1, 3, 10, len(whole) - 1)]
    assert {a.status for a in gather(cut_off)} == {0}  # the end of front.idle
    for client in cut_off:
        client.close()
    for _, data, _, _ in REQUESTS:
        client = Connection(frugald.address).send_bytes(data)  # gone before it reads its answer
        client.close()
    with_all = Connection(frugald.address)
    assert gather([with_all.send(GOOD.decode())])[0].cache.startswith("frugald; hit")
    with_all.close()
    assert world.twin.calls == 1
