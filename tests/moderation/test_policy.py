"""Signals and mode to verdict: the policy as a table."""

from __future__ import annotations

import pytest

from models import Advice, Moderation, Status
from moderation.policy import CONFLICT, PRE_MODERATION, judge
from moderation.signals import Facts, Signal, gather
from moderation.signals.facts import Thresholds

NOTE = Signal("score", Advice.NOTE, "threat", 0.1, 0.6)
HOLD = Signal("score", Advice.HOLD, "insult", 0.7, 0.6)
HOLD_TOO = Signal("reports", Advice.HOLD)
REJECT = Signal("score", Advice.REJECT, "obscene", 0.99, 0.98)
STAFF = Signal("by-staff", Advice.PUBLISH)
FOR_IT = Signal("trusted", Advice.PUBLISH, value=30, threshold=20)

HELD, PUBLISHED, REJECTED = Status.HELD, Status.PUBLISHED, Status.REJECTED


@pytest.mark.parametrize(
    ("signals", "after", "reasons"),
    [
        # Moderated afterwards: what nothing speaks against is published.
        ([], PUBLISHED, ()),
        ([NOTE], PUBLISHED, ()),
        ([HOLD], HELD, ("score:insult",)),
        ([NOTE, HOLD], HELD, ("score:insult",)),
        ([HOLD, HOLD_TOO], HELD, ("score:insult", "reports")),
        ([HOLD_TOO], HELD, ("reports",)),
        # A rejection outweighs a hold, in whatever order they come.
        ([REJECT], REJECTED, ("score:obscene",)),
        ([HOLD, REJECT], REJECTED, ("score:obscene",)),
        ([REJECT, HOLD, NOTE], REJECTED, ("score:obscene",)),
        # One check speaks for it and another would reject it: a person decides. Against a hold
        # nothing speaks loudly enough.
        ([REJECT, FOR_IT], HELD, ("score:obscene", "trusted", CONFLICT)),
        ([FOR_IT, HOLD, REJECT], HELD, ("score:obscene", "score:insult", "trusted", CONFLICT)),
        ([FOR_IT, HOLD], HELD, ("score:insult",)),
        ([FOR_IT], PUBLISHED, ()),
        # The site's own staff is not held up; what was found is recorded beside the comment.
        ([STAFF], PUBLISHED, ("by-staff",)),
        ([HOLD, STAFF], PUBLISHED, ("by-staff",)),
        ([REJECT, HOLD_TOO, STAFF], PUBLISHED, ("by-staff",)),
    ],
)
def test_where_a_person_looks_afterwards(
    signals: list[Signal], after: Status, reasons: tuple[str, ...]
):
    verdict = judge(signals, Moderation.POST)
    assert (verdict.after, verdict.reasons) == (after, reasons)


@pytest.mark.parametrize(
    ("signals", "after", "reasons"),
    [
        # Moderated before: nothing is published unseen, and only a rejection needs nobody.
        ([], HELD, (PRE_MODERATION,)),
        ([NOTE], HELD, (PRE_MODERATION,)),
        ([HOLD], HELD, ("score:insult", PRE_MODERATION)),
        ([REJECT], REJECTED, ("score:obscene",)),
        ([HOLD, REJECT], REJECTED, ("score:obscene",)),
        ([FOR_IT, REJECT], HELD, ("score:obscene", "trusted", CONFLICT)),
        ([FOR_IT], HELD, (PRE_MODERATION,)),
        ([STAFF], PUBLISHED, ("by-staff",)),
        ([REJECT, STAFF], PUBLISHED, ("by-staff",)),
    ],
)
def test_where_a_person_looks_first(signals: list[Signal], after: Status, reasons: tuple[str, ...]):
    verdict = judge(signals, Moderation.PRE)
    assert (verdict.after, verdict.reasons) == (after, reasons)


@pytest.mark.parametrize(
    ("value", "thresholds", "advice"),
    [
        (0.59, Thresholds(0.6), Advice.NOTE),
        (0.60, Thresholds(0.6), Advice.HOLD),
        (1.00, Thresholds(0.6), Advice.HOLD),
        (0.89, Thresholds(0.6, 0.9), Advice.HOLD),
        (0.90, Thresholds(0.6, 0.9), Advice.REJECT),
        # 1.0 means never, even for a model that is quite sure.
        (1.00, Thresholds(1.0), Advice.NOTE),
        (1.00, Thresholds(1.0, 0.9), Advice.REJECT),
        (0.00, Thresholds(0.0), Advice.HOLD),
        # A label that nobody set a threshold for is held rather than let through.
        (0.95, None, Advice.HOLD),
        (0.10, None, Advice.NOTE),
    ],
)
def test_a_score_against_its_thresholds(
    value: float, thresholds: Thresholds | None, advice: Advice
):
    known = {"insult": thresholds} if thresholds else {}
    signals = gather(Facts("text", {"insult": value}, known))
    assert [(signal.subject, signal.advice) for signal in signals] == [("insult", advice)]


def test_every_check_leaves_its_signal_even_after_a_rejection():
    facts = Facts(
        "text",
        {"insult": 0.99, "threat": 0.7, "obscene": 0.1},
        {"insult": Thresholds(0.5, 0.9), "threat": Thresholds(0.6), "obscene": Thresholds(0.6)},
        has_enough_reports=True,
    )
    assert [(signal.reason, signal.advice) for signal in gather(facts)] == [
        ("score:insult", Advice.REJECT),
        ("score:threat", Advice.HOLD),
        ("score:obscene", Advice.NOTE),
        ("reports", Advice.HOLD),
    ]
