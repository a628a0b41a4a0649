"""What is read of a site's past: the right cases, the right weights, in few queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import (
    Account,
    ApiKey,
    Comment,
    Decision,
    KeyPurpose,
    Opinion,
    OutsideDecision,
    Role,
    Sample,
    Status,
    db,
    utcnow,
)
from moderation import decisions
from moderation.calibration import estimates, last_week, reading
from moderation.calibration.drift import drift
from moderation.calibration.reading import Known
from moderation.decisions import Actor
from moderation.signals.facts import Thresholds
from tests.simulated import Truth, fill

LIMITS = Thresholds(0.6)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements sent to the database meanwhile."""
    statements: list[str] = []

    def keep(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", keep)


@pytest.fixture
def truth(app: Flask, site: int) -> Truth:
    """A site with a past."""
    with app.app_context(), writing() as session:
        return fill(session, site, share=0.1)


def read(session: Session, site: int) -> Known:
    """What is known of its toxicity."""
    return reading.read(session, site, "toxicity", LIMITS)


def test_the_truth_lies_within(truth: Truth, site: int, session: Session):
    known = read(session, site)
    assert (known.model.name, known.waiting_samples) == ("parley-small", 0)
    assert known.evidence.is_sampled
    assert not known.evidence.sees_all
    for threshold in (0.3, 0.6, 0.8):
        point = estimates.at(known.evidence, threshold)
        assert point.recall.low <= truth.recall(threshold) <= point.recall.high
        assert point.precision.low <= truth.precision(threshold) <= point.precision.high
    held = sum(score >= 0.6 for score, _ in truth.comments)
    load = estimates.at(known.evidence, 0.6).load
    assert load.value == pytest.approx(held / 84, rel=0.25)


def test_everybody_who_was_held_counts_once_and_the_sample_for_many(
    truth: Truth, site: int, session: Session
):
    known = read(session, site)
    held = [one for one in known.evidence.decided if one.weight == 1.0]
    assert len(held) == sum(score >= 0.6 for score, _ in truth.comments)
    weights = [one.weight for one in known.evidence.decided if one.weight != 1.0]
    assert weights == pytest.approx([10.0] * len(weights))
    stands_for = sum(one.weight for one in known.evidence.decided)
    assert stands_for == pytest.approx(len(truth.comments), rel=0.15)


def test_who_waits_is_made_up_for(truth: Truth, site: int, session: Session, app: Flask):
    with app.app_context(), writing() as writer:
        waiting = writer.scalars(
            select(Sample.id).where(Sample.opinion == Opinion.APPROVE).limit(50)
        ).all()
        writer.execute(update(Sample).where(Sample.id.in_(waiting)).values(opinion=Opinion.NONE))
    known = read(session, site)
    assert known.waiting_samples in (49, 50)
    stands_for = sum(one.weight for one in known.evidence.decided)
    assert stands_for == pytest.approx(len(truth.comments), rel=0.15)


def test_what_is_taken_back_and_what_was_reported_does_not_count(
    truth: Truth, site: int, session: Session, make_staff: Callable[..., int]
):
    moderator = make_staff("mo@example.org", Role.MODERATOR, site)
    before = read(session, site).evidence.decided
    with writing() as writer:
        actor = Actor.staff(writer.get_one(Account, moderator))
        held = writer.scalars(select(Comment).where(Comment.status == Status.REJECTED)).first()
        seen = select(Decision.comment_id).where(Decision.actor_id > 0)
        loose = writer.scalars(
            select(Comment).where(
                Comment.id.not_in(seen), Comment.id.not_in(select(Sample.comment_id))
            )
        ).first()
        assert held is not None
        assert loose is not None
        # Nobody knows how often readers report what: it says nothing of all the others.
        decisions.decide(writer, loose, Status.REJECTED, actor)
        made = decisions.decide(writer, held, Status.PUBLISHED, actor)
    # The newest word on a text stands.
    changed = read(session, site).evidence.decided
    assert len(changed) == len(before)
    assert sum(one.is_bad for one in before) - sum(one.is_bad for one in changed) == 1
    with writing() as writer:
        decisions.undo(writer, writer.get_one(Decision, made.id), actor)
    assert sum(one.is_bad for one in read(session, site).evidence.decided) == sum(
        one.is_bad for one in before
    )


def test_another_models_scores_are_not_mixed_in(app: Flask, site: int, session: Session):
    with app.app_context(), writing() as writer:
        fill(writer, site, comments=300, model=("other", "9"), weeks=2)
    assert read(session, site).model.name == "other"
    assert reading.read(session, site, "insult", LIMITS).evidence.decided == ()


def test_a_site_without_comments_or_decisions(
    site: int, make_comment: Callable[..., int], session: Session
):
    assert read(session, site).evidence.decided == ()
    session.rollback()
    make_comment("A fine day.")
    known = read(session, site)
    assert (len(known.evidence.decided), len(known.evidence.screened)) == (0, 1)
    assert estimates.at(known.evidence, 0.5).precision.missing


def test_the_last_week_otherwise(truth: Truth, site: int, session: Session):
    model = read(session, site).model
    found = last_week.otherwise(session, site, "toxicity", model, 0.6, 0.5)
    week = truth.comments[-int(len(truth.comments) / 12) :]
    between = [score for score, _ in week if 0.5 <= score < 0.6]
    assert abs(found.more - len(between)) <= 1
    assert found.fewer == 0
    assert all(0.5 <= one.score < 0.6 for one in found.examples)
    higher = last_week.otherwise(session, site, "toxicity", model, 0.6, 0.9)
    assert higher.fewer > 0
    assert higher.more == 0
    same = last_week.otherwise(session, site, "toxicity", model, 0.6, 0.6)
    assert (same.more, same.fewer, same.examples) == (0, 0, ())


def test_queries_do_not_grow(truth: Truth, site: int, other_site: int, session: Session):
    with counted() as statements:
        known = read(session, site)
    assert len(statements) == 6
    with counted() as statements:
        last_week.otherwise(session, site, "toxicity", known.model, 0.6, 0.5)
    assert len(statements) == 2
    with counted() as statements:
        read(session, other_site)
    assert len(statements) == 2


# --- what moderators elsewhere said -----------------------------------------------------------


def tell(
    app: Flask, site: int, said: list[tuple[float, float]], version: str = "1.2.0", days: int = 0
) -> None:
    """Have a program say of texts with these scores what moderators elsewhere said."""
    with app.app_context(), writing() as session:
        key = ApiKey(site_id=site, name="Coral", digest=str(uuid4()), purpose=KeyPurpose.LABELS)
        session.add(key)
        session.flush()
        session.add_all(
            OutsideDecision(
                site_id=site, key_id=key.id, digest=str(uuid4()), label="toxicity", score=score,
                said=word, model_name="parley-small", model_version=version,
                created_at=utcnow() - timedelta(days=days),
            )
            for score, word in said
        )  # fmt: skip


def test_what_was_said_elsewhere_counts_for_precision_and_for_nothing_else(
    app: Flask, truth: Truth, site: int, session: Session
):
    before = read(session, site)
    session.rollback()
    version = before.model.version
    tell(app, site, [(0.9, 1.0)] * 30 + [(0.9, 0.0)] * 10 + [(0.1, 1.0)] * 50, version)
    known = read(session, site)
    assert (known.outside, before.outside) == (90, 0)
    old, new = (estimates.at(one.evidence, 0.7) for one in (before, known))
    were = old.precision
    assert (new.precision.hits, new.precision.of) == (were.hits + 30, were.of + 40)
    assert (new.recall, new.load.count) == (old.recall, old.load.count)
    # Below what is held today nobody knows how they were chosen.
    low_old, low_new = (estimates.at(one.evidence, 0.3) for one in (before, known))
    assert low_new.precision == low_old.precision
    now = utcnow()
    assert drift(known.evidence.decided, now).weeks == drift(before.evidence.decided, now).weeks


def test_it_can_be_left_out_and_is_counted_all_the_same(
    app: Flask, truth: Truth, site: int, session: Session
):
    before = read(session, site)
    session.rollback()
    tell(app, site, [(0.9, 1.0)] * 30, before.model.version)
    known = reading.read(session, site, "toxicity", LIMITS, with_outside=False)
    assert known.outside == 30
    assert known.evidence.decided == before.evidence.decided


def test_of_another_model_another_site_or_another_year_nothing_counts(
    app: Flask, truth: Truth, site: int, other_site: int, session: Session
):
    version = read(session, site).model.version
    session.rollback()
    tell(app, site, [(0.9, 1.0)], "0.0.1")
    tell(app, other_site, [(0.9, 1.0)] * 2, version)
    tell(app, site, [(0.9, 1.0)], version, days=27 * 7)
    assert read(session, site).outside == 0


def test_a_site_that_only_asks_for_scores_learns_what_its_moderators_elsewhere_think(
    app: Flask, site: int, session: Session
):
    tell(app, site, [(0.9, 1.0)] * 30 + [(0.7, 0.0)] * 10 + [(0.2, 1.0)] * 10)
    known = read(session, site)
    assert (known.model.name, known.outside) == ("parley-small", 50)
    point = estimates.at(known.evidence, 0.6)
    assert (point.precision.hits, point.precision.of) == (30, 40)
    assert point.recall.missing == estimates.UNSAMPLED
    assert point.load.count == 0
    assert estimates.at(known.evidence, 0.3).precision.missing == estimates.UNSAMPLED
    assert len(estimates.curve(known.evidence)) == 101
