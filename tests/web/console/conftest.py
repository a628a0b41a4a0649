"""What the tests of the console share: a moderator of the site whose browser is signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models import Role
from tests.web.console.desk_forms import signed_in


@pytest.fixture
def desk(app: Flask, site: int, make_staff: Callable[..., int]) -> FlaskClient:
    """Their browser, signed in with the password."""
    make_staff("mod@example.org", Role.MODERATOR, site)
    return signed_in(app, "mod@example.org")
