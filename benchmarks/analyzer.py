"""How long one request for scores takes over HTTP, and what a user would otherwise write.

Run with `python -m benchmarks.analyzer`: it starts a server as `make run` does, with the shipped
model, and asks for the toxicity of comments one after the other, with spans, and eight at a time,
then as a Coral asks what is to become of each.
Then some of them go to a Flask view around the `predict` of Detoxify itself, with the same weights
and served in the same way. Comments are the `--data` file's, or sentences put together here. What
a request costs the server's processor is told beside, since other work on the machine moves times.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import hmac
import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request
from flask_migrate import upgrade

import app as application
from jobs.site_commands import make_site
from jobs.transactions import writing
from models import KeyPurpose, Moderation, db
from moderation import coral, keys
from moderation.classifier.detoxify_model import open_detoxify
from moderation.classifier.loading import SHIPPED, SHIPPED_FOLDER
from moderation.classifier.weights import decode, read_bytes
from web.runtime import runtime_of

_ROOT = Path(__file__).resolve().parents[1]
_DATA = _ROOT.parent / "shared" / "data" / "toxicity" / "jigsaw6_train.csv"
# What is called ordinary length here, in characters.
SHORTEST, LONGEST = 60, 400
_WORDS = (
    "the a this that people council paper story because nobody should could money idiot lovely "
    "street vote wrong right never always think know read wrote why how again thanks nonsense"
)

# What the phases are signed with; the other addresses look at no signature.
_SECRET = "secret-of-the-benchmark-alone"
# The process, and its port.
Server = tuple[subprocess.Popen[bytes], int]


@dataclass(frozen=True)
class Times:
    """Milliseconds of requests that all went well."""

    name: str
    each: Sequence[float]
    seconds: float
    # Of the server's processor, for each request, in milliseconds.
    cpu: float

    def at(self, percent: int) -> float:
        """A percentile, by the nearest rank."""
        ordered = sorted(self.each)
        return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * percent // 100) - 1))]

    def show(self) -> None:
        """One line."""
        print(
            f"{self.name:44} p50 {self.at(50):7.1f} ms   p95 {self.at(95):7.1f}   "
            f"p99 {self.at(99):7.1f}   {len(self.each) / self.seconds:6.1f} a second   "
            f"{self.cpu:6.1f} ms of the processor each"
        )


def detoxify_view() -> Flask:
    """What a user would write: the predict of Detoxify behind one address."""
    file = SHIPPED_FOLDER / f"{SHIPPED}.ckpt"
    model = open_detoxify(decode(read_bytes(file), file), SHIPPED_FOLDER)
    made = Flask("detoxify_view")

    @made.post("/score")
    def score() -> Response:
        found = model.predict(request.get_json()["text"])
        return Response(
            json.dumps({name: float(value) for name, value in found.items()}),
            mimetype="application/json",
        )

    @made.get("/readyz")
    def ready() -> str:
        return "ready"

    return made


def texts_of(file: Path, count: int) -> list[str]:
    """Comments of ordinary length, the same in every run."""
    draw = random.Random(7)
    if file.is_file():
        with file.open(encoding="utf-8", newline="") as rows:
            all_texts = [row["comment_text"] for row in csv.DictReader(rows)]
        fitting = [text for text in all_texts if SHORTEST <= len(text) <= LONGEST]
        return draw.sample(fitting, count)
    print("No comments there: sentences are put together.")
    lengths = [draw.randint(12, 70) for _ in range(count)]
    return [" ".join(draw.choices(_WORDS.split(), k=words)).capitalize() + "." for words in lengths]


class Client:
    """One connection that is kept, as clients keep theirs."""

    def __init__(self, port: int) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def post(self, path: str, body: object) -> float:
        """Milliseconds until the whole answer is there. Raises RuntimeError for an error."""
        sent = json.dumps(body)
        signed = hmac.new(_SECRET.encode(), sent.encode(), "sha256").hexdigest()
        headers = {"Content-Type": "application/json", "X-Coral-Signature": f"sha256={signed}"}
        begun = time.perf_counter()
        self._link.request("POST", path, sent, headers)
        answer = self._link.getresponse()
        said = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status not in (200, 204):
            raise RuntimeError(f"{answer.status}: {said[:300]!r}")
        return took


def cpu_of(process: int) -> float:
    """Seconds that a process and those that it began have had of the processor."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    below: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            below += map(int, (task / "children").read_text().split())
    return own + sum(map(cpu_of, below))


