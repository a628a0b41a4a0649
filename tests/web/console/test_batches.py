"""The page Batches by its forms: who may, what it counts, what it does and takes back, its cost."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs import batches as working
from jobs.transactions import reading, writing
from models import ActorKind, Batch, BatchState, Comment, Decision, Role, Status
from moderation import batches, decisions, purges, spread
from moderation.decisions import Actor
from moderation.filters import Filter
from tests.held import fill
from tests.moderation.calibration.test_reading import counted
from tests.web.conftest import Caller

PAGE, SURE = "/console/batches", "/console/batches/sure"
SCORES = [0.05, 0.2, 0.5, 0.8, 0.85, 0.9, 1.0]
SignIn = Callable[..., Caller]


def text_of(answer: TestResponse) -> str:
    """A page as its words."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def senior(site: int, sign_in: SignIn) -> Caller:
    """A senior of the site."""
    return sign_in("sena@example.org", Role.SENIOR, site)


@pytest.fixture
def held(app: Flask, site: int) -> list[int]:
    """A held comment for each of SCORES."""
    with app.app_context(), writing() as session:
        return fill(session, site, SCORES)


def statuses(app: Flask) -> Counter[str]:
    """How many comments stand where."""
    with app.app_context(), reading() as session:
        return Counter(one.value for one in session.scalars(select(Comment.status)))


def form_of(page: TestResponse) -> dict[str, str]:
    """The fields of the form that confirms, as a browser without script would send them."""
    form = page.text[page.text.index('class="part sure"') :].split("</form>")[0]
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in fields if name != "csrf_token"}


def confirm(caller: Caller, **asked: Any) -> dict[str, str]:
    """What the confirming page would send."""
    usual = {"label": "insult", "least": "0.80", "most": "1.00", "decision": "reject"}
    page = caller.client.get(SURE, query_string=usual | asked)
    assert page.status_code == 200
    return form_of(page)


def post(caller: Caller, address: str, fields: Any = None, *, script: bool = False) -> TestResponse:
    """Send a form."""
    headers = caller.headers | ({"Accept": "application/json"} if script else {})
    return caller.client.post(address, data=fields or {}, headers=headers)


def decide(caller: Caller, **asked: Any) -> str:
    """Confirm and begin; the address of the batch."""
    answer = post(caller, PAGE, confirm(caller, **asked))
    assert answer.status_code == 302
    return answer.location


@pytest.mark.parametrize(
    ("role", "sees", "decides"),
    [
        (Role.READ_ONLY, 200, 403),
        (Role.MODERATOR, 200, 403),
        (Role.SENIOR, 200, 302),
        (Role.ADMIN, 200, 302),
    ],
)
def test_who_may(
    app: Flask,
    site: int,
    senior: Caller,
    held: list[int],
    sign_in: SignIn,
    role: Role,
    sees: int,
    decides: int,
):
    done = decide(senior, least="0.95")
    fields = confirm(senior)
    who = sign_in("who@example.org", role, site)
    page = who.client.get(PAGE)
    assert page.status_code == who.client.get(done).status_code == sees
    assert "Reject held comments with insult from 0.95 to 1.00" in text_of(page)
    assert ('id="range"' in page.text) == (decides == 302)
    assert ("Undo all" in page.text) == (decides == 302)
    sure = who.client.get(SURE, query_string={"decision": "reject"}).status_code
    assert sure == (200 if decides == 302 else 403)
    assert post(who, PAGE, fields).status_code == decides
    assert post(who, f"{done}/run").status_code == decides
    assert post(who, f"{done}/undo").status_code == decides


def test_others_do_not_learn_that_there_is_something(
    other_site: int, senior: Caller, held: list[int], sign_in: SignIn
):
    done, fields = decide(senior, least="0.95"), confirm(senior)
    stranger = sign_in("stranger@example.org", Role.ADMIN, other_site)
    assert stranger.client.get(f"{PAGE}?site=news").status_code == 404
    assert stranger.client.get(f"{SURE}?site=news&decision=reject").status_code == 404
    assert stranger.client.get(done).status_code == 404
    assert post(stranger, PAGE, fields).status_code == 404
    for act in ("run", "undo"):
        assert post(stranger, f"{done}/{act}").status_code == 404
        assert post(stranger, f"{PAGE}/999/{act}").status_code == 404
    assert "insult" not in text_of(stranger.client.get(PAGE)).split("Past batches")[1]


def test_the_bars_add_up_and_the_range_is_counted(senior: Caller, held: list[int]):
    page = senior.client.get(f"{PAGE}?label=insult&least=0.8")
    cells = [int(one) for one in re.findall(r"</th><td>(\d+)</td>", page.text)]
    assert (len(cells), sum(cells)) == (40, len(SCORES))
    assert len(re.findall(r"<title>0\.\d+ to \d\.\d+: ", page.text)) == 40
    said = text_of(page)
    assert "Insult of 7 held comments" in said
    assert "4 comments" in said
    assert "held from 0.60" in said
    assert not re.search(r"<style| style=| on[a-z]+=", page.text)
    edges = json.loads(html.unescape(re.findall(r'data-edges="([^"]+)"', page.text)[0]))
    assert edges["upto"][100] - edges["below"][80] == 4


