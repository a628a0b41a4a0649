"""Google's client for Node, unchanged but for the address of the discovery document."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import skip_loudly
from tests.web.analyzer.clients.conftest import KIND, RUDE, Served

pytestmark = pytest.mark.model

GOOGLEAPIS = "googleapis@188.0.0"
# Not in git; what is installed there once is used again.
FOLDER = Path(__file__).resolve().parents[4] / "build" / "npm"
SCRIPT = Path(__file__).with_name("ask.mjs")


@pytest.fixture(scope="module")
def installed() -> Path:
    """A folder that has googleapis in its node_modules."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        skip_loudly("node and npm are not installed (Debian: apt-get install nodejs npm)")
    marker = FOLDER / "installed"
    if not marker.exists() or marker.read_text(encoding="utf-8") != GOOGLEAPIS:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text('{"private": true}', encoding="utf-8")
        options = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-save"]
        done = subprocess.run(
            [str(npm), "install", *options, GOOGLEAPIS],
            cwd=FOLDER, capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip
        if done.returncode:
            skip_loudly(f"{GOOGLEAPIS} cannot be installed: {done.stderr[-300:]}")
        marker.write_text(GOOGLEAPIS, encoding="utf-8")
    return FOLDER


def test_googles_client_for_node(served: Served, installed: Path) -> None:
    texts = [KIND, RUDE, f"😀 {KIND} {RUDE}"]
    done = subprocess.run(
        ["node", str(SCRIPT), str(installed), served.discovery, served.key, *texts],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answer = json.loads(done.stdout)
    kind, rude, both = answer["found"]
    assert kind["value"] < 0.2 < 0.9 < rude["value"]
    # Cut out by JavaScript itself, whose offsets these are.
    assert both["parts"] == [f"😀 {KIND}", RUDE]
    assert answer["refusal"] == "API key not valid. Please pass a valid API key."
    assert served.key not in served.log
