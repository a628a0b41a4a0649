"""Which program sends a request for scores: by its key, which it may send so many times a minute.

The one place for this, for every such door: `caller` finds the key's site, `count` its quota. What
goes wrong is said in each door's own way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app, request
from sqlalchemy.orm import Session

from models import KeyPurpose
from moderation import keys
from web import limits
from web.runtime import runtime

_FOR_SCORES = (KeyPurpose.LABELS, KeyPurpose.SCORES)


class NoKey(Exception):
    """The request carries no key at all."""


class BadKey(Exception):
    """What it carries is no key for this, or was revoked; which of them, nobody is told."""


class OverQuota(Exception):
    """Too many requests: with this key, or with bad ones from this address.

    `seconds` until another one is taken; `per_minute` is the key's quota, 0 for an address.
    """

    def __init__(self, seconds: int, per_minute: int = 0) -> None:
        super().__init__("over quota")
        self.seconds = seconds
        self.per_minute = per_minute


@dataclass(frozen=True)
class Caller:
    """The program behind a key, and the site that it speaks for."""

    key_id: int
    site_id: int
    per_minute: int
    may_label: bool
    used_on: date


def in_query() -> str:
    """The key in the address, as Perspective's clients send it."""
    return request.args.get("key", "").strip()


def in_header() -> str:
    """The key in the header that Google's clients know."""
    return request.headers.get("X-Goog-Api-Key", "").strip()


def bearer() -> str:
    """The key as a bearer token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def caller(session: Session, places: Sequence[Callable[[], str]]) -> Caller:
    """Who sends the request; the first of `places` that has a key counts. One query.

    Raises NoKey, BadKey, and OverQuota for an address that has sent too many bad ones.
    """
    sent = next(filter(None, (place() for place in places)), "")
    if not sent:
        raise NoKey
    key = keys.find(session, sent, _FOR_SCORES)
    if key is None:
        tries = current_app.config[limits.READ_RATE]
        if seconds := limits.count(tries, "bad-key", limits.requester()):
            raise OverQuota(seconds)
        raise BadKey
    may_label = key.purpose is KeyPurpose.LABELS
    return Caller(key.id, key.site_id, key.per_minute, may_label, key.used_on)


def count(one: Caller) -> None:
    """Count the request towards its key's quota, and note the day. Raises OverQuota."""
    rate = f"{one.per_minute} per minute"
    if seconds := limits.count(rate, "api-key", str(one.key_id)):
        raise OverQuota(seconds, one.per_minute)
    runtime().key_days.note(one.key_id, one.used_on)
