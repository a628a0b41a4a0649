"""Finds the key that a program sent, ends keys, and knows what is stored of one: never the key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from models import ApiKey, KeyPurpose, OutsideDecision, utcnow
from moderation.errors import NotFound

# What each kind of key begins with, so that a person sees which one lies before them.
_BEGINNING = {KeyPurpose.MODERATION: "pk_", KeyPurpose.LABELS: "pa_", KeyPurpose.SCORES: "ps_"}
# Of its 43 random characters so many are kept: enough to tell keys apart, none to guess one by.
_KEPT = 4


def digest_of(key: str) -> str:
    """What is stored of an API key: SHA-256; the key itself has 256 random bits."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def make(session: Session, site_id: int, name: str, purpose: KeyPurpose, per_minute: int) -> str:
    """A new key of a site, which nobody can see again."""
    beginning = _BEGINNING[purpose]
    key = f"{beginning}{secrets.token_urlsafe(32)}"
    session.add(
        ApiKey(
            site_id=site_id,
            name=name,
            digest=digest_of(key),
            prefix=key[: len(beginning) + _KEPT],
            purpose=purpose,
            per_minute=per_minute,
        )
    )
    return key


def find(session: Session, key: str, purposes: Collection[KeyPurpose]) -> ApiKey | None:
    """The standing key for one of these purposes; None for any other, whatever is wrong with it.

    Looked up by its digest, so that how long it takes tells nothing of any key; one query.
    """
    digest = digest_of(key)
    found = session.scalar(select(ApiKey).where(ApiKey.digest == digest))
    if found is None or not hmac.compare_digest(found.digest, digest):
        return None
    return found if found.active and found.purpose in purposes else None


def revoke(session: Session, key_id: int, *, forget: bool = False) -> int:
    """End a key, and forget what was said with it if asked to; how many labels were forgotten.

    Raises NotFound.
    """
    key = session.get(ApiKey, key_id)
    if key is None:
        raise NotFound("There is no key with this number.")
    if key.active:
        key.revoked_at = utcnow()
    said = OutsideDecision.key_id == key_id
    count = session.scalar(select(func.count()).where(said)) or 0
    if not forget:
        return 0
    session.execute(delete(OutsideDecision).where(said))
    return count


def note_use(session: Session, key_id: int, day: date) -> None:
    """Keep the day on which a key was last used; a day that has passed changes nothing."""
    session.execute(
        update(ApiKey).where(ApiKey.id == key_id, ApiKey.used_on < day).values(used_on=day)
    )
