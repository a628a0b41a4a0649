"""The shape of what an author is told of how a comment of theirs stands; it queries nothing."""

from __future__ import annotations

from marshmallow import Schema, fields


class ToldReason(Schema):
    """A reason why a comment was rejected, as its author may know it."""

    code = fields.String(
        metadata={
            "description": "insult, threat, hate, rude, spam, off-topic, personal-data, words, "
            "place, links, repeated, flood, address or other."
        }
    )
    told = fields.String(
        metadata={"description": "The site's own words for it, where it wrote some."}
    )


class Standing(Schema):
    """How a comment stands, why, and what its author can do about it."""

    status = fields.String()
    notice = fields.String(metadata={"description": "How it stands, in an English sentence."})
    reasons = fields.List(
        fields.Nested(ToldReason),
        metadata={"description": "Why it was rejected, to be said in any language."},
    )
    appeal = fields.String(
        metadata={"description": "none, possible, open, granted or denied: the author's objection."}
    )
    appeal_until = fields.AwareDateTime(allow_none=True)
    rejected_by = fields.String(metadata={"description": "person, machine, or empty."})
