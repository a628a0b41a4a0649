"""Python clients of Perspective, unchanged but for the address."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from perspective import PerspectiveAPI

from tests.web.analyzer.clients.conftest import KIND, RUDE, Served

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def google(served: Served) -> Any:
    """Google's own client, which learns everything from the discovery document."""
    return build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=served.key,
        discoveryServiceUrl=served.discovery,
        static_discovery=False,
    )


def analyze(google: Any, text: str, **more: Any) -> dict[str, Any]:
    """Scores by Google's client."""
    body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}} | more
    found: dict[str, Any] = google.comments().analyze(body=body).execute()
    return found


def test_googles_client_tells_rude_from_kind(google: Any) -> None:
    values = [
        analyze(google, text)["attributeScores"]["TOXICITY"]["summaryScore"]["value"]
        for text in (KIND, RUDE)
    ]
    assert values[0] < 0.2
    assert values[1] > 0.9


def test_googles_client_gets_spans_and_its_token(google: Any) -> None:
    text = f"{KIND} 😀. {RUDE}"
    answer = analyze(google, text, spanAnnotations=True, clientToken="t", doNotStore=True)
    assert answer["clientToken"] == "t"
    assert answer["detectedLanguages"] == ["en"]
    spans = answer["attributeScores"]["TOXICITY"]["spanScores"]
    units = text.encode("utf-16-le")
    last = spans[-1]
    assert units[2 * last["begin"] : 2 * last["end"]].decode("utf-16-le") == RUDE
    assert last["score"]["value"] > 0.9 > spans[0]["score"]["value"]


def test_googles_client_reads_our_errors(google: Any) -> None:
    with pytest.raises(HttpError) as caught:
        analyze(google, KIND, requestedAttributes={"SPAM": {}})
    assert caught.value.resp.status == 400
    assert caught.value.reason == "Unknown requested attribute: SPAM"
    assert caught.value.error_details[0]["errorType"] == "INVALID_REQUEST"
    with pytest.raises(HttpError) as caught:
        analyze(google, RUDE, languages=["it"])
    assert "does not support request languages: it" in str(caught.value)


def test_googles_client_suggests_scores(google: Any) -> None:
    body = {
        "comment": {"text": RUDE},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1.0}}},
        "clientToken": "t",
    }
    assert google.comments().suggestscore(body=body).execute()["clientToken"] == "t"


def test_googles_client_with_a_bad_key(served: Served) -> None:
    bad = build(
        "commentanalyzer",
        "v1alpha1",
        developerKey="bad",
        discoveryServiceUrl=served.discovery,
        static_discovery=False,
    )
    with pytest.raises(HttpError, match=r"API key not valid\. Please pass a valid API key\."):
        analyze(bad, KIND)


@pytest.fixture(scope="module")
def perspective(served: Served) -> Any:
    """The client from PyPI, with only its address changed."""
    client = PerspectiveAPI(served.key)
    client.api_client.url = f"{served.url}/v1alpha1/{{endpoint}}"
    return client


def test_the_client_of_pypi(perspective: Any) -> None:
    tests = ["TOXICITY", "SEVERE_TOXICITY", "INSULT", "PROFANITY", "IDENTITY_ATTACK", "THREAT"]
    rude, kind = perspective.score(RUDE, tests=tests), perspective.score(KIND, tests=tests)
    assert set(rude) == set(kind) == set(tests)
    assert rude["TOXICITY"] > 0.9 > kind["TOXICITY"]
    assert rude["INSULT"] > 0.9 > kind["INSULT"]
    answer = perspective.analyze_comment(
        RUDE,
        comment_type="PLAIN_TEXT",
        context=[{"text": "Before.", "type": "PLAIN_TEXT"}],
        requested_attributes={"TOXICITY": {"scoreThreshold": 0.5, "scoreType": "PROBABILITY"}},
        span_annotations=True,
        languages=["en"],
        do_not_store=True,
        client_token="t",
        session_id="s",
        community_id="c",
    )
    assert answer["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == len(RUDE)
    said = {"TOXICITY": {"summaryScore": {"value": 0.0}}}
    answer = perspective.suggest_score(KIND, said, languages=["en"], client_token="t")
    assert answer["clientToken"] == "t"
    with pytest.raises(urllib.error.HTTPError) as caught:
        perspective.score(KIND, tests=["FLIRTATION"])
    message = json.loads(caught.value.read())["error"]["message"]
    assert message == "Unknown requested attribute: FLIRTATION"


def test_the_key_is_in_no_log_whatever_goes_wrong(served: Served, google: Any) -> None:
    analyze(google, "Secretword, you idiot.")
    for path in (f"/v1alpha1/comments:analyze?key={served.key}", f"/nowhere?key={served.key}"):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{served.url}{path}", data=b"{", timeout=10)
    assert served.key not in served.log
    assert "Secretword" not in served.log
