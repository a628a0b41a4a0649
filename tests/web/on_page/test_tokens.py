"""Staff tokens: which opens which door, from which origin, and how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jobs.transactions import reading
from models import Account, Role
from tests.conftest import ORIGIN, OTHER_ORIGIN, browser_of, status_of
from tests.web.conftest import Caller
from tests.web.on_page.conftest import DESK, WORDS, code_from, redeem, signed

_THREAD = "/api/v1/threads/{thread}"
_COMMENT = "/api/v1/comments/{published}"


@pytest.fixture
def number_of(app: Flask) -> Callable[[str], int]:
    """The number of a member of staff, by e-mail."""

    def number(email: str) -> int:
        with app.app_context(), reading() as session:
            return session.scalars(select(Account.id).where(Account.email == email)).one()

    return number


HOLDERS = ("nobody", "reader", "moderator", "other site", "read-only", "expired", "other salt",
           "unsigned", "signed out", "no role")  # fmt: skip
_BAD = (401, 401, 401, 401, 401)


@dataclass(frozen=True)
class Door:
    """One request, and how each of HOLDERS is answered."""

    method: str
    path: str
    expected: tuple[int, ...]
    sent: dict[str, Any] | None = None


# No one and a reader are answered as ever; what is not good is not good anywhere.
DOORS = (
    # --- doors that are meant for it -----------------------------------------------------
    Door("GET", f"{DESK}/threads/{{thread}}/comments", (401, 401, 200, 404, 200, *_BAD)),
    Door("GET", f"{DESK}/threads/{{thread}}/comments/{{held}}", (401, 401, 200, 404, 200, *_BAD)),
    Door("POST", f"{DESK}/cases/{{held}}/decisions", (401, 401, 201, 404, 403, *_BAD),
         {"decision": "approve", "version": 2}),
    Door("POST", f"{DESK}/decisions/{{decision}}/undo", (401, 401, 201, 404, 403, *_BAD), {}),
    Door("POST", f"{_THREAD}/comments", (201, 201, 201, 404, 403, *_BAD), WORDS),
    # --- doors that are not --------------------------------------------------------------
    Door("GET", f"{DESK}/queue", (401, 401, 403, 403, 403, *_BAD)),
    Door("GET", f"{DESK}/cases/{{held}}", (401, 401, 403, 403, 403, *_BAD)),
    Door("GET", f"{_THREAD}/mine", (200, 200, *[403] * 8)),
    Door("PUT", f"{_THREAD}/points", (200, 200, *[403] * 8)),
    Door("PUT", f"{_COMMENT}/vote", (200, 200, *[403] * 8), {"value": 1}),
    Door("POST", f"{_COMMENT}/reports", (201, 201, *[403] * 8), {"reason": "spam"}),
    Door("PATCH", _COMMENT, (401, 403, *[403] * 8), {"text": "Changed."}),
    Door("DELETE", _COMMENT, (401, 403, *[403] * 8)),
    Door("GET", _COMMENT, (200, 200, *[403] * 8)),
    # --- open to all, whatever they bring --------------------------------------------------
    Door("GET", f"{_THREAD}/comments", (200,) * 10),
    Door("GET", "/console/", (302,) * 10),
    Door("POST", "/console/threads/{thread}/page", (302,) * 10),
)  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
def test_which_token_opens_which_door(
    app: Flask,
    site: int,
    thread: int,
    holders: dict[str, str],
    make_comment: Callable[..., int],
    make_key: Callable[..., dict[str, str]],
    door: Door,
):
    program = make_key(site, "pk_test")
    answered = {}
    for name, token in holders.items():
        numbers = {"thread": thread, "held": make_comment("You idiot."),
                   "published": make_comment()}  # fmt: skip
        decided = app.test_client().post(
            f"{DESK}/cases/{make_comment('An idiot.')}/decisions",
            json={"decision": "approve", "version": 2},
            headers=program,
        )
        numbers["decision"] = decided.json["decision"]["id"]
        origin = OTHER_ORIGIN if name == "other site" else ORIGIN
        headers = {"Origin": origin} if "/api/" in door.path else {}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        answer = app.test_client().open(
            door.path.format(**numbers), method=door.method, json=door.sent, headers=headers
        )
        answered[name] = answer.status_code
    # The desk turns away a page of another origin before it asks who is there.
    expected = dict(zip(HOLDERS, door.expected, strict=True))
    if door.path.startswith(DESK) and door.method == "POST":
        expected |= {"nobody": 403, "reader": 403}
    assert answered == expected


def test_the_same_token_signed_with_the_right_salt_is_good(
    app: Flask, client: FlaskClient, site: int, thread: int, make_staff: Callable[..., int]
):
    """Shows that the table's "other salt" fails for its salt alone."""
    token = signed(app, make_staff("b@example.org", Role.MODERATOR, site), site, "staff-on-page")
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{DESK}/threads/{thread}/comments"
    assert client.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(3599, 200), (3602, 401)])
