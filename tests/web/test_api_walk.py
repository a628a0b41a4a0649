"""One comment's life through the API: posted, scored, held, decided, read by others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from jobs.transactions import writing
from models import ApiKey
from moderation.keys import digest_of
from tests.conftest import ORIGIN, PAGE, status_of

Post = Callable[..., TestResponse]


@pytest.fixture
def post(scoring: Flask, client: FlaskClient, thread: int) -> Post:
    """Posts a comment over HTTP."""

    def send(text: str, name: str = "Ada", token: str = "", **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= more.pop("headers", {})
        return client.post(
            f"/api/v1/threads/{thread}/comments",
            json={"text": text, "author_name": name, **more},
            headers=headers,
        )

    return send


@pytest.fixture
def key(app: Flask, site: int) -> dict[str, str]:
    """The headers of a program that moderates."""
    with app.app_context(), writing() as session:
        session.add(ApiKey(site_id=site, name="test", digest=digest_of("pk_test")))
    return {"Authorization": "Bearer pk_test"}


def test_a_friendly_comment_is_published_at_once(client: FlaskClient, post: Post, thread: int):
    answer = post("What a **fine** article.")
    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json["comment"]["status"] == "published"
    assert answer.json["comment"]["html"] == "<p>What a <strong>fine</strong> article.</p>"
    page = client.get(f"/api/v1/threads/{thread}/comments").json
    assert [comment["html"] for comment in page["comments"]] == [answer.json["comment"]["html"]]
    assert page["thread"]["comment_count"] == 1


def test_an_insult_is_held_and_only_its_author_sees_it(
    client: FlaskClient, post: Post, thread: int
):
    answer = post("You idiot.").json
    assert answer["comment"]["status"] == "held"
    assert "moderator" in answer["comment"]["notice"]
    number = answer["comment"]["id"]
    public = client.get(f"/api/v1/threads/{thread}/comments")
    assert "idiot" not in public.text
    assert public.json["thread"]["comment_count"] == 0
    assert client.get(f"/api/v1/comments/{number}").status_code == 404
    own = {"Authorization": f"Bearer {answer['reader_token']}"}
    mine = client.get(f"/api/v1/threads/{thread}/mine", headers=own).json
    assert [comment["text"] for comment in mine["comments"]] == ["You idiot."]
    assert client.get(f"/api/v1/comments/{number}", headers=own).status_code == 200


def test_public_answers_carry_no_score_address_or_token(
    client: FlaskClient, post: Post, thread: int
):
    post("Hello there.")
    text = client.get(f"/api/v1/threads/{thread}/comments").text
    for secret in ("toxicity", "score", "risk", "127.0.0.1", "token", "email"):
        assert secret not in text


def test_a_moderator_approves_and_everyone_reads_it(
    client: FlaskClient, post: Post, thread: int, key: dict[str, str]
):
    number = post("You idiot, said nobody.").json["comment"]["id"]
    queue = client.get("/api/v1/moderation/queue", headers=key).json
    case = queue["cases"][0]
    assert (case["id"], queue["counts"]["held"]) == (number, 1)
    assert {score["label"] for score in case["scores"] if score["is_over"]} == {
        "toxicity",
        "insult",
    }
    decided = client.post(
        f"/api/v1/moderation/cases/{number}/decisions",
        json={"decision": "approve", "version": case["version"]},
        headers=key,
    )
    assert decided.status_code == 201
    assert "idiot" in client.get(f"/api/v1/threads/{thread}/comments").text
    undone = client.post(
        f"/api/v1/moderation/decisions/{decided.json['decision']['id']}/undo", headers=key, json={}
    )
    assert undone.json["case"]["status"] == "held"
    assert "idiot" not in client.get(f"/api/v1/threads/{thread}/comments").text


def test_the_second_of_two_moderators_is_told(
    client: FlaskClient, post: Post, key: dict[str, str], app: Flask
):
    number = post("idiot").json["comment"]["id"]
    case = client.get(f"/api/v1/moderation/cases/{number}", headers=key).json["case"]
    address = f"/api/v1/moderation/cases/{number}/decisions"
    sent = {"version": case["version"]}
    first = client.post(address, json=sent | {"decision": "approve"}, headers=key)
    second = client.post(address, json=sent | {"decision": "reject"}, headers=key)
    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json["type"].endswith("stale-version")
    assert status_of(app, number) == "published"


def test_an_edit_of_an_approved_comment_is_judged_again(
    client: FlaskClient, post: Post, thread: int
):
    answer = post("All is well.").json
    own = {"Authorization": f"Bearer {answer['reader_token']}"}
    address = f"/api/v1/comments/{answer['comment']['id']}"
    edited = client.patch(address, json={"text": "You idiot."}, headers=own).json["comment"]
    assert (edited["status"], edited["revision"]) == ("held", 2)
    assert "idiot" not in client.get(f"/api/v1/threads/{thread}/comments").text
    again = client.patch(address, json={"text": "You darling."}, headers=own).json["comment"]
    assert again["status"] == "published"


def test_only_the_author_changes_a_comment(client: FlaskClient, post: Post):
    first, other = post("Mine.").json, post("Yours.", name="Bob").json
    address = f"/api/v1/comments/{first['comment']['id']}"
    headers = {"Authorization": f"Bearer {other['reader_token']}"}
    assert client.patch(address, json={"text": "x"}, headers=headers).status_code == 403
    assert client.delete(address, headers=headers).status_code == 403
    assert client.patch(address, json={"text": "x"}).status_code == 401


def test_a_withdrawn_comment_leaves_a_place_only_for_its_replies(
    client: FlaskClient, post: Post, thread: int
):
    first = post("Going soon.").json
    number = first["comment"]["id"]
    post("A reply.", name="Bob", parent_id=number)
    own = {"Authorization": f"Bearer {first['reader_token']}"}
    assert client.delete(f"/api/v1/comments/{number}", headers=own).json["comment"]["status"] == (
        "withdrawn"
    )
    tomb = client.get(f"/api/v1/threads/{thread}/comments").json["comments"][0]
    assert (tomb["state"], tomb["author"], tomb["html"]) == ("withdrawn", None, "")
    assert tomb["replies"][0]["html"] == "<p>A reply.</p>"
    assert "Going soon" not in client.get(f"/api/v1/comments/{number}").text


def test_a_repeated_request_is_answered_like_the_first(
    client: FlaskClient, post: Post, thread: int
):
    headers = {"Idempotency-Key": "0d5f3c52-1f0c-4a57-9a55-2b8a3c1f7e11"}
    first = post("Once.", headers=headers).json
    second = post("Once.", headers=headers).json
    assert second == first
    assert second["reader_token"]
    assert client.get(f"/api/v1/threads/{thread}").json["thread"]["comment_count"] == 1
    assert post("Twice.", headers=headers).status_code == 409
    assert post("Once.", headers={"Idempotency-Key": "1"}).status_code == 422


def test_votes_one_each_undone_and_never_on_ones_own(client: FlaskClient, post: Post):
    answer = post("Vote for me.").json
    address = f"/api/v1/comments/{answer['comment']['id']}/vote"
    up = client.put(address, json={"value": 1}).json
    voter = {"Authorization": f"Bearer {up['reader_token']}"}
    assert client.put(address, json={"value": 1}, headers=voter).json == {
        "up": 1,
        "down": 0,
        "vote": 1,
    }
    assert client.put(address, json={"value": -1}, headers=voter).json["down"] == 1
    assert client.delete(address, headers=voter).json == {"up": 0, "down": 0, "vote": 0}
    own = {"Authorization": f"Bearer {answer['reader_token']}"}
    assert client.put(address, json={"value": 1}, headers=own).status_code == 409
    assert client.put(address, json={"value": True}, headers=voter).status_code == 422


def test_a_vote_makes_no_moderators_version_stale(
    client: FlaskClient, post: Post, key: dict[str, str]
):
    number = post("Quiet.").json["comment"]["id"]
    before = client.get(f"/api/v1/moderation/cases/{number}", headers=key).json["case"]["version"]
    client.put(f"/api/v1/comments/{number}/vote", json={"value": 1})
    after = client.get(f"/api/v1/moderation/cases/{number}", headers=key).json["case"]["version"]
    assert before == after


def test_enough_reports_hide_a_comment_until_a_moderator_dismisses_them(
    client: FlaskClient, post: Post, key: dict[str, str], app: Flask
):
    readers = [
        {"Authorization": f"Bearer {post(f'I was here first, {n}.').json['reader_token']}"}
        for n in range(5)
    ]
    answer = post("Spam, perhaps.").json
    number = answer["comment"]["id"]
    address = f"/api/v1/comments/{number}/reports"
    reader = readers.pop()
    first = client.post(address, json={"reason": "spam", "text": "It sells boats."}, headers=reader)
    assert first.status_code == 201
    assert client.post(address, json={"reason": "spam"}, headers=reader).status_code == 200
    reported = client.get("/api/v1/moderation/queue?state=reported", headers=key).json
    assert [case["id"] for case in reported["cases"]] == [number]
    assert len(reported["cases"][0]["reports"]) == 1
    for _ in range(5):
        client.post(address, json={"reason": "other"})
    assert status_of(app, number) == "published", "strangers fetched for it are no five readers"
    for known in readers:
        client.post(address, json={"reason": "other"}, headers=known)
    assert status_of(app, number) == "held"
    own = {"Authorization": f"Bearer {answer['reader_token']}"}
    edited = client.patch(f"/api/v1/comments/{number}", json={"text": "Spam."}, headers=own)
    assert edited.json["comment"]["status"] == "held", "an edit frees nothing from its reports"
    case = client.get(f"/api/v1/moderation/cases/{number}", headers=key).json["case"]
    assert "reports" in case["reasons"]
    client.post(
        f"/api/v1/moderation/cases/{number}/decisions",
        json={"decision": "approve", "version": case["version"]},
        headers=key,
    )
    case = client.get(f"/api/v1/moderation/cases/{number}", headers=key).json["case"]
    assert {report["state"] for report in case["reports"]} == {"dismissed"}


def test_article_points_are_one_each(client: FlaskClient, thread: int):
    address = f"/api/v1/threads/{thread}/points"
    first = client.put(address).json
    assert (first["points"], first["given"]) == (1, True)
    reader = {"Authorization": f"Bearer {first['reader_token']}"}
    assert client.put(address, headers=reader).json["points"] == 1
    assert client.delete(address, headers=reader).json["points"] == 0


@pytest.mark.parametrize(
    "address",
    [
        f"{PAGE}/",
        f"{PAGE}#comment-3",
        f"{PAGE}?utm_source=x&fbclid=abc",
        f"{PAGE}?gclid=1#top",
        "https://NEWS.example:443/story",
    ],
)
def test_one_page_has_one_thread(client: FlaskClient, thread: int, address: str):
    found = client.get("/api/v1/threads", query_string={"url": address})
    assert found.json["thread"]["id"] == thread


def test_reading_begins_no_thread_and_unknown_origins_are_refused(client: FlaskClient, site: int):
    address = f"{ORIGIN}/new"
    unbegun = client.get("/api/v1/threads", query_string={"url": address})
    assert (unbegun.status_code, unbegun.json["thread"]["id"]) == (200, None)
    first = client.post("/api/v1/threads", json={"url": address, "title": "New"})
    again = client.post("/api/v1/threads", json={"url": address + "/"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json["thread"]["id"] == again.json["thread"]["id"]
    for foreign in ("https://evil-news.example/", "https://news.example.evil/", "ftp://x", "x"):
        assert client.post("/api/v1/threads", json={"url": foreign}).status_code == 422
    named = client.post("/api/v1/threads", json={"url": f"{ORIGIN}/a", "page_id": "p1"}).json
    elsewhere = client.post("/api/v1/threads", json={"url": f"{ORIGIN}/b", "page_id": "p1"}).json
    assert named["thread"]["id"] == elsewhere["thread"]["id"]


def test_counts_for_many_pages_at_once(client: FlaskClient, post: Post):
    post("One.")
    urls = [PAGE, f"{PAGE}#thread", f"{ORIGIN}/none", "https://nowhere.example/", "nonsense"]
    counts = client.get("/api/v1/counts", query_string={"url": urls}).json["counts"]
    assert counts == dict(zip(urls, [1, 1, 0, 0, 0], strict=True))


def test_preview_shows_html_and_says_what_would_be_held(client: FlaskClient, post: Post):
    fine = client.post("/api/v1/preview", json={"text": "*Hello*", "url": PAGE}).json
    assert (fine["html"], fine["would_hold"]) == ("<p><em>Hello</em></p>", False)
    rude = client.post("/api/v1/preview", json={"text": "idiot", "url": PAGE}).json
    assert rude["would_hold"] is True
    assert rude["labels"] == ["toxicity", "insult"]
    assert "0.9" not in str(rude)


def test_an_unchanged_page_is_answered_304(client: FlaskClient, post: Post, thread: int):
    post("One.")
    address = f"/api/v1/threads/{thread}/comments"
    mark = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": mark}).status_code == 304
    post("Two.", name="Bob")
    assert client.get(address, headers={"If-None-Match": mark}).status_code == 200


@pytest.mark.parametrize("sort", ["newest", "oldest", "best", "replies"])
def test_pages_hold_every_comment_once(
    client: FlaskClient, make_comment: Callable[..., int], thread: int, sort: str
):
    made = {make_comment(f"Number {number}.") for number in range(7)}
    make_comment("A reply.", parent=min(made))
    client.put(f"/api/v1/comments/{max(made)}/vote", json={"value": 1})
    seen: list[int] = []
    cursor = ""
    while True:
        query = {"sort": sort, "limit": 3, "cursor": cursor}
        page = client.get(f"/api/v1/threads/{thread}/comments", query_string=query).json
        seen += [comment["id"] for comment in page["comments"]]
        if not page["next"]:
            break
        cursor = page["next"]
    assert sorted(seen) == sorted(made)
    expected_first = {
        "newest": max(made),
        "oldest": min(made),
        "best": max(made),
        "replies": min(made),
    }
    assert seen[0] == expected_first[sort]


def test_a_deep_branch_is_reached_by_permalink_and_subtree(
    client: FlaskClient, make_comment: Callable[..., int], thread: int
):
    line = [make_comment("Root.")]
    for level in range(1, 12):
        line.append(make_comment(f"Level {level}.", parent=line[-1]))
    deepest = client.get(f"/api/v1/comments/{line[-1]}").json
    assert [above["id"] for above in deepest["ancestors"]] == line[:-1]
    node = client.get(f"/api/v1/threads/{thread}/comments").json["comments"][0]
    assert node["descendant_count"] == 11
    while node["replies"]:
        node = node["replies"][0]
    assert node["more_replies"] == "first"
    rest = client.get(f"/api/v1/comments/{node['id']}/replies?cursor=first&sort=oldest").json
    assert rest["comments"][0]["depth"] == node["depth"] + 1


def test_a_wide_branch_says_where_the_rest_begins(
    client: FlaskClient, make_comment: Callable[..., int], thread: int
):
    root = make_comment("Root.")
    made = [make_comment(f"Reply {number}.", parent=root) for number in range(9)]
    node = client.get(f"/api/v1/threads/{thread}/comments").json["comments"][0]
    shown = [reply["id"] for reply in node["replies"]]
    query = {"cursor": node["more_replies"], "sort": "oldest"}
    rest = client.get(f"/api/v1/comments/{root}/replies", query_string=query).json
    assert shown + [reply["id"] for reply in rest["comments"]] == made
