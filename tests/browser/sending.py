"""What others send to the server under test while somebody looks at a page."""

from __future__ import annotations

import json
import urllib.request
import uuid
from typing import Any


def send(server: Any, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    """Post a body to the API, as the reader with a token or as a new one; the answer."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(
        f"{server.url}/api/v1/{path}", json.dumps(body).encode(), headers
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))
