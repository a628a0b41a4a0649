"""Models for the classifier's tests: a tiny random one made on the spot, and the shipped one."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from moderation.classifier import Classifier, exported, load
from moderation.classifier.export import __main__ as command
from moderation.classifier.export import packing

# The other threads of a busy machine are not worth waiting for.
torch.set_num_threads(1)


def _tiny_models() -> ModuleType:
    """The module beside this file: tests are no packages."""
    place = Path(__file__).with_name("tiny.py")
    spec = importlib.util.spec_from_file_location("tiny_models", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny_models() -> ModuleType:
    """What makes tiny checkpoints: `make(folder, architecture, spread, positions)`, WORDS."""
    return _tiny_models()


@pytest.fixture
def tiny(tiny_models: ModuleType, tmp_path: Path) -> Path:
    """The path of a tiny checkpoint with its configuration and tokenizer beside it."""
    path: Path = tiny_models.make(tmp_path)
    return path


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


Loaded = Callable[[Path], Classifier]
