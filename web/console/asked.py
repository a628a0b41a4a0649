"""What the address of the queue's page asks for: queue, order, site and filter, and its chips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from models import Comment, Site, Thread, utcnow
from moderation import queue
from moderation.filters import Filter
from moderation.queue import MOST_COUNTED, Queue, QueueOrder
from web.api.schemas import LARGEST_ID
from web.console import sentences, words

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
SIGNALS = {
    "score": "Score over a threshold",
    "obfuscated": "Disguised words",
    **sentences.RULE_NAMES,
}
# Codes that the console offers; any other one can stand in an address.
LANGUAGES = (
    "en", "ar", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "it", "ja", "ko", "nl",
    "no", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "zh",
)  # fmt: skip
# Name, days, and whether it is what is older than that.
AGES = {
    "day": ("The last 24 hours", 1, False),
    "week": ("The last 7 days", 7, False),
    "month": ("The last 30 days", 30, False),
    "over-day": ("Older than 24 hours", 1, True),
    "over-week": ("Older than 7 days", 7, True),
    "over-month": ("Older than 30 days", 30, True),
}
QUEUES = {
    Queue.HELD: "Held",
    Queue.REPORTED: "Reported",
    Queue.APPEALED: "Appealed",
    Queue.ESCALATED: "For a senior",
    Queue.UNSCORED: "Being scored",
    Queue.PUBLISHED: "Published",
    Queue.REJECTED: "Rejected",
    Queue.ALL: "All comments",
}
ORDERS = {
    QueueOrder.OLDEST: "Oldest",
    QueueOrder.NEWEST: "Newest",
    QueueOrder.RISKIEST: "Riskiest",
    QueueOrder.UNCERTAIN: "Least certain",
    QueueOrder.REPORTED: "Most reported",
}
_MOST_SECTIONS = 100


@dataclass(frozen=True)
class Asked:
    """What is asked for; `age` is a key of AGES or ""."""

    state: Queue
    order: QueueOrder
    site: str
    wanted: Filter
    age: str = ""
    cursor: str = ""

    @property
    def filters(self) -> dict[str, Any]:
        """The filter as parameters of an address."""
        wanted = self.wanted
        found = {
            "words": wanted.words,
            "section": wanted.section,
            "thread": wanted.thread_id,
            "author": wanted.author_id,
            "label": wanted.label if self.has_range else "",
            "least": f"{wanted.least:g}" if wanted.least > 0 else "",
            "most": f"{wanted.most:g}" if wanted.most < 1 else "",
            "signal": wanted.signal,
            "language": wanted.language,
            "age": self.age,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def has_range(self) -> bool:
        """Whether a range of scores is asked for."""
        return self.wanted.least > 0 or self.wanted.most < 1

    def query(self, **changed: Any) -> dict[str, Any]:
        """The whole as parameters of an address, without the cursor, with some of them changed."""
        kept = {"state": self.state.value, "order": self.order.value, "site": self.site}
        whole = {**kept, **self.filters, **changed}
        return {name: value for name, value in whole.items() if value}

    def tab(self, state: Queue) -> dict[str, Any]:
        """The same of another queue; an order that is only the usual one is not carried along."""
        usual = self.order is queue.usual_order(self.state)
        order = queue.usual_order(state) if usual else self.order
        return self.query(state=state.value, order=order.value)


@dataclass(frozen=True)
class Chip:
    """One part of the filter in words, and the parameters that it takes to drop it."""

    text: str
    names: tuple[str, ...]


def read(given: Mapping[str, str]) -> Asked:
    """What cannot be read is as if it was not asked."""
    state, order = given.get("state", ""), given.get("order", "")
    which = Queue(state) if state in set(Queue) else Queue.HELD
    return Asked(
        state=which,
        order=QueueOrder(order) if order in set(QueueOrder) else queue.usual_order(which),
        site=given.get("site", ""),
        wanted=filter_from(given),
        age=given.get("age", "") if given.get("age") in AGES else "",
        cursor=given.get("cursor", ""),
    )


def filter_from(given: Mapping[str, str]) -> Filter:
    """The filter that an address asks for."""
    since, until = _times(given.get("age", ""))
    label, signal = given.get("label", ""), given.get("signal", "")
    return Filter(
        section=_line(given.get("section", ""), 120),
        thread_id=_number(given.get("thread", "")),
        author_id=_number(given.get("author", "")),
        label=label if label in LABELS else "",
        least=_share(given.get("least", ""), 0.0),
        most=_share(given.get("most", ""), 1.0),
        signal=signal if signal in SIGNALS else "",
        language=_line(given.get("language", ""), 16),
        since=since,
        until=until,
        words=_line(given.get("words", ""), 200),
    )


def _times(age: str) -> tuple[datetime | None, datetime | None]:
    if age not in AGES:
        return None, None
    _, days, is_over = AGES[age]
    moment = utcnow() - timedelta(days=days)
    return (None, moment) if is_over else (moment, None)


def _line(text: str, longest: int) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:longest]


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID else 0


def _share(text: str, usual: float) -> float:
    try:
        number = float(text)
    except ValueError:
        return usual
    return number if 0 <= number <= 1 else usual


def chips(session: Session, asked: Asked, site_ids: Sequence[int]) -> list[Chip]:
    """The parts of the filter in words; nothing of another site is named."""
    wanted, found = asked.wanted, []
    if wanted.words:
        found.append(Chip(f"“{wanted.words}”", ("words",)))
    if wanted.author_id:
        found.append(Chip(f"By {_author(session, wanted.author_id, site_ids)}", ("author",)))
    if wanted.thread_id:
        found.append(Chip(f"Under “{_thread(session, wanted.thread_id, site_ids)}”", ("thread",)))
    if wanted.section:
        found.append(Chip(f"Section {wanted.section}", ("section",)))
    if asked.has_range:
        label = words.label(wanted.label) if wanted.label else "Highest score"
        text = f"{label} {wanted.least:.2f} to {wanted.most:.2f}"
        found.append(Chip(text, ("label", "least", "most")))
    if wanted.signal:
        found.append(Chip(SIGNALS[wanted.signal], ("signal",)))
    if wanted.language:
        found.append(Chip(words.language(wanted.language) or wanted.language, ("language",)))
    if asked.age:
        found.append(Chip(AGES[asked.age][0], ("age",)))
    return found


def _author(session: Session, number: int, site_ids: Sequence[int]) -> str:
    name = session.scalar(
        select(Comment.author_name)
        .where(Comment.author_id == number, Comment.site_id.in_(site_ids))
        .limit(1)
    )
    return name or f"author {number}"


def _thread(session: Session, number: int, site_ids: Sequence[int]) -> str:
    thread = session.get(Thread, number)
    if thread is None or thread.site_id not in site_ids:
        return f"thread {number}"
    return thread.title or thread.url


def sections(session: Session, site_ids: Sequence[int]) -> list[str]:
    """The sections of some sites, each found by one step in the index."""
    return sorted(set(session.scalars(_sections(), {"sites": list(site_ids)})))


@cache
def _sections() -> Select[str]:
    first = _next_section(Site.id, "")
    sites: BindParameter[int] = bindparam("sites", expanding=True)
    found = select(Site.id.label("site"), first.label("section")).where(Site.id.in_(sites))
    steps = found.cte("steps", recursive=True)
    following = _next_section(steps.c.site, steps.c.section)
    steps = steps.union_all(
        select(steps.c.site, following.label("section")).where(steps.c.section.is_not(None))
    )
    return select(steps.c.section).where(steps.c.section.is_not(None)).limit(_MOST_SECTIONS)


def _next_section(site: Any, after: Any) -> Any:
    one = aliased(Thread)
    return (
        select(func.min(one.section))
        .where(one.site_id == site, one.section > after)
        .scalar_subquery()
    )


def told(count: int) -> str:
    """How many, as the page says it."""
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
