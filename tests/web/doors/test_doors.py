"""Every route x {own site, another, none} x everybody: who gets in, and what that does."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from jobs.transactions import reading, writing
from models import Account, ApiKey, Comment, Status, utcnow
from tests.conftest import ORIGIN, PAGE
from tests.web.conftest import Caller
from tests.web.doors.conftest import FLAG, VOTE, WORDS, House

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
         (201, 401, 201, 201, 401, 401, 201, 201, 201), WORDS),
    Door("POST", f"{_THREAD}/comments", "/api/v1/threads/99/comments", everyone(404), WORDS),
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
         (200, 401, 200, 409, 401, 401, 200, 200, 200), VOTE),
    Door("PUT", f"{_COMMENT}/vote", "/api/v1/comments/{held}/vote", everyone(404), VOTE),
    Door("DELETE", f"{_COMMENT}/vote", "/api/v1/comments/{published}/vote",
         (200, 401, 200, 409, 401, 401, 200, 200, 200)),
    Door("DELETE", f"{_COMMENT}/vote", "/api/v1/comments/{held}/vote", everyone(404)),
    Door("POST", f"{_COMMENT}/reports", "/api/v1/comments/{published}/reports",
         (201, 401, 201, 201, 401, 401, 201, 201, 201), FLAG),
    Door("POST", f"{_COMMENT}/reports", "/api/v1/comments/{held}/reports", everyone(404), FLAG),
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
    # These have tables of their own, in tests/web/thread_page.
    "/thread", "/feeds/", "/oembed",
    # And these in tests/web/analyzer.
    "/v1alpha1/", "/$discovery/", "/v1/", "/coral/",
)  # fmt: skip


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


def test_staff_who_left_and_revoked_keys_open_nothing(house: House, app: Flask):
    with app.app_context(), writing() as session:
        for account in session.query(Account).filter(Account.email.is_not(None)):
            account.active = False
        for key in session.query(ApiKey):
            key.revoked_at = utcnow()
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
