"""The page on which the admins of a site see who moderates it, invite people and change roles."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, writing
from models import Account, Invitation, Role, Site
from moderation import invitations, staff
from moderation.errors import Invalid, NotFound, ParleyError, Refused, Unchanged
from moderation.permissions import Action
from web import auth
from web.auth import Moderator
from web.console import sites as which
from web.console.desk import blueprint
from web.runtime import runtime

ROLES = {
    Role.ADMIN: ("Admin", "Also changes the policy and the staff."),
    Role.SENIOR: ("Senior", "Also decides what was passed on, and many comments at once."),
    Role.MODERATOR: ("Moderator", "Decides comments, writes notes, sanctions authors."),
    Role.READ_ONLY: ("Read-only", "Reads everything, changes nothing."),
}


@dataclass(frozen=True)
class Answer:
    """What the page says besides who is there; `link` is shown this once."""

    said: str = ""
    status: int = 200
    link: str = ""
    invited: str = ""
    typed: str = ""
    role: Role = Role.MODERATOR


@blueprint.get("/staff")
def show_staff() -> Response:
    """Who has which role on a site, and who is invited."""
    said = {
        "role": "The role is changed.",
        "taken": "The role is taken away. The desk of this site is closed to them from now on.",
        "asked": "From now on this site is closed to everybody without a second factor.",
        "waived": "A password alone opens the desk of this site again.",
        "revoked": "The invitation is revoked: its link leads nowhere any more.",
    }
    return _page(Answer(said.get(request.args.get("done", ""), "")))


@blueprint.post("/staff/<row:account_id>/role")
def change_role(account_id: int) -> AnyResponse:
    """Give somebody another role."""
    role = _role()
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            staff.change_role(session, site, account_id, role, moderator.actor)
            slug = site.slug
    except (Refused, Unchanged) as error:
        return _refused(error)
    return redirect(url_for(".show_staff", site=slug, done="role"))


@blueprint.post("/staff/<row:account_id>/remove")
def take_role(account_id: int) -> AnyResponse:
    """Take somebody's role on this site away."""
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            staff.take_role(session, site, account_id, moderator.actor)
            slug, mine = site.slug, moderator.account and moderator.account.id == account_id
    except Refused as error:
        return _refused(error)
    if mine:
        return redirect(url_for(".show_queue"))
    return redirect(url_for(".show_staff", site=slug, done="taken"))


@blueprint.post("/staff/second-factor")
def ask_second_factor() -> AnyResponse:
    """Let in only who has a second factor, or everybody with a role again."""
    asks = request.form.get("asks") == "1"
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            if asks and not moderator.has_second_factor():
                raise Refused(
                    "Set up a second factor of your own first, in your settings: this would lock "
                    "you out yourself."
                )
            staff.ask_second_factor(session, site, asks, moderator.actor)
            slug = site.slug
    except (Refused, Unchanged) as error:
        return _refused(error)
    return redirect(url_for(".show_staff", site=slug, done="asked" if asks else "waived"))


@blueprint.post("/staff/invitations")
def invite() -> AnyResponse:
    """Make a link and show it: nobody can read it again afterwards."""
    name, role = request.form.get("name", ""), _role()
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            secret = invitations.invite(session, site, role, name, moderator.actor)
    except Invalid as error:
        return _page(Answer(error.message, 400, typed=name, role=role))
    link = runtime().public_url + url_for("invitation.show", secret=secret)
    return _page(Answer(link=link, invited=" ".join(name.split()), role=role))


@blueprint.post("/staff/invitations/<row:invitation_id>/revoke")
def revoke(invitation_id: int) -> AnyResponse:
    """Close an invitation."""
    try:
        with writing() as session:
            moderator, site = _to_manage(session)
            invitations.revoke(session, site.id, invitation_id, moderator.actor)
            slug = site.slug
    except Refused as error:
        return _refused(error)
    return redirect(url_for(".show_staff", site=slug, done="revoked"))


def _refused(error: ParleyError) -> Response:
    return _page(Answer(error.message, 409))


def _role() -> Role:
    asked = request.form.get("role", "")
    if asked not in set(Role):
        raise Invalid("Choose a role from the list.")
    return Role(asked)


def _page(answer: Answer) -> Response:
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        managed = {
            number: site
            for number, site in sites.items()
            if moderator.may(Action.MANAGE_STAFF, number)
        }
        asked = request.args.get("site", "")
        site = sites[which.chosen(sites, asked)[0]] if asked else _first(managed, sites)
        may_manage = site is not None and site.id in managed
        waiting = invitations.waiting(session, site.id) if site and may_manage else []
        page = render_template(
            "console/staff.html",
            sites=managed if may_manage else sites,
            site=site,
            may_manage=may_manage,
            members=staff.members(session, site.id) if site and may_manage else [],
            me=moderator.account.id if moderator.account else 0,
            waiting=waiting,
            inviters=_names(session, waiting),
            answer=answer,
            roles=ROLES,
            life=invitations.LIFE.days,
            longest=invitations.LONGEST_NAME,
        )
    return Response(page, answer.status if may_manage or not answer.link else 403,
                    mimetype="text/html")  # fmt: skip


def _first(managed: dict[int, Site], sites: dict[int, Site]) -> Site | None:
    """The site to begin with: one that can be managed, if there is any."""
    return next(iter((managed or sites).values()), None)


def _names(session: Session, waiting: list[Invitation]) -> dict[int, str]:
    """Who invited, by number; whoever runs commands has none."""
    numbers = {one.inviter_id for one in waiting}
    if not numbers:
        return {}
    rows = session.execute(select(Account.id, Account.name).where(Account.id.in_(numbers)))
    return {row[0]: row[1] for row in rows}


def _to_manage(session: Session) -> tuple[Moderator, Site]:
    """The site that is asked for, if this person manages its staff."""
    moderator = auth.moderator(session)
    sites = which.of(session, moderator)
    found = which.chosen(sites, request.args.get("site", ""))
    if not found:
        raise NotFound("There is no such site.")
    site = sites[found[0]]
    moderator.require(Action.MANAGE_STAFF, site.id)
    return moderator, site
