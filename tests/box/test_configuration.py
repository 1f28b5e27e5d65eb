"""What an operator gets wrong is said in one line, with the place and the way to mend it."""

import contextlib
import re
import shutil
import socket
import subprocess

from wire import watch
from world import BUILD, KEY, Redis, clean_environment, run

# (what, YAML, what the line says)
MISTAKES = [
    ("bad YAML", "listen: [127.0.0.1:0\n", r""),
    ("a tab", "upstream:\n\turl: http://127.0.0.1:1\n", r""),
    ("unknown key", "listn: 127.0.0.1:0\n", r"listn.*did you mean.*listen"),
    ("unknown key in a section", "upstream:\n  time_out: 3s\n", r"time_out.*did you mean.*timeout"),
    ("a key twice", "validate: on\nvalidate: off\n", r"validate"),
    ("bad duration", "wait:\n  max: 10 parsecs\n", r"wait\.max"),
    ("duration out of bounds", "wait:\n  max: 11m\n", r"wait\.max"),
    ("bad size", "memory:\n  size: many\n", r"memory\.size"),
    ("bad rate", "upstream:\n  rate: 200\n", r"upstream\.rate"),
    ("bad choice", "status: sometimes\n", r"status"),
    ("bad address", "listen: nowhere\n", r"listen"),
    ("open to the network", "listen: 0.0.0.0:8787\n", r"listen"),
    ("admin open to the network", "admin:\n  listen: \"[::]:8788\"\n", r"admin\.listen"),
    ("plain HTTP over the network", "upstream:\n  url: http://api.tikliveapi.com\n", r"upstream\.url"),
    ("unknown endpoint", "endpoints:\n  user-post: { fresh: 1h }\n", r"user-post.*did you mean.*user-posts"),
    ("unknown key of an endpoint", "endpoints:\n  userid: { freshness: 1h }\n", r"freshness"),
    ("bad duration of an endpoint", "endpoints:\n  userid: { fresh: soon }\n", r"fresh"),
    ("a list where a map belongs", "upstream: [1, 2]\n", r"upstream"),
]


def test_a_mistake_in_the_configuration_ends_with_78_and_its_place(tmp_path):
    file = tmp_path / "frugald.yaml"
    for what, text, says in MISTAKES:
        file.write_text(text)
        for mode in ([], ["-t"], ["-T"]):
            status, out, err = run("-c", file, *mode)
            assert (status, out, len(err.splitlines())) == (78, "", 1), (what, status, out, err)
            place = re.match(re.escape(str(file)) + r":(\d+):(\d+): \S", err)
            assert place and int(place[1]) <= text.count("\n") + 1 and re.search(says, err), (what, err)
    status, out, err = run("-t", "-c", tmp_path / "absent.yaml")
    assert (status, out, len(err.splitlines())) == (78, "", 1) and "absent.yaml" in err, err


def test_test_dump_version_help_and_explain_answer_without_starting_anything(tmp_path):
    file = tmp_path / "frugald.yaml"
    file.write_text('redis: { url: "redis://:%s@127.0.0.1:6379/1" }\nendpoints: { userid: { fresh: 3d } }\n' % KEY)
    assert run("-t", "-c", file)[0] == 0
    status, dump, err = run("-T", "-c", file)
    assert (status, err) == (0, "") and KEY not in dump and "127.0.0.1:6379" in dump and "fresh: 3d" in dump, dump
    again = tmp_path / "again.yaml"
    again.write_text(re.sub(r"(?m)^  url: .*6379.*$", "  url: embedded", dump))
    assert run("-t", "-c", again)[0] == 0, "what -T prints can be loaded"
    status, out, err = run("-V")
    assert status == 0 and re.fullmatch(r"frugald \d+\.\d+\.\d+ \(\S+\)\n", out) and err == "", out
    status, out, err = run("-h")
    assert (status, err) == (0, "") and "--explain" in out, out
    status, out, _ = run("-c", file, "--explain", "/userid?username=@Creator_000001")
    assert status == 0 and "/userid/" in out and "creator_000001" in out and "3d" in out, out
    status, out, err = run("-c", file, "--explain", "/userid/?name=x")
    assert status != 0 and "username" in out + err, (out, err)
    for wrong in (["--no-such-option"], ["stray"], ["-c"]):
        status, out, err = run(*wrong)
        assert status == 2 and out == "" and err, (wrong, status, out, err)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again.yaml", "frugald.yaml"]


@contextlib.contextmanager
def listener(family, address):
    with socket.socket(family) as s:
        s.bind(address)
        s.listen()
        yield s


