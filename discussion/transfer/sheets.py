"""Rows as CSV that every spreadsheet opens and none executes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# A cell that begins like this is taken for a formula (OWASP, "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float


def harmless(cell: Cell) -> Cell:
    """A cell as it can be written: text that would be a formula gets an apostrophe before it.

    Numbers stay numbers; what they begin with is no formula.
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def written(rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as text (RFC 4180)."""
    page = io.StringIO()
    writer = csv.writer(page)
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return page.getvalue()
