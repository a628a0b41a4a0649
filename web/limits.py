"""How much one address may ask for; answers 429 with Retry-After."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import current_app, request
from flask_limiter import Limiter
from limits import parse_many


def requester() -> str:
    """What a limit is counted by in the present request."""
    return counted_by(request.remote_addr or "")


@lru_cache(maxsize=4096)
def counted_by(remote: str) -> str:
    """What a limit is counted by: the address, or the /64 that one IPv6 household has."""
    try:
        address = ip_address(remote)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)


limiter = Limiter(key_func=requester)


# In the environment of a request that is counted already (short_way.py); no client can set it.
COUNTED = "parley.counted"
READ_RATE = "PARLEY_READ_RATE"


def _limit(setting: str) -> Callable[[Any], Any]:
    # The value is looked up with every request: it is the application's, not the module's.
    return limiter.shared_limit(
        lambda: current_app.config[setting],
        scope=setting,
        exempt_when=lambda: setting == READ_RATE and COUNTED in request.environ,
    )


reads = _limit(READ_RATE)
writes = _limit("PARLEY_WRITE_RATE")
votes = _limit("PARLEY_VOTE_RATE")
previews = _limit("PARLEY_PREVIEW_RATE")


def seconds_left() -> int:
    """Seconds until the limit that was just exceeded opens again."""
    exceeded = limiter.current_limit
    return max(1, round(exceeded.reset_at - time.time())) if exceeded else 60


def count(rate: str, kind: str, who: str) -> int:
    """Count one request of somebody towards a rate, apart from the limits of any address.

    Seconds until another one is taken where that was one too many, else 0.
    """
    for item in parse_many(rate):
        if not limiter.limiter.hit(item, kind, who):
            stands = limiter.limiter.get_window_stats(item, kind, who)
            return max(1, math.ceil(stands.reset_time - time.time()))
    return 0


def newcomer() -> None:
    """Count one new reader token; raises 429 when an address has asked for too many.

    Shared by all addresses that make newcomers: a plain limit would count at each of them anew.
    """
    setting = "PARLEY_NEWCOMER_RATE"
    with limiter.shared_limit(lambda: current_app.config[setting], scope=setting):
        pass
