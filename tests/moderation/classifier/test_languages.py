"""Languages: what is foreign is noticed, what is English hardly ever is, and nothing is guessed."""

from __future__ import annotations

import csv
import random
import time
from pathlib import Path

import pytest

from moderation.classifier import languages
from moderation.classifier.languages import detect, name_of, reads_of

TOXICITY = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "toxicity"
ENGLISH = ("en",)
MULTILINGUAL = reads_of("multilingual")

FOREIGN = {
    "fr": "Encore un journaliste qui n'a rien compris.",
    "de": "Die sollte man alle rauswerfen, so ein Schwachsinn.",
    "es": "Eres un pedazo de mierda.",
    "it": "Bisognerebbe cacciarli tutti.",
    "pt": "Não concordo nada com o senhor.",
    "nl": "Ik ben het helemaal niet met u eens.",
    "sv": "Jag håller inte alls med dig.",
    "da": "Borgmesteren lovede det samme for tre år siden.",
    "fi": "Heidät kaikki pitäisi erottaa.",
    "pl": "W ogóle się z panem nie zgadzam.",
    "cs": "Vůbec s vámi nesouhlasím.",
    "hu": "Mindet ki kellene rúgni.",
    "ro": "Nu sunt deloc de acord cu dumneavoastră.",
    "tr": "Size hiç katılmıyorum.",
    "id": "Mereka semua harus dipecat.",
    "vi": "Tôi hoàn toàn không đồng ý với ông.",
    "ca": "Els haurien de fer fora a tots.",
    "ru": "Я с вами совершенно не согласен.",
    "uk": "Дякую за статтю, дуже цікаво!",
    "el": "Ευχαριστώ για το άρθρο!",
    "ar": "شكرا على المقال",
    "he": "תודה על הכתבה",
    "hi": "लेख के लिए धन्यवाद",
    "ko": "기사 감사합니다",
    "ja": "記事をありがとう",
    "zh": "谢谢你的文章",
    "th": "ขอบคุณสำหรับบทความ",
}

# Slang, names, borrowed words, disguised insults, things that are no language: all for the model.
NOT_FOREIGN = [
    "lol", "lmao u r so dumb", "y0u @re an 1d1ot", "f*ck off", "stfu noob", "k.i.l.l y.o.u",
    "s p a c e d o u t", "Shital Nishit Patel Kumar", "Muhammad Abdullah al-Rashid wrote this.",
    "😂😂😂 no way", "haha yessss", "omg ikr", "smh ngl fr fr no cap", "wtf bro", "gtfo",
    "Angela Merkel, Emmanuel Macron, Olaf Scholz", "Jean-Claude Van Damme is great", "pwned n00b",
    "Real Madrid vs FC Barcelona", "c'est la vie as they say", "Hasta la vista, baby",
    "Carpe diem my friend", "I love pho and banh mi", "pasta carbonara with guanciale", "idiots",
    "Bon appetit!", "moron", "SHUT UP", "nope nope nope", "based and redpilled", "sus af",
    "wat da hell", "u ppl r sik", "b1tch pl3ase", "a55hole", "phuck u", "ok boomer", "yeet",
    "Zelenskyy", "Wojciech Szczęsny saved it", "Müller scored again", "1234567890", "!!!!", "100%",
    "print('hello')", "npm install left-pad", "a b c d e f g", "ROFLMAOOO", "Aaaaaaargh", "meh",
    "tru dat", "preach it sista", "oy vey", "schadenfreude", "zeitgeist", "¯\\_(ツ)_/¯", "ಠ_ಠ",
    "( ͡° ͜ʖ ͡°)", "π is about 3.14", "¡Viva!", "", "   ", "https://example.org/ein-langer-pfad",
    "You are an іdіоt.", "🇫🇷🇫🇷 allez", "ｙｏｕ ａｒｅ ａｎ ｉｄｉｏｔ", "𝓨𝓸𝓾 𝓪𝓻𝓮 𝓪𝓷 𝓲𝓭𝓲𝓸𝓽",
]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), FOREIGN.items(), ids=FOREIGN.keys())
def test_a_sentence_in_another_language_is_foreign_to_an_english_model(code: str, text: str):
    found = detect(text)
    assert found.is_foreign_to(ENGLISH)
    assert found.code == code
    assert 0 < found.certainty <= 1


@pytest.mark.parametrize("code", [code for code in FOREIGN if code in MULTILINGUAL])
def test_a_model_of_several_languages_reads_them_all(code: str):
    assert not detect(FOREIGN[code]).is_foreign_to(MULTILINGUAL)


