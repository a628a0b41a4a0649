"""Keys by command: shown once, told apart by their beginning, ended, and only for their purpose."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from jobs.transactions import writing
from models import ApiKey, KeyPurpose, OutsideDecision
from moderation import keys

ANALYSIS = (KeyPurpose.LABELS, KeyPurpose.SCORES)


def flask(app: Flask, *words: str) -> Result:
    """Run a command."""
    return app.test_cli_runner().invoke(args=["keys", *words])


def test_a_key_is_shown_once_and_only_its_digest_is_stored(
    app: Flask, site: int, session: Session
) -> None:
    key = flask(app, "add", "Coral", "--site", "news").output.strip()
    assert re.fullmatch(r"pa_[\w-]{43}", key)
    row = session.scalars(select(ApiKey)).one()
    assert (row.name, row.site_id, row.purpose, row.per_minute) == (
        "Coral", site, KeyPurpose.LABELS, 600
    )  # fmt: skip
    assert row.digest == keys.digest_of(key)
    assert row.prefix == key[:7]
    listed = flask(app, "list").output
    assert "Coral" in listed
    assert f"{key[:7]}…" in listed
    assert "600/minute" in listed
    assert "never used" in listed
    assert key not in listed


def test_each_purpose_has_its_own_beginning_and_quota(app: Flask, site: int) -> None:
    for purpose, beginning in (("scores", "ps_"), ("moderation", "pk_"), ("labels", "pa_")):
        made = flask(app, "add", "x", "--site", "news", "--for", purpose, "--per-minute", "7")
        assert made.output.startswith(beginning)
    listed = flask(app, "list").output
    assert listed.count("7/minute") == 2, "a moderating program has no such quota"


@pytest.mark.parametrize(
    "words",
    [
        ("add", "Coral", "--site", "nowhere"),
        ("add", "Coral"),
        ("add", "Coral", "--site", "news", "--per-minute", "0"),
        ("add", "Coral", "--site", "news", "--for", "everything"),
        ("add", "x" * 101, "--site", "news"),
        ("add", " ", "--site", "news"),
        ("revoke", "99"),
    ],
)
def test_what_makes_no_sense_is_refused_and_makes_nothing(
    app: Flask, site: int, session: Session, words: tuple[str, ...]
) -> None:
    assert flask(app, *words).exit_code != 0
    assert session.scalars(select(ApiKey)).all() == []


def test_a_key_is_good_for_its_purpose_alone(app: Flask, site: int, session: Session) -> None:
    with writing() as writer:
        made = {p: keys.make(writer, site, p.value, p, 60) for p in KeyPurpose}
    for purpose, key in made.items():
        for asked in KeyPurpose:
            found = keys.find(session, key, (asked,))
            assert (found is not None) == (asked is purpose)
    for wrong in ("", "pa_", made[KeyPurpose.LABELS][:-1], "\ud800", "\x00", "é" * 50):
        assert keys.find(session, wrong, tuple(KeyPurpose)) is None


def test_a_key_for_scores_opens_nothing_of_the_desk(
    app: Flask, site: int, client: FlaskClient
) -> None:
    for purpose, status in (("labels", 401), ("scores", 401), ("moderation", 200)):
        key = flask(app, "add", "x", "--site", "news", "--for", purpose).output.strip()
        answer = client.get("/api/v1/moderation/queue", headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status


def test_a_revoked_key_opens_nothing_and_keeps_the_moment(
    app: Flask, site: int, session: Session
) -> None:
    key = flask(app, "add", "Coral", "--site", "news").output.strip()
    assert "opens nothing" in flask(app, "revoke", "1").output
    assert keys.find(session, key, ANALYSIS) is None
    first = session.get_one(ApiKey, 1).revoked_at
    assert abs((datetime.now(UTC) - first).total_seconds()) < 60
    session.rollback()
    assert flask(app, "revoke", "1").exit_code == 0
    assert session.get_one(ApiKey, 1).revoked_at == first
    assert "revoked 20" in flask(app, "list").output


def test_what_was_said_with_a_key_can_be_forgotten_with_it(
    app: Flask, site: int, session: Session
) -> None:
    for name in ("one", "two"):
        flask(app, "add", name, "--site", "news")
    with writing() as writer:
        writer.add_all(
            OutsideDecision(
                site_id=site, key_id=key, digest=str(number) * 64, label="toxicity",
                said=1.0, score=0.5, model_name="words", model_version="1",
            )
            for key, number in ((1, 1), (1, 2), (2, 3))
        )  # fmt: skip
    assert "2 labels are forgotten" in flask(app, "revoke", "1", "--forget-labels").output
    assert session.scalars(select(OutsideDecision.key_id)).all() == [2]


def test_the_day_of_use_only_moves_forward(app: Flask, site: int, session: Session) -> None:
    flask(app, "add", "Coral", "--site", "news")
    for day, stands in ((date(2026, 3, 2), 2), (date(2026, 3, 1), 2), (date(2026, 3, 9), 9)):
        with writing() as writer:
            keys.note_use(writer, 1, day)
        session.expire_all()
        assert session.get_one(ApiKey, 1).used_on == date(2026, 3, stands)
        session.rollback()
    assert "used 2026-03-09" in flask(app, "list").output
