"""The faults of the scorer, each made for real: nothing is published unjudged, nothing is lost,
readiness turns red and says why, the desk says so too, and all is scored when it is over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from jobs.scoring import Scorer
from models import Role
from moderation.classifier import watching
from moderation.classifier.batching import BatchingClassifier
from moderation.classifier.loading import SHIPPED_FOLDER, load_shipped
from moderation.classifier.pinned import MANIFEST_SHA256
from tests.conftest import WordClassifier, browser_of, status_of
from tests.flows.invariants import broken_promises
from tests.flows.places import PATIENCE, Place
from tests.flows.server import REPOSITORY, Unanswered
from tests.jobs.scoring.conftest import let_time_pass, wait_until
from web.runtime import attach, runtime_of

Staff = Callable[..., int]


@pytest.fixture
def environ() -> dict[str, str]:
    """A reader waits this long for a score."""
    return {"PARLEY_SCORING_DEADLINE": "0.3", "PARLEY_METRICS_TOKEN": "a-token-nobody-guesses"}


@pytest.fixture
def desk(app: Flask, site: int, make_staff: Staff) -> FlaskClient:
    """A moderator's browser."""
    number = make_staff("mod@example.org", Role.MODERATOR, site)
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.update(browser_of(app, number))
    return client


def post(client: FlaskClient, thread: int, text: str) -> Any:
    """A comment over HTTP, as it was answered."""
    sent = {"text": text, "author_name": "Ada"}
    answer = client.post(f"/api/v1/threads/{thread}/comments", json=sent)
    assert answer.status_code == 201
    return answer.json["comment"]


def public(client: FlaskClient, thread: int) -> list[Any]:
    """What everybody can read."""
    comments: list[Any] = client.get(f"/api/v1/threads/{thread}/comments").json["comments"]
    return comments


def red(client: FlaskClient) -> str:
    """Why the server is not ready; empty when it is."""
    answer = client.get("/readyz")
    return "" if answer.status_code == 200 else " ".join(answer.json["reasons"].values())


def figure(client: FlaskClient, line: str) -> float:
    """One line of /metrics."""
    headers = {"Authorization": "Bearer a-token-nobody-guesses"}
    lines = client.get("/metrics", headers=headers).text.splitlines()
    return float(next(one for one in lines if one.startswith(f"{line} ")).rsplit(" ", 1)[1])


def served_with(app: Flask, load: Callable[[], Any]) -> Scorer:
    """The application with a model of its own, at work."""
    classifier = BatchingClassifier(load, first_pause=0.1, longest_pause=0.1)
    scorer = Scorer(app, classifier, lease=60, attempts=3)
    runtime = runtime_of(app)
    attach(app, type(runtime)(**(vars(runtime) | {"classifier": classifier, "scorer": scorer})))
    scorer.start()
    return scorer


def test_a_slow_model(
    scoring: Flask,
    client: FlaskClient,
    desk: FlaskClient,
    thread: int,
    classifier: WordClassifier,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """Number 9: it takes as long as it likes over every batch."""
    monkeypatch.setattr(watching, "SLOW_SECONDS", 0.1)
    monkeypatch.setattr(watching, "_REMEMBERED_SECONDS", 0.0)
    let_go = threading.Event()
    classifier.hook = lambda texts: let_go.wait(30) and None
    numbers = [post(client, thread, text)["id"] for text in ("Nice.", "You idiot.")]
    wait_until(lambda: "busy with one batch" in red(client))
    # Nobody waits for what is known to be slow.
    begun = time.monotonic()
    numbers += [post(client, thread, f"Number {number}.")["id"] for number in range(20)]
    assert time.monotonic() - begun < 20 * 0.3
    assert [status_of(scoring, number) for number in numbers] == ["unscored"] * 22
    assert public(client, thread) == []
    assert "22 comments wait to be scored" in desk.get("/console/").text
    assert figure(client, "parley_comments_unscored") == 22
    assert figure(client, "parley_scoring_up") == 0
    let_go.set()
    wait_until(lambda: status_of(scoring, numbers[-1]) == "published")
    wait_until(lambda: red(client) == "")
    wait_until(lambda: status_of(scoring, numbers[1]) == "held")
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


@pytest.mark.model
@pytest.mark.parametrize("fault", ["a flipped byte", "a missing file"])
def test_a_model_that_is_not_the_one_that_was_shipped(
    app: Flask, client: FlaskClient, desk: FlaskClient, thread: int, tmp_path: Path, fault: str
):
    """Number 10: the service is up, everything waits, and goes on when the file is mended."""
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED_FOLDER, folder)
    victim = max(folder.iterdir(), key=lambda file: file.stat().st_size)
    whole = victim.read_bytes()
    if fault == "a missing file":
        victim.unlink()
    else:
        middle = len(whole) // 2
        victim.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    scorer = served_with(app, lambda: load_shipped(folder, MANIFEST_SHA256))
    try:
        fine, rude = (post(client, thread, text) for text in ("A fine day.", "You stupid idiot."))
        wait_until(lambda: victim.name in red(client), 60)
        assert ("cannot be read" if fault == "a missing file" else "SHA-256") in red(client)
        assert (fine["status"], rude["status"]) == ("unscored", "unscored")
        assert public(client, thread) == []
        assert client.get("/healthz").status_code == 200
        page = desk.get("/console/").text
        assert "2 comments wait to be scored" in page
        assert victim.name in page
        assert figure(client, "parley_model_loaded") == 0
        assert figure(client, 'parley_scoring_failures_total{kind="loading"}') >= 1
        victim.write_bytes(whole)
        wait_until(lambda: status_of(app, fine["id"]) == "published", 60)
        wait_until(lambda: status_of(app, rude["id"]) == "held", 60)
        assert red(client) == ""
        assert 'class="banner"' not in desk.get("/console/").text
    finally:
        scorer.stop()
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


