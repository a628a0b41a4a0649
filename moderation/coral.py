"""Coral's external moderation phase: whose request it is, and what a site's rules make of it.

Source: Coral's own guides "External Moderation Phases" and "Webhooks" (coralproject/talk), and how
it signs in its source: one `sha256=` for each secret that is valid, over the body as it was sent.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Advice, CoralSecret, Site, Status
from moderation import policy
from moderation.errors import Invalid, NotFound
from moderation.policy import PRE_MODERATION
from moderation.sealing import Seal
from moderation.signals import Signal
from moderation.signals.links import HELD, MANY
from moderation.signals.obfuscation import KIND as OBFUSCATED
from moderation.signals.toxicity import KIND as SCORE
from moderation.signals.words import BANNED, SUSPECT
from moderation.values import Values

PURPOSE = "coral secrets"
_SHORTEST, _LONGEST = 16, 200
_SCHEME = "sha256="
_TOXIC = (SCORE, OBFUSCATED, BANNED, SUSPECT)
_SPAM = (MANY, HELD)
# For a person to look at: what Coral does with it until then is to show it to nobody else.
WITHHELD = {"status": "SYSTEM_WITHHELD"}


def add(session: Session, site: Site, secret: str, seal: Seal) -> CoralSecret:
    """Take requests that are signed with a secret as meant for a site. Raises Invalid."""
    secret = secret.strip()
    if not _SHORTEST <= len(secret) <= _LONGEST or not secret.isprintable():
        raise Invalid(f"A signing secret of Coral's has {_SHORTEST} to {_LONGEST} characters.")
    made = CoralSecret(site_id=site.id, sealed=seal.close(secret))
    session.add(made)
    session.flush()
    return made


def remove(session: Session, number: int) -> CoralSecret:
    """Take no request any more that is signed with a secret. Raises NotFound."""
    found = session.get(CoralSecret, number)
    if found is None:
        raise NotFound("There is no secret with this number.")
    session.delete(found)
    return found


def signed_site(
    session: Session, slug: str, body: bytes, signatures: str, seal: Seal
) -> Site | None:
    """The site of a request whose body one of its secrets signed; None where none did.

    An unknown site takes as long as one without the right secret, but for its secrets.
    """
    sent = [
        part.strip()[len(_SCHEME) :]
        for part in signatures.split(",")[:10]
        if part.strip().startswith(_SCHEME)
    ]
    query = (
        select(CoralSecret, Site)
        .join(Site, Site.id == CoralSecret.site_id)
        .where(Site.slug == slug)
    )
    found = None
    for secret, site in session.execute(query):
        right = hmac.new(seal.open(secret.sealed).encode(), body, "sha256").hexdigest().encode()
        if any(hmac.compare_digest(right, one.encode("utf-8", "replace")) for one in sent):
            found = site
    return found


def answer(signals: Sequence[Signal], values: Values) -> dict[str, Any]:
    """What Coral is told; {} leaves the comment to its other phases.

    Nothing is approved: that would end Coral's own checks.
    """
    verdict = policy.judge(signals, values.moderation)
    if verdict.after is Status.PUBLISHED:
        return {}
    flags = [{"actionType": "FLAG", "reason": reason} for reason in _flags(signals)]
    if verdict.after is Status.REJECTED:
        status = "REJECTED"
    else:
        status = "PREMOD" if verdict.reasons == (PRE_MODERATION,) else "SYSTEM_WITHHELD"
    return {"status": status} | ({"actions": flags} if flags else {})


def _flags(signals: Sequence[Signal]) -> list[str]:
    against = {one.kind for one in signals if one.advice in (Advice.HOLD, Advice.REJECT)}
    found = (("COMMENT_DETECTED_TOXIC", _TOXIC), ("COMMENT_DETECTED_SPAM", _SPAM))
    return [reason for reason, kinds in found if against.intersection(kinds)]
