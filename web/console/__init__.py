"""The moderator's pages: sign in, the queue, a case, the record, the policy."""

from __future__ import annotations

from flask import Flask

from web.console import accounts, acts, live, me, policy, standstill
from web.console.desk import blueprint


def register(app: Flask) -> None:
    """Add the console and its sign-in."""
    accounts.register(app)
    app.register_blueprint(blueprint)


__all__ = ["acts", "live", "me", "policy", "register", "standstill"]
