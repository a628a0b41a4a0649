"""The load on other servers: one that does not answer as it should is told of, and no more."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import isso, load, threads
from benchmarks.ending import end
from benchmarks.load import Refused
from benchmarks.threads import Bench, measure_peer

NOBODY = "http://127.0.0.1:9"


class _Answers(BaseHTTPRequestHandler):
    """Answers with the status that the address names; 200 to one that names none."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        status = self.path.strip("/").partition("?")[0]
        self.send_response(int(status or 200))
        body = b"" if status == "304" else b"{}"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def peer() -> Iterator[str]:
    """The address of another server, which ends with its host."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["as installed", "by threads"], autouse=True)
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes the load: wrk where it is there, and what stands in for it."""
    if request.param == "by threads":
        monkeypatch.setattr(shutil, "which", lambda name: None)


@pytest.mark.parametrize("path", ["", "/", "/?limit=2", "/304"])
def test_what_answers_is_counted(peer: str, path: str):
    assert load.reading(peer + path, 1, 0, {}) > 10


@pytest.mark.parametrize("path", ["/404", "/429", "/500"])
def test_what_refuses_is_not(peer: str, path: str):
    with pytest.raises(Refused, match="Non-2xx"):
        load.reading(peer + path, 1, 0, {})


def test_nobody_there():
    with pytest.raises(Refused, match=r"refused|unable to connect"):
        load.reading(NOBODY, 1, 0, {})


def test_a_look_ahead(peer: str):
    load.look(peer)
    for path, told in (("/302", "answers 302"), ("/429", "answers 429")):
        with pytest.raises(Refused, match=told):
            load.look(peer + path)
    with pytest.raises(Refused, match="nobody answers"):
        load.look(NOBODY)


def test_a_peer_that_refuses_keeps_no_other_from_its_row(
    peer: str, capsys: pytest.CaptureFixture[str]
):
    bench = Bench(1, 1, bare=10.0)
    for path in ("/429", "/?a=long-address-of-a-page-that-needs-more-than-its-column"):
        measure_peer(f"peer {peer}{path}", bench, lambda path=path: nullcontext((peer + path, 0)))
    first, named, figures = capsys.readouterr().out.splitlines()
    assert first == f"peer {peer}/429: not measured: answers 429"
    assert named.endswith("its-column")
    assert figures.split()[1] == "/s"


def test_peers_are_looked_at_before_anything_is_measured(
    peer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sys, "argv", ["threads", "--peer", peer, "--peer", f"{peer}/404"])
    with pytest.raises(SystemExit):
        threads.main()
    told = capsys.readouterr()
    assert "/404: answers 404" in told.err
    assert told.out == ""


@pytest.mark.parametrize("seconds", ["0", "0.5", "-1", "x"])
def test_a_run_takes_whole_seconds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seconds: str
):
    # As wrk counts them.
    monkeypatch.setattr(sys, "argv", ["threads", "--seconds", seconds])
    with pytest.raises(SystemExit):
        threads.main()
    assert "--seconds" in capsys.readouterr().err


def test_isso_that_cannot_be_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        failed = "pip" in command[0]
        return subprocess.CompletedProcess(command, int(failed), "", "ERROR: No such package.\n")

    monkeypatch.setattr(subprocess, "run", run)
    measure_peer("Isso", Bench(1, 1), lambda: isso.served(0))
    assert capsys.readouterr().out == (
        "Isso: not measured: cannot be installed: ERROR: No such package.\n"
    )


@pytest.mark.parametrize("heeded", [1, 2, 3])
def test_a_server_ends_at_last(heeded: int):
    code = (
        "import signal, sys, time\n"
        "asked = []\n"
        "def take(*_):\n"
        "    asked.append(1)\n"
        f"    if len(asked) == {heeded}: sys.exit()\n"
        "signal.signal(signal.SIGTERM, take)\n"
        "print('ready', flush=True)\n"
        "while True: time.sleep(0.05)\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    )
    assert server.stdout
    assert server.stdout.readline() == b"ready\n"
    end(server, 2.0)
    assert server.returncode == (-signal.SIGKILL if heeded == 3 else 0)
    server.stdout.close()
    end(server, 2.0)  # again: there is nothing left to end
