"""Knows how to fill a migrated SQLite database with many made-up comments, quickly."""

from __future__ import annotations

import itertools
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from jobs.transactions import writing
from models import Account, AccountKind, Role, Site, SiteRole
from moderation import policies
from moderation.decisions import SYSTEM
from moderation.signals.facts import Thresholds
from moderation.values import Values

# By this the member of staff is signed in that reads every site.
STAFF = "benchmark-staff"
SITES = 3
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
_SECTIONS = ("", "sport", "politics", "culture", "science", "local", "opinion")
_FIRST = """
the of and to a in is that it for you was with on as have but be they we this not are at he
from or one all can more if will what so there about out up when who people some would no
time just like how them then now than only my good over think also back after use two work
first well way even new want because any give day most us water town council road school
money idiot price match goal team vote tax train river bridge market idea story reporter
"""
_SYLLABLES = ("ba", "ri", "to", "men", "lu", "sa", "ker", "vo", "ni", "dal", "mo", "ter", "ga")
_TABLES = (
    "comment", "score", "signal", "decision", "thread", "report", "appeal", "comment_words",
    "audit_entry",
)  # fmt: skip


def open_sites() -> None:
    """The sites, and the member of staff with a role on each, through the house's own doors."""
    with writing() as session:
        roles = []
        for number in range(1, SITES + 1):
            site = Site(slug=f"site{number}", name=f"Site {number}")
            session.add(site)
            session.flush()
            limits = {label: Thresholds(0.6) for label in LABELS}
            policies.begin(session, site, Values(thresholds=limits), SYSTEM)
            roles.append(SiteRole(site_id=site.id, role=Role.ADMIN))
        session.add(
            Account(
                kind=AccountKind.STAFF, email="mod@example.org", name="Mo",
                fs_uniquifier=STAFF, site_roles=roles,
            )
        )  # fmt: skip


