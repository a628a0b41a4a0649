"""Which words carry a score: found, cut clean of punctuation, and few texts asked about."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.classifier.explaining import MOST_SENTENCES, MOST_WORDS, explain
from moderation.classifier.scores import Classifier, Scores
from moderation.classifier.worst_reading import WorstReading
from tests.conftest import WordClassifier


def marked(text: str, label: str = "toxicity") -> list[str]:
    spans = explain(WordClassifier().score, text, [label])[label]
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You are an idiot.", ["idiot"]),
        ("(Idiot!) she said, and left.", ["Idiot"]),
        ("😀😀 you idiot 😀", ["idiot"]),
        ("Ça a été: idiot", ["idiot"]),
        ("idiot,idiot and more", ["idiot", "idiot"]),
        # Each hides the other when one alone is left out.
        ("An idiot here, an idiot there.", ["idiot", "idiot"]),
        ("One.\n\nTwo. An idiot wrote three!", ["idiot"]),
        ("what an idiot idiot", ["idiot idiot"]),
        # What a link leads to is not shown, and what it is called ends where its bracket does.
        ("[you idiot](http://a.b/c) ok", ["idiot"]),
        ("[an idiot](http://a.b/c_(d)), [idiot](/e 'idiot') too", ["idiot", "idiot", "idiot"]),
        ("[you](http://a.b/idiot) are fine", []),
        ("[idiot][one] and [sic](really idiot)", ["idiot", "idiot"]),
        ("an [idiot]", ["idiot"]),
        ("The harbour will be dredged in May.", []),
        ("", []),
        ("… !!! —", []),
    ],
)
def test_the_words_that_carry_the_score_are_found(text: str, expected: list[str]) -> None:
    assert marked(text) == expected


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I read the whole report, and you are an idiot if you believe it.", {"idiot"}),
        ("What a stupid idea from such a clever woman.", {"stupid"}),
        ("Thanks, moron. The ferry leaves at nine, and only a fool is late.", {"moron", "fool"}),
        ("This is total bullshit 😀 and he knows it.", {"bullshit"}),
        ("You sir are an 1d10t.", {"1d10t"}),
    ],
)
def test_the_shipped_model_names_its_words(
    shipped: Classifier, text: str, expected: set[str]
) -> None:
    spans = explain(WorstReading(shipped).score, text, ["toxicity"])["toxicity"]
    words = {word for span in spans for word in text[span.start : span.end].split()}
    assert expected <= words
    assert len(words) <= len(expected) + 1


def test_a_label_that_no_word_carries_has_no_spans() -> None:
    found = explain(WordClassifier().score, "You idiot.", ["toxicity", "threat"])
    assert [span.weight for span in found["toxicity"]] == [1.0]
    assert found["threat"] == ()


def test_a_word_that_is_rude_only_in_its_company_is_found_too() -> None:
    class Company(WordClassifier):
        def _score(self, text: str) -> Scores:
            both = "brainless" in text and "sheep" in text
            return Scores({"toxicity": 0.9 if both else 0.02}, self.name, self.version)

    text = "They are brainless sheep indeed"
    spans = explain(Company().score, text, ["toxicity"])["toxicity"]
    assert [text[span.start : span.end] for span in spans] == ["brainless sheep"]


def test_a_short_text_takes_one_call_and_a_long_one_two() -> None:
    short, long = WordClassifier(), WordClassifier()
    explain(short.score, "You are an idiot. Go home.", ["toxicity", "insult"])
    text = "The harbour will be dredged in May. " * 270 + "You idiot."
    (span,) = explain(long.score, text, ["toxicity"])["toxicity"]
    assert text[span.start : span.end] == "idiot"
    assert len(short.batches) == 1
    assert len(long.batches) == 2
    assert long.batches[1] <= 3 * MOST_WORDS


def test_one_endless_sentence_is_bounded_as_well() -> None:
    model = WordClassifier()
    text = "word " * 1_990 + "idiot"
    (span,) = explain(model.score, text, ["toxicity"])["toxicity"]
    assert text[span.start : span.end] == "idiot"
    assert sum(model.batches) < 3 * MOST_WORDS + 60


class Counting(WordClassifier):
    """Counts what is read as well, in characters, and is never asked twice in one call."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def score(self, texts: Sequence[str]) -> list[Scores]:
        assert len(set(texts)) == len(texts)
        self.read += sum(map(len, texts))
        return super().score(texts)


@pytest.mark.parametrize(
    ("text", "batches"),
    [
        ("go. " * 2_497 + "idiot.", 2),
        (" ".join(f"{n}st." for n in range(1_600)) + " idiot.", 4),
        (" ".join(f"The {n}th ferry is late." for n in range(200)) + " You idiot.", 3),
        (" ".join(f"The {n}th ferry is late." for n in range(380)) + " You idiot.", 3),
    ],
)
def test_of_a_text_of_many_sentences_few_are_read(text: str, batches: int) -> None:
    model = Counting()
    (span,) = explain(model.score, text, ["toxicity"])["toxicity"]
    assert text[span.start : span.end] == "idiot"
    assert len(model.batches) == batches
    assert max(model.batches[:-1]) <= MOST_SENTENCES
    assert model.batches[-1] <= 4 * MOST_WORDS
    assert model.read <= 3 * len(text)


@pytest.mark.parametrize("place", [0, 700, 1_399])
def test_one_rude_sentence_among_many_is_found_wherever_it_stands(place: int) -> None:
    said = [f"{n}st." for n in range(1_400)]
    text = " ".join([*said[:place], "You idiot.", *said[place:]])
    assert marked(text) == ["idiot"]


def test_long_words_are_not_read_again_and_again() -> None:
    model = Counting()
    text = " ".join(f"{n}" + "a" * 160 for n in range(58)) + " idiot"
    (span,) = explain(model.score, text, ["toxicity"])["toxicity"]
    assert text[span.start : span.end] == "idiot"
    assert model.read <= 10 * len(text)


def test_a_long_text_without_a_word_is_not_read_at_all() -> None:
    model = Counting()
    assert explain(model.score, "… " * 1_000, ["toxicity"]) == {"toxicity": ()}
    assert model.batches == []


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_yields_spans_inside_it_in_order(text: str) -> None:
    def random_looking(texts: Sequence[str]) -> list[Scores]:
        return [Scores({"toxicity": (hash(one) % 97 + 1) / 99}, "m", "1") for one in texts]

    spans = explain(random_looking, text, ["toxicity"])["toxicity"]
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(0 < span.weight <= 1 for span in spans)
