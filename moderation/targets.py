"""Where the server may send to at an admin's wish: which addresses are refused, and why."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from moderation.errors import Invalid

LONGEST_URL = 2000
_PORTS = {"http": 80, "https": 443}
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f\\]")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Prefixes that carry an IPv4 address which a gateway on the way may unwrap: NAT64 (RFC 6052) in
# the last 32 bits, 6to4 (RFC 3056) after the prefix, IPv4-compatible (RFC 4291, 2.5.5.1).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")
# Not for the whole world, though Python 3.11 takes some of them for it: NAT64 inside one network
# (RFC 8215), relays of 6to4 (RFC 7526), sites (RFC 3879), IPv6 that tells nothing of its IPv4.
_NEVER = tuple(
    ipaddress.ip_network(one)
    for one in ("64:ff9b:1::/48", "192.88.99.0/24", "fec0::/10", "2001::/32", "5f00::/16",
                "3fff::/20", "100::/64", "2001:db8::/32", "192.0.0.0/24")
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """An address in its parts; `is_allowed` where its host may be a private one."""

    scheme: str
    host: str
    port: int
    path: str
    is_allowed: bool

    @property
    def named(self) -> str:
        """Host and port as the header Host says them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def target(url: str, private_hosts: Collection[str]) -> Target:
    """An address in its parts, ready to be asked. Raises Invalid, in words that say what to do.

    Only http and https, no name or password in it, no fragment. Whether its name leads to a
    private address is known when it is looked up; one that is written as a number is judged here.
    """
    if len(url) > LONGEST_URL:
        raise _invalid(f"An address has at most {LONGEST_URL} characters.")
    if not url.isascii() or _BLANK_OR_CONTROL.search(url):
        raise _invalid("Write the address in plain letters without blanks: other letters of a name "
                       "as xn--…, those of a path with %.")  # fmt: skip
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _invalid("This is no address. Write one such as https://example.org/hook.") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise _invalid("Write an address that begins with https://, such as "
                       "https://example.org/hook.")  # fmt: skip
    if "@" in parts.netloc:
        raise _invalid("Leave the name and the password out of the address: every delivery is "
                       "signed.")  # fmt: skip
    if parts.fragment:
        raise _invalid("Leave out what stands after #: it is never sent.")
    host = parts.hostname.rstrip(".")
    is_allowed = host in private_hosts
    if not is_allowed and (number := _number(host)) is not None and is_private(number):
        raise _invalid(refusal(host))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path, is_allowed)


def refusal(host: str) -> str:
    """Why nothing is sent to a private address, and who can change it."""
    return (
        f"{host[:80]} is an address inside a network. Whoever runs this server can allow it by "
        "name: PARLEY_WEBHOOK_PRIVATE_HOSTS."
    )


def is_private(address: _Address) -> bool:
    """Whether an address is anything but one of the public internet, however it is written."""
    if any(address.version == net.version and address in net for net in _NEVER):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id:
            return True
        inner = _inside(address)
        if inner is not None:
            return is_private(inner)
    return (
        not address.is_global
        or address.is_multicast
        or address.is_reserved
        or address.is_loopback
        or address.is_link_local
        or address.is_unspecified
    )


def private_hosts(written: str) -> frozenset[str]:
    """The hosts of the setting: names or numbers, parted by blanks or commas."""
    return frozenset(
        one.strip("[]").rstrip(".") for one in written.lower().replace(",", " ").split()
    )


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one carries."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _number(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _invalid(message: str) -> Invalid:
    return Invalid(message, field="url")
