"""The page on which a member of staff sets up the desk for themselves."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, writing
from models import Account
from moderation import preferences
from moderation.errors import Invalid, SignInRequired
from web import auth
from web.console import sites as which
from web.console.desk import blueprint


@blueprint.get("/me")
def show_me() -> str:
    """One's own settings."""
    with reading() as session:
        account = _account(session)
        said = "Saved." if request.args.get("saved") else ""
        return _page(session, preferences.of(account.preferences), {"text": said, "bad": False})


@blueprint.post("/me")
def save_me() -> AnyResponse | tuple[str, int]:
    """Keep one's own settings; what else is kept with the account stays."""
    form = request.form
    try:
        chosen = preferences.checked(
            veil="veil" in form,
            break_after=form.get("break_after", ""),
            single_keys="single_keys" in form,
        )
    except Invalid as wrong:
        with reading() as session:
            typed = preferences.Preferences("veil" in form, 0, "single_keys" in form)
            said = {"text": f"Nothing is saved. {wrong.message}", "bad": True}
            page = _page(session, typed, said, form.get("break_after", ""))
        return page, 422
    with writing() as session:
        account = _account(session)
        account.preferences = {**account.preferences, **chosen.as_record()}
    return redirect(url_for(".show_me", saved=1))


def _account(session: Session) -> Account:
    account = auth.moderator(session).account
    if account is None:
        raise SignInRequired("Programs have no settings of their own.")
    return account


def _page(
    session: Session, mine: preferences.Preferences, said: dict[str, Any], typed: str | None = None
) -> str:
    moderator = auth.moderator(session)
    sites = which.of(session, moderator)
    return render_template(
        "console/me.html",
        account=_account(session),
        sites=sites,
        mine=mine,
        minutes=str(mine.break_after) if typed is None else typed,
        longest=preferences.LONGEST_STRETCH,
        said=said,
    )
