"""What is drawn by chance, who may judge it, and what that does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import (
    Account,
    AuditEntry,
    Comment,
    Decision,
    Opinion,
    Role,
    Sample,
    SampleKind,
    Status,
)
from moderation import decisions, samples, second_look
from moderation.decisions import Actor
from moderation.errors import NotFound, Refused, StaleVersion

MakeComment = Callable[..., int]
MakeStaff = Callable[..., int]


@pytest.fixture
def everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every comment is drawn."""
    monkeypatch.setattr(samples, "LARGEST_SHARE", 1.1)
    monkeypatch.setattr(samples, "SECOND_SHARE", 1.1)


@pytest.fixture
def two(make_staff: MakeStaff, site: int) -> tuple[int, int]:
    """Two moderators of the site."""
    return (
        make_staff("first@example.org", Role.MODERATOR, site),
        make_staff("second@example.org", Role.MODERATOR, site),
    )


def only(session: Session) -> Sample:
    """The one sample there is."""
    return session.scalars(select(Sample)).one()


def decide(session: Session, comment_id: int, after: Status, account_id: int) -> Decision:
    """What a moderator does at the desk."""
    comment = session.get_one(Comment, comment_id)
    actor = Actor.staff(session.get_one(Account, account_id))
    return decisions.decide(session, comment, after, actor)


def answer(
    session: Session, opinion: Opinion, account_id: int, site: int, version: int = 0
) -> tuple[Sample, int]:
    """What a moderator says of the one sample."""
    sample = only(session)
    seen = version or session.get_one(Comment, sample.comment_id).version
    actor = Actor.staff(session.get_one(Account, account_id))
    return second_look.answer(session, sample.id, opinion, actor, [site], version=seen)


# --- drawing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lately", "share"),
    [(0, 0.1), (1, 0.1), (100, 0.1), (101, 10 / 101), (2_000, 0.005), (10**9, 0.0005)],
)
def test_a_busier_site_draws_a_smaller_share(lately: int, share: float):
    assert samples.share_of_published(lately) == pytest.approx(share)


def test_chance_is_repeatable_even_and_different_for_each_purpose():
    drawn = [samples.chance_of(3, number, SampleKind.PUBLISHED) for number in range(20_000)]
    assert drawn == [samples.chance_of(3, number, SampleKind.PUBLISHED) for number in range(20_000)]
    for share in (0.01, 0.1, 0.5):
        found = sum(one < share for one in drawn) / len(drawn)
        assert found == pytest.approx(share, abs=4 * (share * (1 - share) / 20_000) ** 0.5)
    second = [samples.chance_of(3, number, SampleKind.SECOND) for number in range(20_000)]
    both = sum(a < 0.1 and b < 0.1 for a, b in zip(drawn, second, strict=True))
    assert both == pytest.approx(200, abs=60)


def test_only_what_the_system_publishes_is_drawn(
    everything: None, make_comment: MakeComment, session: Session
):
    held, published = make_comment("You idiot."), make_comment("A fine day.")
    drawn = session.scalars(select(Sample)).all()
    assert [one.comment_id for one in drawn] == [published]
    assert held not in {one.comment_id for one in drawn}
    assert (drawn[0].kind, drawn[0].opinion) == (SampleKind.PUBLISHED, Opinion.NONE)


def test_a_second_opinion_is_drawn_of_what_staff_decided(
    everything: None, make_comment: MakeComment, two: tuple[int, int], session: Session
):
    number = make_comment("You idiot.")
    with writing() as session:
        made = decide(session, number, Status.REJECTED, two[0])
        decisions.undo(session, made, Actor.staff(session.get_one(Account, two[0])))
    sample = only(session)
    assert (sample.kind, sample.decision_id, sample.first_account_id) == (
        SampleKind.SECOND,
        made.id,
        two[0],
    )
    with writing() as session:
        again = decide(session, number, Status.PUBLISHED, two[1])
    # The word that stands is the one to be compared.
    assert (only(session).decision_id, only(session).first_account_id) == (again.id, two[1])


# --- judging -------------------------------------------------------------------------------


@pytest.fixture
def published(everything: None, monkeypatch: pytest.MonkeyPatch, make_comment: MakeComment) -> int:
    """A published comment that was drawn."""
    number = make_comment("A fine day.")
    monkeypatch.setattr(samples, "SECOND_SHARE", 0.0)
    return number


def test_to_approve_what_is_published_leaves_it(
    published: int, two: tuple[int, int], site: int, session: Session
):
    with writing() as session:
        assert second_look.count_waiting(session, [site], two[0]) == 1
        _, decision = answer(session, Opinion.APPROVE, two[0], site)
        assert decision == 0
    assert session.get_one(Comment, published).status is Status.PUBLISHED
    assert session.scalars(select(Decision)).all()[-1].actor_name == "Parley"
    assert session.scalars(select(AuditEntry.action)).all() == ["opinion given"]
    assert second_look.count_waiting(session, [site], two[0]) == 0
    with pytest.raises(Refused, match="Somebody else"):
        answer(session, Opinion.REJECT, two[1], site)


