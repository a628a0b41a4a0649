"""What the log looks like: one JSON object a line, without comment text, tokens or addresses."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog
import structlog.tracebacks
from structlog.typing import Processor

# Flask-Limiter names the address that it refuses; Alembic tells every start what it looked at.
_SILENCED = ("flask-limiter", "alembic")


# A key in an address, and any key of ours wherever it stands (moderation/keys.py).
_KEYS = re.compile(r"(?<=[?&]key=)[^&\s\"'\\\\<>]+|\bp[aks]_[\w-]{16,}")


def without_keys(_: Any, __: str, line: Any) -> str:
    """A finished line in which no key can be read, whichever library wrote it."""
    return _KEYS.sub("…", str(line))


def configure(level: str) -> None:
    """Send our lines and those of libraries to standard error in one form."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Without the values of local variables: they are comments, names, keys.
        structlog.processors.ExceptionRenderer(
            structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
                without_keys,
            ],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _SILENCED:
        logging.getLogger(name).setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
