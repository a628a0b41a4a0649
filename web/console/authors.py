"""An author at the desk: the page of what is known, and what moderators do about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs import batches as working
from jobs.transactions import reading, writing
from models import (
    FOREVER,
    Account,
    ActorKind,
    AuditEntry,
    Batch,
    Sanction,
    SanctionKind,
    Site,
    utcnow,
)
from moderation import authors, policies, purges, queue, sanctions
from moderation.errors import Invalid, NotFound, Refused
from moderation.permissions import Action
from web import auth
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import asked as asking
from web.console import author_panel, cards
from web.console import sites as which
from web.console.asks import is_by_script
from web.console.author_panel import LENGTHS, Panel
from web.console.desk import blueprint

_OLD_PAGE = "This page is too old. Load it again, then repeat what you did."


@blueprint.get("/authors/<row:account_id>")
def show_author(account_id: int) -> str:
    """What is known of an author on one site."""
    with reading() as session:
        moderator = auth.moderator(session)
        sites = _sites(session, moderator, account_id)
        slug = request.args.get("site", "")
        site = next((one for one in sites if not slug or one.slug == slug), None)
        if site is None:
            raise NotFound("There is no such author.")
        profile = authors.profile(session, site.id, account_id)
        panel = author_panel.panel(
            profile.history, site, moderator, policies.standing(session, site.id)
        )
        return render_template(
            "console/author.html",
            account_id=account_id,
            site=site,
            sites=sites,
            profile=profile,
            segments=cards.segments(profile.history),
            panel=panel,
            written=authors.written(session, site.id, account_id, request.args.get("cursor", "")),
            excerpt=cards.excerpt,
            who=_who,
            said=author_panel.said(session, moderator, _back()),
            back={"from": "author", "site": site.slug},
        )


@blueprint.get("/authors/<row:account_id>/panel")
def show_author_panel(account_id: int) -> str:
    """The panel alone, as it stands now, for a page that stays open."""
    with reading() as session:
        moderator = auth.moderator(session)
        comment_id = request.args.get("comment", 0, type=int)
        return _panel(session, moderator, _site_id(request.args), account_id, comment_id)


@blueprint.post("/authors/<row:account_id>/sanctions")
def impose_sanction(account_id: int) -> AnyResponse:
    """Warn, mute, hold or ban."""
    kind = request.form.get("kind", "")
    if kind not in set(SanctionKind):
        raise Invalid(_OLD_PAGE)
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            site_id = _open(moderator, Action.SANCTION)
            made, replaced = sanctions.impose(
                session,
                site_id,
                _account(session, account_id),
                SanctionKind(kind),
                _told(session, site_id),
                moderator.actor,
                until=_until(SanctionKind(kind)),
                comment_id=_number("comment"),
            )
            said = author_panel.imposed_in_words(made, instead=replaced is not None)
            more = {"instead": 1} if replaced else {}
            undo_at, did = author_panel.lifting(made), {"sanction": made.id, **more}
    except (Refused, Invalid) as refused:
        return _refused(account_id, refused)
    return _done(account_id, site_id, said, did, undo_at)


@blueprint.post("/authors/<row:account_id>/sanctions/<row:sanction_id>/lift")
def lift_sanction(account_id: int, sanction_id: int) -> AnyResponse:
    """Take a sanction back."""
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            found = session.get(Sanction, sanction_id)
            if found is None or found.account_id != account_id:
                raise NotFound("There is no such sanction.")
            site_id = _open(moderator, Action.SANCTION, found.site_id)
            sanctions.lift(session, found, moderator.actor)
            said = author_panel.lifted_in_words(found)
    except Refused as refused:
        return _refused(account_id, refused)
    return _done(account_id, site_id, said, {"sanction": sanction_id})


@blueprint.post("/authors/<row:account_id>/purges")
def begin_purge(account_id: int) -> AnyResponse:
    """Reject all that an author wrote within a day, or go on with it."""
    with writing() as session:
        moderator = auth.moderator(session)
        site_id = _open(moderator, Action.DECIDE_BATCH)
        reason = _reason(session, site_id)
        reasons = [reason.key] if reason else []
        batch = purges.begin(session, site_id, account_id, moderator.actor, reasons)
        session.flush()
        batch_id = batch.id
    working.run(batch_id)
    return redirect(_return_address(account_id, site_id, {"purge": batch_id}))


@blueprint.post("/authors/<row:account_id>/purges/<row:batch_id>/undo")
def take_back_purge(account_id: int, batch_id: int) -> AnyResponse:
    """Take the rejection of everything back as a whole, or go on with it."""
    with reading() as session:
        moderator = auth.moderator(session)
        batch = session.get(Batch, batch_id)
        if batch is None:
            raise NotFound("There is no such batch.")
        site_id = _open(moderator, Action.DECIDE_BATCH, batch.site_id)
        purges.get(session, batch_id, site_id, account_id)
        actor = moderator.actor
    try:
        working.take_back(batch_id, actor)
    except Refused as refused:
        return _refused(account_id, refused)
    return redirect(_return_address(account_id, site_id, {"purge": batch_id}))


def _sites(session: Session, moderator: Moderator, account_id: int) -> list[Site]:
    """This person's sites on which the author wrote; none is answered like no such author."""
    mine = which.of(session, moderator)
    return [mine[number] for number in authors.sites_of(session, account_id, list(mine))]


