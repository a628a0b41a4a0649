"""Batches over HTTP: who may, what is decided, what is taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from models import Role
from tests.conftest import status_of
from tests.web.conftest import Caller

_BATCHES = "/api/v1/moderation/batches"
_RUDE = {"site": "news", "state": "held", "decision": "reject", "words": "river"}


@pytest.mark.parametrize(
    ("role", "expected"),
    [(Role.READ_ONLY, 403), (Role.MODERATOR, 403), (Role.SENIOR, 201), (Role.ADMIN, 201)],
)
def test_it_takes_a_senior(
    site: int, sign_in: Callable[..., Caller], role: Role, expected: int
) -> None:
    caller = sign_in("one@example.org", role, site)
    answer = caller.client.post(_BATCHES, json=_RUDE, headers=caller.headers)
    assert answer.status_code == expected


def test_all_that_fit_are_decided_and_taken_back(
    app: Flask,
    site: int,
    other_site: int,
    make_comment: Callable[..., int],
    sign_in: Callable[..., Caller],
) -> None:
    fits = [make_comment(f"You idiot of a river {number}") for number in range(3)]
    others = [make_comment("You idiot of a bridge"), make_comment("A fine river")]
    before = [status_of(app, number) for number in others]
    senior = sign_in("senior@example.org", Role.SENIOR, site)
    made = senior.client.post(
        _BATCHES, json={**_RUDE, "reasons": ["insult"]}, headers=senior.headers
    ).json["batch"]
    assert (made["state"], made["decided"], made["reasons"]) == ("done", 3, ["insult"])
    assert {status_of(app, number) for number in fits} == {"rejected"}
    assert [status_of(app, number) for number in others] == before
    stranger = sign_in("far@example.org", Role.ADMIN, other_site)
    for way in ("undo", "run"):
        path = f"{_BATCHES}/{made['id']}/{way}"
        assert stranger.client.post(path, json={}, headers=stranger.headers).status_code == 404
    assert stranger.client.get(_BATCHES).json["batches"] == []
    undone = senior.client.post(
        f"{_BATCHES}/{made['id']}/undo", json={}, headers=senior.headers
    ).json["batch"]
    assert (undone["state"], undone["taken_back"]) == ("undone", 3)
    assert {status_of(app, number) for number in fits} == {"held"}
    again = senior.client.post(f"{_BATCHES}/{made['id']}/undo", json={}, headers=senior.headers)
    assert again.status_code == 409
    assert [one["id"] for one in senior.client.get(_BATCHES).json["batches"]] == [made["id"]]


def test_the_queue_is_narrowed_by_parameters(
    site: int, make_comment: Callable[..., int], sign_in: Callable[..., Caller]
) -> None:
    river, bridge = make_comment("You idiot of a river"), make_comment("A fine bridge")
    caller = sign_in("one@example.org", Role.READ_ONLY, site)

    def found(query: str) -> list[int]:
        page = caller.client.get(f"/api/v1/moderation/queue?{query}").json
        return [case["id"] for case in page["cases"]]

    assert found("state=all") == [bridge, river]
    assert found("state=all&words=river") == [river]
    assert found("state=published&words=river") == []
    assert found("state=all&label=insult&most=0.5") == [bridge]
    assert found("state=all&since=2999-01-01T00:00:00Z") == []
    refused = caller.client.get("/api/v1/moderation/queue?words=!")
    assert refused.status_code == 422
