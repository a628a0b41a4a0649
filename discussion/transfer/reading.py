"""An export from its first record to its last, whatever system it comes from, in portions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from discussion.transfer.formats import READERS, check_looks
from discussion.transfer.opening import open_export
from discussion.transfer.records import CommentRecord, Record

# Of what is held in memory together: records, and characters in their bodies.
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
    with open_export(path) as export:
        check_looks(export, system)
        records: list[Record] = []
        signs = 0
        for record in READERS[system](export):
            records.append(record)
            signs += len(record.body) if isinstance(record, CommentRecord) else 0
            if len(records) >= _AT_ONCE or signs >= _MOST_SIGNS:
                yield Portion(records, export.done(), export.size)
                records, signs = [], 0
        yield Portion([*records, *export.flaws], export.done(), export.size)
