"""How `flask import` says what could not be read, and ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from discussion.transfer.records import Flaw

# What the command ends with when something of the file could not be read as it should be.
FLAWED = 3
_SHOWN = 20


def end_flawed(count: int, flaws: Sequence[Flaw]) -> NoReturn:
    """Show the first of so many flaws, and end the process with FLAWED."""
    click.echo(f"{count:,} flaw{'s' * (count != 1)} in the file:", err=True)
    for flaw in flaws[:_SHOWN]:
        lost = " (lost)" if flaw.is_lost else ""
        click.echo(f"  {flaw.place}: {flaw.reason}{lost}", err=True)
    if count > _SHOWN:
        click.echo(f"  and {count - _SHOWN:,} more", err=True)
    sys.exit(FLAWED)
