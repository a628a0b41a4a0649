"""Cases passed on to a senior, and internal notes: who may, what is written down, the way back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import ActorKind, AuditEntry, Comment, Note, Status
from moderation import decisions, escalation, notes
from moderation.decisions import Actor
from moderation.errors import Forbidden, Invalid, Refused, StaleVersion
from moderation.permissions import Action

MakeComment = Callable[..., int]
ANNA, BEN = (Actor(ActorKind.STAFF, number, name) for number, name in ((7, "Anna"), (8, "Ben")))


@pytest.fixture
def held(session: Session, make_comment: MakeComment) -> Comment:
    """A held comment."""
    return session.get_one(Comment, make_comment("You idiot."))


def log(session: Session) -> list[tuple[str, str]]:
    """What the audit log says of notes and escalations."""
    session.flush()
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(one.action, one.actor_name) for one in entries]


def test_what_is_passed_on_waits_for_a_senior(session: Session, held: Comment):
    assert escalation.needed(held) is Action.DECIDE
    escalation.pass_on(session, held, ANNA, version=held.version)
    assert escalation.needed(held) is Action.DECIDE_ESCALATED
    with pytest.raises(Refused, match="already"):
        escalation.pass_on(session, held, BEN)
    with pytest.raises(Refused, match="Only who passed it on"):
        escalation.take_back(session, held, BEN, is_senior=False)
    escalation.take_back(session, held, ANNA, is_senior=False)
    assert not held.escalated
    with pytest.raises(Refused, match="any more"):
        escalation.take_back(session, held, ANNA, is_senior=False)
    escalation.pass_on(session, held, ANNA)
    escalation.take_back(session, held, BEN, is_senior=True)
    assert log(session) == [
        ("case escalated", "Anna"),
        ("escalation taken back", "Anna"),
        ("case escalated", "Anna"),
        ("escalation taken back", "Ben"),
    ]


def test_an_older_state_is_not_passed_on(session: Session, held: Comment):
    with pytest.raises(StaleVersion):
        escalation.pass_on(session, held, ANNA, version=held.version - 1)
    decisions.decide(session, held, Status.REJECTED, BEN)
    with pytest.raises(Refused, match="nothing to decide"):
        escalation.pass_on(session, held, ANNA)


def test_an_undone_answer_has_it_wait_for_a_senior_again(session: Session, held: Comment):
    escalation.pass_on(session, held, ANNA)
    decision = decisions.decide(session, held, Status.PUBLISHED, BEN)
    escalation.answer(session, held, decision, BEN)
    assert not held.escalated
    decisions.undo(session, decision, BEN)
    escalation.reopen(session, held, decision)
    assert (held.status, held.escalated) == (Status.HELD, True)
    # A later decision that answered nothing opens nothing.
    escalation.take_back(session, held, BEN, is_senior=True)
    plain = decisions.decide(session, held, Status.PUBLISHED, BEN)
    decisions.undo(session, plain, BEN)
    escalation.reopen(session, held, plain)
    assert not held.escalated


def test_a_note_is_taken_back_by_who_wrote_it(session: Session, held: Comment):
    entry = notes.add(session, held, "  Knows the\r\nmayor.  ", ANNA)
    note = session.get_one(Note, entry.subject_id)
    assert note.text == "Knows the\nmayor."
    with pytest.raises(Forbidden):
        notes.take_back(session, note, BEN)
    notes.take_back(session, note, ANNA)
    assert session.scalars(select(Note)).all() == []
    assert log(session) == [("note written", "Anna"), ("note taken back", "Anna")]
    assert "mayor" not in str([one.detail for one in session.scalars(select(AuditEntry))])


@pytest.mark.parametrize("text", ["", " \n ", "a" * 2001, "a\x00b", "\ud800"])
def test_a_note_that_cannot_be_kept_is_refused(session: Session, held: Comment, text: str):
    with pytest.raises(Invalid):
        notes.add(session, held, text, ANNA)
