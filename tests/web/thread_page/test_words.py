"""What is said on the pages, in every language that the widget speaks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.web.thread_page.conftest import SHOWN
from web.embed import build
from web.thread_page import words
from web.thread_page.pages import blueprint
from web.thread_page.words import Words, entries, isolated, spoken


class TestWords:
    def test_no_page_asks_for_a_word_that_is_not_there(self):
        here = blueprint.root_path
        files = [*words.Path(here).rglob("*.html"), *words.Path(here).rglob("*.py")]
        text = "\n".join(path.read_text(encoding="utf-8") for path in files)
        asked = set(re.findall(r"\bt(?:\.around)?\('([\w-]+)'", text))
        asked |= set(re.findall(r"words\(\)?\(?[\"']([\w-]+)[\"']", text))
        for chosen in re.findall(r"\bt\(\{(.*?)\}", text):
            asked |= set(re.findall(r": '(\w+)'", chosen))
        asked |= set(re.findall(r"\bt\('(?:\w+)' if .*? else '([\w-]+)'", text))
        from discussion.reading import Sort
        from models import ReportReason
        from web.thread_page.acts import _SAID
        from web.thread_page.drawing import SAID

        asked |= SAID | set(_SAID.values()) | {*Sort} | {*ReportReason}
        assert len(asked) > 90
        assert asked <= entries("en").keys()

    def test_languages_are_those_of_the_widget(self):
        assert list(words.languages()) == build.languages()
        for lang in words.languages():
            assert Words(lang).dir in ("ltr", "rtl")

    def test_the_first_wanted_one_that_is_spoken(self):
        assert spoken(["xx", "en-GB", "de"]) == "en"
        assert spoken([]) == "en"
        assert spoken(["", "../../etc/passwd"]) == "en"

    def test_another_language_in_its_plurals_and_direction(
        self, tmp_path, monkeypatch: pytest.MonkeyPatch, client: FlaskClient, thread: int,
        make_comment: Callable[..., int],
    ):  # fmt: skip
        told = json.loads((build.SOURCE / "lang" / "en.json").read_text(encoding="utf-8"))
        (tmp_path / "en.json").write_text(json.dumps(told), encoding="utf-8")
        told["first"] |= {
            "dir": "rtl",
            "comments": {"two": "{n} TWO", "few": "{n} FEW", "other": "{n} OTHER"},
            "empty": "EMPTY",
        }
        (tmp_path / "ar.json").write_text(json.dumps(told), encoding="utf-8")
        monkeypatch.setattr(words, "_FOLDER", tmp_path)
        caches = (words.languages, words.entries)
        for cache in caches:
            cache.cache_clear()
        try:
            for number, form in ((2, "TWO"), (3, "FEW"), (11, "OTHER")):
                assert form in Words("ar")("comments", number)
            make_comment()
            make_comment()
            page = client.get(SHOWN, headers={"Accept-Language": "ar-EG, en;q=0.5"})
            assert '<html lang="ar" dir="rtl">' in page.text
            assert "2 TWO" in page.text
            page = client.get(f"{SHOWN}&lang=en", headers={"Accept-Language": "ar"}).text
            assert '<html lang="en" dir="ltr">' in page
            # Who asked for it in the address goes on in it.
            assert "lang=ar" in client.get(f"{SHOWN}&lang=ar").text
            refused = client.get("/thread?url=x&lang=ar").text
            assert told["later"]["problem-invalid"] in refused
        finally:
            for cache in caches:
                cache.cache_clear()

    def test_numbers_and_moments(self):
        english = Words("en")
        assert english("comments", 1) == "1 comment"
        assert english("comments", 12_345) == "12,345 comments"
        moment = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
        assert english.when(moment).replace("\u202f", " ") == "Mar 9, 2026, 2:05 PM UTC"
        assert english.day(moment) == "March 9, 2026"

    def test_a_name_does_not_turn_its_sentence(self):
        assert Words("en")("replyTo", name="Ada") == "Reply to Ada"
        assert Words("en")("replyTo", name="נועה") == "Reply to \u2068נועה\u2069"
        assert isolated("a\u202eb\u2069c") == "abc"
