"""Knows how a packaged model learns what a sentence does with its words, and forgets nothing else.

Run `python -m training.refine --out FOLDER`. A short descent from the packaged weights on texts of
`voices`, among enough of what was learnt before that none of it is lost.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from transformers import BertForSequenceClassification, BertTokenizer

from training.data import (
    DEFAULT_FOLDER,
    HATE,
    SEED,
    SEVERE,
    THREAT,
    Example,
    NearCopies,
    read,
)
from training.package import FOLDER, NAME, logits_of
from training.probes import sentences
from training.train import Plan, base_folder, fit, new_model, samples, soften
from training.voices import voices

OF_EACH_KIND = 600
REPLAYED = 8_000
# Of all seen before, those that people wrote come back oftener than those made for training.
_WIKIPEDIA_SHARE = 0.65
_RARE = (THREAT, HATE, SEVERE)
PLAN = Plan(epochs=2, passes=2, first=3, scale=0.3)
LAST = PLAN.first + PLAN.passes
REFINED = "refined.pt"
# How far to go from the old weights to the new ones: half-way most of what was learnt is there, and
# most of what would be lost is kept (Wortsman et al. 2022, arXiv:2109.01903); see the README.
WAY = 0.5


def replayed(train: Sequence[Example], rng: random.Random) -> list[Example]:
    """A sample of what was trained on before: all with a rare label, the others by chance."""
    wiki = [e for e in train if e.source in ("jigsaw6", "binary")]
    rare = [e for e in wiki if any(e.targets[label] == 1.0 for label in _RARE)]
    common = [e for e in wiki if not any(e.targets[label] == 1.0 for label in _RARE)]
    others = [e for e in train if e.source not in ("jigsaw6", "binary")]
    count = round(_WIKIPEDIA_SHARE * REPLAYED)
    rare = rng.sample(rare, min(len(rare), count // 3))
    return [
        *rare,
        *rng.sample(common, min(len(common), count - len(rare))),
        *rng.sample(others, min(len(others), REPLAYED - count)),
    ]


def made(rng: random.Random) -> list[Example]:
    """The texts of `voices`, without those that come near a sentence that judges the model."""
    apart = NearCopies(sentences())
    return [
        Example(text, targets, 0.6, "voices")
        for text, targets in voices(rng, OF_EACH_KIND)
        if text not in apart
    ]


def packaged(folder: Path) -> BertForSequenceClassification:
    """The model in a folder that `training.package` wrote, in single precision."""
    model = new_model(base_folder())
    content = torch.load(folder / f"{NAME}.ckpt", weights_only=True)
    model.load_state_dict({name: value.float() for name, value in content["state_dict"].items()})
    return model


def between(
    before: Mapping[str, torch.Tensor], after: Mapping[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Weights that lie WAY from the ones to the others."""
    return {
        name: torch.lerp(before[name], value, WAY) if value.is_floating_point() else value
        for name, value in after.items()
    }


def main() -> None:
    """Leave `epochN.pt` after each pass and in the end REFINED in the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the packaged model")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(given.threads)
    torch.manual_seed(SEED)
    torch.set_flush_denormal(True)
    rng = random.Random(SEED)
    before, model = replayed(read(given.data).train, rng), packaged(given.folder)
    tokenizer = BertTokenizer.from_pretrained(base_folder())
    # It is its own teacher: what it thought of these texts is most of what it must not forget.
    own = 1 / (1 + np.exp(-logits_of(model, [e.text[:3000] for e in before], tokenizer)))
    new = made(rng)
    examples = [*before, *new]
    nothing = np.full((len(new), own.shape[1]), np.nan, dtype=np.float32)
    soft = soften(examples, np.concatenate([own.astype(np.float32), nothing]))
    items = [replace(item, chance=1.0) for item in samples(examples, soft, tokenizer)]
    print(f"{len(before)} texts again, {len(new)} new, {len(items)} samples an epoch", flush=True)
    begun_from = {name: value.clone() for name, value in model.state_dict().items()}
    fit(model, items, tokenizer, given.out, PLAN)
    last = torch.load(given.out / f"epoch{LAST}.pt", weights_only=True)
    torch.save(between(begun_from, last), given.out / REFINED)


if __name__ == "__main__":
    main()
