"""The page on which the staff of a site read, and its admins change, what it decides for itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from jobs.transactions import reading, writing
from models import Site, Thread
from moderation import policies, word_trial
from moderation.errors import Invalid, ModelUnavailable, NotFound, StaleVersion, Unchanged
from moderation.permissions import Action
from moderation.policies import Version
from moderation.signals.rules import RULES
from web import auth
from web.api.schemas import LARGEST_ID
from web.auth import Moderator
from web.console import policy_form, policy_words, tried
from web.console import sites as which
from web.console.asks import is_by_script
from web.console.desk import blueprint
from web.console.policy_form import Errors, Sheet
from web.runtime import runtime

_VERSIONS = 10
_OLD_PAGE = "This page is too old. Load it again, then repeat what you changed."
_WRONG = "Nothing is saved: see what is marked below."


@dataclass(frozen=True)
class Answer:
    """What the page shows besides what stands: what was typed, said, found wrong and tried.

    `since` is what others changed meanwhile; `version` the one that was seen, 0 for the present.
    """

    sheet: Sheet | None = None
    errors: Errors = field(default_factory=dict)
    said: str = ""
    status: int = 200
    version: int = 0
    since: tuple[Version, ...] = ()
    trial: tried.Page | None = None


@blueprint.get("/policy")
def show_policy() -> Response:
    """What a site decides for itself, and how that came to be."""
    with reading() as session:
        moderator = auth.moderator(session)
        sites = which.of(session, moderator)
        if not sites and not request.args.get("site"):
            return Response(render_template("console/policy.html", site=None, sites=sites))
        return _page(session, moderator, sites, Answer(said=_saved(_site(sites))))


@blueprint.post("/policy")
def save_policy() -> AnyResponse:
    """Make what was typed the site's policy, unless somebody was faster."""
    seen = request.form.get("version", type=int)
    if seen is None or not 0 < seen <= LARGEST_ID:
        raise Invalid(_OLD_PAGE)
    with writing() as session:
        moderator = auth.moderator(session)
        site = _to_change(session, moderator)
        slug, outcome = site.slug, _save(session, site, moderator, seen)
    if isinstance(outcome, int):
        return redirect(url_for(".show_policy", site=slug, saved=outcome))
    return _again(outcome)


@blueprint.post("/policy/words")
def try_words() -> AnyResponse:
    """What the word lists as typed would find among the last comments; stores nothing."""
    with reading() as session:
        moderator = auth.moderator(session)
        site = _to_change(session, moderator)
        sheet = _typed(session, site)
        comments = word_trial.recent(session, site.id)
    seen = min(max(request.form.get("version", 0, type=int), 0), LARGEST_ID)
    # Out of the transaction: this takes a while.
    try:
        lists = policy_form.entries_of(sheet)
    except Invalid as error:
        errors = {error.field: policy_form.plain(error)}
        return _tried(Answer(sheet, errors, _WRONG, 400, seen))
    found = word_trial.trial(comments, lists)
    shown = tried.page(found, sum(len(entries) for entries in lists.values()))
    return _tried(Answer(sheet, version=seen, trial=shown))


def _save(session: Session, site: Site, moderator: Moderator, seen: int) -> Answer | int:
    """The new version, or what there is to say instead of saving."""
    sheet = _typed(session, site)
    record, errors = policy_form.changes(sheet, policies.standing(session, site.id))
    if errors and seen == site.policy_version:
        return Answer(sheet, errors, _WRONG, 400, seen)
    try:
        return policies.change(
            session, site, record, moderator.actor, version=seen, note=sheet.note
        )
    except StaleVersion:
        return _overtaken(session, site, sheet, seen)
    except Unchanged as unchanged:
        return Answer(sheet, said=f"Nothing changed. {unchanged.message}")


def _overtaken(session: Session, site: Site, sheet: Sheet, seen: int) -> Answer:
    """What was typed over what somebody else made of the policy meanwhile, and who it was."""
    labels = _labels()
    before = policy_form.sheet_of(policies.at(session, site.id, seen), labels)
    standing = policy_form.sheet_of(policies.standing(session, site.id), labels)
    mixed, both = policy_form.merged(sheet, before, standing)
    newer = policies.changes(session, site.id, limit=_VERSIONS)
    since = tuple(version for version in newer if version.number > seen)
    who = since[0].who if since else "Somebody"
    said = f"{who} was faster: the policy was changed since you opened it."
    return Answer(mixed, both, said, 409, since=since)


def _tried(answer: Answer) -> Response:
    """The trial: to the script as the part of the page that it replaces, else the whole page."""
    if not is_by_script():
        return _again(answer)
    part = render_template("console/_trial.html", trial=answer.trial, errors=answer.errors)
    said = jsonify({"trial": part})
    said.status_code = answer.status
    return said


def _again(answer: Answer) -> Response:
    """The page once more, with what was typed in it."""
    with reading() as session:
        moderator = auth.moderator(session)
        return _page(session, moderator, which.of(session, moderator), answer)


def _page(
    session: Session, moderator: Moderator, sites: dict[int, Site], answer: Answer
) -> Response:
    site = _site(sites)
    before = request.args.get("before", 0, type=int)
    found = policies.changes(session, site.id, min(max(before, 0), LARGEST_ID), _VERSIONS + 1)
    history = found[:_VERSIONS]
    standing = policies.standing(session, site.id)
    page = render_template(
        "console/policy.html",
        sites=sites,
        site=site,
        answer=answer,
        sheet=answer.sheet or policy_form.sheet_of(standing, _labels()),
        version=answer.version or site.policy_version,
        may_change=moderator.may(Action.CHANGE_POLICY, site.id),
        rules=RULES,
        tell=policy_words,
        reads=_reads(),
        history=history,
        threads=_threads(session, (*history, *answer.since)),
        older=history[-1].number if len(found) > _VERSIONS else 0,
        limits={"note": policies.LONGEST_NOTE},
    )
    return Response(page, answer.status, mimetype="text/html")


def _site(sites: dict[int, Site]) -> Site:
    """The site that is asked for, or the first one. Raises NotFound for one of other people."""
    found = which.chosen(sites, request.args.get("site", ""))
    if not found:
        raise NotFound("There is no such site.")
    return sites[found[0]]


def _to_change(session: Session, moderator: Moderator) -> Site:
    """The site that is asked for, if this person may change its policy."""
    site = _site(which.of(session, moderator))
    moderator.require(Action.CHANGE_POLICY, site.id)
    return site


def _typed(session: Session, site: Site) -> Sheet:
    standing = policies.standing(session, site.id)
    return policy_form.sheet_from(request.form, policy_form.sheet_of(standing, _labels()))


def _saved(site: Site) -> str:
    number = request.args.get("saved", 0, type=int)
    if not 0 < number <= site.policy_version:
        return ""
    return f"Saved as version {number}. Comments are judged by it from now on."


def _labels() -> tuple[str, ...]:
    """The labels of the model, once it is loaded."""
    try:
        return runtime().classifier.labels
    except ModelUnavailable:
        return ()


def _reads() -> str:
    """What the model reads where a site says nothing, in words."""
    try:
        model = runtime().classifier.name
    except ModelUnavailable:
        return ""
    return policy_words.languages(policy_form.read_by(model, runtime().model_languages))


def _threads(session: Session, versions: Iterable[Version]) -> dict[int, Any]:
    """The threads that some versions are about, by number."""
    numbers = {one.thread_id for one in versions if one.thread_id}
    found = session.scalars(select(Thread).where(Thread.id.in_(numbers))) if numbers else ()
    return {thread.id: thread for thread in found}
