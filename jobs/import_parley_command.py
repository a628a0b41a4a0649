"""`flask import parley`: what became of an export of another Parley, as a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from jobs.import_flaws import end_flawed
from jobs.importing_parley import take
from moderation.errors import Invalid

PARLEY = "parley"
_EVERY = 0.2
_KINDS = {
    "comment": "Comments",
    "account": "People",
    "site": "Sites",
    "thread": "Threads",
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
    click.echo(f"{'Lines read':<12}{taken.read:>12,}")
    for kind, named in _KINDS.items():
        if taken.new[kind] or taken.there[kind]:
            click.echo(
                f"{named:<12}{taken.new[kind]:>12,} new {taken.there[kind]:>12,} already there"
            )
    for status, count in sorted(taken.comments.items()):
        click.echo(f"  {status:<10}{count:>12,}")
    if is_dry:
        click.echo("Nothing was written.")
    if taken.flaws:
        end_flawed(taken.flaw_count, taken.flaws)


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
