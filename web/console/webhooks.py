"""The pages on which the admins of a site say where its events are sent, and see how that went."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, writing
from models import Delivery, DeliveryState, HookEvent, HookFormat, HookState, Site, Webhook
from models.webhook import TEST_EVENT
from moderation import webhooks
from moderation.errors import Invalid, NotFound, ParleyError, Refused, Unchanged
from moderation.permissions import Action
from moderation.targets import LONGEST_URL
from moderation.webhooks import Lately, Wanted
from web import auth
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import sites as which
from web.console.desk import blueprint
from web.runtime import runtime

_PAGE = 25
# As long as whoever sends a test waits to see its outcome on the next page.
_TEST_SECONDS = 3.0
EVENTS = {
    HookEvent.PUBLISHED: ("Published", "A comment can be read by everybody."),
    HookEvent.HELD: ("Held", "A comment waits for a moderator."),
    HookEvent.DECIDED: ("Decided", "A person, or a program with a key, decided a comment."),
    HookEvent.REPORTED: ("Reported", "A reader reported a comment."),
}
FORMATS = {
    HookFormat.JSON: ("JSON", "Everything, for a program of your own."),
    HookFormat.SLACK: ("Slack", "A message, for an incoming webhook of Slack or what speaks it."),
    HookFormat.MATRIX: ("Matrix", "A message, for a generic webhook of matrix-hookshot."),
}
STATES = {
    HookState.ON: ("on", "published"),
    HookState.OFF: ("off", ""),
    HookState.FAILED: ("switched off by Parley", "rejected"),
}
OUTCOMES = {
    DeliveryState.DUE: ("due", "held"),
    DeliveryState.DELIVERED: ("delivered", "published"),
    DeliveryState.GIVEN_UP: ("given up", "rejected"),
}
_SAID = {
    "changed": "The webhook is changed.",
    "on": "The webhook is on: it is told what happens from now on, and what it was still owed.",
    "off": "The webhook is off: nothing is sent there. What it is owed is kept for 30 days.",
    "removed": "The webhook and its log are removed.",
    "again": "The delivery is due once more.",
    "test": "The test is on its way: look again in a moment.",
}


@dataclass(frozen=True)
class Typed:
    """A form as it was filled in."""

    url: str = ""
    events: frozenset[str] = frozenset({HookEvent.HELD.value, HookEvent.REPORTED.value})
    format: str = HookFormat.JSON.value

    @classmethod
    def sent(cls) -> Typed:
        """The form of this request."""
        form = request.form
        return cls(form.get("url", "").strip(), frozenset(form.getlist("event")),
                   form.get("format", ""))  # fmt: skip

    @classmethod
    def of(cls, hook: Webhook) -> Typed:
        """A webhook as it stands."""
        return cls(hook.url, frozenset(hook.events), hook.format.value)

    def wanted(self) -> Wanted:
        """What is asked for. Raises Invalid for a choice that is not offered."""
        if not self.events <= set(HookEvent) or self.format not in set(HookFormat):
            raise Invalid("Choose from the list.", field="events")
        return Wanted(self.url, frozenset(map(HookEvent, self.events)), HookFormat(self.format),
                      runtime().hooks.private_hosts)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What a page says besides what stands; `secret` is shown this once."""

    said: str = ""
    status: int = 200
    failed: bool = False
    secret: str = ""
    typed: Typed | None = None
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def is_bad(self) -> bool:
        """Whether what is said is of something that went wrong."""
        return self.failed or self.status >= 400

    @classmethod
    def wrong(cls, error: ParleyError, typed: Typed) -> Answer:
        """A form that cannot be taken as it is."""
        faults = {error.field: error.message} if error.field else {}
        said = "Nothing is saved: see what is marked below." if faults else error.message
        status = 400 if isinstance(error, Invalid) and not isinstance(error, Unchanged) else 409
        return cls(said, status, typed=typed, faults=faults)


@blueprint.get("/webhooks")
def show_webhooks() -> Response:
    """Where a site's events are sent."""
    return _list(Answer(_SAID.get(request.args.get("done", ""), "")))


@blueprint.post("/webhooks")
def add_webhook() -> AnyResponse:
    """Add one, and show its secret: nobody can read it again afterwards."""
    typed = Typed.sent()
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            hook, secret = webhooks.add(
                session, site, typed.wanted(), moderator.actor, runtime().hooks.seal
            )
            number = hook.id
    except (Invalid, Refused) as error:
        return _list(Answer.wrong(error, typed))
    return _one(number, Answer("The webhook is there, and on.", secret=secret))


@blueprint.get("/webhooks/<row:hook_id>")
def show_webhook(hook_id: int) -> Response:
    """One webhook and what was sent there."""
    done = request.args.get("done", "")
    delivery_id = min(max(request.args.get("delivery", 0, type=int), 0), LARGEST_ID)
    return _one(hook_id, _tested(hook_id, delivery_id) or Answer(_SAID.get(done, "")))


@blueprint.post("/webhooks/<row:hook_id>")
def change_webhook(hook_id: int) -> AnyResponse:
    """Give it another address, other events or another format."""
    typed = Typed.sent()
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            webhooks.change(session, site.id, hook_id, typed.wanted(), moderator.actor)
            slug = site.slug
    except Invalid as error:
        return _one(hook_id, Answer.wrong(error, typed))
    return _back(hook_id, slug, "changed")


