"""Draws comments by chance for a moderator to look at: of those published, of those decided."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import (
    ActorKind,
    Comment,
    Decision,
    Opinion,
    Sample,
    SampleKind,
    Status,
    utcnow,
)

# Of what a site publishes by itself: about so many a day, at most one in ten.
A_DAY, LARGEST_SHARE = 10, 0.1
# A busier day is not counted to its end; the share then stays where it is.
MOST_COUNTED = 20_000
# Of what moderators decide: one in fifty is shown to another.
SECOND_SHARE = 0.02
_DAY = timedelta(days=1)


def chance_of(site_id: int, comment_id: int, kind: SampleKind) -> float:
    """A number from 0 to 1 that belongs to one comment, alike at every repetition and independent
    of everything that is said of it: it is drawn where this is below its share."""
    named = f"{kind.value}:{site_id}:{comment_id}".encode()
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest(), "big") / 2**64


def share_of_published(lately: int) -> float:
    """With what chance a published comment is drawn where `lately` were published in a day."""
    return min(LARGEST_SHARE, A_DAY / max(min(lately, MOST_COUNTED), 1))


def draw_published(session: Session, comment: Comment) -> None:
    """Draw a comment that was just published by the system, or do not; the caller commits.

    A text that was edited takes the place of the older one as long as nobody judged that. What
    staff write is never held, and so says nothing of a threshold.
    """
    if comment.status is not Status.PUBLISHED or comment.by_staff:
        return
    chance = chance_of(comment.site_id, comment.id, SampleKind.PUBLISHED)
    # Nine in ten are left alone without asking the database anything.
    if chance >= LARGEST_SHARE:
        return
    share = share_of_published(_published_lately(session, comment.site_id))
    drawn = _of_comment(session, comment.id, SampleKind.PUBLISHED)
    if drawn is not None:
        if drawn.opinion is Opinion.NONE:
            drawn.revision = comment.revision
    elif chance < share:
        session.add(
            Sample(
                site_id=comment.site_id,
                comment_id=comment.id,
                revision=comment.revision,
                kind=SampleKind.PUBLISHED,
                share=share,
            )
        )


def draw_decided(session: Session, decision: Decision) -> None:
    """Draw what a moderator just decided for a second opinion, or do not; the caller commits.

    Not what a program decided, what was decided with many others at once, or a taking back.
    """
    if decision.actor_kind is not ActorKind.STAFF or decision.undoes or decision.batch_id:
        return
    if decision.after not in (Status.PUBLISHED, Status.REJECTED):
        return
    chance = chance_of(decision.site_id, decision.comment_id, SampleKind.SECOND)
    if chance >= SECOND_SHARE:
        return
    drawn = _of_comment(session, decision.comment_id, SampleKind.SECOND)
    if drawn is None:
        drawn = Sample(
            site_id=decision.site_id, comment_id=decision.comment_id, kind=SampleKind.SECOND
        )
        session.add(drawn)
    elif drawn.opinion is not Opinion.NONE:
        return
    drawn.revision = decision.revision
    drawn.share = SECOND_SHARE
    drawn.decision_id = decision.id
    drawn.first_account_id = decision.actor_id


def take_back_opinion(session: Session, undone: Decision) -> None:
    """Ask again about a published comment whose rejection from the second look is taken back: its
    opinion would be counted otherwise, though nobody stands by it; the caller commits."""
    if (undone.before, undone.after) != (Status.PUBLISHED, Status.REJECTED):
        return
    drawn = _of_comment(session, undone.comment_id, SampleKind.PUBLISHED)
    if drawn is not None and drawn.decision_id == undone.id:
        drawn.opinion, drawn.decision_id = Opinion.NONE, 0
        drawn.account_id, drawn.answered_at = 0, None


def _of_comment(session: Session, comment_id: int, kind: SampleKind) -> Sample | None:
    return session.scalar(
        select(Sample).where(Sample.comment_id == comment_id, Sample.kind == kind)
    )


def _published_lately(session: Session, site_id: int) -> int:
    """How many comments of a day are public, along an index and no further than is of use."""
    lately = (
        select(Comment.id)
        .where(
            Comment.site_id == site_id,
            Comment.status == Status.PUBLISHED,
            Comment.created_at > utcnow() - _DAY,
        )
        .limit(MOST_COUNTED)
    )
    return session.scalar(select(func.count()).select_from(lately.subquery())) or 0
