"""Models for the classifier's tests: a tiny random one made on the spot, and the shipped one."""

from __future__ import annotations

import contextlib
import io
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from moderation.classifier import Classifier, exported, load
from moderation.classifier.export import __main__ as command
from moderation.classifier.export import packing
from tests.moderation.classifier.tiny import make

# The other threads of a busy machine are not worth waiting for.
torch.set_num_threads(1)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The path of a tiny checkpoint with its configuration and tokenizer beside it."""
    return make(tmp_path)


@pytest.fixture
def few_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compare an export on a handful of sentences: here it is not the judgement that is tested."""
    few = ["you idiot", "nice day", "you", "idiot, idiot!", "have a nice day", ""]
    monkeypatch.setattr(packing, "sentences", lambda: few)


@pytest.fixture
def exports(few_sentences: None, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Let exports happen in this process; the list of the commands that were given."""
    given: list[list[str]] = []

    def run(arguments: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        given.append(list(arguments))
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            code = command.main(arguments[3:])
        return subprocess.CompletedProcess(arguments, code, told.getvalue(), "")

    monkeypatch.setattr(exported.subprocess, "run", run)
    return given


@pytest.fixture
def small(tiny: Path, exports: list[list[str]], tmp_path: Path) -> Any:
    """The tiny random model as a classifier: 64 tokens at most."""
    return load(str(tiny), tmp_path / "cache")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """The model in the repository, loaded once."""
    return load("parley-small", tmp_path_factory.mktemp("cache"))
