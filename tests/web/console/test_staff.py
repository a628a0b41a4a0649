"""Who manages a site's staff, how long an invitation lives, and who takes it up."""

from __future__ import annotations

import hashlib
import html
import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs.transactions import reading, writing
from models import Account, AuditEntry, Invitation, InvitationState, Role, Site, db, utcnow
from moderation import invitations
from moderation.decisions import Actor
from moderation.errors import NotFound
from tests.conftest import PASSWORD
from tests.web.conftest import Caller

STAFF = "/console/staff"
SignIn = Callable[..., Caller]
OURS, THEIRS = "news", "other"


@pytest.fixture
def admin(site: int, sign_in: SignIn) -> Caller:
    """An admin of the site."""
    return sign_in("ada@example.org", Role.ADMIN, site)


def role_of(app: Flask, email: str, site: int) -> Role | None:
    """What somebody may do on a site."""
    with app.app_context(), reading() as session:
        return session.scalars(select(Account).where(Account.email == email)).one().role_at(site)


def number_of(app: Flask, email: str) -> int:
    """An account's number."""
    with app.app_context(), reading() as session:
        return session.scalars(select(Account.id).where(Account.email == email)).one()


def acts(app: Flask) -> list[tuple[str, str]]:
    """What the audit log tells, and of whom."""
    with app.app_context(), reading() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.actor_name) for row in rows]


def send(caller: Caller, path: str, slug: str = OURS, **fields: str) -> TestResponse:
    """Send one of the page's forms."""
    return caller.client.post(f"{path}?site={slug}", data=fields, headers=caller.headers)


def invite(app: Flask, site: int, role: Role = Role.MODERATOR) -> str:
    """The path of a new invitation's link."""
    with app.app_context(), writing() as session:
        ada = Actor.staff(session.scalars(select(Account)).first() or Account(id=0, name="Ada"))
        secret = invitations.invite(session, session.get_one(Site, site), role, "Bo", ada)
    return f"/console/invitation/{secret}"


