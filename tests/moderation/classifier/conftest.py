"""Models for the classifier's tests: a tiny random one made on the spot, and the shipped one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from moderation.classifier import Classifier, load

RAW_LABELS = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *_LETTERS,
    *(f"##{letter}" for letter in _LETTERS),
    *("you", "idiot", "nice", "day", ".", "!", ","),
]


def tiny_content(config: BertConfig) -> dict[str, Any]:
    """A checkpoint in Detoxify's format with random weights."""
    torch.manual_seed(3)
    args = {
        "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(RAW_LABELS),
    }
    return {
        "config": {"arch": {"args": args}, "dataset": {"args": {"classes": RAW_LABELS}}},
        "state_dict": BertForSequenceClassification(config).state_dict(),
    }


def tiny_config() -> BertConfig:
    """Two layers of 32, with weights large enough for texts to differ in their scores."""
    return BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=len(RAW_LABELS),
        initializer_range=0.4,
    )


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The path of a tiny checkpoint with its configuration and tokenizer beside it."""
    config = tiny_config()
    config.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True}), encoding="utf-8"
    )
    torch.save(tiny_content(config), tmp_path / "tiny.ckpt")
    return tmp_path / "tiny.ckpt"


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """The model in the repository, loaded once."""
    return load("parley-small", tmp_path_factory.mktemp("cache"))
