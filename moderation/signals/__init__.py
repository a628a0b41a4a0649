"""Everything that speaks for or against a comment: facts -> signals, without side effects.

Every check runs and leaves its signals; the policy alone combines them, so a moderator sees
all reasons and not only the first. A new check is one module here and one line in CHECKS.
"""

from __future__ import annotations

from collections.abc import Callable

from moderation.signals.akismet import akismet
from moderation.signals.author import flood, newcomer, rejections, trusted
from moderation.signals.facts import Facts, Signal
from moderation.signals.language import language
from moderation.signals.links import held_domains, many_links
from moderation.signals.obfuscation import obfuscation
from moderation.signals.repeated import repeated_others, repeated_own
from moderation.signals.reported import reported
from moderation.signals.sanctioned import sanctioned
from moderation.signals.sent import disposable_email, honeypot
from moderation.signals.shape import capitals, long
from moderation.signals.staff import by_staff
from moderation.signals.toxicity import toxicity
from moderation.signals.words import banned_words, suspect_words

Check = Callable[[Facts], list[Signal]]

CHECKS: tuple[Check, ...] = (
    toxicity,
    obfuscation,
    language,
    reported,
    sanctioned,
    banned_words,
    suspect_words,
    many_links,
    held_domains,
    repeated_own,
    repeated_others,
    newcomer,
    rejections,
    flood,
    trusted,
    long,
    capitals,
    honeypot,
    disposable_email,
    akismet,
    by_staff,
)


def gather(facts: Facts) -> list[Signal]:
    """The signals of all checks, in the order of CHECKS."""
    return [signal for check in CHECKS for signal in check(facts)]


__all__ = ["CHECKS", "Check", "Facts", "Signal", "gather"]
