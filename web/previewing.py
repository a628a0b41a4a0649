"""How a text would look and whether a moderator would look first; nothing is stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy.orm import Session

from discussion import comments
from jobs.transactions import reading
from models import Account, Status
from moderation import policies, policy, sanctions, screening
from moderation.classifier import languages
from moderation.classifier.scores import Scores
from moderation.errors import (
    ModelUnavailable,
    ScoringFailed,
    ScoringTimeout,
    SignInRequired,
)
from moderation.sanctions import Door
from moderation.signals import Facts, gather
from web import auth
from web.runtime import runtime

_log = structlog.get_logger(__name__)
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


def look(text: str, where: Callable[[Session], policies.Place]) -> dict[str, Any]:
    """The rendered text and what the policy of its destination would say of it.

    Raises what `where` raises, TextTooLong, Invalid, Sanctioned.
    """
    words = comments.draft(text, runtime().limits.text)
    with reading() as session:
        place = where(session)
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
