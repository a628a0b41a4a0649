"""Knows the labelled files: how each is read, what its labels say, and what is kept apart."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import random
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from training.disguise import buried, misspelt
from training.framing import contrasted, framed
from training.templates import Targets, templated

LABELS: tuple[str, ...] = (
    "toxic",
    "severe_toxic",
    "obscene",
    "threat",
    "insult",
    "identity_hate",
)
TOXIC, SEVERE, OBSCENE, THREAT, INSULT, HATE = range(len(LABELS))

DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "toxicity"

HELD_OUT_SHARE = 0.18
VALIDATION_SHARE = 0.08
SEED = 20_26
# Changed when a part has been looked at too often to be fresh; then other texts are kept apart.
_DRAW = "second"
_SHINGLE_WORDS = 5
_NEAR = 0.5

csv.field_size_limit(2**27)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Example:
    """One text with what is known of it.

    `targets` holds one number in [0, 1] per label of LABELS, NaN where the source says nothing;
    `weight` scales the loss; `source` names the file.
    """

    text: str
    targets: tuple[float, ...]
    weight: float = 1.0
    source: str = "jigsaw6"


@dataclass(frozen=True)
class Split:
    """Three parts that share no text: to fit on, to calibrate on, and to judge by."""

    train: list[Example]
    validation: list[Example]
    held_out: list[Example]
    removed: dict[str, int] = field(default_factory=dict)


def normalise(text: str) -> str:
    """Fold case, width, punctuation and spacing away, so that copies of one text compare equal."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return " ".join(re.findall(r"\w+", folded))


