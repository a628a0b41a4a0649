"""One's own password and name: what changing them does to the rest."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import PASSWORD
from tests.web.console.me_security.conftest import (
    ME,
    QUEUE,
    acts,
    is_in,
    post,
    row_of,
    said,
    sign_in,
)


def test_a_new_password_ends_the_other_browsers(app: Flask, desk: FlaskClient, person: int) -> None:
    other = app.test_client()
    sign_in(other)
    post(desk, f"{ME}/password", old=PASSWORD, new="another long password")
    assert "Your password is changed." in said(desk)
    assert (is_in(desk), is_in(other)) == (True, False)
    assert sign_in(app.test_client()).status_code == 200
    assert sign_in(app.test_client(), "another long password").location == QUEUE
    assert acts(app) == ["password changed"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("wrong", "another long password", "That is not your present password."),
        (PASSWORD, "x" * 11, "Use at least 12 characters"),
    ],
)
def test_a_password_is_not_changed(
    app: Flask, desk: FlaskClient, old: str, new: str, says: str
) -> None:
    post(desk, f"{ME}/password", old=old, new=new)
    assert says in said(desk)
    assert sign_in(app.test_client()).location == QUEUE


def test_a_name_is_changed_and_shown_plainly(app: Flask, desk: FlaskClient, person: int) -> None:
    post(desk, f"{ME}/name", name=" <b>Mo</b>  Ek ")
    assert row_of(app, person).name == "<b>Mo</b> Ek"
    assert "<b>Mo</b>" not in desk.get(ME).text
    post(desk, f"{ME}/name", name="  ")
    assert row_of(app, person).name == "<b>Mo</b> Ek"
