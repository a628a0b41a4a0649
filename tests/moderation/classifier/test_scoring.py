"""Scoring: the same numbers as Detoxify's, nothing cut, nothing that a text can break."""

from __future__ import annotations

import contextlib
import math
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from detoxify import Detoxify
from tokenizers import Tokenizer

from moderation.classifier import DEFAULT_HOLD, Classifier, Scores, load
from moderation.classifier.detoxify_model import load_plain, open_detoxify
from moderation.classifier.loading import SHIPPED_FOLDER
from moderation.classifier.weights import decode, read_bytes
from moderation.classifier.windows import (
    TOKENS_A_PASS,
    Numbers,
    Reader,
    Window,
    highest,
    passes,
)
from moderation.errors import ScoringFailed

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


@pytest.fixture
def small(tiny: Path) -> Any:
    """The tiny random model as a classifier: 64 tokens at most."""
    return load(str(tiny), tiny.parent / "cache")


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


def test_the_shipped_checkpoint_is_plain_detoxify(
    shipped: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with contextlib.chdir(REPOSITORY):
        plain = Detoxify(
            checkpoint=str(SHIPPED_FOLDER / "parley-small.ckpt"),
            huggingface_config_path=str(SHIPPED_FOLDER),
        )
    assert next(plain.model.parameters()).dtype == torch.float32
    # Eight bits here, thirty-two there.
    for text in [*INSULTS, *CIVIL, "x", "word " * 80]:
        ours = shipped.score([text])[0].values
        for label, value in plain.predict(text).items():
            assert ours[label] == pytest.approx(value, abs=0.08)


def test_eight_bits_decide_as_thirty_two_do(shipped: Classifier) -> None:
    texts = [*INSULTS, *CIVIL, *IDENTITY]
    ours, theirs = shipped.score(texts), load_plain().score(texts)
    assert [held(one) for one in ours] == [held(one) for one in theirs]


def test_a_server_needs_no_torch() -> None:
    program = (
        "import sys; from pathlib import Path; import app;"
        "from moderation.classifier import load;"
        "load('parley-small', Path('unused')).score(['hello']);"
        "print([name for name in ('torch', 'transformers', 'detoxify', 'onnx') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


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


def test_a_batch_gives_what_each_text_gives_alone(small: Any) -> None:
    rng = random.Random(1)
    texts = [" ".join(rng.choices(["you", "idiot", "nice", "day"], k=n)) for n in range(1, 40)]
    rng.shuffle(texts)
    for together, text in zip(small.score(texts), texts, strict=True):
        (alone,) = small.score([text])
        assert together.values == pytest.approx(dict(alone.values), abs=1e-5)


def test_it_agrees_with_predict(small: Any, tiny: Path) -> None:
    texts = ["you idiot", "nice day", "a"]
    plain = open_detoxify(decode(read_bytes(tiny), tiny), tiny.parent).predict(texts)
    for number, scores in enumerate(small.score(texts)):
        for label, value in scores.values.items():
            assert value == pytest.approx(plain[label][number], abs=0.02)


def test_no_texts_give_no_scores(small: Any) -> None:
    assert small.score([]) == []


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


def test_every_token_of_a_long_text_is_read() -> None:
    words = ["you", "idiot", "nice", "day"] * 100
    tokenizer = Tokenizer.from_file(str(SHIPPED_FOLDER / "tokenizer.json"))
    tokens = tokenizer.encode(" ".join(words), add_special_tokens=False).ids
    windows = list(Reader(tokenizer, 64).windows([" ".join(words)]))
    assert len(windows) > 4
    assert all(len(window.tokens) <= 64 for window in windows)
    step = 62 - 16
    put_together: list[int] = []
    for number, window in enumerate(windows):
        put_together = put_together[: number * step] + window.tokens[1:-1].tolist()
    assert put_together == tokens


def test_an_insult_deep_in_a_long_text_counts(shipped: Classifier) -> None:
    filler = "The council met on Tuesday and discussed the new bicycle lane in detail. " * 80
    calm, *loud = shipped.score([filler, *(f"{filler} {insult} {filler}" for insult in INSULTS)])
    assert not held(calm)
    assert all(held(scores) for scores in loud)


def test_windows_are_grouped_within_the_budget() -> None:
    lengths = sorted([5, 512, 512, 512, 512, 512, 30, 7])
    windows = [Window(0, np.zeros(length, dtype=np.int32)) for length in lengths]
    groups = list(passes(windows))
    assert [len(window.tokens) for group in groups for window in group] == lengths
    assert all(len(g) * max(len(w.tokens) for w in g) <= TOKENS_A_PASS for g in groups)


def test_a_model_that_gives_no_number_fails_instead_of_passing() -> None:
    reader = Reader(Tokenizer.from_file(str(SHIPPED_FOLDER / "tokenizer.json")), 64)

    def nothing(ids: Numbers, mask: Numbers) -> Any:
        return np.full((len(ids), 6), math.nan, dtype=np.float32)

    with pytest.raises(ScoringFailed):
        highest(["you idiot"], reader, nothing, labels=6, padding=0)
