"""What readers ask of a PostgreSQL: the search in one discussion, and the points of an article."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.transactions import reading, writing
from models import Account, ArticlePoint, Comment, Role, Status, Thread, db
from moderation import decisions
from moderation.decisions import Actor
from tests.conftest import PAGE
from web.auth import token_for

MakeComment = Callable[..., int]


@pytest.fixture(autouse=True)
def is_postgresql(app: Flask) -> None:
    """None of this says anything on another database."""
    with app.app_context():
        assert db.engine.dialect.name == "postgresql"


def search(client: FlaskClient, thread: int, words: str, **more: Any) -> dict[str, Any]:
    """What the API finds in a discussion."""
    asked = {"q": words, **more}
    answer = client.get(f"/api/v1/threads/{thread}/search", query_string=asked)
    assert answer.status_code == 200, (words, answer.text)
    return dict(answer.json)


def numbers(found: dict[str, Any]) -> list[int]:
    return [one["id"] for one in found["comments"]]


class TestSearch:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("herring", [3, 1]),
            ("HERRING", [3, 1]),
            ("herring -gull", [1]),
            ("herring gull", [3]),
            ('"the herring"', [1]),
            ('"herring the"', []),
            ("her*", [3, 1]),
            ("cleo", [3]),
            ("don't", [2]),
            ("100%", [2]),
            ("naïve", [2]),
            ("gull_feather", [4]),
            ("gull", [4, 3]),
            ("鰊", [4]),
            ("nobody", []),
        ],
    )
    def test_hits_and_their_order(
        self, client: FlaskClient, thread: int, make_comment: MakeComment,
        words: str, expected: list[int],
    ):  # fmt: skip
        made = [
            make_comment("Here swims the herring.", "Ada"),
            make_comment("I don't; 100% naïve.", "Ben"),
            make_comment("A gull, a herring.", "Cleo"),
            make_comment("The gull_feather, said 鰊 .", "Dan"),
        ]
        found = search(client, thread, words)
        assert numbers(found) == [made[place - 1] for place in expected]
        assert (found["count"], found["next"]) == (len(expected), None)

    def test_page_after_page(self, client: FlaskClient, thread: int, make_comment: MakeComment):
        made = [make_comment(f"Herring number {number}.") for number in range(7)]
        make_comment("No fish.")
        seen: list[int] = []
        cursor, pages = "", 0
        while True:
            found = search(client, thread, "herring", limit=3, cursor=cursor)
            assert found["count"] == 7
            seen += numbers(found)
            pages += 1
            if found["next"] is None:
                break
            cursor = found["next"]
        assert (seen, pages) == (made[::-1], 3)

    def test_no_more_than_so_many(
        self, client: FlaskClient, thread: int, make_comment: MakeComment,
        monkeypatch: pytest.MonkeyPatch,
    ):  # fmt: skip
        monkeypatch.setattr("discussion.searching.MOST", 2)
        made = [make_comment(f"Herring number {number}.") for number in range(4)]
        found = search(client, thread, "herring")
        assert (numbers(found), found["count"]) == (made[:1:-1], 2)

    def test_neither_what_is_hidden_nor_what_stands_elsewhere(
        self, app: Flask, client: FlaskClient, site: int, thread: int, make_comment: MakeComment,
        make_staff: Callable[..., int],
    ):  # fmt: skip
        moderator = make_staff("mo@example.org", Role.MODERATOR, site)
        shown, taken = make_comment("A herring."), make_comment("A herring, taken away.")
        make_comment("A herring, you idiot.")
        other = client.post("/api/v1/threads", json={"url": f"{PAGE}-2"}).json["thread"]["id"]
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, taken)
            actor = Actor(decisions.PEOPLE[0], moderator, "Mo")
            decisions.decide(session, comment, Status.REJECTED, actor, version=comment.version)
        assert numbers(search(client, thread, "herring")) == [shown]
        assert numbers(search(client, other, "herring")) == []
        with app.app_context(), writing() as session:
            session.get_one(Comment, shown).text = "A cod."
        assert numbers(search(client, thread, "herring")) == []
        assert numbers(search(client, thread, "cod")) == [shown]

    @pytest.mark.parametrize(
        "words",
        [
            "%", "_", "'", '"', '""', "\\", "''''", "& | ! <->", ":*", "*", "-", "--", "()",
            "-herring", "!!!", "\u200b", "'; DROP TABLE comment; --%",
        ],
    )  # fmt: skip
    def test_signs_alone_ask_for_nothing_or_find_nothing(
        self, client: FlaskClient, thread: int, make_comment: MakeComment, words: str
    ):
        number = make_comment("A herring.")
        answer = client.get(f"/api/v1/threads/{thread}/search", query_string={"q": words})
        assert answer.status_code in (200, 422), answer.text
        assert answer.status_code == 422 or answer.json["comments"] == []
        assert numbers(search(client, thread, "herring")) == [number]

    @pytest.mark.parametrize(
        "words",
        [
            "herring%", "'herring'", "herring\\", "herring'", "herring & | !", "(herring",
            "herring:*", "herring:A", "\"herring", "herring <-> ", "herring ''", "\\'herring",
            "herring\u2019",
        ],
    )  # fmt: skip
    def test_signs_beside_a_word_are_no_language(
        self, client: FlaskClient, thread: int, make_comment: MakeComment, words: str
    ):
        number = make_comment("A herring.")
        found = search(client, thread, words)
        # "herring:A" is two words in a row, which stand nowhere.
        assert numbers(found) == ([] if words == "herring:A" else [number])

    @pytest.mark.parametrize("words", ["a\0b", "\0", "x" * 201, "y " * 150])
    def test_what_is_refused(self, client: FlaskClient, thread: int, words: str):
        answer = client.get(f"/api/v1/threads/{thread}/search", query_string={"q": words})
        assert answer.status_code in (400, 422), answer.text
        assert answer.mimetype == "application/problem+json"

    def test_many_words_and_long_ones(
        self, client: FlaskClient, thread: int, make_comment: MakeComment
    ):
        make_comment("A herring.")
        for words in ("w" * 200, "ab " * 60, "-a " * 19 + "herring", "é" * 200, '"a b" ' * 30):
            search(client, thread, words.strip())

    def test_without_script(self, client: FlaskClient, thread: int, make_comment: MakeComment):
        make_comment("A herring swims.")
        page = client.get("/thread", query_string={"url": PAGE, "q": "herr* -gull"})
        assert (page.status_code, "1 comment found" in page.text) == (200, True)
        assert client.get("/thread", query_string={"url": PAGE, "q": "'%"}).status_code == 422


class TestPoints:
    @pytest.fixture
    def give(self, app: Flask, thread: int) -> Callable[..., Any]:
        """Gives a point, or takes it back, as the reader of a token or as somebody new."""

        def send(token: str = "", method: str = "PUT") -> Any:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            path = f"/api/v1/threads/{thread}/points"
            return app.test_client().open(path, method=method, headers=headers)

        return send

    def so_many(self, app: Flask, thread: int) -> tuple[int, int]:
        """What the discussion says it has, and the rows behind it."""
        with app.app_context(), reading() as session:
            return session.get_one(Thread, thread).points, session.query(ArticlePoint).count()

    def test_one_each_and_back(self, app: Flask, thread: int, give: Callable[..., Any]):
        first = give().json
        assert (first["points"], first["given"]) == (1, True)
        token = first["reader_token"]
        again = give(token).json
        assert again == {"points": 1, "given": True}
        assert give().json["points"] == 2
        assert give(token, "DELETE").json == {"points": 1, "given": False}
        assert give(token, "DELETE").json == {"points": 1, "given": False}
        assert give(method="DELETE").json == {"points": 1, "given": False}
        assert self.so_many(app, thread) == (1, 1)

    def test_forty_at_once_are_forty(
        self, app: Flask, thread: int, give: Callable[..., Any], make_reader: Callable[..., int]
    ):
        readers = [make_reader(f"Reader {one}") for one in range(40)]
        with app.test_request_context(), reading() as session:
            tokens = [token_for(session.get_one(Account, one)) for one in readers]
        with ThreadPoolExecutor(8) as pool:
            assert {one.status_code for one in pool.map(give, tokens)} == {200}
        assert self.so_many(app, thread) == (40, 40)

    def test_one_readers_clicks_at_once_are_one(
        self, app: Flask, thread: int, give: Callable[..., Any]
    ):
        token = give().json["reader_token"]
        give(token, "DELETE")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(give, [token] * 24))
        assert {one.status_code for one in answers} == {200}
        assert self.so_many(app, thread) == (1, 1)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: give(token, "DELETE"), range(24)))
        assert {one.status_code for one in answers} == {200}
        assert self.so_many(app, thread) == (0, 0)

    def test_the_page_of_the_thread_says_so(
        self, client: FlaskClient, thread: int, give: Callable[..., Any]
    ):
        path = f"/api/v1/threads/{thread}"
        mark = {"If-None-Match": client.get(path).headers["ETag"]}
        give()
        answer = client.get(path, headers=mark)
        assert (answer.status_code, answer.json["thread"]["points"]) == (200, 1)
        assert "1 point<" in client.get("/thread", query_string={"url": PAGE, "points": "1"}).text

    def test_the_first_begins_a_discussion_once(self, app: Flask, site: int):
        path = f"/thread/points?url={PAGE}-new"
        same = {"Sec-Fetch-Site": "same-origin"}

        def send(_: int) -> int:
            return app.test_client().post(path, data={"value": "1"}, headers=same).status_code

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(send, range(4))) == [303] * 4
        with app.app_context(), reading() as session:
            assert [one.points for one in session.query(Thread)] == [4]
