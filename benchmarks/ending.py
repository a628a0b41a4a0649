"""Ends a server that a measurement started, whatever it is still doing."""

from __future__ import annotations

import os
import signal
import subprocess

# A server under load has been seen to pass over the first request to end, and to heed the second.
_ASKED = (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL)


def end(server: subprocess.Popen[bytes], seconds: float = 20.0) -> None:
    """Ask the processes of a server's group to end, wait, ask again, and make them end."""
    for asked in _ASKED:
        try:
            os.killpg(server.pid, asked)
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            pass  # it ended by itself; what is left is to take note of it
        server.wait(seconds)
        return
