"""Who says where a site's events are sent, what the pages show of it, and what they never do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from jobs.transactions import reading, writing
from models import (
    AuditEntry,
    Comment,
    Delivery,
    DeliveryState,
    HookEvent,
    HookFormat,
    HookState,
    Role,
    Site,
    Status,
    Webhook,
)
from moderation import decisions, webhooks
from moderation.decisions import SYSTEM, Actor
from moderation.webhooks import Wanted
from tests.receiving import Receiver, answer, is_signed, receiving
from tests.web.conftest import Caller
from tests.web.console.desk_forms import counted
from web.runtime import runtime_of

HOOKS = "/console/webhooks"
SignIn = Callable[..., Caller]
OURS, THEIRS = "news", "other"
FORM = {"url": "https://hooks.example/x", "event": ["comment.held"], "format": "json"}


@pytest.fixture
def environ() -> dict[str, str]:
    """The receiver is on this machine."""
    return {"PARLEY_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who takes what is sent."""
    with receiving() as made:
        yield made


@pytest.fixture
def admin(site: int, sign_in: SignIn) -> Caller:
    """An admin of the site."""
    return sign_in("ada@example.org", Role.ADMIN, site)


def add(app: Flask, site: int, url: str = "https://hooks.example/x") -> int:
    """A webhook; its number."""
    hooks = runtime_of(app).hooks
    wanted = Wanted(url, frozenset({HookEvent.HELD}), HookFormat.JSON, hooks.private_hosts)
    with app.app_context(), writing() as session:
        return webhooks.add(session, session.get_one(Site, site), wanted, SYSTEM, hooks.seal)[0].id


def owe(app: Flask, hook: int, number: int, state: DeliveryState = DeliveryState.DELIVERED) -> int:
    """A delivery of the log; its number."""
    with app.app_context(), writing() as session:
        row = Delivery(webhook_id=hook, event_id=f"event{number:03}", event="webhook.test",
                       state=state)  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def send(caller: Caller, path: str, slug: str = OURS, **fields: object) -> TestResponse:
    """Send one of the pages' forms."""
    return caller.client.post(f"{path}?site={slug}", data=fields, headers=caller.headers)


def rows(app: Flask, table: type) -> list:  # type: ignore[type-arg]
    """Every row of a table, detached."""
    with app.app_context(), reading() as session:
        found = list(session.scalars(select(table).order_by(table.id)))  # type: ignore[attr-defined]
        session.expunge_all()
        return found


YES, NO, UNKNOWN = "yes", 403, 404
# What each act answers to each role, on the own site and on one of other people.
MANAGES = {
    #                own   other
    Role.ADMIN:     (YES, UNKNOWN),
    Role.SENIOR:    (NO, UNKNOWN),
    Role.MODERATOR: (NO, UNKNOWN),
    Role.READ_ONLY: (NO, UNKNOWN),
}  # fmt: skip
ACTS = ("add", "change", "switch", "secret", "remove", "test", "again", "look")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("own", [True, False])
def test_only_admins_manage_and_only_their_own_site(
    app: Flask, site: int, other_site: int, sign_in: SignIn, role: Role, own: bool
) -> None:
    caller = sign_in("me@example.org", role, site)
    there, slug = (site, OURS) if own else (other_site, THEIRS)
    for act in ACTS:
        hook = add(app, there)
        delivery = owe(app, hook, hook)
        one = f"{HOOKS}/{hook}"
        before = [repr(vars(row)) for row in (*rows(app, Webhook), *rows(app, Delivery))]
        answered = {
            "add": lambda: send(caller, HOOKS, slug, **FORM),
            "change": lambda one=one: send(caller, one, slug, **FORM | {"format": "slack"}),
            "switch": lambda one=one: send(caller, f"{one}/switch", slug),
            "secret": lambda one=one: send(caller, f"{one}/secret", slug),
            "remove": lambda one=one: send(caller, f"{one}/remove", slug),
            "test": lambda one=one: send(caller, f"{one}/test", slug),
            "again": lambda one=one, number=delivery: send(
                caller, f"{one}/deliveries/{number}/again", slug
            ),
            "look": lambda one=one: caller.client.get(f"{one}?site={slug}"),
        }[act]()
        expected = MANAGES[role][0 if own else 1]
        shown = act in ("add", "secret", "look")
        good = 200 if shown else 302
        assert answered.status_code == (good if expected == YES else expected), act
        after = [repr(vars(row)) for row in (*rows(app, Webhook), *rows(app, Delivery))]
        is_changed = re.sub("0x[0-9a-f]+", "", str(after)) != re.sub("0x[0-9a-f]+", "", str(before))
        assert is_changed is (expected == YES and act != "look"), act


@pytest.mark.parametrize("act", ["", "/switch", "/secret", "/remove", "/test"])
def test_a_webhook_of_another_site_is_none_here(
    app: Flask, admin: Caller, other_site: int, act: str
) -> None:
    theirs = add(app, other_site)
    assert send(admin, f"{HOOKS}/{theirs}{act}", **FORM).status_code == 404
    assert admin.client.get(f"{HOOKS}/{theirs}?site={OURS}").status_code == 404
    assert len(rows(app, Webhook)) == 1


