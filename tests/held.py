"""Many comments of one queue at once, with scores that a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from models import Account, AccountKind, Comment, Score, Status, Thread, utcnow

MODEL = {"model_name": "words", "model_version": "1"}


def fill(
    session: Session,
    site_id: int,
    scores: Sequence[float | None],
    *,
    status: Status = Status.HELD,
    label: str = "insult",
    text: str = "Comment",
) -> list[int]:
    """Store a comment for each score, the first one the oldest; answers their numbers. None stands
    for a comment without that score. The caller commits."""
    author = Account(kind=AccountKind.GUEST, name="Bo")
    identity = f"path:/{status}-{text}-{site_id}"
    thread = Thread(site_id=site_id, identity=identity, url="https://news.example/s")
    session.add_all([author, thread])
    session.flush()
    first = (session.scalar(select(func.max(Comment.id))) or 0) + 1
    now = utcnow() - timedelta(hours=1)
    numbers = list(range(first, first + len(scores)))
    rows = [
        {
            "id": number, "site_id": site_id, "thread_id": thread.id, "author_id": author.id,
            "author_name": "Bo", "text": f"{text} {number}", "html": "<p>x</p>", "version": 1,
            "created_at": now - timedelta(seconds=numbers[-1] - number), "status": status,
            "risk": score or 0.0,
        }
        for number, score in zip(numbers, scores, strict=True)
    ]  # fmt: skip
    given = [
        {"comment_id": number, "revision": 1, "label": label, "value": score, **MODEL}
        for number, score in zip(numbers, scores, strict=True)
        if score is not None
    ]
    session.execute(insert(Comment), rows)
    if given:
        session.execute(insert(Score), given)
    return numbers
