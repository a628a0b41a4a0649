"""Packed files: found by their content, read as far as they go, never larger than they may be."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from discussion.transfer.opening import open_export
from moderation.errors import Invalid

ROOT = Path(__file__).resolve().parents[3]
XML = b'<disqus xmlns="http://disqus.com">' + b"<post>x</post>" * 2_000 + b"</disqus>"


def content(path: Path) -> tuple[bytes, list[str]]:
    """What is in a file, and what is wrong with its packing."""
    with open_export(path) as export:
        parts = []
        while data := export.read(1_000):
            parts.append(data)
        return b"".join(parts), [flaw.reason for flaw in export.flaws]


def packed(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip with these members."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_plain_gzip_and_zip_give_the_same(tmp_path: Path):
    plain, gz = tmp_path / "a", tmp_path / "b"
    plain.write_bytes(XML)
    gz.write_bytes(gzip.compress(XML[:100]) + gzip.compress(XML[100:]) + b"\0" * 9)
    stored = packed(tmp_path / "c", {"x": XML}, zipfile.ZIP_STORED)
    junk = {"__MACOSX/x.xml": XML, "readme.xml": b"no export", "folder/": b"", "picture.xml": XML}
    for path in (plain, gz, stored, packed(tmp_path / "d", junk)):
        assert content(path) == (XML, []), path


@pytest.mark.parametrize("pack", ["gz", "zip", "stored"])
def test_what_is_broken_off_gives_what_could_be_read(tmp_path: Path, pack: str):
    path, whole = tmp_path / "broken", XML + bytes(range(256)) * 400
    if pack == "gz":
        path.write_bytes(gzip.compress(whole)[:-300])
    else:
        method = zipfile.ZIP_DEFLATED if pack == "zip" else zipfile.ZIP_STORED
        path.write_bytes(packed(tmp_path / "x", {"a.xml": whole}, method).read_bytes()[:-400])
    data, flaws = content(path)
    assert whole.startswith(data)
    assert len(data) > len(XML) / 2
    assert flaws


def test_a_damaged_gzip_gives_what_stands_before_the_damage(tmp_path: Path):
    path = tmp_path / "damaged"
    # Of bytes by chance, so that each is packed where it stands.
    noise = b"<disqus>" + b"".join(bytes([n * 7919 % 251]) for n in range(200_000))
    data = bytearray(gzip.compress(noise, 1))
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    read, flaws = content(path)
    assert read[:8] == b"<disqus>"
    assert any("damaged" in flaw for flaw in flaws)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (gzip.compress(b""), "nothing in"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (gzip.compress(XML)[:12], "Nothing can be read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, data: bytes, said: str):
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(Invalid, match=said):
        content(path)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({}, "No file"),
        ({"a.xml": b"no export"}, "No file"),
        ({"a.xml": XML, "b.txt": XML}, r"holds 2 files .*a.xml, b.txt"),
    ],
)
def test_a_zip_without_exactly_one_export_is_refused(
    tmp_path: Path, members: dict[str, bytes], said: str
):
    with pytest.raises(Invalid, match=said):
        content(packed(tmp_path / "x.zip", members))


def test_an_encrypted_zip_is_refused(tmp_path: Path):
    path = packed(tmp_path / "x.zip", {"a.xml": XML})
    data = bytearray(path.read_bytes())
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(sign) + at] |= 1
    path.write_bytes(data)
    with pytest.raises(Invalid, match="encrypted"):
        content(path)


_READ = """
import sys
from pathlib import Path
from discussion.transfer.formats import READERS
from discussion.transfer.opening import open_export
from moderation.errors import Invalid
try:
    with open_export(Path(sys.argv[2])) as export:
        for record in READERS[sys.argv[1]](export):
            pass
    print("read")
except Invalid as error:
    print(error.message)