def make(file: Path, comments: int, seed: int = 7) -> None:
    """Comments of three sites over two years, in 2,000 threads and by 50,000 authors, with what
    belongs to them; about 20,000 of a million are held. The indexes are built at the end."""
    chance = random.Random(seed)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode=MEMORY")
        database.execute("PRAGMA synchronous=OFF")
        later = database.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"
            f" AND tbl_name IN {_TABLES} AND sql IS NOT NULL"
        ).fetchall()
        for kind, name, _ in later:
            database.execute(f"DROP {kind} {name}")
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        authors, threads = max(10, comments // 20), max(5, comments // 500)
        _people(database, authors, threads, now, chance)
        _comments(database, comments, authors, threads, now, chance)
        _belongings(database, comments)
        for _, _, sql in later:
            database.execute(sql)
        database.execute("INSERT INTO comment_words(comment_words) VALUES ('rebuild')")
        database.execute("ANALYZE")
        database.commit()


def _moment(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="microseconds")


def _people(
    database: sqlite3.Connection, authors: int, threads: int, now: datetime, chance: random.Random
) -> None:
    at = _moment(now)
    people = (
        {"id": 1 + number, "kind": "guest", "name": f"Reader {number}", "active": 1,
         "fs_uniquifier": f"u{number}", "created_at": at, "standing": "good", "token_epoch": 0,
         "password": ""}
        for number in range(1, authors + 1)
    )  # fmt: skip
    _insert(database, "account", people)
    _insert(database, "thread", (
        {"id": number, "site_id": 1 + number % SITES, "identity": f"path:/{number}",
         "url": f"https://site.example/{number}", "title": f"Story {number}", "state": "open",
         "section": chance.choice(_SECTIONS), "comment_count": 0, "points": 0, "version": 1,
         "created_at": at}
        for number in range(1, threads + 1)
    ))  # fmt: skip


def _words(chance: random.Random) -> tuple[list[str], list[float]]:
    made = ["".join(part) for part in itertools.product(_SYLLABLES, repeat=3)]
    chance.shuffle(made)
    words = _FIRST.split() + made
    return words, list(itertools.accumulate(1 / (place + 2) for place in range(len(words))))


def _comments(
    database: sqlite3.Connection,
    comments: int,
    authors: int,
    threads: int,
    now: datetime,
    chance: random.Random,
) -> None:
    words, weights = _words(chance)
    step = timedelta(days=730) / comments

    def rows() -> Iterator[dict[str, object]]:
        for number in range(1, comments + 1):
            status = chance.choices(
                ("published", "rejected", "held", "withdrawn", "unscored"),
                (92.7, 4.8, 2.0, 0.4, 0.1),
            )[0]
            risk = chance.random() ** (1 if status != "published" else 4)
            # Some threads and some authors have far more than others.
            thread = 1 + int(threads * chance.random() ** 2)
            author = 2 + int(authors * chance.random() ** 3)
            text = " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(4, 30)))
            if not number % 20_011:
                text += " zanzibar"
            reported = status == "published" and not number % 397
            yield {
                "id": number, "site_id": 1 + thread % SITES, "thread_id": thread, "depth": 0,
                "author_id": author, "author_name": f"Reader {author}", "text": text,
                "html": f"<p>{text}</p>", "revision": 1, "status": status, "version": 1,
                "created_at": _moment(now - step * (comments - number)), "up": 0, "down": 0,
                "best": 0.0, "reply_count": 0, "descendant_count": 0,
                "open_reports": int(reported), "report_weight": float(reported),
                "escalated": int(status == "held" and not number % 23), "risk": risk,
                "doubt": abs(risk - 0.6), "language": chance.choice(("en", "en", "en", "fr")),
                "by_staff": 0, "email_domain": "", "trapped": 0,
            }  # fmt: skip

    _insert(database, "comment", rows())


def _insert(
    database: sqlite3.Connection,
    table: str,
    rows: Iterator[dict[str, object]] | list[dict[str, object]],
) -> None:
    """Put rows into a table, leaving out what it has no column for."""
    known = {row[1] for row in database.execute(f"PRAGMA table_info('{table}')")}
    rows = iter(rows)
    first = next(rows)
    names = [name for name in first if name in known]
    quoted, places = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    database.executemany(
        f'INSERT INTO "{table}" ({quoted}) VALUES ({places})',
        ([row[name] for name in names] for row in itertools.chain([first], rows)),
    )


def _belongings(database: sqlite3.Connection, comments: int) -> None:
    """Scores for all that wait and for every third of the rest; signals and decisions for some."""
    some = "(status IN ('held', 'unscored') OR open_reports > 0 OR id % 3 = 0)"
    for label in LABELS:
        database.execute(
            "INSERT INTO score (comment_id, revision, label, value, model_name, model_version,"
            " created_at) SELECT id, 1, ?, CASE ? WHEN 'toxicity' THEN risk"
            " ELSE risk * (abs(random()) % 1000) / 1000.0 END, 'parley-small', '1.2.0', created_at"
            f" FROM comment WHERE {some}",
            (label, label),
        )
    database.execute(
        "INSERT INTO signal (comment_id, revision, kind, subject, advice, value, threshold,"
        " evidence, created_at)"
        " SELECT id, 1, CASE id % 4 WHEN 0 THEN 'links' WHEN 1 THEN 'newcomer' ELSE 'score' END,"
        " '', 'hold', 1.0, 0.5, '{}', created_at FROM comment"
        " WHERE status IN ('held', 'rejected') OR id % 10 = 0"
    )
    _decisions(database)
    database.execute(
        "INSERT INTO report (comment_id, account_id, reason, text, state, weight, decision_id,"
        " created_at) SELECT id, 1, 'spam', '', 'open', 1.0, 0, created_at FROM comment"
        " WHERE open_reports > 0"
    )
    database.execute(
        "INSERT INTO appeal (site_id, comment_id, decision_id, account_id, text, state, answer_id,"
        " created_at) SELECT c.site_id, c.id, max(d.id), c.author_id, 'Look again.', 'open', 0,"
        " c.created_at FROM comment c JOIN decision d ON d.comment_id = c.id"
        " WHERE c.status = 'rejected' AND c.id % 100 = 1 GROUP BY c.id"
    )


def _decisions(database: sqlite3.Connection) -> None:
    """The policy held and a person decided, within two days, what was rejected and a tenth of the
    rest; each of those decisions in order of time, and every fifth passed on first."""
    into = (
        "INSERT INTO decision (site_id, comment_id, revision, before, after, actor_kind, actor_id,"
        " actor_name, reasons, note, policy_version, undoes, batch_id, created_at)"
    )
    by_person = "(status = 'rejected' OR status = 'published' AND id % 10 = 0)"
    database.execute(
        f"{into} SELECT site_id, id, 1, 'unscored', CASE WHEN {by_person} THEN 'held' WHEN"
        " status = 'withdrawn' THEN 'published' ELSE status END, 'system', 0, 'Parley',"
        " '[\"score:toxicity\"]', '', 1, 0, 0, created_at FROM comment"
        " WHERE status != 'unscored' ORDER BY id"
    )
    database.execute(
        f"{into} SELECT site_id, id, 1, 'held', status, 'staff', 1, 'Mo', CASE status WHEN"
        " 'rejected' THEN '[\"insult\"]' ELSE '[]' END, '', 1, 0, 0, min(strftime("
        "'%Y-%m-%d %H:%M:%f000', created_at, '+' || (abs(random()) % 172800) || ' seconds'),"
        " strftime('%Y-%m-%d %H:%M:%f000', 'now'))"
        f" FROM comment WHERE {by_person} ORDER BY id"
    )
    database.execute(
        "UPDATE comment SET decision_count ="
        " (SELECT count(*) FROM decision WHERE decision.comment_id = comment.id)"
    )
    database.execute(
        "INSERT INTO audit_entry (site_id, action, subject_kind, subject_id, detail, actor_kind,"
        " actor_id, actor_name, created_at) SELECT site_id, 'case escalated', 'comment',"
        " comment_id, '{}', 'staff', 1, 'Mo', created_at FROM decision WHERE actor_kind = 'staff'"
        " AND comment_id % 5 = 0"
    )