def test_to_reject_what_is_published_is_a_decision(
    published: int, two: tuple[int, int], site: int, session: Session
):
    with writing() as session:
        sample, decision = answer(session, Opinion.REJECT, two[0], site)
        assert (sample.account_id, sample.opinion) == (two[0], Opinion.REJECT)
    made = session.get_one(Decision, decision)
    assert (made.before, made.after, made.actor_id) == (
        Status.PUBLISHED,
        Status.REJECTED,
        two[0],
    )


@pytest.fixture
def rejected(everything: None, make_comment: MakeComment, two: tuple[int, int], app: Flask) -> int:
    """A comment that the first moderator rejected, drawn for a second opinion."""
    number = make_comment("You idiot.")
    with app.app_context(), writing() as session:
        decide(session, number, Status.REJECTED, two[0])
    return number


def test_a_second_opinion_changes_nothing_and_a_disagreement_is_listed(
    rejected: int, two: tuple[int, int], site: int, session: Session
):
    before = session.get_one(Comment, rejected).version
    with writing() as session:
        sample, decision = answer(session, Opinion.APPROVE, two[1], site)
        assert (decision, second_look.agrees(session, sample)) == (0, False)
    comment = session.get_one(Comment, rejected)
    assert (comment.status, comment.version) == (Status.REJECTED, before)
    assert [one.comment.id for one in second_look.disagreements(session, site)] == [rejected]
    assert second_look.verdicts(session, site).only_first_rejects == 1
    with writing() as session:
        decide(session, rejected, Status.PUBLISHED, two[1])
    # Decided anew, it is not open any more; the figure stays.
    assert second_look.disagreements(session, site) == []
    assert second_look.verdicts(session, site).only_first_rejects == 1


def test_an_agreement_is_counted_and_not_listed(
    rejected: int, two: tuple[int, int], site: int, session: Session
):
    with writing() as session:
        sample, _ = answer(session, Opinion.REJECT, two[1], site)
        assert second_look.agrees(session, sample)
    assert second_look.disagreements(session, site) == []
    assert second_look.verdicts(session, site).both_reject == 1


def test_a_rejection_that_is_taken_back_asks_for_an_opinion_again(
    everything: None, make_comment: MakeComment, two: tuple[int, int], site: int, session: Session
):
    number = make_comment()
    before = only(session).share
    with writing() as session:
        _, made = answer(session, Opinion.REJECT, two[0], site)
    with writing() as session:
        actor = Actor.staff(session.get_one(Account, two[0]))
        decisions.undo(session, session.get_one(Decision, made), actor)
    drawn = session.scalars(select(Sample).where(Sample.kind == SampleKind.PUBLISHED)).one()
    assert (drawn.opinion, drawn.account_id, drawn.answered_at) == (Opinion.NONE, 0, None)
    assert (drawn.share, drawn.revision) == (before, 1)
    assert calibrated(session, site) == []
    waiting = second_look.waiting(session, [site], two[1])
    assert waiting.comment is not None
    assert waiting.comment.id == number


def test_taking_another_rejection_back_leaves_the_opinion(
    everything: None, make_comment: MakeComment, two: tuple[int, int], site: int, session: Session
):
    number = make_comment()
    with writing() as session:
        answer(session, Opinion.REJECT, two[0], site)
    with writing() as session:
        decide(session, number, Status.PUBLISHED, two[1])
        later = decide(session, number, Status.REJECTED, two[1])
        decisions.undo(session, later, Actor.staff(session.get_one(Account, two[1])))
    drawn = session.scalars(select(Sample).where(Sample.kind == SampleKind.PUBLISHED)).one()
    assert (drawn.opinion, drawn.account_id) == (Opinion.REJECT, two[0])
    assert calibrated(session, site) == [Opinion.REJECT]


def calibrated(session: Session, site: int) -> list[Opinion]:
    """The opinions that calibration goes by."""
    rows = session.scalars(
        select(Sample.opinion).where(
            Sample.site_id == site,
            Sample.kind == SampleKind.PUBLISHED,
            Sample.opinion != Opinion.NONE,
        )
    )
    return list(rows)


def test_never_to_the_same_moderator_nor_to_another_site(
    rejected: int, two: tuple[int, int], site: int, other_site: int, session: Session
):
    assert second_look.waiting(session, [site], two[0]).comment is None
    assert second_look.waiting(session, [site], two[1]).count == 1
    assert second_look.waiting(session, [other_site], two[1]).count == 0
    with pytest.raises(NotFound):
        answer(session, Opinion.REJECT, two[0], site)
    with pytest.raises(NotFound):
        answer(session, Opinion.REJECT, two[1], other_site)


def test_what_changed_since_is_not_judged(
    rejected: int, two: tuple[int, int], site: int, session: Session
):
    with pytest.raises(StaleVersion):
        answer(session, Opinion.APPROVE, two[1], site, version=99)
    with writing() as session:
        taken_back = session.get_one(Decision, only(session).decision_id)
        decisions.undo(session, taken_back, Actor.staff(session.get_one(Account, two[0])))
    assert second_look.waiting(session, [site], two[1]).count == 0
