"""Kept pages of threads: the same answer as a fresh one, another one at once after any change."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from discussion import comments as posting
from discussion import votes
from discussion.reading import Sort, page
from jobs.transactions import reading, writing
from models import Account, AccountKind, Comment, SiteOrigin, Status, Thread
from models.comment import lock
from models.thread import ThreadState, change
from moderation import decisions, featuring
from moderation.decisions import SYSTEM, Actor
from tests.conftest import ORIGIN, OTHER_ORIGIN, PAGE, set_policy
from web.api import schemas
from web.api.views import list_shape
from web.pages_kept import PagesKept
from web.runtime import runtime_of

MakeComment = Callable[..., int]
_COOKIE = {"Cookie": "any=thing"}  # Whoever sends one is answered by Flask.


def addresses(thread: int) -> tuple[str, ...]:
    """All that is kept of a thread."""
    return (
        f"/api/v1/threads?url={PAGE}",
        f"/api/v1/threads/{thread}/comments?sort=oldest",
        f"/api/v1/threads/{thread}",
    )


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("packs", ["", "gzip, br", "gzip;q=0"])
@pytest.mark.parametrize("origin", ["", ORIGIN, OTHER_ORIGIN, "https://stranger.example", "null"])
@pytest.mark.parametrize("again", [False, True])
def test_the_short_way_answers_as_flask_does(
    client: FlaskClient,
    make_comment: MakeComment,
    other_site: int,
    thread: int,
    which: int,
    packs: str,
    origin: str,
    again: bool,
):
    make_comment("Grüße")
    address = addresses(thread)[which]
    sent = {"Accept-Encoding": packs} | ({"Origin": origin} if origin else {})
    first = client.get(address, headers=sent)
    if again:
        sent["If-None-Match"] = first.headers["ETag"]
    short = client.get(address, headers=sent)
    long = client.get(address, headers=sent | _COOKIE)
    assert short.status == long.status == ("304 NOT MODIFIED" if again else "200 OK")
    assert short.data == long.data
    assert dict(short.headers) == dict(long.headers)
    assert len(short.headers) == len(long.headers)
    assert ("Content-Encoding" in short.headers) == (packs == "gzip, br" and not again)
    allowed = short.headers.get("Access-Control-Allow-Origin", "")
    assert allowed == (origin if origin in (ORIGIN, OTHER_ORIGIN) else "")


def test_the_short_way_is_taken(app: Flask, client: FlaskClient, thread: int):
    asked = []
    app.before_request(lambda: asked.append(1))
    for address in addresses(thread):
        for _ in range(3):
            client.get(address)
        assert len(asked) == 1, address
        asked.clear()


def test_the_bytes_are_what_the_schema_says(
    app: Flask, client: FlaskClient, make_comment: MakeComment, thread: int
):
    root = make_comment("First")
    make_comment("Below", parent=make_comment("Between", parent=root))
    told = client.get(f"/api/v1/threads/{thread}/comments").json
    with app.app_context(), reading() as session:
        shape = list_shape(page(session, thread, Sort.NEWEST), PAGE)
        dumped = json.loads(json.dumps(schemas.CommentList().dump(shape)))
    assert {name: told[name] for name in dumped} == dumped


def test_packed_once_and_the_same_words(client: FlaskClient, make_comment: MakeComment):
    make_comment()
    address = f"/api/v1/threads?url={PAGE}"
    plain = client.get(address)
    packed = [client.get(address, headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    assert packed[0].data == packed[1].data
    assert gzip.decompress(packed[0].data) == plain.data
    assert packed[0].headers["ETag"] != plain.headers["ETag"]
    # Whichever it has, a browser need not fetch the other.
    for known in (plain, packed[0]):
        answer = client.get(address, headers={"If-None-Match": f"W/{known.headers['ETag']}"})
        assert answer.status_code == 304


def _changes() -> dict[str, Callable[..., None]]:
    def decide(after: Status) -> Callable[..., None]:
        return lambda session, comment: decisions.decide(session, comment, after, _STAFF)

    def vote(session, comment):
        voter = Account(kind=AccountKind.GUEST, name="V")
        session.add(voter)
        session.flush()
        votes.cast(session, comment, voter, 1)

    def edit(session, comment):
        words = posting.draft("Another text", 1000)
        posting.edit(session, comment, comment.author, words, 15)

    def close(session, comment):
        comment.thread.state = ThreadState.CLOSED
        change(session, comment.thread_id)

    return {
        "held": decide(Status.HELD),
        "rejected": decide(Status.REJECTED),
        "voted": vote,
        "edited": edit,
        "withdrawn": lambda session, comment: posting.withdraw(session, comment, comment.author),
        "closed": close,
        "featured": lambda session, comment: featuring.feature(session, comment, SYSTEM),
    }


_STAFF = Actor(SYSTEM.kind.STAFF, 1, "Mo")


@pytest.mark.parametrize("kind", _changes())
def test_each_change_is_seen_at_once(
    app: Flask, client: FlaskClient, make_comment: MakeComment, thread: int, kind: str
):
    comment_id = make_comment("A text to be found")
    before = {address: client.get(address) for address in addresses(thread) for _ in range(2)}
    with app.app_context(), writing() as session:
        comment = lock(session, comment_id)
        _changes()[kind](session, comment)
    for address, was in before.items():
        now = client.get(address, headers={"If-None-Match": was.headers["ETag"]})
        assert now.status_code == 200, address
        assert now.data != was.data
        assert now.headers["ETag"] != was.headers["ETag"]
        if kind in ("held", "rejected", "edited", "withdrawn"):
            assert b"to be found" not in now.data


def test_a_policy_of_the_site_or_of_the_thread_is_seen_at_once(
    app: Flask, client: FlaskClient, site: int, thread: int
):
    for address in addresses(thread):
        for place, mode in ((0, "pre"), (thread, "post"), (thread, "pre")):
            client.get(address)
            set_policy(app, site, place, moderation=mode)
            assert client.get(address).json["thread"]["moderation"] == mode
        set_policy(app, site, thread)
        set_policy(app, site, moderation="post")


def test_what_another_process_did_is_seen_at_once(
    app: Flask, client: FlaskClient, make_comment: MakeComment, thread: int
):
    make_comment("Old words")
    for _ in range(2):
        client.get(f"/api/v1/threads/{thread}/comments")
    with app.app_context(), writing() as session:
        session.execute(update(Comment).values(html="<p>New words</p>"))
        change(session, thread)
    assert b"New words" in client.get(f"/api/v1/threads/{thread}/comments").data


def test_an_origin_that_left_the_site_is_answered_no_longer(
    app: Flask, client: FlaskClient, thread: int
):
    address = f"/api/v1/threads?url={PAGE}"
    for _ in range(2):
        assert client.get(address, headers={"Origin": ORIGIN}).status_code == 200
    with app.app_context(), writing() as session:
        session.execute(update(SiteOrigin).values(origin="https://moved.example"))
    gone = client.get(address, headers={"Origin": ORIGIN})
    assert gone.status_code == 422
    kept = client.get(f"/api/v1/threads/{thread}", headers={"Origin": ORIGIN})
    assert "Access-Control-Allow-Origin" not in kept.headers


def test_a_thread_that_is_gone_is_not_found(app: Flask, client: FlaskClient, thread: int):
    for _ in range(2):
        client.get(f"/api/v1/threads/{thread}")
    with app.app_context(), writing() as session:
        session.delete(session.get_one(Thread, thread))
    assert client.get(f"/api/v1/threads/{thread}").status_code == 404


class TestLimits:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {"PARLEY_READ_RATE": "5 per minute", "PARLEY_TRUSTED_PROXIES": "1"}

    def test_each_request_counts_once_by_whichever_way(self, client: FlaskClient, thread: int):
        address = f"/api/v1/threads/{thread}"
        here = {"X-Forwarded-For": "203.0.113.5"}
        ways = [here, here, here | _COOKIE, here, here]
        assert [client.get(address, headers=one).status_code for one in ways] == [200] * 5
        for one in (here, here | _COOKIE):
            refused = client.get(address, headers=one)
            assert refused.status_code == 429
            assert int(refused.headers["Retry-After"]) > 0
        elsewhere = {"X-Forwarded-For": "203.0.113.6"}
        assert client.get(address, headers=elsewhere).status_code == 200


def test_the_room_is_never_passed_and_the_least_asked_for_goes():
    pages = PagesKept(10_000)
    for number in range(50):
        pages.keep(f"{number}", lambda: b"x" * 1_000)
        pages.find("0")
        assert pages.size <= 10_000
    assert pages.find("0") is not None
    assert pages.find("1") is None
    kept = pages.keep("words", lambda: b"word " * 1_000)
    for _ in range(2):
        assert gzip.decompress(pages.packed("words", kept)) == kept.plain
        assert pages.size == sum(one.size for one in pages._pages.values()) <= 10_000


def test_without_room_everything_is_answered_and_nothing_kept():
    pages = PagesKept(0)
    kept = pages.keep("a", lambda: b"a page")
    assert gzip.decompress(pages.packed("a", kept)) == b"a page"
    assert pages.find("a") is None
    assert pages.size == 0


def test_pages_that_are_asked_for_are_kept_in_the_room_of_the_setting(app: Flask):
    assert runtime_of(app).pages.room == 33_554_432
