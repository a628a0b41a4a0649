"""Loading: what is refused, what a missing network says, and that nothing asks the hub."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch
from detoxify import Detoxify

from moderation.classifier import Classifier, load, published
from moderation.classifier.loading import SHIPPED_FOLDER, load_shipped
from moderation.classifier.pinned import MANIFEST_SHA256
from moderation.classifier.weights import decode
from moderation.errors import ModelRefused, ModelUnavailable

REPOSITORY = Path(__file__).resolve().parents[3]
Exports = list[list[str]]


class Malice:
    """Unpickled without care, it creates a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch {self.target}",)


@pytest.fixture
def opened(exports: Exports, tmp_path: Path) -> Callable[[Path], Classifier]:
    """Loads a checkpoint by its path; the export happens in this process."""
    return lambda file: load(str(file), tmp_path / "cache")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every attempt to connect fail the test."""

    def refuse(*_: object) -> NoReturn:
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def change(file: Path, **arch: object) -> None:
    """Rewrite a checkpoint with other architecture values."""
    content = torch.load(file, weights_only=True)
    content["config"]["arch"]["args"].update(arch)
    torch.save(content, file)


def test_a_checkpoint_file_loads_from_anywhere_without_a_network(
    tiny: Path, opened: Any, no_network: None, tmp_path_factory: Any, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    classifier = opened(tiny)
    assert classifier.name == "tiny"
    assert classifier.version == hashlib.sha256(tiny.read_bytes()).hexdigest()[:8]
    assert classifier.labels == (
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    )


def test_the_configuration_may_lie_in_a_folder_named_like_the_file(tiny: Path, opened: Any) -> None:
    folder = tiny.with_suffix("")
    folder.mkdir()
    for name in ("config.json", "vocab.txt", "tokenizer_config.json"):
        shutil.move(tiny.with_name(name), folder / name)
    assert opened(tiny).name == "tiny"


def test_a_checkpoint_in_half_precision_gives_nearly_the_same(tiny: Path, opened: Any) -> None:
    single = opened(tiny).score(["you idiot"])[0].values
    content = torch.load(tiny, weights_only=True)
    content["state_dict"] = {k: v.half() for k, v in content["state_dict"].items()}
    torch.save(content, tiny)
    half = opened(tiny).score(["you idiot"])[0].values
    assert half == pytest.approx(dict(single), abs=0.02)


def test_a_malicious_pickle_is_refused_and_does_nothing(tiny: Path, opened: Any) -> None:
    target = tiny.with_name("harm")
    change(tiny, model_type=str(tiny.parent))
    content = torch.load(tiny, weights_only=True)
    content["extra"] = Malice(target)
    torch.save(content, tiny)
    with pytest.raises(ModelRefused, match="could run code"):
        opened(tiny)
    assert not target.exists()
    # The same file in the hands of Detoxify itself is as harmful as it was meant to be.
    with contextlib.suppress(OSError):
        Detoxify(checkpoint=str(tiny), huggingface_config_path=str(tiny.parent))
    assert target.exists()


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"PK\x03\x04 half an archive"])
def test_a_file_that_is_no_checkpoint_is_refused(tiny: Path, opened: Any, content: bytes) -> None:
    tiny.write_bytes(content)
    with pytest.raises(ModelRefused):
        opened(tiny)


@pytest.mark.parametrize(
    "content",
    [
        {},
        [1, 2],
        {"state_dict": {}},
        {"config": {"arch": {"args": {}}, "dataset": {"args": {"classes": []}}}, "state_dict": {}},
    ],
)
def test_a_pickle_of_another_shape_is_refused(tmp_path: Path, content: object) -> None:
    file = tmp_path / "model.ckpt"
    torch.save(content, file)
    with pytest.raises(ModelRefused, match="format"):
        decode(file.read_bytes(), file)


def test_only_known_architectures_are_built(tiny: Path, opened: Any) -> None:
    change(tiny, model_name="AutoModel")
    with pytest.raises(ModelRefused):
        opened(tiny)


def test_weights_under_other_names_are_refused_instead_of_left_random(
    tiny: Path, opened: Any
) -> None:
    content = torch.load(tiny, weights_only=True)
    content["state_dict"] = {f"model.{k}": v for k, v in content["state_dict"].items()}
    torch.save(content, tiny)
    with pytest.raises(ModelRefused):
        opened(tiny)


def test_a_missing_weight_is_refused(tiny: Path, opened: Any) -> None:
    content = torch.load(tiny, weights_only=True)
    del content["state_dict"]["classifier.weight"]
    torch.save(content, tiny)
    with pytest.raises(ModelRefused, match=r"classifier\.weight"):
        opened(tiny)


def test_a_missing_tokenizer_is_refused(tiny: Path, opened: Any) -> None:
    for name in ("vocab.txt", "tokenizer_config.json"):
        tiny.with_name(name).unlink()
    with pytest.raises(ModelRefused):
        opened(tiny)


def test_a_missing_configuration_says_where_to_put_it(tiny: Path, opened: Any) -> None:
    tiny.with_name("config.json").unlink()
    with pytest.raises(ModelRefused, match=r"config\.json"):
        opened(tiny)


def test_a_wrong_number_of_labels_is_refused(tiny: Path, opened: Any) -> None:
    file = tiny.with_name("config.json")
    config = json.loads(file.read_text())
    config["id2label"] = {"0": "a", "1": "b"}
    config["label2id"] = {"a": 0, "b": 1}
    file.write_text(json.dumps(config))
    with pytest.raises(ModelRefused):
        opened(tiny)


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"parley-small.*unbiased-small"):
        load("perspective", tmp_path)


def test_a_published_model_without_a_network_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object, **__: object) -> NoReturn:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(published.urllib.request, "urlopen", unreachable)
    with pytest.raises(ModelUnavailable, match="parley-small") as caught:
        load("original", tmp_path)
    assert "toxic_original-c1212f89.ckpt" in str(caught.value)
    assert not isinstance(caught.value, ModelRefused)
    assert list(tmp_path.rglob("*.*")) == []


def test_a_published_model_with_another_hash_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "original" / "toxic_original-c1212f89.ckpt"
    file.parent.mkdir()
    file.write_bytes(b"something else")
    with pytest.raises(ModelRefused, match="c1212f89"):
        load("original", tmp_path)


def test_a_download_with_another_hash_is_refused_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"something else")
    monkeypatch.setattr(published.urllib.request, "urlopen", lambda *_, **__: wrong.open("rb"))
    with pytest.raises(ModelRefused, match="c1212f89"):
        load("original", tmp_path / "cache")
    assert [p for p in (tmp_path / "cache").rglob("*") if p.is_file()] == []


def test_a_published_model_is_downloaded_once_and_exported_once(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exports: Exports, no_network: None
) -> None:
    # Where its base model's configuration would be fetched from, without a network.
    change(tiny, model_type=str(tiny.parent))
    prefix = hashlib.sha256(tiny.read_bytes()).hexdigest()[:8]
    monkeypatch.setattr(published, "PUBLISHED", {"original": f"v0/toy-{prefix}.ckpt"})
    monkeypatch.setattr(published.urllib.request, "urlopen", lambda *_, **__: tiny.open("rb"))
    first = load("original", tmp_path / "cache")
    assert (first.name, first.version) == ("original", prefix)
    monkeypatch.setattr(published.urllib.request, "urlopen", None)
    second = load("original", tmp_path / "cache")
    assert second.score(["nice day"]) == first.score(["nice day"])
    assert len(exports) == 1


def test_the_shipped_folder_is_complete_and_small() -> None:
    manifest = json.loads((SHIPPED_FOLDER / "manifest.json").read_text())
    present = {p.name for p in SHIPPED_FOLDER.iterdir()} - {"manifest.json", ".gitattributes"}
    assert set(manifest["files"]) == present
    assert sum(p.stat().st_size for p in SHIPPED_FOLDER.iterdir()) < 50_000_000


@pytest.mark.parametrize(
    "name",
    [
        "parley-small.ckpt",
        "tokenizer.json",
        "config.json",
        "graph.onnx",
        "runtime.json",
    ],
)
def test_a_flipped_byte_in_the_shipped_model_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "parley-small"
    shutil.copytree(SHIPPED_FOLDER, folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(ModelRefused, match="SHA-256"):
        load_shipped(folder, MANIFEST_SHA256)


def test_a_rewritten_manifest_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "parley-small"
    shutil.copytree(SHIPPED_FOLDER, folder)
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace('"1.', '"9.'))
    with pytest.raises(ModelRefused, match=r"manifest\.json"):
        load_shipped(folder, MANIFEST_SHA256)


SERVING = """
import sys
from app import create_app
from web.runtime import runtime_of
classifier = runtime_of(create_app({"PARLEY_INSTANCE": sys.argv[1]})).classifier
classifier.start()
assert classifier.wait_ready(60), classifier.failure
rude, kind = classifier.score(["You stupid idiot.", "Thank you."], timeout=60)
assert rude.values["insult"] > 0.5 > kind.values["insult"]
heavy = {"torch", "transformers", "detoxify", "onnx", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""


def test_an_application_that_scores_has_not_imported_torch(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVING, str(tmp_path)],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
