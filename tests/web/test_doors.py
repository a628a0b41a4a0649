"""Who may open which door: every route of the API, for everyone who could knock."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from discussion.reading import Sort
from jobs.transactions import reading, writing
from models import Account, ActorKind, ApiKey, Comment, Role, Sanction, SanctionKind, Status
from moderation import decisions
from tests.conftest import ORIGIN, PAGE
from tests.web.conftest import Caller

CALLERS = (
    "nobody",
    "bad token",
    "reader",
    "author",
    "other key",
    "key",
    "other staff",
    "moderator",
    "read-only",
)
Statuses = tuple[int, int, int, int, int, int, int, int, int]


def everyone(status: int) -> Statuses:
    """One answer for all."""
    return (status,) * 9


@dataclass(frozen=True)
class Door:
    """One way to call a route, and how each of CALLERS is answered."""

    method: str
    rule: str
    path: str
    expected: Statuses
    sent: dict[str, Any] | None = None


_WORDS = {"text": "Good day.", "author_name": "Ada"}
_VOTE = {"value": 1}
_FLAG = {"reason": "spam"}
_OBJECTION = {"text": "It was a quotation."}
_COMMENT = "/api/v1/comments/<row:comment_id>"
_THREAD = "/api/v1/threads/<row:thread_id>"
_DESK = "/api/v1/moderation"

# Comments are all of "author"; {held} is hidden, {published} is not; both belong to the site of
# "key", "moderator" and "read-only". A staff session is a reader without a token to the public
# doors, and an API key is no reader token. The columns are those of CALLERS.
DOORS = (
    # --- a page and its discussion: public -------------------------------------------------
    Door("GET", "/api/v1/threads", f"/api/v1/threads?url={PAGE}", everyone(200)),
    Door("GET", "/api/v1/threads", "/api/v1/threads?url=https://evil.example/", everyone(422)),
    Door("GET", "/api/v1/threads", "/api/v1/threads", everyone(422)),
    Door("GET", "/api/v1/threads", f"/api/v1/threads?url={PAGE}&site=other", everyone(422)),
    Door("POST", "/api/v1/threads", "/api/v1/threads", everyone(200), {"url": PAGE}),
    Door("GET", _THREAD, "/api/v1/threads/{thread}", everyone(200)),
    Door("GET", _THREAD, "/api/v1/threads/99", everyone(404)),
    Door("GET", f"{_THREAD}/comments", "/api/v1/threads/{thread}/comments", everyone(200)),
    Door("GET", f"{_THREAD}/comments", "/api/v1/threads/99/comments", everyone(404)),
    Door("GET", f"{_THREAD}/search", "/api/v1/threads/{thread}/search?q=word", everyone(200)),
    Door("GET", f"{_THREAD}/search", "/api/v1/threads/{thread}/search", everyone(422)),
    Door("GET", f"{_THREAD}/search", "/api/v1/threads/99/search?q=word", everyone(404)),
    Door("GET", "/api/v1/counts", f"/api/v1/counts?url={PAGE}", everyone(200)),
    Door("GET", f"{_COMMENT}/replies", "/api/v1/comments/{published}/replies", everyone(200)),
    Door("GET", f"{_COMMENT}/replies", "/api/v1/comments/{held}/replies", everyone(404)),
    Door("GET", f"{_COMMENT}/replies", "/api/v1/comments/99/replies", everyone(404)),
    Door("POST", "/api/v1/preview", "/api/v1/preview", everyone(200), {"text": "a", "url": PAGE}),
    # --- readers: by token, or made on the spot; a token that is none is told so ----------------
    Door("GET", f"{_THREAD}/mine", "/api/v1/threads/{thread}/mine",
         (200, 401, 200, 200, 401, 401, 200, 200, 200)),
    Door("PUT", f"{_THREAD}/points", "/api/v1/threads/{thread}/points",
         (200, 401, 200, 200, 401, 401, 200, 200, 200)),
    Door("DELETE", f"{_THREAD}/points", "/api/v1/threads/{thread}/points",
         (200, 401, 200, 200, 401, 401, 200, 200, 200)),
    Door("POST", f"{_THREAD}/comments", "/api/v1/threads/{thread}/comments",
         (201, 401, 201, 201, 401, 401, 201, 201, 201), _WORDS),
    Door("POST", f"{_THREAD}/comments", "/api/v1/threads/99/comments", everyone(404), _WORDS),
    Door("GET", _COMMENT, "/api/v1/comments/{published}",
         (200, 401, 200, 200, 401, 401, 200, 200, 200)),
    Door("GET", _COMMENT, "/api/v1/comments/{held}",
         (404, 401, 404, 200, 401, 401, 404, 404, 404)),
    Door("PATCH", _COMMENT, "/api/v1/comments/{published}",
         (401, 401, 403, 200, 401, 401, 401, 401, 401), {"text": "Changed."}),
    Door("PATCH", _COMMENT, "/api/v1/comments/{held}",
         (401, 401, 404, 200, 401, 401, 401, 401, 401), {"text": "Changed."}),
    Door("DELETE", _COMMENT, "/api/v1/comments/{published}",
         (401, 401, 403, 200, 401, 401, 401, 401, 401)),
    Door("DELETE", _COMMENT, "/api/v1/comments/{held}",
         (401, 401, 404, 200, 401, 401, 401, 401, 401)),
    Door("PUT", f"{_COMMENT}/vote", "/api/v1/comments/{published}/vote",
         (200, 401, 200, 409, 401, 401, 200, 200, 200), _VOTE),
    Door("PUT", f"{_COMMENT}/vote", "/api/v1/comments/{held}/vote", everyone(404), _VOTE),
    Door("DELETE", f"{_COMMENT}/vote", "/api/v1/comments/{published}/vote",
         (200, 401, 200, 409, 401, 401, 200, 200, 200)),
    Door("DELETE", f"{_COMMENT}/vote", "/api/v1/comments/{held}/vote", everyone(404)),
    Door("POST", f"{_COMMENT}/reports", "/api/v1/comments/{published}/reports",
         (201, 401, 201, 201, 401, 401, 201, 201, 201), _FLAG),
    Door("POST", f"{_COMMENT}/reports", "/api/v1/comments/{held}/reports", everyone(404), _FLAG),
    Door("POST", f"{_COMMENT}/appeal", "/api/v1/comments/{rejected}/appeal",
         (401, 401, 404, 201, 401, 401, 401, 401, 401), _OBJECTION),
    Door("POST", f"{_COMMENT}/appeal", "/api/v1/comments/{published}/appeal",
         (401, 401, 403, 409, 401, 401, 401, 401, 401), _OBJECTION),
    Door("POST", f"{_COMMENT}/appeal", "/api/v1/comments/{held}/appeal",
         (401, 401, 404, 409, 401, 401, 401, 401, 401), _OBJECTION),
    Door("POST", f"{_COMMENT}/appeal", "/api/v1/comments/9999/appeal",
         (401, 401, 404, 404, 401, 401, 401, 401, 401), _OBJECTION),
    # --- the desk: what belongs to another site is answered like what nobody has ----------------
    Door("GET", f"{_DESK}/queue", "/api/v1/moderation/queue",
         (401, 401, 401, 401, 200, 200, 200, 200, 200)),
    Door("GET", f"{_DESK}/queue", "/api/v1/moderation/queue?site=news",
         (401, 401, 401, 401, 403, 200, 403, 200, 200)),
    Door("GET", f"{_DESK}/queue", "/api/v1/moderation/queue?site=nowhere",
         (401, 401, 401, 401, 403, 403, 403, 403, 403)),
    Door("GET", f"{_DESK}/insight", "/api/v1/moderation/insight",
         (401, 401, 401, 401, 200, 200, 200, 200, 200)),
    Door("GET", f"{_DESK}/insight", "/api/v1/moderation/insight?site=news&by=week",
         (401, 401, 401, 401, 403, 200, 403, 200, 200)),
    Door("GET", f"{_DESK}/insight", "/api/v1/moderation/insight?since=0001-01-01", everyone(422)),
    Door("GET", f"{_DESK}/calibration", "/api/v1/moderation/calibration?site=news&label=toxicity",
         (401, 401, 401, 401, 404, 200, 404, 200, 200)),
    Door("GET", f"{_DESK}/calibration", "/api/v1/moderation/calibration?site=news",
         everyone(422)),
    Door("GET", f"{_DESK}/cases/<row:comment_id>", "/api/v1/moderation/cases/{held}",
         (401, 401, 401, 401, 404, 200, 404, 200, 200)),
    Door("GET", f"{_DESK}/cases/<row:comment_id>", "/api/v1/moderation/cases/99",
         (401, 401, 401, 401, 404, 404, 404, 404, 404)),
    Door("GET", f"{_DESK}/threads/<row:thread_id>/comments",
         "/api/v1/moderation/threads/{thread}/comments",
         (401, 401, 401, 401, 404, 200, 404, 200, 200)),
    Door("GET", f"{_DESK}/threads/<row:thread_id>/comments",
         "/api/v1/moderation/threads/99/comments",
         (401, 401, 401, 401, 404, 404, 404, 404, 404)),
    Door("GET", f"{_DESK}/threads/<row:thread_id>/comments/<row:comment_id>",
         "/api/v1/moderation/threads/{thread}/comments/{held}",
         (401, 401, 401, 401, 404, 200, 404, 200, 200)),
    Door("GET", f"{_DESK}/threads/<row:thread_id>/comments/<row:comment_id>",
         "/api/v1/moderation/threads/{thread}/comments/99",
         (401, 401, 401, 401, 404, 404, 404, 404, 404)),
    Door("POST", "/api/v1/staff-tokens", "/api/v1/staff-tokens", everyone(401), {"code": "x"}),
    Door("POST", f"{_DESK}/cases/<row:comment_id>/decisions",
         "/api/v1/moderation/cases/{held}/decisions",
         (401, 401, 401, 401, 404, 201, 404, 201, 403), {"decision": "approve", "version": 2}),
    Door("POST", f"{_DESK}/decisions/<row:decision_id>/undo",
         "/api/v1/moderation/decisions/{decision}/undo",
         (401, 401, 401, 401, 404, 201, 404, 201, 403), {}),
    Door("POST", f"{_DESK}/decisions/<row:decision_id>/undo",
         "/api/v1/moderation/decisions/99/undo",
         (401, 401, 401, 401, 404, 404, 404, 404, 404), {}),
    Door("PUT", f"{_DESK}/comments/<row:comment_id>/feature",
         "/api/v1/moderation/comments/{published}/feature",
         (401, 401, 401, 401, 404, 200, 404, 200, 403)),
    Door("PUT", f"{_DESK}/comments/<row:comment_id>/feature",
         "/api/v1/moderation/comments/9999/feature",
         (401, 401, 401, 401, 404, 404, 404, 404, 404)),
    Door("DELETE", f"{_DESK}/comments/<row:comment_id>/feature",
         "/api/v1/moderation/comments/{published}/feature",
         (401, 401, 401, 401, 404, 200, 404, 200, 403)),
    Door("DELETE", f"{_DESK}/comments/<row:comment_id>/feature",
         "/api/v1/moderation/comments/9999/feature",
         (401, 401, 401, 401, 404, 404, 404, 404, 404)),
    # --- sanctions: the author's own word on a warning, and the desk ------------------------------
    Door("POST", "/api/v1/sanctions/<row:sanction_id>/acknowledgement",
         "/api/v1/sanctions/{sanction}/acknowledgement",
         (401, 401, 404, 409, 401, 401, 401, 401, 401), {}),
    Door("POST", "/api/v1/sanctions/<row:sanction_id>/acknowledgement",
         "/api/v1/sanctions/99999/acknowledgement",
         (401, 401, 404, 404, 401, 401, 401, 401, 401), {}),
    Door("GET", f"{_DESK}/authors/<row:account_id>/sanctions",
         "/api/v1/moderation/authors/{author}/sanctions?site=news",
         (401, 401, 401, 401, 404, 200, 404, 200, 200)),
    Door("GET", f"{_DESK}/authors/<row:account_id>/sanctions",
         "/api/v1/moderation/authors/{author}/sanctions",
         (401, 401, 401, 401, 404, 200, 404, 200, 200)),
    Door("GET", f"{_DESK}/authors/<row:account_id>/sanctions",
         "/api/v1/moderation/authors/99999/sanctions",
         (401, 401, 401, 401, 404, 404, 404, 404, 404)),
    Door("POST", f"{_DESK}/authors/<row:account_id>/sanctions",
         "/api/v1/moderation/authors/{author}/sanctions?site=news",
         (401, 401, 401, 401, 404, 201, 404, 201, 403), {"kind": "hold", "told": "Wait."}),
    Door("POST", f"{_DESK}/sanctions/<row:sanction_id>/lift",
         "/api/v1/moderation/sanctions/{sanction}/lift",
         (401, 401, 401, 401, 404, 200, 404, 200, 403), {}),
    Door("POST", f"{_DESK}/sanctions/<row:sanction_id>/lift",
         "/api/v1/moderation/sanctions/99999/lift",
         (401, 401, 401, 401, 404, 404, 404, 404, 404), {}),
    Door("GET", f"{_DESK}/batches", "/api/v1/moderation/batches",
         (401, 401, 401, 401, 200, 200, 200, 200, 200)),
    Door("POST", f"{_DESK}/batches", "/api/v1/moderation/batches",
         (401, 401, 401, 401, 404, 403, 404, 403, 403),
         {"site": "news", "state": "held", "decision": "reject"}),
    Door("POST", f"{_DESK}/batches/<row:batch_id>/run", "/api/v1/moderation/batches/99/run",
         (401, 401, 401, 401, 404, 404, 404, 404, 404), {}),
    Door("POST", f"{_DESK}/batches/<row:batch_id>/undo", "/api/v1/moderation/batches/99/undo",
         (401, 401, 401, 401, 404, 404, 404, 404, 404), {}),
)  # fmt: skip

# Other people's doors; the console's are tried in console/.
ELSEWHERE = (
    "/console/", "/embed/", "/api/docs", "/api/openapi.json", "/healthz", "/readyz", "/metrics",
)  # fmt: skip


@dataclass
class House:
    """Two sites, everyone who could knock, and a way to put a fresh comment behind each door."""

    callers: dict[str, Caller]
    author: int
    fill: Callable[[], dict[str, int]]


@pytest.fixture
def house(
    app: Flask,
    client: FlaskClient,
    site: int,
    other_site: int,
    thread: int,
    make_comment: Callable[..., int],
    make_reader: Callable[..., int],
    make_key: Callable[..., dict[str, str]],
    token_of: Callable[[int], str],
    sign_in: Callable[..., Caller],
) -> House:
    """The house."""
    author = make_reader("Author")
    callers = {
        "nobody": Caller(client),
        "bad token": Caller(client, {"Authorization": "Bearer WzEsMCwiYSJd.bad"}),
        "reader": Caller(client, {"Authorization": f"Bearer {token_of(make_reader())}"}),
        "author": Caller(client, {"Authorization": f"Bearer {token_of(author)}"}),
        "other key": Caller(client, make_key(other_site, "pk_other")),
        "key": Caller(client, make_key(site, "pk_ours")),
        "other staff": sign_in("other@example.org", Role.ADMIN, other_site),
        "moderator": sign_in("moderator@example.org", Role.MODERATOR, site),
        "read-only": sign_in("intern@example.org", Role.READ_ONLY, site),
    }

    def fill() -> dict[str, int]:
        published, held, approved, rejected = (
            make_comment("All is well."),
            make_comment("You idiot."),
            make_comment("You idiot, approved."),
            make_comment("You idiot, rejected."),
        )
        with app.app_context(), writing() as session:
            for number in (published, held, approved, rejected):
                session.get_one(Comment, number).author_id = author
            staff = session.get_one(Account, author)
            decision = decisions.decide(
                session,
                session.get_one(Comment, approved),
                Status.PUBLISHED,
                decisions.Actor.staff(staff),
            )
            decisions.decide(
                session,
                session.get_one(Comment, rejected),
                Status.REJECTED,
                decisions.Actor.staff(staff),
            )
            session.flush()
            version = session.get_one(Comment, held).version
            hold = Sanction(
                site_id=site,
                account_id=author,
                kind=SanctionKind.HOLD,
                told="We look first.",
                actor_kind=ActorKind.STAFF,
                actor_name="Mo",
            )
            session.add(hold)
            session.flush()
            return {
                "thread": thread,
                "published": published,
                "held": held,
                "rejected": rejected,
                "decision": decision.id,
                "version": version,
                "author": author,
                "sanction": hold.id,
            }

    return House(callers, author, fill)


def knock(door: Door, caller: Caller, numbers: dict[str, int]) -> TestResponse:
    """Call one door."""
    sent = door.sent
    if sent is not None and "version" in sent:
        sent = sent | {"version": numbers["version"]}
    return caller.client.open(
        door.path.format(**numbers), method=door.method, json=sent, headers=caller.headers
    )


@pytest.mark.parametrize("door", DOORS, ids=lambda door: f"{door.method} {door.path}")
def test_a_door_opens_for_whom_it_should(house: House, door: Door):
    answered = {}
    for name, caller in house.callers.items():
        answer = knock(door, caller, house.fill())
        answered[name] = answer.status_code
        good = answer.status_code < 300
        assert answer.mimetype == ("application/json" if good else "application/problem+json")
    assert answered == dict(zip(CALLERS, door.expected, strict=True))


def test_no_route_is_missing_from_the_table(app: Flask):
    listed = {(door.method, door.rule) for door in DOORS}
    there = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if not rule.rule.startswith(ELSEWHERE)
    }
    assert there == listed


def _rows(database: Path) -> dict[str, str]:
    """A fingerprint of every table."""
    with closing(sqlite3.connect(database)) as rows:
        tables = rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            table: hashlib.sha256(
                repr(sorted(map(repr, rows.execute(f'SELECT * FROM "{table}"')))).encode()
            ).hexdigest()
            for (table,) in tables
        }


def test_reading_changes_nothing(app: Flask, house: House, tmp_path: Path):
    numbers = house.fill()
    before = _rows(tmp_path / "parley.db")
    console = [
        rule.rule.replace("<row:comment_id>", str(numbers["held"]))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.rule.startswith("/console/")
        and "<path:" not in rule.rule
    ]  # fmt: skip
    assert len(console) >= 4
    paths = [door.path.format(**numbers) for door in DOORS if door.method == "GET"] + console
    paths += [f"/api/v1/threads?url={ORIGIN}/not-begun", "/healthz", "/readyz", "/api/openapi.json"]
    for caller in house.callers.values():
        for path in paths:
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = caller.client.open(path, method=method, headers=caller.headers)
                assert answer.status_code < 500 or path == "/readyz", (path, answer.text)
                # A file that is written while it is read holds its request open until then.
                answer.close()
    # What only a changing method may do is not done by another one that looks like reading.
    for door in DOORS:
        if door.method != "GET":
            for caller in house.callers.values():
                caller.client.get(door.path.format(**numbers), headers=caller.headers)
    assert _rows(tmp_path / "parley.db") == before


def test_what_is_hidden_stands_in_no_public_answer(
    app: Flask,
    house: House,
    client: FlaskClient,
    thread: int,
    make_comment: Callable[..., int],
):
    statuses = {
        "heldword": Status.HELD,
        "rejectedword": Status.REJECTED,
        "unscoredword": Status.UNSCORED,
        "withdrawnword": Status.WITHDRAWN,
    }
    numbers = {word: make_comment(f"{word} text", name=f"{word} name") for word in statuses}
    replies = {word: make_comment(f"Below {n}.", parent=n) for word, n in numbers.items()}
    lonely = {word: make_comment(f"{word} lonely", name=f"{word} name") for word in statuses}
    with app.app_context(), writing() as session:
        for word, number in [*numbers.items(), *lonely.items()]:
            comment = session.get_one(Comment, number)
            kind = decisions.Actor.author(comment.author)
            if statuses[word] in (Status.HELD, Status.REJECTED):
                kind = decisions.Actor.staff(comment.author)
            decisions.decide(session, comment, statuses[word], kind)
    public = [
        f"/api/v1/threads?url={PAGE}",
        f"/api/v1/threads/{thread}",
        f"/api/v1/threads/{thread}/mine",
        f"/api/v1/counts?url={PAGE}",
        *(f"/api/v1/threads/{thread}/comments?sort={sort}" for sort in Sort),
    ]  # fmt: skip
    for number in [*numbers.values(), *lonely.values(), *replies.values()]:
        public += [f"/api/v1/comments/{number}", f"/api/v1/comments/{number}/replies"]
    for name in ("nobody", "reader", "other staff", "moderator"):
        caller = house.callers[name]
        answers = [caller.client.get(path, headers=caller.headers) for path in public]
        for number in [*numbers.values(), *lonely.values()]:
            for method, path, sent in (
                ("PUT", f"/api/v1/comments/{number}/vote", _VOTE),
                ("POST", f"/api/v1/comments/{number}/reports", _FLAG),
                ("PATCH", f"/api/v1/comments/{number}", {"text": "x"}),
                ("DELETE", f"/api/v1/comments/{number}", None),
                ("POST", f"/api/v1/threads/{thread}/comments", _WORDS | {"parent_id": number}),
            ):
                answers.append(
                    caller.client.open(path, method=method, json=sent, headers=caller.headers)
                )
                assert answers[-1].status_code in (401, 403, 404, 422), (path, answers[-1].text)
        for answer in answers:
            for word in statuses:
                assert word not in answer.text, answer.request.path
    page = client.get(f"/api/v1/threads/{thread}/comments?limit=50").json
    shown = {comment["id"]: comment for comment in page["comments"]}
    # Below each tombstone stands its readable reply; those without one are not there at all.
    assert set(shown) == set(numbers.values())
    assert page["thread"]["comment_count"] == len(replies)
    for word, number in numbers.items():
        tomb = shown[number]
        assert (tomb["author"], tomb["html"], tomb["up"], tomb["edited_at"]) == (None, "", 0, None)
        # Why it is gone concerns its author; only taking back is the author's own act.
        assert tomb["state"] == ("withdrawn" if word == "withdrawnword" else "removed")
    for number in lonely.values():
        assert client.get(f"/api/v1/comments/{number}").status_code == 404


def test_a_public_page_is_the_same_for_everyone_and_changes_with_what_it_shows(
    app: Flask, house: House, thread: int, make_comment: Callable[..., int]
):
    path = f"/api/v1/threads/{thread}/comments"
    root = make_comment("Root.")
    make_comment("Reply.", parent=root)
    answers = [c.client.get(path, headers=c.headers) for c in house.callers.values()]
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1

    def look() -> tuple[bytes, str]:
        answer = house.callers["nobody"].client.get(path)
        return answer.data, answer.headers["ETag"]

    for status in (Status.HELD, Status.PUBLISHED, Status.REJECTED, Status.HELD, Status.WITHDRAWN):
        before = look()
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, root)
            author = session.get_one(Account, comment.author_id)
            by_author = status is Status.WITHDRAWN
            actor = decisions.Actor.author(author) if by_author else decisions.Actor.staff(author)
            decisions.decide(session, comment, status, actor)
        after = look()
        # Other bytes under the old mark would never reach those who hold a copy.
        assert (after[0] == before[0]) == (after[1] == before[1]), status


def test_the_queue_of_one_site_holds_nothing_of_another(house: House, app: Flask):
    numbers = house.fill()
    for name in ("key", "moderator", "read-only"):
        caller = house.callers[name]
        queue = caller.client.get("/api/v1/moderation/queue", headers=caller.headers).json
        assert [case["id"] for case in queue["cases"]] == [numbers["held"]]
    for name in ("other key", "other staff"):
        caller = house.callers[name]
        queue = caller.client.get("/api/v1/moderation/queue", headers=caller.headers).json
        assert (queue["cases"], set(queue["counts"].values())) == ([], {0})
        assert "idiot" not in str(queue)


def test_staff_who_left_and_revoked_keys_open_nothing(house: House, app: Flask):
    with app.app_context(), writing() as session:
        for account in session.query(Account).filter(Account.email.is_not(None)):
            account.active = False
        for key in session.query(ApiKey):
            key.active = False
    for name in ("key", "moderator", "read-only"):
        caller = house.callers[name]
        answer = caller.client.get("/api/v1/moderation/queue", headers=caller.headers)
        assert answer.status_code == 401, name


def test_the_record_names_who_decided(house: House, app: Flask):
    for name, kind in (("key", "api-key"), ("moderator", "staff")):
        numbers = house.fill()
        caller = house.callers[name]
        answer = caller.client.post(
            f"/api/v1/moderation/cases/{numbers['held']}/decisions",
            json={"decision": "reject", "version": numbers["version"]},
            headers=caller.headers,
        )
        assert answer.json["decision"]["actor_kind"] == kind
        with app.app_context(), reading() as session:
            assert session.get_one(Comment, numbers["held"]).status is Status.REJECTED
