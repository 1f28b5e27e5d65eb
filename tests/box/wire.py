"""wire.py: HTTP/1.1 over bare sockets, as many at once as a test wants, from one thread.

Nothing here knows frugald. Every byte that comes is shown to `watchers`, so that a test can look for what must never be seen.
"""

import json
import selectors
import socket
import time

PATIENCE = 30.0  # a deadline that only a hung program meets; nothing waits for it
watchers = []  # called with (where, bytes)


def watch(where, data):
    for watcher in watchers:
        watcher(where, data)


def until(condition, what, patience=PATIENCE):
    """Asks until the answer is true and returns it. A poll, not a pause: the test goes on at once."""
    deadline = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience:.0f} s: {what() if callable(what) else what}")
        time.sleep(0.005)


class Answer:
    """One response. `status` is 0 if the connection ended before a whole one came."""

    def __init__(self, status=0, fields=(), body=b"", raw=b""):
        self.status, self.fields, self.body, self.raw = status, list(fields), body, raw

    def __getitem__(self, name):
        values = [v for n, v in self.fields if n.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def lines(self):
        """NDJSON."""
        assert self["Content-Type"] == "application/x-ndjson" and (not self.body or self.body.endswith(b"\n")), self
        return [json.loads(line) for line in self.body.split(b"\n")[:-1]]

    @property
    def cache(self):
        return self["Cache-Status"] or ""

    @property
    def is_problem(self):
        return self["Content-Type"] == "application/problem+json" and bool(self.json["message"]) and self.json["status"] == self.status

    def __repr__(self):
        return f"<{self.status} {self.cache!r} {self.body[:200]!r}>"


def unchunk(data):
    """The body that comes in chunks, or None while it is not complete."""
    pieces, at = [], 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        size = int(data[at:end], 16)
        if len(data) < end + 2 + size + 2:
            return None
        if size == 0:
            return b"".join(pieces)
        pieces.append(data[end + 2: end + 2 + size])
        at = end + 2 + size + 2


def parse(raw, bodiless, ended):
    """The response in `raw`, or None while it is not complete."""
    head, gap, rest = raw.partition(b"\r\n\r\n")
    if not gap:
        return None
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split(" ", 2)[1])
    fields = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
    answer = Answer(status, fields, rest, raw)
    if bodiless or status in (204, 304):
        return answer
    length = answer["Content-Length"]
    if answer["Transfer-Encoding"] == "chunked":
        answer.body = unchunk(rest)
        return answer if answer.body is not None else None
    if length is None:
        return answer if ended else None
    if len(rest) < int(length):
        return None
    answer.body = rest[: int(length)]
    return answer


class Connection:
    """One client's connection, for one request after the other. The address is a host and a port, or the path of a socket."""

    def __init__(self, address):
        self.address = address
        self.host = "localhost" if isinstance(address, str) else "%s:%d" % address
        self.socket = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(address)
        self.raw, self.answer, self.bodiless = b"", None, False

    def send(self, target, fields=(), method="GET"):
        lines = [f"{method} {target} HTTP/1.1", "Host: " + self.host]
        lines += [f"{name}: {value}" for name, value in fields]
        return self.send_bytes("\r\n".join(lines + ["", ""]).encode("latin-1"), method == "HEAD")

    def post(self, target, body, fields=()):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = [f"POST {target} HTTP/1.1", "Host: " + self.host, "Content-Type: application/json", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in fields]
        return self.send_bytes("\r\n".join(lines + ["", ""]).encode("latin-1") + body)

    def send_bytes(self, data, bodiless=False):
        self.raw, self.answer, self.bodiless = b"", None, bodiless
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # a server may refuse before it has read all: its answer counts
        return self

    def take(self):
        """Reads what is there; True when the answer, or the end, has come."""
        try:
            data = self.socket.recv(262144)
        except ConnectionResetError:
            data = b""
        self.raw += data
        self.answer = parse(self.raw, self.bodiless, not data)
        if self.answer is None and not data:
            self.answer = Answer(raw=self.raw)
        if self.answer is not None:
            watch("an answer", self.raw)
        return self.answer is not None

    def close(self):
        self.socket.close()


def gather(connections, patience=PATIENCE):
    """Waits for the answers of all and returns them in order."""
    deadline = time.monotonic() + patience
    with selectors.DefaultSelector() as selector:
        for c in connections:
            if c.answer is None:
                selector.register(c.socket, selectors.EVENT_READ, c)
        while selector.get_map():
            left = deadline - time.monotonic()
            assert left > 0, f"{len(selector.get_map())} of {len(connections)} clients still wait after {patience:.0f} s"
            for key, _ in selector.select(left):
                if key.data.take():
                    selector.unregister(key.fileobj)
    return [c.answer for c in connections]


def ask(address, target, fields=(), method="GET"):
    connection = Connection(address)
    try:
        return gather([connection.send(target, fields, method)])[0]
    finally:
        connection.close()


def post(address, target, body, fields=()):
    connection = Connection(address)
    try:
        return gather([connection.post(target, body, fields)])[0]
    finally:
        connection.close()


def ask_bytes(address, data):
    """Sends what may be no request at all, and says that nothing follows."""
    connection = Connection(address)
    try:
        connection.send_bytes(data)
        try:
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the other side has closed already
        return gather([connection])[0]
    finally:
        connection.close()


class Herd:
    """Many clients that ask at the same time, spread over addresses. `targets` are given out in turn."""

    def __init__(self, addresses, targets, n):
        targets = [targets] if isinstance(targets, str) else list(targets)
        self.clients = [Connection(addresses[i % len(addresses)]) for i in range(n)]
        for i, client in enumerate(self.clients):
            client.send(targets[i % len(targets)])

    def answers(self, patience=PATIENCE):
        try:
            return gather(self.clients, patience)
        finally:
            self.close()

    def close(self):
        for client in self.clients:
            client.close()


def herd(addresses, targets, n):
    return Herd(addresses, targets, n).answers()
