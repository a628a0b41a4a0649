"""Reading a thread: who sees what, in which order, and that it costs the same as it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import event, insert, update
from sqlalchemy.orm import Session

from discussion import reading
from discussion.reading import Sort
from discussion.views import CommentView
from jobs.transactions import writing
from models import Account, AccountKind, Comment, Status, Vote, db
from models.visibility import in_thread, public, readable_by
from moderation.errors import Invalid, NotFound

MakeComment = Callable[..., int]
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the body sends."""
    seen: list[str] = []

    def note(conn: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.split()[0] not in ("BEGIN", "PRAGMA"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def fill(session: Session, site: int, thread: int, count: int) -> None:
    """A thread of `count` published comments: a tenth at the first level, the rest below them."""
    author = Account(kind=AccountKind.GUEST, name="Ada")
    session.add(author)
    session.flush()
    roots = max(1, count // 10)
    rows = []
    for number in range(1, count + 1):
        parent = None if number <= roots else (number - roots - 1) // 9 + 1
        parent = parent if parent is None or parent < number else roots
        rows.append(
            {
                "id": number,
                "site_id": site,
                "thread_id": thread,
                "parent_id": parent,
                "depth": 0 if parent is None else 1,
                "author_id": author.id,
                "author_name": "Ada",
                "text": "x",
                "html": "<p>x</p>",
                "status": Status.PUBLISHED,
                "version": 1,
                "created_at": _BEGIN + timedelta(seconds=number),
                "best": number % 7 / 7,
            }
        )
    session.execute(insert(Comment), rows)
    for number in range(1, roots + 1):
        below = sum(1 for row in rows if row["parent_id"] == number)
        session.execute(
            update(Comment)
            .where(Comment.id == number)
            .values(reply_count=below, descendant_count=below)
        )


@pytest.mark.parametrize("sort", Sort)
def test_a_page_costs_the_same_however_long_the_thread(
    app: Flask, session: Session, site: int, thread: int, sort: Sort
):
    costs = []
    for count in (10, 1_000):
        with writing() as writer:
            writer.execute(Comment.__table__.delete())
            fill(writer, site, thread, count)
        reader = Account(kind=AccountKind.GUEST, name="Reader")
        with writing() as writer:
            writer.add(reader)
        with counted() as statements:
            page = reading.page(session, thread, sort, None, 20)
        with counted() as more:
            reading.replies(session, page.comments[0].id, Sort.OLDEST)
            reading.one(session, 10)
            reading.own_part(session, thread, reader, 15)
        costs.append((len(statements), len(more)))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 1 + reading.LEVELS
    assert len(page.comments) == 20


@pytest.mark.parametrize("sort", Sort)
def test_all_pages_together_hold_each_comment_once(
    app: Flask, session: Session, site: int, thread: int, sort: Sort
):
    with writing() as writer:
        fill(writer, site, thread, 230)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = reading.page(session, thread, sort, cursor, 5)
        for view in page.comments:
            seen.append(view.id)
            seen += walked(session, view, sort)
        if page.next is None:
            break
        cursor = page.next
    assert sorted(seen) == list(range(1, 231))


def walked(session: Session, view: CommentView, sort: Sort) -> list[int]:
    """The numbers of all that stands below, fetching what did not come along."""
    order = Sort.BEST if sort is Sort.BEST else Sort.OLDEST
    seen: list[int] = []
    replies, cursor = view.replies, view.more_replies
    while True:
        for reply in replies:
            seen.append(reply.id)
            seen += walked(session, reply, sort)
        if cursor is None:
            return seen
        more = reading.replies(session, view.id, order, cursor, 3)
        replies, cursor = more.comments, more.next


def set_status(number: int, status: Status) -> None:
    """Set a status past the door."""
    with writing() as session:
        session.execute(update(Comment).where(Comment.id == number).values(status=status))


@pytest.mark.parametrize(
    ("status", "everyone", "author"),
    [
        (Status.PUBLISHED, True, True),
        (Status.UNSCORED, False, True),
        (Status.HELD, False, True),
        (Status.REJECTED, False, True),
        # What was taken back is gone for its author, too.
        (Status.WITHDRAWN, False, False),
    ],
)
def test_who_may_read_what(
    app: Flask,
    session: Session,
    thread: int,
    make_comment: MakeComment,
    status: Status,
    everyone: bool,
    author: bool,
):
    number = make_comment()
    set_status(number, status)
    written_by = session.get_one(Comment, number).author_id

    def found(*rule: object) -> bool:
        query = db.select(Comment.id).where(Comment.id == number, *rule)
        return session.scalar(query) is not None

    assert found(public()) is everyone
    assert found(in_thread()) is everyone
    assert found(readable_by(0)) is everyone
    assert found(readable_by(written_by + 1)) is everyone
    assert found(readable_by(written_by)) is author
    assert [view.id for view in reading.page(session, thread, Sort.NEWEST).comments] == (
        [number] if everyone else []
    )


@pytest.mark.parametrize(
    "status", [Status.UNSCORED, Status.HELD, Status.REJECTED, Status.WITHDRAWN]
)
def test_a_hidden_comment_keeps_an_empty_place_above_what_can_be_read(
    app: Flask, session: Session, thread: int, make_comment: MakeComment, status: Status
):
    root = make_comment("Secret words.", name="Secret name")
    reply = make_comment("A reply.", parent=root)
    with writing() as writer:
        voter = Account(kind=AccountKind.GUEST, name="Reader")
        writer.add(voter)
        writer.flush()
        writer.add(Vote(comment_id=root, account_id=voter.id, value=1))
        writer.execute(
            update(Comment).where(Comment.id == root).values(up=1, status=status, edited_at=_BEGIN)
        )
    (view,) = reading.page(session, thread, Sort.NEWEST).comments
    alone, _ = reading.one(session, root)
    _, (above,) = reading.one(session, reply)
    for tomb in (view, alone, above):
        assert tomb.is_tombstone
        assert (tomb.author_id, tomb.author_name, tomb.html) == (0, "", "")
        assert (tomb.up, tomb.down, tomb.edited_at) == (0, 0, None)
        assert "Secret" not in repr(tomb)
    assert [below.id for below in view.replies] == [reply]


def test_one_readers_part_holds_nobody_elses(
    app: Flask, session: Session, thread: int, make_comment: MakeComment
):
    mine, theirs = make_comment("You idiot, mine."), make_comment("You idiot, theirs.")
    me = session.get_one(Comment, mine).author
    other = session.get_one(Comment, theirs).author
    assert [comment.id for comment in reading.own_part(session, thread, me, 15).comments] == [mine]
    assert [c.id for c in reading.own_part(session, thread, other, 15).comments] == [theirs]
    nobody = Account(id=999, kind=AccountKind.GUEST, name="")
    part = reading.own_part(session, thread, nobody, 15)
    assert (part.comments, part.votes, part.reported, part.point) == ([], {}, [], False)


@pytest.mark.parametrize("cursor", ["x", "é", "bnVsbA", "W10", "a" * 200])
def test_what_is_no_cursor_is_refused(session: Session, thread: int, cursor: str):
    for sort in Sort:
        with pytest.raises(Invalid):
            reading.page(session, thread, sort, cursor)


def test_a_cursor_of_one_order_does_not_fit_another(
    app: Flask, session: Session, site: int, thread: int
):
    with writing() as writer:
        fill(writer, site, thread, 100)
    for sort in Sort:
        cursor = reading.page(session, thread, sort, None, 2).next
        for other in set(Sort) - {sort}:
            with pytest.raises(Invalid):
                reading.page(session, thread, other, cursor)


def test_what_is_not_there_is_not_found(session: Session, thread: int):
    for missing in (
        lambda: reading.one(session, 5),
        lambda: reading.replies(session, 5, Sort.BEST),
    ):
        with pytest.raises(NotFound):
            missing()


def test_the_deepest_branch_comes_in_pieces_and_its_ancestors_in_order(
    app: Flask, session: Session, thread: int, make_comment: MakeComment
):
    line = [make_comment("Root.")]
    for level in range(1, 30):
        line.append(make_comment(f"Level {level}.", parent=line[-1]))
    _, ancestors = reading.one(session, line[-1])
    assert [view.id for view in ancestors] == line[:-1]
    (root,) = reading.page(session, thread, Sort.NEWEST).comments
    assert [root.id, *walked(session, root, Sort.NEWEST)] == line
