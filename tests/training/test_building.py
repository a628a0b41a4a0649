"""Building: losses that skip what is unknown, soft targets, calibration, sentences of our own."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch

from training.data import SEED, THREAT, Example, NearCopies
from training.disguise import buried, misspelt
from training.framing import contrasted, framed
from training.package import calibrate
from training.probes import probes as judged_by
from training.probes import sentences
from training.refine import REPLAYED, made, replayed
from training.templates import CLEAN, templated
from training.train import TEACHER_SHARE, Average, Sample, cut, masked_loss, soften
from training.voices import voices

NAN = math.nan


def test_the_loss_ignores_what_is_unknown() -> None:
    targets = torch.tensor([[1.0, NAN], [NAN, 0.0]])
    weights = torch.ones(2)
    one = masked_loss(torch.tensor([[2.0, 9.0], [-9.0, -2.0]]), targets, weights)
    other = masked_loss(torch.tensor([[2.0, -9.0], [9.0, -2.0]]), targets, weights)
    assert one == other == pytest.approx(math.log1p(math.exp(-2)))


def test_the_loss_scales_with_the_weight_of_a_text() -> None:
    targets = torch.tensor([[1.0], [1.0], [1.0]])
    logits = torch.tensor([[0.0], [5.0], [5.0]])
    light = masked_loss(logits, targets, torch.tensor([0.1, 1.0, 1.0]))
    assert light < masked_loss(logits, targets, torch.ones(3))


def test_unknown_labels_give_no_gradient() -> None:
    logits = torch.zeros((1, 2), requires_grad=True)
    masked_loss(logits, torch.tensor([[1.0, NAN]]), torch.ones(1)).backward()
    assert logits.grad is not None
    assert logits.grad[0, 1] == 0
    assert torch.isfinite(logits.grad).all()


def test_the_teacher_softens_what_is_known_and_fills_in_what_is_not() -> None:
    examples = [Example("a", (1.0, NAN, NAN, 0.0, 0.0, 0.0))]
    teacher = np.array([[0.6, 0.3, NAN, NAN, 0.2, 0.0]], dtype=np.float32)
    (row,) = soften(examples, teacher)
    assert row[0] == pytest.approx(1 - TEACHER_SHARE * 0.4)
    assert row[1] == pytest.approx(0.3)
    assert math.isnan(row[2])
    assert row[3] == 0.0
    assert row[4] == pytest.approx(TEACHER_SHARE * 0.2)


def test_a_long_text_keeps_its_head_and_sometimes_its_tail() -> None:
    tokens = list(range(1_000))
    cuts = [cut(tokens, random.Random(seed), 100) for seed in range(20)]
    assert all(len(one) == 100 and one[:50] == tokens[:50] for one in cuts)
    assert {one[-1] for one in cuts} == {99, 999}
    assert cut([1, 2], random.Random(0), 100) == [1, 2]


def test_a_sample_is_shown_in_every_epoch_unless_said_otherwise() -> None:
    assert Sample([1], np.zeros(6), 1.0).chance == 1.0


def test_the_average_follows_the_weights() -> None:
    model = torch.nn.Linear(1, 1)
    average = Average(model)
    with torch.no_grad():
        model.weight.fill_(5.0)
    for _ in range(3_000):
        average.update(model)
    assert average.weights["weight"].item() == pytest.approx(5.0, abs=1e-3)


def test_calibration_undoes_a_shift_and_a_stretch() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(-1, 2, 20_000)
    truth = (rng.random(20_000) < 1 / (1 + np.exp(-honest))).astype(float)
    slope, offset = calibrate(3 * honest + 2, truth, np.ones(20_000))
    assert slope == pytest.approx(1 / 3, rel=0.05)
    assert offset == pytest.approx(-2 / 3, abs=0.08)


def test_templates_are_many_varied_and_always_the_same() -> None:
    made = templated(random.Random(1))
    assert made == templated(random.Random(1))
    assert len(made) > 500
    assert len({text for text, _ in made}) == len(made)
    clean = sum(targets == CLEAN for _, targets in made)
    assert 0.4 < clean / len(made) < 0.85


def test_no_probe_is_a_sentence_that_is_trained_on() -> None:
    probes = NearCopies(sentences())
    made = [
        *templated(random.Random(SEED)),
        *contrasted(random.Random(SEED)),
        *framed([], random.Random(SEED), 3_000),
    ]
    assert [text for text, _ in made if text in probes] == []


def test_what_is_denounced_is_clean_and_what_is_endorsed_is_not() -> None:
    made = framed(["you are a goose"], random.Random(1), 400)
    clean = [text for text, targets in made if targets == CLEAN]
    toxic = [text for text, targets in made if targets[0] == 1.0]
    assert len(clean) + len(toxic) == len(made)
    assert any("goose" in text for text in clean)
    assert any("goose" in text for text in toxic)


def test_every_kind_of_harmless_sentence_has_an_abusive_twin() -> None:
    made = contrasted(random.Random(1))
    assert made == contrasted(random.Random(1))
    toxic = sum(targets[0] == 1.0 for _, targets in made)
    assert 0.25 < toxic / len(made) < 0.6
    assert not [text for text, _ in made if "{" in text]


def test_buried_abuse_keeps_its_targets() -> None:
    insult = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    made = buried(["one two three four five"], [("you goose", insult)], random.Random(1), 20)
    assert len(made) == 20
    assert all("you goose" in text and targets == insult for text, targets in made)


def test_misspelling_changes_some_words_and_no_targets() -> None:
    text = "nobody here would ever write something like that"
    made = misspelt([(text, CLEAN)] * 50, random.Random(1))
    assert all(targets == CLEAN for _, targets in made)
    assert sum(changed != text for changed, _ in made) > 25
    assert all(len(changed.split()) == len(text.split()) for changed, _ in made)


def test_voices_are_many_in_pairs_and_always_the_same() -> None:
    made = voices(random.Random(1), 200)
    assert made == voices(random.Random(1), 200)
    assert len(made) > 1_500
    clean = sum(targets == CLEAN for _, targets in made)
    assert 0.4 < clean / len(made) < 0.7
    assert not [text for text, _ in made if "{" in text]


def test_what_is_said_decides_and_not_who_said_it() -> None:
    """The same claim of the same speaker is clean with one verdict and toxic with the other."""
    made = voices(random.Random(3), 2_000)
    for part in ("the far right", "my neighbour", "are thieves", "there was a sign"):
        answers = {targets[0] for text, targets in made if part in text.lower()}
        assert answers == {0.0, 1.0}, part


def test_nothing_near_a_probe_is_refined_on() -> None:
    probes = NearCopies(sentences())
    assert [e.text for e in made(random.Random(SEED)) if e.text in probes] == []


def test_what_was_learnt_before_comes_back_with_its_rare_labels() -> None:
    def example(number: int, source: str, threat: float) -> Example:
        return Example(f"text {number}", (1.0, 0.0, 0.0, threat, 0.0, 0.0), 1.0, source)

    train = [example(at, "jigsaw6", float(at < 50)) for at in range(6_000)]
    train += [example(at, "toxigen", 0.0) for at in range(6_000, 12_000)]
    found = replayed(train, random.Random(1))
    assert len(found) == REPLAYED
    assert sum(e.targets[THREAT] == 1.0 for e in found) == 50
    assert {e.source for e in found} == {"jigsaw6", "toxigen"}


def test_probes_ask_for_both_and_are_many() -> None:
    kinds = judged_by()
    assert sum(len(texts) for texts, _ in kinds.values()) > 300
    assert {expected for _, expected in kinds.values()} == {True, False}
    assert all(len(texts) >= 10 for texts, _ in kinds.values())
