"""Scores every reading of a text, and lets the worst count."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from moderation.classifier.readings import Readings, readings
from moderation.classifier.scores import Classifier, Obfuscation, Scores

# Words around what was disguised, and the longest excerpt, in characters.
_AROUND = 20
_LONGEST_EXCERPT = 300


class WorstReading:
    """A Classifier that asks another one about every reading of each text, in one call.

    Each label gets its largest score. A text without disguises and links has one reading and
    costs one; any other at most three.
    """

    def __init__(self, inner: Classifier) -> None:
        self.inner = inner
        # The tables are read now and not while the first disguised comment waits.
        readings("1d\u0456ot")

    @property
    def name(self) -> str:
        """The name of the model that is asked."""
        return self.inner.name

    @property
    def version(self) -> str:
        """The version of the model that is asked."""
        return self.inner.version

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the model that is asked."""
        return self.inner.labels

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """The worst scores of each text's readings, in the order given; [] for []."""
        if not texts:
            return []
        found = [readings(text) for text in texts]
        scores = self.inner.score([one for each in found for one in (each.plain, *each.others)])
        worst: list[Scores] = []
        at = 0
        for each in found:
            end = at + 1 + len(each.others)
            worst.append(_worst(each, scores[at:end]))
            at = end
        return worst


def hard_to_fool(load: Callable[[], Classifier]) -> Callable[[], WorstReading]:
    """What loads the same model, to be asked about every reading."""
    return lambda: WorstReading(load())


def _worst(found: Readings, scores: Sequence[Scores]) -> Scores:
    plain, *others = scores
    values = {label: max(one.values[label] for one in scores) for label in plain.values}
    if not found.kinds:
        return Scores(values, plain.model_name, plain.model_version)
    rises = [
        max(one.values[label] - value for label, value in plain.values.items()) for one in others
    ]
    place = max(range(len(others)), key=rises.__getitem__, default=-1)
    reading = found.others[place] if others else found.plain
    obfuscation = Obfuscation(
        kinds=tuple(kind.value for kind in found.kinds),
        reading=excerpt(found.plain, reading),
        rose=max(0.0, rises[place]) if others else 0.0,
    )
    return Scores(values, plain.model_name, plain.model_version, obfuscation)


def excerpt(plain: str, reading: str) -> str:
    """What a reading says where it departs from the plain text, with a few words around it."""
    shorter = min(len(plain), len(reading))
    begin = next((at for at in range(shorter) if plain[at] != reading[at]), shorter)
    same_end = next(
        (at for at in range(shorter - begin) if plain[-1 - at] != reading[-1 - at]), shorter - begin
    )
    end = len(reading) - same_end
    begin = reading.rfind(" ", 0, max(0, begin - _AROUND)) + 1
    stop = reading.find(" ", end + _AROUND)
    end = min(begin + _LONGEST_EXCERPT, stop if stop >= 0 else len(reading))
    before, after = "…" if begin else "", "…" if end < len(reading) else ""
    return f"{before}{reading[begin:end].strip()}{after}"
