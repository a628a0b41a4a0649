"""The way from the console to the article: a code in its address, by which the widget knows one."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, make_response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from discussion import threads
from jobs.transactions import writing
from models import Comment, SiteOrigin, Thread
from moderation import audit, page_codes
from moderation.errors import NotFound, Refused
from moderation.permissions import Action
from web import auth, limits
from web.api.schemas import LARGEST_ID
from web.console import signed_in
from web.console.desk import blueprint


@blueprint.post("/threads/<row:thread_id>/page")
def open_page(thread_id: int) -> Response:
    """Lead to the article as one of its staff, at a comment where one is named.

    A page that leads on, and no redirect: browsers apply `form-action` to those as well, and the
    console names no foreign origin there.
    """
    comment_id = request.form.get("comment", 0, type=int)
    with writing() as session:
        moderator = auth.moderator(session)
        thread = session.get(Thread, thread_id)
        if thread is None or not moderator.may(Action.READ_QUEUE, thread.site_id):
            raise NotFound("There is no such thread.")
        account = moderator.account
        if account is None:
            raise Refused("Only a person can be known on a page.")
        _require_origin(session, thread)
        code = page_codes.issue(
            session, account, thread.site_id, limits.requester(), signed_in.this_one()
        )
        named = {"parley-staff": code}
        if _belongs(session, comment_id, thread):
            named["comment"] = str(comment_id)
        audit.record(session, "page opened", thread, moderator.actor, site_id=thread.site_id)
        article, address = thread.title or thread.url, f"{thread.url}#{urlencode(named)}"
    page = make_response(render_template("console/on_page.html", article=article, address=address))
    # The article gets no handle on the console's window, and does not learn its address.
    page.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _require_origin(session: Session, thread: Thread) -> None:
    origin = threads.origin_of(thread.url)
    known = select(SiteOrigin.id).where(
        SiteOrigin.origin == origin, SiteOrigin.site_id == thread.site_id
    )
    if session.scalar(known) is None:
        raise Refused(f"{origin} is no origin of this site any more: nobody is let in there.")


def _belongs(session: Session, comment_id: int, thread: Thread) -> bool:
    if not 0 < comment_id <= LARGEST_ID:
        return False
    found = session.get(Comment, comment_id)
    return found is not None and found.thread_id == thread.id