def start_fails(world, says, settings, **env):
    """The daemon does not start, and one line says why."""
    file = world.dir / "wrong.yaml"
    file.write_text(settings)
    child = subprocess.Popen([BUILD / "frugald", "-c", file], env={**clean_environment(), "TIKLIVE_API_KEY": KEY, **env},
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        out, _ = child.communicate(timeout=30)
    finally:
        child.kill()
    watch("a failed start", out.encode())
    assert child.returncode == 1, (settings, child.returncode, out)
    assert len(out.splitlines()) == 1 and re.search(says, out), (settings, out)


def test_a_start_that_cannot_succeed_ends_with_1_and_one_line_that_says_how_to_mend_it(world):
    base = "listen: 127.0.0.1:0\nadmin: { listen: 127.0.0.1:0 }\nupstream: { url: \"%s\"%%s }\n" % world.twin.url
    state = f"state_dir: {world.dir}/s\n"
    fine = base % "" + state
    with listener(socket.AF_INET, ("127.0.0.1", 0)) as s:
        taken = "127.0.0.1:%d" % s.getsockname()[1]
        start_fails(world, rf"{taken} is in use.*listen", fine.replace("listen: 127.0.0.1:0", f"listen: {taken}", 1))
        start_fails(world, rf"{taken} is in use.*admin\.listen", fine.replace("{ listen: 127.0.0.1:0 }", f"{{ listen: {taken} }}"))
    (world.dir / "a-file").write_text("")
    (world.dir / "open").mkdir()
    (world.dir / "open").chmod(0o755)
    start_fails(world, r"a-file.*state_dir", base % "" + f"state_dir: {world.dir}/a-file\n")
    start_fails(world, r"a-file.*state_dir", base % "" + f"state_dir: {world.dir}/a-file/below\n")
    start_fails(world, r"chmod 700", base % "" + f"state_dir: {world.dir}/open\n")
    start_fails(world, r"too long.*shorter", base % "" + f"state_dir: {world.dir}/{'x' * 100}\n")
    start_fails(world, r"/nonexistent not found: apt install redis-server", fine + "redis: { server: /nonexistent }\n")
    start_fails(world, r"false ended at once", fine + f"redis: {{ server: {shutil.which('false')} }}\n")
    start_fails(world, r"cannot be reached.*redis\.url", fine + f"redis: {{ url: \"unix://{world.dir}/nobody.sock\" }}\n")
    start_fails(world, r"(cannot be reached|does not say that it is a Redis).*redis\.url",
                fine + "redis: { url: \"redis://%s:%d/0\" }\n" % world.twin.address)
    with listener(socket.AF_UNIX, str(world.dir / "silent.sock")):
        start_fails(world, r"cannot be reached.*redis\.url", fine + f"redis: {{ url: \"unix://{world.dir}/silent.sock\" }}\n")
    (world.dir / "key").write_text(KEY)
    (world.dir / "key").chmod(0o644)
    start_fails(world, r"chmod 600", base % f", key_file: {world.dir}/key" + state)
    (world.dir / "key").unlink()
    start_fails(world, r"upstream\.key_file.*No such file", base % f", key_file: {world.dir}/key" + state)
    start_fails(world, r"TIKLIVE_API_KEY", fine, TIKLIVE_API_KEY="a key with blanks")
    redis = Redis(world)
    redis.command("CONFIG", "SET", "requirepass", "another-secret")
    start_fails(world, r"password.*redis\.password_file", fine + f"redis: {{ url: \"{redis.url}\" }}\n")
    first = world.frugald()
    start_fails(world, r"in use by another frugald", base % "" + f"state_dir: {first.settings['state_dir']}\n")
    assert first.get("/region-list/?").status == 200 and world.twin.calls == 1


def test_dash_t_looks_for_the_secrets_of_channels(tmp_path):
    file, secret = tmp_path / "frugald.yaml", tmp_path / "slack"
    file.write_text(f"alerts: {{ channels: {{ ops: {{ slack: {secret} }} }} }}\n")
    status, _, err = run("-t", "-c", file)
    assert status == 78 and f"alerts.channels.ops: {secret}" in err, err
    secret.write_text("https://hooks.example.org/T0/B0/hush-hush\n")
    status, _, err = run("-t", "-c", file)
    assert status == 78 and "chmod 600" in err, err
    secret.chmod(0o600)
    assert run("-t", "-c", file)[0] == 0
    secret.write_text("hush-hush\n")
    status, _, err = run("-t", "-c", file)
    assert status == 78 and "not a URL" in err and "hush" not in err, err
