"""`flask import` as somebody types it: what it says, how it ends, and that it can be stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from discussion import comments as posting
from jobs import import_command, import_flaws, importing
from jobs.backlog import work_off
from jobs.transactions import writing
from models import Account, Thread
from tests.conftest import WordClassifier, set_policy
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import many, post
from tests.flows.invariants import broken_promises
from tests.jobs.importing.conftest import Bring, everything, rows
from web.runtime import runtime_of

ROOT = Path(__file__).resolve().parents[3]
_WITH_TOLD = exports.DISQUS_HEAD + exports.DISQUS_THREAD


def test_the_table_at_the_end(bring: Bring, tmp_path: Path):
    flags = "<isDeleted>true</isDeleted><isSpam>false</isSpam>"
    path = exports.disqus(tmp_path, post("1"), post("2", parent="1"), post("3", "", flags=flags))
    said = bring("disqus", path)
    assert said.exit_code == 0, said.output
    table = [" ".join(line.split()) for line in said.output.splitlines()]
    assert table == [
        "Comments read 3",
        "new 2",
        "published 2",
        "already there 0",
        "skipped 1",
        "deleted, with nothing below 1",
        "Threads new 1",
        "there before 0",
        "Authors new 1",
    ]


def test_discussions_without_an_address_are_counted_once(
    bring: Bring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    untold = "".join(f'<thread dsq:id="u{n}"><id/><link/></thread>' for n in (1, 2))
    posts = [post(str(n), thread=f"u{n % 2 + 1}") for n in range(10)]
    path = exports.disqus(tmp_path, *posts, post("99"), head=_WITH_TOLD + untold)
    monkeypatch.setattr(importing, "BATCH", 3)
    said = "Discussions without an address, which got page ids: 2 (docs/importing.md)."
    assert said in bring("disqus", path, "--dry-run").output
    assert said in bring("disqus", path).output
    assert "without an address" not in bring("disqus", path).output


def test_a_dry_run_says_the_same_and_writes_nothing(bring: Bring, tmp_path: Path):
    path = exports.disqus(tmp_path, *many(40), *many(2))
    database = tmp_path / "parley.db"
    before = everything(database)
    dry = bring("disqus", path, "--dry-run")
    assert everything(database) == before
    real = bring("disqus", path)
    assert dry.output == real.output + "Nothing was written.\n"
    assert bring("disqus", path, "--dry-run").output.startswith("Comments  read")


def test_flaws_are_told_and_the_status_tells_of_them(bring: Bring, tmp_path: Path):
    broken = post("2").replace('"t1"', "t1")
    said = bring("disqus", exports.disqus(tmp_path, post("1"), broken))
    assert said.exit_code == import_flaws.FLAWED == 3
    assert "1 flaw in the file:" in said.output
    assert "line 5, byte" in said.output
    assert rows(tmp_path / "parley.db", "SELECT count(*) FROM comment") == [(2,)]


@pytest.mark.parametrize(
    ("system", "slug", "said"),
    [
        ("wordpress", "news", "looks like an export of Disqus"),
        ("disqus", "nowhere", "There is no site nowhere"),
    ],
)
def test_clear_words_for_what_cannot_be_done(
    bring: Bring, tmp_path: Path, system: str, slug: str, said: str
):
    answer = bring(system, exports.disqus(tmp_path, post("1")), slug=slug)
    assert answer.exit_code == 1
    assert said in answer.output


def test_an_empty_file(bring: Bring, tmp_path: Path):
    path = tmp_path / "empty"
    path.touch()
    answer = bring("disqus", path)
    assert (answer.exit_code, answer.output) == (1, "Error: empty is empty.\n")


# Imports and dies in the midst of the storing, after some batches were committed.
_KILLED = """
import os, signal, sys
import app
from jobs import importing
importing.BATCH = 50
stored = importing.Loader.store
def dying(self, session, batch, bodies, count=[0]):
    stored(self, session, batch, bodies)
    count[0] += 1
    if count[0] == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
