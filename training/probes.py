"""Knows the sentences that judge a model by: what words mean, not which words there are.

They stand in probes.tsv: kind, whether a model should hold it (1) or not (0), text. They were
written apart from everything that a model is trained on, and nothing near them is trained on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

_FILE = Path(__file__).resolve().with_name("probes.tsv")
_NAMES = {
    "neutral_identity": "neutral mention of a group",
    "positive_identity": "praise of a group",
    "quoted_hate": "speaking against abuse, quoting it",
    "referenced_hate": "speaking against abuse, not quoting it",
    "negated_hate": "denying what hate claims",
    "reclaimed": "a slur worn with pride",
    "homonym": "a rude word in its other sense",
    "objects": "anger at things",
    "mild_swearing": "swearing at nobody",
    "harsh_but_civil": "harsh but civil",
    "violence_in_news": "violence in the news",
    "insult": "insult",
    "hate": "hate",
    "threat": "threat",
    "quoted_and_endorsed": "abuse quoted to agree with it",
    "quoting_harmless_to_insult": "an insult to somebody who is quoted",
    "veiled_insult": "contempt without a rude word",
}


def probes() -> Mapping[str, tuple[tuple[str, ...], bool]]:
    """Kind of sentence -> (sentences, whether a model should hold them), in the file's order."""
    found: dict[str, list[str]] = {}
    expected: dict[str, bool] = {}
    for kind, hold, text in _rows():
        found.setdefault(_NAMES[kind], []).append(text)
        expected[_NAMES[kind]] = hold == "1"
    return {name: (tuple(texts), expected[name]) for name, texts in found.items()}


def sentences() -> list[str]:
    """All of them."""
    return [text for _, _, text in _rows()]


def _rows() -> Iterator[tuple[str, str, str]]:
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        kind, hold, text = line.split("\t")
        yield kind, hold, text
