"""The one door to a status: who may turn what into what, undoing, reports, and the record."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from discussion import comments as posting
from discussion import votes
from jobs.transactions import reading, writing
from models import (
    Account,
    AccountKind,
    ActorKind,
    Comment,
    Decision,
    Job,
    JobState,
    Report,
    ReportReason,
    ReportState,
    Site,
    Status,
    Thread,
)
from moderation import decisions, policies, reports, screening
from moderation.decisions import SYSTEM, Actor
from moderation.errors import ParleyError, Refused, StaleVersion, Unchanged
from tests.conftest import WordClassifier, status_of
from tests.flows.invariants import broken_promises

U, H, P, R, W = Status.UNSCORED, Status.HELD, Status.PUBLISHED, Status.REJECTED, Status.WITHDRAWN

# Row: where the comment stands. Letters: what it can become by this actor.
GRID: dict[ActorKind, dict[Status, set[Status]]] = {
    # Software judges what is unjudged, and hides what many reported; it never publishes again.
    ActorKind.SYSTEM: {U: {H, P, R, W}, H: set(), P: {H}, R: set(), W: set()},
    # People decide anything but what its author took back; P -> P says that the reports are wrong.
    ActorKind.STAFF: {U: {H, P, R}, H: {P, R}, P: {H, P, R}, R: {H, P, R}, W: set()},
    ActorKind.API_KEY: {U: {H, P, R}, H: {P, R}, P: {H, P, R}, R: {H, P, R}, W: set()},
    # Authors edit (to be judged again) and take back; they cannot publish, nor undo a rejection.
    ActorKind.AUTHOR: {U: {U, W}, H: {U, W}, P: {U, W}, R: set(), W: set()},
}

MakeComment = Callable[..., int]
SOMEBODY = Actor(ActorKind.STAFF, 1, "Somebody")


def put(app: Flask, number: int, status: Status) -> None:
    """Set a status past the door, for the beginning of a test."""
    with app.app_context(), writing() as session:
        session.execute(update(Comment).where(Comment.id == number).values(status=status))


def decide(app: Flask, number: int, after: Status, **more: Any) -> int:
    """A person's decision; its number."""
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        decision = decisions.decide(session, comment, after, SOMEBODY, **more)
        session.flush()
        return decision.id


def undo(app: Flask, decision: int) -> int:
    """A person's undoing of a decision; the number of the new one."""
    with app.app_context(), writing() as session:
        taken_back = decisions.undo(session, session.get_one(Decision, decision), SOMEBODY)
        session.flush()
        return taken_back.id


def test_nobody_turns_a_status_into_one_that_the_grid_does_not_allow(
    app: Flask, make_comment: MakeComment
):
    number = make_comment()
    for kind, before, after in itertools.product(ActorKind, Status, Status):
        put(app, number, before)
        try:
            with app.app_context(), writing() as session:
                comment = session.get_one(Comment, number)
                decisions.decide(session, comment, after, Actor(kind, 1, "Somebody"))
            allowed = True
        except Refused:
            allowed = False
        assert allowed is (after in GRID[kind][before]), (kind, before, after)
        assert status_of(app, number) == (after if allowed else before)


def test_a_decision_records_all_that_was_known(app: Flask, make_comment: MakeComment):
    number = make_comment("You idiot.")
    made = decide(app, number, P, reasons=["quote"], note="He quotes the minister.")
    with app.app_context(), reading() as session:
        row = session.get_one(Decision, made)
        assert (row.before, row.after, row.revision, row.policy_version) == (H, P, 1, 1)
        assert (row.actor_kind, row.actor_id, row.actor_name) == (ActorKind.STAFF, 1, "Somebody")
        assert (row.reasons, row.note, row.undoes) == (["quote"], "He quotes the minister.", 0)


def test_a_version_that_has_passed_is_refused(app: Flask, make_comment: MakeComment):
    number = make_comment()
    with app.app_context(), reading() as session:
        seen = session.get_one(Comment, number).version
    # To publish what is published says that the reports are wrong; the status stays, and yet
    # the second one to look has to be told.
    decide(app, number, P, version=seen)
    for after in (P, R, H):
        with pytest.raises(StaleVersion):
            decide(app, number, after, version=seen)
    assert status_of(app, number) == "published"


def test_the_record_cannot_be_changed_or_cut(app: Flask, make_comment: MakeComment):
    make_comment()
    with app.app_context():
        with pytest.raises(RuntimeError, match="append-only"), writing() as session:
            session.scalars(select(Decision)).one().note = "changed"
        with pytest.raises(RuntimeError, match="append-only"), writing() as session:
            session.delete(session.scalars(select(Decision)).one())
        with reading() as session:
            assert session.scalars(select(Decision)).one().note == ""


