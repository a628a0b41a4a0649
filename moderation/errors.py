"""Everything that can go wrong in Parley's domain, as one tree without HTTP numbers.

    ParleyError
    ├── NotFound                what was asked for is not there, or not for this reader
    ├── Forbidden               this account may not do this here
    │   ├── SignInRequired      nobody is signed in, and somebody has to be
    │   └── Sanctioned          the site's moderators imposed something on this author
    │       ├── Warned          a warning waits to be read
    │       ├── Muted           for some time
    │       └── Banned          from this site
    ├── Refused                 the request makes sense, the state of things does not allow it
    │   ├── StaleVersion        somebody changed it since it was read
    │   ├── Claimed             a colleague has the case open just now
    │   ├── KeyUsed             a repeated request is not the one that its key was first sent with
    │   ├── ThreadClosed
    │   └── EditWindowClosed
    ├── Invalid                 what was sent cannot be accepted as it is
    │   ├── TextTooLong
    │   ├── Unchanged           everything is so already
    │   └── UnknownOrigin       the address belongs to no site that is served here
    └── ModelUnavailable        no model is loaded
        └── ModelRefused        the model's file is not the one that was expected
    ParleyError
    ├── ScoringTimeout          the model did not answer in time
    │   └── ModelBusy           it was still at other texts: this one was not begun
    └── ScoringFailed           the model fails on this very text

`web/errors.py` holds the one table from these to answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ParleyError(Exception):
    """A fault with a sentence for the person who caused it, saying what to do."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(ParleyError):
    """What was asked for does not exist, or this reader may not know that it does."""


class Forbidden(ParleyError):
    """This account may not do this here."""


class SignInRequired(Forbidden):
    """Nobody is signed in, and somebody has to be."""


class Sanctioned(Forbidden):
    """A sanction stands against it; `about` is what its author is told, as a JSON object."""

    def __init__(self, message: str, *, about: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.about = about


class Warned(Sanctioned):
    """A warning has to be acknowledged first."""


class Muted(Sanctioned):
    """The author may not write until it ends."""


class Banned(Sanctioned):
    """The author may only read on this site."""


class Refused(ParleyError):
    """The request makes sense; the state of things does not allow it."""


class StaleVersion(Refused):
    """Somebody changed the comment since the caller read it."""


class Claimed(Refused):
    """A colleague has the case before them; `holder` is their name."""

    def __init__(self, message: str, *, holder: str) -> None:
        super().__init__(message)
        self.holder = holder


class KeyUsed(Refused):
    """The key of a repeatable request belongs to another comment."""


class ThreadClosed(Refused):
    """The thread takes no new comments."""


class EditWindowClosed(Refused):
    """The comment can no longer be edited."""


class Invalid(ParleyError):
    """What was sent cannot be accepted as it is."""


class TextTooLong(Invalid):
    """The text is longer than the limit; it is never cut."""


class Unchanged(Invalid):
    """Everything that was asked for is so already."""


class UnknownOrigin(Invalid):
    """The address belongs to no site that is served here."""


class ModelUnavailable(ParleyError):
    """No model is loaded."""


class ModelRefused(ModelUnavailable):
    """The model's file is not the one that was expected."""


class ScoringTimeout(ParleyError):
    """The model did not answer before the deadline."""


class ModelBusy(ScoringTimeout):
    """The model was at other texts until the deadline; this one was not begun."""


class ScoringFailed(ParleyError):
    """The model fails on this very text."""
