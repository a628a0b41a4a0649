"""The moderator's pages: sign in, the queue, a case, the record, the policy, and the rest."""

from __future__ import annotations

from flask import Flask

from web.console import (
    accounts,
    acts,
    authors,
    batches,
    calibration,
    drifting,
    insight,
    invitation,
    live,
    log,
    me,
    me_security,
    on_page,
    pieces,
    policy,
    samples,
    second_factor_asked,
    staff,
    standstill,
    webhooks,
)
from web.console.desk import blueprint


def register(app: Flask) -> None:
    """Add the console and its sign-in."""
    accounts.register(app)
    pieces.register(app)
    app.register_blueprint(invitation.blueprint)
    app.register_blueprint(blueprint)


__all__ = [
    "acts",
    "authors",
    "batches",
    "calibration",
    "drifting",
    "insight",
    "invitation",
    "live",
    "log",
    "me",
    "me_security",
    "on_page",
    "policy",
    "register",
    "samples",
    "second_factor_asked",
    "staff",
    "standstill",
    "webhooks",
]
