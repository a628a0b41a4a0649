"""Take a webhook, find what is owed to it and note what became of that; never sends anything."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from jobs.hooks.sending import Answer
from models import Delivery, DeliveryState, HookState, Webhook, utcnow

# Seconds after each failed try; the tenth try, about three days after the first, is the last.
PAUSES = (10, 60, 300, 1800, 7200, 21_600, 43_200, 86_400, 86_400)
# A receiver that asks for more patience is given it up to here.
LONGEST_WAIT = 86_400.0
# So often a delivery holds up those after it, to keep the order; then they go by.
ORDERED_TRIES = 3
# With more than this waiting, a webhook is switched off.
MOST_WAITING = 10_000
GONE = 410
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Tried:
    """How one try ended: with an answer, or with why there was none."""

    answer: Answer | None = None
    error: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the receiver took it."""
        return self.answer is not None and 200 <= self.answer.status < 300


def waiting(session: Session, now: datetime) -> list[int]:
    """The webhooks to which something could be sent now; longest left alone first."""
    is_due = exists().where(
        Delivery.webhook_id == Webhook.id,
        Delivery.state == DeliveryState.DUE,
        Delivery.due_at <= now,
    )
    found = session.scalars(
        select(Webhook.id)
        .where(Webhook.state == HookState.ON, Webhook.leased_until <= now, is_due)
        .order_by(Webhook.leased_until, Webhook.id)
    )
    return [number for number in found if following(session, number, now) is not None]


def take(session: Session, hook_id: int, seconds: float) -> str:
    """Take a webhook for some seconds; the name of the lease, empty where another process has it.

    One process at a time sends to a webhook, which keeps the order.
    """
    lease, now = secrets.token_hex(16), utcnow()
    taken = session.scalars(
        update(Webhook)
        .where(Webhook.id == hook_id, Webhook.state == HookState.ON, Webhook.leased_until <= now)
        .values(lease=lease, leased_until=now + timedelta(seconds=seconds))
        .returning(Webhook.id)
        .execution_options(synchronize_session=False)
    ).all()
    return lease if taken else ""


def give_back(session: Session, hook_id: int, lease: str) -> None:
    """Let go of a webhook."""
    session.execute(
        update(Webhook)
        .where(Webhook.id == hook_id, Webhook.lease == lease)
        .values(lease="", leased_until=utcnow())
        .execution_options(synchronize_session=False)
    )


def following(session: Session, hook_id: int, now: datetime) -> Delivery | None:
    """What is to be sent next to a webhook, if its time has come.

    The oldest first, and as long as it was not tried often none before it; what failed more often
    than that comes at its own time.
    """
    due = and_(Delivery.webhook_id == hook_id, Delivery.state == DeliveryState.DUE)
    late = session.scalars(
        select(Delivery)
        .where(due, Delivery.attempts >= ORDERED_TRIES, Delivery.due_at <= now)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    ).first()
    if late is not None:
        return late
    head = session.scalars(
        select(Delivery)
        .where(due, Delivery.attempts < ORDERED_TRIES)
        .order_by(Delivery.id)
        .limit(1)
    ).first()
    return head if head is not None and head.due_at <= now else None


def note(session: Session, hook_id: int, lease: str, delivery_id: int, tried: Tried) -> bool:
    """Write down how a try ended; False where the lease was lost, and it counts as none.

    The caller commits.
    """
    hook = session.get(Webhook, hook_id, with_for_update=True)
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if hook is None or delivery is None or hook.lease != lease:
        return False
    if delivery.state is not DeliveryState.DUE:
        return False
    delivery.attempts += 1
    delivery.status_code = tried.answer.status if tried.answer else 0
    delivery.error = "" if tried.is_good else _words(tried)
    if tried.is_good:
        _close(delivery, DeliveryState.DELIVERED)
    elif delivery.status_code == GONE:
        _close(delivery, DeliveryState.GIVEN_UP)
        fail(hook, "The receiver said that it is gone for good (410).")
    elif delivery.attempts > len(PAUSES):
        _close(delivery, DeliveryState.GIVEN_UP)
        if not _took_any(session, delivery):
            fail(hook, "For three days nothing could be delivered.")
    else:
        delivery.due_at = utcnow() + timedelta(seconds=_pause(delivery.attempts, tried.answer))
    return True


def fail(hook: Webhook, why: str) -> None:
    """Switch a webhook off, and say why."""
    hook.state, hook.fault = HookState.FAILED, why[:200]
    _log.warning("a webhook is switched off", webhook_id=hook.id, why=why)


def bound(session: Session) -> None:
    """Switch off the webhooks to which too much is owed; the caller commits."""
    for hook in session.scalars(select(Webhook).where(Webhook.state == HookState.ON)).all():
        one_too_many = session.scalar(
            select(Delivery.id)
            .where(Delivery.webhook_id == hook.id, Delivery.state == DeliveryState.DUE)
            .order_by(Delivery.id)
            .offset(MOST_WAITING)
            .limit(1)
        )
        if one_too_many is not None:
            fail(hook, f"More than {MOST_WAITING:,} deliveries wait: the receiver is too slow.")


def _close(delivery: Delivery, state: DeliveryState) -> None:
    delivery.state, delivery.finished_at = state, utcnow()


def _took_any(session: Session, delivery: Delivery) -> bool:
    """Whether the webhook took anything else in all the time that this one was tried."""
    found = select(Delivery.id).where(
        Delivery.webhook_id == delivery.webhook_id,
        Delivery.state == DeliveryState.DELIVERED,
        Delivery.finished_at > delivery.created_at,
    )
    return session.scalar(found.limit(1)) is not None


def _pause(attempts: int, answer: Answer | None) -> float:
    wanted = answer.retry_after if answer else 0.0
    return max(float(PAUSES[attempts - 1]), min(wanted, LONGEST_WAIT))


def _words(tried: Tried) -> str:
    if tried.answer is None:
        return tried.error[:200]
    if 300 <= tried.answer.status < 400:
        return "It was sent on to another address, which is not followed."
    return f"It answered {tried.answer.status}."
