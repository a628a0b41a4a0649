"""Send one request to an address that an admin named, and to no other: looked up once, bounded."""

from __future__ import annotations

import io
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from models import utcnow
from moderation.targets import Target, is_private, refusal

# Seconds to be connected, and seconds from then on for all of the request and its answer.
CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 5.0
# Of an answer, its head included, so much is read and thrown away.
MOST_BYTES = 64 * 1024
# Of a name that leads to many addresses, so many are tried.
_MOST_ADDRESSES = 4


class Unsent(Exception):
    """No answer came, or nothing may be sent there; the message says why, in our own words."""


@dataclass(frozen=True)
class Answer:
    """What a receiver said; `retry_after` in seconds from now, 0 where it did not say."""

    status: int
    retry_after: float = 0.0


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> Answer:
    """POST a body and answer the status. Raises Unsent.

    The name is looked up once; what was looked at is what is connected to. No redirect is
    followed, no proxy asked and nothing of the answer kept but its status and Retry-After.
    """
    connection = _Connection(target)
    try:
        connection.request("POST", target.path, body, {"Host": target.named, **headers})
        response = connection.getresponse()
        with suppress(OSError, HTTPException):  # the status is all that counts
            response.read()
        return Answer(response.status, _retry_after(response))
    except TimeoutError:
        raise Unsent(f"No answer within {ANSWER_SECONDS:g} seconds.") from None
    except (OSError, HTTPException, ValueError) as error:
        raise Unsent(f"The answer broke off: {type(error).__name__}.") from None
    finally:
        connection.close()


def addresses(target: Target) -> list[tuple[int, Any]]:
    """The addresses of a target as (family, socket address), if all may be sent to. Raises Unsent.

    One private address among public ones spoils them all: who mixes them wants to be let in.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unsent("Its name cannot be found.") from None
    for _, _, _, _, where in found:
        if not target.is_allowed and is_private(ipaddress.ip_address(where[0])):
            raise Unsent(refusal(target.host))
    return [(family, where) for family, _, _, _, where in found[:_MOST_ADDRESSES]]


def _connected(target: Target) -> socket.socket:
    """A connection, by TLS where the address says so. Raises Unsent."""
    there = addresses(target)
    until = time.monotonic() + CONNECT_SECONDS
    why = "No connection."
    for place, (family, where) in enumerate(there):
        made = socket.socket(family, socket.SOCK_STREAM)
        # An address that is silent leaves time for those after it.
        made.settimeout(max(0.1, (until - time.monotonic()) / (len(there) - place)))
        try:
            made.connect(where)
            return _secured(made, target) if target.scheme == "https" else made
        except ssl.SSLCertVerificationError as error:
            why = f"Its certificate is not valid: {error.verify_message}"
        except TimeoutError:
            why = f"No connection within {CONNECT_SECONDS:g} seconds."
        except OSError as error:
            why = f"No connection: {type(error).__name__}."
        made.close()
    raise Unsent(why[:200])


def _secured(plain: socket.socket, target: Target) -> socket.socket:
    trusting = _trusting(*(os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")))
    return trusting.wrap_socket(plain, server_hostname=target.host)


# To read the system's certificates costs more than all the rest of a delivery.
@lru_cache(maxsize=4)
def _trusting(file: str, folder: str) -> ssl.SSLContext:
    """Who is trusted, where the environment names this file and this folder."""
    return ssl.create_default_context()


class _Connection(HTTPConnection):
    """A connection to the address that was looked at, with an end to its patience."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port)
        self._target = target

    def connect(self) -> None:
        self.sock = _Bounded(_connected(self._target))


class _Bounded:
    """The part of a socket that http.client uses, with a last moment and a largest answer."""

    def __init__(self, inner: socket.socket) -> None:
        self._inner = inner
        self._until = time.monotonic() + ANSWER_SECONDS

    def sendall(self, data: bytes) -> None:
        """Send everything. Raises TimeoutError."""
        self._inner.settimeout(_left(self._until))
        self._inner.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """What is answered."""
        return io.BufferedReader(_Bytes(self._inner, self._until))

    def close(self) -> None:
        """Hang up, whether or not the other side has finished."""
        self._inner.close()


class _Bytes(io.RawIOBase):
    """The bytes of an answer, up to the last moment and the largest number."""

    def __init__(self, inner: socket.socket, until: float) -> None:
        self._inner, self._until, self._room = inner, until, MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        room = min(len(into), self._room)
        if not room:
            return 0
        # Each byte by itself could be in time, and all of them take for ever.
        self._inner.settimeout(_left(self._until))
        got = self._inner.recv_into(into, room)
        self._room -= got
        return got


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _retry_after(response: HTTPResponse) -> float:
    """Seconds that the receiver asks for: a number or a date (RFC 9110, 10.2.3)."""
    said = (response.getheader("Retry-After") or "").strip()[:40]
    if said.isascii() and said.isdigit():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    # One that no calendar has overflows.
    except (ValueError, OverflowError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - utcnow()).total_seconds())
