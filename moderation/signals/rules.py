"""What kinds of signals a site can give its own word on, and what is usual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models import Advice


@dataclass(frozen=True)
class Rule:
    """What one kind of signal asks for, and from which value on it speaks."""

    advice: Advice
    limit: float = 0.0


_HOLD, _NOTE, _REJECT, _PUBLISH = Advice.HOLD, Advice.NOTE, Advice.REJECT, Advice.PUBLISH


@dataclass(frozen=True)
class RuleKind:
    """A rule that every site has: what it does until the site says otherwise, what else it may do,
    and how far its limit may be moved; `least` and `most` are equal for a rule without one."""

    usually: Rule
    least: float = 0.0
    most: float = 0.0
    choices: tuple[Advice, ...] = (_NOTE, _HOLD, _REJECT)

    @property
    def has_limit(self) -> bool:
        """Whether there is anything to move."""
        return self.least < self.most

    @property
    def is_share(self) -> bool:
        """Whether the limit is a share from 0 to 1, and no whole number."""
        return self.has_limit and self.most <= 1.0


_GENTLY = (_NOTE, _HOLD)
# Kind of signal -> what is usual. What a limit counts is told in the signal's own module.
RULES: Mapping[str, RuleKind] = MappingProxyType(
    {
        "banned-words": RuleKind(Rule(_REJECT)),
        "suspect-words": RuleKind(Rule(_HOLD)),
        "links": RuleKind(Rule(_HOLD, 3), 1, 50),
        "held-domains": RuleKind(Rule(_HOLD)),
        "repeated-own": RuleKind(Rule(_HOLD, 0.85), 0.5, 1.0),
        "repeated-others": RuleKind(Rule(_HOLD, 0.9), 0.5, 1.0),
        "newcomer": RuleKind(Rule(_NOTE, 1), 1, 100, _GENTLY),
        "rejections": RuleKind(Rule(_HOLD, 0.5), 0.05, 1.0, _GENTLY),
        "flood": RuleKind(Rule(_HOLD, 8), 2, 1_000),
        "long": RuleKind(Rule(_NOTE, 4_000), 100, 100_000, _GENTLY),
        "capitals": RuleKind(Rule(_NOTE, 0.7), 0.3, 1.0, _GENTLY),
        "trusted": RuleKind(Rule(_NOTE, 20), 1, 1_000, (_NOTE, _PUBLISH)),
        "language": RuleKind(Rule(_HOLD), choices=_GENTLY),
        "honeypot": RuleKind(Rule(_HOLD)),
        "disposable-email": RuleKind(Rule(_HOLD)),
        "akismet": RuleKind(Rule(_HOLD)),
        "reports": RuleKind(Rule(_HOLD, 5), 1, 1_000, _GENTLY),
    }
)
