"""Who of the staff may do what on a site: (role, action) -> bool, without side effects."""

from __future__ import annotations

import enum

from models import Account, AccountKind, Role


class Action(enum.StrEnum):
    """What can be done at the moderator's desk."""

    READ_QUEUE = "read the queue"
    DECIDE = "decide a comment"
    UNDO = "take a decision back"
    CHANGE_POLICY = "change thresholds and moderation"


_MODERATOR = frozenset({Action.READ_QUEUE, Action.DECIDE, Action.UNDO})

ALLOWED: dict[Role, frozenset[Action]] = {
    Role.READ_ONLY: frozenset({Action.READ_QUEUE}),
    Role.MODERATOR: _MODERATOR,
    Role.SENIOR: _MODERATOR,
    Role.ADMIN: _MODERATOR | {Action.CHANGE_POLICY},
}


def allowed(account: Account | None, action: Action, site_id: int) -> bool:
    """Whether an account may do an action on a site; nobody signed in may do nothing."""
    if account is None or account.kind is not AccountKind.STAFF or not account.active:
        return False
    role = account.role_at(site_id)
    return role is not None and action in ALLOWED[role]
