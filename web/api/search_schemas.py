"""The shapes of looking for words in one thread; they query nothing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.schemas import CommentList, Line


class Words(Schema):
    """What is looked for in a thread."""

    q = Line(required=True, validate=validate.Length(max=200))
    cursor = Line(load_default="", validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=50))


class Found(CommentList):
    """What was found, without replies; `count` of all of it."""

    count = fields.Integer()
    capped = fields.Boolean(
        metadata={"description": "Counting stopped here: there are `count` or more."}
    )
