"""Scoring: the same numbers as Detoxify's, nothing cut, nothing that a text can break."""

from __future__ import annotations

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from detoxify import Detoxify

from moderation.classifier import DEFAULT_HOLD, Classifier, Scores
from moderation.classifier.detoxify_model import DetoxifyClassifier, load_plain
from moderation.classifier.export.sentences import sentences
from moderation.classifier.loading import SHIPPED_FOLDER

REPOSITORY = Path(__file__).resolve().parents[3]

INSULTS = (
    "You are a stupid idiot and nobody likes you.",
    "Shut up, you pathetic loser.",
    "What a disgusting piece of shit you are.",
)
CIVIL = (
    "Thank you for this lovely article!",
    "This policy is terrible and the minister should resign.",
    "I think the article gets the numbers wrong.",
    "My grandmother used to bake the same cake.",
)
IDENTITY = (
    "I am a gay man.",
    "I am a Muslim woman and I teach maths.",
    "She is a Jewish writer from Leeds.",
    "My daughter is a lesbian and we love her.",
)


def held(scores: Scores) -> bool:
    """Whether any label reaches its default threshold."""
    return any(scores.values[label] >= limit for label, limit in DEFAULT_HOLD.items())


@pytest.fixture(scope="module")
def plain() -> DetoxifyClassifier:
    """The shipped weights as Detoxify itself runs them."""
    return load_plain()


def table(classifier: Any, texts: list[str]) -> Any:
    """Probabilities, (texts, labels)."""
    return np.array([list(scores.values.values()) for scores in classifier.score(texts)])


@pytest.mark.parametrize("text", INSULTS)
def test_insults_are_above_the_default_thresholds(shipped: Classifier, text: str) -> None:
    assert held(shipped.score([text])[0])


@pytest.mark.parametrize("text", CIVIL + IDENTITY)
def test_civil_texts_and_neutral_identities_are_below(shipped: Classifier, text: str) -> None:
    assert not held(shipped.score([text])[0])


def test_each_label_answers_to_its_own_kind(shipped: Classifier) -> None:
    threat, hate, praise = shipped.score(
        [
            "I will find you and kill you.",
            "Gay men are disgusting perverts.",
            "Well done, everybody.",
        ]
    )
    assert threat.values["threat"] > 10 * hate.values["threat"]
    assert hate.values["identity_attack"] > 3 * threat.values["identity_attack"]
    assert max(praise.values.values()) < 0.1


def test_a_score_names_its_model(shipped: Classifier) -> None:
    (scores,) = shipped.score(["hello"])
    assert (scores.model_name, scores.model_version) == (shipped.name, shipped.version)
    assert scores.model_name == "parley-small"
    assert tuple(scores.values) == shipped.labels
    assert set(DEFAULT_HOLD) == set(shipped.labels)


def test_decisions_are_those_of_detoxify(shipped: Classifier, plain: DetoxifyClassifier) -> None:
    texts = sentences()
    ours, theirs = table(shipped, texts), table(plain, texts)
    limits = [DEFAULT_HOLD[label] for label in shipped.labels]
    flipped = ((ours >= limits) != (theirs >= limits)).mean(axis=0)
    assert flipped.max() <= 0.016
    assert np.abs(ours - theirs).mean() < 0.01
    assert np.abs(ours - theirs).max() < 0.1
    # It is really computed in 8 bits: the same numbers would mean that it is not.
    assert np.abs(ours - theirs).max() > 1e-4


def test_the_shipped_checkpoint_is_plain_detoxify(
    plain: DetoxifyClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with contextlib.chdir(REPOSITORY):
        detoxify = Detoxify(
            checkpoint=str(SHIPPED_FOLDER / "parley-small.ckpt"),
            huggingface_config_path=str(SHIPPED_FOLDER),
        )
    assert next(detoxify.model.parameters()).dtype == torch.float32
    for text in [*INSULTS, *CIVIL, "x", "word " * 80]:
        ours = plain.score([text])[0].values
        for label, value in detoxify.predict(text).items():
            assert ours[label] == pytest.approx(value, abs=1e-5)
            assert plain.predict(text)[label] == pytest.approx(value, abs=1e-5)


def test_the_model_card_tells_detoxify_users_what_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = (SHIPPED_FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")
    snippet = card.split("```python\n")[1].split("```")[0]
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(snippet.replace("/path/to/parley-small", str(SHIPPED_FOLDER)), names)
    assert names["scores"]["toxicity"] > 0.5


def test_the_shipped_model_says_in_what_it_runs_and_how_near_that_comes() -> None:
    runtime = json.loads((SHIPPED_FOLDER / "runtime.json").read_text())
    compared = runtime["compared_with_detoxify"][runtime["precision"]]
    assert compared["texts"] > 150
    assert compared["mean"] < 0.01


def test_a_score_does_not_depend_on_its_neighbours(shipped: Classifier) -> None:
    rng = random.Random(1)
    # Texts of all sorts, so that neighbours with outliers of every kind are among them.
    texts = [*sentences()[:60], "a" * 300, "!!!!! " * 40, "\U0001f600" * 50, "word " * 90, ""]
    rng.shuffle(texts)
    together = table(shipped, texts)
    alone = np.concatenate([table(shipped, [text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-5


def test_a_batch_gives_what_each_text_gives_alone(small: Any) -> None:
    rng = random.Random(1)
    texts = [" ".join(rng.choices(["you", "idiot", "nice", "day"], k=n)) for n in range(1, 40)]
    rng.shuffle(texts)
    alone = np.concatenate([table(small, [text]) for text in texts])
    assert np.abs(table(small, texts) - alone).max() < 1e-5


def test_no_texts_give_no_scores(small: Any, plain: DetoxifyClassifier) -> None:
    assert small.score([]) == []
    assert plain.score([]) == []


@pytest.mark.parametrize(
    "text",
    ["", " \n\t", "\x00", "\ud800", "a\udfffb", "\U0001f600" * 200, "\u202eabc", "a" * 20_000],
)
def test_strange_texts_get_probabilities(small: Any, shipped: Classifier, text: str) -> None:
    for classifier in (small, shipped):
        (scores,) = classifier.score([text])
        assert all(0 <= value <= 1 for value in scores.values.values())


def test_a_surrogate_pair_is_read_as_the_character_it_stands_for(small: Any) -> None:
    pair, whole = small.score(["nice \ud83d\ude00 day", "nice \U0001f600 day"])
    assert pair.values == pytest.approx(dict(whole.values), abs=1e-5)


def test_an_insult_deep_in_a_long_text_counts(shipped: Classifier) -> None:
    filler = "The council met on Tuesday and discussed the new bicycle lane in detail. " * 80
    calm, *loud = shipped.score([filler, *(f"{filler} {insult} {filler}" for insult in INSULTS)])
    assert not held(calm)
    assert all(held(scores) for scores in loud)


def test_many_long_comments_take_no_memory_for_good(shipped: Classifier) -> None:
    def resident() -> int:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * 4096 // 2**20

    longest = "word " * 2_000
    shipped.score([longest] * 2)
    before = resident()
    for turn in range(2):
        shipped.score([longest + "x" * turn] * 2 + ["short " * n for n in range(1, 40, 2)])
    assert resident() - before < 120
