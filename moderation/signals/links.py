"""What the links in a comment say of it: how many there are, and to which hosts."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import unquote, urlsplit

from linkify_it import LinkifyIt

from moderation.signals.facts import Facts, Signal

MANY, HELD = "links", "held-domains"
_MOST_SHOWN = 20
_HREF = re.compile(r'href="([^"]*)"')
# Browsers take these for dots.
_DOTS = str.maketrans("。．｡", "...")
_HOST = re.compile(r"(?<![\w-])[\w-]+(?:\.[\w-]+)+")


def many_links(facts: Facts) -> list[Signal]:
    """More links than the limit, those to hosts that the site allows not counted."""
    rule = facts.rule(MANY)
    strange = [host for host in _of(facts) if not _is_of(host, facts.allowed_domains)]
    if len(strange) <= rule.limit:
        return []
    evidence = {"hosts": list(dict.fromkeys(strange))[:_MOST_SHOWN]}
    return [Signal(MANY, rule.advice, value=float(len(strange)), threshold=rule.limit,
                   evidence=evidence)]  # fmt: skip


def held_domains(facts: Facts) -> list[Signal]:
    """Each domain of the site's list that a link leads to; a subdomain is its domain's."""
    named = _named(facts) if facts.held_domains else frozenset()
    return [
        Signal(HELD, facts.rule(HELD).advice, domain[:100], float(number), 1.0)
        for domain in facts.held_domains
        if (number := sum(_is_of(host, (domain,)) for host in named))
    ]


def _named(facts: Facts) -> frozenset[str]:
    """Every host that a text names, link or not: on a list it needs no sign of being one."""
    written = {match.group().lower().strip(".") for match in _HOST.finditer(facts.text)}
    return frozenset(written | set(_of(facts)))


def _of(facts: Facts) -> list[str]:
    """The hosts of all links: those that were rendered, for Markdown can spell an address in many
    ways, and those that are only written."""
    rendered = [_host(html.unescape(address)) for address in _HREF.findall(facts.html)]
    shown = set(rendered)
    return [*filter(None, rendered), *(host for host in hosts(facts.text) if host not in shown)]


def hosts(text: str) -> list[str]:
    """The host of every link in a comment's source, those without a scheme too, in order."""
    return [host for match in _links().match(text) or () if (host := _host(match.url))]


def domain_of(written: str) -> str:
    """The host that somebody means who writes a domain, an address or "*.domain"; "" for none."""
    plain = written.strip().removeprefix("*.").rstrip("/")
    host = _host(plain if "//" in plain else f"//{plain}")
    return host if "." in host and " " not in host else ""


def _host(address: str) -> str:
    try:
        host = unquote(urlsplit(address).hostname or "").translate(_DOTS).rstrip(".")
        return host.encode("idna").decode("ascii").lower() if not host.isascii() else host.lower()
    except (ValueError, UnicodeError):
        return ""


def _is_of(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


@cache
def _links() -> LinkifyIt:
    """Finds addresses as people write them; an e-mail address is none."""
    return LinkifyIt(options={"fuzzy_email": False})
