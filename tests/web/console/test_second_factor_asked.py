"""A site that asks for a second factor: closed by every door to whoever has none."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, session
from flask_security.signals import user_authenticated
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from jobs.transactions import reading, writing
from models import Account, AuditEntry, Comment, Passkey, Role, Site, StaffSession, Thread, db
from tests.conftest import ORIGIN, PASSWORD, browser_of, status_of
from tests.moderation.calibration.test_reading import counted
from tests.web.conftest import Caller
from tests.web.console.me_security.conftest import sign_in as give_password
from tests.web.console.me_security.test_second_factor import set_app
from web import auth, staff_tokens

SignIn = Callable[..., Caller]
STAFF, ME, API = "/console/staff", "/console/me", "/api/v1/moderation"


def text_of(answer: TestResponse) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def with_app(app: Flask, name: str) -> None:
    """Let somebody have an authenticator app."""
    _change(app, name, tf_primary_method="authenticator", tf_totp_secret="x")


def _change(app: Flask, name: str, **values: Any) -> None:
    with app.app_context(), writing() as session:
        here = Account.email == f"{name}@example.org"
        session.execute(update(Account).where(here).values(**values))


def with_passkey(app: Flask, name: str, usage: str) -> None:
    with app.app_context(), writing() as session:
        account = session.scalars(select(Account).where(Account.email.startswith(name))).one()
        account.webauthn.append(
            Passkey(
                credential_id=name.encode(), public_key=b"k", device_type="x", name="Phone",
                usage=usage, transports=[],
            )
        )  # fmt: skip


def asks(app: Flask, site_id: int, asked: bool = True) -> None:
    with app.app_context(), writing() as session:
        session.get_one(Site, site_id).asks_second_factor = asked


def by_passkey(caller: Caller) -> None:
    """Let the browser be one that signed in with a passkey."""
    with caller.client.session_transaction() as kept:
        kept[auth.BY_PASSKEY] = True


# --- the switch ----------------------------------------------------------------------------


def switch(caller: Caller, asked: str = "1", site: str = "news") -> TestResponse:
    address = f"{STAFF}/second-factor?site={site}"
    return caller.client.post(address, data={"asks": asked}, headers=caller.headers)


def test_an_admin_with_a_second_factor_asks_for_it_and_no_more(
    app: Flask, site: int, sign_in: SignIn
) -> None:
    admin = sign_in("ada@example.org", Role.ADMIN, site)
    sign_in("bob@example.org", Role.MODERATOR, site)
    said = text_of(admin.client.get(STAFF))
    assert "A password alone opens the desk. 2 of 2 have no second factor: ada , bob ." in said
    refused = switch(admin)
    assert refused.status_code == 409
    assert "Set up a second factor of your own first" in text_of(refused)
    with app.app_context():
        assert not db.session.get_one(Site, site).asks_second_factor
    with_app(app, "ada")
    answer = admin.client.get(switch(admin).location)
    said = text_of(answer)
    assert "From now on this site is closed to everybody without a second factor." in said
    assert "Everybody who moderates here needs a second factor. 1 of 2 has no second factor" in said
    assert "is closed to them until they set one up" in said
    assert switch(admin).status_code == 409
    assert "A password alone opens the desk" in text_of(
        admin.client.get(switch(admin, "").location)
    )
    with app.app_context(), reading() as session:
        kept = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [(one.action, one.actor_name, one.site_id) for one in kept] == [
            ("factor asked", "ada", site), ("factor waived", "ada", site),
        ]  # fmt: skip
    assert "Factor asked: site" in text_of(admin.client.get("/console/log"))


@pytest.mark.parametrize(
    ("usage", "came_by_it", "status"),
    [("secondary", False, 302), ("first", True, 302), ("first", False, 409)],
)
def test_nobody_locks_themself_out(
    app: Flask, site: int, sign_in: SignIn, usage: str, came_by_it: bool, status: int
) -> None:
    admin = sign_in("ada@example.org", Role.ADMIN, site)
    with_passkey(app, "ada", usage)
    if came_by_it:
        by_passkey(admin)
    assert switch(admin).status_code == status
    assert admin.client.get("/console/").status_code == 200


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.MODERATOR, Role.SENIOR])
def test_only_admins_of_the_site_switch(
    app: Flask, site: int, other_site: int, sign_in: SignIn, role: Role
) -> None:
    near = sign_in("eve@example.org", role, site)
    far = sign_in("far@example.org", Role.ADMIN, other_site)
    for name in ("eve", "far"):
        with_app(app, name)
    assert (switch(near).status_code, switch(far).status_code) == (403, 404)


def test_the_command_line_opens_it_again(app: Flask, site: int, sign_in: SignIn) -> None:
    sign_in("ada@example.org", Role.ADMIN, site)
    asks(app, site)
    run = app.test_cli_runner().invoke
    done = run(args=["staff", "waive-second-factor", "news"])
    assert (done.exit_code, "asks nobody" in done.output) == (0, True)
    again = run(args=["staff", "waive-second-factor", "news"])
    assert (again.exit_code, "asks nobody" in again.output) == (1, True)
    assert "There is no site" in run(args=["staff", "waive-second-factor", "nope"]).output
    with app.app_context(), reading() as session:
        (kept,) = session.scalars(select(AuditEntry)).all()
        assert (kept.action, kept.actor_name) == ("factor waived", "command line")


# --- who is closed out ---------------------------------------------------------------------


@pytest.fixture
def closed(app: Flask, site: int, sign_in: SignIn) -> Caller:
    """Somebody with a password alone, on a site that asks for more."""
    caller = sign_in("ann@example.org", Role.ADMIN, site)
    asks(app, site)
    return caller


PAGES = (
    "", "?site=news", "?state=published", "cases/1", "decisions", "policy", "staff", "log",
    "insight", "calibration", "samples", "batches", "counts", "banner",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_every_page_leads_to_ones_own(
    app: Flask, closed: Caller, make_comment: Callable[..., int], page: str
) -> None:
    make_comment("You idiot.")
    answer = closed.client.get(f"/console/{page}")
    assert (answer.status_code, answer.location) == (302, f"{ME}#factors")
    by_script = closed.client.get(f"/console/{page}", headers={"X-Requested-With": "fetch"} | {
        "Accept": "application/json"
    })  # fmt: skip
    assert by_script.status_code in (302, 403)
    assert "idiot" not in by_script.text


def test_ones_own_pages_stay_open_and_say_why(closed: Caller) -> None:
    said = text_of(closed.client.get(ME))
    assert "news asks everybody who moderates there for a second factor." in said
    for page in ("authenticator", "passkeys", "recovery-codes"):
        assert closed.client.get(f"{ME}/{page}").location in (
            None, f"/console/me/verify?next=/console/me/{page}",
        )  # fmt: skip
    saved = closed.client.post(ME, data={"break_after": "0"}, headers=closed.headers)
    assert saved.status_code == 302


def test_nothing_is_decided_at_the_desk(
    app: Flask, site: int, closed: Caller, make_comment: Callable[..., int]
) -> None:
    number = make_comment("You idiot.")
    for address, sent in (
        (f"cases/{number}/decisions", {"decision": "approve", "version": 2}),
        (f"cases/{number}/notes", {"text": "x"}),
        ("policy?site=news", {"version": 1, "nudges": ""}),
        ("staff/second-factor?site=news", {"asks": ""}),
        ("staff/invitations?site=news", {"role": "admin"}),
        (f"threads/{1}/page", {}),
    ):
        answer = closed.client.post(f"/console/{address}", data=sent, headers=closed.headers)
        assert answer.status_code == 403, address
        assert "Set one up in your settings" in text_of(answer)
    assert status_of(app, number) == "held"


def test_nor_over_the_api(
    app: Flask, site: int, closed: Caller, make_comment: Callable[..., int]
) -> None:
    number = make_comment("You idiot.")
    client, headers = closed.client, closed.headers
    assert client.get(f"{API}/queue?site=news", headers=headers).status_code == 403
    everything = client.get(f"{API}/queue", headers=headers)
    assert everything.json is not None
    assert (everything.json["cases"], set(everything.json["counts"].values())) == ([], {0})
    assert client.get(f"{API}/cases/{number}", headers=headers).status_code == 404
    sent = {"decision": "approve", "version": 2}
    answer = client.post(f"{API}/cases/{number}/decisions", json=sent, headers=headers)
    assert answer.status_code in (403, 404)
    asked = f"{API}/calibration?site=news&label=toxicity"
    assert client.get(asked, headers=headers).status_code == 404
    assert status_of(app, number) == "held"


def test_nor_on_a_page_of_the_site(
    app: Flask, site: int, thread: int, sign_in: SignIn, make_comment: Callable[..., int]
) -> None:
    number = make_comment("You idiot.")
    caller = sign_in("ann@example.org", Role.MODERATOR, site)
    answer = caller.client.post(f"/console/threads/{thread}/page", headers=caller.headers)
    code = re.search(r"parley-staff=([\w-]+)", answer.text)
    assert code
    with app.test_request_context(), reading() as session:
        account = session.scalars(select(Account)).all()[-1]
        console = session.scalars(select(StaffSession.id)).all()[-1]
        token = staff_tokens.token_for(account, site, console)
    page = {"Authorization": f"Bearer {token}", "Origin": ORIGIN}
    client = app.test_client()
    listed = f"{API}/threads/{thread}/comments"
    assert client.get(listed, headers=page).status_code == 200
    asks(app, site)
    # What was handed out before opens nothing any more.
    redeemed = client.post(
        "/api/v1/staff-tokens", json={"code": code[1]}, headers={"Origin": ORIGIN}
    )
    assert redeemed.status_code == 404
    assert client.get(listed, headers=page).status_code == 404
    decided = {"decision": "approve", "version": 2}
    answer = client.post(f"{API}/cases/{number}/decisions", json=decided, headers=page)
    assert answer.status_code in (403, 404)
    sent = {"text": "As staff.", "author_name": "Ann"}
    written = client.post(f"/api/v1/threads/{thread}/comments", json=sent, headers=page)
    assert written.status_code == 403
    with app.app_context():
        assert db.session.query(Comment).count() == 1
        assert db.session.query(Thread).count() == 1
    assert status_of(app, number) == "held"


def test_programs_come_as_before(
    app: Flask, site: int, make_key: Callable[..., dict[str, str]]
) -> None:
    asks(app, site)
    answer = app.test_client().get(f"{API}/queue?site=news", headers=make_key(site, "robot"))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("factor", "came_by_it", "opens"),
    [
        ("app", False, True),
        ("secondary", False, True),
        ("first", True, True),
        # With the password alone, though there is a passkey.
        ("first", False, False),
        ("", False, False),
        # Signed in with a passkey that was removed since.
        ("", True, False),
    ],
)
def test_which_factor_opens_it(
    app: Flask, closed: Caller, factor: str, came_by_it: bool, opens: bool
) -> None:
    if factor == "app":
        with_app(app, "ann")
    elif factor:
        with_passkey(app, "ann", factor)
    if came_by_it:
        by_passkey(closed)
    assert closed.client.get("/console/").status_code == (200 if opens else 302)
    queue = closed.client.get(f"{API}/queue?site=news", headers=closed.headers)
    assert queue.status_code == (200 if opens else 403)
    assert ("needed" in closed.client.get(ME).text) is not opens


def test_other_sites_stay_open(
    app: Flask, site: int, other_site: int, sign_in: SignIn, make_comment: Callable[..., int]
) -> None:
    number = make_comment("You idiot.")
    caller = sign_in("ann@example.org", Role.MODERATOR, site, other_site)
    asks(app, site)
    page = caller.client.get("/console/")
    assert page.status_code == 200
    assert "idiot" not in page.text
    assert "news asks everybody who moderates there" in text_of(page)
    assert caller.client.get("/console/?site=other").status_code == 200
    assert caller.client.get("/console/?site=news").location == f"{ME}#factors"
    assert caller.client.get(f"/console/cases/{number}").status_code == 404
    with_app(app, "ann")
    assert "idiot" in caller.client.get("/console/?site=news").text


def test_signing_in_leads_there_and_setting_one_up_opens_the_desk(
    app: Flask, site: int, make_staff: Callable[..., int]
) -> None:
    person = make_staff("mo@example.org", Role.MODERATOR, site)
    asks(app, site)
    client = app.test_client()
    answer = give_password(client, PASSWORD)
    assert client.get(answer.location).location == f"{ME}#factors"
    set_app(app, client, person)
    assert client.get("/console/").status_code == 200
    # Another browser is asked for the code, and so has two factors.
    other = app.test_client()
    assert str(give_password(other, PASSWORD).location).startswith("/console/sign-in/code")


def test_it_costs_whoever_has_a_second_factor_nothing(
    app: Flask, site: int, make_staff: Callable[..., int]
) -> None:
    make_staff("ann@example.org", Role.MODERATOR, site)
    with_app(app, "ann")
    client = app.test_client()
    with app.app_context():
        number = db.session.scalars(select(Account.id)).one()
    with client.session_transaction() as kept:
        kept.update(browser_of(app, number))
    costs = []
    for asked in (False, True):
        asks(app, site, asked)
        client.get("/console/")
        with app.app_context(), counted() as statements:
            assert client.get("/console/").status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("about", "by_it"),
    [({"authn_via": ["webauthn"]}, True), ({"authn_via": ["password"]}, False), ({}, False)],
)
def test_how_somebody_came_is_remembered(
    app: Flask, site: int, make_staff: Callable[..., int], about: dict[str, Any], by_it: bool
) -> None:
    number = make_staff("ann@example.org", Role.MODERATOR, site)
    with app.test_request_context():
        account = db.session.get_one(Account, number)
        # A browser that came by a passkey before, and now signs in anew.
        session[auth.BY_PASSKEY] = True
        user_authenticated.send(app, user=account, **about)
        assert session[auth.BY_PASSKEY] is by_it
