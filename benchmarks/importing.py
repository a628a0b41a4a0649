"""How quickly exports are imported: `python -m benchmarks.importing`, five minutes.

It writes a large export of Disqus (XML) and one of Remark42 (JSON lines), always the same ones, and
imports each into a fresh SQLite with the command that a publisher uses, without scoring, and then
once more, when everything is there already. Shape: 100 comments to a thread, 60 in 100 answer
another one, 5 to a person, 6 in 100 with a link, 8 in 100 with emphasis, about 230 characters each.

The rates are by the clock, the median of the runs; the memory is the peak of the process and of
the one that converts texts for it, each by itself. `--sizes 50000 500000` shows that the memory
does not grow with the file.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask_migrate import upgrade

import app as application
from benchmarks import import_files
from jobs.site_commands import make_site
from jobs.transactions import writing
from models import Moderation, SiteOrigin, db

_ROOT = Path(__file__).resolve().parents[1]
_FORMATS: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "disqus": ("disqus.xml", import_files.disqus),
    "remark42": ("remark42.jsonl", import_files.remark42),
}
# Runs the command in a process of its own, for its memory to be its own, and says how much it was.
_COMMAND = """
import resource, sys
import app
runner = app.create_app({"PARLEY_INSTANCE": sys.argv[1]}).test_cli_runner()
answer = runner.invoke(args=["import", *sys.argv[2:]])
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(answer.exit_code, own, others)
print(answer.output, file=sys.stderr)
"""


def main() -> None:
    """Measure each format in each size."""
    asked = _arguments()
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
    print(
        f"{'':<26}{'file':>9}{'first':>14}{'again':>14}{'memory':>10}{'beside':>9}{'database':>11}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for system in asked.formats:
            name, write = _FORMATS[system]
            for size in asked.sizes:
                path = Path(folder) / name
                write(path, size)
                _measure(Path(folder), system, path, size, asked.runs)
                path.unlink()
    print(f"load average {os.getloadavg()[0]:.1f} after")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[200_000], help="comments")
    parser.add_argument("--formats", nargs="+", choices=list(_FORMATS), default=list(_FORMATS))
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


def _measure(folder: Path, system: str, path: Path, size: int, runs: int) -> None:
    first, again, memory, beside, large = [], [], [], [], 0
    for run in range(runs):
        instance = folder / f"{system}-{size}-{run}"
        _prepare(instance)
        for rates in (first, again):
            begun = time.monotonic()
            own, others = _import(instance, system, path)
            rates.append(size / (time.monotonic() - begun))
            memory.append(own)
            beside.append(others)
        large = sum(one.stat().st_size for one in instance.glob("parley.db*"))
        for one in instance.glob("parley.db*"):
            one.unlink()
    print(
        f"{system:<10}{size:>9,} comments{path.stat().st_size / 2**20:>6,.0f} MB"
        f"{statistics.median(first):>12,.0f} /s{statistics.median(again):>12,.0f} /s"
        f"{max(memory) / 1024:>7,.0f} MB{max(beside) / 1024:>6,.0f} MB{large / 2**20:>8,.0f} MB",
        flush=True,
    )


def _prepare(instance: Path) -> None:
    made = application.create_app({"PARLEY_INSTANCE": str(instance)})
    with made.app_context():
        upgrade()
        with writing() as session:
            site = make_site(session, "load", "Load", Moderation.POST)
            session.add(SiteOrigin(site_id=site.id, origin=import_files.ORIGIN))
        db.session.remove()
        db.engine.dispose()


def _import(instance: Path, system: str, path: Path) -> tuple[int, int]:
    """The peak memory of an import, and of what worked for it, in kilobytes."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, str(instance), system, str(path), "--site", "load"],
        cwd=_ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
    )  # fmt: skip
    code, own, others = (int(part) for part in done.stdout.split())
    assert code == 0, done.stderr
    return own, others


if __name__ == "__main__":
    # One file at a time is open, whatever the size.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