def test_an_hour_and_no_more(
    client: FlaskClient,
    site: int,
    thread: int,
    make_staff: Callable[..., int],
    token_at: Callable[[int, int], str],
    seconds: int,
    status: int,
):
    anna = make_staff("anna@example.org", Role.MODERATOR, site)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        headers = {"Authorization": f"Bearer {token_at(anna, site)}"}
        clock.shift(seconds)
        path = f"{DESK}/threads/{thread}/comments"
        assert client.get(path, headers=headers).status_code == status


def end(caller: Caller, address: str) -> None:
    """Send one of the console's forms."""
    assert caller.client.post(f"/console/{address}", headers=caller.headers).status_code == 302


@pytest.fixture
def elsewhere(app: Flask, moderator: Caller, number_of: Callable[[str], int]) -> Caller:
    """The same person in another browser."""
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update(browser_of(app, number_of("anna@example.org")), csrf_token="raw")
    return Caller(client, moderator.headers)


@pytest.mark.parametrize("how", ["sign-out", "me/sessions/1/end"])
def test_a_token_ends_with_the_browser_that_made_it(
    app: Flask, client: FlaskClient, moderator: Caller, elsewhere: Caller, thread: int, how: str
):
    codes = [code_from(one, thread) for one in (moderator, elsewhere)]
    tokens = [redeem(client, code).json["staff_token"] for code in codes]

    def open_to() -> list[int]:
        path = f"{DESK}/threads/{thread}/comments"
        sent = [{"Authorization": f"Bearer {token}"} for token in tokens]
        return [client.get(path, headers=headers).status_code for headers in sent]

    assert open_to() == [200, 200]
    unused = code_from(moderator, thread)
    # From the list of browsers it is the other one that ends it.
    end(moderator if how == "sign-out" else elsewhere, how)
    assert open_to() == [401, 200]
    assert redeem(client, unused).status_code == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [(ORIGIN, 201), ("", 201), (OTHER_ORIGIN, 403), ("https://evil.example", 403), ("null", 403)],
)
def test_a_decision_from_a_page_of_the_site_alone(
    app: Flask,
    client: FlaskClient,
    other_site: int,
    holders: dict[str, str],
    make_comment: Callable[..., int],
    origin: str,
    status: int,
):
    number = make_comment("You idiot.")
    headers = {"Authorization": f"Bearer {holders['moderator']}", "Sec-Fetch-Site": "cross-site"}
    headers |= {"Origin": origin} if origin else {"Sec-Fetch-Site": "none"}
    answer = client.post(
        f"{DESK}/cases/{number}/decisions",
        json={"decision": "approve", "version": 2},
        headers=headers,
    )
    assert answer.status_code == status
    assert status_of(app, number) == ("published" if status == 201 else "held")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    if status == 201 and origin:
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answer.json["decision"]["actor_name"] == "anna"


@pytest.mark.parametrize(
    ("path", "origin", "allowed"),
    [
        (f"{DESK}/threads/1/comments", ORIGIN, True),
        (f"{DESK}/threads/1/comments/2", ORIGIN, True),
        (f"{DESK}/cases/1/decisions", ORIGIN, True),
        (f"{DESK}/decisions/1/undo", ORIGIN, True),
        (f"{DESK}/cases/1/decisions", "https://evil.example", False),
        (f"{DESK}/queue", ORIGIN, False),
        (f"{DESK}/cases/1", ORIGIN, False),
        ("/console/", ORIGIN, False),
    ],
)
def test_what_a_page_may_ask_for(
    client: FlaskClient, site: int, path: str, origin: str, allowed: bool
):
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"}  # fmt: skip
    answer = client.options(path, headers=asks)
    assert (answer.headers.get("Access-Control-Allow-Origin") == ORIGIN) is allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_session_is_no_use_to_a_page(
    app: Flask, moderator: Caller, thread: int, make_comment: Callable[..., int]
):
    number = make_comment("You idiot.")
    sent = {"decision": "approve", "version": 2}
    path = f"{DESK}/cases/{number}/decisions"
    for token in ("pst_", "pst_x", "pst_x.y.z", "pk_x", ""):
        headers = moderator.headers | {"Origin": ORIGIN, "Authorization": f"Bearer {token}"}
        answer = moderator.client.post(path, json=sent, headers=headers)
        assert answer.status_code in (401, 403), token
    # Nor does a cookie by the token's name do anything.
    bare = app.test_client()
    bare.set_cookie("staff_token", "pst_x")
    assert bare.get(f"{DESK}/threads/{thread}/comments").status_code == 401
    assert status_of(app, number) == "held"
