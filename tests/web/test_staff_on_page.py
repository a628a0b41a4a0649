"""Staff on a publisher's page: which token opens which door, from which origin, and how long."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event, select

from jobs.transactions import reading, writing
from models import Account, AuditEntry, Comment, PageCode, Role, SiteOrigin, SiteRole, Thread, db
from moderation import staff_sessions
from moderation.staff_sessions import new_secret
from tests.conftest import ORIGIN, OTHER_ORIGIN, browser_of, set_policy, status_of
from tests.web.conftest import Caller
from web import staff_tokens

_CODE = re.compile(r"#parley-staff=([\w-]+)")
_WORDS = {"text": "Good day.", "author_name": "Ada"}
_THREAD = "/api/v1/threads/{thread}"
_COMMENT = "/api/v1/comments/{published}"
_DESK = "/api/v1/moderation"


@pytest.fixture
def number_of(app: Flask) -> Callable[[str], int]:
    """The number of a member of staff, by e-mail."""

    def number(email: str) -> int:
        with app.app_context(), reading() as session:
            return session.scalars(select(Account.id).where(Account.email == email)).one()

    return number


@pytest.fixture
def token_at(app: Flask) -> Callable[[int, int], str]:
    """A staff token of one account at one site."""

    def token(account_id: int, site_id: int) -> str:
        with app.test_request_context(), writing() as session:
            browser = staff_sessions.begin(session, account_id, new_secret(), "Firefox").id
            return staff_tokens.token_for(session.get_one(Account, account_id), site_id, browser)

    return token


@pytest.fixture
def moderator(sign_in: Callable[..., Caller], site: int) -> Caller:
    """A moderator's browser at the console."""
    return sign_in("anna@example.org", Role.MODERATOR, site)


def code_from(caller: Caller, thread: int, **sent: Any) -> str:
    """The code that the console hands out."""
    answer = caller.client.post(
        f"/console/threads/{thread}/page", data=sent, headers=caller.headers
    )
    assert answer.status_code == 200, answer.text
    found = _CODE.search(answer.text)
    assert found
    return found[1]


def redeem(client: FlaskClient, code: str, origin: str = ORIGIN) -> Any:
    """What a page gets for a code."""
    headers = {"Origin": origin} if origin else {}
    return client.post("/api/v1/staff-tokens", json={"code": code}, headers=headers)


# --- the code ------------------------------------------------------------------------------


def test_a_code_becomes_a_token_once(
    app: Flask, client: FlaskClient, moderator: Caller, thread: int
):
    code = code_from(moderator, thread)
    with app.app_context(), reading() as session:
        stored = session.scalars(select(PageCode)).one()
        assert code not in stored.digest
        assert len(stored.digest) == 64
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject_id, entry.actor_name) == ("page opened", thread, "anna")
    # Not for who comes from elsewhere, as the page of another host would.
    stolen = app.test_client()
    stolen.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    assert redeem(stolen, code).status_code == 401
    first = redeem(client, code)
    assert first.status_code == 201
    assert first.json["name"] == "anna"
    assert first.json["writes"] is True
    assert first.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in first.headers
    assert "Set-Cookie" not in first.headers
    assert redeem(client, code).status_code == 401
    with app.app_context(), reading() as session:
        assert session.scalars(select(PageCode)).all() == []


@pytest.mark.parametrize(
    ("seconds", "origin", "status"),
    [
        (0, ORIGIN, 201),
        (119, ORIGIN, 201),
        (121, ORIGIN, 401),
        (0, OTHER_ORIGIN, 401),
        (0, "", 401),
        (0, "https://evil.example", 403),
        (0, "null", 403),
    ],
)
def test_a_code_is_for_two_minutes_and_a_page_of_its_site(
    client: FlaskClient,
    moderator: Caller,
    other_site: int,
    thread: int,
    seconds: int,
    origin: str,
    status: int,
):
    with time_machine.travel(time.time(), tick=False) as clock:
        code = code_from(moderator, thread)
        clock.shift(seconds)
        assert redeem(client, code, origin).status_code == status
        # Who may not redeem it does not use it up either.
        if status != 201 and seconds < 120:
            assert redeem(client, code).status_code == 201


