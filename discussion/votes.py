"""Cast a vote, change it, undo it; one per person, and totals that equal their rows."""

from __future__ import annotations

import math

from sqlalchemy import update
from sqlalchemy.orm import Session

from models import Account, Comment, Vote
from models.thread import change
from moderation import sanctions
from moderation.errors import Refused
from moderation.sanctions import Door

_Z = 1.96  # 95 % confidence


def wilson(up: int, down: int) -> float:
    """Lower bound of the score interval for the share of up votes, 0 to 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22 (1927), 209-212.
    """
    n = up + down
    if n == 0:
        return 0.0
    share = up / n
    centre = share + _Z**2 / (2 * n)
    spread = _Z * math.sqrt((share * (1 - share) + _Z**2 / (4 * n)) / n)
    return max(0.0, (centre - spread) / (1 + _Z**2 / n))


def cast(session: Session, comment: Comment, voter: Account, value: int) -> tuple[int, int]:
    """Vote +1 or -1, or 0 to undo; answers the totals up and down.

    Raises Refused for one's own comment, Sanctioned.
    """
    if value:
        sanctions.permit(session, comment.site_id, voter.id, Door.VOTE)
    if comment.author_id == voter.id:
        raise Refused("You cannot vote on your own comment.")
    vote = session.get(Vote, (comment.id, voter.id))
    before = vote.value if vote else 0
    if before == value:
        return comment.up, comment.down
    if vote is None:
        session.add(Vote(comment_id=comment.id, account_id=voter.id, value=value))
    elif value == 0:
        session.delete(vote)
    else:
        vote.value = value
    session.flush()
    up, down = _count(session, comment.id, before, value)
    change(session, comment.thread_id)
    return up, down


def _count(session: Session, comment_id: int, before: int, after: int) -> tuple[int, int]:
    # Past the ORM on purpose: a vote is no new version of the comment that a moderator sees.
    up, down = session.execute(
        update(Comment)
        .where(Comment.id == comment_id)
        .values(
            up=Comment.up + (int(after == 1) - int(before == 1)),
            down=Comment.down + (int(after == -1) - int(before == -1)),
        )
        .returning(Comment.up, Comment.down)
        .execution_options(synchronize_session=False)
    ).one()
    session.execute(
        update(Comment)
        .where(Comment.id == comment_id)
        .values(best=wilson(up, down))
        .execution_options(synchronize_session=False)
    )
    return up, down
