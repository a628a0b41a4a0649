"""The pages of the desk: the queue, a case, the record; and the two things done there."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, writing
from models import Comment, Decision, Status
from moderation import casework, claims, context, escalation, preferences, queue
from moderation.errors import Claimed, Invalid, NotFound, Refused, SignInRequired, StaleVersion
from moderation.permissions import Action
from moderation.queue import QueuePage
from web import auth, explaining, undoing
from web.api.schemas import LARGEST_ID
from web.console import acts_told, author_panel, cards, pieces, record, words
from web.console import asked as asking
from web.console import sites as which
from web.console.accounts import STALE_PAGE
from web.console.asked import Asked
from web.console.asks import is_by_script
from web.console.pages import pages
from web.csrf import csrf
from web.errors import problem

blueprint = Blueprint(
    "console",
    __name__,
    url_prefix="/console",
    template_folder="templates",
    static_folder="static",
    static_url_path="/static",
)

_AFTER = {"approve": Status.PUBLISHED, "reject": Status.REJECTED}
# As many rows as fit a screen without scrolling; the script asks for more before they are decided.
_PAGE = 12
_LARGEST_FORM = 4 * 1024 * 1024


@blueprint.before_request
def _require_sign_in() -> AnyResponse | None:
    if request.endpoint == "console.static":
        return None
    if current_user.is_authenticated:
        # A site's lists of words are longer than any comment.
        request.max_content_length = request.max_form_memory_size = _LARGEST_FORM
        csrf.protect()
        return None
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    if is_by_script():
        raise SignInRequired("You are signed out. Sign in again in another tab, then repeat.")
    return redirect(url_for("security.login"))


@blueprint.errorhandler(CSRFError)
def _without_token(error: CSRFError) -> Response:
    return problem(400, "csrf", STALE_PAGE)


@blueprint.errorhandler(SignInRequired)
def _signed_out(error: SignInRequired) -> AnyResponse:
    if is_by_script():
        return problem(401, "sign-in-required", error.message)
    return redirect(url_for("security.login"))


@blueprint.context_processor
def _common() -> dict[str, Any]:
    liked = preferences.of(current_user.preferences) if current_user.is_authenticated else None
    often = {"at": pieces.Addresses(), "piece": pieces.Pieces()}
    return {"words": words, "pages": pages(), "liked": liked, **often}


@blueprint.get("/")
def show_queue() -> str:
    """The cases that wait, and whatever else is looked for."""
    asked = _asked()
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        chosen = which.chosen(sites, asked.site)
        page, said = _found(session, moderator, asked, chosen)
        return render_template(
            "console/queue.html",
            asked=asked,
            asking=asking,
            chips=asking.chips(session, asked, chosen),
            sections=asking.sections(session, chosen),
            sites=sites,
            cards=[cards.card(case, sites[case.comment.site_id], moderator) for case in page.cases],
            page=page,
            counts=queue.counts(session, chosen),
            decided_today=record.today(session, chosen),
            said=said,
            back=_back("queue", asked),
        )


def _found(
    session: Session, moderator: auth.Moderator, asked: Asked, chosen: list[int]
) -> tuple[QueuePage, dict[str, Any] | None]:
    """What was asked for, and what there is to say; words that ask for nothing find nothing."""
    # What is only looked through is shown whole.
    waits = asked.state in queue.WAITING
    others = claims.held_by_others(session, moderator.actor.id) if waits else []
    try:
        page = queue.page(
            session, chosen, asked.state, asked.order, asked.cursor, _PAGE, asked.wanted, others
        )
    except Invalid as wrong:
        if wrong.field != "words":
            raise
        return QueuePage([], None), {"text": wrong.message, "bad": True}
    return page, _said(session, moderator, "queue")


@blueprint.get("/cases/<row:comment_id>")
def show_case(comment_id: int) -> str:
    """One case, by its own address, with the words marked that carry its scores."""
    with reading() as session:
        comment = case_of(session, auth.moderator(session), comment_id)
        question = explaining.question(session, comment)
    explaining.answer(question)
    with reading() as session:
        moderator = auth.moderator(session)
        comment = case_of(session, moderator, comment_id)
        return _case_page(session, moderator, comment, _said(session, moderator, "case"))


@blueprint.get("/decisions")
def show_decisions() -> str:
    """The record."""
    before = request.args.get("before", 0, type=int)
    everyone = request.args.get("by") == "everyone"
    asked = _asked()
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        chosen = {number: sites[number] for number in which.chosen(sites, asked.site)}
        page = record.page(
            session,
            moderator,
            chosen,
            before=min(max(before, 0), LARGEST_ID),
            everyone=everyone,
        )
        return render_template(
            "console/decisions.html",
            asked=asked,
            sites=sites,
            page=page,
            everyone=everyone,
            said=_said(session, moderator, "decisions"),
            back=_back("decisions", asked),
        )


@blueprint.post("/cases/<row:comment_id>/decisions")
def decide(comment_id: int) -> AnyResponse:
    """Approve or reject, unless somebody was faster."""
    after = _AFTER.get(request.form.get("decision", ""))
    version = request.form.get("version", type=int)
    if after is None or version is None:
        raise Invalid("Choose approve or reject.")
    reasons = request.form.getlist("reasons") if after is Status.REJECTED else []
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            comment = case_of(session, moderator, comment_id, Action.DECIDE)
            moderator.require(escalation.needed(comment), comment.site_id)
            decision = casework.decide(
                session, comment, after, moderator.actor, reasons, version=version
            )
            decision_id = decision.id
    except Refused as refused:
        return conflict(comment_id, refused)
    return _done(comment_id, decision_id)


@blueprint.post("/decisions/<row:decision_id>/undo")
def undo(decision_id: int) -> AnyResponse:
    """Take a person's newest decision on a comment back."""
    comment_id = 0
    try:
        with writing() as session:
            moderator = auth.moderator(session)
            decision = session.get(Decision, decision_id)
            if decision is None:
                raise NotFound("There is no such decision.")
            comment_id = decision.comment_id
            comment = case_of(session, moderator, comment_id, Action.UNDO)
            undoing.require(session, comment, decision, moderator)
            taken_back = casework.undo(session, decision, comment, moderator.actor)
            taken_back_id = taken_back.id
    except Refused as refused:
        return conflict(comment_id, refused)
    return _done(comment_id, taken_back_id)


