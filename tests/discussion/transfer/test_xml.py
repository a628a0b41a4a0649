"""XML that is broken in the ways exports are: everything that can be read is, with its place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from discussion.transfer import opening, xml_cutting
from discussion.transfer.records import Fate
from tests.discussion.transfer.exports import (
    DISQUS_HEAD,
    DISQUS_THREAD,
    comments,
    disqus,
    flaws,
    post,
    read,
)


def bodies(path: Path) -> dict[str, str]:
    """The messages by their numbers."""
    return {number: one.body for number, one in comments(read("disqus", path)).items()}


def test_a_sound_file_has_no_flaws(tmp_path: Path):
    records = read("disqus", disqus(tmp_path, post("1"), post("2", parent="1")))
    assert flaws(records) == []
    assert comments(records)["2"].parent_id == "1"


@pytest.mark.parametrize("size", [1, 7, 64, 1_000])
def test_it_does_not_matter_where_the_reading_pauses(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
):
    tricky = "a ]]]]><![CDATA[> <post> </post> <!-- b --> &amp; ü"
    path = disqus(tmp_path, *(post(str(n), tricky) for n in range(5)))
    whole = bodies(path)
    monkeypatch.setattr(xml_cutting, "_PIECE", size)
    assert bodies(path) == whole
    assert whole["4"] == "a ]]> <post> </post> <!-- b --> &amp; ü"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (post("2").replace('"t1"', "t1"), "mended"),
        (post("2").replace("Ann", "A & B"), "mended"),
        (post("2").replace("Ann", "A&nbsp;B"), "mended"),
        (post("2").replace("Ann", "A < B"), "mended"),
        (post("2").replace("Ann", "A\x08B"), "mended"),
        (post("2").replace("Ann", "A&#x1f;&#xD800;B"), "mended"),
        (post("2").replace("<name>", "<name><b>"), "mended"),
        (post("2").replace("</post>", ""), "does not end before"),
        ("</post>" + post("2"), "ends what did not begin"),
        ("</disqus>" + post("2"), "ends what did not begin"),
        ("junk &&& <" + post("2"), ""),
    ],
)
def test_one_broken_record_costs_no_other(tmp_path: Path, broken: str, said: str):
    records = read("disqus", disqus(tmp_path, post("1"), broken, post("3")))
    found = comments(records)
    assert sorted(found) == ["1", "2", "3"]
    assert found["2"].body == "<p>Hello.</p>"
    assert found["2"].thread_id == "t1"
    assert any(said in flaw.reason for flaw in flaws(records)) or not said


def test_two_broken_records_do_not_make_one(tmp_path: Path):
    torn = post("1").replace("</post>\n", "<post>")
    found = comments(read("disqus", disqus(tmp_path, torn, "</post>" + post("2"))))
    assert {"1", "2"} <= set(found)


def test_a_flaw_tells_its_line(tmp_path: Path):
    broken = post("2").replace('"t1"', "t1")
    found = flaws(read("disqus", disqus(tmp_path, post("1"), broken)))
    assert [flaw.place.partition(",")[0] for flaw in found] == ["line 5"]
    assert not any(flaw.is_lost for flaw in found)


def test_bytes_that_are_no_utf8_are_what_windows_means_by_them_or_the_sign_for_that(
    tmp_path: Path,
):
    path = disqus(tmp_path, post("1", "caf\u00e9"), post("2"))
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xe9\x81"))
    assert bodies(path) == {"1": "caf\u00e9\ufffd", "2": "<p>Hello.</p>"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_other_encodings_are_read(tmp_path: Path, encoding: str):
    path = tmp_path / "file.xml"
    head = DISQUS_HEAD.replace("utf-8", encoding.removesuffix("-sig"))
    text = head + DISQUS_THREAD + post("1", "café") + "</disqus>"
    path.write_bytes(text.encode(encoding))
    assert bodies(path) == {"1": "café"}


def test_the_end_of_the_file_can_be_missing(tmp_path: Path):
    path = disqus(tmp_path, post("1"), post("2", "<p>Half a"))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"Half a") + 6])
    records = read("disqus", path)
    assert sorted(comments(records)) == ["1", "2"]
    assert any("ends within" in flaw.reason for flaw in flaws(records))


def test_a_cdata_section_without_an_end_costs_what_is_in_it(tmp_path: Path):
    torn = post("2").replace("]]>", "")
    records = read("disqus", disqus(tmp_path, post("1"), torn))
    assert "1" in comments(records)
    assert flaws(records)


@pytest.mark.parametrize("prefix", ["d", "dsq"])
def test_prefixes_and_addresses_of_vocabularies_do_not_matter(tmp_path: Path, prefix: str):
    path = disqus(tmp_path, post("1"))
    text = path.read_text().replace("dsq:", f"{prefix}:").replace("http://disqus", "https://disqus")
    path.write_text(text)
    assert list(bodies(path)) == ["1"]


def test_a_document_type_without_entities_does_no_harm(tmp_path: Path):
    path = disqus(
        tmp_path, post("1"), head=DISQUS_HEAD.replace("<disqus", "<!DOCTYPE disqus>\n<disqus")
    )
    assert list(bodies(path)) == ["1"]


def test_flags_that_cannot_be_read_hold_the_comment(tmp_path: Path):
    strange = post("1", flags="<isDeleted>perhaps</isDeleted><isSpam>false</isSpam>")
    records = read("disqus", disqus(tmp_path, strange))
    assert comments(records)["1"].fate is Fate.HELD
    assert flaws(records)


def test_reading_asks_for_pieces_and_not_for_the_whole(tmp_path: Path):
    path = disqus(tmp_path, *(post(str(n), "x" * 1_000) for n in range(2_000)))
    with opening.open_export(path) as export:
        records = xml_cutting.cut(export, ("post",), lambda flaw: None)
        next(records)
        assert export.done() < 2**20


@pytest.mark.parametrize(
    "inside",
    ["<a><![CDATA[" * 5_000 + "&", "<author " * 5_000, "<a " * 20_000, "<a>" * 20_000 + "&"],
)
def test_a_broken_record_takes_no_longer_than_it_is_long(inside: str):
    """The first two took 12 and 3 seconds."""
    from discussion.transfer.xml_records import _mended, _salvaged

    data = f"<post>{inside}<b>kept</b></post>".encode()
    began = time.process_time()
    _mended(data)
    assert _salvaged(data).get("b") == "kept"
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    "words",
    ["<message>" * 20_000, "<message a=" * 20_000, "<post " * 20_000, "x" * 200_000 + " <b",
     "a-" * 100_000],
    ids=["words", "attributes", "records", "text", "names"],
)  # fmt: skip
def test_what_only_begins_is_looked_through_once(tmp_path: Path, words: str):
    path = disqus(tmp_path, post("1").replace("<message>", words + "<message>"), post("2"))
    assert "2" in bodies(path)
