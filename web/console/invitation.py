"""The page behind an invitation's link, where somebody takes up a role on a site."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_security.utils import hash_password, login_user
from flask_wtf.csrf import validate_csrf
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import ValidationError  # type: ignore[import-untyped]

from discussion.comments import checked_name
from jobs.transactions import reading, writing
from models import Account, AccountKind, Site
from moderation import invitations
from moderation.errors import Invalid, NotFound, ParleyError, Refused
from moderation.invitations import Newcomer
from web.console import accounts, passwords
from web.console.staff import ROLES
from web.errors import problem

blueprint = Blueprint("invitation", __name__, url_prefix="/console", template_folder="templates")

_PATH = "/invitation/<secret>"


@blueprint.before_request
def _count() -> None:
    """A link cannot be guessed; whoever tries is stopped as at the sign-in all the same."""
    accounts.count_attempt()


@blueprint.after_request
def _keep_the_link(response: Response) -> Response:
    # The address itself opens the desk: no other server may hear it.
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get(_PATH)
def show(secret: str) -> Response:
    """What is offered; looking at it changes nothing."""
    return _page(secret)


@blueprint.post(_PATH)
def take(secret: str) -> AnyResponse:
    """Take the role, with the account that is signed in or with a new one."""
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return problem(400, "csrf", accounts.STALE_PAGE)
    if current_user.is_authenticated:
        return _take(secret, current_user.id)
    return _begin(secret)


def _take(secret: str, account_id: int) -> AnyResponse:
    try:
        with writing() as session:
            account = session.get_one(Account, account_id)
            invitation = invitations.take(session, secret, account)
            slug = session.get_one(Site, invitation.site_id).slug
    except Refused as error:
        return _page(secret, error, status=409)
    except NotFound:
        return _closed()
    return redirect(url_for("console.show_queue", site=slug))


def _begin(secret: str) -> AnyResponse:
    """Make an account. Its password is hashed before the transaction: that takes a while."""
    try:
        with reading() as session:
            invitations.find(session, secret)
        newcomer = _newcomer()
        with writing() as session:
            number = invitations.take_anew(session, secret, newcomer).id
    except Invalid as error:
        return _page(secret, error, status=400)
    except NotFound:
        return _closed()
    with reading() as session:
        login_user(session.get_one(Account, number), authn_via=["invitation"])
    return redirect(url_for("console.show_queue"))


def _newcomer() -> Newcomer:
    """What was typed. Raises Invalid for what cannot be taken."""
    try:
        name = checked_name(request.form.get("name", ""), invitations.LONGEST_NAME)
    except Invalid as wrong:
        raise Invalid(wrong.message, field="name") from None
    email = request.form.get("email", "").strip().lower()
    before, at, domain = email.partition("@")
    if not (before and at and domain) or len(email) > invitations.LONGEST_EMAIL:
        raise Invalid("Give an e-mail address: it is what you sign in with.", field="email")
    password = passwords.checked(request.form.get("password", ""), "password")
    return Newcomer(name, email, hash_password(password))


def _page(secret: str, error: ParleyError | None = None, status: int = 200) -> Response:
    try:
        with reading() as session:
            offered = _offered(session, secret)
            page = render_template(
                "console/invitation.html",
                **offered,
                error=error,
                typed=request.form,
                shortest=passwords.SHORTEST,
                longest=invitations.LONGEST_NAME,
            )
    except NotFound:
        return _closed()
    return Response(page, status, mimetype="text/html")


def _offered(session: Session, secret: str) -> dict[str, Any]:
    invitation = invitations.find(session, secret)
    site = session.get_one(Site, invitation.site_id)
    person: Account | None = current_user if current_user.is_authenticated else None
    held = person.role_at(site.id) if person and person.kind is AccountKind.STAFF else None
    return {
        "site": site,
        "role": ROLES[invitation.role],
        "name": invitation.name,
        "person": person,
        "held": ROLES[held][0] if held else "",
        "ends": invitation.expires_at,
    }


def _closed() -> Response:
    """One answer for expired, used, revoked and never made."""
    page = render_template(
        "console/error.html", status=404, title="This link is closed", detail=invitations.CLOSED
    )
    return Response(page, 404, mimetype="text/html")
