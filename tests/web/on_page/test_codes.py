"""The way from the console to an article: a code that serves once, and where it leads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import AuditEntry, Comment, PageCode, Role, SiteOrigin, Thread
from tests.conftest import ORIGIN, OTHER_ORIGIN
from tests.web.conftest import Caller
from tests.web.on_page.conftest import code_from, redeem


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
