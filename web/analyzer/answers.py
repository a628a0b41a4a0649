"""POST /v1alpha1/comments:analyze and :suggestscore, as Perspective answered them.

Nothing of a request for scores is stored or logged, whatever its doNotStore says. Of a suggested
score only what models/outside_decision.py holds is kept, and never the text.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, current_app, json

from jobs.transactions import reading, written
from moderation import outside, policies
from moderation.classifier.languages import reads_of
from moderation.classifier.scores import Scores
from moderation.errors import ScoringTimeout
from web import keys
from web.analyzer import attributes, scale
from web.analyzer.errors import (
    COMMENT_EMPTY,
    COMMENT_TOO_LONG,
    NO_REQUESTED_ATTRIBUTES,
    forbidden,
    refused,
)
from web.analyzer.language import Spoken, checked
from web.analyzer.plain import Plain, Units, plain
from web.analyzer.sentences import sentences
from web.analyzer.shapes import Analyze, Suggest, read
from web.keys import Caller
from web.runtime import runtime

blueprint = Blueprint("analyzer", __name__)

# 20 KB of UTF-8, as Perspective counted them and Discourse cuts to.
LONGEST_TEXT = 20_480
_PLACES = (keys.in_query, keys.in_header, keys.bearer)
_ANALYZE, _SUGGEST = Analyze(), Suggest()


@blueprint.post("/v1alpha1/comments:analyze")
def analyze() -> Response:
    """The probability of each requested attribute, within the deadline."""
    until = time.monotonic() + runtime().analyzer_deadline
    _, told = _caller()
    asked = read(_ANALYZE)
    comment = _comment(asked)
    if not asked["requested"]:
        raise refused("Name at least one requested attribute.", NO_REQUESTED_ATTRIBUTES)
    reads = _reads(asked["requested"], told)
    spoken = checked(asked["languages"], comment.text, reads, next(iter(asked["requested"])))
    places = sentences(comment.text) if asked["wants_spans"] else []
    # Of a single sentence the score of the whole is that of the sentence.
    parts = [comment.text[begin:end] for begin, end in places] if len(places) > 1 else []
    scores = _scored([comment.text, *parts], until)
    spans = _spans(comment, places)
    found = {
        name: one
        for name, how in asked["requested"].items()
        if (one := _answer(name, how["threshold"], scores, spans)) is not None
    }
    return _sent({"attributeScores": found} | _languages(spoken) | _token(asked))


@blueprint.post("/v1alpha1/comments:suggestscore")
def suggest() -> Response:
    """Take what a moderator elsewhere said of a text, for the calibration of the key's site."""
    until = time.monotonic() + runtime().analyzer_deadline
    caller, told = _caller()
    if not caller.may_label:
        raise forbidden("This key is for scores alone. Make one with: flask keys add --for labels")
    asked = read(_SUGGEST)
    comment = _comment(asked)
    if not asked["said"]:
        raise refused("Say something of at least one attribute, in attributeScores.")
    if missing := [name for name, one in asked["said"].items() if one["summary"] is None]:
        raise refused(f"Give {missing[0][:100]} a summaryScore.")
    reads = _reads(asked["said"], told)
    spoken = checked(asked["languages"], comment.text, reads, next(iter(asked["said"])))
    if not asked["do_not_store"]:
        said = {
            attributes.LABELS[name]: one["summary"]["value"] for name, one in asked["said"].items()
        }
        scores = _scored([comment.text], until)[0]
        secret = str(current_app.secret_key)
        written(
            lambda session: outside.record(
                session, caller.site_id, caller.key_id, comment.sent, said, scores, secret
            )
        )
    answered = {"requestedLanguages": asked["languages"], "detectedLanguages": spoken.detected}
    return _sent(answered | _token(asked))


def _caller() -> tuple[Caller, str]:
    """Who asks, counted towards the quota, and the languages that the key's site names."""
    with reading() as session:
        caller = keys.caller(session, _PLACES)
        told = policies.standing(session, caller.site_id).languages
    keys.count(caller)
    return caller, told


def _comment(asked: Mapping[str, Any]) -> Plain:
    """The comment as a reader sees it. Raises Refusal."""
    sent: str = asked["comment"]["text"]
    context = asked["context"]
    if context and context["entries"] is not None and context["article"] is not None:
        raise refused("A context has entries or an articleAndParentComment, not both.")
    size = len(sent.encode("utf-8", "surrogatepass"))
    if size > LONGEST_TEXT:
        raise refused(
            f"The comment has {size} bytes in UTF-8; {LONGEST_TEXT} are taken. Shorten it.",
            COMMENT_TOO_LONG,
        )
    comment = plain(sent, is_html=asked["comment"]["type"] == "HTML")
    if not comment.text.strip():
        raise refused("Comment must be non-empty.", COMMENT_EMPTY)
    return comment


def _reads(names: Mapping[str, Any], told: str) -> tuple[str, ...]:
    """The languages that the model reads, once it has all these attributes.

    Raises Refusal for one that it has not, ModelUnavailable.
    """
    attributes.check_known(names)
    classifier = runtime().classifier
    attributes.check_scored(names, classifier.labels)
    return reads_of(classifier.name, told or runtime().model_languages)


def _scored(texts: Sequence[str], until: float) -> list[Scores]:
    """Scores of all texts. Raises ScoringTimeout, ModelUnavailable, ScoringFailed."""
    left = until - time.monotonic()
    if left <= 0:
        raise ScoringTimeout("There was no time left for the model.")
    return runtime().classifier.score(texts, timeout=left)


def _spans(comment: Plain, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Begin and end of each span in UTF-16 code units of what was sent; the whole where no
    sentences were asked for."""
    units = Units(comment.sent)
    inside = [comment.place(*one) for one in places] or [(0, len(comment.sent))]
    return [(units.at(begin), units.at(end)) for begin, end in inside]


def _answer(
    name: str, threshold: float, scores: Sequence[Scores], spans: Sequence[tuple[int, int]]
) -> dict[str, Any] | None:
    """One attribute's scores: the whole, and each span; None below the threshold."""
    whole, *parts = [_shown(name, one) for one in scores]
    if whole < threshold:
        return None
    of_spans = zip(spans, parts or [whole], strict=True)
    return {
        "summaryScore": _score(whole),
        "spanScores": [
            {"begin": begin, "end": end, "score": _score(value)}
            for (begin, end), value in of_spans
            if value >= threshold
        ],
    }


def _shown(name: str, scores: Scores) -> float:
    value = float(scores.values[attributes.LABELS[name]])
    wanted = runtime().analyzer_scale
    return scale.shown(name, value, wanted, scores.model_name, scores.model_version)


def _score(value: float) -> dict[str, Any]:
    return {"value": value, "type": "PROBABILITY"}


def _languages(spoken: Spoken) -> dict[str, Any]:
    return {"languages": spoken.languages, "detectedLanguages": spoken.detected}


def _token(asked: Mapping[str, Any]) -> dict[str, Any]:
    token = asked["client_token"]
    return {} if token is None else {"clientToken": token}


def _sent(body: Mapping[str, Any]) -> Response:
    return Response(json.dumps(body), mimetype="application/json")
