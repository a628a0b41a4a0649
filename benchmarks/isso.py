"""Installs Isso from the package registry into a folder of its own and serves 100 comments."""

from __future__ import annotations

import json
import socket
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
from benchmarks.load import Refused

VERSION = "0.14.0"
_COMMENTS = 100
_SETTINGS = """
[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{port}/
[server]
listen = http://127.0.0.1:{port}
[guard]
enabled = false
"""


@contextmanager
def served(core: int) -> Iterator[tuple[str, int]]:
    """The address of a page's comments, served by Isso's own server on one core, and the group of
    its processes. Raises Refused where it cannot be installed, or does not answer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _install(name)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        settings = folder / "isso.cfg"
        settings.write_text(_SETTINGS.format(folder=folder, port=port))
        server = subprocess.Popen(
            ["taskset", "-c", str(core), f"{name}/bin/isso", "-c", str(settings), "run"],
            start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        base = f"http://127.0.0.1:{port}"
        try:
            try:
                _write(base)
            except OSError as error:
                raise Refused(f"its server does not take comments ({error})") from error
            yield f"{base}/?uri=%2Fstory&limit=20&nested_limit=5", server.pid
        finally:
            end(server)


def _install(folder: str) -> None:
    wanted = [f"isso=={VERSION}", "gevent", "setuptools<81"]
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    # Warnings of the registry's would stand amid the table.
    told = subprocess.run(
        [f"{folder}/bin/pip", "install", "-qq", "--disable-pip-version-check", *wanted],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if told.returncode:
        raise Refused(f"cannot be installed: {(told.stderr.splitlines() or ['pip failed'])[-1]}")


def _write(base: str) -> None:
    first = 0
    for number in range(_COMMENTS):
        said = {"text": f"Comment {number}: the river is high today, says **somebody**. " * 4,
                "author": f"Reader {number}", "parent": first if number % 3 else None}  # fmt: skip
        told = _post(f"{base}/new?uri=%2Fstory", said | {"title": "Story"})
        first = int(told["id"]) if not number % 3 else first


def _post(url: str, body: dict[str, object]) -> dict[str, object]:
    asked = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError:
            raise
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
