"""The desk's panel and page of an author: forms without script, answers to the script, per site."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from discussion import comments as posting
from discussion import threads
from jobs.transactions import reading, writing
from models import (
    Account,
    Batch,
    BatchState,
    Comment,
    Report,
    ReportReason,
    ReportState,
    Role,
    Sanction,
    SanctionState,
    Status,
    utcnow,
)
from moderation import decisions, sanctions
from tests.conftest import OTHER_ORIGIN, status_of
from tests.web.conftest import Caller
from web.runtime import runtime_of

SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def author(app: Flask, make_comment: Callable[..., int]) -> dict[str, int]:
    """An author with a published, a held and a withdrawn comment."""
    numbers = {
        "published": make_comment("All is well.", name="Ada"),
        "held": make_comment("You idiot.", name="Ada L."),
        "withdrawn": make_comment("Never mind."),
    }
    with app.app_context(), writing() as session:
        who = session.get_one(Comment, numbers["published"]).author
        for number in numbers.values():
            session.get_one(Comment, number).author_id = who.id
        gone = session.get_one(Comment, numbers["withdrawn"])
        decisions.decide(session, gone, Status.WITHDRAWN, decisions.Actor.author(who))
        return numbers | {"id": who.id}


@pytest.fixture
def mo(sign_in: Callable[..., Caller], site: int) -> Caller:
    """A senior moderator."""
    return sign_in("mo@example.org", Role.SENIOR, site)


def post(caller: Caller, path: str, sent: dict[str, Any], *, script: bool = False) -> Any:
    """Send one of the console's forms."""
    headers = caller.headers | (SCRIPT if script else {})
    return caller.client.post(f"/console{path}", data=sent, headers=headers)


def standing(app: Flask, site: int, account_id: int) -> list[tuple[str, str, int]]:
    """What binds an author: kind, told, comment."""
    with app.app_context(), reading() as session:
        found = sanctions.standing(session, site, account_id)
        return [(one.kind.value, one.told, one.comment_id) for one in found]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("warning", "Warned"),
        ("mute", "Muted until"),
        ("hold", "waits for a person"),
        ("ban", "Banned from this site"),
    ],
)
def test_imposed_and_lifted_by_plain_forms(app, site, author, mo: Caller, kind, said):
    sent = {"site_id": site, "comment": author["held"], "reason": "insult", "told": ""}
    form = f"/authors/{author['id']}/sanctions?from=case"
    answer = post(mo, form, sent | {"kind": kind, "length": "week"})
    assert answer.status_code == 302
    assert answer.location.startswith(f"/console/cases/{author['held']}?sanction=")
    told = "Your comment insults somebody. Say it without the insult."
    assert standing(app, site, author["id"]) == [(kind, told, author["held"])]
    page = mo.client.get(answer.location)
    assert said in page.text
    number = answer.location.partition("sanction=")[2]
    lift = f"/authors/{author['id']}/sanctions/{number}/lift"
    # From the notice and from the panel.
    assert page.text.count(lift) == 2
    back = post(mo, f"{lift}?from=case", {"comment": author["held"]})
    assert "Lifted" in mo.client.get(back.location).text
    assert standing(app, site, author["id"]) == []


def test_what_is_typed_is_told_and_the_same_again_replaces(app, site, author, mo: Caller):
    sent = {"site_id": site, "kind": "mute", "reason": "insult", "told": "Take a <b>walk</b>."}
    form = f"/authors/{author['id']}/sanctions?from=author"
    first = post(mo, form, sent | {"length": "hour"}, script=True).json
    assert first["said"].startswith("Muted until")
    assert "Take a &lt;b&gt;walk&lt;/b&gt;." in first["panel"]
    again = post(mo, form, sent | {"length": "day"}, script=True).json
    assert "in the place of the earlier one" in again["said"]
    assert standing(app, site, author["id"]) == [("mute", sent["told"], 0)]
    with app.app_context(), reading() as session:
        ends = sanctions.standing(session, site, author["id"])[0].ends_at
        assert timedelta(hours=23) < ends - utcnow() < timedelta(hours=25)
    undone = post(mo, again["undo"].removeprefix("/console"), {}, script=True).json
    assert (undone["said"], undone["undo"]) == ("Lifted — the author can write again.", "")
    refused = post(mo, again["undo"].removeprefix("/console"), {}, script=True)
    assert (refused.status_code, refused.json["panel"]) == (409, "")
    with time_machine.travel(utcnow() + timedelta(hours=11), tick=False):
        page = mo.client.get(f"/console/authors/{author['id']}")
        assert "replaced by" in page.text
        assert "lifted by" in page.text


