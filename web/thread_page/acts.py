"""What readers do on the pages without script: the API's own doors, answered by a page."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Response, abort, request
from sqlalchemy.orm import Session

from discussion import comments, threads
from discussion.reading import Sort
from jobs.transactions import reading
from models import Comment, Thread
from models.policy import WHOLE_SITE
from moderation import policies
from moderation.errors import KeyUsed, Refused
from web import limits, posting, previewing
from web.api import appeals, reports, sanctions, schemas, votes
from web.api.threads import point
from web.thread_page import drawing, hiding, place, reader, showing
from web.thread_page.drawing import Form, links
from web.thread_page.pages import ACTS, blueprint
from web.thread_page.place import Back, Ballot, Hidden, PageShown, Point, loaded

_SAID = {
    "published": "postedPublished",
    "held": "postedHeld",
    "unscored": "postedUnscored",
    "rejected": "isRejected",
    "withdrawn": "youWithdrew",
}

# What is done with no comment, by a button alone.
_ABOUT_PAGE = ("thread_page.points", "thread_page.acknowledge")


@blueprint.post("")
@limits.writes
def post() -> Response:
    """Post a comment of the first level; the discussion is begun if need be."""
    asked = loaded(PageShown, request.args.to_dict())
    answer = _post(
        lambda session: _begun(session, asked), found=lambda session: _found(session, asked)
    )
    comment = answer["comment"]
    with reading() as session:
        where = place.of_thread(session, session.get_one(Thread, comment["thread_id"]))
    to = links().page(where, said=_SAID[comment["status"]], anchor=f"comment-{comment['id']}")
    return _done(to, answer)


def _page(session: Session, asked: dict[str, Any]) -> threads.Page:
    return threads.locate(session, asked["url"], asked["page_id"], asked["site"])


def _found(session: Session, asked: dict[str, Any]) -> Thread | None:
    return threads.find(session, _page(session, asked))


def _begun(session: Session, asked: dict[str, Any]) -> Thread:
    page = _page(session, asked)
    return threads.find_or_begin(session, page, asked["title"], asked["section"].strip())[0]


@blueprint.post("/comments/<row:comment_id>/reply", endpoint="send_reply")
@limits.writes
def reply(comment_id: int) -> Response:
    """Reply to a comment."""
    answer = _post(lambda session: _thread_of(session, comment_id), comment_id)
    comment = answer["comment"]
    return _done(links().branch(comment["id"], said=_SAID[comment["status"]]), answer)


def _thread_of(session: Session, comment_id: int) -> Thread:
    return comments.readable(session, comment_id).thread


def _post(
    where: Callable[[Session], Thread],
    parent_id: int | None = None,
    found: Callable[[Session], Thread | None] | None = None,
) -> dict[str, Any]:
    sent = loaded(schemas.NewComment, _typed("text", "author_name", "website"))
    submitted = posting.submitted({**sent, "parent_id": parent_id}, _key())
    try:
        return posting.post(where, submitted, found)
    except KeyUsed:
        # Sent once, changed on the same page and sent again: that is another comment.
        abort(reader.stale_page(409))


def _typed(*names: str) -> dict[str, str]:
    return {name: request.form.get(name, "") for name in names}


@blueprint.post("/preview")
@limits.previews
def preview() -> str:
    """How a text would look, in the form that it was typed in."""
    number = {name: request.args.get(name, 0, int) for name in ("reply", "edit")}
    asked = loaded(PageShown, request.args.to_dict())
    text = loaded(schemas.ChangedText, _typed("text"))["text"]
    looked = previewing.look(text, lambda session: _destination(session, asked))
    notice = looked["message"]
    if notice and drawing.words().lang != "en":
        notice = drawing.words()("wouldHold")
    form = Form(**_form(), key=_key(), preview=looked["html"], notice=notice)
    return _redrawn(asked, number["reply"], number["edit"], form)


def _destination(session: Session, asked: dict[str, Any]) -> policies.Place:
    where = place.of_page(session, asked)
    return where.site_id, where.thread_id or WHOLE_SITE


def _redrawn(asked: dict[str, Any], reply_to: int, edited: int, form: Form) -> str:
    if reply_to:
        return drawing.act("reply", reply_to, form)
    if edited:
        return drawing.act("edit", edited, form)
    with reading() as session:
        where = place.of_page(session, asked)
    return drawing.thread(where, asked, form)


@blueprint.post("/comments/<row:comment_id>/edit", endpoint="send_edit")
@limits.writes
def edit(comment_id: int) -> Response:
    """Change one's own comment."""
    answer = posting.edit(comment_id, loaded(schemas.ChangedText, _typed("text"))["text"])
    status = answer["comment"]["status"]
    said = "editSaved" if status == "published" else _SAID[status]
    return _done(links().branch(comment_id, said=said), answer)


@blueprint.post("/comments/<row:comment_id>/withdraw", endpoint="send_withdraw")
@limits.writes
def withdraw(comment_id: int) -> Response:
    """Take one's own comment back."""
    answer = posting.withdraw(comment_id)
    with reading() as session:
        where = place.of_thread(session, session.get_one(Comment, comment_id).thread)
    return _done(links().page(where, said="youWithdrew"), answer)