def take(client: FlaskClient, path: str, **typed: str) -> TestResponse:
    """Open a link and send its form, as a newcomer unless somebody is signed in."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    person = {"name": "Bo", "email": "bo@example.org", "password": PASSWORD}
    return client.post(path, data=person | typed | {"csrf_token": token[1] if token else ""})


# --- who may manage ------------------------------------------------------------------------

YES, NO, UNKNOWN = 302, 403, 404
# What each act answers to each role, on the own site and on one of other people.
MANAGES = {
    #                own   other
    Role.ADMIN:     (YES, UNKNOWN),
    Role.SENIOR:    (NO, UNKNOWN),
    Role.MODERATOR: (NO, UNKNOWN),
    Role.READ_ONLY: (NO, UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize("act", ["role", "remove", "revoke", "invite"])
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("own", [True, False])
def test_only_admins_manage_and_only_their_own_site(
    app: Flask, site: int, other_site: int, sign_in: SignIn, role: Role, act: str, own: bool
) -> None:
    caller = sign_in("me@example.org", role, site)
    there, slug = (site, OURS) if own else (other_site, THEIRS)
    sign_in("boss@example.org", Role.ADMIN, there)
    sign_in("eve@example.org", Role.MODERATOR, there)
    eve = number_of(app, "eve@example.org")
    path = invite(app, there)
    with app.app_context(), reading() as session:
        invitation = session.scalars(select(Invitation.id)).one()
    before = len(acts(app))
    answer = {
        "role": lambda: send(caller, f"{STAFF}/{eve}/role", slug, role="senior"),
        "remove": lambda: send(caller, f"{STAFF}/{eve}/remove", slug),
        "revoke": lambda: send(caller, f"{STAFF}/invitations/{invitation}/revoke", slug),
        "invite": lambda: send(caller, f"{STAFF}/invitations", slug, role="admin"),
    }[act]()
    expected = MANAGES[role][0 if own else 1]
    # The link is shown on the page itself: an address would keep it.
    assert answer.status_code == (200 if (act, expected) == ("invite", YES) else expected)
    done = expected == YES
    assert (role_of(app, "eve@example.org", there) is Role.MODERATOR) is not (
        done and act in ("role", "remove")
    )
    assert (app.test_client().get(path).status_code == 404) is (done and act == "revoke")
    assert len(acts(app)) == before + (1 if done else 0)


@pytest.mark.parametrize("act", ["role", "remove"])
def test_somebody_of_another_site_is_nobody_here(
    app: Flask, admin: Caller, other_site: int, sign_in: SignIn, act: str
) -> None:
    sign_in("theirs@example.org", Role.MODERATOR, other_site)
    number = number_of(app, "theirs@example.org")
    assert send(admin, f"{STAFF}/{number}/{act}", role="senior").status_code == 404
    assert role_of(app, "theirs@example.org", other_site) is Role.MODERATOR


@pytest.mark.parametrize("role", [Role.SENIOR, Role.MODERATOR, Role.READ_ONLY])
def test_others_read_no_list_of_colleagues(
    admin: Caller, site: int, sign_in: SignIn, role: Role
) -> None:
    page = sign_in("eve@example.org", role, site).client.get(STAFF).text
    assert "This page is for admins." in page
    assert "ada@example.org" not in page


def test_the_list_tells_who_has_which_role(app: Flask, admin: Caller, site: int) -> None:
    page = admin.client.get(STAFF).text
    assert "1 person moderates news" in page
    assert "ada@example.org" in page
    assert "a moment ago" in page


def test_the_last_admin_stays(app: Flask, admin: Caller, site: int, sign_in: SignIn) -> None:
    ada = number_of(app, "ada@example.org")
    sentence = "ada is the last admin of news. Make somebody else an admin first."
    for path, fields in (
        (f"{STAFF}/{ada}/remove", {}),
        (f"{STAFF}/{ada}/role", {"role": "senior"}),
    ):
        answer = send(admin, path, **fields)
        assert (answer.status_code, sentence in answer.text) == (409, True)
    # An admin who can no longer sign in keeps no site open.
    sign_in("gone@example.org", Role.ADMIN, site)
    with app.app_context(), writing() as session:
        session.get_one(Account, number_of(app, "gone@example.org")).active = False
    assert send(admin, f"{STAFF}/{ada}/remove").status_code == 409
    sign_in("new@example.org", Role.ADMIN, site)
    assert send(admin, f"{STAFF}/{ada}/remove").status_code == 302
    assert role_of(app, "ada@example.org", site) is None


def test_who_loses_a_role_loses_the_site_at_once(
    app: Flask, admin: Caller, site: int, other_site: int, sign_in: SignIn
) -> None:
    eve = sign_in("eve@example.org", Role.MODERATOR, site, other_site)
    assert eve.client.get("/console/?site=news").status_code == 200
    send(admin, f"{STAFF}/{number_of(app, 'eve@example.org')}/remove")
    assert eve.client.get("/console/?site=news").status_code == 404
    assert eve.client.get("/console/?site=other").status_code == 200
    assert acts(app) == [("role taken", "ada")]


def test_without_the_pages_token_nothing_changes(app: Flask, admin: Caller, site: int) -> None:
    answer = admin.client.post(f"{STAFF}/invitations?site=news", data={"role": "admin"})
    assert answer.status_code == 400
    assert acts(app) == []


# --- invitations ---------------------------------------------------------------------------


def test_a_link_is_shown_once_and_stored_as_a_digest(app: Flask, admin: Caller, site: int) -> None:
    page = send(admin, f"{STAFF}/invitations", role="senior", name=" Bo  Li ").text
    link = re.search(r'value="(http[^"]+/console/invitation/([^"]+))"', page)
    assert link
    assert link[2] not in admin.client.get(STAFF).text
    with app.app_context(), reading() as session:
        made = session.scalars(select(Invitation)).one()
        assert made.digest == hashlib.sha256(link[2].encode()).hexdigest()
        assert (made.name, made.role, made.state) == ("Bo Li", Role.SENIOR, InvitationState.OPEN)
        assert abs(made.expires_at - utcnow() - timedelta(days=7)) < timedelta(minutes=1)


def test_looking_at_a_link_changes_nothing_and_tells_nobody(app: Flask, site: int) -> None:
    path = invite(app, site)
    for _ in range(2):
        answer = app.test_client().get(path)
        assert answer.status_code == 200
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "https://" not in answer.text
    assert app.test_client().get("/console/invitation/nothing").headers["Referrer-Policy"] == (
        "no-referrer"
    )


def close(app: Flask, how: str) -> None:
    """Bring the only invitation into a state."""
    with app.app_context(), writing() as session:
        invitation = session.scalars(select(Invitation)).one()
        if how == "expired":
            invitation.expires_at = utcnow() - timedelta(seconds=1)
        else:
            invitation.state = InvitationState(how)


@pytest.mark.parametrize("how", ["expired", "used", "revoked"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_closed_links_answer_like_none(
    app: Flask, site: int, other_site: int, sign_in: SignIn, how: str, signed_in: bool
) -> None:
    path = invite(app, site)
    client = (
        sign_in("eve@example.org", Role.MODERATOR, other_site).client
        if signed_in
        else app.test_client()
    )
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert token
    close(app, how)
    unknown = "/console/invitation/" + "x" * 43
    for method in (client.get, client.post):
        typed = {"csrf_token": token[1], "name": "Bo", "email": "bo@example.org",
                 "password": PASSWORD}  # fmt: skip
        closed, none = method(path, data=typed), method(unknown, data=typed)
        assert closed.status_code == none.status_code == 404
        assert re.sub(r'nonce="[^"]+"', "", closed.text) == re.sub(r'nonce="[^"]+"', "", none.text)
    with app.app_context(), reading() as session:
        assert session.scalar(select(Account).where(Account.email == "bo@example.org")) is None


def test_a_newcomer_takes_a_role_and_is_signed_in(app: Flask, site: int) -> None:
    path, client = invite(app, site), app.test_client()
    assert take(client, path).location == "/console/"
    assert client.get("/console/?site=news").status_code == 200
    assert role_of(app, "bo@example.org", site) is Role.MODERATOR
    assert app.test_client().get(path).status_code == 404
    assert acts(app)[1:] == [("role given", "Bo"), ("invitation used", "Bo")]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"password": "x" * 11}, "at least 12 characters"),
        ({"password": "x" * 1025}, "at most 1024 characters"),
        ({"email": "nowhere"}, "Give an e-mail address"),
        ({"name": "  "}, "Give a name"),
        ({"name": "x" * 121}, "120 characters at most"),
        ({"name": "An\u202ena"}, "writing direction"),
        ({"email": " ADA@example.org"}, "There is an account with this e-mail already"),
    ],
)
def test_what_cannot_be_taken_leaves_the_link_open(
    app: Flask, admin: Caller, site: int, typed: dict[str, str], says: str
) -> None:
    path, client = invite(app, site), app.test_client()
    answer = take(client, path, **typed)
    assert (answer.status_code, says in html.unescape(answer.text)) == (400, True)
    assert typed.get("password", "nothing") not in answer.text
    assert client.get("/console/").status_code == 302
    assert app.test_client().get(path).status_code == 200


def test_who_is_signed_in_takes_the_role_with_one_button(
    app: Flask, site: int, other_site: int, sign_in: SignIn
) -> None:
    eve = sign_in("eve@example.org", Role.MODERATOR, other_site)
    path = invite(app, site, Role.SENIOR)
    assert "You are signed in as" in eve.client.get(path).text
    assert take(eve.client, path).location == "/console/?site=news"
    assert role_of(app, "eve@example.org", site) is Role.SENIOR
    assert role_of(app, "eve@example.org", other_site) is Role.MODERATOR


def test_a_link_never_replaces_a_role(app: Flask, admin: Caller, site: int) -> None:
    path = invite(app, site, Role.READ_ONLY)
    assert "have a role on news already" in admin.client.get(path).text
    token = admin.headers["X-CSRFToken"]
    assert admin.client.post(path, data={"csrf_token": token}).status_code == 409
    assert role_of(app, "ada@example.org", site) is Role.ADMIN
    assert app.test_client().get(path).status_code == 200


@pytest.mark.parametrize("act", ["role", "remove", "command"])
def test_who_is_no_admin_any_more_has_no_links_out(
    app: Flask, admin: Caller, site: int, sign_in: SignIn, act: str
) -> None:
    path = invite(app, site, Role.ADMIN)
    boss = sign_in("boss@example.org", Role.ADMIN, site)
    ada = number_of(app, "ada@example.org")
    if act == "command":
        app.test_cli_runner().invoke(args=["staff", "remove", "ada@example.org"])
    else:
        send(boss, f"{STAFF}/{ada}/{act}", role="senior")
    assert app.test_client().get(path).status_code == 404


def test_a_form_without_its_token_takes_nothing(app: Flask, site: int) -> None:
    path = invite(app, site)
    typed = {"name": "Bo", "email": "bo@example.org", "password": PASSWORD}
    assert app.test_client().post(path, data=typed).status_code == 400
    assert app.test_client().get(path).status_code == 200


def test_of_two_at_the_same_moment_one_comes_in(app: Flask, site: int) -> None:
    secret = invite(app, site).rpartition("/")[2]
    begun, outcomes = threading.Barrier(2), []

    def come(email: str) -> None:
        with app.app_context():
            try:
                begun.wait(5)
                with writing() as session:
                    newcomer = invitations.Newcomer("Bo", email, "hash")
                    invitations.take_anew(session, secret, newcomer)
                outcomes.append("in")
            except NotFound:
                outcomes.append("closed")
            finally:
                db.session.remove()

    both = [threading.Thread(target=come, args=(f"{name}@example.org",)) for name in "ab"]
    for one in both:
        one.start()
    for one in both:
        one.join(10)
    assert sorted(outcomes) == ["closed", "in"]
    with app.app_context(), reading() as session:
        assert len(session.scalars(select(Account).where(Account.name == "Bo")).all()) == 1


def test_using_a_link_asks_the_row_itself_whether_it_is_open(app: Flask, site: int) -> None:
    # Where two transactions read the open row both, as PostgreSQL lets them.
    secret = invite(app, site).rpartition("/")[2]
    with app.app_context(), writing() as session:
        invitation = invitations.find(session, secret)
        session.connection().exec_driver_sql("UPDATE invitation SET state = 'used'")
        with pytest.raises(NotFound):
            invitations._use(session, invitation, 1)


class TestLimits:
    """Links are tried no faster than passwords."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """Two attempts a minute."""
        return {"PARLEY_SIGN_IN_RATE": "2 per minute"}

    def test_links_count_like_attempts_to_sign_in(self, app: Flask, site: int) -> None:
        client = app.test_client()
        codes = [client.get(f"/console/invitation/{n}").status_code for n in range(3)]
        assert codes == [404, 404, 429]
