"""The operator's command: before a real daemon, and before a stand-in for its admin listener that says what a test wants."""

import contextlib
import hashlib
import http.server
import json
import os
import pty
import re
import shlex
import socket
import subprocess
import threading

import pytest
from wire import PATIENCE, until, watch
from world import BUILD, ROOT, clean_environment, query

PROGRAM = str(BUILD / "frugalctl")
STATS = {"version": "0.1.0", "commit": "abc", "started": 1795334400.5, "now": 1795608000.7,
         "credits": {"asked": 9, "demand": 3, "background": 1, "spent": 4, "avoided": 6, "refused": 0},
         "gauges": {"store_up": 1, "journal_up": 1, "breaker_open": 0, "ledger_pending": 0, "limiter_queue": 5},
         "line": {"limit": 200, "used": 37, "queue": {"interactive": 1, "batch": 4}}}
BUDGETS = {"budgets": [{"name": "all/month", "window": "2026-11", "limit": 3000000, "spent": 2120331, "outstanding": 200, "held": 20,
                        "used_ratio": 0.7067, "level": "stretch", "forecast_ratio": 2.14, "exhausted_at": "2026-11-21T00:00:00Z"}]}
TODAY = {"partial": False, "totals": {"spent": 1234, "demand": 1200, "avoided": 8321}}


def finish(args, done):
    """(status, stdout, stderr); what it says on stderr is one line."""
    status, out, err = done
    for what, text in (("stdout", out), ("stderr", err)):
        watch(f"{what} of frugalctl {args[0] if args else ''}", text.encode())
    assert "Sanitizer" not in err and "runtime error:" not in err, err
    return status, out, err


def ctl(*args, stdin="", env=None):
    done = subprocess.run([PROGRAM, *map(str, args)], env={**clean_environment(), **(env or {})}, capture_output=True, text=True,
                          errors="replace", timeout=PATIENCE, input=stdin, check=False)
    return finish(args, (done.returncode, done.stdout, done.stderr))


