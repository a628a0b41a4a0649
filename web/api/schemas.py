"""The shapes of requests and answers; they query nothing."""

from __future__ import annotations

import unicodedata
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from discussion.reading import Sort
from models import ReportReason
from web.api.standing_schemas import Standing

LARGEST_ID = 2**31 - 1
MOST_URLS = 100
LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without its two brackets


class Line(fields.String):
    """Text on one line, without characters that no database and no reader can use."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        for char in text:
            if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"):
                raise ValidationError(
                    f"It holds a character that cannot be stored (U+{ord(char):04X}). "
                    "Remove it and send the rest again."
                )
        return text


class Id(fields.Integer):
    """A row's number: a JSON number, not a text that looks like one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=1, max=LARGEST_ID), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return int(super()._deserialize(value, attr, data, **kwargs))


def choice(values: type) -> validate.OneOf:
    """One of the values of an enum."""
    return validate.OneOf([member.value for member in values])  # type: ignore[attr-defined]


class Problem(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "What happened, what to do."})
    errors = fields.Dict(metadata={"description": "Per field, why it cannot be taken."})
    sanction = fields.Dict(metadata={"description": "What keeps this author out, and why."})


# --- threads -----------------------------------------------------------------------------


class ThreadLimits(Schema):
    """What a comment in this thread may be."""

    text = fields.Integer(metadata={"description": "Characters of a comment."})
    name = fields.Integer(metadata={"description": "Characters of a name."})
    edit_minutes = fields.Integer()


class ThreadShape(Schema):
    """One page's discussion; `id` is null while nobody has begun it."""

    id = fields.Integer(allow_none=True)
    url = fields.String()
    title = fields.String()
    state = fields.String()
    moderation = fields.String(metadata={"description": "post, or pre: held until looked at."})
    comment_count = fields.Integer()
    points = fields.Integer()
    version = fields.Integer()
    limits = fields.Nested(ThreadLimits)


class ThreadAnswer(Schema):
    """A thread."""

    thread = fields.Nested(ThreadShape)


class PageAddress(Schema):
    """How a page is named: by its URL, and by the publisher's own id where there is one."""

    url = Line(required=True, validate=validate.Length(min=1, max=2000))
    page_id = Line(load_default="", validate=validate.Length(max=500))
    title = Line(load_default="", validate=validate.Length(max=300))
    site = Line(load_default="", validate=validate.Length(max=60))


class NewThread(PageAddress):
    """The page whose thread is begun, or found."""

    section = Line(
        load_default="",
        validate=validate.Length(max=120),
        metadata={"description": "The part of the publication that the page is in."},
    )


class Listing(Schema):
    """Which part of a list."""

    sort = fields.String(load_default=Sort.NEWEST.value, validate=choice(Sort))
    cursor = Line(load_default="", validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=50))


class ReplyOrder(Schema):
    """In which order replies come along."""

    sort = fields.String(load_default=Sort.OLDEST.value, validate=choice(Sort))


class ReplyListing(Listing):
    """Which part of a list of replies; a conversation reads oldest first."""

    sort = fields.String(load_default=Sort.OLDEST.value, validate=choice(Sort))


class ThreadQuery(PageAddress, Listing):
    """The thread of a page, with its first comments."""


class Urls(Schema):
    """Pages to count the comments of."""

    url = fields.List(
        fields.String(validate=validate.Length(max=2000)),
        required=True,
        validate=validate.Length(min=1, max=MOST_URLS),
    )


class Counts(Schema):
    """Published comments per URL, as asked."""

    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class Points(Schema):
    """An article's points, and whether this reader gave one."""

    points = fields.Integer()
    given = fields.Boolean()
    reader_token = fields.String()


# --- comments ----------------------------------------------------------------------------


class Author(Schema):
    """Who wrote a comment, as everyone may know."""

    id = fields.Integer()
    name = fields.String()
    staff = fields.Boolean()


class CommentShape(Schema):
    """A comment as everyone may read it; a tombstone has no author and no html."""

    id = fields.Integer()
    thread_id = fields.Integer()
    parent_id = fields.Integer(allow_none=True)
    depth = fields.Integer()
    author = fields.Nested(Author, allow_none=True)
    by_staff = fields.Boolean(metadata={"description": "Written by the staff of the site."})
    html = fields.String()
    state = fields.String(metadata={"description": "published, removed or withdrawn."})
    created_at = fields.AwareDateTime()
    edited_at = fields.AwareDateTime(allow_none=True)
    up = fields.Integer()
    down = fields.Integer()
    reply_count = fields.Integer()
    descendant_count = fields.Integer()
    featured = fields.Boolean(metadata={"description": "Shown above its discussion."})
    permalink = fields.String()
    replies = fields.List(fields.Nested("CommentShape"))
    more_replies = fields.String(allow_none=True)