def test_of_many_at_once_one_redeems_it(app: Flask, moderator: Caller, thread: int):
    code = code_from(moderator, thread)
    answers: list[int] = []
    ready = threading.Barrier(8)

    def knock() -> None:
        ready.wait()
        answers.append(redeem(app.test_client(), code).status_code)

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers) == [201] + [401] * 7


@pytest.mark.parametrize(
    ("role", "where", "status"),
    [
        (Role.ADMIN, "own", 200),
        (Role.MODERATOR, "own", 200),
        (Role.READ_ONLY, "own", 200),
        (Role.ADMIN, "other", 404),
    ],
)
def test_who_gets_a_code(
    sign_in: Callable[..., Caller],
    site: int,
    other_site: int,
    thread: int,
    role: Role,
    where: str,
    status: int,
):
    caller = sign_in("x@example.org", role, site if where == "own" else other_site)
    path = f"/console/threads/{thread}/page"
    assert caller.client.post(path, headers=caller.headers).status_code == status
    # Without the page's own token, or from elsewhere, nobody does.
    assert caller.client.post(path).status_code == 400
    foreign = caller.headers | {"Sec-Fetch-Site": "cross-site"}
    assert caller.client.post(path, headers=foreign).status_code == 403


def test_the_way_leads_only_to_an_origin_of_the_site(app: Flask, moderator: Caller, thread: int):
    with app.app_context(), writing() as session:
        session.delete(session.scalars(select(SiteOrigin)).one())
    path = f"/console/threads/{thread}/page"
    answer = moderator.client.post(path, headers=moderator.headers)
    assert answer.status_code == 409
    assert "parley-staff" not in answer.text


# --- doors x tokens ------------------------------------------------------------------------

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
    Door("GET", f"{_DESK}/threads/{{thread}}/comments", (401, 401, 200, 404, 200, *_BAD)),
    Door("GET", f"{_DESK}/threads/{{thread}}/comments/{{held}}", (401, 401, 200, 404, 200, *_BAD)),
    Door("POST", f"{_DESK}/cases/{{held}}/decisions", (401, 401, 201, 404, 403, *_BAD),
         {"decision": "approve", "version": 2}),
    Door("POST", f"{_DESK}/decisions/{{decision}}/undo", (401, 401, 201, 404, 403, *_BAD), {}),
    Door("POST", f"{_THREAD}/comments", (201, 201, 201, 404, 403, *_BAD), _WORDS),
    # --- doors that are not --------------------------------------------------------------
    Door("GET", f"{_DESK}/queue", (401, 401, 403, 403, 403, *_BAD)),
    Door("GET", f"{_DESK}/cases/{{held}}", (401, 401, 403, 403, 403, *_BAD)),
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


@pytest.fixture
def holders(
    app: Flask,
    site: int,
    other_site: int,
    make_staff: Callable[..., int],
    make_reader: Callable[..., int],
    token_of: Callable[[int], str],
    token_at: Callable[[int, int], str],
) -> dict[str, str]:
    """The bearer token of each."""
    anna = make_staff("anna@example.org", Role.MODERATOR, site)
    gone = make_staff("gone@example.org", Role.MODERATOR, site)
    moved = make_staff("moved@example.org", Role.MODERATOR, site)
    good = token_at(anna, site)
    with time_machine.travel("2020-01-01", tick=False):
        expired = token_at(anna, site)
    found = {
        "nobody": "",
        "reader": token_of(make_reader()),
        "moderator": good,
        "other site": token_at(make_staff("o@example.org", Role.ADMIN, other_site), other_site),
        "read-only": token_at(make_staff("r@example.org", Role.READ_ONLY, site), site),
        "expired": expired,
        "other salt": _signed(app, anna, site, salt="reader-token"),
        "unsigned": f"{good.rsplit('.', 1)[0]}.",
        "signed out": token_at(gone, site),
        "no role": token_at(moved, site),
    }
    with app.app_context(), writing() as session:
        session.get_one(Account, gone).fs_uniquifier = "f" * 32
        session.delete(session.scalars(select(SiteRole).filter_by(account_id=moved)).one())
    return found


