"""The webhooks of a site: added, changed, switched, removed, and the log of what was sent."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models import (
    Delivery,
    DeliveryState,
    HookEvent,
    HookFormat,
    HookState,
    Site,
    Webhook,
    utcnow,
)
from models.webhook import TEST_EVENT
from moderation import audit, targets
from moderation.decisions import Actor
from moderation.errors import Invalid, NotFound, Refused, Unchanged
from moderation.happened import new_event_id
from moderation.sealing import Seal

ADDED, CHANGED, REMOVED = "webhook added", "webhook changed", "webhook removed"
SWITCHED_ON, SWITCHED_OFF = "webhook on", "webhook off"
RENEWED = "secret renewed"
# Each costs every decision of its site a row.
MOST = 20
PURPOSE = "parley webhook secrets"


@dataclass(frozen=True)
class Wanted:
    """What an admin asks for; `private_hosts` may be reached though they are private."""

    url: str
    events: frozenset[HookEvent]
    format: HookFormat
    private_hosts: Collection[str] = ()

    def check(self) -> None:
        """Raises Invalid for an address that nothing is sent to, and for no event at all."""
        targets.target(self.url, self.private_hosts)
        if not self.events:
            raise Invalid("Choose at least one event.", field="events")


@dataclass(frozen=True)
class Lately:
    """How many deliveries of a webhook wait, came through and were given up, as far as is kept."""

    due: int = 0
    delivered: int = 0
    given_up: int = 0


def add(
    session: Session, site: Site, wanted: Wanted, actor: Actor, seal: Seal
) -> tuple[Webhook, str]:
    """A new webhook, and the secret that its deliveries are signed with; the caller commits.

    The secret is shown this once. Raises Invalid and, for more than are possible, Refused.
    """
    wanted.check()
    session.refresh(site, with_for_update=True)
    there = select(func.count()).select_from(Webhook).where(Webhook.site_id == site.id)
    if (session.scalar(there) or 0) >= MOST:
        raise Refused(f"A site has at most {MOST} webhooks. Remove one that is not needed.")
    secret = secrets.token_urlsafe(32)
    hook = Webhook(
        site_id=site.id,
        url=wanted.url,
        sealed_secret=seal.close(secret),
        events=_in_order(wanted.events),
        format=wanted.format,
    )
    session.add(hook)
    _record(session, ADDED, hook, actor, events=hook.events, format=hook.format.value)
    return hook, secret


def change(session: Session, site_id: int, hook_id: int, wanted: Wanted, actor: Actor) -> Webhook:
    """Let a webhook have another address, other events or another format; the caller commits.

    What is owed already goes to the new address. Raises Invalid, NotFound and Unchanged.
    """
    wanted.check()
    hook = _locked(session, site_id, hook_id)
    now = {"address": hook.url, "events": hook.events, "format": hook.format}
    new = {"address": wanted.url, "events": _in_order(wanted.events), "format": wanted.format}
    if now == new:
        raise Unchanged("This webhook is so already.")
    hook.url, hook.events, hook.format = wanted.url, _in_order(wanted.events), wanted.format
    changed = [name for name in now if now[name] != new[name]]
    _record(session, CHANGED, hook, actor, changed=changed, events=hook.events)
    return hook


def switch(session: Session, site_id: int, hook_id: int, on: bool, actor: Actor) -> Webhook:
    """Switch a webhook on or off; the caller commits. Raises NotFound and Unchanged.

    What was owed when it went off is kept, and sent when it is on again.
    """
    hook = _locked(session, site_id, hook_id)
    state = HookState.ON if on else HookState.OFF
    if hook.state is state:
        raise Unchanged(f"This webhook is {state.value} already.")
    hook.state, hook.fault = state, ""
    _record(session, SWITCHED_ON if on else SWITCHED_OFF, hook, actor)
    return hook


def renew_secret(session: Session, site_id: int, hook_id: int, actor: Actor, seal: Seal) -> str:
    """Another secret, which is shown this once; deliveries are signed with it from now on."""
    hook = _locked(session, site_id, hook_id)
    secret = secrets.token_urlsafe(32)
    hook.sealed_secret = seal.close(secret)
    _record(session, RENEWED, hook, actor)
    return secret


def remove(session: Session, site_id: int, hook_id: int, actor: Actor) -> None:
    """Forget a webhook and its log; the caller commits. Raises NotFound."""
    hook = _locked(session, site_id, hook_id)
    _record(session, REMOVED, hook, actor)
    session.execute(delete(Delivery).where(Delivery.webhook_id == hook.id))
    session.delete(hook)


def test(session: Session, site_id: int, hook_id: int) -> Delivery:
    """Owe a webhook an event that tells of nothing; the caller commits.

    Raises NotFound, and Refused for one that is off.
    """
    hook = get(session, site_id, hook_id)
    _require_on(hook)
    delivery = Delivery(webhook_id=hook.id, event_id=new_event_id(), event=TEST_EVENT)
    session.add(delivery)
    session.flush()
    return delivery


def send_again(session: Session, site_id: int, hook_id: int, delivery_id: int) -> Delivery:
    """Owe a delivery once more, under the name that its receiver knows it by; the caller commits.

    Raises NotFound, and Refused for one that is due anyway and for a webhook that is off.
    """
    hook = _locked(session, site_id, hook_id)
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.webhook_id != hook.id:
        raise NotFound("There is no such delivery. It may be older than the log.")
    if delivery.state is DeliveryState.DUE:
        raise Refused("This delivery is under way already.")
    _require_on(hook)
    delivery.state, delivery.due_at, delivery.finished_at = DeliveryState.DUE, utcnow(), None
    delivery.attempts, delivery.status_code, delivery.error = 0, 0, ""
    return delivery


def of_site(session: Session, site_id: int) -> Sequence[Webhook]:
    """The webhooks of a site, oldest first."""
    return session.scalars(
        select(Webhook).where(Webhook.site_id == site_id).order_by(Webhook.id)
    ).all()


def get(session: Session, site_id: int, hook_id: int) -> Webhook:
    """A webhook of a site. Raises NotFound."""
    hook = session.get(Webhook, hook_id)
    if hook is None or hook.site_id != site_id:
        raise NotFound("There is no such webhook.")
    return hook


def lately(session: Session, hook_ids: Collection[int]) -> dict[int, Lately]:
    """How the deliveries of some webhooks went, in one query."""
    rows = session.execute(
        select(Delivery.webhook_id, Delivery.state, func.count())
        .where(Delivery.webhook_id.in_(hook_ids))
        .group_by(Delivery.webhook_id, Delivery.state)
    )
    found: dict[int, dict[DeliveryState, int]] = {number: {} for number in hook_ids}
    for number, state, count in rows:
        found[number][state] = count
    return {
        number: Lately(
            counts.get(DeliveryState.DUE, 0),
            counts.get(DeliveryState.DELIVERED, 0),
            counts.get(DeliveryState.GIVEN_UP, 0),
        )
        for number, counts in found.items()
    }


def log(session: Session, hook_id: int, before: int, limit: int) -> Sequence[Delivery]:
    """Deliveries of a webhook, newest first; `before` is the number of the last one seen, or 0."""
    query = select(Delivery).where(Delivery.webhook_id == hook_id)
    if before:
        query = query.where(Delivery.id < before)
    return session.scalars(query.order_by(Delivery.id.desc()).limit(limit)).all()


def host_of(hook: Webhook) -> str:
    """Where it goes, without the path: that of some receivers is as good as a password."""
    return urlsplit(hook.url).netloc


def _locked(session: Session, site_id: int, hook_id: int) -> Webhook:
    """A webhook as it stands now, taken for changing. Raises NotFound."""
    hook = get(session, site_id, hook_id)
    session.refresh(hook, with_for_update=True)
    return hook


def _require_on(hook: Webhook) -> None:
    if hook.state is not HookState.ON:
        raise Refused("Switch the webhook on first: one that is off is sent nothing.")


def _in_order(events: Collection[HookEvent]) -> list[str]:
    return [one.value for one in HookEvent if one in events]


def _record(session: Session, action: str, hook: Webhook, actor: Actor, **detail: object) -> None:
    named = {"host": host_of(hook), **detail}
    audit.record(session, action, hook, actor, site_id=hook.site_id, detail=named)
