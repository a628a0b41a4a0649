"""Imports on a real PostgreSQL: the same rows, numbers from its own sequences, nothing twice."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select

from discussion import votes
from jobs import importing
from jobs.transactions import reading, writing
from models import Account, Comment, CommentSource, Job, db
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import post


def bring(app: Flask, path: Path, *more: str, system: str = "disqus") -> str:
    """What `flask import` says, of a file that is sound."""
    with app.app_context():
        assert db.engine.dialect.name == "postgresql"
    args = ["import", system, str(path), "--site", "news", *more]
    done = app.test_cli_runner().invoke(args=args)
    assert done.exit_code == 0, done.output
    return done.output


def test_an_import_is_whole_and_again_adds_nothing(
    app: Flask, site: int, tmp_path: Path, monkeypatch
):
    monkeypatch.setattr(importing, "BATCH", 40)
    posts = [post(str(n), f"Post {n}.", parent=str(n // 2) if n > 1 else "") for n in range(1, 200)]
    bring(app, exports.disqus(tmp_path, *posts[:90]))
    said = bring(app, exports.disqus(tmp_path, *posts), "--rescore")
    assert "already there                                       90" in said
    bring(app, exports.disqus(tmp_path, *posts))
    with app.app_context(), reading() as session:
        found = session.execute(
            select(CommentSource.source_id, Comment.depth, Comment.reply_count)
            .join(Comment, Comment.id == CommentSource.comment_id)
        ).all()  # fmt: skip
        assert len(found) == 199
        assert all(depth == int(number).bit_length() - 1 for number, depth, _ in found)
        replies = {number: count for number, _, count in found}
        assert (replies["1"], replies["99"], replies["100"]) == (2, 2, 0)
        assert len(session.scalars(select(Job.id)).all()) == 109
    done = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert (done.exit_code, done.output.count("199 comments replayed")) == (0, 1), done.output


def test_what_is_written_afterwards_gets_numbers_of_its_own(
    app: Flask, tmp_path: Path, make_comment
):
    first = make_comment("Before.")
    bring(app, exports.disqus(tmp_path, post("1"), post("2")))
    numbers = {first, make_comment("After."), make_comment("And after.")}
    assert len(numbers) == 3


def test_the_migration_carries_votes_and_jobs(app: Flask, site: int, tmp_path: Path):
    path = exports.remark42(tmp_path, exports.remark("a", score=3))
    bring(app, path, "--rescore", system="remark42")
    with app.app_context():
        with writing() as session:
            reader = Account(name="Rita")
            session.add(reader)
            session.flush()
            votes.cast(session, session.scalars(select(Comment)).one(), reader, 1)
        downgrade(revision="0009")
        upgrade()
        with reading() as session:
            assert session.scalars(select(Comment.up)).all() == [1]
            assert session.scalars(select(Job.id)).all() == []


def test_signs_that_it_refuses_stand_in_no_number_and_no_name(
    app: Flask, site: int, tmp_path: Path
):
    remark = exports.remark("a\x00b", orig="Kept.")
    bring(app, exports.remark42(tmp_path, remark), system="remark42")
    with app.app_context(), reading() as session:
        assert session.scalars(select(Comment.text)).all() == ["Kept."]
