"""What is hidden stands in no answer, and a public page is the same for everyone."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from discussion.reading import Sort
from jobs.transactions import writing
from models import Account, Comment, Status
from moderation import decisions
from tests.conftest import PAGE
from tests.web.doors.conftest import FLAG, VOTE, WORDS, House


def test_what_is_hidden_stands_in_no_public_answer(
    app: Flask,
    house: House,
    client: FlaskClient,
    thread: int,
    make_comment: Callable[..., int],
):
    statuses = {
        "heldword": Status.HELD,
        "rejectedword": Status.REJECTED,
        "unscoredword": Status.UNSCORED,
        "withdrawnword": Status.WITHDRAWN,
    }
    numbers = {word: make_comment(f"{word} text", name=f"{word} name") for word in statuses}
    replies = {word: make_comment(f"Below {n}.", parent=n) for word, n in numbers.items()}
    lonely = {word: make_comment(f"{word} lonely", name=f"{word} name") for word in statuses}
    with app.app_context(), writing() as session:
        for word, number in [*numbers.items(), *lonely.items()]:
            comment = session.get_one(Comment, number)
            kind = decisions.Actor.author(comment.author)
            if statuses[word] in (Status.HELD, Status.REJECTED):
                kind = decisions.Actor.staff(comment.author)
            decisions.decide(session, comment, statuses[word], kind)
    public = [
        f"/api/v1/threads?url={PAGE}",
        f"/api/v1/threads/{thread}",
        f"/api/v1/threads/{thread}/mine",
        f"/api/v1/counts?url={PAGE}",
        *(f"/api/v1/threads/{thread}/comments?sort={sort}" for sort in Sort),
    ]  # fmt: skip
    for number in [*numbers.values(), *lonely.values(), *replies.values()]:
        public += [f"/api/v1/comments/{number}", f"/api/v1/comments/{number}/replies"]
    for name in ("nobody", "reader", "other staff", "moderator"):
        caller = house.callers[name]
        answers = [caller.client.get(path, headers=caller.headers) for path in public]
        for number in [*numbers.values(), *lonely.values()]:
            for method, path, sent in (
                ("PUT", f"/api/v1/comments/{number}/vote", VOTE),
                ("POST", f"/api/v1/comments/{number}/reports", FLAG),
                ("PATCH", f"/api/v1/comments/{number}", {"text": "x"}),
                ("DELETE", f"/api/v1/comments/{number}", None),
                ("POST", f"/api/v1/threads/{thread}/comments", WORDS | {"parent_id": number}),
            ):
                answers.append(
                    caller.client.open(path, method=method, json=sent, headers=caller.headers)
                )
                assert answers[-1].status_code in (401, 403, 404, 422), (path, answers[-1].text)
        for answer in answers:
            for word in statuses:
                assert word not in answer.text, answer.request.path
    page = client.get(f"/api/v1/threads/{thread}/comments?limit=50").json
    shown = {comment["id"]: comment for comment in page["comments"]}
    # Below each tombstone stands its readable reply; those without one are not there at all.
    assert set(shown) == set(numbers.values())
    assert page["thread"]["comment_count"] == len(replies)
    for word, number in numbers.items():
        tomb = shown[number]
        assert (tomb["author"], tomb["html"], tomb["up"], tomb["edited_at"]) == (None, "", 0, None)
        # Why it is gone concerns its author; only taking back is the author's own act.
        assert tomb["state"] == ("withdrawn" if word == "withdrawnword" else "removed")
    for number in lonely.values():
        assert client.get(f"/api/v1/comments/{number}").status_code == 404


def test_a_public_page_is_the_same_for_everyone_and_changes_with_what_it_shows(
    app: Flask, house: House, thread: int, make_comment: Callable[..., int]
):
    path = f"/api/v1/threads/{thread}/comments"
    root = make_comment("Root.")
    make_comment("Reply.", parent=root)
    answers = [c.client.get(path, headers=c.headers) for c in house.callers.values()]
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.headers["ETag"] for answer in answers}) == 1

    def look() -> tuple[bytes, str]:
        answer = house.callers["nobody"].client.get(path)
        return answer.data, answer.headers["ETag"]

    for status in (Status.HELD, Status.PUBLISHED, Status.REJECTED, Status.HELD, Status.WITHDRAWN):
        before = look()
        with app.app_context(), writing() as session:
            comment = session.get_one(Comment, root)
            author = session.get_one(Account, comment.author_id)
            by_author = status is Status.WITHDRAWN
            actor = decisions.Actor.author(author) if by_author else decisions.Actor.staff(author)
            decisions.decide(session, comment, status, actor)
        after = look()
        # Other bytes under the old mark would never reach those who hold a copy.
        assert (after[0] == before[0]) == (after[1] == before[1]), status


def test_the_queue_of_one_site_holds_nothing_of_another(house: House, app: Flask):
    numbers = house.fill()
    for name in ("key", "moderator", "read-only"):
        caller = house.callers[name]
        queue = caller.client.get("/api/v1/moderation/queue", headers=caller.headers).json
        assert [case["id"] for case in queue["cases"]] == [numbers["held"]]
    for name in ("other key", "other staff"):
        caller = house.callers[name]
        queue = caller.client.get("/api/v1/moderation/queue", headers=caller.headers).json
        assert (queue["cases"], set(queue["counts"].values())) == ([], {0})
        assert "idiot" not in str(queue)
