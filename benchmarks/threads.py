"""How quickly discussions are read and written: `python -m benchmarks.threads`, three minutes.

It starts the server that `make run` starts, on a free port of this machine with a database of its
own, tied to one core; the load comes from the other one. Each figure is the median of a few runs.
The first line is a bare Flask that answers 30 kB, on the same server in the same minutes: on
another machine, or a busy one, compare the shares of it, and what the server does in a second of
processor time, which others on the machine disturb less. `--peer ADDRESS` puts the same reading
load on another server; `--isso` installs Isso from the package registry into a folder of its own,
for the same.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from benchmarks import isso, load, thread_rows
from benchmarks.ending import end
from benchmarks.load import Refused
from benchmarks.thread_rows import ORIGIN, Filled

_ROOT = Path(__file__).resolve().parents[1]
_SERVER, _LOAD = 0, 1  # cores
_LONGEST = 120.0
_WIDTH = 38  # of the first column
_FEW, _MANY = 100, 100_000
_BARE = """
from flask import Flask
app = Flask("bare")
body = b"x" * 30_000
app.add_url_rule("/", "bare", lambda: body)
"""


@dataclass(frozen=True)
class Served:
    """A server under load: its address, and the group of its processes; 0 if they are elsewhere."""

    base: str
    group: int = 0


@dataclass
class Bench:
    """How long and how often each thing is measured, and what a bare Flask did."""

    seconds: int
    runs: int
    bare: float = 0.0
    bare_of_cpu: float = 0.0

    def row(
        self, named: str, server: Served, path: str, headers: dict[str, str] | None = None
    ) -> float:
        """Measure a GET, print its line, and answer what the server does in a second of processor
        time; what it does in one of the clock where that is not known."""
        rates, of_cpu = [], []
        load.reading(server.base + path, 1, _LOAD, headers or {})
        for _ in range(self.runs):
            spent = _spent(server.group)
            rates.append(load.reading(server.base + path, self.seconds, _LOAD, headers or {}))
            spent = _spent(server.group) - spent
            of_cpu.append(rates[-1] * self.seconds / spent if spent else 0.0)
        rate, busy = statistics.median(rates), statistics.median(of_cpu)
        share = rate / self.bare if self.bare else 1.0
        share_of_cpu = busy / self.bare_of_cpu if self.bare_of_cpu else 1.0
        if len(named) >= _WIDTH:  # an address can be longer than its column
            print(named)
            named = ""
        figures = 2 if rate < 10 else 0
        print(f"{named:<{_WIDTH}}{rate:>9,.{figures}f} /s {share:>6.4f}", end="")
        print(f"{busy:>9,.{figures}f} /s {share_of_cpu:>6.4f}" if busy else "", flush=True)
        return busy or rate


def main() -> None:
    """Measure everything and print one table."""
    asked = _arguments()
    bench = Bench(asked.seconds, asked.runs)
    print(f"load by {load.tool()}, server on core {_SERVER}, load from core {_LOAD}")
    print(f"machine: {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
    print(f"{'':<38}{'by the clock':>12} {'share':>6}{'by its CPU':>12} {'share':>6}")
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder)
        (instance / "bare.py").write_text(_BARE)
        with _served(_environ(instance), "bare:app", instance, "/") as server:
            busy = bench.row("bare Flask, 30 kB", server, "/")
            bench.bare_of_cpu = busy
            bench.bare = load.reading(server.base, asked.seconds, _LOAD, {})
        filled = thread_rows.fill(instance, [_FEW, _MANY])
        _measure_kept(instance, filled, bench)
        _measure_fresh(instance, filled, bench)
        _measure_writing(instance, filled, bench)
    for peer in asked.peer:
        measure_peer(f"peer {peer}", bench, lambda peer=peer: nullcontext((peer, 0)))
    if asked.isso:
        # Of what answers a few times a second a short run counts none.
        bench.seconds = max(bench.seconds, 15)
        measure_peer(f"Isso {isso.VERSION}, {_FEW} comments", bench, lambda: isso.served(_SERVER))
    print(f"machine: load average {os.getloadavg()[0]:.1f} after")


def measure_peer(
    named: str, bench: Bench, serve: Callable[[], AbstractContextManager[tuple[str, int]]]
) -> None:
    """A row of another server: `serve` gives its address, and its group where that is known.

    One that does not answer as it should has a row that says so: what was measured before it, and
    what comes after, is not lost by it.
    """
    try:
        with serve() as (address, group):
            load.look(address)
            bench.row(named, Served(address, group), "")
    except Refused as error:
        print(f"{named}: not measured: {error}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--seconds", type=int, default=3, help="of each run, whole ones as wrk takes"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer", action="append", default=[], help="an address to read as well")
    parser.add_argument("--isso", action="store_true", help="install and measure Isso as well")
    asked = parser.parse_args()
    if asked.seconds < 1 or asked.runs < 1:
        parser.error("--seconds and --runs are at least 1")
    # Looked at now: the measuring before their turn takes minutes.
    for peer in asked.peer:
        try:
            load.look(peer)
        except Refused as error:
            parser.error(f"--peer {peer}: {error}")
    return asked


def _measure_kept(instance: Path, filled: Filled, bench: Bench) -> None:
    few, many = (f"/api/v1/threads/{filled.by_size[size]}/comments" for size in (_FEW, _MANY))
    with _served(_environ(instance)) as server:
        before = _memory(server.group)
        gzip = {"Accept-Encoding": "gzip"}
        bench.row(f"first page of {_FEW}, kept", server, few)
        bench.row("the same, gzip", server, few, gzip)
        by_url = f"/api/v1/threads?url={ORIGIN}/{_FEW}&sort=newest"
        bench.row("the same, by the page's URL", server, by_url, gzip)
        bench.row("304", server, few, {"If-None-Match": load.etag(server.base + few)})
        bench.row(f"first page of {_MANY:,}, kept", server, many)
        pages = "&".join(f"url={ORIGIN}/{number}" for number in range(_FEW - 10, _FEW + 10))
        spent = _spent(server.group)
        counts = load.milliseconds(f"{server.base}/api/v1/counts?{pages}", 500)
        spent = (_spent(server.group) - spent) / 500 * 1000
        print(f"{'counts for 20 pages':<38}{statistics.median(counts):>9.2f} ms", end="")
        print(f"{'':<7}{spent:>9.2f} ms")
        after = _memory(server.group)
        print(f"{'memory, before and after':<38}{before:>9.0f} MB, {after:.0f} MB", end="")
        print(f" ({after / before:.2f} times)")


def _measure_fresh(instance: Path, filled: Filled, bench: Bench) -> None:
    """With nothing kept every request finds what it would find if the thread had just changed."""
    few, many = (f"/api/v1/threads/{filled.by_size[size]}/comments" for size in (_FEW, _MANY))
    with _served(_environ(instance) | {"PARLEY_PAGE_MEMORY": "0"}) as server:
        short = bench.row(f"first page of {_FEW}, changed each time", server, few)
        long = bench.row(f"first page of {_MANY:,}, changed", server, many)
        print(f"{'the long one takes':<38}{short / long:>9.2f} times as long, by its CPU")


def _measure_writing(instance: Path, filled: Filled, bench: Bench) -> None:
    for cores, named in ((f"{_SERVER}", "on one core"), ("0-1", "with a second core")):
        with _served(_environ(instance), cores=cores) as server:
            load.writing(server.base, filled.empty, 8, 2)
            runs, busy = [], []
            for _ in range(bench.runs):
                spent = _spent(server.group)
                runs.append(load.writing(server.base, filled.empty, 8, bench.seconds))
                spent = _spent(server.group) - spent
                busy.append(runs[-1].rate * bench.seconds / spent)
            rate = statistics.median(one.rate for one in runs)
            p99 = statistics.median(one.p99 for one in runs)
            print(f"{f'posts by 8 writers, {named}':<38}{rate:>9,.0f} /s {'':>6}", end="")
            print(f"{statistics.median(busy):>9,.0f} /s, p99 {p99:.0f} ms", flush=True)


def _environ(instance: Path) -> dict[str, str]:
    rates = ("READ", "WRITE", "VOTE", "PREVIEW", "NEWCOMER")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    unlimited = {f"PARLEY_{name}_RATE": "1000000000 per minute" for name in rates}
    return plain | unlimited | {"PARLEY_INSTANCE": str(instance), "PARLEY_LOG_LEVEL": "ERROR"}


@contextmanager
def _served(
    environ: dict[str, str],
    target: str = "app:serve",
    folder: Path = _ROOT,
    path: str = "/readyz",
    cores: str = str(_SERVER),
) -> Iterator[Served]:
    """A server as `make run` starts it, tied to some cores."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    factory = "--factory " if target == "app:serve" else ""
    options = (
        f"--interface wsgi {factory}--host 127.0.0.1 --port {port} --workers 1 "
        f"--blocking-threads 16 --no-ws --log-level error {target}"
    )
    granian = str(Path(sys.executable).with_name("granian"))
    server = subprocess.Popen(
        ["taskset", "-c", cores, granian, *options.split()], cwd=folder, env=environ,
        start_new_session=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        _until_ready(base + path)
        yield Served(base, server.pid)
    finally:
        end(server)


def _until_ready(url: str) -> None:
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(f"The server was not ready within {_LONGEST:g} seconds.")


def _memory(group: int) -> float:
    """Megabytes that the processes of a group hold."""
    lines = [one for part in _processes(group) for one in (part / "status").open()]
    return sum(int(one.split()[1]) for one in lines if one.startswith("VmRSS")) / 1024


def _spent(group: int) -> float:
    """Seconds of processor time that the processes of a group have taken; 0 for no group."""
    ticks = 0
    for part in _processes(group):
        fields = (part / "stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes(group: int) -> list[Path]:
    found = []
    for part in Path("/proc").glob("[0-9]*") if group else ():
        try:
            if os.getpgid(int(part.name)) == group:
                found.append(part)
        except ProcessLookupError:
            continue
    return found


if __name__ == "__main__":
    main()
