"""The shapes of what staff send and read on a publisher's page; they query nothing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from web.api.schemas import LARGEST_ID, Author, Line


class PageCode(Schema):
    """What the console put into the page's address."""

    code = Line(required=True, validate=validate.Length(min=1, max=200))


class StaffToken(Schema):
    """A token for one person at one site, and how to greet that person."""

    staff_token = fields.String(metadata={"description": "Send it as `Authorization: Bearer`."})
    seconds = fields.Integer(metadata={"description": "How long it is good for at most."})
    site = fields.String()
    name = fields.String()
    writes = fields.Boolean(metadata={"description": "Whether it posts comments as staff."})


class UnpublishedQuery(Schema):
    """Which part of the list."""

    below = fields.Integer(load_default=LARGEST_ID, validate=validate.Range(min=1, max=LARGEST_ID))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))


class DeskScore(Schema):
    """One of the highest scores; `hold` 1.0 means that it never holds."""

    label = fields.String()
    value = fields.Float()
    hold = fields.Float()
    is_over = fields.Boolean()


class Desk(Schema):
    """Where a comment stands, why, and what this person can do about it."""

    status = fields.String()
    version = fields.Integer(metadata={"description": "Send it back with a decision."})
    why = fields.List(fields.String())
    scores = fields.List(fields.Nested(DeskScore))
    can = fields.List(fields.String(), metadata={"description": "approve, reject."})
    undo = fields.Integer(metadata={"description": "The decision that can be undone; 0: none."})
    happened = fields.String(metadata={"description": "The newest decision, in words."})


class DeskComment(Schema):
    """A comment of a thread as its staff see it."""

    id = fields.Integer()
    thread_id = fields.Integer()
    parent_id = fields.Integer(allow_none=True)
    depth = fields.Integer()
    author = fields.Nested(Author, allow_none=True)
    by_staff = fields.Boolean()
    html = fields.String()
    state = fields.String(metadata={"description": "As the public knows it."})
    created_at = fields.AwareDateTime()
    edited_at = fields.AwareDateTime(allow_none=True)
    up = fields.Integer()
    down = fields.Integer()
    reply_count = fields.Integer()
    descendant_count = fields.Integer()
    permalink = fields.String()
    parent_author = fields.String()
    desk = fields.Nested(Desk)


class GivenReason(Schema):
    """A reason to reject of this site."""

    key = fields.String()
    name = fields.String()
    told = fields.String(metadata={"description": "What the author is told."})


class UnpublishedShape(Schema):
    """Some comments; the `below` of the next ones, 0 for none; how many wait in all."""

    comments = fields.List(fields.Nested(DeskComment))
    next = fields.Integer()
    waiting = fields.Integer()
    reasons = fields.List(fields.Nested(GivenReason))
