"""What a comment was sent with: a field that only programs fill in, a throw-away address."""

from __future__ import annotations

from functools import cache

from moderation.signals.facts import Facts, Signal

HONEYPOT, DISPOSABLE = "honeypot", "disposable-email"


def honeypot(facts: Facts) -> list[Signal]:
    """A field was filled in that the widget keeps from people: a program did it, mostly."""
    if not facts.trapped:
        return []
    return [Signal(HONEYPOT, facts.rule(HONEYPOT).advice)]


def disposable_email(facts: Facts) -> list[Signal]:
    """The address given with it is of a service for addresses that are thrown away after use.

    What is below a listed domain belongs to it. The list is the package
    disposable-email-domains, kept by many at github.com/disposable-email-domains.
    """
    listed = _listed_for(facts.email_domain)
    if not listed:
        return []
    return [Signal(DISPOSABLE, facts.rule(DISPOSABLE).advice, listed[:100])]


def domain_of_address(address: str) -> str:
    """The part behind the @ in the form that lists have; "" for what is no address."""
    domain = address.rpartition("@")[2].strip().rstrip(".").lower()
    try:
        return domain.encode("idna").decode("ascii") if domain else ""
    except UnicodeError:
        return ""


def _listed_for(domain: str) -> str:
    labels = domain.lower().split(".")
    above = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return next((one for one in above if one in _domains()), "") if domain else ""


@cache
def _domains() -> frozenset[str]:
    # Read at its first use: ten thousand lines that most processes never need.
    from disposable_email_domains import blocklist

    return frozenset(blocklist)
