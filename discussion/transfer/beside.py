"""A process beside the one that stores: it reads the file, and converts bodies, on another core.

It knows nothing of the database, which would take four times its memory. It ends when whoever asks
it is gone, and whoever asks is told when it has ended.
"""

from __future__ import annotations

import ctypes
import gc
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Any

from discussion.transfer.bodies import Body, body_of
from discussion.transfer.reading import Portion, portions
from discussion.transfer.records import Markup, packed, unpacked
from moderation.errors import Invalid

# The name of a markup and the text.
Source = tuple[str, str]

_ROOT = Path(__file__).resolve().parents[2]
# Not by `-m`: a safe path would not have the working directory in it.
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from discussion.transfer import beside;"
    " beside.work(int(sys.argv[2]))"
)
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux, see prctl(2)


class Ended(Exception):
    """The process is gone, for no reason that it could tell."""


class Beside:
    """The process, seen from the one that stores. One thing is asked of it at a time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (ourselves)
                [sys.executable, "-c", _START, str(_ROOT), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                # Ctrl+C is for the one that asks, which says what is to end.
                process_group=0,
            )
        self._pipe = Connection(ours.detach())

    def read(self, system: str, path: Path) -> Iterator[Portion]:
        """All of an export, as `reading.portions` answers it. Raises what that raises, Ended."""
        self._send(("read", system, str(path.absolute())))
        while (answer := self._receive()) is not None:
            if isinstance(answer, str):
                raise Invalid(answer)
            records, done, size = answer
            yield Portion([unpacked(one) for one in records], done, size)

    def ask(self, sources: Sequence[Source]) -> None:
        """Have these converted."""
        self._send(("convert", sources))

    def answer(self) -> tuple[list[Body], float]:
        """What was asked for last, once it is ready, and the seconds that it took."""
        bodies, seconds = self._receive()
        return list(map(Body._make, bodies)), seconds

    def _send(self, asked: Any) -> None:
        try:
            self._pipe.send(asked)
        except OSError:
            raise self._ended() from None

    def _receive(self) -> Any:
        try:
            return self._pipe.recv()
        except (EOFError, OSError):
            raise self._ended() from None

    def _ended(self) -> Ended:
        self.end()
        return Ended(
            "The process that reads the file has ended by itself"
            f" (exit status {self._process.returncode}). Begin the import again: what is stored"
            " stays, and nothing is doubled."
        )

    def end(self) -> None:
        """Let it go."""
        self._pipe.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def convert(sources: Sequence[Source]) -> list[Body]:
    """The bodies of some comments."""
    return [body_of(Markup(markup), text) for markup, text in sources]


def work(descriptor: int) -> None:
    """What the process does: answer what comes through its end of the pipe until that is closed."""
    if sys.platform == "linux":
        # Also in the midst of something long, if whoever asked is killed.
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    # There are many small values here, and hardly a circle among them.
    gc.set_threshold(10_000, 10, 10)
    pipe = Connection(descriptor)
    while True:
        try:
            what, *asked = pipe.recv()
            if what == "read":
                _read(pipe, *asked)
            else:
                begun = monotonic()
                bodies = list(map(tuple, convert(*asked)))
                pipe.send((bodies, monotonic() - begun))
        except (EOFError, OSError):
            return


def _read(pipe: Connection, system: str, path: str) -> None:
    try:
        for portion in portions(system, Path(path)):
            pipe.send(([packed(one) for one in portion.records], portion.done, portion.size))
        pipe.send(None)
    except Invalid as error:
        pipe.send(error.message)
