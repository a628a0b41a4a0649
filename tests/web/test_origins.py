"""Which pages' scripts may call: exactly the known origins here, and nobody's at the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import reading
from models import Comment, Role
from tests.conftest import ORIGIN, PAGE, status_of
from tests.web.conftest import Caller

FOREIGN = [
    "https://evil.example",
    "https://evil-news.example",
    "https://news.example.evil",
    "https://news.example.evil.example",
    "https://sub.news.example",
    "https://news.example:444",
    "https://news.example:443",
    "http://news.example",
    "https://news.example.",
    "https://news.example/",
    "https://NEWS.example",
    "https://news.example, https://evil.example",
    "https://news.exampl",
    "news.example",
    "null",
    "*",
    "file://",
    "https://news.example@evil.example",
    "https://nеws.example".encode().decode("latin-1"),
]
COMMENTS = "/api/v1/threads/{}/comments"
_WORDS = {"text": "Good day.", "author_name": "Ada"}


def test_a_page_of_the_site_may_read_and_write(client: FlaskClient, thread: int):
    path = COMMENTS.format(thread)
    for answer in (
        client.get(path, headers={"Origin": ORIGIN}),
        client.post(path, json=_WORDS, headers={"Origin": ORIGIN}),
        client.post(path, json={}, headers={"Origin": ORIGIN}),
        client.get("/api/v1/threads/99", headers={"Origin": ORIGIN}),
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


def test_its_preflight_names_what_the_widget_sends(client: FlaskClient, thread: int):
    answer = client.options(
        COMMENTS.format(thread),
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {"PUT", "POST", "PATCH", "DELETE"} <= set(
        answer.headers["Access-Control-Allow-Methods"].split(", ")
    )
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    for name in ("authorization", "content-type", "idempotency-key", "if-none-match"):
        assert name in allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_other_page_may(client: FlaskClient, thread: int, origin: str):
    path = COMMENTS.format(thread)
    headers = {"Origin": origin}
    refused = client.post(path, json=_WORDS, headers=headers)
    assert refused.status_code == 403
    assert refused.json["type"].endswith("unknown-origin")
    read = client.get(path, headers=headers)
    preflight = client.options(path, headers=headers | {"Access-Control-Request-Method": "POST"})
    for answer in (refused, read, preflight):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert client.get(path).json["comments"] == []


def test_each_page_of_two_sites_gets_its_own_name_back(
    client: FlaskClient, thread: int, other_site: int
):
    for origin in (ORIGIN, "https://other.example"):
        answer = client.get(COMMENTS.format(thread), headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example", "null"])
def test_the_desk_is_readable_by_no_other_page(
    client: FlaskClient, make_key: Callable[..., dict[str, str]], site: int, origin: str
):
    headers = make_key(site, "pk_test") | {"Origin": origin}
    for answer in (
        client.get("/api/v1/moderation/queue", headers=headers),
        client.options(
            "/api/v1/moderation/queue", headers=headers | {"Access-Control-Request-Method": "GET"}
        ),
        client.get("/console/", headers=headers),
        client.get("/console/sign-in", headers=headers),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.fixture
def moderator(sign_in: Callable[..., Caller], site: int) -> Caller:
    """A moderator's browser."""
    return sign_in("moderator@example.org", Role.MODERATOR, site)


def decision_on(app: Flask, comment: int) -> dict[str, object]:
    """Approval of a comment as it stands now."""
    with app.app_context(), reading() as session:
        return {"decision": "approve", "version": session.get_one(Comment, comment).version}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": "http://localhost"}, 201),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "anything"}, 403),
        ({"Origin": ORIGIN}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://localhost:81"}, 403),
    ],
)
def test_a_session_decides_only_from_the_desks_own_pages(
    app: Flask,
    moderator: Caller,
    make_comment: Callable[..., int],
    headers: dict[str, str],
    status: int,
):
    comment = make_comment("You idiot.")
    decision = decision_on(app, comment)
    answer = moderator.client.post(
        f"/api/v1/moderation/cases/{comment}/decisions",
        json=decision,
        headers=moderator.headers | headers,
    )
    assert answer.status_code == status, answer.text
    assert status_of(app, comment) == ("published" if status == 201 else "held")


@pytest.mark.parametrize("token", [None, "", "x", "WzFd.sig", "InJhdyI.aaaaaa.bbbb"])
def test_a_session_decides_only_with_its_pages_token(
    app: Flask, moderator: Caller, make_comment: Callable[..., int], token: str | None
):
    comment = make_comment("You idiot.")
    decision = decision_on(app, comment)
    path = f"/api/v1/moderation/cases/{comment}/decisions"
    headers = {} if token is None else {"X-CSRFToken": token}
    answer = moderator.client.post(path, json=decision, headers=headers)
    assert (answer.status_code, answer.json["type"]) == (400, "about:blank#csrf")
    assert "token" in answer.json["detail"]
    assert status_of(app, comment) == "held"


def test_a_header_that_is_no_key_does_not_stand_in_for_the_token(
    app: Flask, moderator: Caller, make_comment: Callable[..., int]
):
    comment = make_comment("You idiot.")
    decision = decision_on(app, comment)
    path = f"/api/v1/moderation/cases/{comment}/decisions"
    for value in ("Bearer", "Bearer ", "Bearer x", "Basic eDp4", "bearer x", "x"):
        answer = moderator.client.post(path, json=decision, headers={"Authorization": value})
        assert answer.status_code in (400, 401), value
    assert status_of(app, comment) == "held"


def test_a_form_of_another_page_cannot_post(client: FlaskClient, thread: int):
    # What a page can send without a preflight, and without an Origin in old browsers.
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ):
        answer = client.post(
            COMMENTS.format(thread), data='{"text": "a", "author_name": "b"}', content_type=kind
        )
        assert answer.status_code == 415, kind


def test_every_answer_says_what_may_be_done_with_it(
    client: FlaskClient, thread: int, make_comment: Callable[..., int], moderator: Caller
):
    make_comment()
    pages = {
        "/api/v1/threads/{}/comments": "default-src 'none'; frame-ancestors 'none'",
        "/api/v1/threads/99": "default-src 'none'; frame-ancestors 'none'",
        f"/api/v1/threads?url={PAGE}": "default-src 'none'; frame-ancestors 'none'",
        "/api/openapi.json": "default-src 'none'; frame-ancestors 'none'",
        "/healthz": "default-src 'none'; frame-ancestors 'none'",
        "/nowhere": "default-src 'none'; frame-ancestors 'none'",
        "/api/docs": "frame-ancestors 'none'",
        "/console/sign-in": "frame-ancestors 'none'",
        "/console/": "frame-ancestors 'none'",
        "/console/nowhere": "frame-ancestors 'none'",
    }
    for path, policy in pages.items():
        answer = moderator.client.get(path.format(thread))
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"], path
        assert "default-src 'none'" in headers["Content-Security-Policy"], path
        assert policy in headers["Content-Security-Policy"], path
        scripts = headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
        assert "unsafe" not in scripts, path
    for path in ("/console/", "/console/sign-in", "/api/v1/moderation/queue"):
        assert "no-store" in moderator.client.get(path).headers["Cache-Control"], path
    mine = client.get(f"/api/v1/threads/{thread}/mine")
    assert mine.headers["Cache-Control"] == "no-store"


def test_each_console_page_has_a_nonce_of_its_own(moderator: Caller):
    policies = {
        moderator.client.get("/console/").headers["Content-Security-Policy"] for _ in range(3)
    }
    assert len(policies) == 3
