"""How a page was asked for: by a plain form, or by the console's own script."""

from __future__ import annotations

from flask import request


def is_by_script() -> bool:
    """Whether the answer is read by the script, which wants JSON, and not by a person."""
    return request.headers.get("Accept") == "application/json"
