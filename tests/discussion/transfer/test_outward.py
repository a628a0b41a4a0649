"""Exports for others: WordPress's XML, a table for spreadsheets, all of one person."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from models import Comment, db
from tests.discussion.transfer.everything import HOSTILE
from tests.jobs.backup.conftest import run

WP = "{http://wordpress.org/export/1.0/}"
DSQ = "{http://www.disqus.com/}"


def written(app: Flask, form: str, file: Path, *words: str) -> str:
    """What `flask export --as` writes."""
    answer = run(app, "export", "--as", form, str(file), *words)
    assert answer.exit_code == 0, answer.output + repr(answer.exception)
    return file.read_text(encoding="utf-8")


def test_wordpress_and_disqus_find_what_they_look_for(app: Flask, everything: None, tmp_path: Path):
    written(app, "wxr", tmp_path / "x.xml")
    channel = ElementTree.parse(tmp_path / "x.xml").getroot().find("channel")
    assert channel is not None
    assert channel.findtext(f"{WP}wxr_version") == "1.0"
    first, second = channel.findall("item")
    assert first.findtext("link") == "https://news.example/story"
    assert first.findtext(f"{DSQ}thread_identifier") == "https://news.example/story"
    assert second.findtext(f"{DSQ}thread_identifier") == "page-7"
    assert second.findtext(f"{WP}comment_status") == "open"
    comments = {one.findtext(f"{WP}comment_id"): one for one in first.findall(f"{WP}comment")}
    # What its author took back is left out, and the answer to it answers the root.
    assert list(comments) == ["1", "2", "3", "5", "6", "7"]
    assert {one: comments[one].findtext(f"{WP}comment_parent") for one in comments} == {
        "1": "0", "2": "1", "3": "2", "5": "1", "6": "0", "7": "0",
    }  # fmt: skip
    assert comments["2"].findtext(f"{WP}comment_author") == "Rolf & <b>"
    assert [comments[one].findtext(f"{WP}comment_approved") for one in ("1", "5", "6")] == [
        "1", "0", "trash",
    ]  # fmt: skip
    with app.app_context():
        stored = db.session().get_one(Comment, 2)
        assert stored.text == HOSTILE
        assert comments["2"].findtext(f"{WP}comment_content") == stored.html
        at = stored.created_at.strftime("%Y-%m-%d %H:%M:%S")
    assert comments["2"].findtext(f"{WP}comment_date_gmt") == at


def test_what_no_xml_may_hold_is_left_out(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path
):
    make_comment("A \ufffe noncharacter and ]]> an end", name="N]]>")
    document = ElementTree.fromstring(written(app, "wxr", tmp_path / "x.xml"))
    content = document.findtext(f".//{WP}comment_content")
    assert content is not None
    assert "an end" in content
    assert "\ufffe" not in content
    assert document.findtext(f".//{WP}comment_author") == "N]]>"


@pytest.mark.parametrize("beginning", ["=1+1", "+1", "-1", "@x", "\uff1d1"])
def test_no_cell_of_the_table_is_a_formula(
    app: Flask, make_comment: Callable[..., int], tmp_path: Path, beginning: str
):
    make_comment(f"{beginning}, and\nmore", name=beginning)
    content = written(app, "csv", tmp_path / "x.csv")
    assert content.startswith("\ufeffnumber,site,page")
    header, row = csv.reader(io.StringIO(content[1:], newline=""))
    found = dict(zip(header, row, strict=True))
    assert found["text"] == f"'{beginning}, and\nmore"
    assert found["author"] == f"'{beginning}"
    assert found["status"] == "published"
    assert float(found["highest score"]) == 0.01


def test_the_table_has_every_comment(app: Flask, everything: None, tmp_path: Path):
    content = written(app, "csv", tmp_path / "x.csv", "--site", "news")
    rows = list(csv.DictReader(io.StringIO(content[1:], newline="")))
    assert [row["number"] for row in rows] == [str(number) for number in range(1, 8)]
    assert rows[1]["answers"] == "1"
    assert rows[1]["text"] == HOSTILE
    assert rows[4]["changed"]


def of_person(app: Flask, number: int, file: Path) -> dict[str, str]:
    """The files that one person is given."""
    answer = run(app, "readers", "export", str(number), str(file))
    assert answer.exit_code == 0, answer.output + repr(answer.exception)
    with zipfile.ZipFile(file) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


def test_a_person_gets_all_of_their_own(app: Flask, everything: None, tmp_path: Path):
    with app.app_context():
        rex = db.session().get_one(Comment, 6).author_id
    files = of_person(app, rex, tmp_path / "x.zip")
    assert json.loads(files["about.json"])["name"] == "Rex"
    (comment,) = json.loads(files["comments.json"])
    assert comment["text"] == "You idiot."
    assert comment["status"] == "rejected"
    assert comment["scores"]
    assert [one["to"] for one in comment["decisions"]] == [
        "held", "rejected", "held", "rejected",
    ]  # fmt: skip
    assert json.loads(files["objections.json"])[0]["text"] == "I meant it kindly."
    assert [one["told"] for one in json.loads(files["sanctions.json"])] == [
        "Be kind.", "Last word.",
    ]  # fmt: skip
    assert "You idiot." in files["comments.csv"]


def test_a_person_gets_nothing_of_others(app: Flask, everything: None, tmp_path: Path):
    """No moderator's name, no note of theirs, nobody who voted or reported."""
    with app.app_context():
        authors = {one.author_id for one in db.session().query(Comment)}
    for number in authors:
        content = "".join(of_person(app, number, tmp_path / f"{number}.zip").values())
        for strange in ("Sena", "Olga", "A note of mine", "Third time", "Vera", "Udo", "sells tea"):
            assert strange not in content


def test_who_voted_and_reported_finds_it(app: Flask, everything: None, tmp_path: Path):
    with app.app_context():
        reader = db.session().execute(db.text("SELECT account_id FROM report ORDER BY id")).scalar()
    files = of_person(app, reader, tmp_path / "x.zip")
    assert [one["vote"] for one in json.loads(files["votes.json"])] == [
        "up", "point for the article",
    ]  # fmt: skip
    assert json.loads(files["reports.json"])[0]["text"] == "It sells tea."


def test_nobody_has_that_number(app: Flask, tmp_path: Path):
    answer = run(app, "readers", "export", "99", str(tmp_path / "x.zip"))
    assert answer.exit_code == 1
    assert "nobody with the number 99" in answer.output
    assert not (tmp_path / "x.zip").exists()


def test_what_is_written_for_wordpress_is_read_as_wordpress_writes(
    app: Flask, everything: None, other_site: int, tmp_path: Path
):
    written(app, "wxr", tmp_path / "x.xml", "--site", "news")
    answer = run(app, "import", "wordpress", str(tmp_path / "x.xml"), "--site", "other")
    assert answer.exit_code == 0, answer.output
    with app.app_context():
        there = db.session().query(Comment).filter_by(site_id=other_site).order_by(Comment.id).all()
        before = db.session().query(Comment).filter_by(site_id=1).order_by(Comment.id).all()
        kept = [one for one in before if one.status.value != "withdrawn"]
        # Between blocks a line break more or less is nothing that anyone reads.
        assert sorted(one.html.replace("\n", "") for one in there) == sorted(
            one.html.replace("\n", "") for one in kept
        )
        assert sorted(one.author_name for one in there) == sorted(one.author_name for one in kept)
        assert sorted(one.status for one in there) == sorted(
            "held" if one.status == "unscored" else one.status for one in kept
        )
