"""What may differ from SQLite, on a real PostgreSQL: schema, search, locks, pages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import func, select, text

from jobs import batches as batch_jobs
from jobs.transactions import reading, writing
from models import Account, ApiKey, Comment, Decision, KeyPurpose, Role, Site, Status, Vote, db
from models.base import FOREVER
from moderation import batches, decisions, keys, queue
from moderation.decisions import Actor
from moderation.errors import StaleVersion
from moderation.filters import Filter
from moderation.queue import Queue, QueueOrder
from tests.conftest import status_of
from web.auth import token_for


@pytest.fixture(autouse=True)
def is_postgresql(app: Flask) -> None:
    """None of this says anything on another database."""
    with app.app_context():
        assert db.engine.dialect.name == "postgresql"


def test_the_migrations_make_what_the_tables_say_and_go_down_and_up_again(
    app: Flask, make_comment: Callable[..., int]
):
    comment = make_comment("A green tea.")
    with app.app_context():
        downgrade(revision="0005")
        upgrade()
        check()  # exits with an error when a migration is missing
    assert status_of(app, comment) == "published"
    assert found(app, "tea") == ["A green tea."]


def found(app: Flask, words: str) -> list[str]:
    """The texts that a search finds."""
    with app.app_context(), reading() as session:
        sites = list(session.scalars(select(Site.id)))
        clauses = Filter(words=words).clauses(session, sites, select(Comment.id).cte())
        return list(session.scalars(select(Comment.text).where(*clauses).order_by(Comment.id)))


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ("tea", ["A green tea.", "Don't drink tea."]),
        ("TEA -green", ["Don't drink tea."]),
        ('"green tea"', ["A green tea."]),
        ("gree*", ["A green tea."]),
        ("don't", ["Don't drink tea."]),
        ("ada tea", ["A green tea.", "Don't drink tea."]),
        ("a' | 'b", []),
        ("coffee", []),
    ],
)
def test_comments_are_found_by_their_words(
    app: Flask, make_comment: Callable[..., int], words: str, texts: list[str]
):
    make_comment("A green tea.")
    make_comment("Don't drink tea.")
    assert found(app, words) == texts


def test_a_search_uses_the_index_and_follows_an_edit(app: Flask, make_comment: Callable[..., int]):
    number = make_comment("A green tea.")
    with app.app_context(), writing() as session:
        session.get_one(Comment, number).text = "A black coffee."
    assert found(app, "tea") == []
    assert found(app, "coffee") == ["A black coffee."]
    with app.app_context(), reading() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        clauses = Filter(words="coffee").clauses(session, [1], select(Comment.id).cte())
        query = (
            select(Comment.id)
            .where(*clauses)
            .compile(session.connection(), compile_kwargs={"literal_binds": True})
        )
        plan = session.execute(text(f"EXPLAIN {query}".replace(":", "\\:"))).scalars()
        assert "ix_comment_words" in "\n".join(plan)


def test_a_batch_decides_all_and_takes_all_back(
    app: Flask, site: int, make_comment: Callable[..., int], make_staff: Callable[..., int]
):
    numbers = [make_comment(f"Buy tea {number}") for number in range(7)]
    senior = Actor(decisions.PEOPLE[0], make_staff("sen@example.org", Role.SENIOR, site), "Sen")
    with app.app_context():
        with writing() as session:
            wanted = Filter(words="tea")
            after = Status.REJECTED
            begun = batches.begin(session, site, [Status.PUBLISHED], wanted, after, senior)
            batch_id = begun.id
        assert batch_jobs.run(batch_id)
    assert {status_of(app, number) for number in numbers} == {"rejected"}
    with app.app_context():
        assert batch_jobs.take_back(batch_id, senior)
    assert {status_of(app, number) for number in numbers} == {"published"}


def test_two_moderators_at_once_make_one_decision(
    app: Flask, site: int, make_comment: Callable[..., int], make_staff: Callable[..., int]
):
    number = make_comment("You idiot.")
    staff = [make_staff(f"{name}@example.org", Role.MODERATOR, site) for name in ("ann", "bob")]
    with app.app_context():
        version = db.session().get_one(Comment, number).version
    barrier = threading.Barrier(2)

    def decide(account_id: int) -> str:
        with app.app_context():
            barrier.wait(20)
            try:
                with writing() as session:
                    comment = queue.comment(session, number, to_decide=True)
                    actor = Actor(decisions.PEOPLE[0], account_id, str(account_id))
                    decisions.decide(session, comment, Status.REJECTED, actor, version=version)
            except StaleVersion:
                return "stale"
            return "decided"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, staff)) == ["decided", "stale"]
    with app.app_context(), reading() as session:
        made = session.scalars(select(Decision).where(Decision.comment_id == number)).all()
        assert [one.after for one in made] == [Status.HELD, Status.REJECTED]


def test_forty_concurrent_votes_are_forty_rows(
    app: Flask, make_comment: Callable[..., int], make_reader: Callable[..., int]
):
    number = make_comment()
    readers = [make_reader(f"Reader {one}") for one in range(40)]
    with app.test_request_context(), reading() as session:
        tokens = [token_for(session.get_one(Account, one)) for one in readers]

    def vote(token: str) -> int:
        return (
            app.test_client()
            .put(
                f"/api/v1/comments/{number}/vote",
                json={"value": 1},
                headers={"Authorization": f"Bearer {token}"},
            )
            .status_code
        )

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(vote, tokens)) == {200}
    with app.app_context(), reading() as session:
        assert session.get_one(Comment, number).up == 40
        assert session.scalar(select(func.count()).select_from(Vote)) == 40


@pytest.mark.parametrize("order", QueueOrder)
@pytest.mark.parametrize("state", Queue)
def test_every_queue_in_every_order(
    app: Flask, site: int, make_comment: Callable[..., int], state: Queue, order: QueueOrder
):
    held = [make_comment(f"You idiot {number}.") for number in range(3)]
    with app.app_context(), reading() as session:
        seen: list[int] = []
        cursor = None
        while True:
            page = queue.page(session, [site], state, order, cursor, 1)
            seen += [case.comment.id for case in page.cases]
            cursor = page.next
            if cursor is None:
                break
    assert sorted(seen) == (held if state in (Queue.HELD, Queue.ALL) else [])


def test_every_page_of_the_console_answers(
    app: Flask, site: int, make_comment: Callable[..., int], sign_in: Callable[..., object]
):
    number = make_comment("You idiot.")
    admin = sign_in("ann@example.org", Role.ADMIN, site)
    with app.app_context():
        rules = [
            rule.rule
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith("/console") and "GET" in (rule.methods or ())
        ]
    # Signing in has steps that are only there on the way.
    # And one page says what will happen to what was chosen: without a choice there is none.
    on_the_way = ("/sign-in", "/batches/sure")
    plain = [rule for rule in rules if not any(part in rule for part in ("<", *on_the_way))]
    assert "/console/" in plain
    assert len(plain) >= 4
    for address in [*plain, f"/console/cases/{number}"]:
        answer = admin.client.get(address)  # type: ignore[attr-defined]
        assert answer.status_code < 400, (address, answer.status_code)
        answer.get_data()
        answer.close()


def test_keys_keep_what_they_open_down_and_up_again(app: Flask, site: int):
    with app.app_context():
        with writing() as session:
            for purpose in KeyPurpose:
                keys.make(session, site, purpose.value, purpose, 60)
        downgrade(revision="0009")
        upgrade()
        with reading() as session:
            found = session.scalars(select(ApiKey).order_by(ApiKey.id)).all()
            # The others would have become moderators on the way down, so they were revoked.
            assert [one.active for one in found] == [True, False, False]
            assert found[0].revoked_at == FOREVER
