"""A real server with the shipped model and the demo, and a real Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.conftest import PASSWORD, skip_loudly

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 120
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# What is waited for comes at once on an idle machine; on one that is busy elsewhere it may take a
# while, which is no fault of the page.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a test that drives a browser once more if it fails; the summary says which were.

    A real browser on a machine that is busy elsewhere now and then is late where no wait foresees
    it. What fails twice fails.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@dataclass(frozen=True)
class LiveServer:
    """Where the server under test answers."""

    url: str
    instance: Path
    seeded: bool = True

    @property
    def article_url(self) -> str:
        """The demo article."""
        return f"{self.url}/demo/article"


@dataclass(frozen=True)
class Staff:
    """Who can sign in at the console of the server under test."""

    email: str
    password: str


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _environment(instance: Path, url: str) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    rates = ("READ", "WRITE", "VOTE", "PREVIEW", "NEWCOMER", "SIGN_IN")
    return mine | {
        "FLASK_APP": "app:create_app",
        "PARLEY_INSTANCE": str(instance),
        "PARLEY_PUBLIC_URL": url,
        "PARLEY_DEMO": "1",
        # The receivers of the tests are on this machine.
        "PARLEY_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
        **{f"PARLEY_{name}_RATE": "100000 per minute" for name in rates},
    }


def _command(environment: dict[str, str], *words: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "flask", *words], cwd=ROOT, env=environment, check=True,
        capture_output=True, timeout=_START_SECONDS,
    )  # fmt: skip


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not become ready")


@pytest.fixture(scope="session")
def seeded_instance(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A database with the demo in it, scored by the shipped model; and the port it is for."""
    instance, port = tmp_path_factory.mktemp("seeded"), _free_port()
    environment = _environment(instance, f"http://127.0.0.1:{port}")
    _command(environment, "db", "upgrade")
    _command(environment, "seed")
    _command(environment, "staff", "add", "mod@example.org", "--name", "Mo", "--password", PASSWORD)
    return instance, port


@pytest.fixture(scope="module")
def live_server(
    seeded_instance: tuple[Path, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """The server as `make run` starts it, on a copy of the seeded database."""
    source, port = seeded_instance
    instance = tmp_path_factory.mktemp("instance")
    shutil.copytree(source, instance, dirs_exist_ok=True)
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--factory",
            "--port", str(port), "--workers", "1", "--blocking-threads", "16", "--no-ws",
            "app:serve",
        ],
        cwd=ROOT, env=_environment(instance, url), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_until_ready(url, process)
        yield LiveServer(url, instance)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture
def staff() -> Staff:
    """A moderator of the seeded demo site."""
    return Staff("mod@example.org", PASSWORD)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        skip_loudly("no Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        started.new_context = _patient(started.new_context)  # type: ignore[method-assign]
        yield started
        started.close()


# Marks a page until it and its scripts are loaded: before that a click is nobody's, or a plain
# form's, as it is for a person who is quicker than the network.
_STILL_LOADING = """
const mark = () => document.documentElement?.setAttribute("data-still-loading", "");
if (document.documentElement) mark();
else new MutationObserver((_, watch) => { watch.disconnect(); mark(); })
  .observe(document, { childList: true });
addEventListener("load", () => document.documentElement.removeAttribute("data-still-loading"));
"""


def _patient(new_context: Callable[..., BrowserContext]) -> Callable[..., BrowserContext]:
    """Make windows in which nothing is clicked before the page is loaded."""

    def made(*words: Any, **options: Any) -> BrowserContext:
        context = new_context(*words, **options)
        if options.get("java_script_enabled", True):
            context.add_init_script(_STILL_LOADING)
            context.on("page", _wait_for_its_scripts)
        return context

    return made


def _wait_for_its_scripts(page: Page) -> None:
    page.add_locator_handler(
        page.locator("html[data-still-loading]"), lambda: page.wait_for_load_state("load")
    )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh window with nothing stored."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
