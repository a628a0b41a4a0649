"""A desk with hundreds of mixed cases, written straight into the database of a running server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from flask import Flask
from flask_security.utils import hash_password
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import app as application
from discussion import comments, threads
from jobs.site_commands import make_site
from jobs.transactions import writing
from models import (
    Account,
    AccountKind,
    ActorKind,
    Comment,
    Decision,
    Explanation,
    JobState,
    Moderation,
    Note,
    Role,
    SiteOrigin,
    SiteRole,
    Status,
    db,
    utcnow,
)
from moderation import decisions, policies, screening
from moderation.classifier.scores import Scores
from tests.conftest import LABELS, PASSWORD
from web.runtime import runtime_of

MODEL = ("parley-small", "1.2.0")
_OPENINGS = ("Honestly,", "With all respect,", "Once more:", "Sorry, but", "As a neighbour I say:")
_RUDE = ("you are an idiot", "this is bloody garbage", "go away, clown", "what a pathetic liar")
_CALM = ("the bridge was closed twice", "the budget does not add up", "my street floods in spring")


@dataclass
class Kept:
    """What the database says became of one comment: the decisions by people, each as its status
    and reasons, oldest first, the notes, and where it waits."""

    status: str
    escalated: bool
    decided: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def opened(instance: Path) -> Flask:
    """The application on the database of a running server."""
    return application.create_app({"PARLEY_INSTANCE": str(instance)})


def fill(instance: Path, slug: str, count: int, staff: dict[str, Role]) -> list[int]:
    """Make a site with `count` held comments and its staff; answers the numbers, oldest first."""
    made = opened(instance)
    with made.app_context():
        try:
            with writing() as session:
                site = make_site(session, slug, f"The {slug.title()}", Moderation.POST)
                session.add(SiteOrigin(site_id=site.id, origin=f"https://{slug}.example"))
                words = {"suspect_words": ["bloody", "clown"]}
                policies.change(session, site, words, decisions.SYSTEM)
                for name, role in staff.items():
                    _employ(session, site.id, name, role)
                return _write(session, made, slug, count)
        finally:
            db.session.remove()
            db.engine.dispose()


def _employ(session: Session, site_id: int, name: str, role: Role) -> None:
    session.add(
        Account(
            kind=AccountKind.STAFF,
            email=f"{name.lower()}@example.org",
            name=name,
            password=hash_password(PASSWORD),
            site_roles=[SiteRole(site_id=site_id, role=role)],
        )
    )
    session.flush()


def _write(session: Session, made: Flask, slug: str, count: int) -> list[int]:
    chance = Random(slug)
    page = threads.locate(session, f"https://{slug}.example/story")
    thread, _ = threads.find_or_begin(session, page, "The bridge is closed again")
    authors = [
        Account(kind=AccountKind.GUEST, name=f"Reader {number}", created_at=utcnow())
        for number in range(40)
    ]
    session.add_all(authors)
    session.flush()
    root, began = None, utcnow() - timedelta(hours=20)
    numbers: list[int] = []
    for number in range(count + 1):
        is_rude = number > 0 and chance.random() < 0.7
        text = (
            f"{chance.choice(_OPENINGS)} {chance.choice(_RUDE if is_rude else _CALM)} ({number})."
        )
        comment, job = comments.post(
            session,
            thread,
            chance.choice(authors),
            comments.draft(text, 10_000),
            root if chance.random() < 0.3 else None,
            runtime_of(made).limits,
        )
        job.state = JobState.DONE
        _judge(session, comment, chance, is_rude=is_rude)
        if root is None:
            root = comment.id
            decisions.decide(
                session, comment, Status.PUBLISHED, decisions.Actor.author(comment.author)
            ) if comment.status is not Status.PUBLISHED else None
            continue
        if comment.status is Status.PUBLISHED:
            decisions.decide(session, comment, Status.HELD, decisions.SYSTEM, ["reports"])
        session.execute(
            update(Comment)
            .where(Comment.id == comment.id)
            .values(created_at=began + timedelta(seconds=60 * number))
        )
        numbers.append(comment.id)
    return numbers


def _judge(session: Session, comment: Comment, chance: Random, *, is_rude: bool) -> None:
    values = {label: round(chance.uniform(0.0, 0.2), 3) for label in LABELS}
    if is_rude:
        values |= {"toxicity": round(chance.uniform(0.8, 0.99), 3), "insult": 0.91}
    screening.screen(session, comment, Scores(values, *MODEL), 1)
    start = comment.text.find(" ") + 1
    session.add_all(
        Explanation(
            comment_id=comment.id,
            revision=1,
            label=label,
            model_name=MODEL[0],
            model_version=MODEL[1],
            spans=[[start, start + 8, 1.0], [start + 9, start + 14, 0.6]],
        )
        for label in LABELS
    )


def kept(instance: Path, numbers: list[int]) -> dict[int, Kept]:
    """What became of the comments, by number."""
    made = opened(instance)
    with made.app_context():
        session = db.session()
        rows = session.scalars(select(Comment).where(Comment.id.in_(numbers)))
        found = {row.id: Kept(row.status.value, row.escalated) for row in rows}
        for one in session.scalars(
            select(Decision)
            .where(Decision.comment_id.in_(numbers), Decision.actor_kind == ActorKind.STAFF)
            .order_by(Decision.id)
        ):
            told = (one.after.value, tuple(one.reasons), one.actor_id)
            found[one.comment_id].decided.append(told)
        for note in session.scalars(select(Note).where(Note.comment_id.in_(numbers))):
            found[note.comment_id].notes.append(note.text)
        db.session.remove()
        db.engine.dispose()
    return found
