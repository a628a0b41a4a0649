"""An export from its first record to its last, whatever system it comes from, in portions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from discussion.transfer.formats import READERS, check_looks
from discussion.transfer.opening import open_parts
from discussion.transfer.records import CommentRecord, Flaw, Record, ThreadRecord
from discussion.transfer.unpacking import Export
from moderation.errors import Invalid

# Of what is held in memory together: records, and characters in them.
_AT_ONCE, _MOST_SIGNS = 500, 2**20


@dataclass(frozen=True, slots=True)
class Portion:
    """Some records, and how many of the file's bytes were read up to them."""

    records: list[Record]
    done: int
    size: int


def portions(system: str, path: Path) -> Iterator[Portion]:
    """All that is in a file, its flaws among it. Raises Invalid for one that cannot be read at all,
    or that comes from another system."""
    try:
        yield from _portions(system, path)
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _portions(system: str, path: Path) -> Iterator[Portion]:
    with open_parts(path) as parts:
        for export in parts:
            check_looks(export, system)
            yield from _of_one(export, system)


def _of_one(export: Export, system: str) -> Iterator[Portion]:
    records: list[Record] = []
    signs = 0
    for record in READERS[system](export):
        records.append(_placed(record, export))
        signs += _signs(record)
        if len(records) >= _AT_ONCE or signs >= _MOST_SIGNS:
            yield Portion(records, export.done(), export.size)
            records, signs = [], 0
    yield Portion([*records, *export.flaws], export.done(), export.size)


def _placed(record: Record, export: Export) -> Record:
    """The same, but a flaw says in which of several parts it is."""
    if export.parts > 1 and isinstance(record, Flaw):
        return record._replace(place=f"{export.name}, {record.place}")
    return record


def _signs(record: Record) -> int:
    if isinstance(record, CommentRecord):
        return len(record.body) + len(record.author.name) + len(record.thread_id)
    if isinstance(record, ThreadRecord):
        return len(record.url) + len(record.title) + len(record.identifier)
    return 0
