"""Comments over HTTP: post, read, edit, withdraw, preview."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import structlog
from flask import request
from flask_smorest import Blueprint
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from discussion import comments, staff_names, threads
from discussion import reading as read
from discussion.reading import Sort
from jobs.transactions import reading, writing, written
from models import Account, Comment, Status, Submission
from models.policy import WHOLE_SITE
from moderation import policies, policy, sanctions, screening
from moderation.classifier import languages
from moderation.classifier.scores import Scores
from moderation.errors import (
    Invalid,
    ModelUnavailable,
    ScoringFailed,
    ScoringTimeout,
    SignInRequired,
)
from moderation.sanctions import Door
from moderation.signals import Facts, gather
from moderation.signals.sent import domain_of_address
from web import auth, limits
from web.api import schemas
from web.api.views import comment_shape, list_shape, own_shapes, thread_shape
from web.runtime import runtime

_log = structlog.get_logger(__name__)
_SHORTEST_KEY, _LONGEST_KEY = 16, 200
# A few of the server's threads: those who post come first.
_MOST_PREVIEWS = 3
_free = threading.BoundedSemaphore(_MOST_PREVIEWS)
# What a label is called to the person who wrote the text.
_AS_READ = {
    "toxicity": "rude or disrespectful",
    "severe_toxicity": "hateful",
    "obscene": "obscene",
    "threat": "a threat",
    "insult": "an insult",
    "identity_attack": "an attack on a group of people",
    "sexual_explicit": "sexually explicit",
}

blueprint = Blueprint("comments", __name__, url_prefix="/api/v1", description="What people say.")


@blueprint.post("/threads/<row:thread_id>/comments")
@limits.writes
@blueprint.arguments(schemas.NewComment)
@blueprint.response(201, schemas.Posted)
def post_comment(sent: dict[str, Any], thread_id: int) -> dict[str, Any]:
    """Post a comment; `status` in the answer says whether it is published, held or unscored.

    Send an Idempotency-Key (16 to 200 characters) and the request can be repeated safely.
    """
    bounds = runtime().limits
    submission = _Submitted(
        words=comments.draft(sent["text"], bounds.text),
        name=comments.checked_name(sent["author_name"], bounds.name),
        parent_id=sent["parent_id"],
        email_domain=domain_of_address(sent["author_email"]),
        trapped=bool(sent["website"].strip()),
        key=_idempotency_key(),
    )
    auth.admit()
    answer, job_id = written(lambda session: _store(session, thread_id, submission))
    if job_id:
        answer["comment"] = _scored(answer["comment"], job_id)
    return answer


@dataclass(frozen=True)
class _Submitted:
    """What a reader sent, checked and rendered."""

    words: comments.Draft
    name: str
    parent_id: int | None
    email_domain: str
    trapped: bool
    key: str

    @property
    def digest(self) -> str:
        return comments.fingerprint(self.words.text, self.name, str(self.parent_id))


def _store(session: Session, thread_id: int, sent: _Submitted) -> tuple[dict[str, Any], int]:
    """The answer before the score, and the job that is owed; 0 for a repeated request."""
    thread = threads.get(session, thread_id)
    earlier = comments.earlier_submission(session, thread, sent.key, sent.digest)
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


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if key and not (_SHORTEST_KEY <= len(key) <= _LONGEST_KEY and key.isprintable()):
        raise Invalid(
            f"An Idempotency-Key has {_SHORTEST_KEY} to {_LONGEST_KEY} characters that nobody "
            "can guess, such as a random UUID.",
            field="Idempotency-Key",
        )
    return key


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


@blueprint.get("/comments/<row:comment_id>")
@limits.reads
@blueprint.arguments(schemas.ReplyOrder, location="query")
@blueprint.response(200, schemas.OneComment)
def get_comment(query: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """A comment by permalink, with what stands above it; its author sees it in any status."""
    with reading() as session:
        reader = auth.reader(session)
        own = comments.own_unpublished(session, comment_id, reader.id) if reader else None
        if own is not None:
            return _own_alone(session, own)
        view, ancestors = read.one(session, comment_id, Sort(query["sort"]))
        thread = threads.get(session, view.thread_id)
        return {
            "comment": schemas.CommentShape().dump(comment_shape(view, thread.url)),
            "ancestors": [comment_shape(above, thread.url) for above in ancestors],
            "thread": thread_shape(session, thread),
        }


def _own_alone(session: Session, own: Comment) -> dict[str, Any]:
    shape = schemas.OwnCommentShape().dump(own_shapes(session, [own])[0])
    above = read.ancestors(session, own.parent_id)
    return {
        "comment": shape,
        "ancestors": [comment_shape(one, own.thread.url) for one in above],
        "thread": thread_shape(session, own.thread),
    }


@blueprint.get("/comments/<row:comment_id>/replies")
@limits.reads
@blueprint.arguments(schemas.ReplyListing, location="query")
@blueprint.response(200, schemas.CommentList)
def list_replies(query: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Direct replies to a comment with what stands below them."""
    with reading() as session:
        page = read.replies(
            session, comment_id, Sort(query["sort"]), query["cursor"], query["limit"]
        )
        above = session.get_one(Comment, comment_id)
        return list_shape(page, above.thread.url)


