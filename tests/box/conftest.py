"""Every test gets a world of its own; at its end the books are compared, the processes ended and their output judged."""

import signal

import pytest
import wire
from world import BUILD, KEY, World


class Collector:
    """Sees every answer, log line and file that the tests produce, and remembers where a secret was."""

    def __init__(self):
        self.bytes_seen, self.leaks, self.secrets = 0, [], [KEY.encode()]

    def guard(self, secret):
        """From now on nobody may see this, either; returns it."""
        self.secrets.append(secret.encode())
        return secret

    def __call__(self, where, data):
        self.bytes_seen += len(data)
        if any(secret in data for secret in self.secrets):
            self.leaks.append(where)


@pytest.fixture(scope="session", autouse=True)
def collector():
    seen = Collector()
    wire.watchers.append(seen)
    yield seen
    wire.watchers.remove(seen)


@pytest.fixture(scope="session", autouse=True)
def programs():
    missing = [p for p in ("frugald", "frugalctl", "twin") if not (BUILD / p).exists()]
    assert not missing, f"not built in {BUILD}: {missing}; run make all twin"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.passed = outcome.get_result().passed


def pytest_addoption(parser):
    parser.addoption("--part", default="1/1", metavar="K/N", help="only the K-th of N parts of the tests")


def pytest_collection_modifyitems(config, items):
    """What looks back on all the others comes last, in every part."""
    k, n = map(int, config.getoption("part").split("/"))
    last = [item for item in items if item.get_closest_marker("last")]
    others = [item for item in items if item not in last]
    config.hook.pytest_deselected(items=[item for i, item in enumerate(others) if i % n != k - 1])
    items[:] = others[k - 1 :: n] + last


def pytest_configure(config):
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends the tests finds nothing left behind
    config.addinivalue_line("markers", "last: runs after all the others")


@pytest.fixture
def world(request, collector):
    w = World()
    try:
        yield w
        if getattr(request.node, "passed", False):
            w.check_books()
    finally:
        faults = w.end()
        if not getattr(request.node, "passed", False):
            for p in w.processes:
                print(f"--- {p.name} ---\n{p.log[-4000:]}")
        w.remove()
    assert not faults, "\n".join(faults)