def test_a_delivery_of_another_webhook_is_none_here(
    app: Flask, site: int, other_site: int, admin: Caller
) -> None:
    ours, theirs = add(app, site), add(app, other_site)
    delivery = owe(app, theirs, 1)
    path = f"{HOOKS}/{ours}/deliveries/{delivery}/again"
    assert send(admin, path).status_code == 404
    page = admin.client.get(f"{HOOKS}/{ours}?site={OURS}&done=test&delivery={delivery}").text
    assert "came through" not in page


@pytest.mark.parametrize("role", [Role.SENIOR, Role.MODERATOR, Role.READ_ONLY])
def test_others_read_no_addresses(app: Flask, site: int, sign_in: SignIn, role: Role) -> None:
    add(app, site)
    page = sign_in("eve@example.org", role, site).client.get(HOOKS).text
    assert "This page is for admins." in page
    assert "hooks.example" not in page


@pytest.mark.parametrize(
    "path", ["", "/1", "/1/switch", "/1/secret", "/1/remove", "/1/test", "/1/deliveries/1/again"]
)
def test_nothing_is_done_without_the_token_of_the_page(
    app: Flask, site: int, admin: Caller, path: str
) -> None:
    add(app, site)
    owe(app, 1, 1)
    answered = admin.client.post(f"{HOOKS}{path}?site={OURS}", data=FORM)
    assert answered.status_code == 400
    assert [row.action for row in rows(app, AuditEntry)] == ["webhook added"]


def test_an_empty_list_says_what_it_is_for(admin: Caller) -> None:
    page = admin.client.get(HOOKS).text
    assert "Nobody is told what happens on news" in page
    assert "Add a webhook" in page


def test_a_secret_is_shown_once_and_signs(
    app: Flask, site: int, admin: Caller, receiver: Receiver, make_comment: Callable[..., int]
) -> None:
    page = send(admin, HOOKS, **FORM | {"url": receiver.url}).text
    secret = re.search(r'id="secret" readonly value="([^"]+)"', page)
    assert secret
    (hook,) = rows(app, Webhook)
    for path in (HOOKS, f"{HOOKS}/{hook.id}?site={OURS}"):
        assert secret[1] not in admin.client.get(path).text
    make_comment("You idiot.")
    runtime_of(app).hooks.run_once()
    assert is_signed(receiver.got[0], secret[1])
    renewed = send(admin, f"{HOOKS}/{hook.id}/secret").text
    second = re.search(r'id="secret" readonly value="([^"]+)"', renewed)
    assert second
    assert second[1] != secret[1]
    make_comment("You idiot, again.")
    runtime_of(app).hooks.run_once()
    assert is_signed(receiver.got[1], second[1])
    assert not is_signed(receiver.got[1], secret[1])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"url": "http://10.0.0.1/"}, "PARLEY_WEBHOOK_PRIVATE_HOSTS"),
        ({"url": "https://u:p@a.example/"}, "Leave the name and the password out"),
        ({"url": "ftp://a.example/"}, "begins with https://"),
        ({"url": ""}, "begins with https://"),
        ({"event": []}, "Choose at least one event."),
        ({"event": ["comment.erased"]}, "Choose from the list."),
        ({"format": "xml"}, "Choose from the list."),
    ],
)
def test_what_cannot_be_taken_is_marked_and_kept(
    app: Flask, site: int, admin: Caller, typed: dict[str, object], said: str
) -> None:
    for path in (HOOKS, f"{HOOKS}/{add(app, site)}"):
        before = len(rows(app, Webhook))
        answered = send(admin, path, **FORM | typed)
        assert answered.status_code == 400
        assert said in answered.text
        assert str(typed.get("url", FORM["url"])) in answered.text
        assert len(rows(app, Webhook)) == before
    assert {row.url for row in rows(app, Webhook)} == {"https://hooks.example/x"}


def test_every_change_is_in_the_audit_log_without_paths_and_secrets(
    app: Flask, admin: Caller
) -> None:
    page = send(admin, HOOKS, **FORM | {"url": "https://hooks.example/services/T0/s3cr3t"}).text
    secret = re.search(r'id="secret" readonly value="([^"]+)"', page)
    assert secret
    one = f"{HOOKS}/1"
    send(admin, one, **FORM | {"url": "https://new.example/s3cr3t", "format": "slack"})
    unchanged = send(admin, one, **FORM | {"url": "https://new.example/s3cr3t", "format": "slack"})
    assert unchanged.status_code == 409
    send(admin, f"{one}/switch")
    send(admin, f"{one}/switch", on="1")
    assert send(admin, f"{one}/switch", on="1").status_code == 409
    send(admin, f"{one}/secret")
    send(admin, f"{one}/remove")
    entries = rows(app, AuditEntry)
    assert [row.action for row in entries] == [
        "webhook added", "webhook changed", "webhook off", "webhook on", "secret renewed",
        "webhook removed",
    ]  # fmt: skip
    assert entries[1].detail["changed"] == ["address", "format"]
    assert {row.actor_name for row in entries} == {"ada"}
    told = str([row.detail for row in entries])
    assert "hooks.example" in told
    assert "s3cr3t" not in told
    assert secret[1] not in told
    log = admin.client.get("/console/log").text
    assert "Webhook removed" in log


