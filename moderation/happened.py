"""Which webhooks are owed word of a decision or a report; written down with it, sent later.

The rows of what is owed stand in the transaction of what happened. Where transactions end in
another order than their numbers, as on PostgreSQL, whoever remembers the last number that it has
seen misses the late one; here there is nothing to miss.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import ActorKind, Decision, Delivery, HookEvent, HookState, Report, Status, Webhook

_PEOPLE = (ActorKind.STAFF, ActorKind.API_KEY)


def decided(session: Session, decision: Decision) -> None:
    """Owe word of a decision that is stored already to whoever listens."""
    events = events_of(decision)
    if not events:
        return
    for hook, event in _listening(session, decision.site_id, events):
        session.add(_delivery(hook, event, decision.comment_id, decision_id=decision.id))


def reported(session: Session, site_id: int, report: Report) -> None:
    """Owe word of a report that is stored already to whoever listens."""
    for hook, event in _listening(session, site_id, (HookEvent.REPORTED,)):
        session.add(_delivery(hook, event, report.comment_id, report_id=report.id))


def events_of(decision: Decision) -> tuple[HookEvent, ...]:
    """What a decision is to those outside: where the comment came to stand, and a person's word.

    What leaves a comment where it stands moves it nowhere, and is a decision all the same.
    """
    events: list[HookEvent] = []
    if decision.after is not decision.before:
        if decision.after is Status.PUBLISHED:
            events.append(HookEvent.PUBLISHED)
        elif decision.after is Status.HELD:
            events.append(HookEvent.HELD)
    if decision.actor_kind in _PEOPLE:
        events.append(HookEvent.DECIDED)
    return tuple(events)


def new_event_id() -> str:
    """What a receiver knows an event by."""
    return secrets.token_hex(16)


def _listening(
    session: Session, site_id: int, events: Collection[HookEvent]
) -> Iterable[tuple[int, HookEvent]]:
    """The webhooks that are on, each with what it wants to hear of these events; one query."""
    rows = session.execute(
        select(Webhook.id, Webhook.events)
        .where(Webhook.site_id == site_id, Webhook.state == HookState.ON)
        .order_by(Webhook.id)
    )
    return [(number, event) for number, wanted in rows for event in events if event in wanted]


def _delivery(
    hook_id: int, event: HookEvent, comment_id: int, *, decision_id: int = 0, report_id: int = 0
) -> Delivery:
    return Delivery(
        webhook_id=hook_id,
        event_id=new_event_id(),
        event=event.value,
        comment_id=comment_id,
        decision_id=decision_id,
        report_id=report_id,
    )
