"""Objections to rejections: when one is possible, what answers it, and that there is only one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from discussion import comments as posting
from discussion import reading as read
from jobs.transactions import reading, writing
from models import (
    Account,
    ActorKind,
    Appeal,
    AppealState,
    Comment,
    Decision,
    Status,
    db,
    utcnow,
)
from moderation import appeals, decisions
from moderation.appeals import APPEAL_DAYS, Stand, where_they_stand
from moderation.decisions import SYSTEM, Actor
from moderation.errors import Invalid, Refused, TextTooLong

MakeComment = Callable[..., int]
MO, JO = Actor(ActorKind.STAFF, 1, "Mo"), Actor(ActorKind.STAFF, 2, "Jo")
H, P, R, U = Status.HELD, Status.PUBLISHED, Status.REJECTED, Status.UNSCORED


class Life:
    """What happens to one comment, step by step."""

    def __init__(self, app: Flask, number: int, clock: ExitStack) -> None:
        self._app, self.number, self._clock = app, number, clock

    def go(self, *steps: str) -> Stand:
        """Take some steps and answer where the objection stands then."""
        for step in steps:
            with self._app.app_context(), writing() as session:
                getattr(self, f"_{step}")(session, session.get_one(Comment, self.number))
        with self._app.app_context(), reading() as session:
            comment = session.get_one(Comment, self.number)
            return where_they_stand(session, [comment])[self.number].state

    def _hold(self, session: Session, comment: Comment) -> None:
        decisions.decide(session, comment, H, MO)

    def _reject(self, session: Session, comment: Comment) -> None:
        decisions.decide(session, comment, R, MO)

    def _approve(self, session: Session, comment: Comment) -> None:
        decisions.decide(session, comment, P, JO)

    def _machine(self, session: Session, comment: Comment) -> None:
        author = Actor.author(comment.author)
        decisions.decide(session, comment, U, author)
        decisions.decide(session, comment, R, SYSTEM, ["score:insult"])

    def _undo(self, session: Session, comment: Comment) -> None:
        newest = select(Decision).where(Decision.comment_id == comment.id)
        made = session.scalars(newest.order_by(Decision.id.desc())).first()
        assert made is not None
        decisions.undo(session, made, MO)

    def _object(self, session: Session, comment: Comment) -> None:
        appeals.make(session, comment, comment.author, "It was a quotation.")

    def _withdraw(self, session: Session, comment: Comment) -> None:
        posting.withdraw(session, comment, comment.author)

    def _edit(self, session: Session, comment: Comment) -> None:
        posting.edit(session, comment, comment.author, posting.draft("Calmer.", 100), 15)

    def _wait(self, session: Session, comment: Comment) -> None:
        # What is recorded cannot be dated back; so the clock goes on.
        later = utcnow() + timedelta(days=APPEAL_DAYS, minutes=1)
        self._clock.enter_context(time_machine.travel(later))


@pytest.fixture
def life(app: Flask, make_comment: MakeComment) -> Iterator[Life]:
    """A comment that was published at once."""
    with ExitStack() as clock:
        yield Life(app, make_comment(), clock)


@pytest.mark.parametrize(
    ("steps", "stand"),
    [
        # Only a rejection can be objected to, whoever rejected.
        ([], Stand.NONE),
        (["hold"], Stand.NONE),
        (["reject"], Stand.POSSIBLE),
        (["machine"], Stand.POSSIBLE),
        (["reject", "undo"], Stand.NONE),
        (["hold", "withdraw"], Stand.NONE),
        (["reject", "wait"], Stand.NONE),
        # Made: it waits, whatever is put off meanwhile.
        (["reject", "object"], Stand.OPEN),
        (["reject", "object", "wait"], Stand.OPEN),
        (["machine", "object", "hold"], Stand.OPEN),
        # Answered by a person, who may take the answer back.
        (["reject", "object", "approve"], Stand.GRANTED),
        (["machine", "object", "reject"], Stand.DENIED),
        (["machine", "object", "hold", "reject"], Stand.DENIED),
        (["reject", "object", "reject", "undo"], Stand.OPEN),
        (["reject", "object", "approve", "undo"], Stand.OPEN),
        # Taking the rejection back is what was asked for.
        (["reject", "object", "undo"], Stand.GRANTED),
        # A new rejection is a new decision; the answer to an objection is the last word.
        (["reject", "object", "approve", "reject"], Stand.POSSIBLE),
        (["reject", "object", "approve", "reject", "object"], Stand.OPEN),
        (["reject", "object", "reject", "reject"], Stand.POSSIBLE),
        # The author's own doing ends it.
        (["reject", "object", "hold", "withdraw"], Stand.NONE),
        (["reject", "object", "hold", "edit"], Stand.NONE),
    ],
)
def test_where_an_objection_stands(life: Life, steps: Sequence[str], stand: Stand):
    assert life.go(*steps) is stand


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ([], "is published"),
        (["hold"], "Nobody has rejected"),
        (["hold", "withdraw"], "took this comment back"),
        (["reject", "object"], "objected already"),
        (["reject", "object", "hold"], "objected already"),
        (["reject", "object", "reject"], "the rejection stands"),
        (["reject", "wait"], "183 days"),
    ],
)
def test_what_is_said_where_it_is_not_possible(life: Life, steps: Sequence[str], why: str):
    life.go(*steps)
    with pytest.raises(Refused, match=why):
        life.go("object")


@pytest.mark.parametrize(
    ("text", "error"), [("", Invalid), (" \n", Invalid), ("x" * 2001, TextTooLong)]
)
def test_a_text_that_is_none(app: Flask, life: Life, text: str, error: type[Exception]):
    life.go("reject")
    with app.app_context(), reading() as session:
        comment = session.get_one(Comment, life.number)
        with pytest.raises(error):
            appeals.make(session, comment, comment.author, text)


def test_the_row_names_what_it_is_about_and_what_answered_it(app: Flask, life: Life):
    life.go("machine", "object", "reject")
    with app.app_context(), reading() as session:
        made = session.scalars(select(Appeal)).one()
        comment = session.get_one(Comment, life.number)
        by_number = {one.id: one for one in session.scalars(select(Decision))}
        assert by_number[made.decision_id].actor_kind is ActorKind.SYSTEM
        assert by_number[made.answer_id].actor_name == "Mo"
        assert (made.state, made.text) == (AppealState.DENIED, "It was a quotation.")
        assert (made.site_id, made.account_id) == (comment.site_id, comment.author_id)


def test_an_author_sees_again_what_was_granted(app: Flask, life: Life):
    life.go("reject", "object", "approve")
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, life.number)
        comment.created_at = utcnow() - timedelta(days=3)
        thread_id, author_id = comment.thread_id, comment.author_id
    with app.app_context(), reading() as session:
        part = read.own_part(session, thread_id, session.get_one(Account, author_id), 15)
        assert [comment.id for comment in part.comments] == [life.number]
        stranger = session.get_one(Account, author_id)
        stranger.id += 1000
        session.expunge(stranger)
        assert read.own_part(session, thread_id, stranger, 15).comments == []


def test_it_takes_two_queries_however_many_and_none_for_what_was_never_rejected(
    app: Flask, make_comment: MakeComment
):
    numbers = [make_comment() for _ in range(6)]
    asked: list[str] = []
    with app.app_context(), reading() as session:
        few = [session.get_one(Comment, number) for number in numbers]

        def note(*arguments: object) -> None:
            asked.append(str(arguments[2]))

        event.listen(db.engine, "before_cursor_execute", note)
        where_they_stand(session, few)
        assert asked == []
        for comment in few:
            decisions.decide(session, comment, R, MO)
        asked.clear()
        where_they_stand(session, few[:1])
        once = len(asked)
        where_they_stand(session, few)
        assert (once, len(asked)) == (2, 4)