@pytest.mark.parametrize(
    ("before", "after", "again"),
    [(H, P, H), (H, R, H), (P, R, P), (P, H, P), (P, P, P), (R, P, R), (R, H, R), (R, R, R),
     # A comment without a score when it was decided may have one by now: a person looks.
     (U, P, H), (U, R, H)],
)  # fmt: skip
def test_undoing_puts_back_what_stood_before(
    app: Flask, make_comment: MakeComment, before: Status, after: Status, again: Status
):
    number = make_comment()
    put(app, number, before)
    made = decide(app, number, after)
    undone = undo(app, made)
    assert status_of(app, number) == again
    with pytest.raises(Refused):
        undo(app, undone)
    assert status_of(app, number) == again


def test_only_the_newest_decision_of_a_person_can_be_undone(app: Flask, make_comment: MakeComment):
    number = make_comment("You idiot.")
    with app.app_context(), reading() as session:
        by_system = session.scalars(select(Decision.id)).one()
    with pytest.raises(Refused, match="moderator"):
        undo(app, by_system)
    first = decide(app, number, P)
    decide(app, number, R)
    with pytest.raises(StaleVersion):
        undo(app, first)
    assert status_of(app, number) == "rejected"


def test_an_edit_or_a_withdrawal_after_a_decision_cannot_be_undone_away(
    app: Flask, make_comment: MakeComment
):
    for change in ("edit", "withdraw"):
        number = make_comment("You idiot.")
        made = decide(app, number, P)
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, number)
            if change == "edit":
                words = posting.draft("Worse, idiot.", 100)
                posting.edit(session, comment, comment.author, words, 15)
            else:
                posting.withdraw(session, comment, comment.author)
        with pytest.raises(StaleVersion):
            undo(app, made)
        assert status_of(app, number) in ("unscored", "withdrawn")


@pytest.fixture
def readers(app: Flask) -> list[int]:
    """Six readers who were here before anything was written."""
    with app.app_context(), writing() as session:
        made = [Account(kind=AccountKind.GUEST, name=f"Reader {n}") for n in range(6)]
        session.add_all(made)
        session.flush()
        return [reader.id for reader in made]


def report(app: Flask, number: int, *by: int) -> None:
    """Some readers report a comment."""
    with app.app_context(), writing() as session:
        for reader in by:
            comment = session.get_one(Comment, number)
            account = session.get_one(Account, reader)
            reports.record(session, comment, account, ReportReason.SPAM, "")


def states(app: Flask, number: int) -> list[str]:
    """What became of the reports on a comment, and how many the comment thinks are open."""
    with app.app_context(), reading() as session:
        rows = session.scalars(select(Report).where(Report.comment_id == number)).all()
        comment = session.get_one(Comment, number)
        assert comment.open_reports == sum(row.state is ReportState.OPEN for row in rows)
        assert all((row.decision_id == 0) is (row.state is ReportState.OPEN) for row in rows)
        return sorted({row.state.value for row in rows})


def test_enough_reports_of_known_readers_hold_a_comment(
    app: Flask, readers: list[int], make_comment: MakeComment
):
    number = make_comment()
    report(app, number, *readers[:4], readers[0], readers[1])
    assert status_of(app, number) == "published"
    report(app, number, readers[4])
    assert status_of(app, number) == "held"
    with app.app_context(), reading() as session:
        newest = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
        assert newest is not None
        assert (newest.actor_kind, newest.reasons) == (ActorKind.SYSTEM, ["reports"])


def test_readers_made_up_for_the_purpose_hold_nothing(
    app: Flask, make_comment: MakeComment, tmp_path: Path
):
    number = make_comment()
    with app.app_context(), writing() as session:
        made = [Account(kind=AccountKind.GUEST, name="New") for _ in range(9)]
        session.add_all(made)
        session.flush()
        new = [reader.id for reader in made]
    report(app, number, *new)
    assert status_of(app, number) == "published"
    assert states(app, number) == ["open"]
    assert broken_promises(tmp_path / "parley.db") == []


@pytest.mark.parametrize(("after", "settled"), [(P, "dismissed"), (R, "upheld"), (H, "open")])
def test_a_persons_decision_answers_the_reports_and_undoing_opens_them_again(
    app: Flask,
    readers: list[int],
    make_comment: MakeComment,
    after: Status,
    settled: str,
):
    number = make_comment()
    report(app, number, *readers[:3])
    made = decide(app, number, after)
    assert states(app, number) == [settled]
    undo(app, made)
    assert states(app, number) == ["open"]
    assert status_of(app, number) == "published"


def test_reports_settled_before_stay_settled_when_a_later_decision_is_undone(
    app: Flask, readers: list[int], make_comment: MakeComment
):
    number = make_comment()
    report(app, number, readers[0])
    decide(app, number, P)
    report(app, number, readers[1])
    made = decide(app, number, R)
    assert states(app, number) == ["dismissed", "upheld"]
    undo(app, made)
    assert states(app, number) == ["dismissed", "open"]


