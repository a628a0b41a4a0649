"""From scores to a decision: signals, policy, and what was found kept beside the comment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, bindparam, delete, insert, select, tuple_, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from models import Advice, Comment, Score, Status, StoredSignal
from moderation import decisions, history, policies, policy, reports, samples, sanctions
from moderation.classifier import languages
from moderation.classifier.scores import Scores
from moderation.signals import Facts, Signal, gather
from moderation.signals.akismet import AWAY, KIND, opinion_of
from moderation.signals.facts import NEVER, UNLISTED, Author, Earlier, Opinion
from moderation.values import Values

UNSCORABLE = "unscorable"


def facts_of(
    values: Values,
    text: str,
    scores: Scores,
    told: str = "",
    *,
    html: str = "",
    author: Author | None = None,
    others_texts: Sequence[Earlier] = (),
    has_enough_reports: bool = False,
    comment: Comment | None = None,
    akismet: Opinion = Opinion.NONE,
    sanction: int = 0,
) -> Facts:
    """What the checks are told of a text where `values` stand; `told` are the languages that the
    operator says the model reads. Without an `author` nothing is said of who wrote it, without
    the `comment` nothing of what it was sent with."""
    return Facts(
        text=text,
        scores=scores.values,
        thresholds=values.thresholds,
        html=html,
        has_enough_reports=has_enough_reports,
        email_domain=comment.email_domain if comment else "",
        trapped=comment is not None and comment.trapped,
        by_staff=comment is not None and comment.by_staff,
        akismet=akismet,
        sanction=sanction,
        obfuscation=scores.obfuscation,
        language=scores.language or languages.detect(text),
        model=scores.model_name,
        reads=languages.reads_of(scores.model_name, values.languages or told),
        author=author,
        others_texts=others_texts,
        rules=values.rules,
        banned_words=values.banned_words,
        suspect_words=values.suspect_words,
        allowed_domains=values.allowed_domains,
        held_domains=values.held_domains,
    )


def screen(
    session: Session,
    comment: Comment,
    scores: Scores,
    revision: int,
    told: str = "",
    akismet: Opinion | None = None,
    together: list[Screened] | None = None,
) -> None:
    """Keep the scores and signals of one revision and decide the comment by them.

    Does nothing when the text has been edited since it was scored: that revision has a job of
    its own. A comment that a person or its author decided meanwhile keeps that decision; the
    scores are kept all the same. `told` is as in `facts_of`, `akismet` as in `find_signals`.
    Where many are screened in one transaction, what was found is put down in `together`, and the
    caller keeps it at the end.
    """
    if comment.revision != revision:
        return
    found = find_signals(session, comment, scores, told, akismet)
    if together is None:
        keep(session, [(comment, scores, found)])
    else:
        together.append((comment, scores, found))
    if comment.status is not Status.UNSCORED:
        return
    verdict = policy.judge(found.signals, found.values.moderation)
    decisions.decide(session, comment, verdict.after, decisions.SYSTEM, verdict.reasons)
    samples.draw_published(session, comment)


@dataclass(frozen=True)
class Found:
    """What the checks say of a comment's present text, the language that it is in, and the values
    by which they say it."""

    signals: list[Signal]
    language: str
    values: Values


Screened = tuple[Comment, Scores, Found]


def find_signals(
    session: Session,
    comment: Comment,
    scores: Scores,
    told: str = "",
    akismet: Opinion | None = None,
) -> Found:
    """Run every check on a comment as it stands; writes nothing.

    `akismet` is what it says of this text now; None keeps what it said when it was asked.
    """
    values = policies.standing(session, comment.site_id, comment.thread_id)
    facts = facts_of(
        values,
        comment.text,
        scores,
        told,
        html=comment.html,
        author=history.author_of(session, comment),
        others_texts=history.lately_by_others(session, comment),
        has_enough_reports=reports.are_enough(session, comment),
        comment=comment,
        akismet=_said_before(session, comment) if akismet is None else akismet,
        sanction=sanctions.holding(session, comment),
    )
    return Found(gather(facts), facts.language.code, values)


def _said_before(session: Session, comment: Comment) -> Opinion:
    kinds = session.scalars(
        select(StoredSignal.kind).where(
            StoredSignal.comment_id == comment.id,
            StoredSignal.revision == comment.revision,
            StoredSignal.kind.in_([KIND, AWAY]),
        )
    )
    return opinion_of(set(kinds))


def keep(session: Session, kept: Sequence[Screened]) -> None:
    """Store scores and signals of present texts in the place of the same model's older ones.

    All in five statements, however many: others wait for this transaction. The rows' versions
    stay: a moderator who looks at one of the comments may still decide it.
    """
    if not kept:
        return
    _keep_scores(session, [(comment, scores) for comment, scores, _ in kept])
    _keep_signals(session, [(comment, found.signals) for comment, _, found in kept])
    changes = [
        {
            "number": comment.id,
            "language": found.language,
            "risk": max(scores.values.values(), default=0.0),
            "doubt": _distance(scores, found.values),
        }
        for comment, scores, found in kept
    ]
    # Past the ORM, which would count the row's version up, and one statement for all.
    rows = cast(Table, Comment.__table__)
    session.flush()
    session.connection().execute(
        update(rows)
        .where(rows.c.id == bindparam("number"))
        .values(language=bindparam("language"), risk=bindparam("risk"), doubt=bindparam("doubt")),
        changes,
    )
    for (comment, _, _), change in zip(kept, changes, strict=True):
        set_committed_value(comment, "language", change["language"])
        set_committed_value(comment, "risk", change["risk"])
        set_committed_value(comment, "doubt", change["doubt"])


def _distance(scores: Scores, values: Values) -> float:
    """How far the scores are from deciding otherwise; 1.0 where no label ever holds.

    The label that is furthest over its threshold decides, or the nearest to it: with toxicity far
    over its own, a threat that is just over another makes nothing less certain. Who decides the
    least certain ones first learns and teaches most with each decision (Kivlichan et al. 2021,
    "Measuring and improving model-moderator collaboration").
    """
    holds = {label: values.thresholds.get(label, UNLISTED).hold for label in scores.values}
    over = [scores.values[label] - hold for label, hold in holds.items() if hold < NEVER]
    return abs(max(over)) if over else 1.0


def hand_to_person(session: Session, comment: Comment, revision: int, error: str) -> None:
    """Hold a comment that cannot be scored, saying why; it is never published unjudged."""
    if comment.revision != revision or comment.status is not Status.UNSCORED:
        return
    signal = Signal(UNSCORABLE, Advice.HOLD, evidence={"error": error})
    _keep_signals(session, [(comment, [signal])])
    decisions.decide(session, comment, Status.HELD, decisions.SYSTEM, [signal.reason])


def _keep_scores(session: Session, kept: Sequence[tuple[Comment, Scores]]) -> None:
    session.execute(
        delete(Score)
        .where(
            tuple_(Score.comment_id, Score.revision, Score.model_name, Score.model_version).in_(
                [
                    (comment.id, comment.revision, scores.model_name, scores.model_version)
                    for comment, scores in kept
                ]
            )
        )
        .execution_options(synchronize_session=False)
    )
    rows = [
        {
            "comment_id": comment.id,
            "revision": comment.revision,
            "label": label,
            "value": value,
            "model_name": scores.model_name,
            "model_version": scores.model_version,
        }
        for comment, scores in kept
        for label, value in scores.values.items()
    ]
    if rows:
        session.execute(insert(Score), rows)


def _keep_signals(session: Session, kept: Sequence[tuple[Comment, Sequence[Signal]]]) -> None:
    session.execute(
        delete(StoredSignal)
        .where(
            tuple_(StoredSignal.comment_id, StoredSignal.revision).in_(
                [(comment.id, comment.revision) for comment, _ in kept]
            )
        )
        .execution_options(synchronize_session=False)
    )
    rows = [
        {
            "comment_id": comment.id,
            "revision": comment.revision,
            "kind": signal.kind,
            "subject": signal.subject,
            "advice": signal.advice,
            "value": signal.value,
            "threshold": signal.threshold,
            "evidence": dict(signal.evidence),
        }
        for comment, signals in kept
        for signal in signals
    ]
    if rows:
        session.execute(insert(StoredSignal), rows)
