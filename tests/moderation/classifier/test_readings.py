"""Readings: what disguises are seen through, and what is left exactly as it was written."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discussion.rendering import render
from moderation.classifier import DEFAULT_HOLD, Classifier
from moderation.classifier.readings import Disguise, readings
from moderation.classifier.worst_reading import WorstReading

HOSTILE = Path(__file__).resolve().parents[4] / "shared" / "data" / "hostile"

DISGUISED = [
    # Inside a word: what is not shown.
    ("you id\u200biot", "you idiot", Disguise.INVISIBLE),
    ("you id\u200c\u200d\u2060iot", "you idiot", Disguise.INVISIBLE),
    ("you id\u00adiot", "you idiot", Disguise.INVISIBLE),
    ("you i\ufe0fdi\U000e0041ot", "you idiot", Disguise.INVISIBLE),
    ("you id&#8203;iot", "you idiot", Disguise.INVISIBLE),
    ("you id*i*ot", "you idiot", Disguise.MARKUP),
    ("you id**i**ot", "you idiot", Disguise.MARKUP),
    ("you id~~i~~ot", "you idiot", Disguise.MARKUP),
    ("you id`i`ot", "you idiot", Disguise.MARKUP),
    ("you [id](x)iot", "you idiot", Disguise.MARKUP),
    ("you [id](https://a.example 'nice')iot", "you idiot", Disguise.MARKUP),
    ("you [id][1]iot\n\n[1]: https://a.example", "you idiot\n\n", Disguise.MARKUP),
    ("you id<b></b>iot", "you idiot", Disguise.MARKUP),
    ("you id<!-- -->iot", "you idiot", Disguise.MARKUP),
    ('you id<a href="/x">i</a>ot', "you idiot", Disguise.MARKUP),
    ("you &#105;diot", "you idiot", Disguise.MARKUP),
    ("you id&#x69;ot", "you idiot", Disguise.MARKUP),
    # Direction.
    ("you \u202etoidi\u202c", "you idiot", Disguise.DIRECTION),
    ("you \u202etoidi", "you idiot", Disguise.DIRECTION),
    ("you \u202e\u202dto\u202cidi\u202c", "you idito", Disguise.DIRECTION),
    ("&#8238;toidi ynnuf&#8236;", "funny idiot", Disguise.DIRECTION),
    # Letters.
    ("you \u0456d\u0456\u043et", "you idiot", Disguise.LETTERS),
    ("you ı𝔡ɪσт", "you idiot", Disguise.LETTERS),
    ("you ｉｄｉｏｔ", "you idiot", Disguise.LETTERS),
    ("you 𝒾𝒹𝒾𝑜𝓉", "you idiot", Disguise.LETTERS),
    ("you ⓘⓓⓘⓞⓣ", "you idiot", Disguise.LETTERS),
    ("you 🅸🅳🅸🅾🆃", "you IDIOT", Disguise.LETTERS),
    ("you 🄸🄳🄸🄾🅃", "you IDIOT", Disguise.LETTERS),
    ("you ⒤⒟⒤⒪⒯", "you idiot", Disguise.LETTERS),
    ("you ɪᴅɪᴏᴛ", "you idiot", Disguise.LETTERS),
    ("you 🇮🇩🇮🇴🇹", "you idiot", Disguise.LETTERS),
    ("ғυск you", "fuck you", Disguise.LETTERS),
    ("ƒück you", "fuck you", Disguise.LETTERS),
    ("千ㄩ匚Ҝ you", "fuck you", Disguise.LETTERS),
    ("you \u0430\u0455\u0455", "you ass", Disguise.LETTERS),
    ("you ꓲ𝘥Ꭵ𐐬t", "you idiot", Disguise.LETTERS),
    ("you mo𝗋𝗈𝗇", "you moron", Disguise.LETTERS),
    # Marks.
    ("you i\u0336d\u0336i\u0336o\u0336t\u0336", "you idiot", Disguise.MARKS),
    ("you i\u0301\u0302\u0303d\u0310\u0311i\u0323\u0331\u0301ot", "you idiot", Disguise.MARKS),
    ("you i\u20ddd\u20ddi\u20ddo\u20ddt\u20dd", "you idiot", Disguise.MARKS),
    # Upside down.
    ("ʇoᴉpᴉ uɐ ǝɹɐ noʎ", "you are an idiot", Disguise.TURNED),
    ("noʎ 'ʇᴉɥs ɟo ǝɔǝᴉd", "piece of shit, you", Disguise.TURNED),
    ("ʎon ɐɹǝ ɐu ᴉpᴉoʇ", "you are an idiot", Disguise.TURNED),
    ("you are an ʇoᴉpᴉ today", "you are an idiot today", Disguise.TURNED),
    # Taken apart.
    ("you i d i o t", "you idiot", Disguise.SPACED),
    ("you i  d  i  o  t !", "you idiot !", Disguise.SPACED),
    ("you i\u2003d\u2003i\u00a0o\u2009t", "you idiot", Disguise.SPACED),
    ("y o u   a r e   a n   i d i o t", "you are an idiot", Disguise.SPACED),
    ("y o u a r e a n i d i o t", "you are an idiot", Disguise.SPACED),
    ("you i.d.i.o.t", "you idiot", Disguise.SPACED),
    ("you i_d-i*o~t", "you idiot", Disguise.SPACED),
    ("you i/d/i/o/t", "you idiot", Disguise.SPACED),
    ("you i|d|i|o|t", "you idiot", Disguise.SPACED),
    ("you i - d - i - o - t", "you idiot", Disguise.SPACED),
    ("i\nd\ni\no\nt", "idiot", Disguise.SPACED),
    ("i🔥d🔥i🔥o🔥t", "idiot", Disguise.SPACED),
    ("kiss my a.s.s", "kiss my ass", Disguise.SPACED),
    ("what a w.i.k.i.t.a.r.d", "what a wikitard", Disguise.SPACED),
    ("fu.ck you", "fuck you", Disguise.SPACED),
    ("1 d 1 0 t", "idiot", Disguise.SPACED),
    # Signs.
    ("you 1d10t", "you idiot", Disguise.SIGNS),
    ("you !d!0t!", "you idiot!", Disguise.SIGNS),
    ("sh!t", "shit", Disguise.SIGNS),
    ("b1tch", "bitch", Disguise.SIGNS),
    ("you a$$h0le", "you asshole", Disguise.SIGNS),
    ("5tup1d m0r0n5", "stupid morons", Disguise.SIGNS),
    ("1 w1ll k1ll y0u 4nd y0ur d0g", "I will kill you and your dog", Disguise.SIGNS),
    ("you ph4gg0t", "you faggot", Disguise.SIGNS),
    ("\\/\\/h0re", "whore", Disguise.SIGNS),
    ("|<1|_|_ yourself", "kill yourself", Disguise.SIGNS),
    ("SH1T AND D1CK", "shit AND dick", Disguise.SIGNS),
    ("phuck azz cvnt", "fuck ass cunt", Disguise.SIGNS),
    # Stars.
    ("f*ck you, b*tch", "fuck you, bitch", Disguise.MASKED),
    ("what the f**k", "what the fuck", Disguise.MASKED),
    ("s*** happens", "shit happens", Disguise.MASKED),
    ("f@#king id-t", "fucking id-t", Disguise.MASKED),
    # Repeats and capitals.
    ("you iiidiooot", "you idiot", Disguise.STRETCHED),
    ("you iiddiioott", "you idiot", Disguise.STRETCHED),
    ("fuuuuuck", "fuck", Disguise.STRETCHED),
    ("you aaassssss", "you ass", Disguise.STRETCHED),
    ("HAAAATE", "HATE", Disguise.STRETCHED),
    ("you iDiOt", "you idiot", Disguise.CAPITALS),
]  # fmt: skip


GLUED = [
    ("Idiot😂", "Idiot "),
    ("😂idiot", " idiot"),
    ("fuck🖕you", "fuck you"),
    ("you😀are😀an😀idiot", "you are an idiot"),
    ("kill\u2800all\u2800of\u2800them", "kill all of them"),
    ("idiot① you", "idiot  you"),
    ("Idiot™ of the year", "Idiot  of the year"),
    ("ᚠidiotᚠ", " ᚠ idiot ᚠ "),
    ("kill\ue000him", "kill him"),
    ("fuckyou" * 15, " ".join(["fuck you"] * 15)),
    ("youstupidfuckingidiot" * 2, " ".join(["you stupid fucking idiot"] * 2)),
    ("ÄÖÜ" * 20, "ÄÖÜ" * 13 + "Ä " + "ÄÖÜ" * 10),
]


@pytest.mark.parametrize(("text", "legible"), GLUED)
def test_a_word_ends_where_a_reader_sees_it_end(text: str, legible: str) -> None:
    """A tokenizer would take all of it for one unknown word."""
    found = readings(text)
    assert (found.plain, found.kinds) == (text, ())
    assert legible in found.others


@pytest.mark.parametrize(
    "text",
    [
        "Great concert 🎶 thanks ❤️ all",
        "C’est très bien, naïve façade — déjà vu…",
        "«Bonjour», he said; “good” – and left.",
        "A verylongwordwithletters and 1234567890123456789012345678901234567890",
        "Москва 2024, Ελλάδα",
    ],
)
def test_a_text_whose_words_end_at_blanks_has_one_reading(text: str) -> None:
    assert readings(text).others == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [("id🔥iot", "idiot"), ("1. i\n2. d\n3. i\n4. o\n5. t", "idiot"),
     ("you:\n1) f\n2) u\n3) c\n4) k", "fuck")],
)  # fmt: skip
def test_words_are_put_together_across_emoji_and_lists(text: str, word: str) -> None:
    assert any(word in other for other in readings(text).others)


def test_a_list_of_things_stays_one() -> None:
    assert readings("1. bread\n2. milk\n3. eggs").others == ()


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    ["Idiot😂", "What a moron🤡", "fuck🖕you", "fuckyou" * 15, "youstupidfuckingidiot" * 5,
     "kill\u2800all\u2800jews", "you😀are😀a😀stupid😀fucking😀idiot"],
)  # fmt: skip
def test_the_shipped_model_holds_what_is_glued_together(shipped: Classifier, text: str) -> None:
    assert WorstReading(shipped).score([text])[0].values["toxicity"] > DEFAULT_HOLD["toxicity"]


@pytest.mark.parametrize(("text", "reading", "kind"), DISGUISED)
def test_disguises_are_seen_through(text: str, reading: str, kind: Disguise) -> None:
    found = readings(text)
    assert found.others[-1] == reading
    assert kind in found.kinds
    # What stands there counts as well: it is never read more mildly than it is written.
    assert found.plain not in found.others


INNOCENT = [
    # Names, and words that hold another.
    "Nguyễn Thị Phương and Trần Đức", "Søren, Bjørn and Łukasz", "José Núñez, François, Jürgen",
    "Þórunn Ægisdóttir", "Çağla Şıkoğlu", "Siobhán Ó Súilleabháin", "Scunthorpe, Penistone, Essex",
    "Shital and Nishit", "Cockburn and Dickinson", "Assassins in class", "J. R. R. Tolkien",
    "D. H. Lawrence and W. E. B. Du Bois", "deadmau5 and blink-182", "AC/DC, R.E.M., U2, B-52s",
    # Other scripts, whole and beside Latin.
    "Сегодня хорошая погода, а сор и оса ни при чём.", "Он сказал hello и ушёл.", "Мао",
    "The Russian word нет means no.", "Η Αθήνα είναι όμορφη.", "Ἐν ἀρχῇ ἦν ὁ λόγος",
    "今天天气很好，我们去公园。", "QRコードとTシャツ", "오늘 날씨가 좋네요", "شكرا على المقال",
    "می\u200cخواهم بروم", "תודה רבה", "यह अच्छा है", "ขอบคุณครับ", "Շնորհակալություն", "გმადლობთ",
    "Cảm ơn bạn, bài viết rất hay này.", "Tiếng Việt có dấu", "Bugün hava çok güzel, ışıl ışıl.",
    "Tie\u0302\u0301ng Vie\u0323\u0302t", "Ọláolúwa Adébáyọ̀ ṣé púpọ̀", "Как\u0301 дела",
    "Größere Straßen", "naïve café résumé", "sən gəlmisən", "Kɔnkɔnsa ɛnyɛ",
    # Numbers, units, products, abbreviations.
    "On 2024-01-31 at 10:30 a.m. for $1,299.99", "1st, 2nd, 3rd, 10th, the 90s, 5pm", "10km, 3.5mm",
    "iPhone15, B2B, 4x4, w00t, MP3, F-16, A55, G4S, R2D2", "COVID-19, PS5, i7-9700K, x86_64, utf-8",
    "U.S.A., U.K., e.g. and i.e.", "Ph.D., M.D., R.I.P.", "C++, C# and F#", "AT&T and R&B",
    "1 2 3 4 5", "a, b, c, d", "Plan A, B, C or D?", "H₂O, CO₂, x² and 10 µm", "α, kΩ and ΔT",
    "the α-particle and β-carotene", "ISBN 978-3-16-148410-0", "I'm a 5'4\" man", "100% of €50",
    # Addresses, code, drawings, smileys.
    "https://example.org/a1b2c3/d4?x=y1&z=0", "Mail j0hn.d0e@ex4mple.org", "@john_doe1 #m3too",
    "550e8400-e29b-41d4-a716-446655440000", "snake_case, camelCase, JavaScript, LaTeX, YouTube",
    "if (a<b && c>d) return x[i] - 1;", "List<String> names", "a < b > c", "and/or, w/o, y/n, 24/7",
    "😀👍🏽 👩\u200d👩\u200d👧 🇩🇪🇫🇷 1\ufe0f\u20e3 ❤\ufe0f",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "( ͡° ͜ʖ ͡°)", "AB™ and 25 °C ©", "[1] [citation needed]", "No. 5, vol. iii, ch. VIII",
    # Sentences.
    "The pen.is on the table.No space.", "Yes!and no",
    "Hello!!! What?! Wait...", "so-called e-mail",
    "Model S hit the road", "don't, can't, I'm a b", "committee success bookkeeping", "Hmm, zzz",
    "Vitamin B 12, type A and B", "yes, no, yes", "It is 3*4 = 12", "an X-ray, a T-shirt, a U-turn",
]  # fmt: skip


@pytest.mark.parametrize("text", INNOCENT)
def test_the_innocent_stays_as_it_is(text: str) -> None:
    found = readings(text)
    assert (found.plain, found.others, found.kinds) == (text, (), ())


@pytest.mark.parametrize(
    "text",
    [
        "**Bold** and _italic_ and ~~gone~~.",
        "See [the report](https://example.org/x 'a title') of 2024.",
        "A `piece` of code and \\*stars\\* &amp; an umpersand",
        "![no picture](https://a.example/x.png) shown",
        "snake_case_name stays, 2 * 3 * 4 too",
        "Unfrigging*believ*able",
        "*nested **emphasis** here*",
    ],
)
def test_markdown_is_read_as_it_is_rendered(text: str) -> None:
    shown = re.sub(r"<[^>]*>", "", render(text)).replace("&amp;", "&")
    found = readings(text)
    # The source itself is read too where links or disguises are.
    plain = found.others[0] if found.others else found.plain
    assert plain.split() == shown.split()


def test_what_is_hidden_in_a_link_does_not_dilute_the_text() -> None:
    text = "[you](https://a.example/lovely) [idiot](https://a.example/ 'so kind and nice')"
    assert readings(text).others == ("you idiot",)
    assert readings(text).kinds == ()


@pytest.mark.parametrize(
    "text",
    [
        "Hello\n[a]: you-idiot",
        "`[a](b 'you idiot')`",
        "[x](javascript:you-idiot)",
        "[you idiot]: https://a.example",
        "    [you]: idiot",
        "![you idiot](x)",
    ],
)
def test_what_only_looks_like_a_link_is_read(text: str) -> None:
    found = readings(text)
    assert any("idiot" in reading for reading in (found.plain, *found.others))


def test_stars_are_both_emphasis_and_letters() -> None:
    assert readings("f*ck you b*tch").others == ("fck you btch", "fuck you bitch")


def test_ordinary_text_has_one_reading() -> None:
    assert readings("A perfectly ordinary sentence, with 2 numbers in 2024.").others == ()
    assert readings("").plain == ""


# --- whatever comes ------------------------------------------------------------------------

_TELLING = "*_~`[]()<>&;\\#!/|-.\n aie1034@$\u200b\u202e\u202c\u202d\u0301\u0336ʇɐǝеоаσ𝒾ⓘ🇮"
_CHARACTERS = st.one_of(st.characters(), st.sampled_from(_TELLING))


@given(st.text(_CHARACTERS, max_size=300))
@settings(max_examples=300, deadline=None)
def test_nothing_raises_and_there_are_three_readings_at_most(text: str) -> None:
    found = readings(text)
    assert len(found.others) <= 2
    assert len(found.kinds) == len(set(found.kinds))
    for reading in (found.plain, *found.others):
        assert len(reading) <= 3 * len(text) + 10
    assert readings(text) == found


def test_lone_surrogates_and_nothing_but_signs_are_read() -> None:
    for text in (
        "\ud800",
        "a\ud800b",
        "\ud83d\ude00",
        "*" * 500,
        "\x00",
        "\u202e" * 400,
        "|" * 300,
    ):
        readings(text)


PATTERNS = [
    *("*", "a*b ", "_a*b*_ ", "**a", "[", "[a](b) "),
    *("[a]: /b\n", "`", "<", "a<b>", "<!--", "&#105;"),
    *("\\", "a\\", "\u202e", "\u202ea\u202db", "\u202e\n"),
    *("\u200b", "a\u200b", "a ", "a.", "i d i o t "),
    *("a1", "1d1ot ", "f**", "s***x ", "aab", "aabbccddeeff "),
    *("iDiOt ", "ʇ", "ʇou ", "е", "ае ", "aе "),
    *("𝓪", "🇮", "🇮 ", "e\u0301\u0302", "\u0336", "卂 "),
    *("a-b", "fu.ck.", "$", "|<", "()", "~~", "\x00"),
    *("a\n", "\ud800", "!a", "'a", "(", "a(", "\\/", "qu zz ", "www.", "://", "http://a1.b2/c3 "),
]  # fmt: skip


def calls_made(work: Callable[[], Any]) -> int:
    """How many functions a piece of work calls, those of C included."""
    count = 0

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_work_grows_no_faster_than_the_text(pattern: str) -> None:
    long, longer = ((pattern * size)[:size] for size in (2_000, 8_000))
    readings(longer)
    few, many = calls_made(lambda: readings(long)), calls_made(lambda: readings(longer))
    assert many <= 4.6 * few + 400


def test_known_hostile_strings_are_read() -> None:
    texts = ["<script>alert(1)</script>" * 400, "Z\u0351\u036b\u0343" * 2_000]
    if (HOSTILE / "blns.json").exists():
        texts += json.loads((HOSTILE / "blns.json").read_text(encoding="utf-8"))
    for text in texts:
        assert len(readings((str(text) * 50)[:10_000]).others) <= 2


@pytest.mark.parametrize("pattern", ["<!---->", "<b></b>", "<!--", "<b>", "<!-- -->x", "</>"])
def test_tags_side_by_side_do_not_take_for_ever(pattern: str) -> None:
    # An expression that can divide these in many ways tries them all, and stops the whole server.
    found = readings("a" + pattern * (10_000 // len(pattern)) + "!")
    assert len(found.others) <= 2


@pytest.mark.parametrize(
    "text",
    ["Pat Azz wrote a fine piece", "Visit the A.S.S. office on Tuesday.", "G.A.Y. nightclub"],
)
def test_names_and_abbreviations_are_not_respelt(text: str) -> None:
    assert readings(text).others == ()