def share_of(text: str) -> float:
    """Map a text to a number in [0, 1) that depends only on its normalised form."""
    digest = hashlib.sha256(f"{_DRAW} {normalise(text)}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


def shingles(text: str) -> set[int]:
    """Hash every run of five words; a shorter text is one shingle."""
    words = normalise(text).split()
    runs = [
        " ".join(words[i : i + _SHINGLE_WORDS])
        for i in range(max(1, len(words) - _SHINGLE_WORDS + 1))
    ]
    return {
        int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") for run in runs
    }


class NearCopies:
    """Finds texts that repeat at least half of the five-word runs of one that is kept apart.

    Either direction counts: a training text that quotes most of a held-out one, or the reverse.
    """

    def __init__(self, kept_apart: Iterable[str]) -> None:
        self._sizes: list[int] = []
        self._where: dict[int, list[int]] = {}
        for number, text in enumerate(kept_apart):
            found = shingles(text)
            self._sizes.append(len(found))
            for shingle in found:
                self._where.setdefault(shingle, []).append(number)

    def __contains__(self, text: str) -> bool:
        own = shingles(text)
        shared: dict[int, int] = {}
        for shingle in own:
            for number in self._where.get(shingle, ()):
                shared[number] = shared.get(number, 0) + 1
        return any(
            count >= _NEAR * min(len(own), self._sizes[number]) for number, count in shared.items()
        )


def _rows(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _known(**values: float) -> tuple[float, ...]:
    return tuple(values.get(label, math.nan) for label in LABELS)


def _clean() -> tuple[float, ...]:
    return (0.0,) * len(LABELS)


def read_jigsaw6(folder: Path) -> list[Example]:
    """Read the six-label Wikipedia comments, the first of each group of equal texts."""
    seen: dict[str, Example] = {}
    for row in _rows(folder / "jigsaw6_train.csv"):
        targets = tuple(float(row[label]) for label in LABELS)
        seen.setdefault(normalise(row["comment_text"]), Example(row["comment_text"], targets))
    return list(seen.values())


def read_binary(folder: Path) -> list[Example]:
    """Read the Wikipedia comments with one label; a clean one is clean of all six.

    Of the six-label comments that are not toxic fewer than 2 in 100 carry another label.
    """
    return [
        Example(
            row["comment_text"],
            _known(toxic=1.0) if row["toxic"] == "1" else _clean(),
            1.0,
            "binary",
        )
        for row in _rows(folder / "jigsaw_toxic_binary_20k.csv")
    ]


def _davidson(folder: Path) -> list[Example]:
    kinds: dict[str, list[Example]] = {"0": [], "1": [], "2": []}
    for row in _rows(folder / "davidson.csv"):
        # Annotators split over a tweet's class say little; dialect makes them split more often.
        if max(int(row[k]) for k in ("hate_speech", "offensive_language", "neither")) < int(
            row["count"]
        ):
            continue
        text = re.sub(r"^\W*(RT )?@\w+:?\s*|&#\d+;|https?://\S+", " ", row["tweet"]).strip()
        targets = {
            "0": _known(toxic=1.0, identity_hate=1.0),
            "1": _known(toxic=1.0, threat=0.0),
            "2": _clean(),
        }[row["class"]]
        kinds[row["class"]].append(Example(text, targets, 0.4, "davidson"))
    return kinds["0"] + _sample(kinds["1"], 700) + _sample(kinds["2"], 1_000)


def _statements(folder: Path) -> list[tuple[Example, str]]:
    """Read statements about groups that people agreed on, each with the group it speaks of."""
    found = []
    for row in json.loads((folder / "toxiGen.json").read_text(encoding="utf-8")):
        text, group = row["text"].replace("_x000D_", " ").strip(), ", ".join(row["target_groups"])
        if row["toxicity_score"] <= 1.5:
            found.append((Example(text, _clean(), 0.7, "toxigen"), group))
        elif row["toxicity_score"] >= 4.5:
            hateful = _known(toxic=1.0, identity_hate=1.0)
            found.append((Example(text, hateful, 0.4, "toxigen"), group))
    return found


def _toxigen(folder: Path) -> list[Example]:
    return [e for e, _ in _statements(folder) if share_of(e.text) >= HELD_OUT_SHARE]


def read_groups(folder: Path) -> list[tuple[Example, str]]:
    """Read the statements about groups that are kept apart: (text with its answer, group)."""
    return [(e, group) for e, group in _statements(folder) if share_of(e.text) < HELD_OUT_SHARE]


def _edos(folder: Path) -> list[Example]:
    return [
        Example(
            row["text"].replace("[USER]", "").replace("[URL]", ""),
            _known(toxic=1.0, threat=1.0),
            0.4,
            "edos",
        )
        for row in _rows(folder / "edos_labelled_aggregated.csv")
        if row["label_category"].startswith("1.")
    ]


def _paradetox(folder: Path) -> list[Example]:
    rows = _sample(list(_rows(folder / "paradetox.tsv", "\t")), 1_500)
    found = []
    for row in rows:
        found.append(Example(row["toxic"], _known(toxic=1.0, threat=math.nan), 0.4, "paradetox"))
        found.append(Example(row["neutral1"], _clean(), 0.4, "paradetox"))
    return found


def _surge(folder: Path) -> list[Example]:
    return [
        Example(
            row["text"],
            _known(toxic=1.0) if row["is_toxic"] == "Toxic" else _clean(),
            0.5,
            "surge",
        )
        for row in _rows(folder / "surge_en.csv")
    ]


def _spans(folder: Path) -> list[Example]:
    """Read Civil Comments: toxic as they stand, clean without the sentences that hold a span."""
    found = []
    for row in _sample(list(_rows(folder / "tsd_train.csv")), 3_000):
        marked = set(json.loads(row["spans"]))
        if not marked:
            continue
        found.append(Example(row["text"], _known(toxic=1.0, threat=math.nan), 0.4, "spans"))
        rest = [
            match.group()
            for match in re.finditer(r"[^.!?\n]+[.!?\n]*", row["text"])
            if not marked.intersection(range(match.start(), match.end()))
        ]
        if len("".join(rest)) > 40:
            found.append(Example("".join(rest).strip(), _clean(), 0.4, "spans"))
    return found


def _sample(items: Sequence[Item], count: int) -> list[Item]:
    return random.Random(SEED).sample(list(items), min(count, len(items)))


def read_others(folder: Path) -> list[Example]:
    """Read the sources from outside Wikipedia, thinned and with smaller weights."""
    found: list[Example] = []
    for reader in (_davidson, _toxigen, _edos, _paradetox, _surge, _spans):
        found += reader(folder)
    found += [
        Example(text, targets, 0.8, "templates") for text, targets in templated(random.Random(SEED))
    ]
    return found


def read_context(folder: Path) -> list[Example]:
    """Read every toxic comment of the context corpus and a sample of its others; never trained on.

    Annotators saw these without the parent comment.
    """
    toxic, other = [], []
    for row in _rows(folder / "cat_without_parent.csv"):
        if row["label"] == "1":
            toxic.append(Example(row["text"], _known(toxic=1.0), 1.0, "context"))
        else:
            other.append(Example(row["text"], _known(toxic=0.0), 1.0, "context"))
    return toxic + _sample(other, 1_500)


def split(six: Sequence[Example], more: Sequence[Example]) -> Split:
    """Keep a held-out and a validation part of the six-label texts; drop their copies elsewhere.

    The parts are chosen by the hash of the normalised text, so they stay the same when rows move
    or are added. A copy of a held-out text is dropped from every other part, near copies too,
    and a copy of a validation text from `train`.
    """
    held_out = [e for e in six if share_of(e.text) < HELD_OUT_SHARE]
    beyond = [e for e in six if share_of(e.text) >= HELD_OUT_SHARE]
    removed: dict[str, int] = {}
    beyond = _without(beyond, NearCopies(e.text for e in held_out), removed)
    limit = HELD_OUT_SHARE + VALIDATION_SHARE
    validation = [e for e in beyond if share_of(e.text) < limit]
    rest = [e for e in beyond if share_of(e.text) >= limit]
    apart = NearCopies(e.text for e in [*held_out, *validation])
    train: dict[str, Example] = {}
    # The six-label texts come first, so of two copies the better labelled one stays.
    for example in _without([*rest, *more], apart, removed):
        train.setdefault(normalise(example.text), example)
    return Split(list(train.values()), validation, held_out, removed)


def _without(
    examples: Iterable[Example], apart: NearCopies, removed: dict[str, int]
) -> list[Example]:
    kept = []
    for example in examples:
        if example.text in apart:
            removed[example.source] = removed.get(example.source, 0) + 1
        else:
            kept.append(example)
    return kept


def read(folder: Path = DEFAULT_FOLDER) -> Split:
    """Read every source in `folder` and split it. Raises FileNotFoundError."""
    parts = split(read_jigsaw6(folder), [*read_binary(folder), *read_others(folder)])
    apart = NearCopies(e.text for e in [*parts.held_out, *parts.validation])
    made = _without(composed(parts.train), apart, parts.removed)
    return replace(parts, train=[*parts.train, *made])


def composed(train: Sequence[Example]) -> list[Example]:
    """Make further texts out of those trained on: quoted, denied, buried, misspelt (framing.py)."""
    rng = random.Random(SEED)
    toxic = [(e.text, e.targets) for e in train if e.targets[TOXIC] == 1.0]
    clean = [(e.text, e.targets) for e in train if e.targets == _clean()]
    wiki = [e.text for e in train if e.source == "binary" and e.targets == _clean()]
    misspelt_ones = [
        *rng.sample(toxic, min(900, len(toxic))),
        *rng.sample(clean, min(900, len(clean))),
    ]
    made: list[tuple[str, list[tuple[str, Targets]], float]] = [
        ("framed", framed([text for text, _ in toxic], rng, 2_200), 0.7),
        ("contrasted", contrasted(rng), 0.7),
        ("buried", buried(wiki, toxic, rng, 700), 0.5),
        ("misspelt", misspelt(misspelt_ones, rng), 0.5),
    ]
    return [
        Example(text, known, weight, name) for name, pairs, weight in made for text, known in pairs
    ]
