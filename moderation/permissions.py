"""Who of the staff may do what on a site: (role, action) -> bool, without side effects."""

from __future__ import annotations

import enum

from models import Account, AccountKind, Role


class Action(enum.StrEnum):
    """What can be done at the moderator's desk."""

    READ_QUEUE = "read the queue"
    DECIDE = "decide a comment"
    UNDO = "take a decision back"
    NOTE = "write internal notes"
    ESCALATE = "pass a case on to a senior"
    FEATURE = "show a comment above its discussion"
    SANCTION = "sanction an author"
    DECIDE_ESCALATED = "decide what was passed on"
    DECIDE_BATCH = "decide many comments at once"
    READ_STAFF_FIGURES = "read the figures of each moderator"
    CHANGE_POLICY = "change thresholds and moderation"
    MANAGE_STAFF = "invite staff and change roles"


_READER = frozenset({Action.READ_QUEUE})
_MODERATOR = _READER | {
    Action.DECIDE,
    Action.UNDO,
    Action.NOTE,
    Action.ESCALATE,
    Action.FEATURE,
    Action.SANCTION,
}
_SENIOR = _MODERATOR | {
    Action.DECIDE_ESCALATED,
    Action.DECIDE_BATCH,
    Action.READ_STAFF_FIGURES,
}

ALLOWED: dict[Role, frozenset[Action]] = {
    Role.READ_ONLY: _READER,
    Role.MODERATOR: _MODERATOR,
    Role.SENIOR: _SENIOR,
    Role.ADMIN: _SENIOR | {Action.CHANGE_POLICY, Action.MANAGE_STAFF},
}


def allowed(account: Account | None, action: Action, site_id: int) -> bool:
    """Whether an account may do an action on a site; nobody signed in may do nothing."""
    if account is None or account.kind is not AccountKind.STAFF or not account.active:
        return False
    role = account.role_at(site_id)
    return role is not None and action in ALLOWED[role]