class OwnCommentShape(CommentShape, Standing):
    """A comment as its author may read it."""

    text = fields.String()
    revision = fields.Integer()
    editable_until = fields.AwareDateTime(allow_none=True)


class CommentList(Schema):
    """Comments, and the cursor of what follows."""

    comments = fields.List(fields.Nested(CommentShape))
    next = fields.String(allow_none=True)


class ThreadPage(CommentList):
    """A thread with some of its comments; the first page has the featured ones as well."""

    featured = fields.List(fields.Nested(CommentShape))
    thread = fields.Nested(ThreadShape)
    sort = fields.String()


class OneComment(Schema):
    """A comment by permalink, with what stands above it."""

    comment = fields.Dict(metadata={"description": "A comment; the author's own view of it."})
    ancestors = fields.List(fields.Nested(CommentShape))
    thread = fields.Nested(ThreadShape)


class NewComment(Schema):
    """What a reader writes."""

    text = fields.String(required=True)
    author_name = fields.String(required=True, validate=validate.Length(max=1000))
    parent_id = Id(load_default=None, allow_none=True)
    author_email = Line(
        load_default="",
        validate=lambda value: _address_or_nothing(value),
        metadata={"description": "Not kept: only its domain, for telling throw-away addresses."},
    )
    # Not shown to people: what fills it in is a program.
    website = fields.String(load_default="", metadata={"description": "Leave it empty."})


def _address_or_nothing(value: str) -> bool:
    if len(value) > LONGEST_ADDRESS:
        raise ValidationError(f"An e-mail address has at most {LONGEST_ADDRESS} characters.")
    if value:
        validate.Email(error="This is not an e-mail address. Correct it or leave it out.")(value)
    return True


class ChangedText(Schema):
    """A comment's new text."""

    text = fields.String(required=True)


class Posted(Schema):
    """The author's own comment; the token that proves who the author is, given once."""

    comment = fields.Nested(OwnCommentShape)
    reader_token = fields.String()


class SanctionTold(Schema):
    """What an author is told of a sanction on this site, as a statement of reasons."""

    id = fields.Integer()
    kind = fields.String(metadata={"description": "warning, mute, hold or ban."})
    effect = fields.String()
    told = fields.String(metadata={"description": "The ground."})
    since = fields.AwareDateTime()
    until = fields.AwareDateTime(allow_none=True)
    automated = fields.Boolean()
    decided_by = fields.String()
    scope = fields.String()
    objection = fields.String(metadata={"description": "How to object."})


class Mine(Schema):
    """What only this reader sees of a thread."""

    name = fields.String()
    comments = fields.List(fields.Nested(OwnCommentShape))
    votes = fields.Dict(keys=fields.String(), values=fields.Integer())
    reported = fields.List(fields.Integer())
    point = fields.Boolean()
    sanctions = fields.List(fields.Nested(SanctionTold))


class PreviewText(Schema):
    """A text that is not posted yet, and where it would go."""

    text = fields.String(required=True)
    url = Line(load_default="", validate=validate.Length(max=2000))
    thread_id = Id(load_default=None, allow_none=True)


class Preview(Schema):
    """How a text would look and whether a moderator would look first; null if nobody knows."""

    html = fields.String()
    would_hold = fields.Boolean(allow_none=True)
    labels = fields.List(fields.String())
    message = fields.String()


# --- votes and reports -------------------------------------------------------------------


class VoteValue(Schema):
    """1 is up, -1 is down."""

    value = fields.Raw(required=True, validate=lambda value: _one_or_minus_one(value))


def _one_or_minus_one(value: object) -> bool:
    if type(value) is not int or value not in (1, -1):
        raise ValidationError("Send the number 1 or -1; DELETE undoes a vote.")
    return True


class Votes(Schema):
    """A comment's votes, and this reader's own."""

    up = fields.Integer()
    down = fields.Integer()
    vote = fields.Integer()
    reader_token = fields.String()


class NewReport(Schema):
    """What a reader finds wrong."""

    reason = fields.String(required=True, validate=choice(ReportReason))
    text = fields.String(load_default="", validate=validate.Length(max=500))


class NewAppeal(Schema):
    """Why an author thinks that a rejection is wrong."""

    text = fields.String(required=True)


class Reported(Schema):
    """The report is known."""

    reported = fields.Boolean()
    reader_token = fields.String()