def test_what_a_form_may_not(app, site, author, mo: Caller, make_staff):
    form = f"/authors/{author['id']}/sanctions"
    sent = {"site_id": site, "kind": "mute", "reason": "insult"}
    assert post(mo, form, sent | {"length": "century"}).status_code == 422
    assert post(mo, form, sent | {"kind": "death"}).status_code == 422
    assert post(mo, form, sent | {"kind": "ban", "reason": "none"}, script=True).status_code == 422
    bare = mo.client.post(f"/console{form}", data=sent | {"length": "day"})
    assert bare.status_code == 400
    assert standing(app, site, author["id"]) == []


def test_roles_and_sites(app, site, other_site, author, sign_in: Callable[..., Caller]):
    page = f"/console/authors/{author['id']}"
    ban = {"site_id": site, "kind": "ban", "reason": "insult"}
    form = f"/authors/{author['id']}/sanctions"
    purge = f"/authors/{author['id']}/purges"
    reads = sign_in("reads@example.org", Role.READ_ONLY, site)
    decides = sign_in("decides@example.org", Role.MODERATOR, site)
    elsewhere = sign_in("elsewhere@example.org", Role.ADMIN, other_site)
    table = {
        "read-only": (reads, 200, 403, 403),
        "moderator": (decides, 200, 302, 403),
        "elsewhere": (elsewhere, 404, 404, 404),
    }
    for name, (caller, shown, sanctioned, purged) in table.items():
        assert caller.client.get(page).status_code == shown, name
        panel = caller.client.get(f"{page}/panel?site_id={site}")
        assert panel.status_code == shown, name
        if shown == 200:
            assert ('value="ban"' in panel.text) == (sanctioned == 302), name
            assert "Reject all" not in panel.text
        assert post(caller, form, ban).status_code == sanctioned, name
        assert post(caller, purge, {"site_id": site}).status_code == purged, name
    # Their own site's number does not help: nobody of that name wrote there.
    own = post(elsewhere, form, ban | {"site_id": other_site})
    assert own.status_code == 404
    assert status_of(app, author["published"]) == "published"


def test_the_page_shows_what_is_known_here_and_nothing_of_elsewhere(
    app, site, other_site, author, make_comment, mo: Caller, sign_in: Callable[..., Caller]
):
    theirs = [make_comment("One."), make_comment("Two."), make_comment("Three.")]
    with app.app_context(), writing() as session:
        where = threads.locate(session, f"{OTHER_ORIGIN}/story")
        thread = threads.find_or_begin(session, where)[0]
        account = session.get_one(Account, author["id"])
        account.name = "Other name"
        limits = runtime_of(app).limits
        words = posting.draft("A word elsewhere.", limits.text)
        posting.post(session, thread, account, words, None, limits)
        states = (ReportState.UPHELD, ReportState.UPHELD, ReportState.OPEN)
        for number, state in zip(theirs, states, strict=True):
            session.add(
                Report(
                    comment_id=number,
                    account_id=account.id,
                    reason=ReportReason.SPAM,
                    state=state,
                )
            )
    page = mo.client.get(f"/console/authors/{author['id']}").text
    assert "All is well." in page
    assert "Ada L." in page
    assert "3: 2 upheld, 0 dismissed, 1 open" in page
    assert "elsewhere" not in page.replace("elsewhere@", "")
    assert "Other name" not in page
    other = sign_in("other@example.org", Role.MODERATOR, other_site)
    there = other.client.get(f"/console/authors/{author['id']}").text
    assert "A word elsewhere." in there
    assert "All is well." not in there
    both = sign_in("both@example.org", Role.MODERATOR, site, other_site)
    chosen = both.client.get(f"/console/authors/{author['id']}?site=other").text
    assert "A word elsewhere." in chosen
    assert "All is well." not in chosen
    assert both.client.get(f"/console/authors/{author['id']}?site=none").status_code == 404
    assert mo.client.get("/console/authors/99999").status_code == 404


