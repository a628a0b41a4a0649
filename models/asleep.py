"""Imports Flask-Security without the library that checks passkeys, which few processes need."""

from __future__ import annotations

import sys

_NAME = "webauthn"

# A tenth of a second and 8 MB of every start. To Flask-Security it looks as if it were not
# installed; web/console/passkeys.py loads it when the first passkey is used.
if _NAME not in sys.modules:
    sys.modules[_NAME] = None  # type: ignore[assignment]
    try:
        import flask_security  # noqa: F401
    finally:
        del sys.modules[_NAME]
