"""The benchmark of disguises: what it does to words, and how it counts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import disguises, evasion
from benchmarks.harmless import harmless
from moderation.classifier.scores import Scores

TARGETS = frozenset({"idiot"})
CHANGES = (
    disguises.invisible,
    disguises.signs,
    disguises.spaced,
    disguises.stopped,
    disguises.repeated,
    disguises.styled,
    disguises.marked,
    disguises.marked_up,
    disguises.turned_direction,
)


class Rude:
    """0.9 for toxicity where a text says "idiot"."""

    name, version, labels = "rude", "1", ("toxicity",)

    def score(self, texts: Sequence[str]) -> list[Scores]:
        return [
            Scores({"toxicity": 0.9 if "idiot" in text else 0.1}, self.name, self.version)
            for text in texts
        ]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_way_hides_the_target_and_only_what_it_may(change: disguises.Change) -> None:
    for seed in range(30):
        rng = random.Random(seed)
        text = disguises.disguised("What an idiot he was.", change, TARGETS, rng, others=0.0)
        assert text.startswith("What an ")
        assert text.endswith(" he was.")
        assert " idiot " not in text
        again = disguises.disguised(
            "What an idiot he was.", change, TARGETS, random.Random(seed), others=0.0
        )
        assert again == text


def test_homoglyphs_come_from_the_table_of_unicode(tmp_path: Path) -> None:
    table = tmp_path / "confusables.txt"
    table.write_text(
        "\ufeff# a comment\n0456 ;\t0069 ;\tMA\t# i\n043E ;\t006F ;\tMA\n0031 ;\t006C ;\tMA\n",
        encoding="utf-8",
    )
    change = disguises.Homoglyphs(table)
    seen = {change("idiot", random.Random(seed)) for seed in range(30)}
    assert "idiot" not in seen
    assert {char for word in seen for char in word} == set("idot\u0456\u043e")


def test_upside_down_turns_the_sentence_the_word_or_those_around() -> None:
    text = "Good. He is an idiot today. Bye."
    made = {disguises.upside_down(text, TARGETS, random.Random(seed)) for seed in range(20)}
    assert made == {
        "Good. ˙ʎɐpoʇ ʇoᴉpᴉ uɐ sᴉ ǝH Bye.",
        "Good. He is an ʇoᴉpᴉ today. Bye.",
        "Good. He ˙ǝʎq ˙ʎɐpoʇ ʇoᴉpᴉ uɐ sᴉ",
    }


def test_a_way_is_counted_with_and_without_the_readings() -> None:
    def spell_out(text: str, targets: frozenset[str], rng: random.Random) -> str:
        return text.replace("idiot", "i d i o t")

    texts = ["an idiot", "what an idiot", "a toxic text that no word gives away", "idiot"]
    inner = evasion.Remembering(Rude())
    plain = evasion.scored(inner, texts)
    outcome, slipped = evasion.measure(spell_out, texts, TARGETS, plain, inner, random.Random(1))
    assert (outcome.before, outcome.without, outcome.with_readings) == (75.0, 0.0, 75.0)
    assert (outcome.lost, outcome.kept, outcome.told, slipped) == (0.0, 100.0, 100.0, [])
    assert "| spaced | 75.0 % | 0.0 % | 75.0 % | **0.0** |" in evasion.report({"spaced": outcome})


def test_false_holds_are_those_that_only_the_readings_hold() -> None:
    table, only = evasion.false_holds(Rude(), {"odd": ["fine", "an 1d10t", "an idiot", "ok"]})
    assert only == ["an 1d10t"]
    assert "| odd | 4 | 25.00 % | 50.00 % | **+25.00** | 25.0 % |" in table


def test_a_text_is_scored_once() -> None:
    asked: list[str] = []

    class Counting(Rude):
        def score(self, texts: Sequence[str]) -> list[Scores]:
            asked.extend(texts)
            return super().score(texts)

    remembering = evasion.Remembering(Counting())
    scores = remembering.score(["a", "b", "a"]) + remembering.score(["b"])
    assert asked == ["a", "b"]
    assert len(scores) == 4


def test_there_are_harmless_texts_of_each_kind() -> None:
    made = harmless(60, random.Random(2))
    assert {name: len(texts) for name, texts in made.items()} == {
        "names": 20,
        "other scripts": 20,
        "odd English": 20,
    }
