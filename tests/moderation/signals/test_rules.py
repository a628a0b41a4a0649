"""Every check by a site's own rules, as a table: what is known, and the signals that it leaves."""

from __future__ import annotations

import time
from typing import Any

import pytest

from discussion.rendering import render
from models import Advice
from moderation.signals import Facts, gather
from moderation.signals.facts import Author, Earlier, Opinion
from moderation.signals.links import domain_of, hosts
from moderation.signals.rules import RULES, Rule
from moderation.signals.sent import domain_of_address
from moderation.signals.words import WordList, is_findable

NOTE, HOLD, REJECT, PUBLISH = Advice.NOTE, Advice.HOLD, Advice.REJECT, Advice.PUBLISH
KNOWN = Author(published=3)
SPAM = "Earn five thousand pounds a week from home, write to me today and start at once"
CALM = "The council met on Tuesday and talked about the bridge for two long hours."

# (what differs from a calm comment of a known author, (reason, advice) of each signal)
TABLE: list[tuple[dict[str, Any], list[tuple[str, Advice]]]] = [
    ({}, []),
    # Words: rejecting or holding, each entry by itself, noted where the site prefers that.
    ({"text": "You IDIOT!", "banned_words": ("idiot",)}, [("banned-words:idiot", REJECT)]),
    ({"text": "Buy gold now", "suspect_words": ("buy gold", "silver")},
     [("suspect-words:buy gold", HOLD)]),
    ({"text": "An idiot, a fool", "banned_words": ("fool", "idiot")},
     [("banned-words:idiot", REJECT), ("banned-words:fool", REJECT)]),
    ({"text": "an idiot", "banned_words": ("idiot",), "rules": {"banned-words": Rule(NOTE)}},
     [("banned-words:idiot", NOTE)]),
    ({"text": "idiotic", "banned_words": ("idiot",)}, []),
    ({"text": "idiotic", "banned_words": ("idiot*",)}, [("banned-words:idiot*", REJECT)]),
    # Links: counted without a scheme too, those of allowed domains not.
    ({"text": "https://a.example b.com http://c.example/x https://d.example"}, [("links", HOLD)]),
    ({"text": "https://a.example b.com http://c.example/x"}, []),
    ({"text": "https://a.example b.com http://c.example/x https://d.example",
      "allowed_domains": ("a.example",)}, []),
    ({"text": "https://a.example", "rules": {"links": Rule(REJECT, 1)}}, []),
    ({"text": "https://a.example https://b.example", "rules": {"links": Rule(REJECT, 1)}},
     [("links", REJECT)]),
    ({"text": "see www.shop.spam.example/x", "held_domains": ("spam.example",)},
     [("held-domains:spam.example", HOLD)]),
    ({"text": "see https://notspam.example", "held_domains": ("spam.example",)}, []),
    # Repetition: one's own from three words on, of others from eight on.
    ({"text": SPAM, "author": Author(3, texts=[Earlier(7, SPAM)])}, [("repeated-own", HOLD)]),
    ({"text": f"{SPAM}!!", "author": Author(3, texts=[Earlier(7, SPAM.upper())])},
     [("repeated-own", HOLD)]),
    ({"text": "Thank you", "author": Author(3, texts=[Earlier(7, "Thank you")])}, []),
    ({"text": SPAM, "others_texts": [Earlier(9, SPAM)]}, [("repeated-others", HOLD)]),
    ({"text": SPAM, "others_texts": [Earlier(9, CALM)]}, []),
    ({"text": "I agree, well said", "others_texts": [Earlier(9, "I agree, well said")]}, []),
    # The author.
    ({"author": Author()}, [("newcomer", NOTE)]),
    ({"author": Author(2), "rules": {"newcomer": Rule(HOLD, 3)}}, [("newcomer", HOLD)]),
    ({"author": Author(2, rejected=2)}, [("rejections", HOLD)]),
    ({"author": Author(1, rejected=2)}, []),
    ({"author": Author(30, rejected=2)}, []),
    ({"author": Author(3, lately=8)}, [("flood", HOLD)]),
    ({"author": Author(3, lately=7)}, []),
    ({"author": Author(20)}, [("trusted", NOTE)]),
    ({"author": Author(20), "rules": {"trusted": Rule(PUBLISH, 10)}}, [("trusted", PUBLISH)]),
    ({"author": Author(200, rejected=1)}, []),
    ({"author": None}, []),
    # The shape.
    ({"text": "word " * 900}, [("long", NOTE)]),
    ({"text": "THIS IS THE WORST ARTICLE I HAVE EVER READ"}, [("capitals", NOTE)]),
    ({"text": "NATO and the EU met in the USA, says the BBC"}, []),
    ({"text": "WHY?"}, []),
    ({"text": "これは大文字のない文章です。これは大文字のない文章です。"}, []),
    # What it was sent with: subdomains count, look-alikes and what is no domain do not.
    ({"trapped": True}, [("honeypot", HOLD)]),
    ({"trapped": True, "rules": {"honeypot": Rule(REJECT)}}, [("honeypot", REJECT)]),
    ({"email_domain": "mailinator.com"}, [("disposable-email:mailinator.com", HOLD)]),
    ({"email_domain": "a.b.MAILINATOR.com"}, [("disposable-email:mailinator.com", HOLD)]),
    ({"email_domain": "mailinator.com", "rules": {"disposable-email": Rule(NOTE)}},
     [("disposable-email:mailinator.com", NOTE)]),
    ({"email_domain": "almost-mailinator.com"}, []),
    ({"email_domain": "mailinator.com.example"}, []),
    ({"email_domain": "example.org"}, []),
    ({"email_domain": "com"}, []),
    # An outside service: its word, and that it gave none.
    ({"akismet": Opinion.SPAM}, [("akismet", HOLD)]),
    ({"akismet": Opinion.SPAM, "rules": {"akismet": Rule(REJECT)}}, [("akismet", REJECT)]),
    ({"akismet": Opinion.MISSING, "rules": {"akismet": Rule(REJECT)}}, [("akismet-away", NOTE)]),
    # The site's own people; everything else is said all the same.
    ({"by_staff": True}, [("by-staff", PUBLISH)]),
    ({"by_staff": True, "text": "idiot", "banned_words": ("idiot",)},
     [("banned-words:idiot", REJECT), ("by-staff", PUBLISH)]),
]  # fmt: skip


