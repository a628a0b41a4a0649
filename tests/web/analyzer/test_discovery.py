"""The discovery document, and what browsers are told."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.analyzer.conftest import ANALYZE, Program, asking, error_of
from web.analyzer.attributes import LABELS
from web.analyzer.shapes import Analyze, Suggest

PATH = "/$discovery/rest?version=v1alpha1"


@pytest.fixture
def environ() -> dict[str, str]:
    """A server that knows where it stands."""
    return {"PARLEY_PUBLIC_URL": "https://comments.example/", "PARLEY_ANALYZER_DEADLINE": "20"}


def test_its_addresses_are_the_operators_whatever_host_is_named(client: FlaskClient) -> None:
    plain = client.get(PATH)
    assert plain.status_code == 200
    assert plain.json["rootUrl"] == plain.json["baseUrl"] == "https://comments.example/"
    for header in ("Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded"):
        assert client.get(PATH, headers={header: "evil.example"}).data == plain.data
    assert client.get(PATH + "&key=pa_anything").data == plain.data


def test_another_version_is_not_there(client: FlaskClient) -> None:
    error = error_of(client.get("/$discovery/rest?version=v2"))
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")


def test_every_reference_leads_somewhere_and_every_field_is_taken(client: FlaskClient) -> None:
    document = client.get(PATH).json
    schemas = document["schemas"]

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [one for value in node.values() for one in references(value)]
        return (
            [one for value in node for one in references(value)] if isinstance(node, list) else []
        )

    found = references(document)
    assert len(found) > 10
    assert set(found) <= set(schemas)
    for name, shape in (
        ("AnalyzeCommentRequest", Analyze()),
        ("SuggestCommentScoreRequest", Suggest()),
    ):
        taken = {field.data_key or key for key, field in shape.fields.items()}
        assert set(schemas[name]["properties"]) == taken
    methods = document["resources"]["comments"]["methods"]
    assert {one["path"] for one in methods.values()} == {
        "v1alpha1/comments:analyze",
        "v1alpha1/comments:suggestscore",
    }
    assert all(name in str(schemas) for name in LABELS)


@pytest.mark.parametrize("path", [ANALYZE, "/v1alpha1/comments:suggestscore", PATH])
def test_a_page_of_any_origin_may_ask_without_cookies(client: FlaskClient, path: str) -> None:
    asks = {"Origin": "https://any.example", "Access-Control-Request-Method": "POST"}
    answer = client.options(path, headers=asks)
    assert answer.status_code in (200, 204)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_errors_too_can_be_read_by_a_page(program: Program) -> None:
    for answer in (program.analyze(asking()), program.analyze(data=b"{")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
    # Elsewhere nothing has changed.
    other = program.client.get("/api/v1/counts", headers={"Origin": "https://any.example"})
    assert other.headers.get("Access-Control-Allow-Credentials") is None
    assert program.client.get("/healthz").headers.get("Access-Control-Allow-Origin") is None
