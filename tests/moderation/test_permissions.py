"""Who of the staff may do what where: role, action and site as a table."""

from __future__ import annotations

import pytest

from models import Account, AccountKind, Role, SiteRole
from moderation.permissions import Action, allowed

OURS, THEIRS = 1, 2
YES, NO = True, False

# Which role may do what; what a row does not tick is refused.
TABLE: dict[Action, tuple[bool, bool, bool, bool]] = {
    #                          read-only  moderator  senior  admin
    Action.READ_QUEUE:         (YES,      YES,       YES,    YES),
    Action.DECIDE:             (NO,       YES,       YES,    YES),
    Action.UNDO:               (NO,       YES,       YES,    YES),
    Action.NOTE:               (NO,       YES,       YES,    YES),
    Action.ESCALATE:           (NO,       YES,       YES,    YES),
    Action.FEATURE:            (NO,       YES,       YES,    YES),
    Action.SANCTION:           (NO,       YES,       YES,    YES),
    Action.DECIDE_ESCALATED:   (NO,       NO,        YES,    YES),
    Action.DECIDE_BATCH:       (NO,       NO,        YES,    YES),
    Action.READ_STAFF_FIGURES: (NO,       NO,        YES,    YES),
    Action.CHANGE_POLICY:      (NO,       NO,        NO,     YES),
    Action.MANAGE_STAFF:       (NO,       NO,        NO,     YES),
    Action.MANAGE_WEBHOOKS:    (NO,       NO,        NO,     YES),
}  # fmt: skip
COLUMNS = (Role.READ_ONLY, Role.MODERATOR, Role.SENIOR, Role.ADMIN)


def test_the_table_names_every_action_and_every_role():
    assert set(TABLE) == set(Action)
    assert set(COLUMNS) == set(Role)


def member(role: Role, *, kind: AccountKind = AccountKind.STAFF, active: bool = True) -> Account:
    """A member of our site's staff."""
    return Account(kind=kind, active=active, site_roles=[SiteRole(site_id=OURS, role=role)])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_role_reaches_as_far_as_the_table_says_and_never_to_another_site(
    role: Role, action: Action
):
    assert allowed(member(role), action, OURS) is TABLE[action][COLUMNS.index(role)]
    assert allowed(member(role), action, THEIRS) is NO


@pytest.mark.parametrize("action", Action)
def test_without_a_role_or_after_leaving_nothing_is_open(action: Action):
    for account in (
        None,
        Account(kind=AccountKind.STAFF, active=True, site_roles=[]),
        member(Role.ADMIN, active=False),
        member(Role.ADMIN, kind=AccountKind.GUEST),
    ):
        assert allowed(account, action, OURS) is NO


def test_roles_on_two_sites_do_not_mix():
    both = Account(
        kind=AccountKind.STAFF,
        active=True,
        site_roles=[
            SiteRole(site_id=OURS, role=Role.READ_ONLY),
            SiteRole(site_id=THEIRS, role=Role.ADMIN),
        ],
    )
    assert allowed(both, Action.DECIDE, OURS) is NO
    assert allowed(both, Action.DECIDE, THEIRS) is YES
