"""What a commenter may no longer do."""

from __future__ import annotations

from models import Account, AccountKind, Standing
from moderation.errors import Refused


def ban(account: Account) -> None:
    """End a reader's tokens at once and take no more comments, votes or reports by them."""
    if account.kind is not AccountKind.GUEST:
        raise Refused("Only readers are banned; remove a member of staff instead.")
    account.standing = Standing.BANNED
    account.token_epoch += 1


def lift(account: Account) -> None:
    """Take a ban back; the reader begins with a new token."""
    account.standing = Standing.GOOD