@blueprint.post("/webhooks/<row:hook_id>/switch")
def switch_webhook(hook_id: int) -> AnyResponse:
    """Switch it on or off."""
    on = request.form.get("on") == "1"
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            webhooks.switch(session, site.id, hook_id, on, moderator.actor)
            slug = site.slug
    except Unchanged as error:
        return _one(hook_id, Answer(error.message, 409))
    return _back(hook_id, slug, "on" if on else "off")


@blueprint.post("/webhooks/<row:hook_id>/secret")
def renew_secret(hook_id: int) -> AnyResponse:
    """Give it another secret, and show it."""
    with writing() as session:
        moderator, site = _to_manage(session)
        secret = webhooks.renew_secret(
            session, site.id, hook_id, moderator.actor, runtime().hooks.seal
        )
    return _one(hook_id, Answer("The secret is a new one: the old one signs no more.",
                                secret=secret))  # fmt: skip


@blueprint.post("/webhooks/<row:hook_id>/remove")
def remove_webhook(hook_id: int) -> AnyResponse:
    """Forget it and its log."""
    with writing() as session:
        moderator, site = _to_manage(session)
        webhooks.remove(session, site.id, hook_id, moderator.actor)
        slug = site.slug
    return redirect(url_for(".show_webhooks", site=slug, done="removed"))


@blueprint.post("/webhooks/<row:hook_id>/test")
def test_webhook(hook_id: int) -> AnyResponse:
    """Send it a test, and wait a moment for what it answers."""
    try:
        with writing() as session:
            _, site = _to_manage(session)
            delivery_id, slug = webhooks.test(session, site.id, hook_id).id, site.slug
    except Refused as error:
        return _one(hook_id, Answer(error.message, 409))
    runtime().hooks.wait_tried(delivery_id, _TEST_SECONDS)
    return _back(hook_id, slug, "test", delivery_id)


@blueprint.post("/webhooks/<row:hook_id>/deliveries/<row:delivery_id>/again")
def send_again(hook_id: int, delivery_id: int) -> AnyResponse:
    """Send a delivery once more."""
    try:
        with writing() as session:
            _, site = _to_manage(session)
            webhooks.send_again(session, site.id, hook_id, delivery_id)
            slug = site.slug
    except Refused as error:
        return _one(hook_id, Answer(error.message, 409))
    runtime().hooks.wait_tried(delivery_id, _TEST_SECONDS)
    return _back(hook_id, slug, "again")


def _back(hook_id: int, slug: str, done: str, delivery_id: int = 0) -> AnyResponse:
    return redirect(
        url_for(
            ".show_webhook", hook_id=hook_id, site=slug, done=done, delivery=delivery_id or None
        )
    )


def _tested(hook_id: int, delivery_id: int) -> Answer | None:
    """What became of a test; None where there is none, or it is still on its way."""
    if not delivery_id:
        return None
    with reading() as session:
        _, site = _to_manage(session)
        webhooks.get(session, site.id, hook_id)
        row = session.get(Delivery, delivery_id)
        if row is None or row.webhook_id != hook_id or row.event != TEST_EVENT:
            return None
        if row.state is DeliveryState.DELIVERED:
            return Answer(f"The test came through: it answered {row.status_code}.")
        said = f"The test did not come through. {row.error}"
        return Answer(said, failed=True) if row.attempts else None


def _list(answer: Answer) -> Response:
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        managed = {
            number: site
            for number, site in sites.items()
            if moderator.may(Action.MANAGE_WEBHOOKS, number)
        }
        asked = request.args.get("site", "")
        first = next(iter((managed or sites).values()), None)
        site = sites[which.chosen(sites, asked)[0]] if asked else first
        may_manage = site is not None and site.id in managed
        hooks = webhooks.of_site(session, site.id) if site and may_manage else []
        page = render_template(
            "console/webhooks.html",
            sites=managed if may_manage else sites,
            site=site,
            may_manage=may_manage,
            hooks=hooks,
            lately=webhooks.lately(session, [hook.id for hook in hooks]),
            most=webhooks.MOST,
            typed=answer.typed or Typed(),
            **_common(answer),
        )
    return Response(page, answer.status, mimetype="text/html")


def _one(hook_id: int, answer: Answer) -> Response:
    before = min(max(request.args.get("before", 0, type=int), 0), LARGEST_ID)
    with reading() as session:
        _, site = _to_manage(session)
        hook = webhooks.get(session, site.id, hook_id)
        found = webhooks.log(session, hook.id, before, _PAGE + 1)
        page = render_template(
            "console/webhook.html",
            site=site,
            hook=hook,
            lately=webhooks.lately(session, [hook.id]).get(hook.id, Lately()),
            log=found[:_PAGE],
            older=found[_PAGE - 1].id if len(found) > _PAGE else 0,
            is_older=bool(before),
            typed=answer.typed or Typed.of(hook),
            outcomes=OUTCOMES,
            **_common(answer),
        )
    return Response(page, answer.status, mimetype="text/html")


def _common(answer: Answer) -> dict[str, object]:
    return {
        "answer": answer,
        "events": EVENTS,
        "formats": FORMATS,
        "states": STATES,
        "host_of": webhooks.host_of,
        "longest": LONGEST_URL,
    }


def _to_manage(session: Session) -> tuple[Moderator, Site]:
    """The site that is asked for, if this person manages its webhooks."""
    moderator = auth.moderator(session)
    sites = which.of(session, moderator)
    found = which.chosen(sites, request.args.get("site", ""))
    if not found:
        raise NotFound("There is no such site.")
    site = sites[found[0]]
    moderator.require(Action.MANAGE_WEBHOOKS, site.id)
    return moderator, site
