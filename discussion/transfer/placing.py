"""Where staged comments stand: what they answer, how deep, and what keeps its place though deleted.

Everything is done by the temporary database itself: a file can be larger than the memory.
"""

from __future__ import annotations

import sqlite3
from collections import Counter

# As deep as the setting PARLEY_DEPTH_LIMIT can be: what is read goes no further down.
DEEPEST = 500

# What a comment answers stands in the same thread; of a number that comes twice the first is meant.
_SETTLED = """
CREATE INDEX by_raw ON comment(thread, raw);
UPDATE comment SET parent = (
    SELECT min(above.n) FROM comment above
    WHERE above.thread = comment.thread AND above.raw = comment.parent_raw AND above.raw != '')
WHERE parent_raw != '';
CREATE INDEX by_parent ON comment(parent);
"""
_ABOVE = "(SELECT above.parent FROM comment above WHERE above.n = comment.parent)"
_UNDER_LEFT_OUT = "parent IN (SELECT n FROM comment WHERE fate = 'left-out')"
_NEXT_LEVEL = (
    "INSERT INTO below SELECT c.n FROM level CROSS JOIN comment c"
    " WHERE c.parent = level.n AND c.depth IS NULL"
)
_MOVED_UP = f"UPDATE comment SET parent = {_ABOVE} WHERE n IN (SELECT n FROM below)"  # noqa: S608
_PLACED = (
    "UPDATE comment SET depth = ?,"
    " root = (SELECT above.root FROM comment above WHERE above.n = comment.parent)"
    " WHERE n IN (SELECT n FROM below)"
)
_IN_DELETED = "thread IN (SELECT n FROM thread WHERE is_deleted)"


def settle(rows: sqlite3.Connection, notes: Counter[str], skipped: Counter[str]) -> None:
    """Give every comment its parent, root and depth, and mark those that are to be stored.

    `notes` counts what had to stand elsewhere, `skipped` what is left out, both by reason.
    """
    rows.executescript(_SETTLED)
    _move_up_from_left_out(rows)
    _count_orphans(rows, notes)
    _measure_depth(rows, notes)
    _keep_places(rows, skipped)
    rows.execute("CREATE INDEX by_place ON comment(thread, root, depth, n) WHERE is_kept = 1")


def _move_up_from_left_out(rows: sqlite3.Connection) -> None:
    """What answers something that is no comment answers what stands above that."""
    for _ in range(DEEPEST):
        moved = rows.execute(
            f"UPDATE comment SET parent = {_ABOVE}, parent_raw ="  # noqa: S608
            f" CASE WHEN {_ABOVE} IS NULL THEN '' ELSE parent_raw END WHERE {_UNDER_LEFT_OUT}"
        ).rowcount
        if not moved:
            return
    rows.execute(f"UPDATE comment SET parent = NULL WHERE {_UNDER_LEFT_OUT}")  # noqa: S608


def _count_orphans(rows: sqlite3.Connection, notes: Counter[str]) -> None:
    query = (
        "SELECT parent_raw IN (SELECT raw FROM comment), count(*) FROM comment"
        " WHERE parent IS NULL AND parent_raw != '' AND fate NOT IN ('left-out', 'deleted')"
        " GROUP BY 1"
    )
    for is_there, count in rows.execute(query):
        where = "in another discussion" if is_there else "not in the file"
        notes[f"whose parent is {where}, at the first level"] = count


def _measure_depth(rows: sqlite3.Connection, notes: Counter[str]) -> None:
    """From the first level down; what answers itself in a circle is cut loose first."""
    rows.execute("UPDATE comment SET depth = 0, root = n WHERE parent IS NULL")
    _descend(rows, notes)
    in_circles = rows.execute(
        "UPDATE comment SET parent = NULL, depth = 0, root = n"
        " WHERE depth IS NULL AND parent >= n"
    ).rowcount  # fmt: skip
    if in_circles:
        notes["that answered themselves in a circle, at the first level"] = in_circles
        _descend(rows, notes)


def _descend(rows: sqlite3.Connection, notes: Counter[str]) -> None:
    """Measure what stands below the first level, level by level."""
    depth = 0
    rows.execute("DELETE FROM level")
    rows.execute("INSERT INTO level SELECT n FROM comment WHERE parent IS NULL")
    while True:
        rows.execute("DELETE FROM below")
        if not rows.execute(_NEXT_LEVEL).rowcount:
            return
        depth += 1
        if depth > DEEPEST:
            notes[f"deeper than {DEEPEST} levels, moved up"] += rows.execute(_MOVED_UP).rowcount
        rows.execute(_PLACED, (min(depth, DEEPEST),))
        rows.execute("DELETE FROM level")
        rows.execute("INSERT INTO level SELECT n FROM below")


def _keep_places(rows: sqlite3.Connection, skipped: Counter[str]) -> None:
    """What was deleted stays while something stands below it."""
    rows.execute(
        "UPDATE comment SET is_kept = fate IN ('published', 'held', 'rejected')"  # noqa: S608
        f" AND NOT {_IN_DELETED}"
    )
    while rows.execute(
        f"UPDATE comment SET is_kept = 1 WHERE NOT is_kept AND fate = 'deleted'"  # noqa: S608
        f" AND NOT {_IN_DELETED} AND EXISTS ("
        " SELECT 1 FROM comment below WHERE below.parent = comment.n AND below.is_kept)"
    ).rowcount:
        pass
    left = rows.execute(
        "SELECT CASE WHEN fate = 'left-out' THEN reason"  # noqa: S608
        f" WHEN {_IN_DELETED} THEN 'in a deleted discussion'"
        " WHEN reason != '' THEN reason ELSE 'deleted, with nothing below' END, count(*)"
        " FROM comment WHERE NOT is_kept GROUP BY 1"
    )
    for reason, count in left:
        skipped[reason] += count