# Not ru_maxrss, which counts what the process was before it became this program.
peak = next(one for one in open("/proc/self/status") if one.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


def refused(system: str, path: Path) -> tuple[str, int]:
    """What reading a file says in a process of its own, and its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", _READ, system, str(path)],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    *said, memory = done.stdout.splitlines()
    return " ".join(said), int(memory)


def bomb(path: Path, kind: str) -> Path:
    """A gigabyte of blanks behind the beginning of an export, packed."""
    begin, blanks = b"<disqus><post>", b" " * 2**20
    if kind == "gzip":
        with gzip.open(path, "wb") as out:
            out.write(begin)
            for _ in range(1_024):
                out.write(blanks)
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as out:
        out.write(begin)
        for _ in range(1_024):
            out.write(blanks)
    return path


@pytest.mark.parametrize("kind", ["gzip", "zip"])
def test_a_bomb_is_refused_within_little_memory(tmp_path: Path, kind: str):
    said, memory = refused("disqus", bomb(tmp_path / "bomb", kind))
    assert "200 times its size" in said
    assert memory < 300


def test_a_bomb_of_entities_is_refused_within_little_memory(tmp_path: Path):
    path = tmp_path / "laughs.xml"
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    path.write_text(f"<?xml version='1.0'?><!DOCTYPE x [{entities}]><disqus><post>&l11;</post>")
    for system in ("disqus", "wordpress"):
        said, memory = refused(system, path)
        assert "entities" in said
        assert memory < 300


def test_one_record_without_an_end_is_bounded(tmp_path: Path):
    path = tmp_path / "large.xml"
    with path.open("wb") as out:
        out.write(b"<disqus><post><message><![CDATA[")
        for _ in range(200):
            out.write(b"x" * 2**20)
    said, memory = refused("disqus", path)
    assert said == "read"
    assert memory < 300


def test_one_line_without_an_end_is_bounded(tmp_path: Path):
    path = tmp_path / "large.jsonl"
    with path.open("wb") as out:
        out.write(b'{"version":1,"users":[]}\n{"pid":"')
        for _ in range(200):
            out.write(b"x" * 2**20)
    for system in ("remark42", "commento"):
        said, memory = refused(system, path)
        assert said == "read"
        assert memory < 300


def test_many_files_in_a_zip_are_refused(tmp_path: Path):
    path = tmp_path / "many.zip"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.xml", XML)
    data = bytearray(buffer.getvalue())
    at = data.rindex(b"PK\x05\x06")
    data[at + 12 : at + 16] = (2**25).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(Invalid, match="too many files"):
        content(path)


@pytest.mark.parametrize("size", [65_534, 65_535, 65_536, 131_071])
def test_where_a_member_ends_is_no_matter(tmp_path: Path, size: int):
    """Files are read in pieces of 64 kB, and one can end within the sign that begins the next."""

    def member(name_length: int) -> bytes:
        made = io.BytesIO()
        with gzip.GzipFile("n" * name_length, "wb", fileobj=made, mtime=0) as out:
            out.write(XML[:100])
        return made.getvalue()

    first = member(size - len(member(1)) + 1)
    assert len(first) == size
    path = tmp_path / "two.gz"
    path.write_bytes(first + gzip.compress(XML[100:]))
    assert content(path) == (XML, [])


def test_what_is_packed_twice_is_unpacked_twice(tmp_path: Path):
    twice = tmp_path / "twice.xml.gz"
    twice.write_bytes(gzip.compress(gzip.compress(XML)))
    zipped = packed(tmp_path / "a.zip", {"disqus.xml.gz": gzip.compress(XML), "x.gz": b"\x1f\x8bx"})
    assert content(twice) == content(zipped) == (XML, [])
    zipped.write_bytes(zipped.read_bytes()[:-200])
    data, flaws = content(zipped)
    assert XML.startswith(data)
    assert flaws


def test_a_bomb_in_a_bomb_is_refused(tmp_path: Path):
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(gzip.compress(b"<disqus>" + b"\0" * (200 * 2**20), 1), 9))
    with pytest.raises(Invalid, match="times its size"):
        content(path)


def test_what_is_damaged_beside_the_one_that_is_read_is_told(tmp_path: Path):
    path = packed(tmp_path / "a.zip", {"a.xml": XML, "b.xml": XML[::-1] + XML}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    begin = data.rindex(b"PK\x03\x04")
    data[begin : begin + 4] = b"PK??"
    path.write_bytes(data)
    with open_export(path) as export:
        assert export.peek(7) == XML[:7]
        assert [(flaw.place, flaw.is_lost) for flaw in export.flaws] == [("b.xml in a.zip", True)]


def test_a_zip_that_is_damaged_anywhere_is_read_or_refused(tmp_path: Path):
    whole = packed(tmp_path / "whole.zip", {"a.xml": XML}).read_bytes()
    path, read = tmp_path / "a.zip", 0
    for at in range(len(whole)):
        for value in (0x00, 0xFF):
            path.write_bytes(whole[:at] + bytes([value]) + whole[at + 1 :])
            try:
                read += XML[:50] in content(path)[0]
            except Invalid:
                continue
    # What is damaged in the list of members is no reason not to read one.
    assert read > len(whole)
