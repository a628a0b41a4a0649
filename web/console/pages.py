"""The pages of the console that stand in its top bar, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

# Its key in templates (`here`), what it is called, and the endpoint that shows it.
_PAGES = (
    ("queue", "Queue", "console.show_queue"),
    ("batches", "Batches", "console.show_batches"),
    ("decisions", "Decisions", "console.show_decisions"),
    ("insight", "Insight", "console.show_insight"),
    ("calibration", "Calibration", "console.show_calibration"),
    ("policy", "Policy", "console.show_policy"),
    ("log", "Log", "console.show_log"),
    ("staff", "Staff", "console.show_staff"),
    ("webhooks", "Webhooks", "console.show_webhooks"),
)


@dataclass(frozen=True)
class Page:
    """One entry of the top bar."""

    key: str
    name: str
    address: str


def pages() -> list[Page]:
    """The top bar, each page for the site that is being looked at."""
    site = request.args.get("site") or None
    return [
        Page(key, name, url_for(endpoint, site=site))
        for key, name, endpoint in _PAGES
        if endpoint in current_app.view_functions
    ]
