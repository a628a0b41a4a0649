"""Which passwords are taken: the length is all that is asked, and it is asked everywhere."""

from __future__ import annotations

from flask_security.proxies import _security

from moderation.errors import Invalid

SHORTEST = 12
# Longer than anybody types; hashing takes longer the more there is.
LONGEST = 1024


def checked(password: str, field: str) -> str:
    """A new password in its normal form, as it is compared later. Raises Invalid."""
    if len(password) > LONGEST:
        raise Invalid(f"Use at most {LONGEST} characters as password.", field=field)
    wrong, normal = _security.password_util.validate(password, True)
    if wrong or len(normal) < SHORTEST:
        raise Invalid(f"Use at least {SHORTEST} characters as password.", field=field)
    return str(normal)
