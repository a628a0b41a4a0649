"""How `flask import` lays out what became of a file: read, new, already there, skipped and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from models import Status

_NEW = {
    Status.UNSCORED: "not scored yet, to be scored here",
    Status.PUBLISHED: "published",
    Status.HELD: "held for a moderator",
    Status.REJECTED: "rejected",
    Status.WITHDRAWN: "deleted, a place for their replies",
}


def rows(head: str, cells: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Lines of the table, the first of them under a heading."""
    for name, count in cells:
        yield f"{head:<10}{name:<42}{count:>12,}"
        head = ""


def comment_rows(
    read: int, new: Mapping[Status, int], there: int, skipped: Mapping[str, int]
) -> Iterator[str]:
    """What became of the comments, the new ones by where they stand, the skipped ones by reason."""
    yield from rows("Comments", [("read", read)])
    yield from rows("", [("new", sum(new.values()))])
    yield from rows("", [(f"  {_NEW[one]}", count) for one, count in sorted(new.items())])
    yield from rows("", [("already there", there)])
    yield from skipped_rows(skipped)


def skipped_rows(skipped: Mapping[str, int]) -> Iterator[str]:
    """How many were skipped, and how many for which reason."""
    yield from rows("", [("skipped", sum(skipped.values()))])
    yield from rows("", [(f"  {why}", count) for why, count in sorted(skipped.items())])
