"""What a receiver is told: what is there when it is sent, whole as JSON or escaped for a chat."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from jobs.hooks import signing
from jobs.hooks.delivering import Hooks
from jobs.transactions import writing
from models import Account, ActorKind, Comment, HookEvent, HookFormat, Site, Status, Thread
from moderation import decisions, webhooks
from moderation.decisions import Actor
from tests.conftest import PAGE
from tests.discussion.hostile import OWN
from tests.jobs.hooks.conftest import Hook, decide, hurry, log
from tests.jobs.hooks.test_owed import report
from tests.receiving import Receiver, answer

ROOT = Path(__file__).resolve().parents[3]
AddHook = Callable[..., Hook]
MakeComment = Callable[..., int]


def test_the_whole_of_a_decision(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    rude = make_comment("You idiot.", "Grace")
    add_hook(receiver.url, [HookEvent.DECIDED])
    number = decide(app, rude, Status.REJECTED, "insult")
    hooks.run_once()
    told = receiver.got[0].told
    assert told["event"] == "comment.decided"
    assert told["time"] == log(app)[0].created_at.isoformat()
    assert told["site"] == {"slug": "news", "name": "news"}
    assert told["thread"]["url"] == PAGE
    comment = told["comment"]
    assert comment["url"] == f"{PAGE}#comment-{rude}"
    assert comment["console_url"] == f"http://127.0.0.1:8000/console/cases/{rude}"
    assert comment["author"]["name"] == "Grace"
    assert (comment["text"], comment["status"], comment["gone"]) == ("You idiot.", "rejected", "")
    assert comment["scores"]["insult"] == 0.95
    made = told["decision"].pop("created_at")
    assert made.endswith("+00:00")
    assert told["decision"] == {
        "id": number,
        "before": "held",
        "after": "rejected",
        "revision": 1,
        "actor": {"kind": "staff", "name": "Sena"},
        "reasons": ["insult"],
        "undoes": None,
    }
    assert told["report"] is None


def test_the_whole_of_a_report(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    fine = make_comment()
    add_hook(receiver.url)
    report(app, fine)
    hooks.run_once()
    told = receiver.got[0].told
    assert told["event"] == "comment.reported"
    assert told["decision"] is None
    assert (told["report"]["reason"], told["report"]["text"]) == ("spam", "Look.")
    assert told["comment"]["id"] == fine


def test_a_test_tells_of_nothing(
    app: Flask, site: int, hooks: Hooks, receiver: Receiver, add_hook: AddHook
):
    for form in HookFormat:
        hook = add_hook(receiver.url, [HookEvent.HELD], form)
        with app.app_context(), writing() as session:
            webhooks.test(session, site, hook.id)
    hooks.run_once()
    assert {got.event for got in receiver.got} == {"webhook.test"}
    whole = next(got.told for got in receiver.got if "id" in got.told)
    assert set(whole) == {
        "id", "event", "time", "site", "thread", "comment", "decision", "report",
    }  # fmt: skip
    assert all("a test of this webhook" in got.body.decode() for got in receiver.got if
               "text" in got.told)  # fmt: skip


@pytest.mark.parametrize("form", HookFormat)
def test_what_was_erased_or_withdrawn_meanwhile_is_in_no_later_try(
    app: Flask,
    hooks: Hooks,
    receiver: Receiver,
    add_hook: AddHook,
    make_comment: MakeComment,
    form: HookFormat,
):
    add_hook(receiver.url, form=form)
    erased = make_comment("The first secret.", "Grace")
    withdrawn = make_comment("The second secret.", "Heidi")
    receiver.does = answer(500)
    hooks.run_once()
    hurry(app)
    with app.app_context(), writing() as session:
        blank = {"text": "", "html": "", "author_name": ""}
        session.execute(update(Comment).where(Comment.id == erased).values(**blank))
        comment = session.get_one(Comment, withdrawn)
        author = session.get_one(Account, comment.author_id)
        decisions.decide(session, comment, Status.WITHDRAWN, Actor.author(author), ["withdrawn"])
    receiver.does = answer(200)
    hooks.run_once()
    before, *later = [got.body.decode() for got in receiver.got]
    assert "first secret" in before
    assert len(later) == 2
    for body in later:
        assert "secret" not in body
        assert "Grace" not in body
    if form is HookFormat.JSON:
        told = [got.told["comment"] for got in receiver.got[1:]]
        assert [one["gone"] for one in told] == ["erased", "withdrawn"]
        assert [one["text"] for one in told] == [None, None]
        assert told[0]["author"] is None
    else:
        assert "(erased)" in later[0]
        assert "(withdrawn by its author)" in later[1]


def test_an_edit_is_told_as_it_stands(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    add_hook(receiver.url)
    number = make_comment("The first words.")
    with app.app_context(), writing() as session:
        changed = {"text": "The second words.", "revision": 2}
        session.execute(update(Comment).where(Comment.id == number).values(**changed))
    hooks.run_once()
    told = receiver.got[0].told
    assert told["comment"]["text"] == "The second words."
    assert (told["comment"]["revision"], told["decision"]["revision"]) == (2, 1)
    assert told["comment"]["scores"] == {}


# --- what docs/webhooks.md says ------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    """The pieces of the document in a language."""
    text = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def shape(value: Any) -> Any:
    """What an object has, and of which kinds."""
    if isinstance(value, dict) and "insult" not in value:
        return {name: shape(one) for name, one in value.items()}
    return type(value).__name__


def test_the_document_shows_what_is_sent_and_how_to_check_it(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
):
    hook = add_hook(receiver.url, [HookEvent.DECIDED])
    decide(app, make_comment("You idiot."), Status.REJECTED, "insult")
    hooks.run_once()
    (got,) = receiver.got
    (example,) = blocks("json")
    assert shape(json.loads(example)) == shape(got.told)
    (code,) = blocks("python")
    said: dict[str, Any] = {}
    exec(code, said)
    check, header = said["is_from_parley"], got.headers["Parley-Signature"]
    assert check(hook.secret, header, got.body)
    assert not check("another", header, got.body)
    assert not check(hook.secret, header, got.body + b" ")
    assert not check(hook.secret, header.replace("t=", "t=1"), got.body)
    assert not check(hook.secret, "", got.body)
    old = int(time.time()) - 301
    stale = signing.headers(hook.secret, got.body, "x", "1", old)["Parley-Signature"]
    assert not check(hook.secret, stale, got.body)


# --- for a chat -------------------------------------------------------------------------------

# What would mention, link, or begin a tag, in the words of each chat.
HOSTILE = [
    "<!channel> <!here|here> <@U123> <#C123|general>",
    "<https://evil.example|Open in the console>",
    "&lt;!channel&gt; &amp;lt;",
    "</blockquote><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "line\n> quoted\n<!everyone>\r\n```\n*bold*",
    "\u202eevil\u2066 \u200b",
    "\x00\x1b[31m red",
    "<" * 5000,
    *OWN,
]
_ALLOWED = {"b", "br", "a", "blockquote"}


class _Tags(HTMLParser):
    """The tags of some HTML with what they carry, and its words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def told(
    app: Flask, hooks: Hooks, receiver: Receiver, add_hook: AddHook, make_comment: MakeComment
) -> Callable[[HookFormat], Iterator[tuple[str, Any]]]:
    """What a chat is sent of comments whose every part is a hostile string, with the string."""

    def tell(form: HookFormat) -> Iterator[tuple[str, Any]]:
        add_hook(receiver.url, [HookEvent.DECIDED], form)
        number = make_comment()
        for hostile in HOSTILE:
            _put_everywhere(app, number, hostile)
            assert hooks.run_once() == 1
            yield hostile, receiver.got[-1].told

    return tell


