"""The shapes of sanctions at the desk and of their acknowledgement; they query nothing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from models import SanctionKind
from moderation.sanctions import LONGEST_TOLD
from web.api.schemas import Id, Line, SanctionTold, choice


class WhichSite(Schema):
    """On which site; it may be left out where only one is open to the caller."""

    site = Line(load_default="", validate=validate.Length(max=60))


class NewSanction(Schema):
    """What is imposed, and what the author is told; `until` for a mute and for nothing else."""

    kind = fields.String(required=True, validate=choice(SanctionKind))
    told = Line(required=True, validate=validate.Length(min=1, max=LONGEST_TOLD))
    until = fields.AwareDateTime(load_default=None, allow_none=True)
    comment_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The author's comment that led to it."},
    )


class SanctionShape(SanctionTold):
    """A sanction as moderators see it."""

    author_id = fields.Integer()
    site_id = fields.Integer()
    comment_id = fields.Integer(allow_none=True)
    state = fields.String(metadata={"description": "standing, acknowledged or lifted."})
    stands = fields.Boolean(metadata={"description": "Whether it binds now."})
    actor_kind = fields.String()
    actor_name = fields.String()


class SanctionList(Schema):
    """Some sanctions."""

    sanctions = fields.List(fields.Nested(SanctionShape))


class OneSanction(Schema):
    """One sanction."""

    sanction = fields.Nested(SanctionShape)


class Imposed(OneSanction):
    """The sanction as imposed, and the number of the one whose place it takes."""

    replaces = fields.Integer(allow_none=True)


class Acknowledged(Schema):
    """What still stands against the reader."""

    sanctions = fields.List(fields.Nested(SanctionTold))