@pytest.mark.parametrize("code", ["de", "nl", "pl", "uk", "zh", "ar"])
def test_and_no_others(code: str):
    assert detect(FOREIGN[code]).is_foreign_to(MULTILINGUAL)


@pytest.mark.parametrize("text", NOT_FOREIGN)
def test_what_is_uncertain_is_left_to_the_model(text: str):
    assert not detect(text).is_foreign_to(ENGLISH)


@pytest.mark.parametrize("text", ["傻逼", "黙れ", "닥쳐", "дурак", "κάλε", "חמור"])
def test_a_script_that_the_model_cannot_read_is_certain_in_one_word(text: str):
    found = detect(text)
    assert found.is_foreign_to(ENGLISH)
    assert found.code != "und"


def test_a_word_of_another_script_in_a_sentence_decides_nothing():
    assert not detect("The word идиот means the same thing in Russian.").is_foreign_to(ENGLISH)
    assert detect("Он сказал: что за чушь, и ушёл. LOL").is_foreign_to(ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        "> Ich bin ganz anderer Meinung als Sie alle.\n\nI do not agree with that at all.",
        "See [this page about it](https://beispiel.example/ich-bin-ganz-anderer-meinung-als-sie).",
        "Run `wenn das nicht geht dann ist es kaputt und muss weg` and you will see.",
        "```\nwenn das nicht geht dann ist es kaputt\n```\nThat is the whole program.",
        "@ich_bin_ganz_anderer_meinung @und_du_auch_nicht #dasistdochunsinn thanks both of you",
        "> Я с вами совершенно не согласен.\n\nI do not agree with that at all.",
        "He wrote <b>not</b> a word about it, and `1 < 2` is true for all of us > 3.",
    ],
)
def test_quotations_links_code_and_names_do_not_count(text: str):
    assert not detect(text).is_foreign_to(ENGLISH)


def test_what_a_person_wrote_around_them_does():
    text = "> The mayor promised the same thing three years ago.\n\nDas ist doch völliger Unsinn."
    assert detect(text).code == "de"


WRAPPED = {
    "a quotation": "> {}",
    "code": "`{}`",
    "a fence": "```\n{}\n```",
    "an open fence": "~~~\n{}",
    "angle brackets": "<{}>",
    "a tag": "<b>{}</b>",
    "a quotation and a word": "lol\n> {}",
    "code in a link": "[`{}`](https://a.example)",
}


@pytest.mark.parametrize("code", ["de", "ru", "zh"])
@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED.keys())
def test_where_nothing_else_is_said_they_are_what_is_said(wrapped: str, code: str):
    found = detect(wrapped.format(FOREIGN[code]))
    assert found.is_foreign_to(ENGLISH)
    assert found.code == code


@pytest.mark.parametrize("sign", ["#", "@", "1", "😀"])
def test_a_sign_at_every_word_hides_no_script(sign: str):
    words = ["ты", "совершенно", "полный", "идиот", "и", "дурак"]
    for hidden in (" ".join(f"{sign}{word}" for word in words), sign.join(words)):
        assert detect(hidden).is_foreign_to(ENGLISH), hidden
        assert not detect(hidden).is_foreign_to(MULTILINGUAL), hidden


@pytest.mark.parametrize("sign", ["#", "@", "😀"])
def test_nor_a_language(sign: str):
    words = ["Die", "sollte", "man", "alle", "rauswerfen", "so", "ein", "Schwachsinn"]
    assert detect(" ".join(f"{sign}{word}" for word in words)).code == "de"


@pytest.mark.parametrize("hidden", ["т у п о й  у р о д", "ты://x полный://x", "ты@идиот вы@все"])
def test_nor_what_looks_like_letters_or_addresses(hidden: str):
    assert detect(hidden).is_foreign_to(ENGLISH)


def test_two_words_do_not_answer_for_a_quoted_page():
    page, said = "> " + FOREIGN["de"] * 10, "I totally agree.\n\n"
    assert detect(said + page).is_foreign_to(ENGLISH)
    assert detect(said + page).code == "de"
    assert not detect(f"{said}> {FOREIGN['de']}").is_foreign_to(ENGLISH)


def test_a_quoted_page_does_not_hide_what_is_answered():
    found = detect("> " + "The mayor promised the same thing three years ago. " * 20 + "\n\nдурак")
    assert found.is_foreign_to(ENGLISH)
    assert found.code != "en"


SAID = "The mayor promised the same thing three years ago. "


