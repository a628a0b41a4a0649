"""Akismet: what it is sent, what comes of its word, and that nothing waits for it or needs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import akismet, scoring
from jobs.akismet import Akismet
from jobs.scoring import Scorer
from jobs.transactions import reading, writing
from models import Comment, Decision, StoredSignal, db
from moderation import rescreening
from moderation.classifier.scores import Scores
from tests.conftest import LABELS, ORIGIN, PAGE, set_policy, status_of
from web.runtime import runtime_of

Owe = Callable[[str], int]


@dataclass
class Service:
    """A server on this machine that stands for Akismet."""

    address: str = ""
    answer: str = "false"
    status: int = 200
    seconds: float = 0.0
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    """The service; it takes everything for ham until it is told otherwise."""
    state = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append(parse_qs(body.decode()))
            state.paths.append(self.path)
            time.sleep(state.seconds)
            self.send_response(state.status)
            if state.status == 302:
                self.send_header("Location", f"{state.address}/elsewhere")
            self.end_headers()
            self.wfile.write(state.answer.encode())

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def ask(app: Flask, service: Service, worker: Scorer) -> Callable[[], int]:
    """One round of a worker that has a key."""
    asking = _worker(app, Akismet("secret-key", service.address))

    def run() -> int:
        with app.app_context():
            return asking.run_once()

    return run


def _worker(app: Flask, service: Akismet) -> Scorer:
    classifier = runtime_of(app).classifier
    return Scorer(app, classifier, lease=60, attempts=3, akismet=service)


def kinds(app: Flask, number: int) -> set[str]:
    """The kinds of signals that a comment has, besides its scores."""
    with app.app_context(), reading() as session:
        query = select(StoredSignal.kind).where(StoredSignal.comment_id == number)
        return set(session.scalars(query)) - {"score", "newcomer"}


def test_what_is_sent(service: Service, ask: Callable[[], int], owe: Owe) -> None:
    owe("Hello & welcome, Käthe.")
    ask()
    assert service.paths == ["/1.1/comment-check"]
    assert service.asked == [
        {
            "api_key": ["secret-key"],
            "blog": [ORIGIN],
            "user_ip": ["192.0.2.1"],
            "comment_type": ["comment"],
            "comment_author": ["Ada"],
            "comment_content": ["Hello & welcome, Käthe."],
            "permalink": [PAGE],
            "blog_charset": ["UTF-8"],
        }
    ]


@pytest.mark.parametrize(
    ("answer", "http", "rule", "status", "left"),
    [
        ("false", 200, None, "published", set()),
        ("true", 200, None, "held", {"akismet"}),
        ("true", 200, ["note", 0], "published", {"akismet"}),
        ("true", 200, ["reject", 0], "rejected", {"akismet"}),
        # A wrong key, a fault, a page of somebody else's: judged without it, and noted.
        ("invalid", 200, ["reject", 0], "published", {"akismet-away"}),
        ("oops", 500, None, "published", {"akismet-away"}),
        ("<html>true</html>", 200, None, "published", {"akismet-away"}),
        ("", 302, None, "published", {"akismet-away"}),
    ],
)
def test_what_comes_of_its_word(
    app: Flask, site: int, service: Service, ask: Callable[[], int], owe: Owe,
    answer: str, http: int, rule: list[object] | None, status: str, left: set[str],
) -> None:  # fmt: skip
    if rule:
        set_policy(app, site, rules={"akismet": rule})
    service.answer, service.status = answer, http
    number = owe("A fine day.")
    assert ask() == 1
    assert status_of(app, number) == status
    assert kinds(app, number) == left
    assert service.paths == ["/1.1/comment-check"], "no redirect is followed"


def test_many_are_asked_at_once_and_each_has_its_own_answer(
    app: Flask, service: Service, ask: Callable[[], int], owe: Owe
) -> None:
    service.seconds = 0.5
    for number in range(8):
        owe(f"Comment {number}.")
    began = time.monotonic()
    assert ask() == 8
    assert time.monotonic() - began < 8 * 0.5
    assert len(service.asked) == 8


def test_one_that_does_not_answer_holds_nothing_up(
    app: Flask, service: Service, ask: Callable[[], int], owe: Owe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(akismet, "_ONE", 0.1)
    monkeypatch.setattr(akismet, "_ALL", 0.3)
    service.seconds = 3.0
    first = owe("A fine day.")
    began = time.monotonic()
    assert ask() == 1
    assert time.monotonic() - began < 2
    assert (status_of(app, first), kinds(app, first)) == ("published", {"akismet-away"})
    second = owe("Another fine day.")
    assert ask() == 1
    assert kinds(app, second) == {"akismet-away"}
    assert len(service.asked) == 1, "nobody is asked again for a minute"
    monkeypatch.setattr(akismet.time, "monotonic", lambda: began + 120)
    service.seconds = 0.0
    third = owe("A third fine day.")
    ask()
    assert kinds(app, third) == set()


def test_the_rest_of_a_burst_is_asked_about_at_the_next_turns(
    app: Flask, service: Service, ask: Callable[[], int], owe: Owe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    # Time to begin with as many as are asked at once, and no more.
    monkeypatch.setattr(akismet, "_ONE", 2.0)
    monkeypatch.setattr(akismet, "_ALL", 2.8)
    monkeypatch.setattr(scoring, "_SWEEP_SECONDS", 0.0)
    service.seconds = 1.0
    numbers = [owe(f"Comment {number}.") for number in range(20)]
    assert ask() == 8, "the others wait for their turn"
    assert sum(status_of(app, number) == "unscored" for number in numbers) == 12
    assert (ask(), ask(), ask()) == (8, 4, 0)
    assert {status_of(app, number) for number in numbers} == {"published"}
    assert [kinds(app, number) for number in numbers] == [set()] * 20
    assert len(service.asked) == 20, "each is asked about once"


def test_after_a_fault_the_rest_of_a_burst_does_not_wait(
    app: Flask, service: Service, ask: Callable[[], int], owe: Owe,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(akismet, "_ONE", 2.0)
    monkeypatch.setattr(akismet, "_ALL", 2.8)
    service.seconds, service.answer = 1.0, "invalid"
    numbers = [owe(f"Comment {number}.") for number in range(20)]
    assert ask() == 20
    assert [kinds(app, number) for number in numbers] == [{"akismet-away"}] * 20
    assert len(service.asked) == 8


def test_nobody_is_there(app: Flask, worker: Scorer, owe: Owe, service: Service) -> None:
    nowhere = _worker(app, Akismet("key", "http://127.0.0.1:1"))
    number = owe("A fine day.")
    with app.app_context():
        assert nowhere.run_once() == 1
    assert (status_of(app, number), kinds(app, number)) == ("published", {"akismet-away"})


def test_without_a_key_nothing_leaves_this_server(
    app: Flask, worker: Scorer, owe: Owe, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    for name in ("HTTPConnection", "HTTPSConnection"):
        monkeypatch.setattr(akismet, name, lambda *given, **more: opened.append(given))
    number = owe("A fine day.")
    with app.app_context():
        assert worker.run_once() == 1
    assert (status_of(app, number), kinds(app, number), opened) == ("published", set(), [])


def test_the_usual_address_is_akismets_own(
    app: Flask, worker: Scorer, owe: Owe, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []

    def connect(host: str, port: object, **more: object) -> None:
        opened.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr(akismet, "HTTPSConnection", connect)
    owe("A fine day.")
    with app.app_context():
        _worker(app, Akismet("key")).run_once()
    assert opened == ["rest.akismet.com"]


def test_it_is_asked_outside_of_any_transaction(
    app: Flask, service: Service, worker: Scorer, owe: Owe, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = Akismet("key", service.address)
    open_ones: list[bool] = []
    through = asking._ask

    def look(*given: object) -> object:
        open_ones.append(db.session().in_transaction())
        return through(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(asking, "_ask", look)
    owe("A fine day.")
    with app.app_context():
        _worker(app, asking).run_once()
    assert open_ones == [False]


def test_what_the_staff_writes_is_not_sent(
    app: Flask, service: Service, ask: Callable[[], int], owe: Owe
) -> None:
    number = owe("A fine day.")
    with app.app_context(), writing() as session:
        session.get_one(Comment, number).by_staff = True
    ask()
    assert service.asked == []
    assert status_of(app, number) == "published"


def test_its_word_is_kept_when_a_newer_model_scores(
    app: Flask, service: Service, ask: Callable[[], int], owe: Owe
) -> None:
    service.answer = "true"
    number = owe("A fine day.")
    ask()
    with app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        newer = Scores(dict.fromkeys(LABELS, 0.01), "words", "2")
        rescreening.record(session, [(comment, newer, 1)])
    assert kinds(app, number) == {"akismet"}
    with app.app_context(), reading() as session:
        assert session.scalars(select(Decision.reasons)).one() == ["akismet"]
    assert len(service.asked) == 1
