"""A process that does nothing but score what the job table owes, for more than one machine.

Run `python worker.py` beside the web processes, on the same PostgreSQL database. What a web
process has taken up it finishes itself; what it left behind is found here within a second.
"""

from __future__ import annotations

import signal
import threading

from app import create_app
from web.runtime import runtime_of


def main() -> None:
    """Score until the process is asked to end; the round at hand is finished first."""
    scorer = runtime_of(create_app()).scorer
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    scorer.start()
    ended.wait()
    scorer.stop()


if __name__ == "__main__":
    main()