@blueprint.post("/comments/<row:comment_id>/vote")
@limits.votes
def vote(comment_id: int) -> Response:
    """Vote, change the vote, or take it back; leads to where the comment was seen."""
    value = loaded(Ballot, _typed("value"))["value"]
    back = loaded(Back, request.args.to_dict())
    answer = votes.vote(comment_id, value)
    said = "voteCounted" if value else "voteUndone"
    return _done(_way_back(comment_id, back, said), answer)


def _way_back(comment_id: int, back: dict[str, Any], said: str) -> str:
    anchor = f"comment-{comment_id}"
    if back["at"]:
        return links().branch(back["at"], back["sort"], back["cursor"], said, anchor)
    with reading() as session:
        where = place.of_thread(session, session.get_one(Comment, comment_id).thread)
    return links().page(where, back["sort"] or Sort.NEWEST, back["cursor"], said, anchor)


@blueprint.post("/comments/<row:comment_id>/hide")
@limits.votes
def hide(comment_id: int) -> Response:
    """Show nothing more by a comment's author to this reader, or all of it again."""
    wanted = loaded(Hidden, _typed("value"))["value"]
    back = loaded(Back, request.args.to_dict())
    author_id = _author_to_hide(comment_id)
    said = "authorHidden" if wanted else "authorShown"
    response = _done(_way_back(comment_id, back, said), {})
    change = hiding.hide if wanted else hiding.show
    change(response, author_id)
    return response


def _author_to_hide(comment_id: int) -> int:
    """Raises SignInRequired for somebody unknown, whose page is everyone's and hides nothing."""
    with reading() as session:
        author_id = showing.readable(session, comment_id).author_id
        if author_id == posting.author(session).id:
            raise Refused("These are your own comments.")
        return author_id


@blueprint.post("/points")
@limits.votes
def points() -> Response:
    """Give the article a point, or take it back; the discussion is begun if need be."""
    given = bool(loaded(Point, _typed("value"))["value"])
    asked = loaded(PageShown, request.args.to_dict())
    answer = point(lambda session: _begun(session, asked), given=given)
    with reading() as session:
        where = place.of_page(session, asked)
    said = "pointGiven" if given else "pointTakenBack"
    return _done(links().page(where, asked["sort"], asked["cursor"], said), answer)


@blueprint.post("/comments/<row:comment_id>/report", endpoint="send_report")
@limits.writes
def report(comment_id: int) -> Response:
    """Tell the moderators what is wrong with a comment."""
    answer, _ = reports.report(loaded(schemas.NewReport, _typed("reason", "text")), comment_id)
    return _done(links().branch(comment_id, said="thanks"), answer)


@blueprint.post("/comments/<row:comment_id>/appeal", endpoint="send_appeal")
@limits.writes
def appeal(comment_id: int) -> Response:
    """Object to the rejection of one's own comment."""
    answer = appeals.object_to(loaded(schemas.NewAppeal, _typed("text")), comment_id)
    return _done(links().branch(comment_id, said="appealOpen"), answer)


@blueprint.post("/sanctions/<row:sanction_id>/acknowledgement")
@limits.writes
def acknowledge(sanction_id: int) -> Response:
    """Say that one has read a warning."""
    asked = loaded(PageShown, request.args.to_dict())
    answer = sanctions.acknowledge(sanction_id)
    with reading() as session:
        where = place.of_page(session, asked)
    return _done(links().page(where, said="thankRead"), answer)


def _done(to: str, answer: dict[str, Any]) -> Response:
    """On to a page that says what happened; somebody new is known there by their cookie."""
    response = Response(status=303, headers={"Location": to})
    if "reader_token" in answer:
        reader.remember(response, answer["reader_token"])
    return response


def again(status: int, form_error: str) -> str:
    """The form that was refused, with what was typed and the reason.

    It keeps its key unless that may be what is wrong: the comment could be stored by now, and
    pressing the button again would make a second one.

    Raises whatever keeps it from being drawn, KeyError where there is no form.
    """
    name = (request.endpoint or "").partition(".")[2]
    key = "" if status in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY) else _key()
    form = Form(**_form(), key=key, error=form_error)
    if name.removeprefix("send_") in ACTS:
        comment_id = int((request.view_args or {})["comment_id"])
        return drawing.act(name.removeprefix("send_"), comment_id, form)
    if name not in ("post", "preview"):
        raise KeyError(name)
    number = {one: request.args.get(one, 0, int) for one in ("reply", "edit")}
    asked = loaded(PageShown, request.args.to_dict())
    return _redrawn(asked, number["reply"], number["edit"], form)


def subject() -> str:
    """Where the comment is that something was done with, or the discussion; empty for neither."""
    comment_id = (request.view_args or {}).get("comment_id", 0)
    if comment_id:
        return links().branch(comment_id)
    if request.endpoint in _ABOUT_PAGE:
        return links().back(request.args.get("url", ""), request.args.get("page_id", ""))
    return ""


def _key() -> str:
    return request.form.get(reader.KEY, "")


def _form() -> dict[str, str]:
    typed = _typed("text", "author_name", "reason")
    return {"text": typed["text"], "name": typed["author_name"], "reason": typed["reason"]}
