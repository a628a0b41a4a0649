"""Measures a server with the shipped model: how soon it is ready, its memory, and what it loads.

Run `python -m benchmarks.starting`; takes half a minute. It starts the server that `make run`
starts, on a free port of this machine with an empty database, several times.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.ending import end

_ROOT = Path(__file__).resolve().parents[1]
_STARTS = 5
_LONGEST = 60.0
_NOT_LOADED = ("libtorch", "transformers")


def _bin(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@contextmanager
def _server(port: int, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    options = (
        f"--interface wsgi --factory --host 127.0.0.1 --port {port} --workers 1 "
        "--blocking-threads 16 --no-ws --log-level error app:serve"
    )
    server = subprocess.Popen(
        [_bin("granian"), *options.split()], cwd=_ROOT, env=environ, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield server
    finally:
        end(server)


def _until_ready(port: int) -> None:
    """Return when the server says that it can judge comments. Raises TimeoutError."""
    until = time.monotonic() + _LONGEST
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise TimeoutError(f"The server was not ready within {_LONGEST:g} seconds.")


def _processes(group: int) -> list[Path]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                if os.getpgid(int(folder.name)) == group:
                    found.append(folder)
            except ProcessLookupError:
                continue
    return found


def _resident(folder: Path) -> float:
    """MB in memory of one process that are its own or shared (VmRSS)."""
    lines = (folder / "status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    """Print the medians."""
    times, sizes = [], []
    loaded: set[str] = set()
    for _ in range(_STARTS):
        with tempfile.TemporaryDirectory() as instance, socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            free.close()
            environ = {k: v for k, v in os.environ.items() if not k.startswith("PARLEY_")}
            environ |= {"PARLEY_INSTANCE": instance, "FLASK_APP": "app:create_app"}
            subprocess.run([_bin("flask"), "db", "upgrade"], cwd=_ROOT, env=environ, check=True,
                           capture_output=True)  # fmt: skip
            began = time.perf_counter()
            with _server(port, environ) as server:
                _until_ready(port)
                times.append(time.perf_counter() - began)
                processes = _processes(server.pid)
                sizes.append(max(map(_resident, processes)))
                maps = "".join((one / "maps").read_text(encoding="utf-8") for one in processes)
                loaded |= {name for name in _NOT_LOADED if name in maps}
    print(
        f"Ready after {statistics.median(times):.2f} s (to be 2), the server process has "
        f"{statistics.median(sizes):.0f} MB resident (to be at most 400); medians of {_STARTS}.\n"
        f"Loaded of {', '.join(_NOT_LOADED)}: {', '.join(sorted(loaded)) or 'none'}."
    )


if __name__ == "__main__":
    main()
