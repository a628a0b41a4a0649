"""What drifts is looked for in the background, remembered, shown at the queue and counted."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from jobs import drifting
from jobs.drifting import Drifts
from jobs.transactions import writing
from models import Role
from moderation.calibration.drift import Drift, Week
from tests.conftest import LABELS
from tests.jobs.scoring.conftest import wait_until
from tests.moderation.calibration.test_reading import counted
from tests.simulated import fill
from tests.web.conftest import Caller
from web.console.drifting import drifting as shown
from web.runtime import runtime_of

TOKEN = "a-token-nobody-guesses"


@pytest.fixture
def environ() -> dict[str, str]:
    return {"PARLEY_METRICS_TOKEN": TOKEN}


@pytest.fixture
def drifts(app: Flask, site: int, other_site: int) -> Drifts:
    """A site on which toxicity got worse, and another where it did not."""
    with app.app_context(), writing() as session:
        fill(session, site, spoilt_weeks=4)
    with app.app_context(), writing() as session:
        fill(session, other_site, seed=2)
    return runtime_of(app).drifts


def line(caller: Caller, query: str = "") -> str:
    page = caller.client.get(f"/console/{query}").text
    said = re.search(r"<p[^>]*>(Moderators agree less.*?)</p>", page, re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", said[1])).split()) if said else ""


def test_the_queue_says_so_quietly_and_leads_to_the_page(
    app: Flask, drifts: Drifts, site: int, other_site: int, sign_in: Callable[..., Caller]
) -> None:
    desk = sign_in("ann@example.org", Role.READ_ONLY, site)
    everywhere = sign_in("bea@example.org", Role.MODERATOR, site, other_site)
    elsewhere = sign_in("cee@example.org", Role.ADMIN, other_site)
    assert line(desk) == ""
    with app.app_context(), counted() as statements:
        assert line(desk) == ""
    before = len(statements)
    with app.app_context():
        drifts.look()
    with app.app_context(), counted() as statements:
        assert line(desk) == "Moderators agree less than before with toxicity"
    # The page asks for nothing: the line is remembered.
    assert len(statements) == before
    link = re.search(
        r'"(/console/calibration\?[^"]+label=toxicity)"', desk.client.get("/console/").text
    )
    assert link
    assert "agrees with moderators less than it did" in desk.client.get(html.unescape(link[1])).text
    assert line(everywhere) == "Moderators agree less than before with toxicity on news"
    assert line(everywhere, "?site=other") == line(elsewhere) == ""


def test_prometheus_is_told_of_each_label(app: Flask, drifts: Drifts) -> None:
    client, headers = app.test_client(), {"Authorization": f"Bearer {TOKEN}"}
    assert "parley_label_drifting{" not in client.get("/metrics", headers=headers).text
    with app.app_context():
        drifts.look()
    told = client.get("/metrics", headers=headers).text
    assert 'parley_label_drifting{label="toxicity",site="news"} 1.0' in told
    assert 'parley_label_drifting{label="toxicity",site="other"} 0.0' in told
    assert "insult" not in told
    (drop,) = re.findall(r'parley_label_drop\{label="toxicity",site="news"\} (0\.\d+)', told)
    assert float(drop) > 0.05


def test_it_costs_a_fixed_number_of_queries(app: Flask, drifts: Drifts) -> None:
    with app.app_context(), counted() as statements:
        drifts.look()
    # The sites; the policy of each; on both the model of each label, and two for the one scored.
    assert len(statements) == 1 + 2 + 2 * (len(LABELS) + 2)


def test_it_looks_by_itself_and_outlives_a_fault(
    app: Flask, drifts: Drifts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drifting, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(drifting, "_FIRST_SECONDS", 0.01)
    tries: list[int] = []
    look = drifts.look

    def fail_once() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("SELECT", {}, Exception("the database is away"))
        look()

    monkeypatch.setattr(drifts, "look", fail_once)
    drifts.start()
    drifts.start()
    try:
        wait_until(lambda: bool(drifts.known))
    finally:
        drifts.stop()
    assert [place.label for place, trend in drifts.known.items() if trend.is_lower] == ["toxicity"]


def test_of_many_only_the_worst_are_named(
    app: Flask, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fallen(to: int, chance: float) -> Drift:
        return Drift((), Week(4, 90, 100), Week(0, to, 100), 0.9, chance, True)

    known = {
        drifting.Place(number, "news", label): fallen(to, chance)
        for number, label, to, chance in [
            (site, "threat", 70, 0.001), (site, "insult", 30, 0.001), (site, "obscene", 10, 0.5),
            (site, "toxicity", 60, 0.001), (site, "hate", 75, 0.001), (site + 1, "spam", 1, 0.001),
        ]
    }  # fmt: skip
    monkeypatch.setattr(runtime_of(app).drifts, "_known", known)
    with app.app_context():
        found = shown([site])
    assert [place.label for place in found.places] == ["insult", "toxicity", "threat"]
    assert found.more == 1
