"""Sanctions over HTTP: each one against each door of a reader, per site, and at the desk."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import AuditEntry, Comment, Role, utcnow
from tests.conftest import OTHER_ORIGIN, PAGE
from tests.web.conftest import Caller

_WORDS = {"text": "Good day.", "author_name": "Ada"}
_WHY = "Be kind to each other."
# What an author may try, in the order of the columns below.
TRIED: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("POST", "/threads/{thread}/comments", _WORDS),
    ("PATCH", "/comments/{own}", {"text": "Changed."}),
    ("POST", "/preview", {"text": "a", "url": PAGE}),
    ("PUT", "/comments/{other}/vote", {"value": 1}),
    ("POST", "/comments/{other}/reports", {"reason": "spam"}),
    ("PUT", "/threads/{thread}/points", None),
    ("DELETE", "/comments/{other}/vote", None),
    ("DELETE", "/threads/{thread}/points", None),
    ("GET", "/threads/{thread}/mine", None),
    ("GET", "/threads/{thread}/comments", None),
    ("DELETE", "/comments/{own}", None),
)
_W, _M, _B = "warned", "muted", "banned"
OPEN = (201, 200, 200, 200, 201, 200, 200, 200, 200, 200, 200)
# Sanction by sanction: a status, or the kind of the 403.
EXPECTED: dict[str, tuple[int | str, ...]] = {
    "nothing": OPEN,
    "warning": (_W, _W, *OPEN[2:]),
    "mute": (_M, _M, _M, *OPEN[3:]),
    "hold": OPEN,
    "ban": (_B, _B, _B, _B, _B, _B, *OPEN[6:]),
}


@dataclass
class Scene:
    """An author with a comment beside somebody else's, and a moderator's program."""

    author: int
    reader: Caller
    key: Caller
    numbers: dict[str, int]

    def impose(self, kind: str, **more: Any) -> dict[str, Any]:
        """Impose a sanction through the API."""
        if kind == "mute":
            more = {"until": (utcnow() + timedelta(days=1)).isoformat()} | more
        answer = self.key.client.post(
            f"/api/v1/moderation/authors/{self.author}/sanctions",
            json={"kind": kind, "told": _WHY, **more},
            headers=self.key.headers,
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json)

    def call(self, method: str, path: str, sent: Any = None) -> Any:
        """What the author is answered."""
        return self.reader.client.open(
            f"/api/v1{path.format(**self.numbers)}",
            method=method,
            json=sent,
            headers=self.reader.headers,
        )

    def post(self) -> Any:
        """The author posts a comment."""
        return self.call(*TRIED[0])


@pytest.fixture
def scene(
    app: Flask,
    scoring: Flask,
    client: Any,
    site: int,
    thread: int,
    make_comment: Callable[..., int],
    make_key: Callable[..., dict[str, str]],
    token_of: Callable[[int], str],
) -> Scene:
    """The scene."""
    own, other = make_comment("Mine."), make_comment("Theirs.")
    with app.app_context(), reading() as session:
        author = session.get_one(Comment, own).author_id
    return Scene(
        author,
        Caller(client, {"Authorization": f"Bearer {token_of(author)}"}),
        Caller(client, make_key(site, "pk_ours")),
        {"thread": thread, "own": own, "other": other},
    )


@pytest.mark.parametrize("kind", EXPECTED)
def test_each_sanction_against_each_door(scene: Scene, kind: str):
    if kind != "nothing":
        scene.impose(kind)
    answered: list[int | str] = []
    for method, path, sent in TRIED:
        answer = scene.call(method, path, sent)
        refused = answer.status_code == 403
        answered.append(answer.json["type"].partition("#")[2] if refused else answer.status_code)
        if refused:
            assert _WHY in answer.json["detail"]
            told = answer.json["sanction"]
            assert (told["kind"], told["told"], told["automated"]) == (kind, _WHY, True)
            assert all(told[part] for part in ("id", "since", "scope", "objection", "decided_by"))
            assert bool(told["until"]) == (kind == "mute")
    assert tuple(answered) == EXPECTED[kind]


def test_what_stands_is_told_to_its_author_alone(scene: Scene, client: Any):
    scene.impose("hold")
    scene.impose("mute")
    told = scene.call("GET", "/threads/{thread}/mine").json["sanctions"]
    assert [(one["kind"], one["told"]) for one in told] == [("hold", _WHY), ("mute", _WHY)]
    thread = scene.numbers["thread"]
    assert client.get(f"/api/v1/threads/{thread}/mine").json["sanctions"] == []


def test_a_held_author_waits_and_a_warned_one_goes_on_after_reading(scene: Scene):
    warning = scene.impose("warning")["sanction"]["id"]
    assert scene.post().status_code == 403
    left = scene.call("POST", f"/sanctions/{warning}/acknowledgement", {})
    assert (left.status_code, left.json["sanctions"]) == (200, [])
    assert scene.post().json["comment"]["status"] == "published"
    scene.impose("hold")
    posted = scene.post()
    assert (posted.status_code, posted.json["comment"]["status"]) == (201, "held")
    case = scene.key.client.get(
        f"/api/v1/moderation/cases/{posted.json['comment']['id']}", headers=scene.key.headers
    ).json["case"]
    assert "sanctioned" in case["reasons"]
    assert case["author"]["sanctions"] == ["hold"]


def test_a_warning_acknowledged_twice_at_once_is_written_down_once(app: Flask, scene: Scene):
    warning = scene.impose("warning")["sanction"]["id"]

    def acknowledge(_: int) -> int:
        answer = app.test_client().post(
            f"/api/v1/sanctions/{warning}/acknowledgement", json={}, headers=scene.reader.headers
        )
        return answer.status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(acknowledge, range(4))) == {200}
    with app.app_context(), reading() as session:
        acts = session.scalars(select(AuditEntry.action)).all()
    assert sorted(acts) == ["sanction imposed", "warning acknowledged"]


def test_a_mute_is_over_when_it_says_so(scene: Scene):
    scene.impose("mute", until=(utcnow() + timedelta(hours=1)).isoformat())
    refused = scene.post()
    assert refused.json["type"].endswith("#muted")
    assert "UTC" in refused.json["detail"]
    with time_machine.travel(utcnow() + timedelta(minutes=61), tick=True):
        assert scene.post().status_code == 201


def test_a_sanction_replaced_and_lifted(scene: Scene):
    first = scene.impose("mute")["sanction"]["id"]
    again = scene.impose("mute")
    assert again["replaces"] == first
    second = again["sanction"]["id"]

    def lift(number: int) -> Any:
        return scene.key.client.post(
            f"/api/v1/moderation/sanctions/{number}/lift", json={}, headers=scene.key.headers
        )

    assert lift(first).status_code == 409
    assert lift(second).json["sanction"]["stands"] is False
    assert scene.post().status_code == 201
    listed = scene.key.client.get(
        f"/api/v1/moderation/authors/{scene.author}/sanctions", headers=scene.key.headers
    ).json["sanctions"]
    assert [(one["id"], one["state"]) for one in listed] == [(second, "lifted"), (first, "lifted")]


@pytest.mark.parametrize("kind", ["warning", "mute", "hold", "ban"])
def test_another_site_knows_nothing_of_it(
    scene: Scene, other_site: int, make_key: Callable[..., dict[str, str]], kind: str
):
    number = scene.impose(kind)["sanction"]["id"]
    begun = scene.call("POST", "/threads", {"url": f"{OTHER_ORIGIN}/story"})
    scene.numbers["thread"] = begun.json["thread"]["id"]
    posted = scene.post()
    assert (posted.status_code, posted.json["comment"]["status"]) == (201, "published")
    assert scene.call("GET", "/threads/{thread}/mine").json["sanctions"] == []
    theirs = make_key(other_site, "pk_theirs")
    path = f"/api/v1/moderation/authors/{scene.author}/sanctions"
    listed = scene.key.client.get(path, headers=theirs)
    assert (listed.status_code, listed.json["sanctions"]) == (200, [])
    lifted = scene.key.client.post(
        f"/api/v1/moderation/sanctions/{number}/lift", json={}, headers=theirs
    )
    assert lifted.status_code == 404


def test_who_sees_several_sites_says_which(
    app: Flask, scene: Scene, site: int, other_site: int, sign_in: Callable[..., Caller]
):
    both = sign_in("both@example.org", Role.MODERATOR, site, other_site)
    path = f"/api/v1/moderation/authors/{scene.author}/sanctions"
    assert both.client.get(path).status_code == 422
    assert both.client.get(f"{path}?site=news").status_code == 200
    assert both.client.get(f"{path}?site=other").status_code == 404
    assert both.client.get(f"{path}?site=nowhere").status_code == 404
    with app.app_context(), writing() as session:
        assert session.get_one(Comment, scene.numbers["own"]).site_id == site
