"""The worst of all readings counts, in one call of the model, and what mattered is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from moderation.classifier.scores import Classifier, Scores
from moderation.classifier.worst_reading import WorstReading, excerpt, hard_to_fool


class Rude:
    """Insult at 0.9 for "idiot", threat at 0.8 for "bomb" as it is written; keeps what it saw."""

    name, version, labels = "rude", "7", ("insult", "threat")

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def score(self, texts: Sequence[str]) -> list[Scores]:
        self.calls.append(list(texts))
        return [
            Scores(
                {
                    "insult": 0.9 if "idiot" in text else 0.1,
                    "threat": 0.8 if "b0mb" in text else 0.2,
                },
                self.name,
                self.version,
            )
            for text in texts
        ]


@pytest.fixture
def rude() -> Rude:
    return Rude()


def test_it_passes_for_the_model_that_it_asks(rude: Rude) -> None:
    classifier: Classifier = hard_to_fool(lambda: rude)()
    assert (classifier.name, classifier.version, classifier.labels) == ("rude", "7", rude.labels)


def test_all_readings_of_all_texts_go_in_one_call(rude: Rude) -> None:
    scores = WorstReading(rude).score(["fine", "an 1d10t", "id*i*0t", "fine too"])
    assert rude.calls == [["fine", "an 1d10t", "an idiot", "id*i*0t", "idi0t", "idiot", "fine too"]]
    assert [score.values["insult"] for score in scores] == [0.1, 0.9, 0.9, 0.1]


def test_nothing_asked_is_nothing_called(rude: Rude) -> None:
    assert WorstReading(rude).score([]) == []
    assert rude.calls == []


def test_each_label_gets_its_own_worst(rude: Rude) -> None:
    (score,) = WorstReading(rude).score(["a b0mb for an 1d10t"])
    assert score.values == {"insult": 0.9, "threat": 0.8}


def test_what_mattered_is_said(rude: Rude) -> None:
    plain, hidden = WorstReading(rude).score(["an idiot", "what an 1d10t you are"])
    assert plain.obfuscation is None
    assert hidden.obfuscation is not None
    assert hidden.obfuscation.kinds == ("signs",)
    assert hidden.obfuscation.reading == "what an idiot you are"
    assert hidden.obfuscation.rose == pytest.approx(0.8)


def test_links_are_read_with_and_without_their_addresses(rude: Rude) -> None:
    text = "[a](https://a.example/b0mb) fine"
    (score,) = WorstReading(rude).score([text])
    assert rude.calls == [[text, "a fine"]]
    assert score.values["threat"] == 0.8
    assert score.obfuscation is None


def test_a_disguise_that_hides_nothing_is_said_too(rude: Rude) -> None:
    (score,) = WorstReading(rude).score(["you are so gr\u200breat"])
    assert score.obfuscation is not None
    assert (score.obfuscation.kinds, score.obfuscation.rose) == (("invisible",), 0.0)


def test_an_excerpt_shows_the_place() -> None:
    before, after = "nice words " * 80, " more words" * 80
    shown = excerpt(f"{before}1d10t{after}", f"{before}idiot{after}")
    assert "idiot" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 120
    assert excerpt("same", "same") == "same"
    assert len(excerpt("a" * 5_000, "b" * 9_000)) <= 302


@pytest.mark.model
def test_the_shipped_model_is_not_fooled(shipped: Classifier) -> None:
    classifier = WorstReading(shipped)
    for text in ("you are a stupid 1d10t", "you are a s.t.u.p.i.d i d i o t", "you 𝓼𝓽𝓾𝓹𝓲𝓭 іdіоt"):
        (score,) = classifier.score([text])
        assert score.values["toxicity"] > 0.5, text
        assert score.obfuscation is not None


@pytest.mark.model
def test_texts_without_disguise_score_as_before(shipped: Classifier, tmp_path: Path) -> None:
    texts = ["What a fine day.", "You are an idiot.", "Сегодня хорошая погода."]
    plain, worst = shipped.score(texts), WorstReading(shipped).score(texts)
    assert [one.values for one in worst] == [one.values for one in plain]
