"""What the pages show of a case: sentences, bars and the buttons that are open to this person."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from models import ActorKind, ReportState, Site, Status
from moderation import escalation
from moderation.cases import AuthorHistory, Case, LabelScore
from moderation.decisions import TRANSITIONS
from moderation.permissions import Action
from web import undoing
from web.auth import Moderator
from web.console import author_panel, happenings, listed, marks, objections, words
from web.console.author_panel import Panel
from web.console.happenings import Happening
from web.console.marks import Marked
from web.console.objections import Objection

_SHOWN_OF_AUTHOR = (Status.PUBLISHED, Status.HELD, Status.REJECTED, Status.WITHDRAWN)
_EXCERPT = 160


@dataclass(frozen=True)
class Segment:
    """One part of a bar 100 wide."""

    status: Status
    count: int
    x: float
    width: float


@dataclass(frozen=True)
class ModelScores:
    """All that one model said of the text."""

    model: str
    scores: list[LabelScore]


@dataclass(frozen=True)
class Card:
    """A case as one person sees it."""

    case: Case
    site: Site
    chip: str
    is_risky: bool
    reasons: list[str]
    models: list[ModelScores]
    segments: list[Segment]
    views: dict[str, Marked]
    view: str
    explained: str
    may_decide: bool
    approve: str
    reject: str
    undoable: int
    objections: list[Objection]
    panel: Panel
    history: list[Happening]
    listed: dict[str, list[str]]
    may_note: bool
    may_pass_on: bool
    may_take_back: bool
    may_feature: bool

    @property
    def id(self) -> int:
        """The comment's number."""
        return self.case.comment.id


def card(case: Case, site: Site, moderator: Moderator, view: str | None = None) -> Card:
    """A case with everything that its page says; `view` is the label whose words are marked,
    empty for none and None for the one that says most."""
    places = listed.places(case.comment.text, case.signals)
    views = marks.views(case.comment.text, case.scores, places)
    may_decide = moderator.may(escalation.needed(case.comment), site.id)
    chip, is_risky = _chip(case)
    return Card(
        case=case,
        site=site,
        chip=chip,
        is_risky=is_risky,
        reasons=words.why(case),
        models=[
            ModelScores(model, list(scores))
            for model, scores in groupby(case.scores, key=lambda score: score.model)
        ],
        segments=segments(case.author),
        views=views,
        view=marks.chosen(views, view),
        explained=_explained(case),
        may_decide=may_decide,
        approve=_approve_label(case) if may_decide else "",
        reject=_reject_label(case) if may_decide else "",
        undoable=undoing.of_case(case, moderator),
        objections=objections.of(case, moderator),
        panel=author_panel.of_case(case, site, moderator),
        history=happenings.of(
            case, moderator.actor.id, may_note=moderator.may(Action.NOTE, site.id)
        ),
        listed=listed.entries(case.signals),
        may_note=moderator.may(Action.NOTE, site.id),
        may_pass_on=_may_pass_on(case, site, moderator),
        may_take_back=_may_take_back(case, site, moderator),
        may_feature=moderator.may(Action.FEATURE, site.id),
    )


def _may_pass_on(case: Case, site: Site, moderator: Moderator) -> bool:
    comment = case.comment
    is_open = not comment.escalated and comment.status in escalation.OPEN
    return is_open and moderator.may(Action.ESCALATE, site.id)


def _may_take_back(case: Case, site: Site, moderator: Moderator) -> bool:
    if not case.comment.escalated or not moderator.may(Action.ESCALATE, site.id):
        return False
    by = [act.actor_id for act in case.acts if act.action == escalation.PASSED_ON]
    is_mine = by[-1:] == [moderator.actor.id]
    return is_mine or moderator.may(Action.DECIDE_ESCALATED, site.id)


def _explained(case: Case) -> str:
    """Whether it is known which words carry the scores: "yes", "no", or "" if nothing is asked."""
    if not case.scores:
        return ""
    return "yes" if any(score.is_explained for score in case.scores) else "no"


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _EXCERPT else f"{line[:_EXCERPT].rsplit(' ', 1)[0]}…"


def _chip(case: Case) -> tuple[str, bool]:
    """The most telling reason in three words, and whether a score or a reader gave it."""
    open_reports = sum(report.state is ReportState.OPEN for report in case.reports)
    over = [score for score in case.scores if score.is_over]
    if over:
        worst = max(over, key=lambda score: score.value)
        return f"{words.label(worst.label)} {worst.value:.2f}", True
    if open_reports:
        mean = case.comment.report_weight / open_reports
        return f"Reported {open_reports}× · {words.weight(mean)}", True
    reasons = case.reasons
    return (words.label(words.reason(reasons[0])) if reasons else "", False)


def segments(author: AuthorHistory) -> list[Segment]:
    """What became of an author's comments, as parts of one bar."""
    total = sum(author.counts.get(status, 0) for status in _SHOWN_OF_AUTHOR) or 1
    parts: list[Segment] = []
    x = 0.0
    for status in _SHOWN_OF_AUTHOR:
        count = author.counts.get(status, 0)
        width = 100 * count / total
        parts.append(Segment(status, count, round(x, 2), round(width, 2)))
        x += width
    return parts


def _is_open(before: Status, after: Status) -> bool:
    return (before, after) in TRANSITIONS[ActorKind.STAFF]


def _approve_label(case: Case) -> str:
    before = case.comment.status
    if not _is_open(before, Status.PUBLISHED):
        return ""
    if before is Status.PUBLISHED:
        # Without a report there is nothing that an approval would settle.
        return "Keep it" if case.comment.open_reports else ""
    return "Publish after all" if before is Status.REJECTED else "Approve"


def _reject_label(case: Case) -> str:
    before = case.comment.status
    if before is Status.REJECTED and case.appeal:
        return "Reject again"
    if before is Status.REJECTED or not _is_open(before, Status.REJECTED):
        return ""
    return "Take down" if before is Status.PUBLISHED else "Reject"
