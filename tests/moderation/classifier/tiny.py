"""Tiny random checkpoints of every architecture that Detoxify knows, made on the spot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

RAW_LABELS = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
# What `unbiased` and `multilingual` return of their sixteen outputs.
OTHER_LABELS = ["toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat"]
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SAID = ["you", "idiot", "nice", "day", ".", "!", ","]
WORDS = [
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"),
    *_LETTERS,
    *(f"##{letter}" for letter in _LETTERS),
    *_SAID,
]


def make(
    folder: Path, architecture: str = "Bert", spread: float = 0.4, positions: int = 64
) -> Path:
    """Write a checkpoint of two layers of 32 with its configuration and tokenizer; its path.

    `architecture` is Bert, Roberta, XLMRoberta or Albert; `spread` is that of its weights, large
    enough for texts to differ in their scores.
    """
    torch.manual_seed(3)
    labels = RAW_LABELS if architecture in ("Bert", "Albert") else OTHER_LABELS
    outputs = 6 if labels is RAW_LABELS else 16
    words = _write_tokenizer(folder, architecture)
    config = _configuration(architecture, words, outputs, spread, positions)
    config.save_pretrained(folder)
    model = getattr(transformers, f"{architecture}ForSequenceClassification")(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.1)
    args = {
        "model_type": "a-name-on-a-hub",
        "model_name": f"{architecture}ForSequenceClassification",
        "tokenizer_name": f"{architecture}Tokenizer",
        "num_classes": outputs,
    }
    content = {
        "config": {"arch": {"args": args}, "dataset": {"args": {"classes": labels}}},
        "state_dict": model.state_dict(),
    }
    torch.save(content, folder / "tiny.ckpt")
    return folder / "tiny.ckpt"


def _configuration(
    architecture: str, words: int, outputs: int, spread: float, positions: int
) -> Any:
    given: dict[str, Any] = {
        "vocab_size": words,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": positions,
        "num_labels": outputs,
        "initializer_range": spread,
    }
    if architecture == "Albert":
        given["embedding_size"] = 16
    if "Roberta" in architecture:
        given |= {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    return getattr(transformers, f"{architecture}Config")(**given)


def _write_tokenizer(folder: Path, architecture: str) -> int:
    """Write a tokenizer as the architecture has it; how many words it knows."""
    settings = {"tokenizer_class": f"{architecture}Tokenizer", "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    if architecture == "Bert":
        (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n", encoding="utf-8")
        return len(WORDS)
    made = _bytes() if architecture == "Roberta" else _pieces(architecture)
    made.save(str(folder / "tokenizer.json"))
    return int(made.get_vocab_size())


def _bytes() -> Tokenizer:
    names = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    names += sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({name: place for place, name in enumerate(names)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return made


def _pieces(architecture: str) -> Tokenizer:
    names = ["<s>", "<pad>", "</s>", "<unk>"]
    if architecture == "Albert":
        names = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [(name, 0.0) for name in names]
    pieces += [(piece, -3.0) for piece in ("\u2581", *_LETTERS)]
    pieces += [(f"\u2581{word}", -1.0) for word in _SAID]
    pieces += [("<mask>", 0.0)] if architecture == "XLMRoberta" else []
    unknown = names.index("<unk>")
    made = Tokenizer(models.Unigram(pieces, unknown))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    first, last = ("[CLS]", "[SEP]") if architecture == "Albert" else ("<s>", "</s>")
    made.post_processor = processors.TemplateProcessing(
        single=f"{first} $A {last}",
        special_tokens=[(first, names.index(first)), (last, names.index(last))],
    )
    return made
