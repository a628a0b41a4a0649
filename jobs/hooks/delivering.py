"""Send what is owed to webhooks, a few at a time, so that a slow receiver holds up no other."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from jobs.hooks import formats, owed, signing
from jobs.hooks.owed import Tried
from jobs.hooks.payload import payload
from jobs.hooks.sending import Unsent, post
from jobs.transactions import reading, writing
from models import Delivery, DeliveryState, HookState, Site, Webhook, utcnow
from moderation.errors import Invalid, Refused
from moderation.sealing import Seal
from moderation.targets import Target, target

# How often the log is looked through for what is due, and for webhooks that are owed too much.
_SWEEP_SECONDS = 1.0
_BOUND_SECONDS = 60.0
_POLL_SECONDS = 0.1
_AT_ONCE = 8
# A webhook is let go after so long, for those that wait for a thread. The rest of a lease is more
# than the last request begun may take, the looking up of its name included.
_TURN_SECONDS = 10.0
LEASE_SECONDS = 45.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """One delivery, ready to be sent."""

    delivery_id: int
    to: Target
    body: bytes
    headers: dict[str, str]


class Hooks:
    """One background thread that looks for what is due, and a few that send it.

    The log is the truth: whatever kills the process leaves what was not answered in it, due.
    """

    def __init__(
        self, app: Flask, seal: Seal, *, private_hosts: Collection[str], public_url: str
    ) -> None:
        self._app = app
        self.seal, self.private_hosts = seal, private_hosts
        self._public_url = public_url
        self._pool = ThreadPoolExecutor(_AT_ONCE, "webhooks")
        self._busy: set[int] = set()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._thread: threading.Thread | None = None
        self._bounded_at = 0.0

    def start(self) -> None:
        """Begin to send, in the background; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish the requests at hand and end."""
        self._stopping.set()
        self._work.set()
        if self._thread is not None:
            self._thread.join(timeout=30)
        self._pool.shutdown(cancel_futures=True)

    def wait_tried(self, delivery_id: int, seconds: float) -> None:
        """Return when a delivery was tried, by whichever process, or when the time is up.

        The caller has an application context and no transaction open.
        """
        self._work.set()
        until = time.monotonic() + seconds
        while self._thread is not None and time.monotonic() < until:
            with reading() as session:
                row = session.get(Delivery, delivery_id)
                if row is None or row.attempts or row.state is not DeliveryState.DUE:
                    return
            time.sleep(_POLL_SECONDS)

    def run_once(self) -> int:
        """Send what is due to every webhook, and return when its turn is over; answers how many
        deliveries were tried. Its caller has no transaction open."""
        begun = self._sweep()
        wait(begun)
        return sum(one.result() for one in begun)

    def serve(self, hook_id: int) -> int:
        """Send what is due to one webhook for as long as its turn lasts, unless another process
        does; answers how many deliveries were tried. The caller has an application context."""
        until = time.monotonic() + _TURN_SECONDS
        with writing() as session:
            lease = owed.take(session, hook_id, LEASE_SECONDS)
        if not lease:
            return 0
        tried = 0
        while time.monotonic() < until and not self._stopping.is_set():
            if not self._send_next(hook_id, lease):
                break
            tried += 1
        with writing() as session:
            owed.give_back(session, hook_id, lease)
        return tried

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._work.wait(_SWEEP_SECONDS)
            self._work.clear()
            try:
                self._sweep()
                self._bound()
            except Exception as error:  # a database that is away now is back the next time
                _log.error("no webhooks were looked for", error=type(error).__name__)

    def _sweep(self) -> list[Future[int]]:
        """Give a thread to each webhook that something is due to, as far as there are any."""
        with self._app.app_context(), reading() as session:
            there = owed.waiting(session, utcnow())
        begun = []
        for hook_id in there:
            with self._lock:
                if hook_id in self._busy or len(self._busy) >= _AT_ONCE:
                    continue
                self._busy.add(hook_id)
            begun.append(self._pool.submit(self._served, hook_id))
        return begun

    def _served(self, hook_id: int) -> int:
        try:
            with self._app.app_context():
                return self.serve(hook_id)
        except Exception as error:  # what is not noted is due again when the lease ends
            _log.error("a webhook was not served", webhook_id=hook_id, error=type(error).__name__)
            return 0
        finally:
            with self._lock:
                self._busy.discard(hook_id)

    def _bound(self) -> None:
        if time.monotonic() - self._bounded_at > _BOUND_SECONDS:
            self._bounded_at = time.monotonic()
            with self._app.app_context(), writing() as session:
                owed.bound(session)

    def _send_next(self, hook_id: int, lease: str) -> bool:
        """Send what comes next; False where nothing does, or the lease is another's."""
        with reading() as session:
            found = self._letter(session, hook_id, lease)
        if found is None:
            return False
        if isinstance(found, tuple):
            delivery_id, tried = found
        else:
            # No transaction is open: the receiver may take its time.
            delivery_id, tried = found.delivery_id, _tried(found)
        with writing() as session:
            return owed.note(session, hook_id, lease, delivery_id, tried)

    def _letter(
        self, session: Session, hook_id: int, lease: str
    ) -> Letter | tuple[int, Tried] | None:
        """What is to be sent next, as it is now, or why it cannot be; None for nothing."""
        hook = session.get(Webhook, hook_id)
        if hook is None or hook.lease != lease or hook.state is not HookState.ON:
            return None
        delivery = owed.following(session, hook_id, utcnow())
        if delivery is None:
            return None
        try:
            to = target(hook.url, self.private_hosts)
            secret = self.seal.open(hook.sealed_secret)
        except (Invalid, Refused) as error:
            return delivery.id, Tried(error=error.message)
        told = payload(session, delivery, session.get_one(Site, hook.site_id), self._public_url)
        body = formats.body(told, hook.format)
        now = int(time.time())
        headers = signing.headers(secret, body, delivery.event, delivery.event_id, now)
        return Letter(delivery.id, to, body, headers)


def _tried(letter: Letter) -> Tried:
    try:
        return Tried(post(letter.to, letter.body, letter.headers))
    except Unsent as error:
        return Tried(error=str(error))
    # A try that is not noted would be made again and again, and hold up all that comes after it.
    except Exception as error:
        _log.error("a webhook could not be sent", error=type(error).__name__)
        return Tried(error=f"Parley could not send it ({type(error).__name__}).")
