"""A site whose truth is known: comments with scores, what moderators see of them, and a sample."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import (
    Account,
    AccountKind,
    ActorKind,
    Comment,
    Decision,
    Opinion,
    Sample,
    SampleKind,
    Score,
    Status,
    Thread,
    utcnow,
)

MODEL = ("parley-small", "1.2.0")


@dataclass(frozen=True)
class Truth:
    """Every comment's score and whether it should not be seen."""

    comments: list[tuple[float, bool]]

    def recall(self, threshold: float) -> float:
        """Of what should not be seen: the share that scores as much."""
        bad = [score for score, is_bad in self.comments if is_bad]
        return sum(score >= threshold for score in bad) / len(bad)

    def precision(self, threshold: float) -> float:
        """Of what scores as much: the share that should not be seen."""
        held = [is_bad for score, is_bad in self.comments if score >= threshold]
        return sum(held) / len(held)


def draw(chance: random.Random, spoilt: bool = False) -> tuple[float, bool]:
    """One comment; `spoilt`: of a time in which the score says less."""
    score = chance.betavariate(0.4, 2.0)
    return score, chance.random() < (0.02 + 0.5 * score if spoilt else 0.02 + 0.9 * score**1.5)


def fill(
    session: Session,
    site_id: int,
    *,
    label: str = "toxicity",
    hold: float = 0.6,
    comments: int = 3_000,
    share: float = 0.1,
    weeks: int = 12,
    seed: int = 1,
    moderator: int = 0,
    model: tuple[str, str] = MODEL,
    spoilt_weeks: int = 0,
    policy_version: int = 1,
) -> Truth:
    """Store such a site's past, spread evenly over some weeks; the caller commits."""
    chance = random.Random(seed)
    author = Account(kind=AccountKind.GUEST, name="Simon")
    thread = Thread(site_id=site_id, identity="path:/simulated", url="https://news.example/sim")
    session.add_all([author, thread])
    session.flush()
    first = (session.scalar(select(Comment.id).order_by(Comment.id.desc()).limit(1)) or 0) + 1
    now, span = utcnow(), timedelta(weeks=weeks)
    rows: dict[Any, list[dict[str, Any]]] = {Comment: [], Score: [], Sample: []}
    made: list[tuple[Any, dict[str, Any]]] = []
    truth = []
    for number in range(first, first + comments):
        at = now - span * (1 - (number - first + 1) / (comments + 1))
        score, is_bad = draw(chance, now - at < timedelta(weeks=spoilt_weeks))
        truth.append((score, is_bad))
        is_held, is_drawn = score >= hold, chance.random() < share
        verdict = Status.REJECTED if is_bad else Status.PUBLISHED
        seen = is_held or (is_drawn and is_bad)
        rows[Comment].append(
            {
                "id": number, "site_id": site_id, "thread_id": thread.id, "author_id": author.id,
                "author_name": "Simon", "text": f"Simulated comment {number}.",
                "html": f"<p>Simulated comment {number}.</p>", "version": 1, "created_at": at,
                "status": verdict if seen else Status.PUBLISHED,
            }
        )  # fmt: skip
        rows[Score].append(
            {
                "comment_id": number, "revision": 1, "label": label, "value": score,
                "model_name": model[0], "model_version": model[1],
            }
        )  # fmt: skip
        system = Status.HELD if is_held else Status.PUBLISHED
        made.append((at, _decision(site_id, number, Status.UNSCORED, system, 0, at)))
        if seen:
            made.append((at, _decision(site_id, number, system, verdict, moderator or 1, at)))
        if is_drawn and not is_held:
            rows[Sample].append(
                {
                    "site_id": site_id, "comment_id": number, "revision": 1, "share": share,
                    "kind": SampleKind.PUBLISHED, "created_at": at, "account_id": moderator or 1,
                    "opinion": Opinion.REJECT if is_bad else Opinion.APPROVE, "answered_at": at,
                }
            )  # fmt: skip
    rows[Decision] = [row | {"policy_version": policy_version} for _, row in made]
    for table, found in rows.items():
        session.execute(insert(table), found)
    return Truth(truth)


def _decision(
    site_id: int, number: int, before: Status, after: Status, moderator: int, at: Any
) -> dict[str, Any]:
    kind = ActorKind.STAFF if moderator else ActorKind.SYSTEM
    return {
        "site_id": site_id, "comment_id": number, "revision": 1, "before": before, "after": after,
        "actor_kind": kind, "actor_id": moderator, "actor_name": kind.value, "reasons": [],
        "created_at": at,
    }  # fmt: skip


def second_opinions(
    session: Session, site_id: int, first: int, *, agree: int, differ: int, waiting: int
) -> None:
    """Draw what was decided, and answer some of it as the first did and some otherwise."""
    rows = session.execute(
        select(Decision.id, Decision.comment_id, Decision.after)
        .join(Comment, Comment.id == Decision.comment_id)
        .where(Comment.author_name == "Simon", Decision.actor_kind == ActorKind.STAFF)
        .order_by(Decision.id.desc())
        .limit(agree + differ + waiting)
    ).all()
    for index, (decision_id, comment_id, after) in enumerate(rows):
        rejects = (after is Status.REJECTED) == (index < agree)
        opinion = Opinion.REJECT if rejects else Opinion.APPROVE
        session.add(
            Sample(
                site_id=site_id, comment_id=comment_id, revision=1, kind=SampleKind.SECOND,
                share=0.02, decision_id=decision_id, first_account_id=first,
                opinion=Opinion.NONE if index >= agree + differ else opinion,
            )
        )  # fmt: skip