def test_a_long_list_goes_on(app, author, make_comment, mo: Caller):
    with app.app_context(), writing() as session:
        first = session.get_one(Comment, author["published"])
        for number in range(60):
            session.add(
                Comment(
                    site_id=first.site_id,
                    thread_id=first.thread_id,
                    author_id=author["id"],
                    author_name="Ada",
                    text=f"Number {number} of many",
                    html="",
                )
            )
    page = mo.client.get(f"/console/authors/{author['id']}").text
    assert page.count("of many") == 50
    older = page.partition("cursor=")[2].partition('"')[0].partition("#")[0]
    rest = mo.client.get(f"/console/authors/{author['id']}?site=news&cursor={older}").text
    assert rest.count("of many") == 10
    assert "Older comments" not in rest


@pytest.mark.parametrize("place", ["author", "queue", "case"])
def test_all_of_a_day_rejected_and_taken_back(app, site, author, mo: Caller, make_comment, place):
    old, other = make_comment("Last week."), make_comment("Somebody else’s.")
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, old)
        comment.author_id = author["id"]
        comment.created_at = utcnow() - timedelta(days=7)
    sent = {"site_id": site, "reason": "spam", "comment": author["held"]}
    answer = post(mo, f"/authors/{author['id']}/purges?from={place}", sent)
    ways = {"author": "/console/authors/", "queue": "/console/?", "case": "/console/cases/"}
    assert answer.location.startswith(ways[place])
    mine = [author["published"], author["held"]]
    assert [status_of(app, one) for one in mine] == ["rejected", "rejected"]
    spared = [status_of(app, one) for one in (author["withdrawn"], old, other)]
    assert spared == ["withdrawn", "published", "published"]
    page = mo.client.get(answer.location).text
    assert "Rejected 2 comments of the last day" in page
    with app.app_context(), reading() as session:
        batch = session.query(Batch).one()
        number = batch.id
        assert batch.state is BatchState.DONE
        assert batch.reasons == ["spam"]
    undo = f"/authors/{author['id']}/purges/{number}/undo"
    notice = page.partition('id="undo"')[2].partition(">")[0]
    assert undo in notice
    back = post(mo, f"{undo}?from={place}", sent)
    assert [status_of(app, one) for one in mine] == ["published", "held"]
    after = mo.client.get(back.location).text
    assert "Taken back — 2 of 2 comments stand as before." in after
    assert "Take all back" not in after
    again = post(mo, undo, sent, script=True)
    assert (again.status_code, again.json["said"]) == (409, "This batch was taken back already.")


def test_a_batch_of_another_author_is_not_taken_back_here(app, site, author, mo, make_comment):
    number = make_comment("Mine.")
    with app.app_context(), reading() as session:
        other = session.get_one(Comment, number).author_id
    post(mo, f"/authors/{author['id']}/purges", {"site_id": site})
    with app.app_context(), reading() as session:
        number = session.query(Batch).one().id
    assert post(mo, f"/authors/{other}/purges/{number}/undo", {}).status_code == 404
    assert status_of(app, author["published"]) == "rejected"


def test_a_lifted_sanction_is_written_down_with_who(app, site, author, mo: Caller):
    form = f"/authors/{author['id']}/sanctions"
    post(mo, form, {"site_id": site, "kind": "hold", "reason": "insult"})
    with app.app_context(), reading() as session:
        number = session.query(Sanction).one().id
    post(mo, f"{form}/{number}/lift", {})
    page = mo.client.get(f"/console/authors/{author['id']}").text
    assert "lifted by <bdi>you</bdi>" in page
    with app.app_context(), reading() as session:
        assert session.get_one(Sanction, number).state is SanctionState.LIFTED


def test_the_way_back_keeps_the_filters_of_the_queue(app, site, author, mo: Caller):
    form = f"/authors/{author['id']}/sanctions?from=queue&state=held&order=riskiest&words=idiot"
    sent = {"site_id": site, "kind": "hold", "reason": "insult", "told": "Wait."}
    answer = post(mo, form, sent)
    for kept in ("state=held", "order=riskiest", "words=idiot", "sanction="):
        assert kept in answer.location
    # Taking it back from the notice leads to the same list.
    page = html.unescape(mo.client.get(answer.location).text)
    undo = re.search(r'id="undo" action="([^"]+)"', page)
    assert undo is not None
    assert "from=queue" in undo[1]
    assert "words=idiot" in undo[1]
