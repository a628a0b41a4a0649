"""Reading at the desk: the order, odd addresses, and what it costs and changes."""

from __future__ import annotations

import re

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from jinja2 import UndefinedError

from jobs.transactions import writing
from models import Comment
from tests.web.console.desk_forms import (
    RUDE,
    MakeComment,
    counted,
    version_of,
)


def test_oldest_or_riskiest_first(app: Flask, desk: FlaskClient, make_comment: MakeComment) -> None:
    first, second = make_comment(RUDE), make_comment("Another idiot.")
    with app.app_context(), writing() as session:
        session.get_one(Comment, second).risk = 0.99
    order = re.compile(r'id="case-(\d+)"')
    assert order.findall(desk.get("/console/").text) == [str(first), str(second)]
    riskiest = desk.get("/console/?order=riskiest").text
    assert order.findall(riskiest) == [str(second), str(first)]


@pytest.mark.parametrize("query", ["state=x", "order=x", "state=held&order=", "decided=x"])
def test_what_cannot_be_read_is_the_default(desk: FlaskClient, query: str) -> None:
    assert desk.get(f"/console/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["decided=99999999999999999999", "decided=-1", "state=held"])
def test_numbers_out_of_range_are_nothing(desk: FlaskClient, query: str) -> None:
    assert desk.get(f"/console/?{query}").status_code == 200
    assert desk.get(f"/console/decisions?before={query[8:]}").status_code == 200


def test_a_cursor_that_fits_nothing_is_said(desk: FlaskClient) -> None:
    assert desk.get("/console/?cursor=nonsense").status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/console/",
        "/console/?state=all&words=idiot&label=insult&least=0.1&age=day",
        "/console/decisions?by=everyone",
    ],
)
def test_more_cases_cost_no_more_queries(
    app: Flask, desk: FlaskClient, make_comment: MakeComment, path: str
) -> None:
    parent = make_comment("A fine day.")
    make_comment(RUDE, parent=parent)
    with counted(app) as few:
        assert desk.get(path).status_code == 200
    for number in range(12):
        make_comment(f"idiot {number}", f"Reader {number}", parent=parent)
    with counted(app) as many:
        assert desk.get(path).status_code == 200
    assert len(many) == len(few), "\n".join(many)
    assert len(many) <= 24


def test_get_changes_nothing(app: Flask, desk: FlaskClient, make_comment: MakeComment) -> None:
    held = make_comment(RUDE)
    seen = version_of(app, held)
    with counted(app) as statements:
        for path in ("/console/", f"/console/cases/{held}", "/console/decisions"):
            desk.get(path)
    assert not [each for each in statements if each.split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert desk.get(f"/console/cases/{held}/decisions").status_code == 405
    assert version_of(app, held) == seen


def test_a_template_never_prints_a_missing_name_as_nothing(app: Flask):
    with app.app_context():
        assert render_template_string("{% if nobody %}here{% endif %}") == ""
        with pytest.raises(UndefinedError):
            render_template_string("{{ nobody }}")
        with pytest.raises(UndefinedError):
            render_template_string("{{ nobody ~ ': limit' }}")
