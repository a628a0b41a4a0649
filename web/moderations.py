"""POST /v1/moderations in the shape of OpenAI's, answered from this server's own model.

Source of the shape: OpenAI's API reference, "Moderations". Only categories that the model knows are
there: the official clients take a part of them.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, request

from jobs.transactions import reading
from moderation import policies
from moderation.classifier.languages import detect, reads_of
from moderation.classifier.scores import Scores
from moderation.signals.facts import UNLISTED, Thresholds
from web import errors, keys
from web.runtime import runtime

blueprint = Blueprint("moderations", __name__)

# From category to the labels that show it, the highest of which counts. Of what the model does not
# know, such as violence or self-harm, nothing is said.
CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "harassment": ("toxicity", "insult"),
    "harassment/threatening": ("threat",),
    "hate": ("identity_attack",),
    "sexual": ("sexual_explicit",),
}
MOST_TEXTS, LONGEST_TEXT, LONGEST_BODY = 32, 20_480, 163_840
_KINDS = {401: "invalid_api_key", 429: "rate_limit_exceeded"}


class _Wrong(Exception):
    """A request that cannot be answered; its words say what to send."""


@blueprint.post("/v1/moderations")
def moderate() -> Response:
    """What the model says of one text or of several; nothing of it is stored or logged."""
    until = time.monotonic() + runtime().analyzer_deadline
    try:
        with reading() as session:
            caller = keys.caller(session, (keys.bearer,))
            values = policies.standing(session, caller.site_id)
        keys.count(caller)
        groups = _texts(_body())
        _check_languages(groups, values.languages)
    except (keys.NoKey, keys.BadKey):
        return _error(401, "Incorrect API key. Send one as Authorization: Bearer.")
    except keys.OverQuota as over:
        said = f"Too many requests. Wait {over.seconds} seconds, then try again."
        return _error(429, said, {"Retry-After": str(over.seconds)})
    except _Wrong as wrong:
        return _error(400, str(wrong))
    flat = [text for group in groups for text in group]
    scores = runtime().classifier.score(flat, timeout=max(0.0, until - time.monotonic()))
    results, at = [], 0
    for group in groups:
        results.append(_result(scores[at : at + len(group)], values.thresholds))
        at += len(group)
    name = f"{scores[0].model_name}-{scores[0].model_version}"
    return _sent({"id": f"modr-{secrets.token_hex(12)}", "model": name, "results": results})


def _body() -> Mapping[str, Any]:
    try:
        sent = json.loads(request.get_data().decode("utf-8"))
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise _Wrong("Send one complete JSON object in UTF-8.")
    return sent


def _texts(sent: Mapping[str, Any]) -> list[list[str]]:
    """The texts of each result: one for a text or each of several, one for all parts of an input.

    Raises _Wrong.
    """
    given = sent.get("input")
    if isinstance(given, str):
        groups = [[given]]
    elif isinstance(given, list) and given and all(isinstance(one, str) for one in given):
        groups = [[one] for one in given]
    elif isinstance(given, list) and given and all(map(_is_text, given)):
        groups = [[one["text"] for one in given]]
    else:
        raise _Wrong('input is a text, a list of texts, or a list of {"type": "text", "text": …}.')
    texts = [text for group in groups for text in group]
    if len(texts) > MOST_TEXTS:
        raise _Wrong(f"Send {MOST_TEXTS} texts at most at once.")
    if any(len(text.encode("utf-8", "surrogatepass")) > LONGEST_TEXT for text in texts):
        raise _Wrong(f"A text has {LONGEST_TEXT} bytes of UTF-8 at most.")
    return groups


def _is_text(part: object) -> bool:
    return (
        isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
    )


def _check_languages(groups: Sequence[Sequence[str]], told: str) -> None:
    """Raise _Wrong for a text in a language of which the model's numbers mean nothing."""
    reads = reads_of(runtime().classifier.name, told or runtime().model_languages)
    for group in groups:
        if any(detect(text).is_foreign_to(reads) for text in group):
            raise _Wrong(f"A text is in a language that the model does not read ({reads[0]} …).")


def _result(scores: Sequence[Scores], thresholds: Mapping[str, Thresholds]) -> dict[str, Any]:
    """What stands for one input: flagged where the key's site would hold a comment."""
    found: dict[str, float] = {}
    flagged: dict[str, bool] = {}
    for category, labels in CATEGORIES.items():
        known = [label for label in labels if label in scores[0].values]
        if known:
            worst = {label: max(float(one.values[label]) for one in scores) for label in known}
            found[category] = max(worst.values())
            flagged[category] = any(
                value >= thresholds.get(label, UNLISTED).hold for label, value in worst.items()
            )
    return {
        "flagged": any(flagged.values()),
        "categories": flagged,
        "category_scores": found,
        "category_applied_input_types": {category: ["text"] for category in found},
    }


def _sent(body: Mapping[str, Any]) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(json.dumps(body), mimetype="application/json", headers=headers)


def _error(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    error = {"message": message, "type": kind, "param": None, "code": _KINDS.get(status)}
    answer = Response(json.dumps({"error": error}), status, mimetype="application/json")
    answer.headers.update(dict(headers or {}))
    return answer


def _drawn(status: int, kind: str, detail: str, headers: dict[str, str] | None) -> Response:
    return _error(status, detail, headers)


def _let_in() -> None:
    if request.path == "/v1/moderations":
        request.max_content_length = LONGEST_BODY


def register(app: Flask) -> None:
    """Add the address, and answer its errors as OpenAI's are."""
    app.register_blueprint(blueprint)
    app.before_request(_let_in)
    errors.draw_below("/v1", _drawn)