def _signed(app: Flask, account_id: int, site_id: int, salt: str) -> str:
    with app.app_context(), writing() as session:
        mark = session.get_one(Account, account_id).fs_uniquifier
        browser = staff_sessions.begin(session, account_id, new_secret(), "Firefox").id
    signer = URLSafeTimedSerializer(
        str(app.secret_key),
        salt=salt,
        signer_kwargs={"digest_method": staticmethod(hashlib.sha256)},
    )
    digest = hashlib.sha256(f"page:{mark}".encode()).hexdigest()[:16]
    return staff_tokens.PREFIX + str(signer.dumps([account_id, site_id, browser, digest]))


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
            f"{_DESK}/cases/{make_comment('An idiot.')}/decisions",
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
    if door.path.startswith(_DESK) and door.method == "POST":
        expected |= {"nobody": 403, "reader": 403}
    assert answered == expected


def test_the_same_token_signed_with_the_right_salt_is_good(
    app: Flask, client: FlaskClient, site: int, thread: int, make_staff: Callable[..., int]
):
    """Shows that the table's "other salt" fails for its salt alone."""
    token = _signed(app, make_staff("b@example.org", Role.MODERATOR, site), site, "staff-on-page")
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{_DESK}/threads/{thread}/comments"
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
        path = f"{_DESK}/threads/{thread}/comments"
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
        path = f"{_DESK}/threads/{thread}/comments"
        sent = [{"Authorization": f"Bearer {token}"} for token in tokens]
        return [client.get(path, headers=headers).status_code for headers in sent]

    assert open_to() == [200, 200]
    unused = code_from(moderator, thread)
    # From the list of browsers it is the other one that ends it.
    end(moderator if how == "sign-out" else elsewhere, how)
    assert open_to() == [401, 200]
    assert redeem(client, unused).status_code == 401


# --- origins and cookies -------------------------------------------------------------------


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
        f"{_DESK}/cases/{number}/decisions",
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
        (f"{_DESK}/threads/1/comments", ORIGIN, True),
        (f"{_DESK}/threads/1/comments/2", ORIGIN, True),
        (f"{_DESK}/cases/1/decisions", ORIGIN, True),
        (f"{_DESK}/decisions/1/undo", ORIGIN, True),
        (f"{_DESK}/cases/1/decisions", "https://evil.example", False),
        (f"{_DESK}/queue", ORIGIN, False),
        (f"{_DESK}/cases/1", ORIGIN, False),
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
    path = f"{_DESK}/cases/{number}/decisions"
    for token in ("pst_", "pst_x", "pst_x.y.z", "pk_x", ""):
        headers = moderator.headers | {"Origin": ORIGIN, "Authorization": f"Bearer {token}"}
        answer = moderator.client.post(path, json=sent, headers=headers)
        assert answer.status_code in (401, 403), token
    # Nor does a cookie by the token's name do anything.
    bare = app.test_client()
    bare.set_cookie("staff_token", "pst_x")
    assert bare.get(f"{_DESK}/threads/{thread}/comments").status_code == 401
    assert status_of(app, number) == "held"


# --- what staff see and write --------------------------------------------------------------


def test_the_hidden_comments_of_a_thread(
    app: Flask, client: FlaskClient, thread: int, holders: dict[str, str],
    make_comment: Callable[..., int],
):  # fmt: skip
    make_comment("A fine day.")
    numbers = [make_comment(f"You idiot, {n}.") for n in range(4)]
    headers = {"Authorization": f"Bearer {holders['moderator']}", "Origin": ORIGIN}
    path = f"{_DESK}/threads/{thread}/comments"
    first = client.get(f"{path}?limit=3", headers=headers).json
    assert [one["id"] for one in first["comments"]] == numbers[:0:-1]
    assert first["waiting"] == 4
    desk = first["comments"][0]["desk"]
    assert desk["status"] == "held"
    assert desk["can"] == ["approve", "reject"]
    assert any("over the hold threshold" in why for why in desk["why"])
    assert desk["scores"][0]["is_over"] is True
    second = client.get(f"{path}?limit=3&below={first['next']}", headers=headers).json
    assert ([one["id"] for one in second["comments"]], second["next"]) == (numbers[:1], 0)
    quiet = {"Authorization": f"Bearer {holders['read-only']}"}
    assert client.get(path, headers=quiet).json["comments"][0]["desk"]["can"] == []


