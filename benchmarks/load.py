"""Makes load on an address: with wrk where that is installed, else with a few Python threads."""

from __future__ import annotations

import http.client
import json
import random
import re
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 8
_WORDS = (
    "the a this our every new old long quiet early river bridge council ferry market station "
    "garden school winter summer morning report road train library budget question answer "
    "neighbour reader closes opens needs brings keeps moves shows costs again today slowly "
    "often never perhaps after before under beside and but because although"
)
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_FAULTS = re.compile(r"(?:Non-2xx|Socket errors).*")


class Refused(RuntimeError):
    """What was asked did not answer as it should; says how."""


@dataclass(frozen=True)
class Posted:
    """How writing went: posts a second, and the slowest of a hundred in milliseconds."""

    rate: float
    p99: float
    published: int


def tool() -> str:
    """What makes the load, in words."""
    if shutil.which("wrk"):
        return f"wrk, {CONNECTIONS} connections"
    return f"{CONNECTIONS} Python threads (wrk is not installed: the figures are too low)"


def reading(url: str, seconds: int, core: int, headers: dict[str, str]) -> float:
    """Answers a second to one GET over and over, from one core. Raises Refused for others than 200
    and 304, and where nobody answers."""
    if not shutil.which("wrk"):
        return _by_threads(url, seconds, headers)
    named = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        "taskset",
        "-c",
        str(core),
        "wrk",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "60s",
    ]
    told = subprocess.run([*command, *named, url], capture_output=True, text=True, check=False)
    faults = _FAULTS.findall(told.stdout)
    found = _RATE.search(told.stdout)
    if told.returncode or faults or found is None:
        raise Refused("; ".join(faults) or (told.stderr or told.stdout).strip())
    return float(found[1])


def look(url: str) -> None:
    """Ask once. Raises Refused for any other answer than 200, a redirect too: wrk counts those."""
    try:
        connection = _connection(url)
        connection.request("GET", _target(url))
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Refused(f"nobody answers there ({error})") from error
    if answer.status != 200:
        raise Refused(f"answers {answer.status}")


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    return kind(parts.netloc, timeout=60)


def _target(url: str) -> str:
    """What a request line asks for: an address may end with its host."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _by_threads(url: str, seconds: float, headers: dict[str, str]) -> float:
    until = time.monotonic() + seconds
    done, other = [0] * CONNECTIONS, [0] * CONNECTIONS

    def run(place: int) -> None:
        connection = _connection(url)
        while time.monotonic() < until:
            connection.request("GET", _target(url), headers=headers)
            answer = connection.getresponse()
            answer.read()
            counted = done if answer.status in (200, 304) else other
            counted[place] += 1

    faults = _together(run, CONNECTIONS)
    if faults or sum(other):
        raise Refused(str(faults[0]) if faults else f"Non-2xx responses: {sum(other)}")
    return sum(done) / seconds


def etag(url: str) -> str:
    """The ETag that an address answers with."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.headers["ETag"])


def milliseconds(url: str, times: int) -> list[float]:
    """How long each of some GETs took, one after the other on one connection."""
    connection = _connection(url)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("GET", _target(url))
        connection.getresponse().read()
        took.append((time.perf_counter() - began) * 1000)
    return took


def writing(base: str, thread: int, writers: int, seconds: float) -> Posted:
    """Comments posted one after the other by each of some readers, all at once."""
    until = time.monotonic() + seconds
    took: list[float] = []
    states: list[str] = []
    lock = threading.Lock()

    def run(place: int) -> None:
        connection, token, number = _connection(base), "", 0
        chance, words = random.Random(f"{place} {until}"), _WORDS.split()
        while time.monotonic() < until:
            number += 1
            # Each says something else: what repeats others is held.
            said = f"{' '.join(chance.choices(words, k=15))}, and that is number {number}."
            body = json.dumps({"text": said, "author_name": f"Writer {place}"})
            sent = {"Content-Type": "application/json"}
            sent |= {"Authorization": f"Bearer {token}"} if token else {}
            began = time.perf_counter()
            connection.request("POST", f"/api/v1/threads/{thread}/comments", body, sent)
            answer = connection.getresponse()
            told = json.loads(answer.read())
            if answer.status != 201:
                raise Refused(f"{answer.status}: {told}")
            with lock:
                took.append((time.perf_counter() - began) * 1000)
                states.append(told["comment"]["status"])
            token = told.get("reader_token", token)

    began = time.monotonic()
    faults = _together(run, writers)
    if faults:
        raise faults[0]
    spent = time.monotonic() - began
    p99 = sorted(took)[int(len(took) * 0.99)]
    return Posted(len(took) / spent, p99, states.count("published"))


def _together(run: Callable[[int], None], count: int) -> list[Exception]:
    """Run something in as many threads, and answer what went wrong in them."""
    faults: list[Exception] = []

    def guarded(place: int) -> None:
        try:
            run(place)
        except (OSError, http.client.HTTPException, Refused) as error:
            faults.append(error)

    threads = [threading.Thread(target=guarded, args=(place,)) for place in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return faults
