"""Seal what has to be stored and read again, so that the database alone does not tell it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from moderation.errors import Refused


class Seal:
    """Encrypts and decrypts by a key that is made from the server's secret key, for this alone.

    Fernet: AES-128-CBC with HMAC-SHA256 (github.com/fernet/spec).
    """

    def __init__(self, secret_key: str, purpose: str) -> None:
        derived = hmac.digest(secret_key.encode(), purpose.encode(), hashlib.sha256)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, text: str) -> str:
        """A text, sealed."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """The text again. Raises Refused where another key sealed it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Refused(
                "The secret cannot be read: the server's secret key is another one now. "
                "Make a new secret."
            ) from None
