"""Exports: made once, kept by what they depend on, whole or not at all, checked at each start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moderation.classifier import exported, load, loading, progress, runtime
from moderation.classifier.export import __main__ as command
from moderation.classifier.packed import MANIFEST, Packed
from moderation.classifier.weights import sha256_of
from moderation.errors import ModelRefused, ModelUnavailable

REPOSITORY = Path(__file__).resolve().parents[3]
Exports = list[list[str]]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where exports are kept."""
    return tmp_path / "cache"


def places(cache: Path) -> list[Path]:
    """Folders in the cache."""
    return sorted(each for each in cache.iterdir() if each.is_dir())


def place_of(cache: Path) -> Path:
    """The only export in the cache."""
    (place,) = places(cache)
    return place


def test_a_model_is_exported_once(tiny: Path, cache: Path, exports: Exports) -> None:
    first = load(str(tiny), cache).score(["you idiot"])
    place = place_of(cache)
    assert {each.name for each in place.iterdir()} == {
        "graph.onnx",
        "weights.bin",
        "runtime.json",
        "tokenizer.json",
        MANIFEST,
    }
    assert load(str(tiny), cache).score(["you idiot"]) == first
    assert len(exports) == 1
    assert place_of(cache) == place


def test_a_kept_export_needs_no_torch(tiny: Path, cache: Path, exports: Exports) -> None:
    load(str(tiny), cache)
    code = (
        "import sys; from pathlib import Path; from moderation.classifier import load; "
        "load(sys.argv[1], Path(sys.argv[2])).score(['you']); "
        "sys.exit(bool({'torch', 'transformers', 'onnx'} & set(sys.modules)))"
    )
    # Not `run`: here that is what makes exports.
    with subprocess.Popen([sys.executable, "-c", code, tiny, cache], cwd=REPOSITORY) as server:
        assert server.wait() == 0


@pytest.mark.parametrize("what", ["checkpoint", "configuration", "tokenizer"])
def test_another_model_is_another_export(
    what: str, tiny: Path, cache: Path, exports: Exports
) -> None:
    load(str(tiny), cache)
    if what == "checkpoint":
        import torch

        content = torch.load(tiny, weights_only=True)
        content["state_dict"]["classifier.bias"] += 0.5
        torch.save(content, tiny)
    elif what == "configuration":
        file = tiny.with_name("config.json")
        file.write_text(
            file.read_text().replace('"layer_norm_eps": 1e-12', '"layer_norm_eps": 0.1')
        )
    else:
        file = tiny.with_name("vocab.txt")
        file.write_text(file.read_text().replace("idiot\nnice", "nice\nidiot"))
    load(str(tiny), cache)
    assert len(places(cache)) == len(exports) == 2


@pytest.mark.parametrize("name", ["graph.onnx", "weights.bin", "tokenizer.json", "runtime.json"])
@pytest.mark.parametrize("damage", ["a flipped byte", "missing", "cut off"])
def test_a_damaged_export_is_made_again(
    damage: str, name: str, tiny: Path, cache: Path, exports: Exports
) -> None:
    first = load(str(tiny), cache).score(["you idiot"])
    file = place_of(cache) / name
    data = file.read_bytes()
    file.unlink()
    if damage == "a flipped byte":
        file.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])
    elif damage == "cut off":
        file.write_bytes(data[:-1])
    assert load(str(tiny), cache).score(["you idiot"]) == first
    assert len(exports) == 2
    assert file.read_bytes() == data


def test_a_manifest_that_is_damaged_does_not_stay_in_the_way(
    tiny: Path, cache: Path, exports: Exports
) -> None:
    load(str(tiny), cache)
    (place_of(cache) / MANIFEST).write_text("{")
    load(str(tiny), cache)
    assert len(exports) == 2


def test_it_says_what_takes_so_long(tiny: Path, cache: Path, exports: Exports) -> None:
    said: list[str] = []
    with progress.heard_by(said.append):
        load(str(tiny), cache)
        load(str(tiny), cache)
    # Here the export runs in this process, so what it says of its precision is heard as well.
    assert sum("tiny is being exported" in words for words in said) == 1
    heard = list(said)
    load(str(tiny), cache)
    assert said == heard


