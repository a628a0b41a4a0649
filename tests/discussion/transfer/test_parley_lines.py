"""Lines of an export of Parley's that are wrong, hostile or about one person twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from discussion.transfer.parley.names import Names
from jobs.transactions import reading
from models import Account, AccountKind, AccountName, Comment, DatabaseMark, Policy, Site, db
from moderation.errors import Invalid
from tests.discussion.transfer.parley_files import changed, taken
from tests.jobs.backup.conftest import run


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"status": "rejected"}, "Its decisions do not lead to where it stands"),
        ({"decisions": []}, "Its decisions do not lead to where it stands"),
        ({"status": "loved"}, "“status” is not known: 'loved'."),
        ({"text": 7}, "“text” is of another kind than it has to be."),
        ({"text": "a\0b"}, "“text” holds what cannot be stored."),
        ({"text": "\ud800"}, "“text” holds what cannot be stored."),
        ({"author_name": "x" * 121}, "“author_name” has more than 120 characters."),
        ({"created_at": "yesterday"}, "“created_at” is no time."),
        ({"created_at": "2026-01-01T00:00:00"}, "“created_at” says no zone."),
        ({"created_at": None}, "“created_at” is empty."),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "“created_at” is no time."),
        ({"risk": 10**400}, "“risk” is larger than it can be."),
        ({"author": "nobody"}, "Its author is nowhere in the file before it."),
        ({"thread": "path:/nowhere"}, "Its thread is nowhere in the file before it."),
        ({"site": "nowhere"}, "Its site is nowhere in the file before it."),
        ({"decisions": "many"}, "“decisions” is no list of objects."),
        ({"votes": [{"account": "x", "value": 5, "created_at": "2026-01-01T00:00:00Z"}]},
         "A vote is 1 or -1."),
        ({"imported_up": True}, "“imported_up” is of another kind than it has to be."),
        ({"id": ""}, "There is no “id”."),
        ({"id": "a\0b"}, "“id” holds what cannot be stored."),
        ({"imported_up": 10**30}, "“imported_up” is larger than it can be."),
        ({"risk": float("inf")}, "“risk” is larger than it can be."),
        ({"thread": []}, "of another kind"),
        ({"sanctions": [[]]}, "“sanctions” is no list of numbers."),
        ({"signals": [{"kind": "x", "advice": "hold", "evidence": [1],
                       "created_at": "2026-01-01T00:00:00Z"}]}, "“evidence” is of another kind"),
        ({"decisions": [{"before": "unscored", "after": "published", "actor_kind": "system",
                         "actor_name": "x", "reasons": {}}]}, "“reasons” is no list of words."),
        ({"type": "poem"}, "This is no kind of line: 'poem'."),
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_taken_is_told_and_the_rest_is_read(
    first: bytes, there: Flask, tmp_path: Path, changes: dict[str, object], fault: str
):
    changed(tmp_path / "first.jsonl", "comment", **changes)
    found = taken(there, tmp_path / "first.jsonl")
    (flaw,) = found.flaws
    assert flaw.place.startswith("line ")
    assert fault in flaw.reason
    assert found.new["comment"] == 6
    # What answered it stands at the first level.
    assert run(there, "audit", "verify").exit_code == 0


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("site", {"staff": [{"account": None, "role": "king"}, 7]}),
        ("site", {"policies": [7]}),
        ("site", {"policies": [{"version": 1, "values": [], "actor_kind": "system",
                                "actor_name": "x", "created_at": "2026-01-01T00:00:00Z"}]}),
        ("batch", {"criteria": []}),
        ("thread", {"points": [7]}),
    ],
)  # fmt: skip
def test_a_line_of_another_shape_leaves_nothing_half_done(
    first: bytes, there: Flask, tmp_path: Path, kind: str, changes: dict[str, object]
):
    changed(tmp_path / "first.jsonl", kind, **changes)
    found = taken(there, tmp_path / "first.jsonl")
    assert found.flaws[0].reason
    with there.app_context():
        for site in db.session().query(Site):
            assert db.session().query(Policy).filter_by(site_id=site.id).count()
    assert run(there, "audit", "verify").exit_code == 0


def test_many_flaws_are_counted_and_not_kept(there: Flask, tmp_path: Path):
    head = b'{"type":"header","format":"parley-export","version":1,"sites":[],"whole":true}\n'
    deep = b'{"type":' + b"[" * 100_000 + b"\n"
    (tmp_path / "x").write_bytes(head + b"\n" + deep + b"nonsense\n" * 5_000)
    found = taken(there, tmp_path / "x")
    assert found.flaw_count == 5_002
    assert len(found.flaws) == 1_000


def test_what_a_file_says_is_not_trusted_to_be_harmless(first: bytes, there: Flask, tmp_path: Path):
    changed(
        tmp_path / "first.jsonl", "comment",
        html='<p onclick="x()">a</p><script>alert(1)</script><a href="javascript:x">b</a>',
    )  # fmt: skip
    assert taken(there, tmp_path / "first.jsonl").flaws == []
    with there.app_context():
        html = db.session().get_one(Comment, 1).html
    assert "onclick" not in html
    assert "script" not in html


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("hello\n", "There is no line"),
        ('{"type":"header"}\n', "no export of Parley's"),
        ('{"type":"comment"}\n', "no export of Parley's"),
        ('{"type":"header","format":"parley-export","version":9}\n', "Install a newer one"),
        ("[1]\n", "There is no line"),
    ],
)
def test_another_file_is_refused(app: Flask, tmp_path: Path, content: str, fault: str):
    (tmp_path / "x").write_text(content)
    with pytest.raises(Invalid, match=fault):
        taken(app, tmp_path / "x")


def test_people_are_found_by_name_and_staff_by_e_mail_address(there: Flask, tmp_path: Path):
    lines = [
        {"type": "header", "format": "parley-export", "version": 1, "sites": [], "whole": True},
        *(
            {"type": "account", "id": name, "kind": kind, "name": name, "email": email,
             "created_at": "2020-01-01T00:00:00Z"}
            for name, kind, email in (
                ("a", "staff", "ada@example.com"),
                # The same person under a name from another database.
                ("b", "staff", "ada@example.com"),
                # A reader has no address here, whatever a file says.
                ("c", "guest", "ada@example.com"),
                ("c", "guest", None),
            )
        ),
        {"type": "end", "lines": 5, "comments": 0},
    ]  # fmt: skip
    path = tmp_path / "people.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = taken(there, path)
    assert (found.new["account"], found.there["account"], found.flaws) == (2, 2, [])
    assert taken(there, path).there["account"] == 4
    with there.app_context(), reading() as session:
        named = session.execute(
            select(AccountName.name, Account.kind, Account.email)
            .join(Account, Account.id == AccountName.account_id)
            .order_by(AccountName.name)
        ).all()
    assert [tuple(row) for row in named] == [
        ("a", AccountKind.STAFF, "ada@example.com"),
        ("b", AccountKind.STAFF, "ada@example.com"),
        ("c", AccountKind.GUEST, None),
    ]


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5_000])
def test_a_number_that_no_database_has_is_nobodys(there: Flask, digits: str):
    with there.app_context(), reading() as session:
        names = Names(session)
        mark = session.scalars(select(DatabaseMark.mark)).one()
        assert names.own_account(f"{mark}-a7") == 7
        assert names.own_account(f"{mark}-a{digits}") == names.own_comment(f"{mark}-{digits}") == 0
