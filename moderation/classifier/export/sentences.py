"""Knows the sentences on which a packed model is compared with Detoxify itself.

From kind to rude, from one word to a hundred, in several scripts; combined, so that scores near
every threshold occur.
"""

from __future__ import annotations

from itertools import product

# The first are also asked whenever a server starts.
_FIRST = (
    "Thank you for this lovely article!",
    "You are a stupid idiot and nobody likes you.",
    "The council met on Tuesday.",
    "Shut up, you pathetic loser.",
    "I disagree with almost every word of this, and the numbers are wrong.",
    "I will find you and make you regret this.",
    "My grandmother used to bake the same cake for the whole street.",
    "What a load of crap, damn it.",
)
_WHO = (
    "The author", "You", "People like you", "My neighbour", "This minister", "Everyone here",
    "A gay man", "Every Muslim", "The old lady", "He", "Our teacher Shital", "The referee",
)  # fmt: skip
_WHAT = (
    "should be ashamed.",
    "can go to hell!",
    "is a complete moron, and that is putting it mildly",
    "wrote a fine piece; I learnt a lot.",
    "deserves a slap in the face",
    "talks such rubbish, sorry to say",
    "lives next to the station and sells flowers",
    "makes me sick, what a disgusting pig",
    "did not answer the question. Why?",
    "sucks!!!",
    "is wrong about taxes, schools and the weather",
    "will be sorry, just wait",
    "was born in Leeds in 1971.",
    "is as dumb as a brick, lol",
)
_OTHER = (
    "ok",
    "",
    "???",
    "https://example.org/a?b=c",
    "Das ist doch alles Unsinn, du Trottel.",
    "Merci beaucoup pour cet article.",
    "Спасибо за статью.",
    "とても良い記事です。",
    "\U0001f600\U0001f600 so good",
    "WHY IS EVERYBODY SHOUTING",
)
# Longer than one sentence, shorter than the smallest window in use.
_LONG = " ".join(_FIRST[:1] + _FIRST[2:3] + _FIRST[4:5] + _FIRST[6:7])


def sentences() -> list[str]:
    """All of them, about two hundred, always the same."""
    made = [f"{who} {what}" for who, what in product(_WHO, _WHAT)]
    return [*_FIRST, *_OTHER, _LONG, f"{_LONG} {_FIRST[1]}", *made]
