"""Installs Isso from the package registry into a folder of its own and serves 100 comments."""

from __future__ import annotations

import json
import os
import signal
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
    its processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-m", "venv", name], check=True)
        subprocess.run(
            [
                f"{name}/bin/pip",
                "install",
                "--quiet",
                f"isso=={VERSION}",
                "gevent",
                "setuptools<81",
            ],
            check=True,
        )
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
            _write(base)
            yield f"{base}/?uri=%2Fstory&limit=20&nested_limit=5", server.pid
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


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