@blueprint.patch("/comments/<row:comment_id>")
@limits.writes
@blueprint.arguments(schemas.ChangedText)
@blueprint.response(200, schemas.Posted)
def edit_comment(sent: dict[str, Any], comment_id: int) -> dict[str, Any]:
    """Change one's own comment; the new text is hidden until it has been judged."""
    words = comments.draft(sent["text"], runtime().limits.text)
    with writing() as session:
        author = _author(session)
        comment = comments.own(session, comment_id, author)
        job = comments.edit(session, comment, author, words, runtime().limits.edit_minutes)
        stored, job_id = own_shapes(session, [comment])[0], job.id if job else 0
    return {"comment": _scored(stored, job_id) if job_id else stored}


@blueprint.delete("/comments/<row:comment_id>")
@limits.writes
@blueprint.response(200, schemas.Posted)
def withdraw_comment(comment_id: int) -> dict[str, Any]:
    """Take one's own comment back; replies keep their place."""
    with writing() as session:
        author = _author(session)
        comment = comments.own(session, comment_id, author)
        comments.withdraw(session, comment, author)
        return {"comment": own_shapes(session, [comment])[0]}


def _author(session: Session) -> Account:
    author = auth.reader(session)
    if author is None:
        raise SignInRequired("Send the reader token that came with your first comment.")
    return author


@blueprint.post("/preview")
@limits.previews
@blueprint.arguments(schemas.PreviewText)
@blueprint.response(200, schemas.Preview)
def preview(sent: dict[str, Any]) -> dict[str, Any]:
    """How a text would look, and whether a moderator would look first; stores nothing."""
    words = comments.draft(sent["text"], runtime().limits.text)
    with reading() as session:
        place = _destination(session, sent)
        reader = _known_reader(session)
        if reader is not None:
            sanctions.permit(session, place[0], reader.id, Door.PREVIEW)
        values = policies.standing(session, *place)
    answer: dict[str, Any] = {"html": words.html, "labels": [], "message": ""}
    scores = _scores(words.text)
    if scores is None:
        message = "The comment will be checked when you post it."
        return {**answer, "would_hold": None, "message": message}
    told = runtime().model_languages
    facts = screening.facts_of(values, words.text, scores, told, html=words.html)
    verdict = policy.judge(gather(facts), values.moderation)
    scored = [name.removeprefix("score:") for name in verdict.reasons if name.startswith("score:")]
    # Named labels ask the author to reword; a site may prefer not to.
    labels = scored if values.nudges else []
    return {
        **answer,
        "would_hold": verdict.after is not Status.PUBLISHED,
        "labels": labels,
        "message": _preview_message(verdict, facts, labels),
    }


def _known_reader(session: Session) -> Account | None:
    """Who asks for what needs no reader; a token that is none is no reason to refuse it."""
    try:
        return auth.reader(session)
    except SignInRequired:
        return None


def _scores(text: str) -> Scores | None:
    """What the model says of a text that is not posted; None if that does not come in time."""
    classifier = runtime().classifier
    # A model that is slow or away must not keep every thread of the server waiting.
    if classifier.complaint or not _free.acquire(blocking=False):
        return None
    try:
        return classifier.score([text], timeout=runtime().scoring_deadline)[0]
    except (ModelUnavailable, ScoringTimeout, ScoringFailed) as error:
        _log.warning("preview without a score", error=type(error).__name__)
        return None
    finally:
        _free.release()


def _destination(session: Session, sent: dict[str, Any]) -> policies.Place:
    if sent["thread_id"] is not None:
        thread = threads.get(session, sent["thread_id"])
        return thread.site_id, thread.id
    if not sent["url"]:
        raise Invalid("Say where the comment would go: send thread_id or url.", field="url")
    page = threads.locate(session, sent["url"])
    begun = threads.find(session, page)
    return page.site.id, begun.id if begun else WHOLE_SITE


def _preview_message(verdict: policy.Verdict, facts: Facts, labels: list[str]) -> str:
    if verdict.after is Status.PUBLISHED:
        return ""
    if any(name.startswith("language:") for name in verdict.reasons):
        language = languages.name_of(facts.language.code) or "this language"
        return f"A moderator will look at this first: the software here does not read {language}."
    if not labels:
        if policy.PRE_MODERATION in verdict.reasons:
            return "A moderator looks at every comment here before it appears."
        return "A moderator will look at this first."
    # Toxicity is what all the others have in common: said alone only where nothing else is.
    told = [label for label in labels if label != "toxicity"] or labels
    named = " and ".join(_AS_READ.get(label, label.replace("_", " ")) for label in told[:2])
    return f"This may read as {named}. You can reword it, or post it and a moderator will look."