def on_terminal(*args, types="", env=None):
    """The same with all three on a terminal: (status, all that was on the screen)."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([PROGRAM, *map(str, args)], stdin=theirs, stdout=theirs, stderr=theirs,
                             env={**clean_environment(), "TERM": "xterm", "LC_ALL": "C.UTF-8", **(env or {})})
    os.close(theirs)
    seen = b""
    with open(ours, "r+b", buffering=0) as terminal:
        with contextlib.suppress(OSError):  # a terminal whose other side is closed says so with EIO
            while chunk := terminal.read(4096):
                seen += chunk
                if types and seen.endswith(b": "):
                    terminal.write(types.encode())
                    types = ""
    status = child.wait(PATIENCE)
    screen = seen.decode()
    finish(args, (status, screen, ""))
    return status, screen


class Admin:
    """Answers as `answers` says, by path: (status, body) or a body, JSON where it is no text. Remembers what it was asked."""

    def __init__(self, path=None):
        self.answers, self.asked = {"/stats": STATS, "/budgets": BUDGETS, "/report": TODAY}, []
        admin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                admin.asked.append((self.command, self.path, self.headers.get("X-Frugal-Admin"), self.rfile.read(length)))
                found = admin.answers.get(self.path.split("?")[0], (404, {"title": "Not found", "detail": "There is no such thing."}))
                status, body = found if isinstance(found, tuple) else (200, found)
                data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

            def address_string(self):
                return "a client"

            def log_message(self, *args):
                pass

        class Unix(http.server.HTTPServer):
            address_family = socket.AF_UNIX

            def server_bind(self):
                self.socket.bind(self.server_address)
                self.server_name, self.server_port = "localhost", 0

        self.server = Unix(str(path), Handler) if path else http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"unix:{path}" if path else "127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join(PATIENCE)
        self.server.server_close()

    def ctl(self, *args, **kwargs):
        return ctl("--admin", self.address, *args, **kwargs)


@pytest.fixture
def admin():
    a = Admin()
    yield a
    a.close()


def test_a_real_daemon_is_shown_as_it_is(world):
    frugald = world.frugald()
    address = "%s:%d" % frugald.admin
    target = "/userid/?" + query([("username", world.twin.sample(0)["username"])])
    for _ in range(3):
        assert frugald.get(target).status == 200
    until(lambda: frugald.report()["totals"]["requests"] == 3, "the report has them all")
    status, out, err = ctl("status", "--admin", address)
    assert (status, err) == (0, ""), (status, err)
    assert out.startswith(f"frugald {frugald.stats()['version']} ") and f" on {address}, up " in out, out
    for line in (r"Redis +up", r"Journal +up.*", r"Breaker +closed", r"Today +1 credit spent, 2 avoided: 3\.0 times fewer", r"Next +\S.*"):
        assert re.search(f"(?m)^{line}$", out), (line, out)
    assert "\x1b" not in out and "[" not in out, "plain where there is no terminal"
    assert ctl("report", env={"FRUGALCTL_ADMIN": address})[1].encode() == frugald.page("/report?format=text").body
    status, out, _ = ctl("report", "--json", "--period", "today", "--admin=" + address)
    assert status == 0 and json.loads(out)["totals"]["spent"] == world.twin.billed == 1
    assert ctl("report", "--csv", "--admin", address)[1].startswith("day,")
    status, out, err = ctl("report", "--period", "last year", "--admin", address)
    assert (status, out, len(err.splitlines())) == (1, "", 1) and "today, yesterday" in err, err
    assert json.loads(ctl("status", "--json", "--admin", address)[1])["credits"]["spent"] == 1


# (what is typed, what frugald is asked)
REQUESTS = [
    ("report", "GET /report?format=text"),
    ("report --by tenant --period 2026-11-22", "GET /report?by=tenant&period=2026-11-22&format=text"),
    ("report --csv --by=reason", "GET /report?by=reason&format=csv"),
    ("budget show", "GET /budgets"),
    ("budget set all/month 3000000", "POST /budget?name=all%2Fmonth&credits=3000000"),
    ("budget set tenant:a/day none", "POST /budget?name=tenant%3Aa%2Fday&credits=none"),
    ("budget reset all/month", "POST /budget?name=all%2Fmonth&credits=config"),
    ("ledger verify", "GET /ledger"),
    ("alert test 'the night'", "POST /alert/test?channel=the%20night"),
    ("purge --target '/a/?b=c&d=e'", "POST /purge?target=%2Fa%2F%3Fb%3Dc%26d%3De"),
    ("purge --key 00ff --soft", "POST /purge?key=00ff&soft=1"),
    ("purge --endpoint /a/", "POST /purge?endpoint=%2Fa%2F"),
    ("purge --all --yes", "POST /purge?all=1"),
    ("explain '/a/?b=%20'", "GET /explain?target=%2Fa%2F%3Fb%3D%2520"),
]


def test_every_command_asks_for_what_it_says(admin):
    for path in ("/report", "/budget", "/alert/test", "/purge", "/explain"):
        admin.answers[path] = {}
    admin.answers["/ledger"] = {"drift": 0}
    for typed, asked in REQUESTS:
        admin.asked.clear()
        status, out, err = admin.ctl(*shlex.split(typed))
        assert (status, err) == (0, "") and out, (typed, status, out, err)
        (method, target, field, body), = admin.asked
        assert f"{method} {target}" == asked and body == b"", (typed, admin.asked)
        assert field == ("1" if method == "POST" else None), "what changes something says that no web page sent it"


def test_with_json_frugald_is_handed_on_word_for_word(admin):
    said = '{"b":1, "a":[2.50]}'
    for path in ("/stats", "/report", "/budget", "/budgets", "/alert/test", "/purge", "/explain"):
        admin.answers[path] = said
    for typed, asked in [("status", "GET /stats")] + REQUESTS:
        if "ledger" not in typed and "--csv" not in typed:
            assert admin.ctl(*shlex.split(typed), "--json") == (0, said + "\n", ""), (typed, asked)
    admin.answers["/ledger"] = '{"drift":3}'
    status, out, err = admin.ctl("ledger", "verify", "--json")
    assert (status, out) == (4, '{"drift":3}\n') and len(err.splitlines()) == 1


def test_a_unix_socket_is_as_good_an_address(tmp_path):
    a = Admin(tmp_path / "admin.sock")
    try:
        status, out, err = a.ctl("status")
        assert (status, err) == (0, "") and f"on unix:{tmp_path}/admin.sock, up 3 d 4 h since 2026-11-22 08:00 UTC" in out, (out, err)
    finally:
        a.close()


def test_status_is_one_screen_and_plain_without_a_terminal(admin):
    status, out, err = admin.ctl("status")
    assert (status, err) == (0, "")
    assert out.splitlines()[2:] == [
        "Redis     up", "Journal   up", "Breaker   closed",
        "Line      37 of 200 calls in the window; 5 wait (interactive 1, batch 4)",
        "Today     1,234 credits spent, 8,321 avoided: 7.7 times fewer",
        "Budgets",
        "  all/month   2,120,331 of 3,000,000     70 %   ends at 214 %, exhausted on 2026-11-21",
        "",
        "Next      at this rate budget all/month ends at 214 %: longer fresh: times for the first rows of frugalctl report save most"], out
    del admin.answers["/budgets"], admin.answers["/report"]
    admin.answers["/stats"] = {}
    status, out, err = admin.ctl("status")
    assert (status, err) == (0, "") and "not known" in out, "an older frugald is shown as far as it tells"


def test_a_terminal_gets_bars_and_colours_unless_they_are_not_wanted(admin):
    status, screen = on_terminal("--admin", admin.address, "status")
    assert status == 0 and "\x1b[33m[██████████████░░░░░░]   70 %\x1b[0m" in screen, screen
    status, screen = on_terminal("--admin", admin.address, "status", env={"NO_COLOR": "1", "LC_ALL": "C"})
    assert status == 0 and "\x1b" not in screen and "[##############......]   70 %" in screen, screen


# (what frugald answers, the exit status, what stderr says)
REFUSALS = [
    ((404, {"title": "Not found", "detail": "There is no budget 'x'."}), 3, "There is no budget 'x'."),
    ((400, {"detail": "credits is a number.\nOr none."}), 1, "credits is a number.?Or none."),
    ((503, {"title": "Redis does not answer"}), 1, "Redis does not answer"),
    ((405, "no"), 1, "answered with HTTP status 405"),
    ((302, ""), 1, "answered with HTTP status 302"),
]


def test_a_refusal_is_one_line_in_frugalds_own_words(admin):
    for answer, code, says in REFUSALS:
        for path in ("/stats", "/report", "/budget", "/budgets", "/ledger", "/alert/test", "/purge", "/explain"):
            admin.answers[path] = answer
        for typed, _ in [("status", "")] + REQUESTS:
            status, out, err = admin.ctl(*shlex.split(typed))
            assert (status, out, len(err.splitlines())) == (code, "", 1) and says in err, (answer, typed, status, out, err)
            assert err.startswith("frugalctl: ")


@contextlib.contextmanager
def listener(says):
    """Takes one connection, says it, and closes."""
    with socket.create_server(("127.0.0.1", 0)) as s:
        def serve():
            with s.accept()[0] as c:
                c.recv(65536)
                c.sendall(says)
        thread = threading.Thread(target=serve)
        thread.start()
        yield "127.0.0.1:%d" % s.getsockname()[1]
        thread.join(PATIENCE)


def test_who_does_not_answer_is_named_with_the_way_to_mend_it(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as s:
        address = "127.0.0.1:%d" % s.getsockname()[1]
    says = f"frugalctl: frugald does not answer on {address}: is it running? systemctl status frugald; another address: --admin\n"
    assert ctl("status", "--admin", address) == (1, "", says)
    status, _, err = ctl("status", "--admin", f"unix:{tmp_path}/nobody.sock")
    assert status == 1 and f"does not answer on unix:{tmp_path}/nobody.sock" in err, err
    for said, words in ((b"", "hung up"), (b"-ERR unknown command\r\n", "does not speak HTTP"),
                        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "hung up"),
                        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "is not frugald")):
        with listener(said) as address:
            status, out, err = ctl("status", "--admin", address)
        assert (status, out, len(err.splitlines())) == (1, "", 1) and words in err and address in err, (said, err)


# (what is typed, what stderr says)
MISTAKES = [
    ("", "usage: frugalctl COMMAND"),
    ("stauts", "did you mean 'status'"),
    ("report --by tennant", "did you mean 'tenant'"),
    ("report --csv --json", "not with both"),
    ("budget", "show, set, reset"),
    ("budget set all/month", "CREDITS|none is missing"),
    ("budget set all/month 1.5", "digits only"),
    ("budget set all/month 99999999999999999999", "digits only"),
    ("purge", "one of --target, --key, --endpoint and --all"),
    ("purge --all --key 00", "one of --target, --key, --endpoint and --all"),
    ("purge --all", "--yes"),
    ("key new", "NAME is missing"),
    ("key new 'a b'", "'a b' is no name"),
    ("key new a --tenant a/b", "'a/b' is no name"),
    ("--admin nowhere status", "--admin: 'nowhere' lacks a port"),
]


def test_a_wrong_command_line_is_2_and_asks_nobody(admin):
    for typed, says in MISTAKES:
        status, out, err = ctl(*shlex.split(typed), env={"FRUGALCTL_ADMIN": admin.address})
        assert (status, out) == (2, "") and says in err and (not typed or len(err.splitlines()) == 1), (typed, status, out, err)
    status, _, err = ctl("status", env={"FRUGALCTL_ADMIN": "here"})
    assert status == 2 and "FRUGALCTL_ADMIN: 'here'" in err, err
    status, _, err = ctl("help", "stauts")
    assert status == 3 and "did you mean 'status'" in err, err
    assert not admin.asked


def test_ledger_verify_is_4_on_drift_and_never_0_without_a_verdict(admin):
    for said, code in (({"drift": 0, "journal": {"records": 1234}}, 0), ({"drift": -2}, 4), ({}, 1), ("no JSON", 1)):
        admin.answers["/ledger"] = said
        status, out, err = admin.ctl("ledger", "verify")
        assert status == code and (err == "") == (code == 0), (said, status, out, err)
    admin.answers["/ledger"] = {"drift": 0, "journal": {"records": 1234}}
    assert re.search(r"(?m)^journal\.records +1,234$", admin.ctl("ledger", "verify")[1])


def test_purging_everything_is_asked_about_on_a_terminal(admin):
    admin.answers["/purge"] = {}
    for types, code in (("no\n", 1), ("\n", 1), ("yes\n", 0)):
        status, screen = on_terminal("--admin", admin.address, "purge", "--all", types=types)
        assert status == code and "Type yes: " in screen, (types, screen)
        assert len(admin.asked) == (code == 0)


def test_a_new_key_has_the_hash_that_is_printed_and_is_nowhere_else(tmp_path):
    status, out, err = ctl("key", "new", "dash-board", "--tenant", "acme", "--tier", "pro", env={"HOME": str(tmp_path)})
    assert (status, err) == (0, "")
    key, line = [text for text in out.splitlines() if not text.startswith("#")]
    assert re.fullmatch(r"fk_[A-Za-z0-9_-]{43}", key)
    hashed = hashlib.sha256(key.encode()).hexdigest()
    assert line == f"- {{ name: dash-board, key_sha256: {hashed}, tenant: acme, tier: pro }}"
    assert out.count(key) == 1 and not list(tmp_path.iterdir())
    status, out, err = ctl("key", "new", "b", "--json")
    made = json.loads(out)
    assert (status, err) == (0, "") and made["key"] != key
    assert made["client"] == {"name": "b", "key_sha256": hashlib.sha256(made["key"].encode()).hexdigest()}
    config = tmp_path / "frugald.yaml"
    config.write_text(f"tiers: {{ pro: {{ weight: 2 }} }}\nclients:\n  {line}\n")
    done = subprocess.run([str(BUILD / "frugald"), "-T", "-c", str(config)], env=clean_environment(), capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    assert done.returncode == 0 and hashed in done.stdout, "frugald reads the line as it was printed"


def test_a_key_is_hashed_from_standard_input_and_never_shown():
    key = "a-clients-own-key"
    hashed = hashlib.sha256(key.encode()).hexdigest()
    assert ctl("key", "hash", stdin=key + "\n") == (0, f"key_sha256: {hashed}\n", "")
    assert ctl("key", "hash", stdin=key) == (0, f"key_sha256: {hashed}\n", "")
    assert ctl("key", "hash", "phone", stdin=key + "\r\n") == (0, f"- {{ name: phone, key_sha256: {hashed} }}\n", "")
    for wrong in ("", "\n", "two words\n", "x" * 300):
        status, out, err = ctl("key", "hash", stdin=wrong)
        assert (status, out, len(err.splitlines())) == (1, "", 1) and (not wrong.strip() or wrong.strip() not in err), (wrong, err)
    status, screen = on_terminal("key", "hash", types=key + "\n")
    assert status == 0 and key not in screen and hashed in screen, screen


# (the line so far, what bash offers)
COMPLETIONS = [
    ("frugalctl bud", "budget"),
    ("frugalctl budget ", "show set reset"),
    ("frugalctl --admin 127.0.0.1:8788 budget s", "show set"),
    ("frugalctl --admin ", ""),
    ("frugalctl report --by ", "endpoint tenant reason outcome"),
    ("frugalctl report --by te", "tenant"),
    ("frugalctl report --period tod", "today"),
    ("frugalctl report --c", "--csv"),
    ("frugalctl purge --s", "--soft"),
    ("frugalctl budget set all/month n", "none"),
    ("frugalctl help ledger ", "verify"),
    ("frugalctl --j", "--json"),
]


def test_bash_completes_commands_options_and_values():
    status, script, err = ctl("--completion", "bash")
    assert (status, err) == (0, "")
    for line, offers in COMPLETIONS:
        code = f"{script}\nCOMP_LINE={shlex.quote(line)} COMP_POINT=${{#COMP_LINE}}\n_frugalctl; echo \"${{COMPREPLY[*]}}\""
        code = code.replace("COMP_POINT=", "\nCOMP_POINT=")
        done = subprocess.run(["bash", "--norc", "-u", "-c", code], env=clean_environment(), capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        assert (done.stdout.strip(), done.stderr) == (offers, ""), (line, done)


def test_help_and_version_ask_nobody():
    status, out, err = ctl("--version")
    assert status == 0 and re.fullmatch(r"frugalctl \d+\.\d+\.\d+ \(\S+\)\n", out) and err == ""
    status, out, err = ctl("help")
    assert (status, err) == (0, "") and ctl("-h") == (0, out, "")
    for command in re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)  +[A-Z]", out):
        status, said, err = ctl("help", *command.split())
        assert (status, err) == (0, "") and said.startswith(f"usage: frugalctl {command}"), command
        assert ctl(*command.split(), "--help") == (0, said, "")


def test_output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "help"], stdout=full, stderr=subprocess.PIPE, text=True, env=clean_environment(), timeout=PATIENCE,
                              check=False)
    assert done.returncode == 1 and "could not be written" in done.stderr, done


def test_the_manuals_example_is_a_good_configuration(tmp_path):
    page = (ROOT / "docs/frugald.yaml.5").read_text()
    example = page.split('.\\" BEGIN example\n.nf\n')[1].split('.fi\n.\\" END example')[0].replace("\\-", "-")
    file = tmp_path / "frugald.yaml"
    file.write_text(example)
    done = subprocess.run([str(BUILD / "frugald"), "-T", "-c", str(file)], env=clean_environment(), capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    for word in ("class:batch", "nightly", "Europe/Berlin", "weight: 3", "key_file: /etc/frugald/upstream_key"):
        assert word in done.stdout, word
