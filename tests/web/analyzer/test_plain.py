"""HTML as words, offsets in UTF-16 code units, and sentences; pure."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.discussion.hostile import OWN
from web.analyzer.answers import LONGEST_TEXT
from web.analyzer.plain import Units, plain
from web.analyzer.sentences import MOST, sentences


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("no marks at all", "no marks at all"),
        ("<p>You</p><p>idiot</p>", "\nYou\n\nidiot\n"),
        ("you id<b>i</b>ot", "you idiot"),
        ("you id&#105;ot &amp; id&#x69;ot", "you idiot & idiot"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("a<!-- idiot -->b", "ab"),
        ("a<!doctype html>b<?php idiot ?>c", "abc"),
        ("<script>idiot()</script>fine<style>p{}</style>", "fine"),
        ("<SCRIPT>idiot()</ScRiPt >fine", "fine"),
        # What never closes hides nothing.
        ("<script>idiot", "idiot"),
        ("you <b idiot", "you <b idiot"),
        ("you <!-- idiot", "you <!-- idiot"),
        ('you <a title="idiot>here</a>', "you here"),
        ('<a title="1 > 0">idiot</a>', "idiot"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("I <3 you > me", "I <3 you > me"),
        ("AT&T & fish&chips", "AT&T & fish&chips"),
        ("<template>idiot</template><title>idiot</title>", "idiotidiot"),
        ("", ""),
        ("<img src=x>", ""),
    ],
)
def test_html_is_read_as_a_reader_sees_it(sent: str, seen: str) -> None:
    assert plain(sent, is_html=True).text == seen
    assert plain(sent, is_html=False).text == sent


def test_every_character_knows_where_it_stands_in_what_was_sent() -> None:
    sent = "<p>Say <b>n</b>o &amp; 😀 go&#33;</p>"
    found = plain(sent, is_html=True)
    for wanted, source in (("no", "n</b>o"), ("&", "&amp;"), ("😀", "😀"), ("go!", "go&#33;")):
        begin = found.text.index(wanted)
        left, right = found.place(begin, begin + len(wanted))
        assert sent[left:right] == source


@given(st.text(alphabet="<>&;!-/\"'= ab#1\n", max_size=60))
def test_places_are_in_order_and_within(sent: str) -> None:
    found = plain(sent, is_html=True)
    assert len(found.begins) == len(found.ends) == len(found.text)
    assert list(found.begins) == sorted(found.begins)
    assert all(0 <= a <= b <= len(sent) for a, b in zip(found.begins, found.ends, strict=True))


@given(st.text(max_size=80))
def test_units_are_those_of_utf_16(text: str) -> None:
    units = Units(text)
    for at in range(len(text) + 1):
        assert units.at(at) == len(text[:at].encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("  One.  Two  ", ["One.", "Two"]),
        ("Dr. Smith met J. Doe at 3.5 km. Fine.", ["Dr. Smith met J. Doe at 3.5 km.", "Fine."]),
        ("e.g. this. That", ["e.g. this.", "That"]),
        ("He said “go.” Then he left…", ["He said “go.”", "Then he left…"]),
        ("a line\nanother", ["a line", "another"]),
        ("مرحبا. كيف حالك؟ جيد۔ نعم", ["مرحبا.", "كيف حالك؟", "جيد۔", "نعم"]),
        ("今日は。元気？はい", ["今日は。", "元気？", "はい"]),
        ("Who?! You... there", ["Who?!", "You...", "there"]),
        ("Z\u0351\u036b\u0343. \u0301x", ["Z\u0351\u036b\u0343.", "\u0301x"]),
        ("example.com is down", ["example.com is down"]),
        (" \n ", []),
    ],
)
def test_sentences(text: str, parts: list[str]) -> None:
    assert [text[begin:end] for begin, end in sentences(text)] == parts


@given(st.text(alphabet=".!? \nab。", max_size=300))
def test_sentences_are_in_order_and_leave_nothing_out(text: str) -> None:
    found = sentences(text)
    assert len(found) <= MOST
    assert bool(found) == bool(text.strip())
    at = 0
    for begin, end in found:
        assert not text[at:begin].strip()
        assert at <= begin < end
        at = end
    assert not text[at:].strip()


def test_of_very_many_sentences_neighbours_are_joined() -> None:
    found = sentences("Go. " * 500)
    assert len(found) == MOST
    assert (found[0][0], found[-1][1]) == (0, 1999)


@pytest.mark.parametrize(
    "piece",
    ["<a ", '<a "', "<a '", "<!--x>", "<!-->", "<!--", "&#", "&a", "<script>", "</", "<", ".", '."',
     "?x", "\n", "<b>", "<p x='>", "。"],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    sent = piece * (LONGEST_TEXT // len(piece))
    begun = time.thread_time()
    found = plain(sent, is_html=True)
    sentences(found.text)
    sentences(sent)
    assert time.thread_time() - begun < 0.3


@pytest.mark.parametrize("text", OWN)
def test_hostile_strings_are_read(text: str) -> None:
    found = plain(text, is_html=True)
    Units(text).at(len(text))
    for begin, end in sentences(found.text):
        left, right = found.place(begin, end)
        assert 0 <= left < right <= len(text)
    json.dumps(found.text)
