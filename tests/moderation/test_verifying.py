"""The replay of a record: any history that could happen is whole, and any tampering shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models import ActorKind, Status
from moderation.decisions import PEOPLE, TRANSITIONS, UNDO
from moderation.verifying import Standing, Step, policy_faults, replay

U, H, P, R, W = (
    Status.UNSCORED,
    Status.HELD,
    Status.PUBLISHED,
    Status.REJECTED,
    Status.WITHDRAWN,
)
SYSTEM, STAFF, AUTHOR = ActorKind.SYSTEM, ActorKind.STAFF, ActorKind.AUTHOR


def step(number: int, before: Status, after: Status, kind: ActorKind, **more: int) -> Step:
    """One decision on comment 9 of site 1."""
    reasons = (UNDO,) if more.get("undoes") else ()
    return Step(number, 1, 9, more.get("revision", 1), before, after, kind, reasons, 1,
                more.get("undoes", 0))  # fmt: skip


WHOLE = [
    step(1, U, H, SYSTEM),
    step(4, H, R, STAFF),
    step(6, R, H, STAFF, undoes=4),
    step(7, H, U, AUTHOR, revision=2),
    step(8, U, P, SYSTEM, revision=2),
    step(9, P, P, STAFF, revision=2),
]
STANDS = Standing(9, 1, 2, P, 1)


def test_a_whole_record_is_whole():
    assert list(replay(STANDS, WHOLE)) == []
    assert list(replay(Standing(9, 1, 1, U, 1), [])) == []


def _with(place: int, **changes: object) -> list[Step]:
    return [*WHOLE[:place], replace(WHOLE[place], **changes), *WHOLE[place + 1 :]]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "stands", "found"),
    [
        (WHOLE, replace(STANDS, status=H), "it is held, but its decisions lead to published"),
        (WHOLE, replace(STANDS, revision=3), "it has revision 3"),
        (WHOLE, replace(STANDS, site_id=2), "is of site 1, its comment of site 2"),
        (WHOLE, replace(STANDS, policy_version=0), "version 1 of the policy, which there is not"),
        (WHOLE[1:], STANDS, "found it held, but it was unscored"),
        ([*WHOLE[:4], WHOLE[5]], STANDS, "found it published, but it was unscored"),
        ([*WHOLE[:3], *WHOLE[4:]], STANDS, "is of revision 2, but it had 1"),
        ([*WHOLE, WHOLE[0]], STANDS, "stands behind decision 9"),
        (_with(1, after=P), STANDS, "found it rejected, but it was published"),
        (_with(1, before=U), STANDS, "found it unscored, but it was held"),
        (_with(1, comment_id=8), STANDS, "is about comment 8"),
        (_with(2, undoes=1), STANDS, "takes back 1, which is not the one before it"),
        (_with(2, undoes=0), STANDS, "is half an undoing"),
        (_with(3, actor_kind=SYSTEM), STANDS, "which system cannot"),
        (_with(1, actor_kind=SYSTEM), STANDS, "which cannot be taken back"),
        ([], Standing(9, 1, 1, P, 1), "it is published, but its decisions lead to unscored"),
    ],
)
def test_each_kind_of_damage_is_named(steps: list[Step], stands: Standing, found: str):
    assert found in "; ".join(replay(stands, steps))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Standing, list[Step]]:
    """A history that could have happened: any actor does whatever is open to it."""
    steps: list[Step] = []
    status, revision, number = U, 1, 0
    for _ in range(draw(st.integers(0, 12))):
        number += draw(st.integers(1, 3))
        last = steps[-1] if steps else None
        if last and last.actor_kind in PEOPLE and not last.undoes and draw(st.booleans()):
            back = H if last.before is U else last.before
            if (status, back) in TRANSITIONS[STAFF]:
                steps.append(step(number, status, back, STAFF, revision=revision, undoes=last.id))
                status = back
                continue
        open_to = [
            (kind, pair[1])
            for kind in ActorKind
            for pair in sorted(TRANSITIONS[kind])
            if pair[0] is status
        ]
        if not open_to:
            break
        kind, after = draw(st.sampled_from(open_to))
        revision += int(kind is AUTHOR and after is U)
        steps.append(step(number, status, after, kind, revision=revision))
        status = after
    return Standing(9, 1, revision, status, 1), steps


@settings(max_examples=300, deadline=None)
@given(histories())
def test_any_history_that_could_happen_is_whole(history: tuple[Standing, list[Step]]):
    assert list(replay(*history)) == []


Tampering = Callable[[list[Step], int, st.DataObject], list[Step]]


def _change(name: str, values: st.SearchStrategy[object]) -> Tampering:
    def tamper(steps: list[Step], place: int, data: st.DataObject) -> list[Step]:
        value = data.draw(values)
        assume(value != getattr(steps[place], name))
        return [*steps[:place], replace(steps[place], **{name: value}), *steps[place + 1 :]]  # type: ignore[arg-type]

    return tamper


def _leave_out(steps: list[Step], place: int, data: st.DataObject) -> list[Step]:
    # What left everything as it was leaves no gap behind it: `numbers` looks for that.
    one = steps[place]
    assume(one.before is not one.after or one.actor_kind is AUTHOR)
    return [*steps[:place], *steps[place + 1 :]]


def _repeat(steps: list[Step], place: int, data: st.DataObject) -> list[Step]:
    return [*steps[: place + 1], steps[place], *steps[place + 1 :]]


def _exchange(steps: list[Step], place: int, data: st.DataObject) -> list[Step]:
    assume(place + 1 < len(steps))
    return [*steps[:place], steps[place + 1], steps[place], *steps[place + 2 :]]


TAMPERINGS: dict[str, Tampering] = {
    "before": _change("before", st.sampled_from(Status)),
    "after": _change("after", st.sampled_from(Status)),
    "revision": _change("revision", st.integers(1, 20)),
    "comment": _change("comment_id", st.integers(1, 20)),
    "site": _change("site_id", st.integers(1, 20)),
    "policy": _change("policy_version", st.integers(2, 20)),
    "undoes": _change("undoes", st.integers(0, 60)),
    "left out": _leave_out,
    "repeated": _repeat,
    "exchanged": _exchange,
}


@pytest.mark.parametrize("name", TAMPERINGS)
@settings(max_examples=150, deadline=None)
@given(history=histories(), data=st.data())
def test_any_single_tampering_is_found(
    name: str, history: tuple[Standing, list[Step]], data: st.DataObject
):
    stands, steps = history
    assume(steps)
    place = data.draw(st.integers(0, len(steps) - 1))
    assert list(replay(stands, TAMPERINGS[name](steps, place, data)))


@pytest.mark.parametrize(
    ("newest", "versions", "found"),
    [
        (3, [(1, 0), (2, 5), (3, 0)], ""),
        (5, [(4, 0), (5, 2)], ""),
        (3, [(1, 0), (3, 0)], "has version 3 of its policy where 2 is due"),
        (3, [(1, 0), (2, 0)], "counts 3 versions"),
        (2, [(1, 7), (2, 0)], "began with a thread's policy"),
        (1, [], "has no policy"),
    ],
)
def test_versions_have_no_gap(newest: int, versions: list[tuple[int, int]], found: str):
    assert "; ".join(policy_faults(newest, versions)).startswith(found)
    assert bool(list(policy_faults(newest, versions))) == bool(found)
