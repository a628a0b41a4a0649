"""`flask import parley`: what became of an export of another Parley, as a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from discussion.transfer.parley.taken import Taken
from jobs.import_flaws import end_flawed
from jobs.import_table import comment_rows, rows, skipped_rows
from jobs.importing_parley import take
from moderation.errors import Invalid

PARLEY = "parley"
_EVERY = 0.2
# In the order of the table, below the comments.
_KINDS = {
    "thread": "Threads",
    "account": "People",
    "site": "Sites",
    "batch": "Batches",
    "sanction": "Sanctions",
    "audit": "Audit log",
}


def import_parley(file: Path, slug: str, *, is_dry: bool) -> None:
    """Take an export in and say what became of it; ends the process with 3 for flaws."""
    try:
        taken = take(file, slug, dry_run=is_dry, told=_telling())
    except Invalid as error:
        raise click.ClickException(error.message) from None
    for line in _told(taken):
        click.echo(line)
    if is_dry:
        click.echo("Nothing was written.")
    if taken.flaws:
        end_flawed(taken.flaw_count, taken.flaws)


def _told(taken: Taken) -> Iterator[str]:
    skipped = taken.skipped["comment"]
    new, there = taken.comments, taken.there["comment"]
    yield from comment_rows(sum(new.values()) + there + skipped.total(), new, there, skipped)
    for kind, named in _KINDS.items():
        new_ones, old, lost = taken.new[kind], taken.there[kind], taken.skipped[kind]
        if new_ones or old or lost:
            yield from rows(named, [("new", new_ones), ("already there", old)])
            yield from skipped_rows(lost) if lost else ()
    others = taken.skipped[""]
    yield from rows("Lines", [("read", taken.read)])
    yield from skipped_rows(others) if others else ()


def _telling() -> Callable[[int, float], None]:
    """One line that changes, where somebody looks at it."""
    begun, last = time.monotonic(), 0.0

    def tell(lines: int, share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if not sys.stderr.isatty() or now - last < _EVERY or not share:
            return
        last, spent = now, max(now - begun, 0.001)
        left = spent / share * (1 - share)
        line = f"{lines:,} lines, {lines / spent:,.0f} a second, {share:.0%}, {left:,.0f} s left"
        click.echo(f"\r{line:<78}", nl=False, err=True)

    return tell
