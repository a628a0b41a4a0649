"""Work off a batch, or its taking back, piece by piece, each in a transaction of its own."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Batch
from moderation import batches
from moderation.decisions import Actor

# How long a request may be busy with it; what is left is gone on with by the next one.
SECONDS = 10.0


def run(batch_id: int, seconds: float = SECONDS) -> bool:
    """Go on with a batch that was begun; True once all of it is decided."""
    return _in_pieces(batch_id, batches.work, seconds)


def take_back(batch_id: int, actor: Actor, seconds: float = SECONDS) -> bool:
    """Undo a batch, or go on with undoing it; True once all of it is taken back."""
    return _in_pieces(
        batch_id, lambda session, batch: batches.take_back(session, batch, actor), seconds
    )


def _in_pieces(batch_id: int, piece: Callable[[Session, Batch], int], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while True:
        with writing() as session:
            looked_at = piece(session, session.get_one(Batch, batch_id))
        if not looked_at:
            return True
        if time.monotonic() > ends:
            return False
