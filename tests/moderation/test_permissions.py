"""Who of the staff may do what where: role, action and site as a table."""

from __future__ import annotations

import pytest

from models import Account, AccountKind, Role, SiteRole
from moderation.permissions import Action, allowed

OURS, THEIRS = 1, 2
YES, NO = True, False

TABLE: dict[Role, dict[Action, bool]] = {
    # role              read the queue         decide           undo          change the policy
    Role.READ_ONLY: dict(zip(Action, (YES, NO, NO, NO), strict=True)),
    Role.MODERATOR: dict(zip(Action, (YES, YES, YES, NO), strict=True)),
    Role.SENIOR: dict(zip(Action, (YES, YES, YES, NO), strict=True)),
    Role.ADMIN: dict(zip(Action, (YES, YES, YES, YES), strict=True)),
}


def test_the_columns_of_the_table_are_the_actions():
    assert list(Action) == [
        Action.READ_QUEUE, Action.DECIDE, Action.UNDO, Action.CHANGE_POLICY,
    ]  # fmt: skip
    assert set(TABLE) == set(Role)


def member(role: Role, *, kind: AccountKind = AccountKind.STAFF, active: bool = True) -> Account:
    """A member of our site's staff."""
    return Account(kind=kind, active=active, site_roles=[SiteRole(site_id=OURS, role=role)])


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
def test_a_role_reaches_as_far_as_the_table_says_and_never_to_another_site(
    role: Role, action: Action
):
    assert allowed(member(role), action, OURS) is TABLE[role][action]
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
