"""What stands around a case: ancestors, replies, the author's other comments, at a fixed cost."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import Comment
from moderation import context
from tests.moderation.test_queue import counted

MakeComment = Callable[..., int]


def test_a_case_in_its_place(app: Flask, session: Session, make_comment: MakeComment):
    top = make_comment("Top.")
    middle = make_comment("Middle.", parent=top)
    case = make_comment("You idiot.", parent=middle)
    seen = context.around(session, session.get_one(Comment, case))
    assert [one.id for one in seen.ancestors] == [top, middle]
    assert (list(seen.replies), seen.more_replies, list(seen.by_author)) == ([], 0, [])


def test_the_first_replies_and_the_authors_latest(
    app: Flask, session: Session, make_comment: MakeComment
):
    top = make_comment("Top.")
    replies = [make_comment(f"Reply {n}.", parent=top) for n in range(8)]
    others = [make_comment(f"Other idiot {n}.") for n in range(7)]
    with writing() as writer:
        author = writer.get_one(Comment, top).author_id
        writer.execute(update(Comment).where(Comment.id.in_(others)).values(author_id=author))
    seen = context.around(session, session.get_one(Comment, top))
    assert [one.id for one in seen.replies] == replies[:5]
    assert (seen.more_replies, seen.has_most) == (3, False)
    assert [one.id for one in seen.by_author] == others[:1:-1]


def test_it_costs_four_queries_however_much_there_is(
    app: Flask, session: Session, make_comment: MakeComment
):
    top = make_comment("Top.")
    costs = []
    for more in (1, 9):
        for number in range(more):
            make_comment(f"Reply {more} {number}.", parent=top)
        session.rollback()
        comment = session.get_one(Comment, top)
        assert comment.thread_id
        with counted() as statements:
            seen = context.around(session, comment)
            assert all(one.thread.url for one in seen.by_author)
        costs.append(len(statements))
    assert costs == [4, 4]
