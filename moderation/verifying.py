"""Whether a record is whole: the replay of one comment's decisions, and of policies; pure.

What it cannot see: decisions that were left out and had together left their comment as it was
(published again, say, while readers' reports were dismissed), which the comment's own count of them
tells; and who decided, as long as that one might have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models import ActorKind, Status
from moderation.decisions import PEOPLE, TRANSITIONS, UNDO


@dataclass(frozen=True)
class Step:
    """One decision as it stands in the record."""

    id: int
    site_id: int
    comment_id: int
    revision: int
    before: Status
    after: Status
    actor_kind: ActorKind
    reasons: tuple[str, ...]
    policy_version: int
    undoes: int = 0


@dataclass(frozen=True)
class Standing:
    """A comment as it stands now, and the newest version of its site's policy."""

    id: int
    site_id: int
    revision: int
    status: Status
    policy_version: int


def replay(comment: Standing, steps: Sequence[Step]) -> Iterator[str]:
    """What is wrong with a comment's decisions, which come in their order; nothing if they lead
    from UNSCORED and revision 1 to where the comment stands."""
    status, revision = Status.UNSCORED, 1
    for place, step in enumerate(steps):
        earlier = steps[place - 1] if place else None
        yield from (f"decision {step.id} {fault}" for fault in _faults(comment, step, earlier))
        if step.before is not status:
            yield f"decision {step.id} found it {step.before}, but it was {status}"
        if _is_edit(step):
            revision += 1
        if step.revision != revision:
            yield f"decision {step.id} is of revision {step.revision}, but it had {revision}"
            revision = step.revision
        status = step.after
    if status is not comment.status:
        yield f"it is {comment.status}, but its decisions lead to {status}"
    if revision != comment.revision:
        yield f"it has revision {comment.revision}, but its decisions lead to {revision}"


def _is_edit(step: Step) -> bool:
    return step.actor_kind is ActorKind.AUTHOR and step.after is Status.UNSCORED


def _faults(comment: Standing, step: Step, earlier: Step | None) -> Iterator[str]:
    """What is wrong with one decision and the one before it."""
    if step.comment_id != comment.id:
        yield f"is about comment {step.comment_id}"
    if step.site_id != comment.site_id:
        yield f"is of site {step.site_id}, its comment of site {comment.site_id}"
    if earlier is not None and step.id <= earlier.id:
        yield f"stands behind decision {earlier.id}"
    if not 1 <= step.policy_version <= comment.policy_version:
        yield f"names version {step.policy_version} of the policy, which there is not"
    if (step.before, step.after) not in TRANSITIONS[step.actor_kind]:
        yield f"made it {step.after} from {step.before}, which {step.actor_kind} cannot"
    if bool(step.undoes) != (step.reasons == (UNDO,)):
        yield "is half an undoing"
    if step.undoes:
        yield from _undoing_faults(step, earlier)


def _undoing_faults(step: Step, earlier: Step | None) -> Iterator[str]:
    if earlier is None or earlier.id != step.undoes:
        yield f"takes back {step.undoes}, which is not the one before it"
        return
    if earlier.undoes or earlier.actor_kind not in PEOPLE or step.actor_kind not in PEOPLE:
        yield f"takes back {step.undoes}, which cannot be taken back"
    back_to = Status.HELD if earlier.before is Status.UNSCORED else earlier.before
    if step.after is not back_to:
        yield f"takes back {step.undoes} to {step.after}, but that began from {earlier.before}"


def policy_faults(newest: int, versions: Sequence[tuple[int, int]]) -> Iterator[str]:
    """What is wrong with a site's versions, as (number, thread) in their order; `newest` is the
    number that the site counts. The first one can have a number above 1: it stood before there
    was a record."""
    if not versions:
        yield "has no policy"
        return
    first, thread_id = versions[0]
    if thread_id:
        yield f"began with a thread's policy, version {first}"
    for place, (number, _) in enumerate(versions):
        if number != first + place:
            yield f"has version {number} of its policy where {first + place} is due"
            return
    if versions[-1][0] != newest:
        yield f"counts {newest} versions of its policy, but the last one is {versions[-1][0]}"