def measure(
    name: str, server: Server, path: str, bodies: Sequence[object], at_once: int = 1
) -> Times:
    """Ask for each body once, `at_once` at the same time."""
    process, port = server[0].pid, server[1]
    found: list[float] = []
    lock = threading.Lock()
    left = iter(bodies)

    def work() -> None:
        client = Client(port)
        while True:
            with lock:
                body = next(left, None)
            if body is None:
                return
            took = client.post(path, body)
            with lock:
                found.append(took)

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    begun, cpu = time.perf_counter(), cpu_of(process)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if len(found) != len(bodies):
        raise RuntimeError(f"{name}: {len(bodies) - len(found)} requests failed")
    return Times(name, found, seconds, (cpu_of(process) - cpu) * 1000 / len(found))


def serve(factory: str, folder: Path, **more: str) -> Server:
    """A server of one process, once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    options = (
        f"--interface wsgi --factory --host 127.0.0.1 --port {port} --workers 1 "
        f"--blocking-threads 16 --no-ws --no-access-log --log-level error {factory}"
    )
    environ = {**os.environ, "PYTHONPATH": str(_ROOT), "PARLEY_INSTANCE": str(folder), **more}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("granian")), *options.split()], cwd=_ROOT, env=environ
    )
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            link.request("GET", "/readyz")
            if link.getresponse().status == 200:
                return process, port
        except OSError:
            pass
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.terminate()
    raise RuntimeError(f"{factory} does not serve")


def prepared(folder: Path) -> str:
    """A database with a site, and a key of it."""
    made = application.create_app({"PARLEY_INSTANCE": str(folder), "PARLEY_LOG_LEVEL": "ERROR"})
    with made.app_context():
        upgrade()
        with writing() as session:
            site = make_site(session, "news", "News", Moderation.POST)
            key = keys.make(session, site.id, "benchmark", KeyPurpose.SCORES, 1_000_000)
            coral.add(session, site, _SECRET, runtime_of(made).coral_seal)
        db.session.remove()
        db.engine.dispose()
    return key


def of_parley(texts: Sequence[str], folder: Path) -> list[Times]:
    """Parley's times."""
    key = prepared(folder)
    path = f"/v1alpha1/comments:analyze?key={key}"
    requested = {"TOXICITY": {}}

    def asking(text: str, **more: object) -> dict[str, object]:
        comment = {"text": text}
        return {"comment": comment, "requestedAttributes": requested, "languages": ["en"], **more}

    server = serve("app:serve", folder, PARLEY_ANALYZER_DEADLINE="30", PARLEY_CORAL_DEADLINE="30")
    try:
        plain = [asking(text) for text in texts]
        spans = [asking(text, spanAnnotations=True) for text in texts]
        phases = [
            {"action": "NEW", "comment": {"body": text}, "author": {"id": "1", "role": "COMMENTER"}}
            for text in texts
        ]
        measure("warm", server, path, plain[:30])
        return [
            measure("Parley, one after the other", server, path, plain),
            measure("Parley, with spans", server, path, spans),
            measure("Parley, eight at once", server, path, plain, at_once=8),
            measure("Parley, as a Coral's phase", server, "/coral/news/phase", phases),
        ]
    finally:
        server[0].terminate()
        server[0].wait(30)


def of_detoxify(texts: Sequence[str], folder: Path) -> list[Times]:
    """The same comments to Detoxify's predict."""
    server = serve("benchmarks.analyzer:detoxify_view", folder)
    try:
        bodies = [{"text": text} for text in texts]
        measure("warm", server, "/score", bodies[:5])
        return [
            measure("Detoxify in Flask, one after the other", server, "/score", bodies),
            measure("Detoxify in Flask, eight at once", server, "/score", bodies, at_once=8),
        ]
    finally:
        server[0].terminate()
        server[0].wait(30)


def main() -> None:
    """Measure, and print what stands to what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--without-detoxify", action="store_true")
    given = parser.parse_args()
    texts = texts_of(given.data, given.count)
    lengths = [len(text) for text in texts]
    print(
        f"{len(texts)} comments of {SHORTEST} to {LONGEST} characters, "
        f"median {statistics.median(lengths):.0f}; load {os.getloadavg()[0]:.1f}"
    )
    folder = Path(tempfile.mkdtemp(prefix="parley-analyzer-"))
    try:
        ours = of_parley(texts, folder)
        for one in ours:
            one.show()
        if given.without_detoxify:
            return
        theirs = of_detoxify(texts[: max(20, len(texts) // 4)], folder)
        for one in theirs:
            one.show()
        for one, other in ((ours[0], theirs[0]), (ours[2], theirs[1])):
            print(
                f"{other.name} / {one.name}: p50 x {other.at(50) / one.at(50):.1f}, "
                f"p95 x {other.at(95) / one.at(95):.1f}, processor x {other.cpu / one.cpu:.1f}"
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