def _done(comment_id: int, decision_id: int) -> AnyResponse:
    """Say what was done: to the script in JSON, to a plain form on the page it came from."""
    if not is_by_script():
        return redirect(_return_address(comment_id, decided=decision_id))
    with reading() as session:
        moderator = auth.moderator(session)
        said = words.outcome(session.get_one(Decision, decision_id))
        return jsonify(_state(session, moderator, comment_id, said, decision_id))


def act_done(comment_id: int, act_id: int) -> AnyResponse:
    """The same of an act that is no decision: a note, or passing a case on."""
    if not is_by_script():
        return redirect(_return_address(comment_id, act=act_id))
    with reading() as session:
        moderator = auth.moderator(session)
        told = acts_told.told(session, moderator, act_id, _back(_came_from(), _asked()))
        state = _state(session, moderator, comment_id, told["text"] if told else "", 0)
        return jsonify(state | {"undo": told["undo_at"] if told else ""})


def conflict(comment_id: int, refused: Refused) -> AnyResponse:
    """Say who was faster, and show where the comment stands now."""
    with reading() as session:
        moderator = auth.moderator(session)
        comment = case_of(session, moderator, comment_id)
        newest = queue.case(session, comment).decisions[:1]
        account_id = moderator.account.id if moderator.account else 0
        # Only who looked at an older state is told what became of it meanwhile.
        is_overtaken = isinstance(refused, StaleVersion) and newest
        happened = words.overtaken(newest[0], account_id) if is_overtaken else refused.message
        said = f"{happened} Nothing was changed now; this is how it stands."
        if isinstance(refused, Claimed):
            said = f"{refused.message} Nothing was changed; it is free again when they are done."
        if is_by_script():
            state = _state(session, moderator, comment_id, said, 0)
            holder = refused.holder if isinstance(refused, Claimed) else ""
            answer = jsonify(state | {"holder": holder})
            answer.status_code = 409
            return answer
        page = _case_page(session, moderator, comment, {"text": said, "bad": True})
        return Response(page, 409, mimetype="text/html")


def _state(
    session: Session, moderator: auth.Moderator, comment_id: int, said: str, decision_id: int
) -> dict[str, Any]:
    sites = which.of(session, moderator)
    comment = case_of(session, moderator, comment_id)
    shown = cards.card(queue.case(session, comment), sites[comment.site_id], moderator)
    decision_id = decision_id if decision_id == shown.undoable else 0
    asked = _asked()
    waiting = queue.counts(session, which.chosen(sites, asked.site))
    back = _back(_came_from(), asked)
    parts = {"back": back, "card": shown, "sites": sites}
    return {
        "said": said,
        "undo": url_for(".undo", decision_id=decision_id, **back) if decision_id else "",
        "status": comment.status.value,
        "waits": queue.waits(session, asked.state, comment),
        "counts": {state.value: asking.told(count) for state, count in waiting.items()},
        "case": render_template("console/_case.html", **parts),
        "row": render_template("console/_row.html", **parts),
    }


def _case_page(
    session: Session, moderator: auth.Moderator, comment: Comment, said: dict[str, Any] | None
) -> str:
    sites = which.of(session, moderator)
    case, site = queue.case(session, comment), sites[comment.site_id]
    return render_template(
        "console/case.html",
        card=cards.card(case, site, moderator, request.args.get("view")),
        asked_to_explain=True,
        around=context.around(session, comment),
        sites=sites,
        said=said,
        back={"from": "case"},
    )


def _said(session: Session, moderator: auth.Moderator, page: str) -> dict[str, Any] | None:
    """What was done just before, for a page that follows a plain form; taking it back leads to that
    page again."""
    back = _back(page, _asked())
    return author_panel.said(session, moderator, back) or acts_told.said(session, moderator, back)


def _return_address(comment_id: int, **done: Any) -> str:
    asked = _asked()
    if _came_from() == "queue":
        return url_for(".show_queue", **asked.query(), **done)
    if _came_from() == "decisions":
        return url_for(".show_decisions", site=asked.site or None, **done)
    return url_for(".show_case", comment_id=comment_id, **done)


def _came_from() -> str:
    page = request.args.get("from", "")
    return page if page in ("queue", "decisions") else "case"


def _asked() -> Asked:
    return asking.read(request.args)


def _back(page: str, asked: Asked) -> dict[str, Any]:
    return {"from": page, **asked.query()}


def case_of(
    session: Session, moderator: auth.Moderator, comment_id: int, action: Action | None = None
) -> Comment:
    """A comment of this person's sites, locked if something is to be done with it."""
    comment = queue.comment(session, comment_id, to_decide=action is not None)
    if not moderator.may(Action.READ_QUEUE, comment.site_id):
        raise NotFound("There is no such comment.")
    if action is not None:
        moderator.require(action, comment.site_id)
    return comment
