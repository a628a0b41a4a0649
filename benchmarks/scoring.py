"""Measures scoring against plain Detoxify: texts a second, one comment's time, memory, start.

Run `python -m benchmarks.scoring`; takes some minutes, with --quick one. It prints a Markdown
table. The texts are made up, of 5 to 300 words, the same for all. `original`'s weights are not
shipped: a model of its architecture (BERT base, 110 million parameters) stands for it, with
random weights, which take the same time. Each contender runs in a process of its own.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from moderation.classifier import load
from moderation.classifier.loading import SHIPPED

SMALL, LARGE = SHIPPED, "architecture of original"
ONE_BY_ONE, LISTS, OURS = "Detoxify, one by one", "Detoxify, lists of 32", "ours"
# How many texts each is given; Detoxify's lists, all padded to their longest, would take minutes.
_COUNTS = {(SMALL, ONE_BY_ONE): 256, (SMALL, LISTS): 128, (SMALL, OURS): 512,
           (LARGE, ONE_BY_ONE): 64, (LARGE, LISTS): 32, (LARGE, OURS): 128}  # fmt: skip
_LIST = 32
_SENTENCE = (
    "the council said today that nobody in this town would pay more for water while I think "
    "they should explain why last year was different and who decides such things anyway"
)
_WORDS = _SENTENCE.split()

Score = Callable[[Sequence[str]], Any]


def comments(count: int, seed: int = 5) -> list[str]:
    """Made-up comments of 5 to 300 words, most of them short (mean about 45)."""
    rng = random.Random(seed)
    lengths = [min(300, max(5, int(rng.lognormvariate(3.4, 0.9)))) for _ in range(count)]
    return [" ".join(rng.choices(_WORDS, k=length)) for length in lengths]


def make_large(folder: Path) -> Path:
    """Write a checkpoint of BERT base in Detoxify's format; returns its path."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    from moderation.classifier.detoxify_model import SHIPPED_FOLDER

    classes = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
    torch.manual_seed(1)
    config = BertConfig(num_labels=len(classes))
    model = BertForSequenceClassification(config)
    args = {
        "model_type": str(folder),
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(classes),
    }
    about = {"arch": {"args": args}, "dataset": {"args": {"classes": classes}}}
    torch.save({"config": about, "state_dict": model.state_dict()}, folder / "large.ckpt")
    config.save_pretrained(folder)
    for name in ("vocab.txt", "tokenizer_config.json", "tokenizer.json", "special_tokens_map.json"):
        (folder / name).write_bytes((SHIPPED_FOLDER / name).read_bytes())
    return folder / "large.ckpt"


def _opened(model: str, contender: str, folder: Path) -> Score:
    """What scores a list of texts, as the contender would be used."""
    if contender == OURS:
        return load(
            SHIPPED if model == SMALL else str(folder / "large.ckpt"), folder / "cache"
        ).score
    from moderation.classifier import detoxify_model as detoxify
    from moderation.classifier.weights import decode, read_bytes

    if model == SMALL:
        plain = detoxify.load_plain()
    else:
        file = folder / "large.ckpt"
        opened = detoxify.open_detoxify(decode(read_bytes(file), file), folder)
        plain = detoxify.DetoxifyClassifier(opened, "large", "1")
    if contender == ONE_BY_ONE:
        return lambda texts: [plain.predict(text) for text in texts]
    predict = plain.predict_all
    return lambda texts: [predict(texts[at : at + _LIST]) for at in range(0, len(texts), _LIST)]


def _memory(which: str) -> float:
    """MB of this process: VmRSS now, VmHWM at most."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(which))


def measure(model: str, contender: str, folder: Path, begun: float) -> None:
    """Print one row of the table; `begun` is when this process was asked for (epoch seconds)."""
    score = _opened(model, contender, folder)
    short = " ".join(_WORDS)
    score([short])
    first = time.time() - begun
    alone = sorted(_seconds(score, [short]) for _ in range(60 if model == SMALL else 30))
    texts = comments(_COUNTS[model, contender])
    rate = len(texts) / _seconds(score, texts)
    print(
        f"| {model} | {contender} | {rate:.1f} | {statistics.median(alone) * 1000:.1f} "
        f"| {alone[int(len(alone) * 0.95)] * 1000:.1f} | {_memory('VmRSS'):.0f} "
        f"| {_memory('VmHWM'):.0f} | {first:.1f} |",
        flush=True,
    )


def _seconds(score: Score, texts: Sequence[str]) -> float:
    began = time.perf_counter()
    score(texts)
    return time.perf_counter() - began


def compare(models: Sequence[str], folder: Path) -> None:
    """Print the table, and what the rows come to."""
    print(
        "| model | run by | texts/s | 30 words, p50 ms | p95 ms | MB now | MB at most "
        "| s from start to first score |\n|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    rates: dict[tuple[str, str], float] = {}
    for model, contender in _COUNTS:
        if model not in models:
            continue
        command = [sys.executable, "-m", "benchmarks.scoring", "--only", model, contender]
        command += ["--folder", str(folder), "--begun", str(time.time())]
        row = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        print(row, end="", flush=True)
        rates[model, contender] = float(row.split("|")[3])
    if LARGE in models:
        base = rates[LARGE, ONE_BY_ONE]
        small, large = rates[SMALL, OURS] / base, rates[LARGE, OURS] / base
        print(
            f"\nTimes the texts/s of Detoxify one by one with {LARGE}: {SMALL} as we run it "
            f"{small:.0f} (to be 50), that architecture as we run it {large:.1f} (to be 5)."
        )


def main() -> None:
    """Compare all, or measure one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"only {SMALL}")
    parser.add_argument("--only", nargs=2, metavar=("MODEL", "CONTENDER"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--begun", type=float, default=0.0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        measure(*given.only, given.folder, given.begun)
        return
    with tempfile.TemporaryDirectory() as scratch:
        if not given.quick:
            file = make_large(Path(scratch))
            # Exported once, as by a server's first start; that is not what is measured.
            exported = load(str(file), Path(scratch) / "cache")
            runtime = next((Path(scratch) / "cache").glob("onnx-*/runtime.json"))
            precision = runtime.read_text(encoding="utf-8").split('"precision": "')[1][:4]
            print(f"The {LARGE} was exported in {precision}.\n")
            del exported
        compare([SMALL] if given.quick else [SMALL, LARGE], Path(scratch))


if __name__ == "__main__":
    main()
