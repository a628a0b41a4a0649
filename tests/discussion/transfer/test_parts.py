"""An export that came in several pieces is read as one."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from discussion.transfer.reading import portions
from discussion.transfer.records import CommentRecord, Flaw, Record
from moderation.errors import Invalid
from tests.discussion.transfer import exports
from tests.discussion.transfer.exports import wp_comment, wp_item
from tests.discussion.transfer.test_opening import packed


def _piece(folder: Path, *items: str) -> bytes:
    return exports.wordpress(folder, *items).read_bytes()


def _read(path: Path) -> list[Record]:
    return [one for portion in portions("wordpress", path) for one in portion.records]


def _numbers(records: list[Record]) -> list[str]:
    return [one.id for one in records if isinstance(one, CommentRecord)]


@pytest.fixture
def pieces(tmp_path: Path) -> dict[str, bytes]:
    first = _piece(tmp_path, wp_item(wp_comment("1"), wp_comment("2", parent="1")))
    second = _piece(tmp_path, wp_item(wp_comment("3"), link="https://news.example/other"))
    third = _piece(tmp_path, wp_item(wp_comment("4"), link="https://news.example/third"))
    # As they lie in a zip of WordPress.com, though not in their order.
    return {"blog.003.xml": third, "blog.001.xml": first, "blog.002.xml": gzip.compress(second),
            "readme.txt": b"What is in here"}  # fmt: skip


def test_all_pieces_are_read_in_the_order_of_their_names(tmp_path: Path, pieces: dict[str, bytes]):
    path = packed(tmp_path / "blog.zip", pieces)
    found = _read(path)
    assert _numbers(found) == ["1", "2", "3", "4"]
    assert not [one for one in found if isinstance(one, Flaw)]
    each = []
    for name in sorted(pieces)[:3]:
        (tmp_path / name).write_bytes(pieces[name])
        each += _read(tmp_path / name)
    assert found == each
    assert all(0 <= portion.done <= portion.size for portion in portions("wordpress", path))


def test_a_flaw_says_in_which_piece_it_is(tmp_path: Path, pieces: dict[str, bytes]):
    broken = wp_comment("5").replace("</wp:comment>", "<oops></wp:comment>")
    pieces["blog.002.xml"] = _piece(tmp_path, wp_item(broken, wp_comment("6")))
    path = packed(tmp_path / "blog.zip", pieces)
    found = _read(path)
    assert _numbers(found) == ["1", "2", "5", "6", "4"]
    (flaw,) = [one for one in found if isinstance(one, Flaw)]
    assert flaw.place.startswith("blog.002.xml in blog.zip, line ")


def test_a_damaged_piece_is_told_once_and_the_others_are_read(
    tmp_path: Path, pieces: dict[str, bytes]
):
    path = packed(tmp_path / "blog.zip", pieces)
    data = bytearray(path.read_bytes())
    # The first bytes of what is packed, behind the name of the first member.
    at = data.index(b"blog.003.xml") + len("blog.003.xml")
    data[at : at + 8] = b"\xff" * 8
    path.write_bytes(data)
    found = _read(path)
    assert _numbers(found) == ["1", "2", "3"]
    (flaw,) = [one for one in found if isinstance(one, Flaw)]
    assert "blog.003.xml" in flaw.place
    assert flaw.is_lost


def test_a_piece_that_is_damaged_further_on_is_read_and_named(
    tmp_path: Path, pieces: dict[str, bytes]
):
    many = [wp_comment(str(number)) for number in range(100, 1_000)]
    pieces["blog.001.xml"] = _piece(tmp_path, wp_item(*many))
    path = packed(tmp_path / "blog.zip", pieces, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    # A letter of what somebody wrote: the sum at the end of the member no longer fits.
    data[data.index(b"Hello.", data.index(b"<![CDATA[900]]>"))] = ord("J")
    path.write_bytes(data)
    found = _read(path)
    numbers = _numbers(found)
    assert numbers[:500] == [str(number) for number in range(100, 600)]
    assert numbers[-2:] == ["3", "4"]
    places = [one.place for one in found if isinstance(one, Flaw)]
    assert "blog.001.xml in blog.zip" in places
    assert all(place.startswith("blog.001.xml in blog.zip") for place in places)


def test_several_exports_of_other_systems_are_refused(tmp_path: Path, pieces: dict[str, bytes]):
    disqus = exports.disqus(tmp_path, *exports.many(2)).read_bytes()
    twice = packed(tmp_path / "twice.zip", {"a.xml": disqus, "b.xml": disqus})
    with pytest.raises(Invalid, match=r"holds 2 files .*a.xml, b.xml"):
        list(portions("disqus", twice))
    mixed = packed(tmp_path / "mixed.zip", {**pieces, "z.xml": disqus})
    with pytest.raises(Invalid, match=r"holds 4 files"):
        list(portions("wordpress", mixed))
    with pytest.raises(Invalid, match="looks like an export of WordPress, not of Disqus"):
        list(portions("disqus", packed(tmp_path / "blog.zip", pieces)))