@pytest.mark.parametrize("other", ["ru", "ar", "zh", "el"])
def test_a_good_part_in_another_script_is_foreign_wherever_it_stands(other: str):
    for text in (
        SAID * 18 + (FOREIGN[other] + " ") * 30,
        SAID * 100 + (FOREIGN[other] + " ") * 150,
        (FOREIGN[other] + " ") * 4 + SAID,
        f"{SAID}\n\n{(FOREIGN[other] + ' ') * 3}",
    ):
        found = detect(text)
        assert found.is_foreign_to(ENGLISH), text
        assert found.code == other


def test_names_and_a_quotation_in_another_script_are_not_a_good_part():
    for text in (
        "The Russian idiom “пустить козла в огород” is the best way to describe what is going on.",
        "Владимир Путин and Ἀριστοτέλης are the only two names that I can read in this article.",
        "Толстой, Достоевский and Чехов are my favourite writers by far.",
        SAID * 10 + FOREIGN["ru"],
    ):
        assert not detect(text).is_foreign_to(ENGLISH), text


def test_a_model_of_both_scripts_reads_both():
    text = SAID * 5 + (FOREIGN["ru"] + " ") * 5
    assert not detect(text).is_foreign_to(MULTILINGUAL)
    assert detect(text + FOREIGN["el"] * 20).is_foreign_to(MULTILINGUAL)


def test_the_language_is_that_of_the_whole_text():
    assert detect(SAID * 80 + (FOREIGN["de"] + " ") * 160).code == "de"


def test_the_english_are_told_as_english():
    assert detect("The mayor promised the same three years ago, and nothing happened.").code == "en"


def test_too_short_is_undetermined():
    found = detect("Ja, gut.")
    assert (found.code, found.certainty) == ("und", 0.0)
    assert not found.is_foreign_to(ENGLISH)


def test_english_comments_are_hardly_ever_called_foreign():
    texts = list(NOT_FOREIGN)
    if (TOXICITY / "tsd_train.csv").is_file():
        for name, column in (("tsd_train.csv", "text"), ("davidson.csv", "tweet")):
            with (TOXICITY / name).open(encoding="utf-8") as file:
                rows = [row[column] for row in csv.DictReader(file)]
            texts += random.Random(1).sample(rows, 1_500)
    flagged = [text for text in texts if detect(text).is_foreign_to(ENGLISH)]
    assert len(flagged) <= 0.005 * len(texts), flagged


@pytest.mark.parametrize(
    "text",
    [
        "\x00\ud800 lone", "\u202edesrever", "\n\n\n", "a\u0301" * 50, "&#0;&#xD800;", "<" * 10_000,
        "[" * 10_000, "`" * 9_999, "a@" * 5_000, ">\n" * 5_000, "a." * 5_000, "```\n" * 2_500,
    ],
    ids=range(12),
)  # fmt: skip
def test_anything_at_all_is_taken(text: str):
    assert detect(text).code == "und"


@pytest.mark.parametrize(
    "text",
    [
        SAID * 200, "Я с вами не согласен. " * 500, "слово😀" * 1_700, "ﷺ" * 10_000, "ﷺ " * 5_000,
        "".join(chr(0xAC00 + n) for n in range(10_000)), "</a " * 2_500, "#a " * 3_400,
        "a\u0301" * 5_000,
    ],
    ids=range(9),
)  # fmt: skip
def test_the_longest_comment_takes_no_longer_than_its_scoring(text: str):
    detect("Once, so that everything is loaded.")
    taken = []
    for _ in range(3):
        begun = time.thread_time()
        detect(text[:10_000])
        taken.append(time.thread_time() - begun)
    # About 5 milliseconds for words, 20 for the worst that was found; the rest is patience with
    # a busy machine.
    assert min(taken) < 0.25


@pytest.mark.parametrize(
    ("model", "told", "reads"),
    [
        ("parley-small", "", ("en",)),
        ("original", "", ("en",)),
        ("multilingual", "", ("en", "fr", "es", "it", "pt", "tr", "ru")),
        ("my-checkpoint", "", ("en",)),
        ("my-checkpoint", "de, nl", ("de", "nl")),
        ("multilingual", "en EN fr", ("en", "fr")),
    ],
)
def test_what_a_model_reads(model: str, told: str, reads: tuple[str, ...]):
    assert reads_of(model, told) == reads


def test_a_language_that_is_none_is_refused():
    with pytest.raises(ValueError, match="german"):
        languages.codes_of("en german")


def test_languages_have_names():
    assert [name_of(code) for code in ("fr", "no", "und-Cyrl", "und")] == [
        "French", "Norwegian", "Cyrillic letters", "",
    ]  # fmt: skip