def test_an_edit_frees_a_comment_from_no_report(
    app: Flask, readers: list[int], make_comment: MakeComment, classifier: WordClassifier
):
    number = make_comment()
    report(app, number, *readers[:5])
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        words = posting.draft("Quite another text.", 100)
        posting.edit(session, comment, comment.author, words, 15)
        screening.screen(session, comment, classifier.score([words.text])[0], 2)
    assert status_of(app, number) == "held"
    assert states(app, number) == ["open"]


# --- the record replays to the state, whatever happens in whatever order -------------------------

_OPERATIONS = st.one_of(
    st.tuples(st.just("decide"), st.integers(0, 3), st.sampled_from([H, P, R])),
    st.tuples(st.just("undo"), st.integers(0, 3), st.none()),
    st.tuples(st.just("edit"), st.integers(0, 3), st.sampled_from(["nice", "idiot"])),
    st.tuples(st.just("withdraw"), st.integers(0, 3), st.none()),
    st.tuples(st.just("score"), st.integers(0, 3), st.none()),
    st.tuples(st.just("report"), st.integers(0, 3), st.integers(0, 5)),
    st.tuples(st.just("vote"), st.integers(0, 3), st.sampled_from([-1, 0, 1])),
)


class Discussion:
    """Four comments, one below the other and beside it, and what can be done to them."""

    def __init__(self, session: Session, thread: int, readers: list[int]) -> None:
        self._readers = readers
        root = self._post(session, thread, None)
        below = self._post(session, thread, root)
        self.comments = [
            root,
            below,
            self._post(session, thread, below),
            self._post(session, thread, root),
        ]

    def _post(self, session: Session, thread: int, parent: int | None) -> int:
        author = Account(kind=AccountKind.GUEST, name="Ada")
        session.add(author)
        session.flush()
        comment, _ = posting.post(
            session,
            session.get_one(Thread, thread),
            author,
            posting.draft("Nice.", 100),
            parent,
            posting.Limits(text=100, name=60, depth=9, edit_minutes=15),
        )
        self.score(session, comment, None)
        return comment.id

    def decide(self, session: Session, comment: Comment, after: Status) -> None:
        """A person decides."""
        decisions.decide(session, comment, after, SOMEBODY)

    def undo(self, session: Session, comment: Comment, _: None) -> None:
        """A person takes the newest decision back."""
        newest = session.scalars(
            select(Decision).where(Decision.comment_id == comment.id).order_by(Decision.id.desc())
        ).first()
        if newest is not None:
            decisions.undo(session, newest, SOMEBODY)

    def edit(self, session: Session, comment: Comment, word: str) -> None:
        """The author writes something else."""
        words = posting.draft(f"{word} {comment.revision}", 100)
        posting.edit(session, comment, comment.author, words, 15)

    def withdraw(self, session: Session, comment: Comment, _: None) -> None:
        """The author takes it back."""
        posting.withdraw(session, comment, comment.author)

    def score(self, session: Session, comment: Comment, _: None) -> None:
        """What is owed is done."""
        session.execute(
            update(Job)
            .where(Job.comment_id == comment.id, Job.revision == comment.revision)
            .values(state=JobState.DONE)
        )
        scores = WordClassifier().score([comment.text])[0]
        screening.screen(session, comment, scores, comment.revision)

    def report(self, session: Session, comment: Comment, reader: int) -> None:
        """A reader reports it, if there is anything to be seen."""
        if comment.status is P:
            account = session.get_one(Account, self._readers[reader])
            reports.record(session, comment, account, ReportReason.OTHER, "")

    def vote(self, session: Session, comment: Comment, value: int) -> None:
        """A reader votes."""
        if comment.status is P:
            votes.cast(session, comment, session.get_one(Account, self._readers[0]), value)


@given(st.lists(_OPERATIONS, min_size=5, max_size=25))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_the_record_replays_and_the_counts_are_right(
    app: Flask,
    thread: int,
    tmp_path: Path,
    operations: list[tuple[str, int, Any]],
):
    with app.app_context():
        with writing() as session:
            accounts = [Account(kind=AccountKind.GUEST, name="Reader") for _ in range(6)]
            session.add_all(accounts)
            site = session.scalars(select(Site)).one()
            with suppress(Unchanged):
                policies.change(session, site, {"rules": {"reports": ["hold", 2]}}, SYSTEM)
            session.flush()
            discussion = Discussion(session, thread, [account.id for account in accounts])
        for name, which, value in operations:
            try:
                with writing() as session:
                    comment = session.get_one(Comment, discussion.comments[which])
                    getattr(discussion, name)(session, comment, value)
            except ParleyError:
                continue
    assert broken_promises(tmp_path / "parley.db") == []
