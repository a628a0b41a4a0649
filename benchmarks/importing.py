"""How quickly exports are imported: `python -m benchmarks.importing`, five minutes.

It writes a large export of Disqus (XML) and one of Remark42 (JSON lines), always the same ones, and
imports each into a fresh SQLite with the command that a publisher uses, without scoring, and then
once more, when everything is there already. Shape: 100 comments to a thread, 60 in 100 answer
another one, 5 to a person, 6 in 100 with a link, 8 in 100 with emphasis, about 230 characters each.

The rates are the medians of the runs, by the clock and by the processor: the latter is what the
process that stores did in a second of its own time, as on a machine with two cores to spare. The
start of the program, two seconds, is not among it. The memory is the peak of that process; the one
that converts texts beside it takes 25 MB. `--sizes 50000 500000` shows that it does not grow with
the file.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
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
import resource, sys, time
import app
runner = app.create_app({"PARLEY_INSTANCE": sys.argv[1]}).test_cli_runner()
begun, before = time.monotonic(), time.process_time()
answer = runner.invoke(args=["import", *sys.argv[2:]])
clock, processor = time.monotonic() - begun, time.process_time() - before
print(answer.exit_code, clock, processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(answer.output, file=sys.stderr)
"""


@dataclass
class _Runs:
    """What some runs took: comments a second, by the clock and by the processor, and kilobytes."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)


def main() -> None:
    """Measure each format in each size."""
    asked = _arguments()
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} before")
    print(f"{'':<36}{'by the clock':>13}{'by its CPU':>13}{'memory':>9}")
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
    first, again, large = _Runs(), _Runs(), 0
    for run in range(runs):
        instance = folder / f"{system}-{size}-{run}"
        _prepare(instance)
        for one in (first, again):
            clock, processor, memory = _import(instance, system, path)
            one.clock.append(size / clock)
            one.processor.append(size / processor)
            one.memory.append(memory)
        large = sum(one.stat().st_size for one in instance.glob("parley.db*"))
        for made in instance.glob("parley.db*"):
            made.unlink()
    at = f"{system}, {size:,} comments, {path.stat().st_size / 2**20:,.0f} MB"
    for named, one in ((at, first), ("  once more", again)):
        print(
            f"{named:<36}{statistics.median(one.clock):>10,.0f} /s"
            f"{statistics.median(one.processor):>10,.0f} /s{max(one.memory) / 1024:>6,.0f} MB",
            flush=True,
        )
    print(f"  database {large / 2**20:,.0f} MB")


def _prepare(instance: Path) -> None:
    made = application.create_app({"PARLEY_INSTANCE": str(instance)})
    with made.app_context():
        upgrade()
        with writing() as session:
            site = make_site(session, "load", "Load", Moderation.POST)
            session.add(SiteOrigin(site_id=site.id, origin=import_files.ORIGIN))
        db.session.remove()
        db.engine.dispose()


def _import(instance: Path, system: str, path: Path) -> tuple[float, float, int]:
    """The seconds of an import by the clock and by the processor, and its peak memory in kB."""
    done = subprocess.run(
        [sys.executable, "-c", _COMMAND, str(instance), system, str(path), "--site", "load"],
        cwd=_ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
    )  # fmt: skip
    code, clock, processor, memory = done.stdout.split()
    assert code == "0", done.stderr
    return float(clock), float(processor), int(memory)


if __name__ == "__main__":
    main()
