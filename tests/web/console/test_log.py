"""The log by its page and files: what stands in it, what a search finds, who sees what."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from jobs.transactions import reading, writing
from models import Account, ActorKind, Comment, Decision, Role, SanctionKind, Status, db
from moderation import audit, decisions, sanctions, timeline
from moderation.decisions import Actor
from moderation.log_filters import Act, Reach, Wanted
from tests.conftest import set_policy
from tests.web.conftest import Caller

PAGE = "/console/log"
ANNA = Actor(ActorKind.STAFF, 801, "Anna Berg")
SignIn = Callable[..., Caller]


@pytest.fixture
def numbers(app: Flask, site: int, make_comment: Callable[..., int]) -> dict[str, int]:
    """One of each kind of entry."""
    fine, rude = make_comment("All is well."), make_comment("You idiot.")
    with app.app_context(), writing() as session:
        first, second = session.get_one(Comment, fine), session.get_one(Comment, rude)
        rejected = decisions.decide(
            session, second, Status.REJECTED, ANNA, ["spam"], note="Seen before"
        )
        decisions.undo(session, rejected, ANNA)
        audit.record(session, "note written", first, ANNA, site_id=site)
        staff = session.get_one(Account, first.author_id)
        audit.record(session, "role given", staff, ANNA, site_id=site, detail={"role": "senior"})
        found = {"fine": fine, "rude": rude, "author": second.author_id}
    set_policy(app, site, moderation="pre")
    return found


def lines(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    """What a search finds, as JSON lines."""
    answer = caller.client.get(f"{PAGE}.jsonl?{query}")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_everything_is_in_it_newest_first(site: int, sign_in: SignIn, numbers: dict[str, int]):
    admin = sign_in("admin@example.org", Role.ADMIN, site)
    found = lines(admin)
    assert [one["action"] for one in found] == [
        "policy changed", "role given", "note written", "taken back", "rejected", "held",
        "published", "policy changed",
    ]  # fmt: skip
    page = admin.client.get(PAGE).text
    for told in ("Note written", "Role given", "Policy, version 2", "Seen before", "taken back"):
        assert told in page
    assert f"/console/cases/{numbers['rude']}" in page
    table = list(csv.DictReader(io.StringIO(admin.client.get(f"{PAGE}.csv").text)))
    assert [(one["action"], one["actor"]) for one in table] == [
        (one["action"], one["actor"]) for one in found
    ]


def test_people_have_names_and_numbers_beside_them(
    app: Flask, site: int, sign_in: SignIn, make_staff: Callable[..., int], numbers: dict[str, int]
):
    sena = make_staff("sena@example.org", Role.SENIOR, site)
    with app.app_context(), writing() as session:
        account = session.get_one(Account, sena)
        account.name = "Sena <b>Yıl</b>"
        ada = session.get_one(Account, numbers["author"])
        audit.record(session, "role changed", account, ANNA, site_id=site)
        sanctions.impose(session, site, ada, SanctionKind.WARNING, "Be kind.", ANNA)
        author = ada.id
    page = sign_in("admin@example.org", Role.ADMIN, site).client.get(PAGE).text
    told = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert f"Role changed: Sena &lt;b&gt;Yıl&lt;/b&gt; account {sena}" in told
    assert f"Author Ada account {author}" in told
    assert f"Role changed: account {sena}" not in told


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("act=rejected", ["rejected"]),
        ("act=undone", ["taken back"]),
        ("act=policy", ["policy changed", "policy changed"]),
        ("act=staff", ["role given"]),
        ("act=cases", ["note written"]),
        ("act=sanctions", []),
        ("who=staff:801&act=decisions", ["taken back", "rejected"]),
        ("who=system&act=decisions", ["held", "published"]),
        ("comment={fine}", ["note written", "published"]),
        ("author={author}", ["taken back", "rejected", "held"]),
        ("reason=spam", ["rejected"]),
        ("reason=spa", []),
        ("words=anna&act=decisions", ["taken back", "rejected"]),
        ("words=seen+BEFORE", ["rejected"]),
        ("words=senior", ["role given"]),
        ("words=%25", []),
        ("since=2200-01-01", []),
        ("until=2001-01-01", []),
        ("act=rejected&since=2001-01-01&until=2200-01-01", ["rejected"]),
    ],
)
def test_a_search_finds(
    site: int, sign_in: SignIn, numbers: dict[str, int], query: str, actions: list[str]
):
    admin = sign_in("admin@example.org", Role.ADMIN, site)
    query = query.format(**numbers)
    assert [one["action"] for one in lines(admin, query)] == actions
    page = admin.client.get(f"{PAGE}?{query}").text
    assert len(re.findall(r'class="entry-when"', page)) == len(actions)


@pytest.mark.parametrize(
    ("role", "sees_staff"),
    [(Role.ADMIN, True), (Role.SENIOR, False), (Role.MODERATOR, False), (Role.READ_ONLY, False)],
)
def test_what_concerns_the_staff_is_for_admins(
    site: int, sign_in: SignIn, numbers: dict[str, int], role: Role, sees_staff: bool
):
    caller = sign_in("one@example.org", role, site)
    actions = {one["action"] for one in lines(caller)}
    assert ("role given" in actions) == sees_staff
    assert "note written" in actions


def test_a_site_knows_nothing_of_another(
    site: int, other_site: int, sign_in: SignIn, numbers: dict[str, int]
):
    other = sign_in("other@example.org", Role.ADMIN, other_site)
    assert [one["action"] for one in lines(other)] == ["policy changed"]
    assert lines(other, f"comment={numbers['rude']}") == []
    for name in ("", ".csv", ".jsonl"):
        assert other.client.get(f"{PAGE}{name}?site=news").status_code == 404
        assert "Anna" not in other.client.get(f"{PAGE}{name}").text


@pytest.mark.parametrize(
    "query",
    ["act=x", "who=x", "who=staff:x", "comment=x", "author=0", "since=x", "until=0001-01-01",
     "comment=99999999999"],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_said(site: int, sign_in: SignIn, query: str):
    caller = sign_in("one@example.org", Role.MODERATOR, site)
    assert caller.client.get(f"{PAGE}?{query}").status_code == 422
    assert caller.client.get(f"{PAGE}.jsonl?{query}").status_code == 422
    assert caller.client.get(f"{PAGE}?cursor=nonsense").status_code == 422


def _read(limit: int, reach: Reach, wanted: Wanted) -> list[tuple[str, int]]:
    """Page by page, every entry that is found."""
    found, cursor = [], ""
    while True:
        with reading() as session:
            page = timeline.page(session, reach, wanted, cursor, limit)
            found += [(one.source.value, one.id) for one in page.entries]
        if not page.next:
            return found
        assert page.next != cursor
        cursor = page.next


@pytest.mark.parametrize("window", [1, 2, 3, 5_000])
@pytest.mark.parametrize("wanted", [Wanted(), Wanted(words="a"), Wanted(act=Act.HELD)])
def test_pages_lose_and_repeat_nothing(
    app: Flask,
    site: int,
    other_site: int,
    numbers: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
    window: int,
    wanted: Wanted,
):
    set_policy(app, other_site, moderation="pre")
    reach = Reach((site, other_site), frozenset({site, other_site}))
    with app.app_context():
        whole = _read(1_000, reach, wanted)
        monkeypatch.setattr(timeline, "WINDOW", window)
        for limit in (1, 2, 3):
            assert _read(limit, reach, wanted) == whole
    assert whole
    assert len(set(whole)) == len(whole)


def test_the_queries_are_a_fixed_number(
    app: Flask, site: int, numbers: dict[str, int], make_comment: Callable[..., int]
):
    asked: list[str] = []
    reach = Reach((site,), frozenset({site}))
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        with reading() as session:
            timeline.page(session, reach, Wanted(), "", 50)
        few = len(asked)
    for number in range(10):
        make_comment()
        set_policy(app, site, moderation="pre" if number % 2 else "post")
    asked.clear()
    with app.app_context(), reading() as session:
        assert len(timeline.page(session, reach, Wanted(), "", 50).entries) > 20
        assert len(asked) == few
        assert session.scalars(select(Decision.id)).all()


def test_hostile_words_stay_words(app: Flask, site: int, sign_in: SignIn, numbers: dict[str, int]):
    bad = "=1+1<script>alert(1)</script>"
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, numbers["fine"])
        actor = Actor(ActorKind.STAFF, 802, bad)
        decisions.decide(session, comment, Status.REJECTED, actor, [bad], note=bad)
        audit.record(session, "note written", comment, actor, site_id=site, detail={bad: bad})
    admin = sign_in("admin@example.org", Role.ADMIN, site)
    assert "<script>alert(1)" not in admin.client.get(PAGE).text
    for row in csv.reader(io.StringIO(admin.client.get(f"{PAGE}.csv").text)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