@pytest.mark.parametrize(("known", "expected"), TABLE)
def test_what_each_check_says(known: dict[str, Any], expected: list[tuple[str, Advice]]) -> None:
    facts = Facts(**{"text": CALM, "scores": {}, "thresholds": {}, "author": KNOWN, **known})
    assert [(signal.reason, signal.advice) for signal in gather(facts)] == expected


def test_nothing_stops_the_others_from_being_said() -> None:
    facts = Facts(
        "YOU IDIOT, EVERYBODY BUYS AT WWW.SPAM.EXAMPLE", {}, {}, author=Author(lately=20),
        banned_words=("idiot",), suspect_words=("buys",), held_domains=("spam.example",),
    )  # fmt: skip
    kinds = [signal.kind for signal in gather(facts)]
    assert kinds == [
        "banned-words", "suspect-words", "held-domains", "newcomer", "flood", "capitals",
    ]  # fmt: skip


def test_every_signal_has_its_evidence() -> None:
    text = "Dear IDIOT, my id.iot, an 1d10t"
    (found,) = gather(Facts(text, {}, {}, banned_words=("idiot",)))
    places = [text[start:end] for start, end in found.evidence["places"]]
    assert places == ["IDIOT", "id.iot", "1d10t"]
    assert found.value == 3
    (copied,) = gather(Facts(SPAM, {}, {}, others_texts=[Earlier(5, CALM), Earlier(9, SPAM)]))
    assert (copied.evidence, copied.value) == ({"comment": 9}, 1.0)
    links = " ".join(f"https://{host}.example" for host in "abcd")
    (many,) = gather(Facts(links, {}, {}))
    assert many.evidence == {"hosts": ["a.example", "b.example", "c.example", "d.example"]}


@pytest.mark.parametrize(
    ("entry", "text", "marked"),
    [
        ("idiot", "What an IDIOT.", ["IDIOT"]),
        ("idiot", "(idiot)idiot", ["idiot", "idiot"]),
        ("idiot", "an 1d1ot", ["1d1ot"]),
        ("idiot", "an idi\u043et", ["idi\u043et"]),  # a Cyrillic letter
        ("idiot", "an i d i o t!", ["i d i o t"]),
        ("idiot", "an i.d.i.o.t!", ["i.d.i.o.t"]),
        ("idiot", "an id*iot", ["id*iot"]),
        ("idiot", "idiiiiiot", ["idiiiiiot"]),
        ("idiot", "ｉｄｉｏｔ", ["ｉｄｉｏｔ"]),
        ("idiot", "idi\u200bot", ["idi\u200bot"]),
        ("Crypto-Club", "join the crypto club", ["crypto club"]),
        ("crypto club", "CRYPTO, club!", ["CRYPTO, club"]),
        ("café", "the CAFE is closed", ["CAFE"]),
        ("don't", "I don’t", ["don’t"]),
        ("foo*", "food and football, snafoo", ["food", "football"]),
        ("free money*", "Free moneys here", ["Free moneys"]),
        ("идиот", "Ты идиот", ["идиот"]),
        ("白痴", "闭嘴，白痴。", ["白痴"]),
        ("दाल", "दाल अच्छी है", ["दाल"]),
        ("दाल", "मेरा दिल खुश है", []),
        ("ass", "an assassin as usual, in Assam", []),
        ("idiot", "idioticon, the pidiot", []),
        ("2024", "in 2024", ["2024"]),
        ("***", "anything *** at all", []),
    ],
)
def test_an_entry_is_found_however_it_is_written(entry: str, text: str, marked: list[str]) -> None:
    found = WordList([entry]).find(text)
    assert [text[a:b] for one in found for a, b in one.places] == marked