def test_a_test_is_sent_and_its_outcome_said(
    app: Flask, site: int, admin: Caller, receiver: Receiver
) -> None:
    hooks = runtime_of(app).hooks
    hooks.start()
    hook = add(app, site, receiver.url)
    answered = send(admin, f"{HOOKS}/{hook}/test")
    assert "The test came through: it answered 204." in admin.client.get(answered.location).text
    assert receiver.got[0].event == "webhook.test"
    receiver.does = answer(500)
    answered = send(admin, f"{HOOKS}/{hook}/test")
    page = admin.client.get(answered.location).text
    assert "The test did not come through. It answered 500." in page
    assert "Next try from" in page
    hooks.stop()


def test_a_webhook_that_is_off_is_sent_no_test(app: Flask, site: int, admin: Caller) -> None:
    hook = add(app, site)
    send(admin, f"{HOOKS}/{hook}/switch")
    assert rows(app, Webhook)[0].state is HookState.OFF
    answered = send(admin, f"{HOOKS}/{hook}/test")
    assert answered.status_code == 409
    assert "Switch the webhook on first" in answered.text


def test_send_again(app: Flask, site: int, admin: Caller, receiver: Receiver) -> None:
    hook = add(app, site, receiver.url)
    delivery = owe(app, hook, 7)
    assert "Send again" in admin.client.get(f"{HOOKS}/{hook}?site={OURS}").text
    assert send(admin, f"{HOOKS}/{hook}/deliveries/{delivery}/again").status_code == 302
    assert send(admin, f"{HOOKS}/{hook}/deliveries/{delivery}/again").status_code == 409
    runtime_of(app).hooks.run_once()
    assert [got.event_id for got in receiver.got] == ["event007"]


def test_the_log_is_paged(app: Flask, site: int, admin: Caller) -> None:
    hook = add(app, site)
    for number in range(60):
        owe(app, hook, number)
    path, seen = f"{HOOKS}/{hook}?site={OURS}", []
    while path:
        with counted(app) as statements:
            page = admin.client.get(path).text
        assert len(statements) < 20
        seen += re.findall(r"<code title=\"Parley-Delivery\">(\w+)</code>", page)
        older = re.search(r'href="([^"]+)#log">Older', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == [f"event{number:03}" for number in reversed(range(60))]


def test_the_list_takes_as_many_queries_however_many_there_are(
    app: Flask, site: int, admin: Caller
) -> None:
    add(app, site)
    with counted(app) as one:
        admin.client.get(HOOKS)
    for _ in range(8):
        owe(app, add(app, site), len(rows(app, Delivery)))
    with counted(app) as many:
        assert admin.client.get(HOOKS).text.count('class="hook-name"') == 9
    assert len(many) == len(one)


def test_a_site_has_so_many_at_most(app: Flask, site: int, admin: Caller) -> None:
    for _ in range(webhooks.MOST):
        add(app, site)
    answered = send(admin, HOOKS, **FORM)
    assert answered.status_code == 409
    assert "at most 20 webhooks" in answered.text
    assert len(rows(app, Webhook)) == webhooks.MOST


def test_a_decision_costs_one_question_where_nobody_listens(
    app: Flask, make_comment: Callable[..., int]
) -> None:
    number = make_comment()
    with counted(app) as statements, app.app_context(), writing() as session:
        comment = session.get_one(Comment, number)
        decisions.decide(session, comment, Status.REJECTED, Actor(SYSTEM.kind.STAFF, 1, "Sena"))
    assert len([one for one in statements if "webhook" in one]) == 1


def test_commands(app: Flask, site: int, receiver: Receiver) -> None:
    def run(*words: str) -> tuple[int, str]:
        done = app.test_cli_runner().invoke(args=["webhooks", *words])
        return done.exit_code, done.output

    assert "news has no webhooks" in run("list", "news")[1]
    assert run("add", "news", "http://10.0.0.1/")[0] == 1
    status, said = run("add", "news", receiver.url, "--event", "comment.held", "--format", "slack")
    assert (status, said.startswith("Webhook 1 is there.")) == (0, True)
    secret = said.splitlines()[-1]
    status, said = run("test", "news", "1")
    assert (status, said.strip()) == (0, "Delivered: it answered 204.")
    assert is_signed(receiver.got[0], secret)
    receiver.does = answer(503)
    status, said = run("test", "news", "1")
    assert (status, "Not delivered. It answered 503." in said) == (1, True)
    listed = run("list", "news")[1]
    assert f"1  127.0.0.1:{receiver.port}  slack  on  1 due, 1 delivered, 0 given up" in listed
    assert "/hook" not in listed
    assert run("remove", "news", "2")[0] == 1
    assert run("remove", "nowhere", "1")[0] == 1
    assert run("remove", "news", "1")[0] == 0
    assert [row.actor_name for row in rows(app, AuditEntry)] == ["command line"] * 2
    assert rows(app, Delivery) == []
