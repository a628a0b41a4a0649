"""Undo is offered to whom its door would let, wherever it is offered, and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import reading, writing
from models import Account, Comment, Decision, Role, Status
from moderation import casework, escalation
from moderation.decisions import Actor
from tests.conftest import ORIGIN
from tests.web.conftest import Caller

MakeComment = Callable[..., int]
SignIn = Callable[..., Caller]
_CODE = re.compile(r"#parley-staff=([\w-]+)")


def decide(app: Flask, comment_id: int, actor: Actor, after: Status) -> int:
    """What somebody does at the desk; the decision's number."""
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, comment_id)
        return casework.decide(session, comment, after, actor, version=comment.version).id


def pass_on(app: Flask, comment_id: int, actor: Actor) -> None:
    """Have it wait for a senior."""
    with app.app_context(), writing() as session:
        escalation.pass_on(session, session.get_one(Comment, comment_id), actor)


def plain(app: Flask, comment_id: int, actor: Actor) -> int:
    """A decision like any other."""
    return decide(app, comment_id, actor, Status.PUBLISHED)


def answering(app: Flask, comment_id: int, actor: Actor) -> int:
    """One that answers what was passed on."""
    pass_on(app, comment_id, actor)
    return decide(app, comment_id, actor, Status.PUBLISHED)


def after_an_answer(app: Flask, comment_id: int, actor: Actor) -> int:
    """One that came later than the answer."""
    answering(app, comment_id, actor)
    return decide(app, comment_id, actor, Status.REJECTED)


def passed_on_since(app: Flask, comment_id: int, actor: Actor) -> int:
    """One on a comment that waits for a senior by now."""
    number = decide(app, comment_id, actor, Status.PUBLISHED)
    pass_on(app, comment_id, actor)
    return number


def overtaken(app: Flask, comment_id: int, actor: Actor) -> int:
    """One that another one followed, which is not offered any more."""
    number = decide(app, comment_id, actor, Status.PUBLISHED)
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, comment_id)
        casework.undo(session, session.get_one(Decision, number), comment, actor)
    return number


def staff_token(caller: Caller, client: FlaskClient, thread: int) -> dict[str, str]:
    """The headers of a page of the site that knows somebody."""
    page = caller.client.post(f"/console/threads/{thread}/page", headers=caller.headers)
    code = _CODE.search(page.text)
    assert code
    sent = {"code": code[1]}
    answer = client.post("/api/v1/staff-tokens", json=sent, headers={"Origin": ORIGIN})
    return {"Authorization": f"Bearer {answer.json['staff_token']}", "Origin": ORIGIN}


@pytest.mark.parametrize(
    ("history", "role", "may"),
    [
        (plain, Role.MODERATOR, True),
        (plain, Role.SENIOR, True),
        (plain, Role.READ_ONLY, False),
        (answering, Role.MODERATOR, False),
        (answering, Role.SENIOR, True),
        (after_an_answer, Role.MODERATOR, True),
        (passed_on_since, Role.MODERATOR, False),
        (passed_on_since, Role.SENIOR, True),
        (overtaken, Role.SENIOR, False),
    ],
)
def test_what_is_offered_is_what_its_door_lets(
    app: Flask,
    client: FlaskClient,
    site: int,
    thread: int,
    make_comment: MakeComment,
    make_staff: Callable[..., int],
    sign_in: SignIn,
    history: Callable[[Flask, int, Actor], int],
    role: Role,
    may: bool,
):
    comment = make_comment("You idiot.")
    with app.app_context(), reading() as session:
        senior = make_staff("sena@example.org", Role.SENIOR, site)
        actor = Actor.staff(session.get_one(Account, senior))
    number = history(app, comment, actor)
    caller = sign_in("mo@example.org", role, site)
    undo = f"/console/decisions/{number}/undo"

    def offers(path: str) -> bool:
        return f'action="{undo}' in caller.client.get(path).text

    on_page = client.get(
        f"/api/v1/moderation/threads/{thread}/comments/{comment}",
        headers=staff_token(caller, client, thread),
    ).json["desk"]["undo"]
    offered = {
        "record": offers("/console/decisions"),
        "said": offers(f"/console/cases/{comment}?decided={number}"),
        "page": on_page == number,
    }
    assert offered == dict.fromkeys(offered, may)
    done = caller.client.post(undo, headers=caller.headers)
    assert (done.status_code == 302) is may, done.status_code
