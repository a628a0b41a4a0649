"""Runs a Detoxify model: sorts texts by length, windows long ones, and keeps the worst of each."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moderation.classifier.scores import Scores
from moderation.classifier.weights import Checkpoint, rewritten
from moderation.errors import ModelRefused, ScoringFailed

# Padded tokens in one forward pass: larger passes cost memory and were no faster.
TOKENS_A_PASS = 2_048
# Tokens that two neighbouring windows share, so that no insult is split between them.
OVERLAP = 64
MOST_TOKENS = 512

_offline_lock = threading.Lock()


@contextmanager
def offline() -> Iterator[None]:
    """Forbid the model hub while the body runs: whatever is not local then fails at once."""
    import huggingface_hub.constants as hub

    with _offline_lock:
        before = hub.HF_HUB_OFFLINE, os.environ.get("HF_HUB_OFFLINE")
        hub.HF_HUB_OFFLINE = True
        os.environ["HF_HUB_OFFLINE"] = "1"
        try:
            yield
        finally:
            hub.HF_HUB_OFFLINE = before[0]
            if before[1] is None:
                del os.environ["HF_HUB_OFFLINE"]
            else:
                os.environ["HF_HUB_OFFLINE"] = before[1]


def open_detoxify(checkpoint: Checkpoint, folder: Path) -> Any:
    """Build a `detoxify.Detoxify` from decoded weights and a folder with its configuration.

    Raises ModelRefused when the folder and the weights do not belong together.
    """
    import transformers
    from detoxify import Detoxify

    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with offline():
        try:
            model = Detoxify(
                checkpoint=rewritten(checkpoint, folder), huggingface_config_path=str(folder)
            )
        except (OSError, RuntimeError, ValueError, KeyError, AttributeError) as error:
            raise ModelRefused(
                f"The model does not fit the configuration and tokenizer in {folder}: {error}"
            ) from error
    _compare(model, checkpoint)
    _check_vocabulary(model, folder)
    # Weights kept in half precision would also be computed in it, slowly and less exactly.
    model.model.float().eval()
    return model


def _compare(model: Any, checkpoint: Checkpoint) -> None:
    """Make sure that every weight came from the file: a name that matches none is left random."""
    import torch

    for name, parameter in model.model.named_parameters():
        given = checkpoint.state.get(name)
        if given is None or not torch.equal(given.to(parameter.dtype), parameter.detach()):
            raise ModelRefused(
                f"The checkpoint does not set the weight {name!r}; it is not usable."
            )


def _check_vocabulary(model: Any, folder: Path) -> None:
    """Make sure that the tokenizer is the model's: without its files it knows five words."""
    known, expected = len(model.tokenizer), int(model.model.config.vocab_size)
    if known > expected or known < 0.9 * expected:
        raise ModelRefused(
            f"The tokenizer in {folder} knows {known} words, the model expects {expected}. "
            "Put the model's own tokenizer files there."
        )


@dataclass(frozen=True)
class _Window:
    """A stretch of one text's tokens, frame tokens included."""

    owner: int
    tokens: list[int]


class DetoxifyClassifier:
    """A Classifier around one `detoxify.Detoxify`; not to be shared between threads.

    Its numbers are those of Detoxify's own `predict` for texts that fit into one window of
    `window` tokens. Longer ones are read in overlapping windows and get each label's largest:
    `predict` would cut them, and would let an insult drown in harmless words around it.
    """

    def __init__(self, model: Any, name: str, version: str, window: int = MOST_TOKENS) -> None:
        self._model = model
        self.name = name
        self.version = version
        self.labels: tuple[str, ...] = tuple(model.class_names)
        config = model.model.config
        # Tokens in one window, frame tokens included.
        # RoBERTa counts its positions from behind the padding token.
        reserved = 2 if "roberta" in config.model_type else 0
        self.window = min(
            window, model.tokenizer.model_max_length, config.max_position_embeddings - reserved
        )

    def score(self, texts: Sequence[str]) -> list[Scores]:
        """Score each text, in the order given; [] for []."""
        if not texts:
            return []
        best = [[0.0] * len(self.labels) for _ in texts]
        windows = sorted(self._windows(texts), key=lambda window: len(window.tokens))
        for group in _passes(windows):
            for window, row in zip(group, self._forward(group), strict=True):
                best[window.owner] = [
                    max(pair) for pair in zip(best[window.owner], row, strict=True)
                ]
        return [
            Scores(dict(zip(self.labels, row, strict=True)), self.name, self.version)
            for row in best
        ]

    def predict(self, text: str) -> dict[str, float]:
        """What Detoxify's own `predict` says of one text, cut at 512 tokens; for comparisons."""
        scores: dict[str, float] = self._model.predict(text)
        return scores

    def _windows(self, texts: Sequence[str]) -> list[_Window]:
        encoded = self._model.tokenizer(
            [_encodable(text) for text in texts],
            truncation=True,
            max_length=self.window,
            stride=min(OVERLAP, self.window // 4),
            return_overflowing_tokens=True,
            return_attention_mask=False,
        )
        owners = encoded["overflow_to_sample_mapping"]
        return [
            _Window(owner, tokens)
            for owner, tokens in zip(owners, encoded["input_ids"], strict=True)
        ]

    def _forward(self, group: Sequence[_Window]) -> list[list[float]]:
        """One pass over windows of like length: (windows, labels) probabilities."""
        import torch

        width = max(len(window.tokens) for window in group)
        ids = torch.full((len(group), width), self._model.tokenizer.pad_token_id or 0)
        mask = torch.zeros((len(group), width), dtype=torch.long)
        for row, window in enumerate(group):
            ids[row, : len(window.tokens)] = torch.tensor(window.tokens)
            mask[row, : len(window.tokens)] = 1
        with torch.inference_mode():
            logits = self._model.model(input_ids=ids, attention_mask=mask).logits
        # Not a number is below every threshold: it would publish what was never judged.
        if not torch.isfinite(logits).all():
            raise ScoringFailed("The model gave no number for this text.")
        rows: list[list[float]] = torch.sigmoid(logits[:, : len(self.labels)]).tolist()
        return rows


def _passes(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """Group windows sorted by length so that no pass is larger than TOKENS_A_PASS once padded."""
    group: list[_Window] = []
    for window in windows:
        if group and len(window.tokens) * (len(group) + 1) > TOKENS_A_PASS:
            yield group
            group = []
        group.append(window)
    if group:
        yield group


def _encodable(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates: JSON can carry them, no tokenizer takes."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
