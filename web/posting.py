"""A reader posts, edits or withdraws: what the API and the page without script both do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from discussion import comments, staff_names
from jobs.transactions import reading, writing, written
from models import Account, Comment, Submission, Thread
from moderation.errors import Invalid, SignInRequired
from moderation.signals.sent import domain_of_address
from web import auth
from web.api.views import own_shapes
from web.runtime import runtime

_log = structlog.get_logger(__name__)
_SHORTEST_KEY, _LONGEST_KEY = 16, 200


@dataclass(frozen=True)
class Submitted:
    """What a reader sent, checked and rendered."""

    words: comments.Draft
    name: str
    parent_id: int | None
    email_domain: str
    trapped: bool
    key: str

    @property
    def digest(self) -> str:
        """What a repeated request is recognised by."""
        return comments.fingerprint(self.words.text, self.name, str(self.parent_id))


def submitted(sent: dict[str, Any], key: str) -> Submitted:
    """Check and render what was sent, as NewComment loaded it. Raises Invalid, TextTooLong."""
    bounds = runtime().limits
    return Submitted(
        words=comments.draft(sent["text"], bounds.text),
        name=comments.checked_name(sent["author_name"], bounds.name),
        parent_id=sent["parent_id"],
        email_domain=domain_of_address(sent["author_email"]),
        trapped=bool(sent["website"].strip()),
        key=checked_key(key),
    )


def checked_key(key: str) -> str:
    """An Idempotency-Key; an empty one is none. Raises Invalid."""
    if key and not (_SHORTEST_KEY <= len(key) <= _LONGEST_KEY and key.isprintable()):
        raise Invalid(
            f"An Idempotency-Key has {_SHORTEST_KEY} to {_LONGEST_KEY} characters that nobody "
            "can guess, such as a random UUID.",
            field="Idempotency-Key",
        )
    return key


def post(
    where: Callable[[Session], Thread],
    sent: Submitted,
    found: Callable[[Session], Thread | None] | None = None,
) -> dict[str, Any]:
    """Store a comment, wait a while for its score, and answer it as its author may read it.

    `where` finds the thread within the transaction; one that begins it there needs `found` beside
    it, which only looks. The answer carries `reader_token` for somebody who had none.
    """
    if not _makes_nobody(found or where, sent):
        auth.admit()
    answer, job_id = written(lambda session: _store(session, where(session), sent))
    if job_id:
        answer["comment"] = _scored(answer["comment"], job_id)
    return answer


def _makes_nobody(found: Callable[[Session], Thread | None], sent: Submitted) -> bool:
    """Whether somebody without a token only asks again for the first answer.

    Looked up ahead, for newcomers are counted before the transaction. Of two such requests at the
    same moment neither finds the other: both are counted then.
    """
    if not sent.key or not auth.is_unknown():
        return False
    with reading() as session:
        thread = found(session)
        return thread is not None and _earlier(session, thread, sent) is not None


def _earlier(session: Session, thread: Thread, sent: Submitted) -> Submission | None:
    return comments.earlier_submission(session, thread, sent.key, sent.digest)


def _store(session: Session, thread: Thread, sent: Submitted) -> tuple[dict[str, Any], int]:
    """The answer before the score, and the job that is owed; 0 for a repeated request."""
    earlier = _earlier(session, thread, sent)
    if earlier is not None:
        return _first_answer(session, earlier), 0
    staff = auth.staff_writer(session, thread.site_id)
    if staff is None:
        staff_names.refuse(session, thread.site_id, sent.name)
    author, is_new = (staff, False) if staff else auth.reader_or_newcomer(session, sent.name)
    comment, job = comments.post(
        session,
        thread,
        author,
        sent.words,
        sent.parent_id,
        runtime().limits,
        email_domain=sent.email_domain,
        trapped=sent.trapped,
        by_staff=staff is not None,
    )
    comments.remember(session, comment, sent.key, sent.digest, newcomer=is_new)
    token = {"reader_token": auth.token_for(author)} if is_new else {}
    return {"comment": own_shapes(session, [comment])[0], **token}, job.id


def _first_answer(session: Session, earlier: Submission) -> dict[str, Any]:
    comment = session.get_one(Comment, earlier.comment_id)
    author = session.get_one(Account, comment.author_id)
    token = {"reader_token": auth.token_for(author)} if earlier.newcomer else {}
    return {"comment": own_shapes(session, [comment])[0], **token}


def _scored(stored: dict[str, Any], job_id: int) -> dict[str, Any]:
    """Wait for the score until the deadline, then the comment as it stands.

    The comment is stored by now, whatever happens: if it cannot be read again, the answer is
    what was stored, unscored.
    """
    scorer = runtime().scorer
    scorer.wake()
    try:
        scorer.wait(job_id, runtime().scoring_deadline)
        with reading() as session:
            return own_shapes(session, [session.get_one(Comment, stored["id"])])[0]
    except SQLAlchemyError as error:
        _log.error("a stored comment cannot be read", error=type(error).__name__)
        return stored


def edit(comment_id: int, text: str) -> dict[str, Any]:
    """Change one's own comment, and answer it once the new text is judged or the time is over."""
    words = comments.draft(text, runtime().limits.text)
    with writing() as session:
        who = author(session)
        comment = comments.own(session, comment_id, who)
        job = comments.edit(session, comment, who, words, runtime().limits.edit_minutes)
        stored, job_id = own_shapes(session, [comment])[0], job.id if job else 0
    return {"comment": _scored(stored, job_id) if job_id else stored}


def withdraw(comment_id: int) -> dict[str, Any]:
    """Take one's own comment back."""
    with writing() as session:
        who = author(session)
        comment = comments.own(session, comment_id, who)
        comments.withdraw(session, comment, who)
        return {"comment": own_shapes(session, [comment])[0]}


def author(session: Session) -> Account:
    """The reader of the request, who has to be one. Raises SignInRequired."""
    found = auth.reader(session)
    if found is None:
        raise SignInRequired("Send the reader token that came with your first comment.")
    return found
