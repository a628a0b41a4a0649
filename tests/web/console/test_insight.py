"""Insight by its page, files and API: who sees which figures, and that all say the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from discussion.transfer import sheets
from jobs.transactions import writing
from models import ActorKind, Role, Status, utcnow
from moderation.decisions import Actor
from tests.moderation.histories import ANNA, History
from tests.web.conftest import Caller

PAGE = "/console/insight"
SignIn = Callable[..., Caller]


def fill(app: Flask, site: int, *actors: Actor, reason: str = "spam") -> None:
    """A rejection by each of some people, yesterday."""
    at = utcnow() - timedelta(days=1)
    with app.app_context(), writing() as session:
        told = History(session, site)
        for actor in actors or (ANNA,):
            told.held_then(Status.REJECTED, at - timedelta(hours=1), 12, actor, [reason])


def get(caller: Caller, path: str) -> Any:
    """A page or a file."""
    answer = caller.client.get(path, headers=caller.headers)
    assert answer.status_code == 200, answer.text
    return answer


def rows(caller: Caller, query: str) -> list[list[str]]:
    """A table as CSV."""
    return list(csv.reader(io.StringIO(get(caller, f"{PAGE}.csv?{query}").text)))


def me(caller: Caller, app: Flask) -> Actor:
    """Who is signed in."""
    with caller.client.session_transaction() as kept, app.app_context(), writing() as session:
        from models import Account

        account = session.query(Account).filter_by(fs_uniquifier=kept["_user_id"]).one()
        return Actor.staff(account)


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.ADMIN, {"Anna", "own"}),
        (Role.SENIOR, {"Anna", "own"}),
        (Role.MODERATOR, {"own"}),
        (Role.READ_ONLY, {"own"}),
    ],
)
def test_whose_figures_are_shown(app: Flask, site: int, sign_in: SignIn, role: Role, names: Any):
    caller = sign_in("own@example.org", role, site)
    fill(app, site, ANNA, me(caller, app))
    page = get(caller, PAGE).text
    assert ("Anna" in page) == ("Anna" in names)
    assert {row[0] for row in rows(caller, "table=people")[1:]} == names
    assert {one["name"] for one in get(caller, f"{PAGE}.json").json["people"]} == names
    assert get(caller, PAGE + ".json").json["total"]["human"]["rejected"] == 2


def test_another_sites_figures_are_in_nothing(
    app: Flask, site: int, other_site: int, sign_in: SignIn
):
    fill(app, site, reason="onlythere")
    other = sign_in("other@example.org", Role.ADMIN, other_site)
    assert "Nothing happened" in get(other, PAGE).text
    for path in (PAGE, f"{PAGE}.json", f"{PAGE}.csv?table=reasons"):
        assert "onlythere" not in get(other, path).text
        joiner = "&" if "?" in path else "?"
        assert other.client.get(f"{path}{joiner}site=news").status_code == 404


def test_files_and_api_say_what_the_page_says(
    app: Flask, site: int, sign_in: SignIn, make_key: Any
):
    fill(app, site)
    senior = sign_in("senior@example.org", Role.SENIOR, site)
    table = re.findall(r"<tr>(.*?)</tr>", get(senior, f"{PAGE}?range=7d").text, re.DOTALL)
    shown = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table]
    days = rows(senior, "range=7d")
    assert days[0][:2] == ["Day (UTC)", "Written"]
    assert len(days) == 8
    yesterday = next(row for row in days if row[1] == "1")
    assert yesterday[1:] == ["1", "0", "1", "0", "1", "0", "1", "0", "0", "0", "1", "720", "720"]
    assert [*yesterday[1:12], "12 min", "12 min"] in shown
    answer = get(senior, f"{PAGE}.json?range=7d").json
    query = f"since={answer['since']}&until={answer['until']}&by=day"
    api = get(senior, f"/api/v1/moderation/insight?{query}").json
    assert api == answer
    day = next(one for one in answer["steps"] if one["written"])
    assert day["wait"] == {"count": 1, "median_seconds": 720, "p90_seconds": 720}
    program = Caller(app.test_client(), make_key(site, "pk_one"))
    assert get(program, f"/api/v1/moderation/insight?{query}").json["people"] == []


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(beginning: str):
    hostile = f"{beginning}cmd|' /C calc'!A0"
    cell = next(csv.reader(io.StringIO(sheets.written([[hostile, -1]]), newline="")))
    assert cell[0] == f"'{hostile}"
    assert cell[1] == "-1"


def test_a_hostile_name_and_reason_stay_text(app: Flask, site: int, sign_in: SignIn):
    name = '=HYPERLINK("https://evil.example")<script>alert(1)</script>'
    fill(app, site, Actor(ActorKind.STAFF, 99, name), reason="@SUM(1)")
    admin = sign_in("admin@example.org", Role.ADMIN, site)
    assert "<script>alert(1)" not in get(admin, PAGE).text
    assert rows(admin, "table=people")[1][0] == f"'{name}"
    assert ["'@SUM(1)", "rejected by people", "1"] in rows(admin, "table=reasons")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=2026-02-30&until=2026-03-01", "such as 2026-01-31"),
        ("since=2026-03-02&until=2026-03-01", "before it begins"),
        ("since=2020-01-01&until=2026-03-01", "400 are the most"),
        ("since=0001-01-01&until=0001-01-02", "from the year 2000"),
    ],
)
def test_what_is_no_period_is_said(site: int, sign_in: SignIn, query: str, said: str):
    reader = sign_in("reader@example.org", Role.READ_ONLY, site)
    for path in (PAGE, f"{PAGE}.json", f"{PAGE}.csv"):
        answer = reader.client.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert said in answer.text


def test_own_dates_and_weeks(app: Flask, site: int, sign_in: SignIn):
    with app.app_context(), writing() as session:
        History(session, site).comment(datetime(2026, 3, 4, tzinfo=UTC))
    reader = sign_in("reader@example.org", Role.READ_ONLY, site)
    weeks = rows(reader, "since=2026-03-01&until=2026-03-10&by=week")
    assert [row[:2] for row in weeks[1:]] == [
        ["2026-03-01", "0"], ["2026-03-02", "1"], ["2026-03-09", "0"],
    ]  # fmt: skip
    assert (
        "Week from 2 Mar 2026"
        in get(reader, f"{PAGE}?since=2026-03-01&until=2026-03-10&by=week").text
    )
