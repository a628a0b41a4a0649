"""What authors are told of a rejection: in a sentence, and as codes for whoever says it in another
language."""

from __future__ import annotations

from moderation.values import REASONS, Values

# What its author is told of a rule: which words and domains a site lists stays with it. Rules that
# mean the same to an author have the same code.
_OF_A_RULE = {
    "banned-words": ("words", "it has words that are not published here"),
    "suspect-words": ("words", "it has words that are not published here"),
    "held-domains": ("place", "it links to a place that is not linked to here"),
    "links": ("links", "it has too many links"),
    "repeated-own": ("repeated", "it was posted before"),
    "repeated-others": ("repeated", "it was posted before"),
    "honeypot": ("spam", "it looks like spam"),
    "akismet": ("spam", "it looks like spam"),
    "disposable-email": ("address", "it came with a throw-away e-mail address"),
    "flood": ("flood", "too many comments in a short time"),
}
_OF_A_LABEL = {
    "toxicity": "rude",
    "severe_toxicity": "rude",
    "obscene": "rude",
    "sexual_explicit": "rude",
    "insult": "insult",
    "threat": "threat",
    "identity_attack": "hate",
}
_SHIPPED = {reason.key: reason.told for reason in REASONS}
_OTHER = "other"
CODES = frozenset(
    {*_SHIPPED, *_OF_A_LABEL.values(), *(code for code, _ in _OF_A_RULE.values()), _OTHER}
)


def sentence(reasons: list[str], values: Values) -> str:
    """Why a comment was rejected, in the site's own words where it has some for the reason."""
    own = _own(values)
    sentences = [own[name] for name in reasons if name in own]
    others = [_in_words(name) for name in reasons if name not in own]
    named = f": {', '.join(dict.fromkeys(others))}." if others else "."
    return " ".join([f"Not published{named}", *sentences, "Only you can see it."])


def codes(reasons: list[str], values: Values) -> list[dict[str, str]]:
    """The same without a sentence of ours: each reason once, as one of CODES, and `told` where the
    site says it in words that it wrote itself."""
    own = _own(values)
    found: dict[tuple[str, str], None] = {}
    for name in reasons:
        told = own.get(name, "")
        if name in own and told != _SHIPPED.get(name):
            found[name if name in _SHIPPED else _OTHER, told] = None
        else:
            found[_code(name), ""] = None
    return [{"code": code, "told": told} for code, told in found]


def _own(values: Values) -> dict[str, str]:
    return {reason.key: reason.told for reason in values.reasons}


def _code(reason: str) -> str:
    kind, _, subject = reason.partition(":")
    if kind in _OF_A_RULE:
        return _OF_A_RULE[kind][0]
    if kind in _SHIPPED:
        return kind
    return _OF_A_LABEL.get(subject, _OTHER)


def _in_words(reason: str) -> str:
    """A reason without how it was found: `score:insult` is "insult" to its author."""
    kind, _, subject = reason.partition(":")
    if kind in _OF_A_RULE:
        return _OF_A_RULE[kind][1]
    return (subject or kind).replace("_", " ").replace("-", " ")
