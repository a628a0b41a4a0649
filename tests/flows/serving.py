"""What the killed server runs: the real application with a slow, foreseeable classifier.

`KILL_AT` in the environment names a moment at which the server kills its own process group,
when it comes there with a comment whose text says that it is meant.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask

import app as application
from discussion import comments
from jobs.hooks import delivering
from jobs.scoring import Scorer
from moderation import screening
from tests.conftest import WordClassifier

SLOWEST, FASTEST = 0.150, 0.020
MOMENTS = (
    "before the comment is committed",
    "after the comment is committed",
    "after the job is taken",
    "after the text is scored",
    "before the close is committed",
    "after the close is committed",
)


def meant_for(moment: str) -> str:
    """A text at whose passing the server dies at this moment."""
    return f"This one dies {moment}."


def serve() -> Flask:
    """The factory that the server process calls."""
    classifier = WordClassifier()
    classifier.hook = _sleep_a_while
    application.load = lambda model, cache: classifier  # type: ignore[assignment]
    if moment := os.environ.get("KILL_AT", ""):
        _arm(moment)
    # What a killed server left behind is taken up after this; a test need not wait for so long.
    delivering.LEASE_SECONDS = float(os.environ.get("HOOK_LEASE", delivering.LEASE_SECONDS))
    return application.serve()


def serve_fragile() -> Flask:
    """The same, with a classifier that takes the whole process along on one text."""
    classifier = WordClassifier()
    classifier.hook = _die_of_poison
    application.load = lambda model, cache: classifier  # type: ignore[assignment]
    return application.serve()


def _die_of_poison(texts: Sequence[str]) -> None:
    # As a fault in native code would: nothing of Python gets to run any more.
    if any("poison" in text for text in texts):
        os._exit(139)


def _sleep_a_while(texts: Sequence[str]) -> None:
    """Between FASTEST and SLOWEST seconds a batch, always the same for the same texts."""
    share = sum(map(ord, "".join(texts))) % 100 / 100
    time.sleep(FASTEST + share * (SLOWEST - FASTEST))


def _arm(moment: str) -> None:
    seen: list[str] = []

    def die_if_meant() -> None:
        if meant_for(moment) in seen:
            os.killpg(os.getpgid(0), signal.SIGKILL)

    def watched(call: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
        def wrapper(*given: Any, **named: Any) -> Any:
            if before:
                die_if_meant()
            answer = call(*given, **named)
            if not before:
                die_if_meant()
            return answer

        return wrapper

    real_text = comments.checked_text

    def note_text(text: str, limit: int) -> str:
        seen.append(text)
        return real_text(text, limit)

    comments.checked_text = note_text
    place: dict[str, tuple[Any, str, bool]] = {
        MOMENTS[0]: (comments, "post", False),
        MOMENTS[1]: (Scorer, "wake", True),
        MOMENTS[2]: (Scorer, "_score_and_close", True),
        MOMENTS[3]: (Scorer, "_close_all", True),
        MOMENTS[4]: (screening, "screen", False),
        MOMENTS[5]: (Scorer, "_close_all", False),
    }
    owner, name, before = place[moment]
    setattr(owner, name, watched(getattr(owner, name), before=before))