def test_a_fixed_number_of_queries(
    app: Flask, client: FlaskClient, thread: int, holders: dict[str, str],
    make_comment: Callable[..., int],
):  # fmt: skip
    headers = {"Authorization": f"Bearer {holders['moderator']}"}
    asked: list[str] = []

    def cost() -> int:
        asked.clear()
        assert client.get(f"{_DESK}/threads/{thread}/comments", headers=headers).status_code == 200
        return len(asked)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    make_comment("You idiot.")
    cost()
    few = cost()
    for n in range(12):
        make_comment(f"You idiot, {n}.", name=f"Reader {n}")
    assert cost() == few


@pytest.mark.parametrize("mode", ["post", "pre"])
def test_staff_write_under_their_name_and_are_not_held(
    scoring: Flask, client: FlaskClient, site: int, thread: int, holders: dict[str, str], mode: str
):
    if mode == "pre":
        set_policy(scoring, site, moderation=mode)
    headers = {"Authorization": f"Bearer {holders['moderator']}", "Origin": ORIGIN}
    sent = {"text": "Do not call each other idiot.", "author_name": "Somebody else"}
    answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent, headers=headers)
    comment = answer.json["comment"]
    assert (comment["status"], comment["by_staff"]) == ("published", True)
    assert comment["author"]["name"] == "anna"
    assert "reader_token" not in answer.json
    public = client.get(f"/api/v1/threads/{thread}/comments").json["comments"][0]
    assert (public["by_staff"], public["author"]["staff"]) == (True, True)
    shown = client.get(f"{_DESK}/threads/{thread}/comments/{comment['id']}", headers=headers).json
    assert shown["desk"]["scores"][0]["value"] > 0.9


def test_a_token_of_staff_says_nothing_in_a_reader_s_comment(
    client: FlaskClient, thread: int, site: int
):
    sent = _WORDS | {"by_staff": True}
    answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent)
    assert answer.status_code == 422
    made = client.post(f"/api/v1/threads/{thread}/comments", json=_WORDS)
    assert made.json["comment"]["by_staff"] is False


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("anna", 422),
        ("Anna", 422),
        ("ANNA ", 422),
        ("Ａｎｎａ", 422),
        ("Аnnа", 422),
        ("Ànna", 422),
        ("A-n-n-a", 422),
        ("Anna Karenina", 201),
        ("Hanna", 201),
        ("Ada", 201),
    ],
)
def test_nobody_else_takes_a_name_of_the_staff(
    client: FlaskClient, site: int, thread: int, make_staff: Callable[..., int], name: str,
    status: int,
):  # fmt: skip
    make_staff("anna@example.org", Role.MODERATOR, site)
    sent = {"text": "Good day.", "author_name": name}
    answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent)
    assert answer.status_code == status, answer.text
    if status == 422:
        assert "staff" in answer.json["errors"]["author_name"][0]


def test_the_staff_of_another_site_keep_no_name_here(
    client: FlaskClient, other_site: int, thread: int, make_staff: Callable[..., int]
):
    make_staff("anna@example.org", Role.MODERATOR, other_site)
    sent = {"text": "Good day.", "author_name": "Anna"}
    assert client.post(f"/api/v1/threads/{thread}/comments", json=sent).status_code == 201


def test_the_address_names_a_comment_of_the_thread_only(
    app: Flask, moderator: Caller, thread: int, make_comment: Callable[..., int]
):
    number = make_comment()
    path = f"/console/threads/{thread}/page"
    for sent, named in ((number, f"&amp;comment={number}"), (9999, ""), ("x", ""), (2**70, "")):
        page = moderator.client.post(path, data={"comment": sent}, headers=moderator.headers)
        assert page.status_code == 200
        assert ("comment=" in page.text) is bool(named)
        assert named in page.text
    with app.app_context(), reading() as session:
        assert session.get_one(Thread, thread).url in page.text
        assert session.get_one(Comment, number).thread_id == thread
