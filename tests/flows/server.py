"""A real server in a process group of its own, to be killed and started again."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
_READY_SECONDS = 40


class Unanswered(Exception):
    """The connection broke before an answer came; nobody knows what became of the request."""


class Server:
    """Granian on a free port, as the Makefile starts it, with an instance folder of its own."""

    def __init__(self, instance: Path, settings: Mapping[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._instance = instance
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        """Start, and return when it says that it is ready."""
        self.begin(**more)
        self._wait_ready()

    def begin(self, factory: str = "tests.flows.serving:serve", **more: str) -> None:
        """Start, and do not wait for it."""
        inherited = {name: v for name, v in os.environ.items() if not name.startswith("PARLEY_")}
        environ = (
            inherited
            | {"PARLEY_INSTANCE": str(self._instance), "PYTHONPATH": str(REPOSITORY)}
            | dict(self._settings)
            | more
        )
        granian = Path(sys.executable).with_name("granian")
        options = (
            f"--interface wsgi --factory --host 127.0.0.1 --port {self.port} --workers 1"
            f" --blocking-threads 16 --no-ws --no-access-log --log-level warning {factory}"
        )
        with (self._instance / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [granian, *options.split()],
                cwd=REPOSITORY,
                env=environ,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        """Whether its first process runs."""
        return self._process is not None and self._process.poll() is None

    def workers(self) -> list[int]:
        """The processes that do the work, by number."""
        assert self._process is not None
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]

    def kill(self) -> None:
        """SIGKILL to every process of the group, and wait until they are gone."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
            self._wait_gone()

    def wait_dead(self) -> None:
        """Return when the server is gone, by whose hand ever."""
        if self._process is not None:
            assert self._process.wait(30) == -signal.SIGKILL
            self._wait_gone()

    def _wait_gone(self) -> None:
        # A worker dies a moment after its parent; until then it holds the port.
        until = time.monotonic() + 10
        while time.monotonic() < until and self._is_listening():
            time.sleep(0.01)
        self._process = None

    def call(
        self,
        method: str,
        path: str,
        sent: object = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 15,
    ) -> tuple[int, Any]:
        """Status and JSON of one request on a connection of its own. Raises Unanswered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        body = None if sent is None else json.dumps(sent)
        kind = {} if sent is None else {"Content-Type": "application/json"}
        try:
            connection.request(method, path, body, kind | dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unanswered(type(error).__name__) from None
        finally:
            connection.close()

    def _is_listening(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _wait_ready(self) -> None:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until:
            with suppress(Unanswered):
                if self.call("GET", "/readyz", timeout=2)[0] == 200:
                    return
            time.sleep(0.03)
        log = (self._instance / "server.log").read_text()[-3000:]
        raise AssertionError(f"The server is not ready after {_READY_SECONDS} seconds:\n{log}")
