"""The list of batches: named in words, whose they are, and what it costs."""

from __future__ import annotations

import html
import re

from flask import Flask

from jobs import batches as working
from jobs.transactions import reading, writing
from models import ActorKind, BatchState, Comment, Status
from moderation import batches, purges
from moderation.decisions import Actor
from moderation.filters import Filter
from tests.held import fill
from tests.moderation.calibration.test_reading import counted
from tests.web.conftest import Caller
from tests.web.console.batches.conftest import (
    PAGE,
    SURE,
    decide,
    post,
    statuses,
    text_of,
)


def test_a_purge_is_listed_in_words_and_can_be_undone(
    app: Flask, site: int, senior: Caller, held: list[int]
):
    with app.app_context(), writing() as session:
        author = session.get_one(Comment, held[0]).author_id
        actor = Actor(ActorKind.STAFF, 99, "Otto")
        number = purges.begin(session, site, author, actor).id
    with app.app_context():
        working.run(number)
    listed = text_of(senior.client.get(PAGE)).split("Past batches")[1]
    assert "Otto" in listed
    assert "Reject everything that Bo wrote since" in listed
    assert "7 comments rejected" in listed
    post(senior, f"{PAGE}/{number}/undo")
    assert statuses(app) == {"held": 7}


def test_a_batch_about_one_author_is_no_purge(
    app: Flask, site: int, senior: Caller, held: list[int]
):
    with app.app_context(), reading() as session:
        author = session.get_one(Comment, held[0]).author_id
    decide(senior, author=author)
    with app.app_context(), reading() as session:
        assert purges.latest(session, [(author, site)]) == {}
    assert "by Bo" in text_of(senior.client.get(PAGE)).split("Past batches")[1]


def test_an_author_of_elsewhere_is_not_named(
    app: Flask, site: int, other_site: int, senior: Caller, held: list[int]
):
    with app.app_context(), writing() as session:
        number = fill(session, other_site, [0.5])[0]
        author = session.get_one(Comment, number).author_id
        session.get_one(Comment, number).author.name = "Secret"
    sent = {"author": author, "decision": "reject"}
    for address in (PAGE, SURE):
        answer = senior.client.get(address, query_string=sent)
        assert answer.status_code == 200
        assert "Secret" not in answer.text


def test_older_batches(app: Flask, site: int, senior: Caller):
    with app.app_context(), writing() as session:
        for _ in range(22):
            batches.begin(
                session, site, [Status.HELD], Filter(), Status.REJECTED,
                Actor(ActorKind.STAFF, 99, "Otto"),
            ).state = BatchState.DONE  # fmt: skip
    page = senior.client.get(PAGE)
    assert page.text.count('class="entry-what"') == 20
    older = re.findall(r'href="([^"]*before=\d+)[#"]', page.text)[0]
    assert senior.client.get(html.unescape(older)).text.count('class="entry-what"') == 2


def test_it_costs_as_many_queries_for_many_as_for_few(
    app: Flask, site: int, senior: Caller, held: list[int]
):
    def cost(address: str) -> int:
        with app.app_context(), counted() as statements:
            assert senior.client.get(address).status_code == 200
        return len(statements)

    done = decide(senior, least="0.95")
    addresses = [f"{PAGE}?label=insult", f"{SURE}?label=insult&decision=reject", done]
    few = [cost(one) for one in addresses]
    with app.app_context(), writing() as session:
        fill(session, site, [place / 3000 for place in range(3000)], text="More")
    for least in ("0.98", "0.97", "0.96"):
        decide(senior, least=least)
    assert [cost(one) for one in addresses] == few
    assert max(few) <= 20
