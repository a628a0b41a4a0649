"""Post, edit and withdraw a comment; its status changes only through decisions."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion.rendering import render
from models import (
    Account,
    Comment,
    Job,
    JobKind,
    Standing,
    Status,
    Submission,
    Thread,
    ThreadState,
    utcnow,
)
from models.comment import lock
from models.visibility import own_unpublished as unpublished_of
from models.visibility import public, readable_by
from moderation import decisions, featuring, sanctions
from moderation.errors import (
    EditWindowClosed,
    Forbidden,
    Invalid,
    KeyUsed,
    NotFound,
    Refused,
    TextTooLong,
    ThreadClosed,
)
from moderation.sanctions import Door

EDITED = "edited"
WITHDRAWN = "withdrawn"
# White space that a comment may hold; every other control character is refused.
_LAYOUT = {"\n", "\t"}


@dataclass(frozen=True)
class Limits:
    """What a comment may be: characters of text, levels of depth, minutes of editing."""

    text: int
    name: int
    depth: int
    edit_minutes: int


@dataclass(frozen=True)
class Draft:
    """A text that can be stored, with the HTML that goes with it."""

    text: str
    html: str


def draft(text: str, limit: int) -> Draft:
    """Check and render a text; done before a transaction begins, for it can take its time.

    Raises TextTooLong, Invalid.
    """
    checked = checked_text(text, limit)
    return Draft(checked, render(checked))


def checked_text(text: str, limit: int) -> str:
    """The text as it will be stored, with the line ends of one system and no outer blanks.

    Raises TextTooLong above `limit` characters, Invalid for an empty text and for characters
    that no database and no reader can do anything with. Nothing is ever cut.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text or not any(_visible(char) for char in text):
        raise Invalid("Write something first: the comment is empty.", field="text")
    if len(text) > limit:
        raise TextTooLong(
            f"The comment has {len(text):,} characters; {limit:,} is the longest that is "
            "taken. Shorten it or post it in two parts.",
            field="text",
        )
    _refuse_unstorable(text, "text", _LAYOUT)
    return text


def checked_name(name: str, limit: int) -> str:
    """A commenter's name as plain text on one line. Raises Invalid."""
    name = " ".join(name.split())
    if not any(_visible(char) for char in name):
        raise Invalid("Give a name under which the comment appears.", field="author_name")
    if len(name) > limit:
        raise Invalid(f"The name can have {limit} characters at most.", field="author_name")
    _refuse_unstorable(name, "author_name", set())
    # Direction overrides would let a name run over what stands beside it.
    if any(unicodedata.bidirectional(char) in _OVERRIDES for char in name):
        raise Invalid(
            "The name holds characters that turn the writing direction; leave them out.",
            field="author_name",
        )
    return name


_OVERRIDES = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def _visible(char: str) -> bool:
    return unicodedata.category(char)[0] not in "CZM"


def _refuse_unstorable(text: str, field: str, layout: set[str]) -> None:
    for char in text:
        category = unicodedata.category(char)
        if category == "Cs" or (category == "Cc" and char not in layout):
            kind = "half of a character pair" if category == "Cs" else "a control character"
            raise Invalid(
                f"The text holds {kind} (U+{ord(char):04X}), which cannot be stored. "
                "Remove it and send the rest again.",
                field=field,
            )


def post(
    session: Session,
    thread: Thread,
    author: Account,
    words: Draft,
    parent_id: int | None,
    limits: Limits,
    *,
    email_domain: str = "",
    trapped: bool = False,
    by_staff: bool = False,
) -> tuple[Comment, Job]:
    """Write an unscored, hidden comment and the scoring that it is owed, in one transaction.

    The author's name is a checked one; the last two say what it was sent with. Raises
    ThreadClosed, Forbidden for an author who is banned, Sanctioned, Invalid when the parent is not
    a readable comment of this thread or stands too deep.
    """
    if thread.state is ThreadState.CLOSED:
        raise ThreadClosed("This discussion is closed to new comments.")
    if author.standing is Standing.BANNED:
        raise Forbidden("You can no longer comment on this site.")
    sanctions.permit(session, thread.site_id, author.id, Door.POST)
    comment = Comment(
        site_id=thread.site_id,
        thread_id=thread.id,
        parent_id=parent_id,
        depth=_depth_below(session, thread, parent_id, limits.depth),
        author_id=author.id,
        author_name=author.name,
        by_staff=by_staff,
        text=words.text,
        html=words.html,
        email_domain=email_domain,
        trapped=trapped,
    )
    session.add(comment)
    session.flush()
    return comment, _owe_scoring(session, comment)


