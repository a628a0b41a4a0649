"""Internal notes: what moderators of a site tell each other about a comment."""

from __future__ import annotations

import unicodedata

from sqlalchemy.orm import Session

from models import AuditEntry, Comment, Note
from moderation import audit
from moderation.decisions import Actor
from moderation.errors import Forbidden, Invalid

LONGEST = 2000
WRITTEN, TAKEN_BACK = "note written", "note taken back"


def add(session: Session, comment: Comment, text: str, actor: Actor) -> AuditEntry:
    """Leave a note on a comment and answer its entry in the log; the caller commits.

    Raises Invalid for a text that cannot be kept: an empty one, one above LONGEST characters, one
    with characters that no database takes.
    """
    note = Note(
        site_id=comment.site_id,
        comment_id=comment.id,
        account_id=actor.id,
        actor_name=actor.name,
        text=_checked(text),
    )
    session.add(note)
    told = {"comment": comment.id}
    return audit.record(session, WRITTEN, note, actor, site_id=comment.site_id, detail=told)


def take_back(session: Session, note: Note, actor: Actor) -> AuditEntry:
    """Remove a note again; that there was one stays in the log. Raises Forbidden for a note that
    somebody else wrote."""
    if note.account_id != actor.id:
        raise Forbidden("Only who wrote a note can take it back. Write another one beside it.")
    told = {"comment": note.comment_id}
    entry = audit.record(session, TAKEN_BACK, note, actor, site_id=note.site_id, detail=told)
    session.delete(note)
    session.flush()
    return entry


def _checked(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Invalid("Write the note first: it is empty.", field="text")
    if len(text) > LONGEST:
        raise Invalid(
            f"The note has {len(text):,} characters; {LONGEST:,} is the longest that is taken.",
            field="text",
        )
    if any(unicodedata.category(char) in ("Cs", "Cc") and char not in "\n\t" for char in text):
        raise Invalid("The note holds a control character. Remove it, then repeat.", field="text")
    return text
