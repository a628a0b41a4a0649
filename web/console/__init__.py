"""The moderator's pages: sign in, the queue, a case, the record, the policy, the staff."""

from __future__ import annotations

from flask import Flask

from web.console import accounts, invitation, me_page, me_security, policy, staff, standstill
from web.console.desk import blueprint


def register(app: Flask) -> None:
    """Add the console and its sign-in."""
    accounts.register(app)
    app.register_blueprint(invitation.blueprint)
    app.register_blueprint(blueprint)


__all__ = ["me_page", "me_security", "policy", "register", "staff", "standstill"]
