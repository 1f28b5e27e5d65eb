"""receiver.py: Slack, PagerDuty and somebody's own server in one: takes alerts, remembers them, and fails when it is told to."""

import http.server
import json
import threading

from wire import until, watch


class Post:
    """One request that came: where to, what it said, and how it was answered."""

    def __init__(self, path, fields, body, status):
        self.path, self.fields, self.body, self.status = path, fields, body, status

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def accepted(self):
        return 200 <= self.status <= 299


class Receiver:
    """`answers` maps a path to the statuses of its next posts; after them, and for other paths, it is 200."""

    def __init__(self):
        self.posts, self.answers, self.lock = [], {}, threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                watch("an alert", body)
                with receiver.lock:
                    planned = receiver.answers.get(self.path, [])
                    status = planned.pop(0) if planned else 200
                    receiver.posts.append(Post(self.path, dict(self.headers), body, status))
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def at(self, path, accepted=True):
        with self.lock:
            return [p for p in self.posts if p.path == path and p.accepted == accepted]

    def await_at(self, path, n=1):
        """The first n posts that were accepted at a path."""
        until(lambda: len(self.at(path)) >= n, lambda: f"{n} alerts at {path}: {[(p.path, p.status) for p in self.posts]}")
        return self.at(path)

    def end(self):
        self.server.shutdown()
        self.server.server_close()
