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
    MANAGE_WEBHOOKS = "say where events are sent"


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
    Role.ADMIN: _SENIOR | {Action.CHANGE_POLICY, Action.MANAGE_STAFF, Action.MANAGE_WEBHOOKS},
}


def has_second_factor(account: Account, *, by_passkey: bool = True) -> bool:
    """Whether more than a password lets somebody in.

    A passkey that is used in place of the password counts as two factors, for who comes by it.
    """
    if account.tf_primary_method:
        return True
    return any(by_passkey or key.usage == "secondary" for key in account.webauthn)


def owes_second_factor(account: Account, site_id: int, *, by_passkey: bool = True) -> bool:
    """Whether a site where somebody has a role asks for a second factor that they have not."""
    asking = (held.site_id == site_id and held.asks_second_factor for held in account.site_roles)
    return any(asking) and not has_second_factor(account, by_passkey=by_passkey)


def allowed(account: Account | None, action: Action, site_id: int) -> bool:
    """Whether an account may do an action on a site; nobody signed in may do nothing, and who
    lacks the second factor that the site asks for nothing there."""
    if account is None or account.kind is not AccountKind.STAFF or not account.active:
        return False
    role = account.role_at(site_id)
    if role is None or action not in ALLOWED[role]:
        return False
    return not owes_second_factor(account, site_id)
