"""Passkeys over HTTP: an answer counts for the ceremony alone that its challenge was made for."""

from __future__ import annotations

import hashlib
import html
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from jobs.transactions import reading, writing
from models import Account, Passkey, Role
from tests.conftest import PASSWORD
from web.console.passkeys import BEGIN_AGAIN

QUEUE, KEYS = "/console/", "/console/me/passkeys"
SIGN_IN, PASSWORD_PAGE = "/console/sign-in/passkey", "/console/sign-in"
ADA, BEN = "ada@example.org", "ben@example.org"
_TOUCHED, _KNOWN, _NEW = 0x01, 0x04, 0x40


@dataclass
class Key:
    """A key on somebody's device; what it answers, touched only or knowing its owner."""

    secret: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = b"a key of a test"

    @property
    def public(self) -> bytes:
        """Its public half as COSE (RFC 9053)."""
        at = self.secret.public_key().public_numbers()
        x, y = (one.to_bytes(32, "big") for one in (at.x, at.y))
        return bytes(cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y}))

    def answer(self, ceremony: Ceremony, *, knows: bool = False) -> str:
        """A signature for a sign-in."""
        said = _client_data("webauthn.get", ceremony.challenge)
        state = _rp() + bytes([_TOUCHED | (_KNOWN if knows else 0)]) + bytes(4)
        signature = self.secret.sign(state + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._sent(clientDataJSON=said, authenticatorData=state, signature=signature)

    def introduce(self, ceremony: Ceremony) -> str:
        """What it says when it is added."""
        said = _client_data("webauthn.create", ceremony.challenge)
        its = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.public
        state = _rp() + bytes([_TOUCHED | _KNOWN | _NEW]) + bytes(4) + its
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": state})
        return self._sent(clientDataJSON=said, attestationObject=attested)

    def _sent(self, **parts: bytes) -> str:
        response = {name: _text(part) for name, part in parts.items()}
        named = {"id": _text(self.id), "rawId": _text(self.id), "type": "public-key"}
        return json.dumps({**named, "response": response, "extensions": "{}"})


@dataclass(frozen=True)
class Ceremony:
    """What a page begins: the challenge, and the address that carries its state."""

    challenge: str
    answered_at: str

    @property
    def state(self) -> str:
        """The signed state."""
        return urlsplit(self.answered_at).path.rpartition("/")[2]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _rp() -> bytes:
    return hashlib.sha256(b"localhost").digest()


def _client_data(kind: str, challenge: str) -> bytes:
    data = {"type": kind, "challenge": challenge, "origin": "http://localhost"}
    return json.dumps(data).encode()


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found
    return found[1]


def begin(client: FlaskClient, page: str, **fields: str) -> Ceremony:
    """Have a page ask for a key."""
    sent = fields | {"csrf_token": _token(client.get(page).text)}
    shown = html.unescape(client.post(page, data=sent).text)
    action = re.search(r'action="([^"]+)" data-asks', shown)
    challenge = re.search(r'"challenge": "([^"]+)"', shown)
    assert action, shown
    assert challenge
    return Ceremony(challenge[1], action[1])


def finish(client: FlaskClient, begun: Ceremony, answer: str, page: str = SIGN_IN) -> str:
    """Send a key's answer with the state of a ceremony to a page; where that leads."""
    sent = {"credential": answer, "csrf_token": _token(client.get(page).text)}
    reply = client.post(f"{page}/{begun.state}", data=sent)
    assert reply.status_code == 302, reply.text
    return str(reply.location)


def said(client: FlaskClient, page: str = SIGN_IN) -> str:
    """What a page says of what was tried."""
    return html.unescape(client.get(page).text)


def is_in(client: FlaskClient) -> bool:
    """Whether the desk is open to a browser."""
    return client.get(QUEUE).status_code == 200


@pytest.fixture
def give(app: Flask, site: int, make_staff: Callable[..., int]) -> Callable[[str, str], Key]:
    """Makes a moderator who has a key, to sign in with in place of the password ("first") or after
    it ("secondary")."""

    def make(email: str, usage: str) -> Key:
        number, key = make_staff(email, Role.MODERATOR, site), Key(id=email.encode())
        with app.app_context(), writing() as session:
            session.get_one(Account, number).fs_webauthn_user_handle = email
            row = Passkey(
                user_id=number, credential_id=key.id, public_key=key.public, name="Phone",
                device_type="single_device", usage=usage,
            )  # fmt: skip
            session.add(row)
        return key

    return make


def after_password(app: Flask, email: str) -> FlaskClient:
    """A browser that has given the right password and is asked for more."""
    client = app.test_client()
    sent = {"email": email, "password": PASSWORD, "csrf_token": _token(said(client, PASSWORD_PAGE))}
    assert str(client.post(PASSWORD_PAGE, data=sent).location).startswith(SIGN_IN)
    return client


def test_a_key_opens_in_place_of_the_password_and_after_it(
    app: Flask, give: Callable[[str, str], Key]
) -> None:
    alone, second = give(ADA, "first"), give(BEN, "secondary")
    client = app.test_client()
    begun = begin(client, SIGN_IN)
    assert finish(client, begun, alone.answer(begun, knows=True)) == QUEUE
    assert is_in(client)
    client = after_password(app, BEN)
    begun = begin(client, SIGN_IN)
    assert finish(client, begun, second.answer(begun)) == QUEUE
    assert is_in(client)


def test_what_was_begun_after_a_password_does_not_take_its_place(
    app: Flask, give: Callable[[str, str], Key]
) -> None:
    # Ben may be anybody with a password here; touching the key that Ada lost must not be enough.
    lost, _ = give(ADA, "first"), give(BEN, "secondary")
    begun = begin(after_password(app, BEN), SIGN_IN)
    client = app.test_client()
    assert finish(client, begun, lost.answer(begun)) == SIGN_IN
    assert BEGIN_AGAIN in said(client)
    assert not is_in(client)


def test_what_was_begun_without_a_password_is_no_second_step(
    app: Flask, give: Callable[[str, str], Key]
) -> None:
    key = give(ADA, "secondary")
    begun = begin(app.test_client(), SIGN_IN)
    client = after_password(app, ADA)
    assert finish(client, begun, key.answer(begun, knows=True)) == SIGN_IN
    assert BEGIN_AGAIN in said(client)
    assert not is_in(client)


def test_a_second_step_is_of_the_person_who_began_it(
    app: Flask, give: Callable[[str, str], Key]
) -> None:
    key, _ = give(ADA, "secondary"), give(BEN, "secondary")
    begun = begin(after_password(app, BEN), SIGN_IN)
    client = after_password(app, ADA)
    assert finish(client, begun, key.answer(begun)) == SIGN_IN
    assert BEGIN_AGAIN in said(client)
    assert not is_in(client)


def test_adding_a_key_signs_nobody_in(app: Flask, give: Callable[[str, str], Key]) -> None:
    key = give(ADA, "first")
    client = app.test_client()
    begun = begin(client, SIGN_IN)
    finish(client, begun, key.answer(begun, knows=True))
    adding = begin(client, KEYS, name="Laptop", usage="secondary")
    thief = app.test_client()
    assert finish(thief, adding, key.answer(adding, knows=True)) == SIGN_IN
    assert BEGIN_AGAIN in said(thief)
    assert not is_in(thief)


def keys_of(app: Flask, email: str) -> set[str]:
    """The names of somebody's keys."""
    with app.app_context(), reading() as session:
        query = select(Passkey.name).join(Account, Account.id == Passkey.user_id)
        return set(session.scalars(query.where(Account.email == email)))


def test_a_key_is_added_by_who_began_to_add_it_and_by_no_sign_in(
    app: Flask, give: Callable[[str, str], Key]
) -> None:
    ada, ben = app.test_client(), app.test_client()
    for client, email in ((ada, ADA), (ben, BEN)):
        key = give(email, "first")
        begun = begin(client, SIGN_IN)
        finish(client, begun, key.answer(begun, knows=True))
    new = Key()
    for begun in (
        begin(app.test_client(), SIGN_IN),
        begin(ben, KEYS, name="Laptop", usage="secondary"),
    ):
        assert finish(ada, begun, new.introduce(begun), KEYS) == KEYS
        assert BEGIN_AGAIN in said(ada, KEYS)
    assert keys_of(app, ADA) == {"Phone"}
    begun = begin(ada, KEYS, name="Laptop", usage="secondary")
    finish(ada, begun, new.introduce(begun), KEYS)
    assert keys_of(app, ADA) == {"Phone", "Laptop"}