importing.Loader.store = dying
made = app.create_app({"PARLEY_INSTANCE": sys.argv[1]})
made.test_cli_runner().invoke(args=["import", "disqus", sys.argv[2], "--site", "news"])
"""


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_killed_and_begun_again_it_comes_to_the_same(
    app: Flask, bring: Bring, tmp_path: Path, batch: int, monkeypatch: pytest.MonkeyPatch
):
    database, path = tmp_path / "parley.db", exports.disqus(tmp_path, *many(300))
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path), str(path), str(batch)],
        cwd=ROOT, capture_output=True, timeout=120, check=False,
        env={k: v for k, v in os.environ.items() if not k.startswith("PARLEY_")}
        | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert rows(database, "SELECT count(*) FROM comment") == [(50 * (batch - 1),)]
    assert broken_promises(database) == []
    monkeypatch.setattr(importing, "BATCH", 50)
    assert bring("disqus", path).exit_code == 0
    after = everything(database)
    assert broken_promises(database, drained=True) == []
    assert bring("disqus", path).exit_code == 0
    assert everything(database) == after
    assert after[0][0] == "1"
    assert rows(database, "SELECT count(*) FROM comment") == [(300,)]


def test_in_small_batches_it_comes_to_the_same_as_in_one(
    twice: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = exports.disqus(tmp_path, *many(200))
    at_once, in_batches = twice(path, lambda: monkeypatch.setattr(importing, "BATCH", 7))
    assert in_batches == at_once
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_progress_is_told_where_somebody_looks(capsys: pytest.CaptureFixture[str]):
    times = iter([10.0, 10.1, 11.0, 71.0])
    progress = import_command._Progress(True, lambda: next(times))
    for done in (1, 2, 250, 500):
        progress.tell("store", done, 1_000, done)
    progress.end()
    told = capsys.readouterr().err
    assert told.split("\r")[1].strip() == "Storing: 1 comments"
    assert "Storing: 250 comments, 250 a second, 25%, 0 min 03 s left" in told
    assert "50%, 1 min 01 s left" in told
    quiet = import_command._Progress(False)
    quiet.tell("store", 1, 2, 1)
    quiet.end()
    assert capsys.readouterr().err == ""


def test_rescoring_waits_for_what_is_new_and_changes_no_decision(
    app: Flask, bring: Bring, tmp_path: Path, classifier: WordClassifier
):
    set_policy(app, 1, banned_words=["walrus"])
    path = exports.disqus(
        tmp_path, post("1", "You idiot."), post("2", "A walrus."), *many(8),
        post("x", flags="<isDeleted>true</isDeleted><isSpam>false</isSpam>"),
        post("y", parent="x"),
    )  # fmt: skip
    database = tmp_path / "parley.db"
    assert bring("disqus", path, "--rescore").exit_code == 0
    waiting = "SELECT count(*) FROM job WHERE kind = 'rescore' AND state = 'ready'"
    published = rows(database, "SELECT count(*) FROM comment WHERE status = 'published'")
    assert rows(database, waiting) == published
    runtime = runtime_of(app)
    runtime.classifier.start()
    assert runtime.classifier.wait_ready(10)
    with app.app_context():
        while runtime.scorer.run_once():
            pass
    assert max(classifier.batches) <= 4
    assert rows(database, waiting) == [(0,)]
    assert rows(database, "SELECT count(*) FROM comment WHERE status = 'published'") == published
    assert rows(database, "SELECT DISTINCT model_name FROM score") == [("words",)]
    found = rows(database, "SELECT comment_id, kind FROM signal WHERE advice != 'note'")
    assert {kind for _, kind in found} >= {"score", "banned-words"}
    assert broken_promises(database, drained=True) == []


def test_what_is_new_is_scored_before_what_was_imported(
    app: Flask, bring: Bring, tmp_path: Path, classifier: WordClassifier
):
    bring("disqus", exports.disqus(tmp_path, *many(12)), "--rescore")
    runtime = runtime_of(app)
    runtime.classifier.start()
    assert runtime.classifier.wait_ready(10)
    with app.app_context():
        assert work_off(runtime.classifier, "", 60, 3) == 4
        with writing() as session:
            where, author = session.get_one(Thread, 1), session.get_one(Account, 1)
            words = posting.draft("New.", 100)
            posting.post(session, where, author, words, None, runtime.limits)
        seen: list[list[str]] = []
        classifier.hook = lambda texts: seen.append(list(texts))
        assert runtime.scorer.run_once() == 1
        assert seen == [["New."]]
        assert runtime.scorer.run_once() == 4


def test_without_rescore_nothing_is_owed(bring: Bring, tmp_path: Path):
    bring("disqus", exports.disqus(tmp_path, *many(5)))
    assert rows(tmp_path / "parley.db", "SELECT count(*) FROM job") == [(0,)]
