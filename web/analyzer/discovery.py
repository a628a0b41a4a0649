"""The discovery document, from which Google's client libraries learn what can be asked here.

Source of the form: the Google API Discovery Service, directory type "discovery#restDescription".
"""

from __future__ import annotations

from typing import Any

from flask import Response, json, request

from web.analyzer.answers import blueprint
from web.analyzer.attributes import LABELS
from web.analyzer.errors import Refusal
from web.runtime import runtime

_VERSION = "v1alpha1"
_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_NUMBER: dict[str, Any] = {"type": "number", "format": "float"}
_OFFSET: dict[str, Any] = {"type": "integer", "format": "int32"}


@blueprint.get("/$discovery/rest")
def discovery() -> Response:
    """The description of both methods; the same for everyone, and without a key."""
    if request.args.get("version", _VERSION) != _VERSION:
        raise Refusal(f"There is only {_VERSION} here.", code=404)
    return Response(
        json.dumps(document(runtime().public_url)),
        mimetype="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )


def document(public_url: str) -> dict[str, Any]:
    """What clients read. Its addresses are those that the operator gave this server, never the
    Host that a request names: a key would be sent to wherever somebody had it point."""
    root = f"{public_url}/"
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{_VERSION}",
        "name": "commentanalyzer",
        "version": _VERSION,
        "revision": "20261126",
        "title": "Comment Analyzer, as Parley answers it",
        "description": "Scores comments on the publisher's own machine.",
        "documentationLink": "https://developers.perspectiveapi.com/s/about-the-api-methods",
        "protocol": "rest",
        "rootUrl": root,
        "baseUrl": root,
        "servicePath": "",
        "basePath": "",
        "batchPath": "batch",
        "parameters": _parameters(),
        "schemas": _schemas(),
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method(
                        "analyze",
                        "AnalyzeComment",
                        "The probability that a comment shows each attribute.",
                    ),
                    "suggestscore": _method(
                        "suggestscore",
                        "SuggestCommentScore",
                        "Tells what a moderator said of a comment.",
                    ),
                }
            }
        },
    }


def _method(name: str, message: str, meaning: str) -> dict[str, Any]:
    path = f"{_VERSION}/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "description": meaning,
        "httpMethod": "POST",
        "path": path,
        "flatPath": path,
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{message}Request"},
        "response": {"$ref": f"{message}Response"},
    }


def _parameters() -> dict[str, Any]:
    meanings = {
        "key": "The key that `flask keys add` printed.",
        "alt": "The form of the answer; JSON is the only one.",
        "fields": "Taken and not looked at: answers are always whole.",
        "prettyPrint": "Taken and not looked at.",
        "quotaUser": "Taken and not looked at: a key has one quota.",
    }
    return {
        name: {"description": meaning, "location": "query", "type": "string"}
        for name, meaning in meanings.items()
    }


def _schemas() -> dict[str, Any]:
    shared = {
        "comment": _ref("TextEntry"),
        "context": _ref("Context"),
        "languages": _list(_TEXT),
        "clientToken": _TEXT,
        "sessionId": _TEXT,
        "communityId": _TEXT,
        "doNotStore": _FLAG,
    }
    text_type = {"type": "string", "enum": ["PLAIN_TEXT", "HTML"]}
    score_type = {"type": "string", "enum": ["PROBABILITY"]}
    known = ", ".join(LABELS)
    named = f"By attribute: {known}; the last only with a model that has it."
    shapes: dict[str, dict[str, Any]] = {
        "TextEntry": {"text": _TEXT, "type": text_type},
        "ArticleAndParentComment": {
            "article": _ref("TextEntry"),
            "parentComment": _ref("TextEntry"),
        },
        "Context": {
            "entries": _list(_ref("TextEntry")),
            "articleAndParentComment": _ref("ArticleAndParentComment"),
        },
        "AttributeParameters": {"scoreType": score_type, "scoreThreshold": _NUMBER},
        "Score": {"value": _NUMBER, "type": score_type},
        "SpanScore": {"begin": _OFFSET, "end": _OFFSET, "score": _ref("Score")},
        "AttributeScores": {
            "summaryScore": _ref("Score"),
            "spanScores": _list(_ref("SpanScore")),
        },
        "AnalyzeCommentRequest": shared
        | {
            "requestedAttributes": _map("AttributeParameters", named),
            "spanAnnotations": _FLAG,
        },
        "AnalyzeCommentResponse": {
            "attributeScores": _map("AttributeScores", named),
            "languages": _list(_TEXT),
            "detectedLanguages": _list(_TEXT),
            "clientToken": _TEXT,
        },
        "SuggestCommentScoreRequest": shared | {"attributeScores": _map("AttributeScores", named)},
        "SuggestCommentScoreResponse": {
            "clientToken": _TEXT,
            "requestedLanguages": _list(_TEXT),
            "detectedLanguages": _list(_TEXT),
        },
    }
    return {
        name: {"id": name, "type": "object", "properties": properties}
        for name, properties in shapes.items()
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": name}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _map(of: str, meaning: str) -> dict[str, Any]:
    return {"type": "object", "description": meaning, "additionalProperties": _ref(of)}
