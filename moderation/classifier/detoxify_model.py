"""Knows how Detoxify itself loads and runs a model: for an export, and to be compared with."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from moderation.classifier.packed import open_packed
from moderation.classifier.pinned import MANIFEST_SHA256
from moderation.classifier.scores import Scores
from moderation.classifier.weights import Checkpoint, decode, read_bytes, rewritten
from moderation.classifier.windows import MOST_TOKENS, Numbers, Reader, highest
from moderation.errors import ModelRefused

SHIPPED_FOLDER = Path(__file__).resolve().parent / "parley-small"

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


class DetoxifyClassifier:
    """A Classifier around one `detoxify.Detoxify`, in torch: what a packed model is compared with.

    It reads texts in the same windows. Not to be shared between threads.
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
        """Score each text, in the order given; [] for []. Raises ScoringFailed for no number."""
        from tokenizers import Tokenizer

        reader = Reader(Tokenizer.from_str(self.tokenizer_json()), self.window)
        padding = self._model.tokenizer.pad_token_id or 0
        rows = highest(texts, reader, self._forward, labels=len(self.labels), padding=padding)
        return [
            Scores(dict(zip(self.labels, row, strict=True)), self.name, self.version)
            for row in rows.tolist()
        ]

    def predict(self, text: str) -> dict[str, float]:
        """What Detoxify's own `predict` says of one text, cut at 512 tokens."""
        scores: dict[str, float] = self._model.predict(text)
        return scores

    def predict_all(self, texts: Sequence[str]) -> dict[str, list[float]]:
        """What Detoxify's own `predict` says of a list, padded to its longest."""
        scores: dict[str, list[float]] = self._model.predict(list(texts))
        return scores

    def tokenizer_json(self) -> str:
        """The tokenizer in the format of the package `tokenizers`, neither cutting nor padding.

        Raises ModelRefused for a tokenizer that is not of that package.
        """
        backend = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelRefused("The model's tokenizer is of a kind that cannot be exported.")
        content = json.loads(backend.to_str())
        content["truncation"] = content["padding"] = None
        return json.dumps(content, ensure_ascii=False)

    def _forward(self, ids: Numbers, mask: Numbers) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            given = torch.from_numpy(ids), torch.from_numpy(mask)
            logits = self._model.model(input_ids=given[0], attention_mask=given[1]).logits
        return cast(NDArray[np.float32], logits.numpy())


def load_plain() -> DetoxifyClassifier:
    """The shipped model as Detoxify itself runs it, in single precision, after the same checks."""
    packed = open_packed(SHIPPED_FOLDER, MANIFEST_SHA256)
    file = SHIPPED_FOLDER / packed.weights
    model = open_detoxify(decode(read_bytes(file), file), SHIPPED_FOLDER)
    return DetoxifyClassifier(model, packed.name, packed.version, packed.window)