def test_nothing_half_written_is_left_or_used(
    tiny: Path, cache: Path, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []

    def full(number: int) -> None:
        written.append(number)
        if len(written) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(command.os, "fsync", full)
    with pytest.raises(ModelUnavailable, match="No space left"):
        load(str(tiny), cache)
    assert places(cache) == []


def test_what_a_dead_export_left_is_cleared(tiny: Path, cache: Path, exports: Exports) -> None:
    left = cache / "unfinished-abc"
    left.mkdir(parents=True)
    (left / MANIFEST).write_text("{}")
    load(str(tiny), cache)
    assert not left.exists()


# The command on a disk that takes its time, so that there is a moment between any two files.
SLOWLY = """
import os, time
real = os.fsync
os.fsync = lambda number: (real(number), time.sleep(0.5))
from moderation.classifier.export.__main__ import main
raise SystemExit(main())
"""


def test_it_is_exported_in_a_process_of_its_own_that_can_be_killed_at_any_moment(
    tiny: Path, cache: Path
) -> None:
    """Killed while it begins, computes and writes, then left in peace with what that left."""
    place = cache / "onnx-x"
    given = [tiny, place, "--configuration", tiny.parent]
    given += ["--name", "tiny", "--version", "1", "--sha256", sha256_of(tiny)]
    command_line = [sys.executable, "-m", "moderation.classifier.export", *given]
    slow_line = [sys.executable, "-c", SLOWLY, *given]
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}

    def written() -> set[str]:
        """The names of the files that are there so far, under no name that is used."""
        return {file.name for file in cache.glob("unfinished-*/*")}

    def kill(arguments: list[Any], moment: Callable[[], bool], later: float = 0.0) -> None:
        running = subprocess.Popen(arguments, cwd=REPOSITORY, env=environment)
        until = time.monotonic() + 120
        while not moment():
            assert running.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(later)
        running.send_signal(signal.SIGKILL)
        assert running.wait(10) == -signal.SIGKILL
        assert not place.exists()

    def begun() -> bool:
        return (cache / "exporting.lock").exists()

    kill(command_line, begun)
    (cache / "exporting.lock").unlink()
    kill(command_line, begun, later=1.5)
    kill(slow_line, lambda: len(written()) == 1)
    # That folder is still there when the next one begins, which clears it.
    left = list(cache.glob("unfinished-*"))
    kill(slow_line, lambda: not left[0].exists() and MANIFEST in written(), later=0.2)
    assert len(written()) == 5, "it was whole but for its name"
    again = subprocess.run(
        command_line, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout.splitlines()[-1]) == {"place": str(place)}
    assert exported.open_packed(place, None).name == "tiny"
    assert places(cache) == [place]


