"""What a newer model's scores would decide differently; what a person decided is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from models import Comment, Decision, Moderation, Score, Status, StoredSignal
from moderation import cases, decisions, policies, policy, screening
from moderation.classifier.languages import Language, reads_of
from moderation.classifier.scores import Obfuscation, Scores
from moderation.decisions import PEOPLE
from moderation.signals import Facts, Signal
from moderation.signals.language import KIND as LANGUAGE
from moderation.signals.obfuscation import KIND as OBFUSCATED
from moderation.signals.obfuscation import obfuscation
from moderation.signals.rules import RULES
from moderation.signals.toxicity import KIND as SCORE
from moderation.signals.toxicity import toxicity
from moderation.values import Values

RESCORED = "rescored"
# What can be scored again: a withdrawn comment is its author's, an unscored one is owed anyway.
JUDGED = (Status.PUBLISHED, Status.HELD, Status.REJECTED)


@dataclass(frozen=True)
class Difference:
    """Where a comment stands, where today's scores would put it, and the reasons for hiding it.

    `by_person`: a person decided this text, and that stands whatever a model says.
    """

    before: Status
    after: Status
    reasons: tuple[str, ...]
    by_person: bool


def difference(session: Session, comment: Comment, signals: Sequence[Signal]) -> Difference | None:
    """What these signals would change; None if nothing.

    A published comment is not called different because its site looks first by now: that was
    not so when it was judged.
    """
    if comment.status not in JUDGED:
        return None
    is_public = comment.status is Status.PUBLISHED
    mode = Moderation.POST
    if not is_public:
        mode = policies.moderation(session, comment.site_id, comment.thread_id)
    verdict = policy.judge(signals, mode)
    if verdict.after is comment.status:
        return None
    reasons = verdict.reasons
    if verdict.after is Status.PUBLISHED:
        reasons = tuple(cases.standing_reasons(session, [comment.id]).get(comment.id, []))
    return Difference(comment.status, verdict.after, reasons, _is_decided(session, comment))


def signals_now(
    session: Session,
    comments: Sequence[Comment],
    model_name: str,
    model_version: str,
    told: str = "",
) -> dict[int, list[Signal]]:
    """Per comment: what a model's stored scores and the other stored signals say by what its site
    decides today; in two queries, however many comments. `told` is as in `screening.facts_of`."""
    ids = [comment.id for comment in comments]
    scores = _stored_scores(session, ids, model_name, model_version)
    standing = policies.of_places(session, {(c.site_id, c.thread_id) for c in comments})
    facts = {
        c.id: _facts_now(c, standing[c.site_id, c.thread_id], scores[c.id], model_name, told)
        for c in comments
    }
    found = {number: toxicity(of_comment) for number, of_comment in facts.items()}
    for one in session.scalars(
        select(StoredSignal)
        .join(Comment, Comment.id == StoredSignal.comment_id)
        .where(
            StoredSignal.comment_id.in_(ids),
            StoredSignal.revision == Comment.revision,
            StoredSignal.kind.not_in([SCORE, screening.UNSCORABLE]),
        )
        .order_by(StoredSignal.id)
    ):
        found[one.comment_id] += _judged_now(one, facts[one.comment_id])
    return found


def _stored_scores(
    session: Session, ids: Sequence[int], model_name: str, model_version: str
) -> dict[int, dict[str, float]]:
    """Per comment: the scores of its present text, by label; {} where this model gave none."""
    scores: dict[int, dict[str, float]] = {number: {} for number in ids}
    for score in session.scalars(
        select(Score)
        .join(Comment, Comment.id == Score.comment_id)
        .where(
            Score.comment_id.in_(ids),
            Score.revision == Comment.revision,
            Score.model_name == model_name,
            Score.model_version == model_version,
        )
        .order_by(Score.id)
    ):
        scores[score.comment_id][score.label] = score.value
    return scores


def _facts_now(
    comment: Comment, values: Values, scores: dict[str, float], model: str, told: str
) -> Facts:
    """What is known without looking at the text again."""
    return Facts(
        comment.text,
        scores,
        values.thresholds,
        model=model,
        reads=reads_of(model, values.languages or told),
        rules=values.rules,
    )


def _judged_now(stored: StoredSignal, facts: Facts) -> list[Signal]:
    """A stored signal with the advice that its check would give it today; [] if it would leave
    none."""
    signal = Signal(
        stored.kind, stored.advice, stored.subject, stored.value, stored.threshold, stored.evidence
    )
    if stored.kind == OBFUSCATED:
        disguise = Obfuscation(
            tuple(stored.evidence["kinds"]), stored.evidence["reading"], stored.value
        )
        return obfuscation(replace(facts, obfuscation=disguise))
    if stored.kind == LANGUAGE and not _is_foreign(stored.subject, facts.reads):
        return []
    if stored.kind in RULES:
        return [replace(signal, advice=facts.rule(stored.kind).advice)]
    return [signal]


def _is_foreign(code: str, reads: Sequence[str]) -> bool:
    """Whether a text that was found to be in a language still is in none of those that are read.

    Of one that is known by its script alone, nothing is certain once that script is read.
    """
    if code.startswith("und-"):
        return Language(script=code.removeprefix("und-")).is_foreign_to(reads)
    return code not in reads


def record(session: Session, scored: Sequence[tuple[Comment, Scores, int]], told: str = "") -> None:
    """Keep a newer model's scores of comments that were judged, each with the revision that was
    scored; those that changed meanwhile are left out."""
    screening.keep(
        session,
        [
            (comment, scores, screening.find_signals(session, comment, scores, told))
            for comment, scores, revision in scored
            if comment.revision == revision and comment.status in JUDGED
        ],
    )


def hold(session: Session, comment: Comment, signals: Sequence[Signal], model: str) -> bool:
    """Send a published comment back to the queue if these signals would hold it; True if so."""
    found = difference(session, comment, signals)
    if found is None or found.by_person or found.before is not Status.PUBLISHED:
        return False
    decisions.decide(
        session,
        comment,
        Status.HELD,
        decisions.SYSTEM,
        [*found.reasons, RESCORED],
        note=f"Scored again by {model}.",
    )
    return True


def _is_decided(session: Session, comment: Comment) -> bool:
    query = select(Decision.id).where(
        Decision.comment_id == comment.id,
        Decision.revision == comment.revision,
        Decision.actor_kind.in_(PEOPLE),
    )
    return session.scalar(query.limit(1)) is not None
