"""A site on which everything has happened that can be exported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from discussion import comments as posting
from discussion import threads, votes
from jobs import batches as running
from jobs.transactions import writing
from models import (
    Account,
    AccountKind,
    Comment,
    Job,
    Report,
    ReportReason,
    Role,
    Sample,
    SampleKind,
    Sanction,
    SanctionKind,
    Site,
    Status,
    Thread,
    utcnow,
)
from moderation import (
    appeals,
    batches,
    decisions,
    escalation,
    featuring,
    notes,
    reports,
    sanctions,
    staff,
)
from moderation.decisions import Actor
from moderation.filters import Filter
from tests.conftest import set_policy

HOSTILE = (
    "Tea — « thé » \N{HOT BEVERAGE} =1+1 ]]> <script>x</script> \u202e & 'q' \"d\"\n\n> a\n\nb"
)


def build(app: Flask, site: int, thread: int, make_comment: Callable[..., int]) -> None:
    """Write, vote, report, decide, take back, object, sanction, note down, work in batches."""
    root = make_comment("The root, about the harbour.", "Rita")
    reply = make_comment(HOSTILE, "Rolf & <b>", parent=root)
    make_comment("Further below.", "Rita", parent=reply)
    taken_back = make_comment("I was wrong.", "Wim", parent=root)
    make_comment("Still, an answer.", "Ann", parent=taken_back)
    rude = make_comment("You idiot.", "Rex")
    worse = make_comment("You idiot, again.", "Rex")
    set_policy(app, site, moderation="pre")
    set_policy(app, site, thread, moderation="post")
    with app.app_context(), writing() as session:
        _happen(session, site, thread, root, reply, taken_back, rude, worse)
    with app.app_context(), writing() as session:
        made = batches.begin(
            session, site, [Status.PUBLISHED], Filter(words="below"), Status.REJECTED,
            _staff(session, "Sena"), ["spam"],
        )  # fmt: skip
        number = made.id
    with app.app_context():
        assert running.run(number)


def _staff(session: Session, name: str) -> Actor:
    return Actor.staff(session.query(Account).filter_by(name=name).one())


def _happen(
    session: Session,
    site: int,
    thread: int,
    root: int,
    reply: int,
    gone: int,
    rude: int,
    worse: int,
) -> None:
    sena, olga = (
        Account(kind=AccountKind.STAFF, email=f"{name.lower()}@example.org", name=name)
        for name in ("Sena", "Olga")
    )
    reader, other = Account(name="Vera"), Account(name="Udo")
    session.add_all([sena, olga, reader, other])
    session.flush()
    actor = Actor.staff(sena)
    staff.give(session, sena, site, Role.ADMIN, actor)
    staff.give(session, olga, site, Role.SENIOR, actor)
    first, second = session.get_one(Comment, root), session.get_one(Comment, reply)
    votes.cast(session, first, reader, 1)
    votes.cast(session, first, other, -1)
    votes.cast(session, second, other, 1)
    place = session.get_one(Thread, thread)
    for person in (reader, other):
        threads.give_point(session, place, person.id)
    reports.record(session, second, reader, ReportReason.SPAM, "It sells tea.")
    reports.record(session, first, other, ReportReason.OTHER, "")
    withdrawn = session.get_one(Comment, gone)
    posting.withdraw(session, withdrawn, withdrawn.author)
    bad = session.get_one(Comment, rude)
    decisions.undo(session, decisions.decide(session, bad, Status.REJECTED, actor), actor)
    decisions.decide(session, bad, Status.REJECTED, actor, ["insult"], note="A note of mine.")
    appeals.make(session, bad, bad.author, "I meant it kindly.")
    sanctions.impose(
        session, site, bad.author, SanctionKind.MUTE, "Be kind.", actor,
        until=utcnow() + timedelta(days=3), comment_id=rude,
    )  # fmt: skip
    sanctions.impose(session, site, bad.author, SanctionKind.WARNING, "Last word.", actor)
    notes.add(session, bad, "Third time this week.", actor)
    held = session.get_one(Comment, worse)
    escalation.pass_on(session, held, actor)
    decided = decisions.decide(session, held, Status.REJECTED, Actor.staff(olga))
    escalation.answer(session, held, decided, Actor.staff(olga))
    decisions.decide(session, first, Status.PUBLISHED, actor)
    featuring.feature(session, first, actor)
    session.merge(
        Sample(
            site_id=site, comment_id=root, revision=1, kind=SampleKind.PUBLISHED, share=0.5,
        )
    )  # fmt: skip
    edited = session.get_one(Comment, gone + 1)
    posting.edit(session, edited, edited.author, posting.draft("Another answer.", 100), 15)
    assert session.query(Job).filter_by(comment_id=edited.id).count() == 2
    another, _ = threads.find_or_begin(
        session, threads.locate(session, "https://news.example/other?b=2&a=1", "page-7"), "Other"
    )
    another.section = "sport"
    assert session.query(Report).count() == 2
    assert session.query(Sanction).count() == 2
    assert session.get_one(Site, site).policy_version == 3
