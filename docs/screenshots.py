"""Take the pictures of the README: `make screenshots`. Needs Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
PORT = 8765
SERVER = f"http://127.0.0.1:{PORT}"
EMAIL, PASSWORD = "ines@example.org", "only-for-these-pictures"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")


def main() -> None:
    """Start a fresh demo, take every picture, and end it."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "FLASK_APP": "app:create_app",
            "PARLEY_INSTANCE": folder,
            "PARLEY_PUBLIC_URL": SERVER,
            "PARLEY_DEMO": "1",
        }
        staff = ("staff", "add", EMAIL, "--name", "Ines", "--password", PASSWORD)
        for words in (("db", "upgrade"), ("seed",), staff):
            subprocess.run(
                [sys.executable, "-m", "flask", *words], cwd=ROOT, env=environment, check=True
            )
        server = subprocess.Popen(
            [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--factory",
             "--port", str(PORT), "--workers", "1", "--blocking-threads", "16", "app:serve"],
            cwd=ROOT, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            _wait()
            _take_all()
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait()


def _wait() -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{SERVER}/readyz", timeout=5)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The server did not become ready.")


def _take_all() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("Install Chromium first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for width in WIDTHS:
            for scheme in SCHEMES:
                _take(browser, width, scheme)
        browser.close()


def _take(browser: Browser, width: int, scheme: str) -> None:
    height = 844 if width < 600 else 900
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    suffix = f"{width}-{scheme}.png"
    page.goto(f"{SERVER}/demo/article#thread")
    page.wait_for_selector("parley-thread article")
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(400)
    page.screenshot(path=IMAGES / f"article-{suffix}")
    page.evaluate("document.querySelector('parley-thread').scrollIntoView()")
    page.wait_for_timeout(400)
    page.screenshot(path=IMAGES / f"thread-{suffix}")
    page.goto(f"{SERVER}/console/?order=riskiest")
    page.screenshot(path=IMAGES / f"sign-in-{suffix}")
    page.fill("input[name=email]", EMAIL)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/*")
    page.wait_for_timeout(400)
    page.screenshot(path=IMAGES / f"console-{suffix}")
    page.goto(f"{SERVER}/console/decisions")
    page.screenshot(path=IMAGES / f"decisions-{suffix}")
    context.close()


if __name__ == "__main__":
    main()
