"""What must hold in a database whatever happened to the processes that wrote it."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

Rows = sqlite3.Connection
Check = Callable[[Rows], Iterator[str]]


def broken_promises(database: Path, *, drained: bool = False) -> list[str]:
    """A sentence for everything that is not as it must be; `drained`: no work is owed any more.

    It reads the tables past Parley's own code, which might be wrong in the same way twice.
    """
    with closing(sqlite3.connect(database)) as rows:
        checks = (*_ALWAYS, *(_WHEN_DRAINED if drained else ()))
        return [sentence for check in checks for sentence in check(rows)]


def _the_file_is_whole(rows: Rows) -> Iterator[str]:
    for (answer,) in rows.execute("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"integrity: {answer}"
    for table, row, parent, _ in rows.execute("PRAGMA foreign_key_check"):
        yield f"{table} {row} points at a {parent} that is not there"


def _decisions_replay_to_the_statuses(rows: Rows) -> Iterator[str]:
    replayed: dict[int, str] = {}
    for decision, comment, before, after in rows.execute(
        'SELECT id, comment_id, "before", "after" FROM decision ORDER BY id'
    ):
        stood = replayed.get(comment, "unscored")
        if stood != before:
            yield f"decision {decision} found comment {comment} {before}, but it was {stood}"
        replayed[comment] = after
    for comment, status in rows.execute("SELECT id, status FROM comment"):
        if replayed.get(comment, "unscored") != status:
            yield f"comment {comment} is {status}, its decisions say {replayed.get(comment)}"


def _decisions_are_counted(rows: Rows) -> Iterator[str]:
    for comment, said, there in rows.execute(
        "SELECT c.id, c.decision_count,"
        " (SELECT count(*) FROM decision d WHERE d.comment_id = c.id) FROM comment c"
    ):
        if said != there:
            yield f"comment {comment}: decision_count says {said}, its rows say {there}"


def _a_revision_is_judged_once(rows: Rows) -> Iterator[str]:
    for comment, revision, times in rows.execute(
        "SELECT comment_id, revision, count(*) FROM decision"
        " WHERE actor_kind = 'system' AND \"before\" = 'unscored'"
        " GROUP BY comment_id, revision HAVING count(*) > 1"
    ):
        yield f"revision {revision} of comment {comment} was judged {times} times"


def _what_is_unscored_is_owed(rows: Rows) -> Iterator[str]:
    for comment, revision in rows.execute(
        "SELECT id, revision FROM comment WHERE status = 'unscored' AND NOT EXISTS ("
        " SELECT 1 FROM job WHERE job.comment_id = comment.id"
        " AND job.revision = comment.revision AND job.state IN ('ready', 'taken'))"
    ):
        yield f"revision {revision} of comment {comment} is unscored, and nothing will score it"


def _published_by_the_system_means_scored(rows: Rows) -> Iterator[str]:
    for comment, revision in rows.execute(
        "SELECT comment_id, revision FROM decision"
        " WHERE actor_kind = 'system' AND \"after\" = 'published'"
        # What another system had published was not judged here.
        " AND NOT EXISTS (SELECT 1 FROM comment_source"
        " WHERE comment_source.comment_id = decision.comment_id"
        " AND decision.actor_name = 'Import')"
        " AND NOT EXISTS ("
        " SELECT 1 FROM score WHERE score.comment_id = decision.comment_id"
        " AND score.revision = decision.revision)"
    ):
        yield f"revision {revision} of comment {comment} was published without a score"


def _totals_equal_their_rows(rows: Rows) -> Iterator[str]:
    recomputed = (
        (
            "comment",
            "up",
            "SELECT t.imported_up + count(*) FROM vote WHERE comment_id = t.id AND value = 1",
        ),
        (
            "comment",
            "down",
            "SELECT t.imported_down + count(*) FROM vote WHERE comment_id = t.id AND value = -1",
        ),
        (
            "comment",
            "open_reports",
            "SELECT count(*) FROM report WHERE comment_id = t.id AND state = 'open'",
        ),
        (
            "comment",
            "reply_count",
            "SELECT count(*) FROM comment WHERE parent_id = t.id AND status = 'published'",
        ),
        (
            "thread",
            "comment_count",
            "SELECT count(*) FROM comment WHERE thread_id = t.id AND status = 'published'",
        ),
        ("thread", "points", "SELECT count(*) FROM article_point WHERE thread_id = t.id"),
    )
    weights = "SELECT total(weight) FROM report WHERE comment_id = t.id AND state = 'open'"
    for number, kept, counted in rows.execute(
        f"SELECT id, report_weight, ({weights}) AS counted FROM comment AS t"
        " WHERE abs(report_weight - counted) > 0.001"
    ):
        yield f"comment {number}: report_weight says {kept}, its rows say {counted}"
    for table, column, query in recomputed:
        for number, kept, counted in rows.execute(
            f"SELECT id, {column}, ({query}) AS counted FROM {table} AS t WHERE {column} != counted"
        ):
            yield f"{table} {number}: {column} says {kept}, its rows say {counted}"


def _descendants_are_counted(rows: Rows) -> Iterator[str]:
    parents = dict(rows.execute("SELECT id, parent_id FROM comment"))
    below: Counter[int] = Counter()
    for (comment,) in rows.execute("SELECT id FROM comment WHERE status = 'published'"):
        above = parents.get(comment)
        while above is not None:
            below[above] += 1
            above = parents.get(above)
    for comment, kept in rows.execute("SELECT id, descendant_count FROM comment"):
        if kept != below[comment]:
            yield f"comment {comment}: descendant_count says {kept}, there are {below[comment]}"


def _branches_know_their_latest(rows: Rows) -> Iterator[str]:
    parents, latest, kept = {}, {}, {}
    for comment, parent, status, at, stirred in rows.execute(
        "SELECT id, parent_id, status, created_at, stirred_at FROM comment ORDER BY id"
    ):
        parents[comment], kept[comment] = parent, stirred
        latest[comment] = at
        above = parent if status == "published" else None
        while above in latest:
            latest[above] = max(latest[above], at)
            above = parents.get(above)
    for comment, at in latest.items():
        if kept[comment] != at:
            yield f"comment {comment}: stirred_at says {kept[comment]}, the latest is of {at}"


def _nothing_is_owed(rows: Rows) -> Iterator[str]:
    for job, state in rows.execute("SELECT id, state FROM job WHERE state IN ('ready', 'taken')"):
        yield f"job {job} is still {state}"
    for (comment,) in rows.execute("SELECT id FROM comment WHERE status = 'unscored'"):
        yield f"comment {comment} is still unscored"


def _the_standing_decision_is_of_the_present_text(rows: Rows) -> Iterator[str]:
    standing: dict[int, list[int]] = defaultdict(list)
    for comment, revision in rows.execute("SELECT comment_id, revision FROM decision ORDER BY id"):
        standing[comment].append(revision)
    for comment, revision in rows.execute("SELECT id, revision FROM comment"):
        if not standing[comment] or standing[comment][-1] != revision:
            yield f"comment {comment}: no decision stands on revision {revision}"


_ALWAYS: tuple[Check, ...] = (
    _the_file_is_whole,
    _decisions_replay_to_the_statuses,
    _decisions_are_counted,
    _a_revision_is_judged_once,
    _what_is_unscored_is_owed,
    _published_by_the_system_means_scored,
    _totals_equal_their_rows,
    _descendants_are_counted,
    _branches_know_their_latest,
)
_WHEN_DRAINED: tuple[Check, ...] = (
    _nothing_is_owed,
    _the_standing_decision_is_of_the_present_text,
)
