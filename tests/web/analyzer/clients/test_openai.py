"""OpenAI's own client for Python, with another base address."""

from __future__ import annotations

import pytest
from openai import AuthenticationError, BadRequestError, OpenAI

from tests.web.analyzer.clients.conftest import KIND, RUDE, Served

pytestmark = pytest.mark.model


def test_openais_client(served: Served) -> None:
    client = OpenAI(api_key=served.key, base_url=f"{served.url}/v1", max_retries=0)
    answer = client.moderations.create(input=[KIND, RUDE], model="omni-moderation-latest")
    kind, rude = answer.results
    assert (kind.flagged, rude.flagged) == (False, True)
    assert rude.categories.harassment is True
    assert rude.category_scores.harassment > 0.9 > kind.category_scores.harassment
    assert rude.category_scores.harassment_threatening < 0.5
    assert answer.model.startswith("parley-small-")
    (one,) = client.moderations.create(input=[{"type": "text", "text": RUDE}]).results
    assert one.flagged
    with pytest.raises(BadRequestError):
        client.moderations.create(input=[])
    with pytest.raises(AuthenticationError):
        OpenAI(api_key="sk-bad", base_url=f"{served.url}/v1", max_retries=0).moderations.create(
            input=KIND
        )
    assert served.key not in served.log
