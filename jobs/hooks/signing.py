"""The headers by which a receiver knows that Parley sent it, and what and when."""

from __future__ import annotations

import hashlib
import hmac

SIGNATURE = "Parley-Signature"


def headers(secret: str, body: bytes, event: str, event_id: str, at: int) -> dict[str, str]:
    """The headers of a delivery; `at` is the time of sending in seconds since 1970.

    The signature is the HMAC-SHA256, in hexadecimal, of the time, a full stop and the body. With
    the time in it, who overheard a delivery cannot play it again later.
    """
    signed = hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Parley",
        "Parley-Event": event,
        "Parley-Delivery": event_id,
        SIGNATURE: f"t={at},v1={signed.hex()}",
    }
