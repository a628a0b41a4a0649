"""`flask seed`: the demo site, its article's thread and a discussion, through the real doors."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click
from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session

from discussion import comments, threads, votes
from jobs.site_commands import make_site
from jobs.transactions import reading, writing
from models import (
    Account,
    AccountKind,
    ArticlePoint,
    Comment,
    Decision,
    JobState,
    Moderation,
    ReportReason,
    Site,
    SiteOrigin,
    Status,
    Thread,
    Vote,
    utcnow,
)
from models.thread import change
from moderation import decisions, reports, screening
from moderation.classifier.scores import Scores
from moderation.decisions import Actor
from web.demo import PATH, discussion
from web.runtime import runtime

SLUG = "demo"
_MODEL_SECONDS = 120
# What has replies had to be readable when they were written.
_WITH_REPLIES = {"published", "withdrawn"}
_AFTER = {"held": Status.HELD, "rejected": Status.REJECTED, "published": Status.PUBLISHED}


@click.command("seed")
def seed() -> None:
    """Make the demo site and its discussion; a second time changes nothing."""
    url = f"{runtime().public_url}{PATH}"
    with writing() as session:
        _demo_site(session, runtime().public_url)
    with reading() as session:
        page = threads.locate(session, url)
        if threads.find(session, page) is not None:
            click.echo("The demo discussion is there already.")
            return
    written = discussion()["comments"]
    click.echo(f"Scoring {len(written)} demo comments with the model (once) ...")
    scores = _score([record["text"].strip() for record in written])
    with writing() as session:
        thread = _begin(session, url)
        _Seeding(session, thread).run(written, scores)
    click.echo(f"The demo discussion has {len(written)} comments.")


def _score(texts: list[str]) -> list[Scores]:
    classifier = runtime().classifier
    classifier.start()
    if not classifier.wait_ready(_MODEL_SECONDS):
        raise click.ClickException(f"The model could not be loaded: {classifier.complaint}")
    return classifier.score(texts, timeout=_MODEL_SECONDS)


def _demo_site(session: Session, server: str) -> None:
    site = session.scalar(select(Site).where(Site.slug == SLUG))
    if site is None:
        site = make_site(session, SLUG, discussion()["article"]["newspaper"], Moderation.POST)
    port = urlsplit(server).port
    suffix = f":{port}" if port else ""
    # A browser may be pointed at either name of this machine.
    for address in (server, f"http://127.0.0.1{suffix}", f"http://localhost{suffix}"):
        origin = threads.origin_of(address)
        if session.scalar(select(SiteOrigin.id).where(SiteOrigin.origin == origin)) is None:
            session.add(SiteOrigin(site_id=site.id, origin=origin))
            session.flush()


def _begin(session: Session, url: str) -> Thread:
    article = discussion()["article"]
    page = threads.locate(session, url)
    thread, _ = threads.find_or_begin(session, page, article["title"])
    thread.created_at = utcnow() - timedelta(minutes=article["minutes_before"])
    readers = _readers(session, article["points"])
    session.execute(
        insert(ArticlePoint), [{"thread_id": thread.id, "account_id": one} for one in readers]
    )
    change(session, thread.id, points=len(readers))
    session.flush()
    return thread


def _readers(session: Session, count: int) -> list[int]:
    """Silent readers, who vote and give points: every total has its rows."""
    since = utcnow() - timedelta(days=30)
    readers = [Account(kind=AccountKind.GUEST, created_at=since) for _ in range(count)]
    session.add_all(readers)
    session.flush()
    return [reader.id for reader in readers]


class _Seeding:
    """Writes the discussion as if its people had just done so, then dates it back."""

    def __init__(self, session: Session, thread: Thread) -> None:
        self.session = session
        self.thread = thread
        self.now = utcnow()
        self.authors: dict[str, Account] = {}
        self.comments: dict[str, Comment] = {}
        # When each comment was written, and how many decisions it has had.
        self.dates: dict[int, datetime] = {}
        self.decided: Counter[int] = Counter()
        self.readers = list(
            session.scalars(
                select(ArticlePoint.account_id).where(ArticlePoint.thread_id == thread.id)
            )
        )
        self.moderator = Account(
            kind=AccountKind.STAFF, name="Demo moderator", active=False, email="demo@localhost"
        )
        session.add(self.moderator)
        session.flush()

    def run(self, written: list[dict[str, Any]], scores: list[Scores]) -> None:
        """All comments in the order of their times, so that parents come first."""
        event.listen(self.session, "before_flush", self._date_decisions)
        try:
            self._write(written, scores)
        finally:
            event.remove(self.session, "before_flush", self._date_decisions)

    def _write(self, written: list[dict[str, Any]], scores: list[Scores]) -> None:
        order = sorted(zip(written, scores, strict=True), key=lambda one: -one[0]["minutes_before"])
        for record, score in order:
            self._comment(record, score)
        # Who is no longer readable still had to be, for the replies to be written below.
        for record, _ in order:
            self._settle(record)

    def _comment(self, record: dict[str, Any], score: Scores) -> None:
        at = self.now - timedelta(minutes=record["minutes_before"])
        author = self.authors.get(record["author"]) or self._author(record["author"], at)
        parent = self.comments.get(record["parent"])
        limits = runtime().limits
        words = comments.draft(record["text"], limits.text)
        comment, job = comments.post(
            self.session, self.thread, author, words, parent.id if parent else None, limits
        )
        self.dates[comment.id] = at
        job.state = JobState.DONE
        # Before it is published: what stands above it is told when it was written.
        self._date_back(comment, at)
        screening.screen(self.session, comment, score, comment.revision)
        if comment.status is not Status.PUBLISHED and record["status"] in _WITH_REPLIES:
            self._decide(comment, Status.PUBLISHED, [])
        self._vote(comment, record)
        self.comments[record["id"]] = comment

    def _settle(self, record: dict[str, Any]) -> None:
        comment = self.comments[record["id"]]
        self.session.refresh(comment)
        if record["status"] == "withdrawn":
            comments.withdraw(self.session, comment, comment.author)
        for report in record.get("reports", []):
            reader = self.session.get_one(Account, self.readers.pop())
            reason = ReportReason(report["reason"])
            reports.record(self.session, comment, reader, reason, report["text"])
        after = _AFTER.get(record["status"], comment.status)
        if comment.status is not after:
            self._decide(comment, after, record.get("reasons", []))

    def _author(self, name: str, at: datetime) -> Account:
        author = Account(kind=AccountKind.GUEST, name=name, created_at=at)
        self.session.add(author)
        self.session.flush()
        self.authors[name] = author
        return author

    def _decide(self, comment: Comment, after: Status, reasons: list[str]) -> None:
        actor = Actor.staff(self.moderator)
        decisions.decide(self.session, comment, after, actor, reasons)

    def _date_back(self, comment: Comment, at: datetime) -> None:
        self.session.flush()
        self.session.execute(
            update(Comment).where(Comment.id == comment.id).values(created_at=at, stirred_at=at)
        )
        self.session.refresh(comment)

    def _date_decisions(self, session: Session, *_: Any) -> None:
        for new in session.new:
            if isinstance(new, Decision):
                self._date_decision(new)

    def _date_decision(self, decision: Decision) -> None:
        """A decision's time as it is written, for the record lets nobody change it later."""
        made = self.decided[decision.comment_id]
        self.decided[decision.comment_id] += 1
        written = self.dates[decision.comment_id]
        decision.created_at = min(written + timedelta(minutes=7 * made, seconds=2), self.now)

    def _vote(self, comment: Comment, record: dict[str, Any]) -> None:
        ballots = [1] * record["up"] + [-1] * record["down"]
        # Everybody votes from another place in the crowd, so that no two comments share voters.
        start = (comment.id * 37) % len(self.readers)
        crowd = (self.readers[start:] + self.readers[:start])[: len(ballots)]
        self.session.execute(
            insert(Vote),
            [
                {"comment_id": comment.id, "account_id": reader, "value": value}
                for reader, value in zip(crowd, ballots, strict=True)
            ],
        ) if ballots else None
        self.session.execute(
            update(Comment)
            .where(Comment.id == comment.id)
            .values(
                up=record["up"],
                down=record["down"],
                best=votes.wilson(record["up"], record["down"]),
            )
        )
        self.session.refresh(comment)