def test_a_word_in_disguise_that_has_no_place_is_found_all_the_same() -> None:
    (found,) = WordList(["stupid"]).find("pᴉdnʇs ǝɹɐ noʎ")
    assert found.entry == "stupid"


def test_many_entries_cost_what_one_does() -> None:
    """Not a speed: a ratio, with room for a busy machine."""
    text = " ".join(f"word{number} and" for number in range(1_000))
    few, many = WordList(["idiot"]), WordList([f"entry{number}*" for number in range(5_000)])

    def seconds(words: WordList) -> float:
        best = 9.0
        for _ in range(3):
            began = time.perf_counter()
            words.find(text)
            best = min(best, time.perf_counter() - began)
        return best

    assert seconds(many) < 20 * seconds(few)


@pytest.mark.parametrize(
    ("written", "domain"),
    [("example.org", "example.org"), ("https://Example.org/x", "example.org"),
     ("*.example.org", "example.org"), ("münchen.example", "xn--mnchen-3ya.example"),
     ("nonsense", ""), ("a b.example", ""), ("", ""), ("http://", "")],
)  # fmt: skip
def test_a_domain_is_what_somebody_means_by_it(written: str, domain: str) -> None:
    assert domain_of(written) == domain


@pytest.mark.parametrize(
    ("address", "domain"),
    [("ada@example.org", "example.org"), ("Ada@Example.ORG.", "example.org"),
     ('"a@b"@example.org', "example.org"), ("ada@münchen.example", "xn--mnchen-3ya.example"),
     ("", ""), ("ada@", ""), ("ada@" + "x" * 70 + ".org", "")],
)  # fmt: skip
def test_of_an_address_only_the_domain_is_taken(address: str, domain: str) -> None:
    assert domain_of_address(address) == domain


def test_addresses_of_people_are_no_links() -> None:
    assert hosts("write to ada@example.org") == []
    assert hosts("http://a.example/?q=http://b.example") == ["a.example"]


def test_what_is_usual_is_something_that_a_rule_may_do() -> None:
    for kind, rule in RULES.items():
        assert rule.usually.advice in rule.choices, kind
        assert rule.least <= rule.usually.limit <= rule.most, kind


@pytest.mark.parametrize(
    ("entry", "fit"),
    [("idiot", True), ("idiot*", True), ("crypto-club", True), ("don't", True), ("白", True),
     ("дурак", True), ("2024", True), ("दाल", True), ("U.S.A.", True), ("c++", False),
     ("@ss", False), ("<script>", True), ("x", False), ("***", False), ("", False)],
)  # fmt: skip
def test_an_entry_is_made_of_words(entry: str, fit: bool) -> None:
    assert is_findable(entry) is fit


@pytest.mark.parametrize(
    "link",
    [r"[x](https://evil\.example)", "[x](https://evil&#46;example)", "[x](https://evil。example)",
     "[x](http://ev%69l.example)", "https://evil.example", "evil.example", "<https://evil.example>",
     "[x](https://sub.evil.example/path)", "[x][1]\n\n[1]: https://evil.example"],
)  # fmt: skip
def test_a_link_is_found_as_it_is_rendered(link: str) -> None:
    facts = Facts(link, {}, {}, html=render(link), held_domains=("evil.example",))
    assert [signal.reason for signal in gather(facts)] == ["held-domains:evil.example"]
    several = " ".join(link.replace("evil", f"evil{number}") for number in range(4))
    many = Facts(several, {}, {}, html=render(several), rules={"links": Rule(HOLD, 3)})
    if "](" in link:
        assert [signal.reason for signal in gather(many)] == ["links"]


@pytest.mark.parametrize(
    "piece", ["a", "_", "a-", "xn--", "é", "Ⅷ", "😀", "і", "½", "ﷺ", "a.", "//a.com/"]
)
def test_no_text_takes_long(piece: str) -> None:
    """Each once took seconds; with room for a busy machine."""
    text = (piece * 10_000)[:10_000]
    facts = Facts(
        text, {}, {}, held_domains=("evil.example",), banned_words=("idiot*", "buy gold"),
        allowed_domains=("good.example",), author=Author(3, texts=[Earlier(1, text)]),
    )  # fmt: skip
    began = time.process_time()
    gather(facts)
    assert time.process_time() - began < 5


def test_many_phrases_with_one_end_cost_no_more() -> None:
    words = WordList([f"word{number} gold" for number in range(5_000)])
    began = time.process_time()
    words.find("gold " * 2_000)
    assert time.process_time() - began < 5