def _open(moderator: Moderator, action: Action, site_id: int = 0) -> int:
    """The site that a form is about, once this person may do that there."""
    site_id = site_id or _site_id(request.form)
    if not moderator.may(Action.READ_QUEUE, site_id):
        raise NotFound("There is no such author.")
    moderator.require(action, site_id)
    return site_id


def _site_id(sent: Any) -> int:
    return int(sent.get("site_id", 0, type=int))


def _number(name: str) -> int:
    number = request.form.get(name, 0, type=int)
    return number if 0 < number <= LARGEST_ID else 0


def _account(session: Session, account_id: int) -> Account:
    found = session.get(Account, account_id)
    if found is None:
        raise NotFound("There is no such author.")
    return found


def _until(kind: SanctionKind) -> datetime:
    if kind is not SanctionKind.MUTE:
        return FOREVER
    length = LENGTHS.get(request.form.get("length", ""))
    if length is None:
        raise Invalid("Choose for how long.", field="until")
    return utcnow() + length[1]


def _reason(session: Session, site_id: int) -> Any:
    here = policies.standing(session, site_id).reasons
    return next((one for one in here if one.key == request.form.get("reason")), None)


def _told(session: Session, site_id: int) -> str:
    """What was written to the author, else what the site says for the reason chosen."""
    typed = request.form.get("told", "").strip()
    reason = _reason(session, site_id)
    return typed or (reason.told if reason else "")


def _who(act: Sanction | AuditEntry) -> str:
    """Who did something, inside a sentence, as the person who looks at it would say."""
    if act.actor_kind is ActorKind.API_KEY:
        return f"the program {act.actor_name}"
    return "you" if act.actor_id == current_user.id else act.actor_name


def _panel(
    session: Session, moderator: Moderator, site_id: int, account_id: int, comment_id: int
) -> str:
    sites = which.of(session, moderator)
    if site_id not in sites:
        raise NotFound("There is no such author.")
    panel = _panel_of(session, moderator, sites[site_id], account_id, comment_id)
    back = _back()
    return render_template("console/_author_panel.html", panel=panel, back=back)


def _panel_of(
    session: Session, moderator: Moderator, site: Site, account_id: int, comment_id: int
) -> Panel:
    if 0 < comment_id <= LARGEST_ID:
        comment = queue.comment(session, comment_id)
        if (comment.site_id, comment.author_id) == (site.id, account_id):
            return author_panel.of_case(queue.case(session, comment), site, moderator)
    history = authors.profile(session, site.id, account_id).history
    return author_panel.panel(history, site, moderator, policies.standing(session, site.id))


def _back() -> dict[str, Any]:
    """What the address says of the page that one came from: of the queue also its filters."""
    came_from = request.args.get("from", "")
    if came_from == "queue":
        return {"from": came_from, **asking.read(request.args).query()}
    return {name: request.args[name] for name in ("from", "site") if name in request.args}


def _return_address(account_id: int, site_id: int, did: dict[str, Any]) -> str:
    """The page that one came from, saying what was done."""
    back = _back()
    came_from = back.pop("from", "")
    if came_from == "queue":
        return url_for("console.show_queue", **back, **did)
    comment_id = _number("comment") or request.args.get("comment", 0, type=int)
    if came_from != "author" and comment_id:
        return url_for("console.show_case", comment_id=comment_id, **did)
    with reading() as session:
        slug = session.get_one(Site, site_id).slug
    return url_for("console.show_author", account_id=account_id, site=slug, **did)


def _done(
    account_id: int,
    site_id: int,
    said: str,
    did: dict[str, Any],
    undo_at: author_panel.Address | None = None,
) -> AnyResponse:
    """Say what was done: to the script in JSON, to a plain form on the page it came from."""
    if not is_by_script():
        return redirect(_return_address(account_id, site_id, did))
    back = _back()
    with reading() as session:
        moderator = auth.moderator(session)
        comment_id = _number("comment") or request.args.get("comment", 0, type=int)
        panel = _panel(session, moderator, site_id, account_id, comment_id)
    undo = url_for(undo_at[0], **{**undo_at[1], **back}) if undo_at else ""
    return jsonify({"said": said, "undo": undo, "panel": panel})


def _refused(account_id: int, refused: Refused | Invalid) -> AnyResponse:
    """Say why nothing was done, where the script shows it; a plain form gets a page."""
    if not is_by_script():
        raise refused
    answer = jsonify({"said": refused.message, "undo": "", "panel": ""})
    answer.status_code = 409 if isinstance(refused, Refused) else 422
    return answer
