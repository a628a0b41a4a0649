"""Reads what is known of one label on one site: bounded work, and a fixed number of queries.

Left out, because nobody knows how it was chosen: what the system rejected by itself, and what a
moderator took down or cleared after readers reported it, unless it was drawn for the sample, which
stands for all that was published. What still waits for a decision counts for the workload alone.

What moderators elsewhere said of texts that were scored here counts beside held comments, for the
thresholds that people see everything above: how their cases were chosen nobody here knows, so they
say nothing of what is missed, nor of drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from models import (
    Comment,
    Decision,
    Opinion,
    OutsideDecision,
    Sample,
    SampleKind,
    Score,
    Status,
    utcnow,
)
from moderation.calibration.estimates import Decided, Evidence, Screened
from moderation.calibration.in_force import in_force
from moderation.calibration.last_week import Model, is_held_elsewhere, is_spoken_for, scored_by
from moderation.decisions import DECIDED_HERE, PEOPLE, SYSTEM
from moderation.outside import BAD
from moderation.signals.facts import Thresholds

# The newest decisions that are read, the newest samples, and the newest comments for the workload.
MOST_DECISIONS, MOST_SAMPLES, MOST_SCREENED, MOST_OUTSIDE = 20_000, 5_000, 20_000, 20_000
PAST = timedelta(weeks=26)
WORKLOAD_DAYS = 28.0
_VERDICTS = (Status.PUBLISHED, Status.REJECTED)


@dataclass(frozen=True)
class Known:
    """The evidence, the model that it is about, and what could not be counted."""

    evidence: Evidence
    model: Model
    waiting_samples: int = 0
    # What moderators elsewhere said, whether or not it counts among the evidence.
    outside: int = 0


def read(
    session: Session, site_id: int, label: str, limits: Thresholds, *, with_outside: bool = True
) -> Known:
    """All that is known of a label; `limits` are today's. Six queries at most.

    The model is the one that scored the site's newest comment, or for a site without comments the
    newest text that was judged elsewhere; without any, all is empty.
    """
    now = utcnow()
    own = _model(session, site_id, label)
    model = own or _outside_model(session, site_id, label)
    if model is None:
        return Known(Evidence((), (), WORKLOAD_DAYS, limits.hold), Model("", ""))
    said = _outside(session, site_id, label, model, now - PAST)
    counts = said if with_outside else []
    if own is None:
        evidence = Evidence(counts, (), WORKLOAD_DAYS, limits.hold)
        return Known(evidence, model, outside=len(said))
    samples = _samples(session, site_id, label, model, now)
    verdicts = _decisions(session, site_id, label, model, now - PAST)
    screened, days, publishes = _screened(session, site_id, label, model, now)
    judged, waiting, began = _judged(samples, verdicts)
    drawn = len(judged) + waiting
    decided = [
        replace(one, covered=not publishes or (began is not None and written > began))
        for one, written in _held(session, site_id, label, verdicts)
    ]
    # Who has not been looked at yet is like those who have: all were drawn by chance.
    decided += [
        Decided(score, is_bad, drawn / len(judged) / share) for score, is_bad, share in judged
    ]
    decided += counts
    evidence = Evidence(decided, screened, days, limits.hold, len(judged), not publishes)
    return Known(evidence, model, waiting, len(said))


def held(session: Session, site_id: int, label: str, since: datetime) -> list[Decided]:
    """The comments that were held, whatever held them, and decided by people since a moment, with
    the threshold that was in force. Three queries; the model as in `read`."""
    model = _model(session, site_id, label)
    if model is None:
        return []
    verdicts = _decisions(session, site_id, label, model, since)
    return [one for one, _ in _held(session, site_id, label, verdicts)]


@dataclass(frozen=True)
class _Verdict:
    score: float
    after: Status
    was_held: bool
    at: datetime
    written: datetime
    thread_id: int
    policy_version: int


@dataclass(frozen=True)
class _Drawn:
    comment_id: int
    revision: int
    opinion: Opinion
    share: float
    score: float
    drawn_at: datetime
    is_open: bool


def _model(session: Session, site_id: int, label: str) -> Model | None:
    newest = (
        select(Decision.comment_id)
        .where(
            Decision.site_id == site_id,
            Decision.actor_kind == SYSTEM.kind,
            DECIDED_HERE,
            Decision.before == Status.UNSCORED,
            exists().where(
                Score.comment_id == Decision.comment_id,
                Score.revision == Decision.revision,
                Score.label == label,
            ),
        )
        .order_by(Decision.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    row = session.execute(
        select(Score.model_name, Score.model_version)
        .where(Score.comment_id == newest, Score.label == label)
        .order_by(Score.id.desc())
        .limit(1)
    ).one_or_none()
    return Model(*row) if row else None


def _outside_model(session: Session, site_id: int, label: str) -> Model | None:
    row = session.execute(
        select(OutsideDecision.model_name, OutsideDecision.model_version)
        .where(OutsideDecision.site_id == site_id, OutsideDecision.label == label)
        .order_by(OutsideDecision.id.desc())
        .limit(1)
    ).one_or_none()
    return Model(*row) if row else None


def _outside(
    session: Session, site_id: int, label: str, model: Model, since: datetime
) -> list[Decided]:
    """What moderators elsewhere said, newest first; without a moment, which would make them drift.

    Not covered by any sample, so they count for precision from today's threshold on alone.
    """
    rows = session.execute(
        select(OutsideDecision.score, OutsideDecision.said)
        .where(
            OutsideDecision.site_id == site_id,
            OutsideDecision.label == label,
            OutsideDecision.model_name == model.name,
            OutsideDecision.model_version == model.version,
            OutsideDecision.created_at > since,
        )
        .order_by(OutsideDecision.id.desc())
        .limit(MOST_OUTSIDE)
    )
    return [Decided(score, said >= BAD, covered=False) for score, said in rows]


def _decisions(
    session: Session, site_id: int, label: str, model: Model, since: datetime
) -> dict[tuple[int, int], _Verdict]:
    """The standing word of a person on each text, by comment and revision."""
    first, taken_back = aliased(Decision), aliased(Decision)
    was_undone = (
        select(taken_back.id)
        .where(taken_back.comment_id == Decision.comment_id, taken_back.undoes == Decision.id)
        .exists()
    )
    rows = session.execute(
        select(
            Decision.comment_id, Decision.revision, Decision.after, Decision.created_at,
            first.after, Score.value, Comment.created_at, Comment.thread_id, first.policy_version,
        )
        .join(Comment, Comment.id == Decision.comment_id)
        .join(Score, scored_by(Decision.comment_id, Decision.revision, label, model))
        .join(
            first,
            and_(
                first.comment_id == Decision.comment_id,
                first.revision == Decision.revision,
                first.actor_kind == SYSTEM.kind,
                first.before == Status.UNSCORED,
            ),
        )
        .where(
            Decision.site_id == site_id,
            Decision.created_at > since,
            Decision.actor_kind.in_(PEOPLE),
            Decision.after.in_(_VERDICTS),
            Decision.undoes == 0,
            # Of a batch nobody read each comment.
            Decision.batch_id == 0,
            ~was_undone,
        )
        .order_by(Decision.id.desc())
        .limit(MOST_DECISIONS)
    )  # fmt: skip
    verdicts: dict[tuple[int, int], _Verdict] = {}
    for comment_id, revision, after, at, did, score, written, thread_id, version in rows:
        # The newest one stands.
        was_held = did is Status.HELD
        verdict = _Verdict(score, after, was_held, at, written, thread_id, version)
        verdicts.setdefault((comment_id, revision), verdict)
    return verdicts


def _held(
    session: Session, site_id: int, label: str, verdicts: dict[tuple[int, int], _Verdict]
) -> list[tuple[Decided, datetime]]:
    """Those that were held, each with the moment at which it was written."""
    those = [one for one in verdicts.values() if one.was_held]
    limits = in_force(session, site_id, label, {one.policy_version for one in those})
    return [
        (
            Decided(
                one.score, one.after is Status.REJECTED, at=one.at,
                held_from=limits.at(one.thread_id, one.policy_version),
            ),
            one.written,
        )
        for one in those
    ]  # fmt: skip


def _samples(
    session: Session, site_id: int, label: str, model: Model, now: datetime
) -> list[_Drawn]:
    """What was drawn of the published comments, newest first."""
    rows = session.execute(
        select(
            Sample.comment_id, Sample.revision, Sample.opinion, Sample.share, Score.value,
            Sample.created_at,
            and_(Comment.status == Status.PUBLISHED, Comment.revision == Sample.revision),
        )
        .join(Comment, Comment.id == Sample.comment_id)
        .join(Score, scored_by(Sample.comment_id, Sample.revision, label, model))
        .where(
            Sample.site_id == site_id,
            Sample.kind == SampleKind.PUBLISHED,
            Sample.created_at > now - PAST,
        )
        .order_by(Sample.id.desc())
        .limit(MOST_SAMPLES)
    )  # fmt: skip
    return [_Drawn(*row) for row in rows]


def _judged(
    samples: Sequence[_Drawn], verdicts: dict[tuple[int, int], _Verdict]
) -> tuple[list[tuple[float, bool, float]], int, datetime | None]:
    """Of the samples: score, verdict and share of those judged, how many wait, and since when
    comments are drawn.

    The first one only says when that began. What was decided otherwise, such as after a report,
    is judged as well: to leave it out would leave out what readers found.
    """
    judged, waiting = [], 0
    first = min(samples, key=lambda one: one.drawn_at, default=None)
    for one in samples:
        if one is first:
            continue
        verdict = verdicts.get((one.comment_id, one.revision))
        if verdict is not None:
            judged.append((one.score, verdict.after is Status.REJECTED, one.share))
        elif one.opinion is Opinion.APPROVE:
            judged.append((one.score, False, one.share))
        elif one.is_open and one.opinion is Opinion.NONE:
            waiting += 1
    return judged, waiting, first.drawn_at if first else None


def _screened(
    session: Session, site_id: int, label: str, model: Model, now: datetime
) -> tuple[list[Screened], float, bool]:
    """The last four weeks' comments, the days that they span, and whether any of them was
    published without a person."""
    rows = session.execute(
        select(
            Score.value, is_held_elsewhere(label), is_spoken_for(), Decision.created_at,
            Decision.after,
        )
        .join(Score, scored_by(Decision.comment_id, Decision.revision, label, model))
        .where(
            Decision.site_id == site_id,
            Decision.created_at > now - timedelta(days=WORKLOAD_DAYS),
            Decision.actor_kind == SYSTEM.kind,
            DECIDED_HERE,
            Decision.before == Status.UNSCORED,
        )
        .order_by(Decision.id.desc())
        .limit(MOST_SCREENED)
    ).all()  # fmt: skip
    screened = [
        Screened(score, bool(elsewhere), after is Status.HELD and not spoken_for)
        for score, elsewhere, spoken_for, _, after in rows
    ]
    oldest = rows[-1][3] if rows else now
    days = (now - oldest).total_seconds() / 86_400
    return screened, days, any(after is Status.PUBLISHED for *_, after in rows)
