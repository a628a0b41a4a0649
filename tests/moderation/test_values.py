"""What a site may decide for itself, and what it is told when it may not."""

from __future__ import annotations

import re
from typing import Any

import pytest

from models import Advice, Moderation
from moderation.errors import Invalid
from moderation.signals.facts import Thresholds
from moderation.signals.rules import RULES, Rule
from moderation.values import REASONS, Values, values_of


def test_what_is_written_down_is_read_back() -> None:
    values = Values(
        Moderation.PRE, {"insult": Thresholds(0.5, 0.9)}, {"links": Rule(Advice.REJECT, 2)},
        ("idiot", "foo*"), ("gold",), ("example.org",), ("spam.example",), "en fr", False,
    )  # fmt: skip
    assert values_of(values.as_record()) == values
    assert values_of(Values().as_record()) == Values()


def test_what_is_not_said_stays_label_by_label_and_rule_by_rule() -> None:
    site = Values(
        thresholds={"insult": Thresholds(0.5), "threat": Thresholds(0.3)},
        rules={"links": Rule(Advice.HOLD, 2)},
        banned_words=("idiot",),
    )
    thread = values_of({"thresholds": {"insult": [0.9, 1]}, "rules": {"flood": ["note", 9]}}, site)
    assert thread.thresholds == {"insult": Thresholds(0.9), "threat": Thresholds(0.3)}
    assert thread.rule("links") == Rule(Advice.HOLD, 2)
    assert thread.rule("flood") == Rule(Advice.NOTE, 9)
    assert thread.rule("newcomer") == RULES["newcomer"].usually
    assert thread.banned_words == ("idiot",)
    assert values_of({"banned_words": []}, site).banned_words == ()


def test_lists_are_tidied() -> None:
    given = {"banned_words": [" idiot ", "", "idiot"], "held_domains": ["https://Spam.example/x"]}
    values = values_of(given)
    assert (values.banned_words, values.held_domains) == (("idiot",), ("spam.example",))


@pytest.mark.parametrize(
    ("record", "field", "words"),
    [
        ({"colour": 1}, "colour", "no 'colour'"),
        ({"moderation": "sometimes"}, "moderation", "sometimes"),
        ({"thresholds": {"insult": [2, 1]}}, "thresholds", "from 0 to 1"),
        ({"thresholds": {"insult": [0.9, 0.5]}}, "thresholds", "below where it holds"),
        ({"thresholds": {"insult": [True, 1]}}, "thresholds", "two numbers"),
        ({"thresholds": {"insult": 0.5}}, "thresholds", "thresholds: "),
        ({"thresholds": {"": [0.5, 1]}}, "thresholds", "1 to 40"),
        ({"rules": {"colour": ["hold", 1]}}, "rules", "no rule 'colour'"),
        ({"rules": {"links": ["hold", 0]}}, "rules", "from 1 to 50"),
        ({"rules": {"links": ["hold", "many"]}}, "rules", "from 1 to 50"),
        ({"rules": {"links": ["publish", 3]}}, "rules", "cannot ask to publish"),
        ({"rules": {"newcomer": ["reject", 3]}}, "rules", "cannot ask to reject"),
        ({"rules": {"links": ["shout", 3]}}, "rules", "shout"),
        ({"banned_words": ["x" * 201]}, "banned_words", "200 characters"),
        ({"banned_words": [f"w{n}" for n in range(5_001)]}, "banned_words", "5,000"),
        ({"banned_words": 7}, "banned_words", "list of texts"),
        ({"banned_words": "idiot"}, "banned_words", "list of texts"),
        ({"banned_words": ["c++"]}, "banned_words", "cannot be looked for"),
        ({"banned_words": ["x" * 150 + str(n) for n in range(2_000)]}, "banned_words", "200,000"),
        ({"rules": []}, "rules", "rules: "),
        ({"thresholds": [1]}, "thresholds", "thresholds: "),
        ({"reasons": ["abc"]}, "reasons", "list of texts"),
        ({"held_domains": ["not a domain"]}, "held_domains", "no domain"),
        ({"languages": "klingonisch"}, "languages", "languages: "),
        ({"nudges": "yes"}, "nudges", "true or false"),
        ({"reports_from": -1}, "reports_from", "from 0"),
        ({"reports_from": 1_001}, "reports_from", "to 1,000"),
        ({"reports_from": "2"}, "reports_from", "a weight"),
        ({"reports_from": True}, "reports_from", "a weight"),
        ({"reports_from": float("nan")}, "reports_from", "a weight"),
        ({"reasons": []}, "reasons", "1 to 30"),
        ({"reasons": [["a", "A", "x"], ["a", "B", "y"]]}, "reasons", "one short name"),
        ({"reasons": [["a", "", "x"]]}, "reasons", "needs"),
        ({"reasons": [["a", "A"]]}, "reasons", "reasons: "),
    ],
)  # fmt: skip
def test_what_no_site_can_decide(record: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(Invalid, match=re.escape(words)) as caught:
        values_of(record)
    assert caught.value.field == field


def test_the_usual_reasons_are_fit_to_be_sent() -> None:
    assert len({reason.key for reason in REASONS}) == len(REASONS) >= 5
    assert all(reason.told.endswith(".") for reason in REASONS)
