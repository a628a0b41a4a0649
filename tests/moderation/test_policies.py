"""Policies: every change is a version with a name, threads differ, decisions say which stood."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jobs.transactions import reading, writing
from models import Account, ActorKind, Comment, Decision, Moderation, Policy, Site, Thread
from moderation import policies, policy, screening
from moderation.decisions import SYSTEM, Actor
from moderation.errors import Invalid, StaleVersion, Unchanged
from moderation.signals.facts import Thresholds
from moderation.values import Values
from tests.conftest import PAGE, WordClassifier, set_policy, status_of

MakeComment = Callable[..., int]
ANNA = Actor(ActorKind.STAFF, 7, "Anna")


def site_row(session: Session, site: int) -> Site:
    """The site, as it is changed."""
    return session.get_one(Site, site)


def test_a_change_is_a_new_version_that_says_who_and_what(session: Session, site: int) -> None:
    made = policies.change(
        session, site_row(session, site), {"thresholds": {"insult": [0.4, 0.9]}}, ANNA, note="Why."
    )
    assert made == site_row(session, site).policy_version == 2
    assert policies.standing(session, site).thresholds["insult"] == Thresholds(0.4, 0.9)
    newest, first = policies.changes(session, site)
    assert (newest.number, newest.who, newest.note) == (2, "Anna", "Why.")
    (change,) = newest.changes
    assert (change.name, change.before, change.after) == (
        "thresholds.insult", "0.6 1.0", "0.4 0.9",
    )  # fmt: skip
    assert (first.number, first.who) == (1, "Parley")
    assert [v.number for v in policies.changes(session, site, before=2)] == [1]


def test_the_history_names_what_came_and_went_also_across_its_pages(
    session: Session, site: int, thread: int
) -> None:
    row = site_row(session, site)
    for words in (["tea", "coffee"], ["coffee", "water"], []):
        policies.change(session, row, {"banned_words": words}, ANNA)
    policies.change(session, row, {"held_domains": ["spam.example"]}, ANNA, thread_id=thread)
    policies.change(session, row, {"held_domains": []}, ANNA, thread_id=thread)
    told = {one.number: one.what for one in policies.changes(session, site)}
    assert told[2] == "banned_words: +tea, +coffee"
    assert told[3] == "banned_words: −tea, +water"
    assert told[4] == "banned_words: −coffee, −water"
    assert told[5] == "held_domains: +spam.example"
    assert told[6] == "held_domains: −spam.example"
    paged = []
    for before in (None, 6, 5, 4, 3, 2):
        paged += policies.changes(session, site, before=before, limit=1)
    assert {one.number: one.what for one in paged} == told


def test_nothing_is_no_version(session: Session, site: int) -> None:
    with pytest.raises(Unchanged):
        policies.change(session, site_row(session, site), {"nudges": True}, ANNA)
    with pytest.raises(Invalid):
        policies.change(session, site_row(session, site), {"nudges": 3}, ANNA)
    assert site_row(session, site).policy_version == 1


def test_the_slower_of_two_is_told(session: Session, site: int) -> None:
    policies.change(session, site_row(session, site), {"nudges": False}, ANNA, version=1)
    with pytest.raises(StaleVersion):
        policies.change(session, site_row(session, site), {"languages": "fr"}, ANNA, version=1)


def test_versions_are_never_changed(session: Session, site: int) -> None:
    row = session.scalars(select(Policy)).one()
    row.note = "forged"
    with pytest.raises(RuntimeError, match="append-only"):
        session.flush()
    session.rollback()


def test_a_thread_decides_otherwise_and_goes_back(session: Session, site: int, thread: int) -> None:
    row = site_row(session, site)
    policies.change(
        session, row, {"moderation": "pre", "thresholds": {"insult": [1, 1]}}, ANNA,
        thread_id=thread,
    )  # fmt: skip
    of_thread = policies.standing(session, site, thread)
    assert of_thread.moderation is Moderation.PRE
    assert of_thread.thresholds["insult"] == Thresholds(1.0)
    assert of_thread.thresholds["threat"] == Thresholds(0.6)
    assert policies.standing(session, site).moderation is Moderation.POST
    # What the site changes later counts where the thread says nothing.
    policies.change(session, row, {"thresholds": {"threat": [0.2, 1], "insult": [0.3, 1]}}, ANNA)
    now = policies.standing(session, site, thread).thresholds
    assert (now["threat"], now["insult"]) == (Thresholds(0.2), Thresholds(1.0))
    assert policies.moderation(session, site, thread) is Moderation.PRE
    policies.change(session, row, {}, ANNA, thread_id=thread)
    assert policies.standing(session, site, thread) == policies.standing(session, site)
    assert policies.moderation(session, site, thread) is Moderation.POST


def test_many_places_cost_one_query(session: Session, site: int, other_site: int) -> None:
    found = policies.of_places(session, [(site, 0), (site, 99), (other_site, 3)])
    assert set(found) == {(site, 0), (site, 99), (other_site, 3)}
    assert found[site, 99] == found[site, 0]


def test_a_decision_names_the_version_that_made_it(
    app: Flask, site: int, make_comment: MakeComment
) -> None:
    first = make_comment("You idiot.")
    set_policy(app, site, thresholds={"insult": [1, 1], "toxicity": [1, 1]})
    second = make_comment("Another idiot.")
    assert (status_of(app, first), status_of(app, second)) == ("held", "published")
    with app.app_context(), reading() as session:
        rows = session.scalars(select(Decision).order_by(Decision.id)).all()
        assert [row.policy_version for row in rows] == [1, 2]


def test_a_thread_can_hold_everything(
    app: Flask, site: int, thread: int, make_comment: MakeComment, client: FlaskClient
) -> None:
    set_policy(app, site, thread, moderation="pre")
    assert status_of(app, make_comment("A fine day.")) == "held"
    shown = client.get(f"/api/v1/threads?url={PAGE}").json["thread"]
    assert shown["moderation"] == "pre"


def test_words_and_links_hold_and_reject_through_the_front_door(
    scoring: Flask, site: int, thread: int, client: FlaskClient
) -> None:
    set_policy(
        scoring, site, banned_words=["crypto club"], suspect_words=["gold*"],
        held_domains=["spam.example"],
    )  # fmt: skip

    def post(text: str) -> str:
        sent = {"text": text, "author_name": "Ada"}
        answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent)
        return str(answer.json["comment"]["status"])

    assert post("Join the CRYPTO-club!") == "rejected"
    assert post("Some g0lden advice.") == "held"
    assert post("See www.spam.example for more.") == "held"
    assert post("The river is high today.") == "published"


def test_a_trusted_authors_rejection_is_a_persons_to_decide(
    app: Flask, site: int, thread: int, make_comment: MakeComment
) -> None:
    set_policy(app, site, rules={"trusted": ["publish", 2]}, banned_words=["gold"])
    numbers = [make_comment(f"A fine day, number {number}.") for number in range(2)]
    third = make_comment("Gold is a metal.")
    assert status_of(app, third) == "rejected"
    # The same words by somebody whose earlier comments were all published.
    with app.app_context(), writing() as session:
        author = Account(name="Ada")
        session.add(author)
        session.flush()
        session.execute(update(Comment).where(Comment.id.in_(numbers)).values(author_id=author.id))
        mine = session.get_one(Comment, third)
        mine.author_id = author.id
        scores = WordClassifier().score([mine.text])[0]
        found = screening.find_signals(session, mine, scores)
        verdict = policy.judge(found.signals, found.values.moderation)
        assert verdict.after.value == "held"
        assert verdict.reasons[-1] == "conflict"


def test_what_a_site_says_of_nudges_reaches_the_preview(
    scoring: Flask, site: int, client: FlaskClient
) -> None:
    sent = {"text": "You idiot.", "url": PAGE}
    before = client.post("/api/v1/preview", json=sent).json
    assert (before["would_hold"], before["labels"]) == (True, ["toxicity", "insult"])
    set_policy(scoring, site, nudges=False)
    after = client.post("/api/v1/preview", json=sent).json
    assert (after["would_hold"], after["labels"]) == (True, [])
    assert after["message"] == "A moderator will look at this first."


def test_the_command_line_changes_and_shows_it(app: Flask, site: int) -> None:
    runner = app.test_cli_runner()

    def run(*words: str, given: str = "") -> str:
        done = runner.invoke(args=["sites", *words], input=given)
        assert done.exit_code == 0, done.output
        return done.output

    run("rule", "news", "links", "reject", "2")
    run("words", "news", "banned", "-", given="idiot\n\ncrypto club\n")
    run("domains", "news", "held", "spam.example")
    run("moderation", "news", "pre")
    run("moderation", "news", "pre")
    listed = run("list")
    assert "links: reject from 2" in listed
    assert "pre-moderated" in listed
    told = run("history", "news")
    assert told.splitlines()[0].startswith("5  ")
    assert "moderation: post → pre" in told
    assert "command line" in told
    assert "rules.links:  → reject 2.0" in told
    bad = runner.invoke(args=["sites", "rule", "news", "links", "hold", "0"])
    assert bad.exit_code == 1
    assert "from 1 to 50" in bad.output


def test_a_thread_of_another_site_is_another_place(
    session: Session, site: int, other_site: int, thread: int
) -> None:
    assert session.get_one(Thread, thread).site_id == site
    policies.change(session, site_row(session, site), {"moderation": "pre"}, SYSTEM)
    assert policies.moderation(session, other_site, thread) is Moderation.POST


def test_one_discussion_by_command(app: Flask, site: int, thread: int) -> None:
    runner = app.test_cli_runner()

    def run(*words: str) -> tuple[int, str]:
        done = runner.invoke(args=["threads", "policy", PAGE, *words])
        return done.exit_code, done.output

    assert run() == (0, "All as the site decides.\n")
    assert run('{"moderation": "pre"}') == (0, '{"moderation": "pre"}\n')
    assert run('{"moderation": "pre"}')[0] == 1  # everything stands like this already
    with app.app_context(), reading() as session:
        assert policies.moderation(session, site, thread) is Moderation.PRE
    for wrong in ("{", "[]", '{"colour": 1}'):
        assert run(wrong)[0] == 1
    assert run("{}") == (0, "All as the site decides.\n")


def test_a_value_that_came_with_an_update_is_no_change_of_anybody(
    app: Flask, session: Session, site: int
) -> None:
    with writing() as writer:
        old = Site(slug="older", name="older", policy_version=1)
        writer.add(old)
        writer.flush()
        record = Values().as_record()
        del record["reports_from"]
        policies.begin(writer, old, _Recorded(record), ANNA)  # type: ignore[arg-type]
        number = old.id
    assert policies.standing(session, number) == Values()
    session.rollback()
    set_policy(app, number, nudges=False)
    set_policy(app, number, reports_from=2)
    told = [version.what for version in policies.changes(session, number)]
    assert told[:2] == ["reports_from: 0.0 → 2.0", "nudges: True → False"]


class _Recorded:
    """A policy as an older version wrote it."""

    def __init__(self, record: dict[str, object]) -> None:
        self._record = record

    def as_record(self) -> dict[str, object]:
        return self._record