def test_a_model_that_runs_out_of_memory(
    scoring: Flask,
    client: FlaskClient,
    desk: FlaskClient,
    thread: int,
    classifier: WordClassifier,
    tmp_path: Path,
):
    """Number 11, in the middle of the day: it scores nothing any more, and no text is to blame."""
    assert post(client, thread, "Before.")["status"] == "published"
    gone = threading.Event()
    gone.set()

    def fail(texts: Sequence[str]) -> None:
        if gone.is_set():
            raise MemoryError

    classifier.hook = fail
    numbers = [post(client, thread, f"Number {number}.")["id"] for number in range(8)]
    wait_until(lambda: "not enough memory" in red(client))
    assert "not enough memory" in desk.get("/console/").text
    let_time_pass(scoring)
    assert [status_of(scoring, number) for number in numbers] == ["unscored"] * 8
    assert len(public(client, thread)) == 1
    gone.clear()
    wait_until(lambda: [status_of(scoring, n) for n in numbers] == ["published"] * 8, 30)
    assert red(client) == ""
    assert broken_promises(tmp_path / "parley.db", drained=True) == []


# A process whose address space ends just above what it has when the model is to be loaded.
_STARVED = """
import resource, sys, threading, time
from pathlib import Path
import app as application
from moderation.classifier import loading
from moderation.classifier.batching import BatchingClassifier
from tests.flows import test_faults
from web.runtime import runtime_of

made = application.create_app({
    "PARLEY_INSTANCE": sys.argv[1], "PARLEY_SCORING_DEADLINE": "0.1", "PARLEY_LOG_LEVEL": "ERROR",
})
warm, full = threading.Event(), threading.Event()

def load():
    # The libraries and what they keep for this thread are there; the model is let go again.
    loading.load("parley-small", Path(sys.argv[1]))
    warm.set()
    assert full.wait(30)
    return loading.load("parley-small", Path(sys.argv[1]))

scorer = test_faults.served_with(made, load)
client = made.test_client()
post = lambda text: test_faults.post(client, int(sys.argv[2]), text)
numbers = [post("A fine day.")["id"]]
assert warm.wait(60)
size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
no_limit = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (size + (16 << 20), no_limit[1]))
ballast = []
try:
    while True:
        ballast.append(bytearray(1 << 20))
except MemoryError:
    del ballast[-4:]
full.set()
test_faults.wait_until(lambda: "memory" in test_faults.red(client), 60)
numbers.append(post("You stupid idiot.")["id"])
assert client.get("/healthz").status_code == 200
assert [test_faults.status_of(made, one) for one in numbers] == ["unscored", "unscored"]
ballast.clear()
resource.setrlimit(resource.RLIMIT_AS, no_limit)
test_faults.wait_until(lambda: test_faults.status_of(made, numbers[0]) == "published", 60)
test_faults.wait_until(lambda: test_faults.status_of(made, numbers[1]) == "held", 60)
assert test_faults.red(client) == ""
scorer.stop()
"""


@pytest.mark.model
def test_there_is_no_memory_to_load_the_model(place: Place):
    """Number 11, at the start: under a limit of the system itself, which is then lifted."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    done = subprocess.run(
        [sys.executable, "-c", _STARVED, str(place.database.parent), str(place.thread)],
        cwd=REPOSITORY,
        env=environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    assert broken_promises(place.database, drained=True) == []


class Fragile:
    """A server that dies of one text, and whoever starts it again each time."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.deaths = 0
        self._begin()

    def _begin(self) -> None:
        self._place.server.begin("tests.flows.serving:serve_fragile", PARLEY_SCORING_LEASE="1")

    def look_after(self) -> None:
        """Start it again if it is dead."""
        if not self._place.server.is_alive:
            self.deaths += 1
            self._place.server.kill()
            self._begin()

    def post(self, text: str) -> None:
        """Post until it is stored, whatever dies meanwhile; never twice."""
        sent = {"text": text, "author_name": "Ada"}
        key = {"Idempotency-Key": f"the one key of {text:<20}"}
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.look_after()
            try:
                if self._place.server.call("POST", self._place.comments, sent, key)[0] == 201:
                    return
            except Unanswered:
                time.sleep(0.05)
        raise AssertionError(f"{text!r} is never taken")


def test_a_text_that_takes_the_process_along(place: Place):
    """Number 12, the worst way: three tries, then a person; the others are scored."""
    texts = ["One.", "poison", "You idiot.", "Four."]
    fragile = Fragile(place)
    for text in texts:
        fragile.post(text)
    until = time.monotonic() + PATIENCE
    while place.one("SELECT count(*) FROM job WHERE state IN ('ready', 'taken')"):
        assert time.monotonic() < until, "the queue does not drain"
        fragile.look_after()
        time.sleep(0.05)
    stand = [place.one(f"SELECT status FROM comment WHERE text = '{text}'") for text in texts]
    assert stand == ["published", "held", "held", "published"]
    assert place.one("SELECT count(*) FROM signal WHERE kind = 'unscorable'") == 1
    # Shown to the model three times, and a fourth worker hands it on without looking.
    assert place.one("SELECT attempts FROM job WHERE state = 'given-up'") == 4
    assert fragile.deaths == 3
    assert broken_promises(place.database, drained=True) == []