def _put_everywhere(app: Flask, number: int, hostile: str) -> None:
    """Make a string the name, the title and the text, and decide by that name for that reason."""
    words = hostile.replace("\x00", "")
    with app.app_context(), writing() as session:
        session.execute(update(Site).values(name=words[:200]))
        session.execute(update(Thread).values(title=words[:300]))
        values = {"text": words, "author_name": words[:120]}
        session.execute(update(Comment).where(Comment.id == number).values(**values))
        comment = session.get_one(Comment, number)
        actor = Actor(ActorKind.STAFF, 7, words[:120])
        after = Status.PUBLISHED if comment.status is Status.REJECTED else Status.REJECTED
        decisions.decide(session, comment, after, actor, [words[:40]])


def test_slack_sees_no_mention_and_no_link_but_ours(
    told: Callable[[HookFormat], Iterator[tuple[str, Any]]],
):
    ours = re.compile(r"http://127.0.0.1:8000/console/cases/\d+\|Open in the console")
    for hostile, body in told(HookFormat.SLACK):
        text = body["text"]
        links = re.findall(r"<([^>]*)>", text)
        assert len(links) == 2, hostile
        assert links[0].startswith(f"{PAGE}#comment-"), hostile
        assert ours.fullmatch(links[1]), hostile
        rest = re.sub(r"<[^>]*>", "", text)
        assert "<" not in rest, hostile
        # What a reader wrote begins a quotation at most, and its own signs are written out.
        assert rest.count(">") == len(re.findall("^> ", rest, re.MULTILINE)), hostile
        assert not re.search("&(?!amp;|lt;|gt;)", rest), hostile
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00]", text), hostile
        assert len(text) < 12_000


def test_matrix_sees_no_tag_but_ours(told: Callable[[HookFormat], Iterator[tuple[str, Any]]]):
    for hostile, body in told(HookFormat.MATRIX):
        assert set(body) == {"text", "html"}
        found = _Tags()
        found.feed(body["html"])
        found.close()
        for tag, carries in found.tags:
            assert tag in _ALLOWED, hostile
            assert set(carries) <= ({"href"} if tag == "a" else set()), hostile
        links = [str(carries["href"]) for tag, carries in found.tags if tag == "a"]
        assert len(links) == 2, hostile
        assert links[0].startswith(f"{PAGE}#comment-"), hostile
        # The words themselves are there, as words.
        if hostile.isprintable() and hostile.isascii() and len(hostile) < 100:
            assert " ".join(hostile.split()) in found.words, hostile
