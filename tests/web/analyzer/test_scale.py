"""The map to Perspective's scale: it is for the shipped model, and it never changes an order."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app as application
import settings
from moderation.classifier.loading import SHIPPED_FOLDER
from tests.conftest import WordClassifier
from tests.web.analyzer.conftest import Program, asking
from web.analyzer import scale
from web.analyzer.attributes import LABELS

KEPT = json.loads(scale.MAP.read_text(encoding="utf-8"))
probabilities = st.floats(1e-6, 1 - 1e-6)


def test_it_was_made_for_the_model_that_is_shipped() -> None:
    manifest = json.loads((SHIPPED_FOLDER / "manifest.json").read_text(encoding="utf-8"))
    fitted = scale.shipped()
    assert (fitted.model, fitted.version) == (manifest["name"], manifest["version"])
    assert set(fitted.curves) == {
        name for name, label in LABELS.items() if label in manifest["labels"]
    }


@pytest.mark.parametrize("name", sorted(KEPT["attributes"]))
def test_it_says_how_far_it_is_off_and_is_better_than_none(name: str) -> None:
    one = KEPT["attributes"][name]
    off = one["held_out"]
    assert one["label"] == LABELS[name]
    assert off["comments"] >= 300
    assert 0 < off["mean_absolute_error"] < off["without_map"]
    for threshold in ("0.7", "0.8", "0.9"):
        share = off["agreement"][threshold]
        differ = share["only_parley"] + share["only_perspective"]
        assert share["same"] == pytest.approx(1 - differ / off["comments"], abs=1e-4)


@pytest.mark.parametrize("name", sorted(KEPT["attributes"]))
def test_it_rises_everywhere(name: str) -> None:
    curve = scale.shipped().curves[name]
    steps = [curve(number / 10_000) for number in range(1, 10_000)]
    assert all(low < high for low, high in pairwise(steps))
    assert 0 <= curve(0.0) <= steps[0] < steps[-1] <= curve(1.0) <= 1


@given(st.sampled_from(sorted(KEPT["attributes"])), probabilities, probabilities)
def test_two_texts_keep_their_order(name: str, one: float, other: float) -> None:
    curve = scale.shipped().curves[name]
    if abs(one - other) > 1e-9:
        assert (one < other) == (curve(one) < curve(other))


def test_between_points_it_is_straight_in_logits() -> None:
    curve = scale.Curve([(-2.0, -1.0), (0.0, 0.0), (2.0, 3.0)])
    assert curve(0.5) == pytest.approx(0.5)
    assert curve(0.7310585786) == pytest.approx(0.8175744762)  # logit 1 -> 1.5
    assert curve(0.0474258732) == pytest.approx(0.1824255238)  # logit -3 -> -1.5


class Shipped(WordClassifier):
    """Says that it is the shipped model, with numbers that can be foreseen."""

    name, version = scale.shipped().model, scale.shipped().version


@pytest.fixture
def classifier(request: pytest.FixtureRequest) -> WordClassifier:
    """The model of a test."""
    return getattr(request, "param", Shipped)()


def value(program: Program, text: str = "You idiot.") -> float:
    """The toxicity of a text as a program is told it."""
    found = program.analyze(asking(text)).json["attributeScores"]["TOXICITY"]
    assert found["spanScores"][0]["score"] == found["summaryScore"]
    return float(found["summaryScore"]["value"])


def test_scores_of_the_shipped_model_are_mapped(program: Program) -> None:
    curve = scale.shipped().curves["TOXICITY"]
    assert value(program) == curve(0.95)
    assert value(program, "All is well.") == curve(0.01)


def test_a_threshold_is_of_the_scale_that_is_answered(program: Program) -> None:
    mapped = scale.shipped().curves["TOXICITY"](0.95)
    for threshold, is_there in ((mapped, True), (mapped + 1e-6, False)):
        requested = {"TOXICITY": {"scoreThreshold": threshold}}
        answer = program.analyze(asking(requestedAttributes=requested))
        assert bool(answer.json["attributeScores"]) == is_there


@pytest.mark.parametrize("classifier", [WordClassifier], indirect=True)
def test_scores_of_another_model_are_its_own(program: Program) -> None:
    assert value(program) == 0.95


class TestTheModelsOwn:
    @pytest.fixture
    def environ(self) -> dict[str, str]:
        """Without the map."""
        return {"PARLEY_ANALYZER_SCALE": "model", "PARLEY_ANALYZER_DEADLINE": "20"}

    def test_numbers_are_given_where_that_is_wanted(self, program: Program) -> None:
        assert value(program) == 0.95


def test_another_scale_is_no_setting() -> None:
    with pytest.raises(SystemExit, match="PARLEY_ANALYZER_SCALE"):
        settings.load({"PARLEY_ANALYZER_SCALE": "percent"})


@pytest.mark.parametrize(
    ("environ", "is_told"),
    [
        ({}, False),
        ({"PARLEY_MODEL": "unbiased"}, True),
        ({"PARLEY_MODEL": "unbiased", "PARLEY_ANALYZER_SCALE": "model"}, False),
    ],
)
def test_the_start_says_that_there_is_no_map(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], is_told: bool
) -> None:
    for name, one in environ.items():
        monkeypatch.setenv(name, one)
    told: list[str] = []
    monkeypatch.setattr(
        "structlog.get_logger", lambda *_: type("Log", (), {"warning": staticmethod(told.append)})
    )
    application._warn_of_scale()
    assert bool(told) == is_told
    assert all("unbiased" in one for one in told)
