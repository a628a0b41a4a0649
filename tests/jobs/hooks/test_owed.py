"""What is owed to webhooks stands or falls with what happened."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask

from jobs.hooks.delivering import Hooks
from jobs.transactions import writing
from models import (
    Account,
    Comment,
    HookEvent,
    ReportReason,
    Status,
    db,
)
from moderation import decisions, reports, webhooks
from moderation.decisions import SYSTEM
from moderation.errors import Refused
from tests.conftest import status_of
from tests.jobs.hooks.conftest import SENA, Hook, decide, log
from tests.receiving import Receiver

AddHook = Callable[..., Hook]
MakeComment = Callable[..., int]


class _Interrupted(Exception):
    """A transaction does not come to its end."""


def report(app: Flask, comment_id: int) -> None:
    """A reader's flag."""
    with app.app_context(), writing() as session:
        reader = Account(name="Reader")
        session.add(reader)
        session.flush()
        comment = session.get_one(Comment, comment_id)
        assert reports.record(session, comment, reader, ReportReason.SPAM, "Look.")


def test_each_event_is_owed_once_to_who_listens(
    app: Flask, add_hook: AddHook, make_comment: MakeComment, other_site: int
):
    everything = add_hook("https://a.example/")
    only_held = add_hook("https://b.example/", [HookEvent.HELD])
    fine, rude = make_comment("A fine day."), make_comment("You idiot.")
    decide(app, rude, Status.REJECTED)
    report(app, fine)
    found = [(one.webhook_id, one.event, one.comment_id) for one in log(app)]
    assert sorted(found) == sorted(
        [
            (everything.id, "comment.published", fine),
            (everything.id, "comment.held", rude),
            (only_held.id, "comment.held", rude),
            (everything.id, "comment.decided", rude),
            (everything.id, "comment.reported", fine),
        ]
    )
    assert len({one.event_id for one in log(app)}) == 5


def test_a_person_who_publishes_makes_two_events(
    app: Flask, add_hook: AddHook, make_comment: MakeComment
):
    rude = make_comment("You idiot.")
    add_hook("https://a.example/")
    decide(app, rude, Status.PUBLISHED)
    assert [one.event for one in log(app)] == ["comment.published", "comment.decided"]
    decide(app, rude, Status.PUBLISHED)
    assert [one.event for one in log(app)][2:] == ["comment.decided"]


def test_what_is_imported_is_told_to_nobody(
    app: Flask, site: int, add_hook: AddHook, tmp_path: Path
):
    add_hook("https://a.example/")
    file = tmp_path / "isso.json"
    file.write_text(
        '[{"id": "/story", "title": "Story", "comments": [{"id": 1, "parent": null, "text": "Old.",'
        ' "author": "Ida", "created": "2019-05-01 10:00:00"}]}]'
    )
    done = app.test_cli_runner().invoke(args=["import", "isso", str(file), "--site", "news"])
    assert done.exit_code == 0, done.output
    with app.app_context():
        assert db.session().query(Comment).count() == 1
    assert log(app) == []


def test_what_is_rolled_back_is_owed_to_nobody(
    app: Flask, add_hook: AddHook, make_comment: MakeComment
):
    rude = make_comment("You idiot.")
    add_hook("https://a.example/")
    with app.app_context(), suppress(_Interrupted), writing() as session:
        decisions.decide(session, session.get_one(Comment, rude), Status.PUBLISHED, SENA)
        raise _Interrupted
    assert log(app) == []
    assert status_of(app, rude) == "held"


def test_a_webhook_that_is_off_is_owed_nothing_new_and_what_it_was_owed_later(
    app: Flask,
    site: int,
    hooks: Hooks,
    receiver: Receiver,
    add_hook: AddHook,
    make_comment: MakeComment,
):
    hook = add_hook(receiver.url)
    make_comment("The first.")
    with app.app_context(), writing() as session:
        webhooks.switch(session, site, hook.id, False, SYSTEM)
    make_comment("The second.")
    assert hooks.run_once() == 0
    with app.app_context(), writing() as session:
        with pytest.raises(Refused, match="Switch the webhook on"):
            webhooks.test(session, site, hook.id)
        webhooks.switch(session, site, hook.id, True, SYSTEM)
    make_comment("The third.")
    assert hooks.run_once() == 2
    assert [got.told["comment"]["text"] for got in receiver.got] == ["The first.", "The third."]
