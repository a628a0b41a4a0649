"""The shapes of the moderator's desk: cases, decisions; they query nothing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from moderation.queue import Queue, QueueOrder
from web.api.schemas import LARGEST_ID, Id, Line, choice


class QueueFilter(Schema):
    """What comments must be like."""

    words = Line(load_default="", validate=validate.Length(max=200))
    section = Line(load_default="", validate=validate.Length(max=120))
    thread = fields.Integer(load_default=0, validate=validate.Range(min=0, max=LARGEST_ID))
    author = fields.Integer(load_default=0, validate=validate.Range(min=0, max=LARGEST_ID))
    label = Line(load_default="", validate=validate.Length(max=40))
    least = fields.Float(load_default=0.0, validate=validate.Range(min=0, max=1))
    most = fields.Float(load_default=1.0, validate=validate.Range(min=0, max=1))
    signal = Line(load_default="", validate=validate.Length(max=40))
    language = Line(load_default="", validate=validate.Length(max=16))
    since = fields.AwareDateTime(load_default=None)
    until = fields.AwareDateTime(load_default=None)


class QueueQuery(QueueFilter):
    """Which cases."""

    site = Line(load_default="", validate=validate.Length(max=60))
    state = fields.String(load_default=Queue.HELD.value, validate=choice(Queue))
    order = fields.String(
        load_default="",
        validate=validate.OneOf(["", *QueueOrder]),
        metadata={"description": "Without one: oldest of what waits, newest of the rest."},
    )
    cursor = Line(load_default="", validate=validate.Length(max=200))
    limit = fields.Integer(load_default=20, validate=validate.Range(min=1, max=100))


class CaseSpan(Schema):
    """Some words of the comment's text that carry a score."""

    start = fields.Integer(
        metadata={"description": "Offset of the first character in `text`, in code points."}
    )
    end = fields.Integer(metadata={"description": "Offset behind the last character."})
    weight = fields.Float(
        metadata={"description": "Above 0 and up to 1: how much of the score these words carry."}
    )


class CaseScore(Schema):
    """One label's score beside the site's thresholds."""

    label = fields.String()
    value = fields.Float()
    hold = fields.Float(metadata={"description": "1.0 means never."})
    reject = fields.Float(metadata={"description": "1.0 means never."})
    is_over = fields.Boolean()
    model = fields.String()
    is_explained = fields.Boolean(
        metadata={"description": "Whether `spans` has been found out; GET of the case asks for it."}
    )
    spans = fields.List(
        fields.Nested(CaseSpan),
        metadata={"description": "The words that carry it, in the order of the text."},
    )


class CaseSignal(Schema):
    """One reason for or against the comment."""

    kind = fields.String()
    subject = fields.String()
    advice = fields.String()
    value = fields.Float()
    threshold = fields.Float()
    evidence = fields.Dict()


class CaseReport(Schema):
    """One reader's report."""

    reason = fields.String()
    text = fields.String()
    state = fields.String()
    created_at = fields.AwareDateTime()


class DecisionShape(Schema):
    """One decision of the record."""

    id = fields.Integer()
    comment_id = fields.Integer()
    revision = fields.Integer()
    before = fields.String()
    after = fields.String()
    actor_kind = fields.String()
    actor_name = fields.String()
    reasons = fields.List(fields.String())
    note = fields.String()
    policy_version = fields.Integer()
    undoes = fields.Integer()
    created_at = fields.AwareDateTime()


class CaseAuthor(Schema):
    """The author's history on this site."""

    id = fields.Integer()
    name = fields.String()
    since = fields.AwareDateTime()
    standing = fields.String()
    sanctions = fields.List(
        fields.String(), metadata={"description": "The kinds of what stands on this site."}
    )
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class CaseShape(Schema):
    """A comment with everything that a moderator decides by."""

    id = fields.Integer()
    version = fields.Integer(metadata={"description": "Send it back with the decision."})
    status = fields.String()
    escalated = fields.Boolean(metadata={"description": "Waits for a senior."})
    appeal = fields.String(
        metadata={"description": "Its author's objection that waits for an answer."}
    )
    text = fields.String()
    html = fields.String()
    revision = fields.Integer()
    created_at = fields.AwareDateTime()
    edited_at = fields.AwareDateTime(allow_none=True)
    author_name = fields.String()
    site_id = fields.Integer()
    thread_id = fields.Integer()
    thread_title = fields.String()
    permalink = fields.String()
    parent_id = fields.Integer(allow_none=True)
    parent_author = fields.String()
    parent_text = fields.String()
    risk = fields.Float()
    language = fields.String(
        metadata={"description": "BCP 47, of the text that was scored last; `und`: not known."}
    )
    reasons = fields.List(fields.String())
    scores = fields.List(fields.Nested(CaseScore))
    signals = fields.List(fields.Nested(CaseSignal))
    reports = fields.List(fields.Nested(CaseReport))
    decisions = fields.List(fields.Nested(DecisionShape))
    author = fields.Nested(CaseAuthor)


class QueuePageShape(Schema):
    """Some cases, the cursor of what follows, and how many wait in each queue."""

    cases = fields.List(fields.Nested(CaseShape))
    next = fields.String(allow_none=True)
    looked_at = fields.Integer(
        metadata={"description": "0, or how many were looked at where more of them may fit."}
    )
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class CaseAnswer(Schema):
    """One case."""

    case = fields.Nested(CaseShape)


class NewDecision(Schema):
    """A moderator's word; `version` is the one that the moderator saw."""

    decision = fields.String(required=True, validate=validate.OneOf(["approve", "reject"]))
    version = Id(required=True)
    reasons = fields.List(
        Line(validate=validate.Length(min=1, max=100)),
        load_default=list,
        validate=validate.Length(max=20),
    )
    note = Line(load_default="", validate=validate.Length(max=2000))


class Decided(Schema):
    """The decision as recorded, and the case as it stands now."""

    decision = fields.Nested(DecisionShape)
    case = fields.Nested(CaseShape)
