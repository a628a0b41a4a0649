"""The shapes of requests at Perspective's addresses, read as Google's JSON APIs read theirs.

Source: the reference of the Comment Analyzer API v1alpha1, and the JSON form of Protocol Buffers
(https://protobuf.dev/programming-guides/json/): null is absent, a name may be written with
underscores too, a number may be a text; a name that is not known is an error.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import request
from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validate

from web.analyzer.errors import Refusal, misshapen

# Longest body in bytes: 20 KB of control characters, each written as six, and a context.
LONGEST_BODY = 163_840
_LONGEST_NAME = 100
_UNKNOWN, _OBJECT = "unknown", "object"


class Shape(Schema):
    """A message: nothing in it but what is named here."""

    class Meta:
        """As Google's APIs do it."""

        unknown = RAISE

    error_messages = {"type": _OBJECT, "unknown": _UNKNOWN}  # noqa: RUF012

    @pre_load
    def _as_written(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        known = {field.data_key or name for name, field in self.fields.items()}
        found = {}
        for name, value in data.items():
            camel = re.sub("_([a-z])", lambda one: one[1].upper(), name)
            if value is not None:
                found[camel if camel in known else name] = value
        return found


class Text(fields.String):
    """A JSON string."""

    default_error_messages = {"invalid": "TYPE_STRING"}  # noqa: RUF012


class Flag(fields.Field[bool]):
    """A JSON true or false, and nothing that looks like one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("TYPE_BOOL")
        return value


class Number(fields.Field[float]):
    """A JSON number from 0 to 1, or a text that holds one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> float:
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not 0 <= number <= 1:
            raise ValidationError("TYPE_FLOAT, from 0 to 1")
        return number


class Offset(fields.Field[int]):
    """A JSON number without a fraction, not below 0."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
            raise ValidationError("TYPE_INT32")
        return value


def _part(shape: type[Shape], **given: Any) -> fields.Nested:
    return fields.Nested(shape, error_messages={"null": _OBJECT}, **given)


def _list(of: fields.Field[Any] | fields.Nested, **given: Any) -> fields.List[Any]:
    return fields.List(of, error_messages={"invalid": "list"}, **given)


def _map(of: type[Shape], **given: Any) -> fields.Dict:
    return fields.Dict(keys=Text(), values=_part(of), error_messages={"invalid": "object"}, **given)


def _kind(*names: str) -> Text:
    listed = ", ".join(names)
    return Text(load_default=names[0], validate=validate.OneOf(names, error=f"one of {listed}"))


def _score_type() -> Text:
    return _kind("PROBABILITY", "SCORE_TYPE_UNSPECIFIED")


class Entry(Shape):
    """A text and what it is written in."""

    text = Text(load_default="")
    type = _kind("PLAIN_TEXT", "HTML", "TEXT_TYPE_UNSPECIFIED")


class Article(Shape):
    """What a comment was written under."""

    article = _part(Entry, load_default=None)
    parent_comment = _part(Entry, data_key="parentComment", load_default=None)


class Context(Shape):
    """What surrounds a comment, in one of two forms."""

    entries = _list(_part(Entry), load_default=None)
    article = _part(Article, data_key="articleAndParentComment", load_default=None)


class Asked(Shape):
    """How one attribute is asked for."""

    score_type = _score_type()
    score_type.data_key = "scoreType"
    threshold = Number(data_key="scoreThreshold", load_default=0.0)


class Score(Shape):
    """One number."""

    value = Number(required=True, error_messages={"required": "TYPE_FLOAT, from 0 to 1"})
    type = _score_type()


class SpanScore(Shape):
    """The number of a part."""

    begin = Offset(load_default=0)
    end = Offset(load_default=0)
    score = _part(Score, load_default=None)


class Said(Shape):
    """What somebody says of one attribute."""

    summary = _part(Score, data_key="summaryScore", load_default=None)
    spans = _list(_part(SpanScore), data_key="spanScores", load_default=list)


class _Common(Shape):
    comment = _part(Entry, load_default=lambda: {"text": "", "type": "PLAIN_TEXT"})
    context = _part(Context, load_default=None)
    languages = _list(Text(), load_default=list)
    do_not_store = Flag(data_key="doNotStore", load_default=False)
    client_token = Text(data_key="clientToken", load_default=None)
    session_id = Text(data_key="sessionId", load_default=None)
    community_id = Text(data_key="communityId", load_default=None)


class Analyze(_Common):
    """AnalyzeCommentRequest."""

    requested = _map(Asked, data_key="requestedAttributes", load_default=dict)
    wants_spans = Flag(data_key="spanAnnotations", load_default=False)


class Suggest(_Common):
    """SuggestCommentScoreRequest."""

    said = _map(Said, data_key="attributeScores", load_default=dict)


def read(shape: Shape) -> dict[str, Any]:
    """The body of the request. Raises Refusal, and 413 for one that is too long.

    Whatever its Content-Type says: the key is no cookie, so there is nothing that a form on another
    page could abuse, and clients that forget it are many.
    """
    sent = request.get_data() or b"{}"
    try:
        parsed = json.loads(sent.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise misshapen(
            "Invalid JSON payload received. Send one complete JSON object in UTF-8."
        ) from None
    if not isinstance(parsed, dict):
        raise misshapen("Invalid JSON payload received. Send one JSON object.")
    try:
        found: dict[str, Any] = shape.load(parsed)
    except ValidationError as error:
        raise _said(error.messages_dict) from None
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _said(messages: Mapping[Any, Any]) -> Refusal:
    """The first thing that is wrong, as Google's APIs say it; never what was sent as a value."""
    path: list[str] = []
    at: Any = messages
    while isinstance(at, Mapping):
        name, at = next(iter(at.items()))
        # The first is an object as a whole, the second what stands under a name of a map.
        is_under_name = name == "value" and (isinstance(at, Mapping) or at == [_OBJECT])
        if name != "_schema" and not is_under_name:
            path.append(str(name)[:_LONGEST_NAME])
    what = str(at[0] if isinstance(at, list) else at)
    if what == _UNKNOWN:
        *above, name = path
        where = f" at '{'.'.join(above)}'" if above else ""
        message = f'Invalid JSON payload received. Unknown name "{name}"{where}: Cannot find field.'
        return misshapen(message, ".".join(above))
    field = ".".join(path)
    return misshapen(f"Invalid value at '{field}' ({what})", field)
