"""How many instructions a hit takes, and a long page, counted by callgrind: the same on a quiet machine and on a noisy one.

    profile.py BUILD

Three programs: the engine alone (hit_profile), the daemon and, as its ceiling, libmicrohttpd alone (mhd_server); the last two with 64 keep-alive
connections. Then the engine with pages of the twin's (miss_profile). What the kernel does is not in it. "rep stos", by which libc clears long stretches, counts by the byte here and costs next to nothing: it
is told apart.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

from mixed import Pages

BUILD = Path(sys.argv[1] if len(sys.argv) > 1 else "build/plain").resolve()
HERE = Path(__file__).resolve().parent
HITS, SIZE, PAGES = 20000, 1024, 20
# Under callgrind a second has a hundredth of its hits: with few things each is asked for as often in a second as it would be.
THINGS, THINGS_OF_A_SERVER = 64, 4
ORIGIN, DAEMON, ADMIN, CEILING = 18880, 18881, 18882, 18883
DEADLINE_S = 60


def annotated(out):
    """(instructions a hit, object, function) of all functions."""
    said = subprocess.run(["callgrind_annotate", "--auto=no", "--threshold=100", str(out)], capture_output=True, text=True, check=True)
    for line in said.stdout.splitlines():
        found = re.match(r"\s*([\d,]+) \([ \d.]+%\)\s+(\S+:\S+) ?(?:\[(.*)\])?$", line)
        if found:
            yield int(found[1].replace(",", "")) / HITS, os.path.basename(found[3] or ""), found[2]


def part_of(program, obj, function):
    if "__memset" in function:
        return "memset"
    if obj == program:
        room = re.search(r"src/(\w+)/", function)
        return f"frugald: {room[1]}" if room else "this program"
    return re.sub(r"\.so.*", "", obj) or "other"


def show(title, program, out, functions=0):
    rows = list(annotated(out))
    parts = {}
    for n, obj, function in rows:
        part = part_of(program, obj, function)
        parts[part] = parts.get(part, 0) + n
    cleared = parts.pop("memset", 0)
    print(f"\n### {title}: {sum(parts.values()):,.0f} instructions a hit (and {cleared:,.0f} of memset)\n")
    print("| part | instructions |\n|---|---:|")
    for part, n in sorted(parts.items(), key=lambda item: -item[1]):
        if n >= 1:
            print(f"| {part} | {n:,.0f} |")
    if functions:
        print("\n| function | instructions |\n|---|---:|")
        for n, _, function in sorted(rows, reverse=True)[:functions]:
            print(f"| `{re.sub('^.*:', '', function)}` | {n:,.0f} |")


def callgrind(out, *more):
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *more]


@contextlib.contextmanager
def running(command, log):
    with open(log, "w") as to:
        process = subprocess.Popen(command, stderr=to)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def load(port, hits):
    target = f"/b{SIZE}/?id=#&count=20"
    subprocess.run([BUILD / "bench/load", "-k", str(THINGS_OF_A_SERVER), "-n", str(hits), f"127.0.0.1:{port}", target], check=True,
                   stdout=subprocess.DEVNULL)


def await_port(port):
    until = time.monotonic() + DEADLINE_S
    while subprocess.run([BUILD / "bench/load", "-c", "1", "-n", "1", f"127.0.0.1:{port}", f"/b{SIZE}/?id=1"], capture_output=True,
                         check=False).returncode != 0:
        if time.monotonic() > until:
            sys.exit(f"nobody answers on port {port}")
        time.sleep(0.1)


def switch(process, on):
    subprocess.run(["callgrind_control", "-i", "on" if on else "off", str(process.pid)], check=True, capture_output=True)


def profile_engine(work):
    out = work / "engine.out"
    config = f"catalogue: {HERE}/catalogue.yaml"
    subprocess.run(callgrind(out, "--toggle-collect=measured_hits") + [BUILD / "bench/hit_profile", str(HITS), str(THINGS), str(SIZE), config],
                   check=True, capture_output=True)
    show("The engine", "hit_profile", out, functions=25)


def profile_server(work, title, command, port):
    out = work / f"{port}.out"
    with running(callgrind(out, "--instr-atstart=no") + command, work / f"{port}.log") as process:
        await_port(port)
        load(port, 2000)
        switch(process, True)
        load(port, HITS)
        switch(process, False)
    show(title, os.path.basename(command[0]), out)


def profile_pages(work):
    pages = Pages(types.SimpleNamespace(work=work, build=BUILD), PAGES)
    files = [pages.folder / re.search(r"userid=(\d+)", path)[1] for path in pages.paths]
    found = {}
    for part in ("measured_answer", "measured_lessons"):
        out = work / f"{part}.out"
        subprocess.run(callgrind(out, f"--toggle-collect={part}") + [BUILD / "bench/miss_profile", *files], check=True, capture_output=True)
        found[part] = sum(n for n, _, _ in annotated(out)) * HITS / PAGES
    size = sum(file.stat().st_size for file in files) / PAGES / 1024
    print(f"\n### A page of {size:,.0f} KiB: {found['measured_answer']:,.0f} instructions until those who wait have it, then "
          f"{found['measured_lessons']:,.0f} lesson by lesson\n")


def main():
    with tempfile.TemporaryDirectory(prefix="frugald-profile-") as folder:
        work = Path(folder)
        (work / "key").touch(mode=0o600)
        (work / "key").write_text("secret\n")
        (work / "frugald.yaml").write_text(
            f"listen: 127.0.0.1:{DAEMON}\nadmin: {{ listen: 127.0.0.1:{ADMIN} }}\nstate_dir: {work}/state\n"
            f"upstream: {{ url: 'http://127.0.0.1:{ORIGIN}', key_file: {work}/key, rate: none }}\ncatalogue: {HERE}/catalogue.yaml\n")
        profile_engine(work)
        profile_pages(work)
        profile_server(work, "libmicrohttpd alone", [BUILD / "bench/mhd_server", str(CEILING)], CEILING)
        with running([BUILD / "bench/raw_server", str(ORIGIN)], work / "origin.log"):
            profile_server(work, "The daemon", [BUILD / "frugald", "-c", str(work / "frugald.yaml")], DAEMON)


main()