def test_a_checkpoint_that_changes_while_it_is_exported_is_not_taken_for_another(
    tiny: Path, cache: Path, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder is named by the hash that was read first, perhaps a pinned one."""
    real = exported._export

    def changed_meanwhile(source: exported.Source, place: Path, **more: bool) -> None:
        tiny.write_bytes(tiny.read_bytes() + b"x")
        real(source, place, **more)

    monkeypatch.setattr(exported, "_export", changed_meanwhile)
    with pytest.raises(ModelUnavailable, match="changed while it was read"):
        load(str(tiny), cache)
    assert places(cache) == []


def test_a_whole_export_that_fails_its_known_texts_is_made_again_once(
    tiny: Path, cache: Path, exports: Exports
) -> None:
    first = load(str(tiny), cache).score(["you idiot"])
    lie_about_answers(place_of(cache))
    assert load(str(tiny), cache).score(["you idiot"]) == first
    assert ["--anew" in one for one in exports] == [False, True]
    load(str(tiny), cache)
    assert len(exports) == 2


def test_one_that_still_fails_its_known_texts_is_not_made_for_ever(
    tiny: Path, cache: Path, exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(runtime.OnnxClassifier):
        """As on a machine that computes otherwise."""

        def __init__(self, packed: Packed) -> None:
            lie = tuple((text, (9.0,) * len(packed.labels)) for text, _ in packed.answers)
            super().__init__(replace(packed, answers=lie))

    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(loading, "OnnxClassifier", Wrong)
        for _ in range(3):
            with pytest.raises(ModelRefused, match=r"known texts otherwise.*remove .*\.refused"):
                load(str(tiny), cache)
    assert ["--anew" in one for one in exports] == [False, True]
    with pytest.raises(ModelRefused, match="known texts otherwise"):
        load(str(tiny), cache)
    refusal_of(cache).unlink()
    assert load(str(tiny), cache).score(["you idiot"])
    assert len(exports) == 2


def lie_about_answers(place: Path) -> None:
    """Let an export expect other scores than it gives, and be whole by its manifest."""
    file = place / "runtime.json"
    content = json.loads(file.read_bytes())
    content["answers"] = [
        [text, [1.0 - score for score in scores]] for text, scores in content["answers"]
    ]
    file.write_text(json.dumps(content))
    manifest = json.loads((place / MANIFEST).read_bytes())
    manifest["files"][file.name] = sha256_of(file)
    (place / MANIFEST).write_text(json.dumps(manifest))


def test_another_process_that_finds_a_whole_export_leaves_it(
    tiny: Path, cache: Path, few_sentences: None
) -> None:
    """Two that find one damaged: the first makes it again, the second must not take it away."""
    place = cache / "onnx-x"
    given = [str(tiny), str(place), "--configuration", str(tiny.parent), "--name", "tiny"]
    given += ["--version", "1", "--sha256", sha256_of(tiny)]
    assert command.main(given) == 0
    made = place.stat().st_ino
    assert command.main(given) == 0
    assert place.stat().st_ino == made
    (place / "graph.onnx").write_bytes(b"damaged")
    assert command.main(given) == 0
    assert exported.open_packed(place, None).name == "tiny"


def done(code: int, out: str = "", err: str = "") -> Any:
    """What another process leaves behind."""
    return lambda *_, **__: subprocess.CompletedProcess([], code, out, err)


@pytest.mark.parametrize(
    ("ran", "kind", "words"),
    [
        (done(1, '{"error": "ModelRefused", "reason": "it bites"}\n'), ModelRefused, "it bites"),
        (done(1, 'noise\n{"error": "ModelUnavailable", "reason": "x"}'), ModelUnavailable, "x"),
        (done(-9), ModelUnavailable, "not enough memory"),
        (done(1, "", "Traceback\nMemoryError"), ModelUnavailable, "not enough memory"),
        (done(2, "", "usage: …\nerror: wrong"), ModelUnavailable, "exit 2.*error: wrong"),
        (done(1, "not JSON"), ModelUnavailable, "it said nothing"),
        (done(1, '{"error": "SystemExit", "reason": "x"}'), ModelUnavailable, "exit 1"),
    ],
)
def test_a_failed_export_says_why(
    tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, ran: Any, kind: Any, words: str
) -> None:
    monkeypatch.setattr(exported.subprocess, "run", ran)
    with pytest.raises(kind, match=words) as caught:
        load(str(tiny), cache)
    assert type(caught.value) is kind


def refusal_of(cache: Path) -> Path:
    """Where it is kept that an export was refused."""
    (file,) = cache.glob("onnx-*.refused")
    return file


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[int]]:
    """Lets every export end as it is told; the list counts them."""

    def end(ran: Any) -> list[int]:
        count: list[int] = []

        def run(*given: object, **more: object) -> Any:
            count.append(1)
            return ran(*given, **more)

        monkeypatch.setattr(exported.subprocess, "run", run)
        return count

    return end


Runs = Callable[[Any], list[int]]
REFUSED = done(1, '{"error": "ModelRefused", "reason": "it bites"}\n')


def test_what_was_refused_is_refused_again_without_another_export(
    tiny: Path, cache: Path, runs: Runs
) -> None:
    count = runs(REFUSED)
    words = []
    for _ in range(3):
        with pytest.raises(ModelRefused, match="it bites") as caught:
            load(str(tiny), cache)
        words.append(str(caught.value))
    assert len(count) == 1
    assert len(set(words)) == 1
    # It says how to have it tried all the same.
    assert f"remove {refusal_of(cache)}" in words[0]
    refusal_of(cache).unlink()
    with pytest.raises(ModelRefused, match="it bites"):
        load(str(tiny), cache)
    assert len(count) == 2


@pytest.mark.parametrize("what", ["checkpoint", "configuration", "runtime"])
def test_a_model_that_was_mended_is_exported(
    what: str, tiny: Path, cache: Path, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = runs(REFUSED)
    with pytest.raises(ModelRefused):
        load(str(tiny), cache)
    if what == "checkpoint":
        tiny.write_bytes(tiny.read_bytes() + b"x")
    elif what == "configuration":
        tiny.with_name("vocab.txt").write_text("mended")
    else:
        monkeypatch.setattr(exported.onnxruntime, "__version__", "99.0")
    with pytest.raises(ModelRefused):
        load(str(tiny), cache)
    assert len(count) == 2


@pytest.mark.parametrize(
    "ran",
    [
        done(1, '{"error": "ModelUnavailable", "reason": "there is no room on the disk"}'),
        done(-9),
        done(2, "", "Traceback"),
        # ONNX Runtime says it in its own words, which were taken for a bad model.
        done(1, '{"error": "ModelRefused", "reason": "It cannot run: Failed to allocate memory"}'),
    ],
)
def test_what_can_be_better_the_next_time_is_tried_again(
    tiny: Path, cache: Path, runs: Runs, ran: Any
) -> None:
    count = runs(ran)
    for _ in range(2):
        with pytest.raises(ModelUnavailable) as caught:
            load(str(tiny), cache)
        assert ".refused" not in str(caught.value)
    assert len(count) == 2
    assert list(cache.glob("*")) == []


def test_a_refusal_that_cannot_be_kept_is_said_all_the_same(
    tiny: Path, tmp_path: Path, runs: Runs
) -> None:
    count = runs(REFUSED)
    (tmp_path / "cache").write_text("a file where a folder should be")
    for _ in range(2):
        with pytest.raises(ModelRefused, match=r"^it bites$"):
            load(str(tiny), tmp_path / "cache")
    assert len(count) == 2


def test_an_export_that_never_ends_is_given_up(
    tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("export", timeout)

    monkeypatch.setattr(exported.subprocess, "run", run)
    with pytest.raises(ModelUnavailable, match="timed out"):
        load(str(tiny), cache)
