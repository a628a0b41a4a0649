"""Whether the model reads the language of a text, by what the request says or what is detected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from moderation.classifier.languages import UNDETERMINED, Language, detect
from web.analyzer.errors import LANGUAGE_DETECTION_FAILED, LANGUAGE_NOT_SUPPORTED, refused

_log = structlog.get_logger(__name__)
# BCP 47, as far as it has to be understood here: the language comes first.
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,4}")
_MOST = 20


@dataclass(frozen=True)
class Spoken:
    """What an answer says of the language: in which the text was scored, and which were found."""

    languages: Sequence[str]
    detected: Sequence[str]


def checked(given: Sequence[str], text: str, reads: Sequence[str], attribute: str) -> Spoken:
    """Hold the language of a text against those that the model `reads`. Raises Refusal.

    What the request says counts, as with Perspective; else what two detectors agree on. A text of
    which they do not know is scored: most that are so short are English, or an insult.
    """
    for tag in given:
        if len(given) > _MOST or not _TAG.fullmatch(tag):
            raise refused("Languages are written as codes such as en, 20 at most.")
    foreign = [tag for tag in given if _primary(tag) not in reads]
    if foreign:
        raise _unsupported(attribute, foreign, {"requestedLanguages": list(given)})
    try:
        found = detect(text)
    except Exception as error:  # the detectors are libraries: whatever it is, the text is not why
        if not given:
            _log.error("language detection failed", error=type(error).__name__)
            raise refused(
                "The language cannot be detected just now. Send languages along.",
                LANGUAGE_DETECTION_FAILED,
            ) from None
        found = Language()
    known = [] if found.code.startswith(UNDETERMINED) else [found.code]
    if not given and found.is_foreign_to(reads):
        if not known:
            raise refused(
                f"The language could not be told; it is none that the model reads "
                f"({', '.join(reads)}). Send languages along to have the text scored all the same.",
                LANGUAGE_DETECTION_FAILED,
            )
        raise _unsupported(attribute, known, {"detectedLanguages": known})
    return Spoken(list(given) or known or list(reads), known)


def _primary(tag: str) -> str:
    return tag.lower().replace("_", "-").partition("-")[0]


def _unsupported(attribute: str, languages: Sequence[str], told: Mapping[str, Any]) -> Exception:
    # Clients look for these words, whoever named the language.
    return refused(
        f"Attribute {attribute} does not support request languages: {', '.join(languages)}",
        LANGUAGE_NOT_SUPPORTED,
        languageNotSupportedByAttributeError={"attribute": attribute, **told},
    )