def _depth_below(session: Session, thread: Thread, parent_id: int | None, depth_limit: int) -> int:
    if parent_id is None:
        return 0
    depth = session.scalar(
        select(Comment.depth).where(
            Comment.id == parent_id, Comment.thread_id == thread.id, public()
        )
    )
    if depth is None:
        raise Invalid(
            "The comment that this replies to is not there any more. Post it as a new comment.",
            field="parent_id",
        )
    if depth >= depth_limit:
        raise Invalid(
            f"This branch is {depth_limit} levels deep, which is the deepest there is. "
            "Reply further up.",
            field="parent_id",
        )
    return depth + 1


def _owe_scoring(session: Session, comment: Comment) -> Job:
    job = Job(kind=JobKind.SCORE, comment_id=comment.id, revision=comment.revision)
    session.add(job)
    session.flush()
    return job


def edit(
    session: Session, comment: Comment, author: Account, words: Draft, edit_minutes: int
) -> Job | None:
    """Replace the text; the new revision is hidden until it has been judged like a new comment.

    None when the text is the same as before. Raises Refused for a comment that a moderator
    rejected or its author withdrew, ThreadClosed, EditWindowClosed after `edit_minutes`,
    Sanctioned.
    """
    sanctions.permit(session, comment.site_id, author.id, Door.EDIT)
    if comment.status not in (Status.UNSCORED, Status.HELD, Status.PUBLISHED):
        raise Refused(f"A comment that is {comment.status.value} cannot be edited.")
    if utcnow() > comment.created_at + timedelta(minutes=edit_minutes):
        raise EditWindowClosed(
            f"A comment can be edited for {edit_minutes} minutes. Reply to it to add something."
        )
    if comment.thread.state is ThreadState.CLOSED:
        raise ThreadClosed("This discussion is closed; its comments stay as they are.")
    if words.text == comment.text:
        return None
    comment.text = words.text
    comment.html = words.html
    comment.revision += 1
    comment.edited_at = utcnow()
    comment.risk = 0.0
    featuring.end(session, comment)
    decisions.decide(session, comment, Status.UNSCORED, decisions.Actor.author(author), [EDITED])
    return _owe_scoring(session, comment)


def withdraw(session: Session, comment: Comment, author: Account) -> None:
    """Take one's own comment back; replies keep their place. Raises Refused."""
    if comment.status is Status.WITHDRAWN:
        return
    decisions.decide(
        session, comment, Status.WITHDRAWN, decisions.Actor.author(author), [WITHDRAWN]
    )


def own(session: Session, comment_id: int, author: Account) -> Comment:
    """One's own comment, taken for changing.

    Raises NotFound where the reader may not know of it, Forbidden for somebody else's.
    """
    comment = lock(session, comment_id)
    if comment is not None and comment.author_id == author.id:
        return comment
    readable(session, comment_id, author.id)
    raise Forbidden("Only its author can change a comment.")


def readable(session: Session, comment_id: int, reader_id: int = 0) -> Comment:
    """A comment whose words this reader may read. Raises NotFound."""
    comment = session.scalar(
        select(Comment).where(Comment.id == comment_id, readable_by(reader_id))
    )
    if comment is None:
        raise NotFound("There is no such comment, or it is not public.")
    return comment


def own_unpublished(session: Session, comment_id: int, reader_id: int) -> Comment | None:
    """A comment that only this reader sees, if that is what it is."""
    return session.scalar(
        select(Comment).where(Comment.id == comment_id, unpublished_of(reader_id))
    )


def public_to_mark(session: Session, comment_id: int) -> Comment:
    """A comment that anyone may read, taken for a vote or a report. Raises NotFound."""
    lock(session, comment_id)
    return readable(session, comment_id)


def fingerprint(*parts: str) -> str:
    """What a repeated request is recognised by: SHA-256 of its parts."""
    joined = "\x1f".join(parts)
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()


def remember(session: Session, comment: Comment, key: str, digest: str, *, newcomer: bool) -> None:
    """Keep an Idempotency-Key with the comment that it made; an empty one is none."""
    if key:
        session.add(
            Submission(
                thread_id=comment.thread_id,
                key=key,
                digest=digest,
                comment_id=comment.id,
                newcomer=newcomer,
            )
        )
        session.flush()


def earlier_submission(
    session: Session, thread: Thread, key: str, digest: str
) -> Submission | None:
    """The first answer to a repeated request, if it is one; an empty key repeats nothing.

    Raises KeyUsed when the key was used for another text: a client that does that is mistaken
    about one of the two.
    """
    if not key:
        return None
    earlier = session.scalar(
        select(Submission).where(Submission.thread_id == thread.id, Submission.key == key)
    )
    if earlier is not None and earlier.digest != digest:
        raise KeyUsed("This Idempotency-Key was used for another comment. Send a new key.")
    return earlier


def is_repeated(session: Session, key: str, author_id: int) -> bool:
    """Whether this author's comment came of a request with this key already."""
    made = select(Submission.id).join(Comment, Comment.id == Submission.comment_id)
    return (
        session.scalar(made.where(Comment.author_id == author_id, Submission.key == key))
        is not None
    )