def test_what_is_not_looked_at_is_told_and_not_decided(
    app: Flask, senior: Caller, held: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(spread, "MOST", 3)
    said = text_of(senior.client.get(f"{PAGE}?label=insult"))
    assert "There are more: these are the newest 3." in said
    assert "Insult of 3 held comments" in said
    decide(senior, least="", most="")
    assert statuses(app) == {"held": 4, "rejected": 3}


def test_the_sample_is_from_the_range(app: Flask, site: int, senior: Caller):
    with app.app_context(), writing() as session:
        numbers = fill(session, site, [one / 100 for one in range(100)])
    seen = []
    for _ in range(3):
        page = senior.client.get(f"{PAGE}?label=insult&least=0.5&most=0.79")
        cases = [int(one) for one in re.findall(r"/console/cases/(\d+)", page.text)]
        assert len(cases) == 10
        assert set(cases) <= set(numbers[50:80])
        seen.append(cases)
    assert seen[0] != seen[1] or seen[1] != seen[2]


def test_a_long_text_opens_and_nothing_is_rendered(app: Flask, site: int, senior: Caller):
    with app.app_context(), writing() as session:
        fill(session, site, [0.9], text="<b>loud</b> " * 40)
    page = senior.client.get(f"{PAGE}?label=insult")
    assert '<summary><span class="sampled-cut"' in page.text
    assert "<b>loud" not in page.text
    assert page.text.count("&lt;b&gt;loud") > 40


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("state=rejected", "No comment of this site is rejected."),
        ("state=published", "No comment of this site is published."),
        ("label=insult&least=0.91&most=0.95", "Nothing in this range."),
        ("words=nowhere", "Nothing fits."),
        ("words=!!!", "Search for a word: signs alone find nothing."),
        ("language=fr&age=month", "Nothing fits."),
        # What cannot be read is as if it was not asked.
        ("state=all&label=x&least=nan&most=7&age=x&before=x", "7 comments"),
        ("least=0.9&most=0.8", "3 comments"),
    ],
)
def test_what_there_is_to_say(senior: Caller, held: list[int], query: str, said: str):
    answer = senior.client.get(f"{PAGE}?{query}")
    assert answer.status_code == 200
    assert said in text_of(answer)


def test_an_empty_queue_leads_on(senior: Caller, site: int):
    assert "Nothing waits." in text_of(senior.client.get(PAGE))


def test_confirming_says_it_in_words_and_does_nothing(app: Flask, senior: Caller, held: list[int]):
    page = senior.client.get(
        SURE,
        query_string={
            "label": "insult", "least": "0.8", "decision": "reject", "reason": "insult",
            "words": "comment", "age": "day",
        },
    )  # fmt: skip
    said = text_of(page)
    assert "Reject 4 held comments with insult from 0.80 to 1.00 with the words “comment”" in said
    assert "since" in said
    assert statuses(app) == {"held": 7}
    with app.app_context(), reading() as session:
        assert session.scalars(select(Batch)).all() == []


def test_decided_and_taken_back_by_plain_forms(app: Flask, senior: Caller, held: list[int]):
    done = decide(senior, reason="insult")
    assert statuses(app) == {"held": 3, "rejected": 4}
    with app.app_context(), reading() as session:
        made = session.scalars(select(Decision).where(Decision.batch_id > 0)).all()
        assert {one.comment_id for one in made} == set(held[3:])
        assert {(one.actor_name, tuple(one.reasons)) for one in made} == {("sena", ("insult",))}
    said = text_of(senior.client.get(done))
    assert "4 comments rejected" in said
    assert "Reason: Insult" in said
    # One of them is decided again by a colleague: it stays so.
    with app.app_context(), writing() as session:
        other = Actor(ActorKind.STAFF, 99, "Otto")
        decisions.decide(session, session.get_one(Comment, held[3]), Status.PUBLISHED, other)
    assert post(senior, f"{done}/undo").location == done
    assert statuses(app) == {"held": 6, "published": 1}
    listed = text_of(senior.client.get(PAGE)).split("Past batches")[1]
    assert "3 of 4 comments taken back; 1 stays, as it was decided again since" in listed
    assert "Undo all" not in listed
    # Once more changes nothing, and is no fault.
    assert post(senior, f"{done}/undo").status_code == 302
    assert statuses(app) == {"held": 6, "published": 1}


def test_what_comes_in_after_the_question_stays(
    app: Flask, site: int, senior: Caller, held: list[int], make_comment: Callable[..., int]
):
    fields = confirm(senior, label="", least="0.80")
    late = make_comment("What an idiot")
    post(senior, PAGE, fields)
    assert statuses(app) == {"held": 4, "rejected": 4}
    with app.app_context(), reading() as session:
        assert session.get_one(Comment, late).status is Status.HELD


