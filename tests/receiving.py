"""A receiver of webhooks on this machine: real HTTP, and whatever it answers."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Got:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)

    @property
    def event(self) -> str:
        """What it says to be about."""
        return self.headers["Parley-Event"]

    @property
    def event_id(self) -> str:
        """What it is known by."""
        return self.headers["Parley-Delivery"]


Does = Callable[[BaseHTTPRequestHandler, Got], None]


def answer(status: int, **headers: str) -> Does:
    """An answer without a body."""

    def does(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return does


@dataclass
class Receiver:
    """What came, and what is done with the next one."""

    port: int
    got: list[Got] = field(default_factory=list)
    does: Does = answer(204)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?a=1"

    def wait_for(self, number: int, seconds: float = 30) -> None:
        """Return when so many have come."""
        until = time.monotonic() + seconds
        while len(self.got) < number:
            assert time.monotonic() < until, f"{len(self.got)} of {number} came"
            time.sleep(0.02)


def is_signed(got: Got, secret: str) -> bool:
    """What docs/webhooks.md tells a receiver to do, written anew."""
    parts = dict(part.split("=", 1) for part in got.headers["Parley-Signature"].split(","))
    signed = hmac.new(secret.encode(), parts["t"].encode() + b"." + got.body, hashlib.sha256)
    fresh = abs(time.time() - int(parts["t"])) < 300
    return fresh and hmac.compare_digest(signed.hexdigest(), parts["v1"])


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got = Got(self.path, dict(self.headers.items()), body)
            receiver.got.append(got)
            try:
                receiver.does(self, got)
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            receiver.got.append(Got(self.path, dict(self.headers.items()), b""))
            answer(200)(self, receiver.got[-1])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
