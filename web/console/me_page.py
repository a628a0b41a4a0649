"""The page of a person's own settings."""

from __future__ import annotations

from flask import render_template

from jobs.transactions import reading
from web import auth
from web.console.desk import blueprint


@blueprint.get("/me")
def show_me() -> str:
    """How I sign in, and where I am signed in."""
    with reading() as session:
        auth.moderator(session)
        return render_template("console/me.html")
