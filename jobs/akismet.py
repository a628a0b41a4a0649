"""Ask Akismet, if the operator wants it, whether comments are spam; never in a transaction."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlencode, urlsplit

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from jobs.queue import Taken
from jobs.transactions import reading
from models import Comment, SiteOrigin, Thread
from moderation.signals.facts import Opinion

ADDRESS = "https://rest.akismet.com"
# Seconds for one answer and for all that are asked at once; an author may be waiting. Nobody is
# asked so late that the answer could not come in time: who is still silent at the end is at fault.
_ONE, _ALL = 2.0, 3.0
_AT_ONCE = 8
# After a fault nobody is asked for so long, so that an outage does not slow every comment down.
_PAUSE_SECONDS = 60.0
_REMEMBERED = 1024
# "true", "false" or "invalid" is all that it ever says.
_LONGEST_ANSWER = 64
_log = structlog.get_logger(__name__)

Revision = tuple[int, int]  # a comment's number, and which of its texts


@dataclass(frozen=True)
class Letter:
    """What is sent of one comment, besides the key."""

    text: str
    author: str
    page: str
    site: str

    def as_form(self, key: str) -> bytes:
        """The body of `comment-check` (akismet.com/developers/detailed-docs/comment-check).

        It requires an address of the sender. Parley keeps none and sends one that nobody has
        (RFC 5737), which it judges less well by.
        """
        return urlencode(
            {
                "api_key": key,
                "blog": self.site,
                "user_ip": "192.0.2.1",
                "comment_type": "comment",
                "comment_author": self.author,
                "comment_content": self.text,
                "permalink": self.page,
                "blog_charset": "UTF-8",
            }
        ).encode()


class Akismet:
    """The outside service, asked for a piece of work at once; an empty key asks nobody."""

    def __init__(self, key: str = "", address: str = ADDRESS) -> None:
        """`address` is another one in tests only: no setting can send comments elsewhere."""
        self._key = key
        self._address = urlsplit(address)
        self._pool = ThreadPoolExecutor(_AT_ONCE, "akismet") if key else None
        self._paused_until = 0.0
        # Kept until they are stored, which may be a while later when the database is away.
        self._said: OrderedDict[Revision, Opinion] = OrderedDict()

    def ask(self, taken: Sequence[Taken]) -> list[Taken]:
        """Find out about some comments and remember it; returns within three seconds and raises
        nothing. Answers those that there was no time for, who are asked about at the next turn.
        The caller has no transaction open."""
        if self._pool is None:
            return []
        wanted = [job for job in taken if _revision(job) not in self._said]
        try:
            letters = _letters(wanted)
        except SQLAlchemyError as error:
            # Whoever stores the scores will find the database away, too, and keeps them.
            _log.warning("akismet is not asked", error=type(error).__name__)
            return []
        if time.monotonic() < self._paused_until:
            found = dict.fromkeys(letters, Opinion.MISSING)
        else:
            found = self._ask(self._pool, letters)
            if Opinion.MISSING in found.values():
                self._paused_until = time.monotonic() + _PAUSE_SECONDS
                found = dict.fromkeys(letters, Opinion.MISSING) | found
        self._said |= found
        while len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        return [job for job in wanted if _revision(job) in letters.keys() - found.keys()]

    def said_of(self, job: Taken) -> Opinion:
        """What was said of the text of one job; NONE where nobody was asked."""
        return self._said.get(_revision(job), Opinion.NONE)

    def _ask(
        self, pool: ThreadPoolExecutor, letters: Mapping[Revision, Letter]
    ) -> dict[Revision, Opinion]:
        """What was said of those for whom there was time; MISSING is a fault."""
        latest = time.monotonic() + _ALL - _ONE
        asked = {key: pool.submit(self._answer, one, latest) for key, one in letters.items()}
        wait(asked.values(), timeout=_ALL)
        # One that could not even begin is not at fault, whatever holds the threads up.
        began = {key: one for key, one in asked.items() if not one.cancel()}
        answers = {
            key: one.result() if one.done() else Opinion.MISSING for key, one in began.items()
        }
        return {key: answer for key, answer in answers.items() if answer is not None}

    def _answer(self, letter: Letter, latest: float) -> Opinion | None:
        """What it says of one comment; None where it is too late to begin."""
        if time.monotonic() > latest:
            return None
        try:
            answer = self._post(letter.as_form(self._key))
        except Exception as error:  # whatever it is, the comment is judged without it
            _log.warning("akismet cannot be asked", error=type(error).__name__)
            return Opinion.MISSING
        if answer not in ("true", "false"):
            # Most likely the key; what was answered could quote what was sent.
            _log.warning("akismet refuses to answer")
            return Opinion.MISSING
        return Opinion.SPAM if answer == "true" else Opinion.NONE

    def _post(self, body: bytes) -> str:
        # No redirect is followed and no proxy asked: a comment goes to this one host or nowhere.
        host, port = self._address.hostname or "", self._address.port
        by_tls = self._address.scheme == "https"
        connection = (HTTPSConnection if by_tls else HTTPConnection)(host, port, timeout=_ONE)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Parley"}
            connection.request("POST", "/1.1/comment-check", body, headers)
            answer = connection.getresponse()
            return answer.read(_LONGEST_ANSWER).decode("ascii", "replace").strip()
        finally:
            connection.close()


def _revision(job: Taken) -> Revision:
    return job.comment_id, job.revision


def _letters(taken: Sequence[Taken]) -> dict[Revision, Letter]:
    """What is sent of each, in one query; nothing of a text that changed, or of the staff's."""
    if not taken:
        return {}
    origin = (
        select(func.min(SiteOrigin.origin))
        .where(SiteOrigin.site_id == Comment.site_id)
        .scalar_subquery()
    )
    with reading() as session:
        rows = session.execute(
            select(
                Comment.id, Comment.revision, Comment.text, Comment.author_name, Thread.url, origin
            )
            .join(Thread, Thread.id == Comment.thread_id)
            .where(Comment.id.in_([job.comment_id for job in taken]), ~Comment.by_staff)
        ).all()
    wanted = {_revision(job) for job in taken}
    return {
        (number, revision): Letter(text, author, url, site or url)
        for number, revision, text, author, url, site in rows
        if (number, revision) in wanted
    }
