"""Knows how trained weights become the shipped folder: calibrated, halved, prepared, pinned.

Run `python -m training.package --weights FILE`; then `python -m training.evaluate`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import BertForSequenceClassification, BertTokenizer

from moderation.classifier.export.packing import pack_beside
from moderation.classifier.packed import RUNTIME
from training.data import DEFAULT_FOLDER, LABELS, Example, read
from training.measures import natural_weights
from training.train import base_folder, new_model

NAME = "parley-small"
VERSION = "1.2.0"
# Tokens that the service reads at once. Seen on the comments of over 128 tokens that were kept
# apart, validation and held-out together, holding at 0.5: windows of 96 find 71 to 88 % of the
# toxic ones, one reading of 512 finds 58 to 69 %; of the clean ones they hold 3 to 4 %, against
# 1 %; the areas for toxicity differ by less than 0.004. An insult in the middle of two pages of
# harmless text is mostly found by windows of 96, never by 512.
WINDOW = 96
REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "moderation" / "classifier" / NAME
PINNED = REPOSITORY / "moderation" / "classifier" / "pinned.py"
# Keeps a label with a dozen positive texts from being stretched to fit them.
_PULL = 2.0


def logits_of(
    model: BertForSequenceClassification, texts: Sequence[str], tokenizer: BertTokenizer
) -> np.ndarray:
    """Raw outputs, shape (texts, 6), each text on its own and cut where Detoxify cuts it."""
    model.eval()  # type: ignore[no-untyped-call]
    rows = []
    with torch.inference_mode():
        for text in texts:
            inputs = tokenizer(text, return_tensors="pt", truncation=True, max_length=512)
            rows.append(model(**inputs).logits[0].numpy())
    return np.stack(rows)


def calibrate(logits: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Find the slope and offset that make one label's logits honest at the weights given.

    Platt scaling (Platt 1999): minimise the weighted cross entropy of
    sigmoid(slope * logit + offset), with a pull towards leaving the logits as they are.
    """
    values = torch.tensor(logits, dtype=torch.float64)
    answers = torch.tensor(truth, dtype=torch.float64)
    scale = torch.tensor(weights, dtype=torch.float64)
    found = torch.tensor([0.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([found], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        fitted = torch.exp(found[0]) * values + found[1]
        total = (
            scale
            * torch.nn.functional.binary_cross_entropy_with_logits(
                fitted, answers, reduction="none"
            )
        ).sum() + _PULL * (found**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return float(found[0].detach().exp()), float(found[1].detach())


def fold_in(
    model: BertForSequenceClassification,
    validation: Sequence[Example],
    tokenizer: BertTokenizer,
) -> None:
    """Calibrate on the validation part and put the result into the last layer's weights."""
    truth = np.array([example.targets for example in validation])
    weights = natural_weights(truth)
    logits = logits_of(model, [example.text for example in validation], tokenizer)
    with torch.no_grad():
        for column, label in enumerate(LABELS):
            slope, offset = calibrate(logits[:, column], truth[:, column], weights)
            model.classifier.weight[column] *= slope
            model.classifier.bias[column] = model.classifier.bias[column] * slope + offset
            print(f"{label}: slope {slope:.3f} offset {offset:+.3f}", flush=True)


def write(model: BertForSequenceClassification, folder: Path) -> None:
    """Write the checkpoint in Detoxify's format, in half precision, and what goes with it."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.half() for name, value in model.state_dict().items()}
    place = folder.relative_to(REPOSITORY) if folder.is_relative_to(REPOSITORY) else folder
    args = {
        "model_type": place.as_posix(),
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(LABELS),
    }
    config = {"arch": {"args": args}, "dataset": {"args": {"classes": list(LABELS)}}}
    torch.save({"config": config, "state_dict": state}, folder / f"{NAME}.ckpt")
    base = base_folder()
    for name in ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json"):
        shutil.copyfile(base / name, folder / name)
    _write_json(folder / "config.json", _config(base))
    tokenizer = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    # The base model's file cuts and pads to 128 tokens, which a toxicity model must not.
    tokenizer["truncation"] = tokenizer["padding"] = None
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text + "\n", encoding="utf-8")
    (folder / ".gitattributes").write_text("* -text\n*.ckpt binary\n", encoding="utf-8")


def prepare(folder: Path) -> None:
    """Write what lets the service run the checkpoint without torch, after comparing both."""
    for name, data in pack_beside(folder / f"{NAME}.ckpt", NAME, WINDOW).items():
        (folder / name).write_bytes(data)
    compared = json.loads((folder / RUNTIME).read_bytes())["compared_with_detoxify"]
    print(f"the service's own sentences, against Detoxify: {compared}", flush=True)


def _config(base: Path) -> dict[str, Any]:
    config = json.loads((base / "config.json").read_text(encoding="utf-8"))
    config.pop("transformers_version", None)
    names = dict(enumerate(LABELS))
    return {
        **config,
        "_name_or_path": NAME,
        "architectures": ["BertForSequenceClassification"],
        # The file holds half precision; a processor computes it in single.
        "dtype": "float32",
        "torch_dtype": "float32",
        "num_labels": len(LABELS),
        "id2label": {str(number): name for number, name in names.items()},
        "label2id": {name: number for number, name in names.items()},
        "problem_type": "multi_label_classification",
    }


def _write_json(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def pin(folder: Path, pinned: Path) -> str:
    """List every file with its SHA-256 in the manifest, and pin the manifest's own in the code."""
    listed = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.iterdir())
        if file.is_file() and file.name not in ("manifest.json", ".gitattributes")
    }
    shown = [
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    ]
    content = {
        "name": NAME,
        "version": VERSION,
        "labels": shown,
        "window": WINDOW,
        "files": listed,
    }
    _write_json(folder / "manifest.json", content)
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    pinned.write_text(
        '"""Knows the one manifest that the shipped model may have; '
        'written by `training.package`."""\n\n'
        f'MANIFEST_SHA256 = "{digest}"\n',
        encoding="utf-8",
    )
    return digest


def main() -> None:
    """Pack the weights given, or with none only prepare and pin the folder's files again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--pinned", type=Path, default=PINNED)
    given = parser.parse_args()
    if given.weights is not None:
        torch.set_num_threads(1)
        model = new_model(base_folder())
        model.load_state_dict(torch.load(given.weights, weights_only=True))
        tokenizer = BertTokenizer.from_pretrained(base_folder())
        fold_in(model, read(given.data).validation, tokenizer)
        write(model, given.folder)
    prepare(given.folder)
    print(f"pinned {pin(given.folder, given.pinned)}")


if __name__ == "__main__":
    main()
