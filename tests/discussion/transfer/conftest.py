"""A site with everything on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.discussion.transfer import everything as happening


@pytest.fixture
def everything(app: Flask, site: int, thread: int, make_comment: Callable[..., int]) -> None:
    """All that can be exported has happened."""
    happening.build(app, site, thread, make_comment)