def test_more_than_were_seen_are_asked_about_again(app: Flask, senior: Caller, held: list[int]):
    again = post(senior, PAGE, confirm(senior) | {"count": "3"})
    assert again.status_code == 409
    assert "There are more now than you saw. Nothing was decided" in text_of(again)
    assert form_of(again)["count"] == "4"
    assert statuses(app) == {"held": 7}


def test_two_seniors_at_once(
    app: Flask, site: int, senior: Caller, held: list[int], sign_in: SignIn
):
    other = sign_in("otto@example.org", Role.SENIOR, site)
    mine, theirs = confirm(senior), confirm(other, least="0.90", decision="approve")
    post(other, PAGE, theirs)
    done = post(senior, PAGE, mine).location
    assert statuses(app) == {"held": 3, "published": 2, "rejected": 2}
    late = post(other, PAGE, theirs)
    assert (late.status_code, "Somebody was faster" in text_of(late)) == (409, True)
    # Both take the same one back; the other's own stays.
    assert post(senior, f"{done}/undo").status_code == 302
    assert post(other, f"{done}/undo").status_code == 302
    assert statuses(app) == {"held": 5, "published": 2}
    listed = text_of(other.client.get(PAGE)).split("Past batches")[1]
    assert "sena" in listed
    assert "You" in listed


def test_a_batch_is_gone_on_with(
    app: Flask, site: int, senior: Caller, held: list[int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batches.work, "__defaults__", (2,))
    monkeypatch.setattr(batches.take_back, "__defaults__", (2,))
    monkeypatch.setattr("web.console.batches._AT_FIRST", -1.0)
    monkeypatch.setattr("web.console.batches._BY_SCRIPT", -1.0)
    done = decide(senior)
    assert statuses(app) == {"held": 5, "rejected": 2}
    page = senior.client.get(done)
    assert "2 of 4 rejected so far" in text_of(page)
    assert 'max="100" value="50"' in page.text
    answer = post(senior, f"{done}/run", script=True).json
    assert (answer["outcome"], answer["is_busy"], answer["share"]) == (
        "4 rejected so far", True, 99,
    )  # fmt: skip
    while answer["is_busy"]:
        answer = post(senior, f"{done}/run", script=True).json
    assert (answer["outcome"], answer["share"]) == ("4 comments rejected", 100)
    assert "Undo all" in answer["part"]
    answer = post(senior, f"{done}/undo", script=True).json
    assert (answer["outcome"], answer["state"]) == ("2 of 4 taken back so far", "undoing")
    while answer["is_busy"]:
        answer = post(senior, f"{done}/run", script=True).json
    assert answer["outcome"] == "4 comments rejected, all taken back"
    assert statuses(app) == {"held": 7}
    # Stopped before its end: what was done is taken back, and nothing more is decided.
    done = decide(senior)
    answer = post(senior, f"{done}/undo", script=True).json
    while answer["is_busy"]:
        answer = post(senior, f"{done}/run", script=True).json
    assert (answer["state"], statuses(app)) == ("undone", {"held": 7})


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "unscored"},
        {"state": ""},
        {"least": "x"},
        {"most": "1.5"},
        {"most": "nan"},
        {"until": ""},
        {"until": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"signal": "nonsense"},
        {"label": "nonsense"},
        {"author": "x"},
        {"count": "x"},
        {"decision": "withdraw"},
        {"reason": "nonsense"},
        {"state": "published", "decision": "approve"},
        {"words": "!!!"},
    ],
)
def test_what_cannot_be_read_decides_nothing(
    app: Flask, senior: Caller, held: list[int], wrong: dict[str, str]
):
    assert post(senior, PAGE, confirm(senior) | wrong).status_code == 422
    assert statuses(app) == {"held": 7}


def test_a_form_needs_its_token(app: Flask, senior: Caller, held: list[int]):
    fields = confirm(senior)
    app.config["WTF_CSRF_ENABLED"] = True
    assert senior.client.post(PAGE, data=fields).status_code == 400
    assert statuses(app) == {"held": 7}


@pytest.mark.parametrize(
    ("state", "decision", "after"),
    [
        (Status.HELD, "approve", "published"),
        (Status.PUBLISHED, "reject", "rejected"),
        (Status.REJECTED, "approve", "published"),
    ],
)
def test_each_queue(
    app: Flask, site: int, senior: Caller, state: Status, decision: str, after: str
):
    with app.app_context(), writing() as session:
        fill(session, site, [0.1, 0.9], status=state)
    page = senior.client.get(f"{PAGE}?state={state}&label=insult")
    assert f'value="{decision}">' in page.text
    decide(senior, state=state.value, decision=decision)
    assert statuses(app) == {state.value: 1, after: 1}


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
