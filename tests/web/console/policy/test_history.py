"""The versions of a policy: what changed, how far back, and that words stay words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from flask import Flask
from sqlalchemy import event

from models import db
from moderation.values import REASONS
from tests.conftest import set_policy
from tests.web.conftest import Caller
from tests.web.console.policy.conftest import (
    POLICY,
    SCRIPT,
    WORDS,
    send,
    standing,
    text_of,
)

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_the_history_says_what_changed(app: Flask, site: int, admin: Caller, thread: int) -> None:
    send(admin, 1, hold__insult="0.5", reject__insult="0.9", note="It was too strict.")
    send(admin, 2, limit__links="1", banned_words="aa", languages="fr", nudges="", moderation="pre")
    send(admin, 3, banned_words="bb")
    send(admin, 4, advice__flood="note")
    set_policy(app, site, thread, moderation="post")
    set_policy(app, site, thread)
    said = text_of(admin.client.get(POLICY))
    said = said[said.rindex("History") :]
    assert "Version 2 ada , a moment ago “It was too strict.”" in said
    assert "Insult held from 0.60 → held from 0.50, rejected from 0.90" in said
    assert "Many links held, limit 3 → held, limit 1" in said
    assert "Banned words 0 entries → 1 entry" in said
    assert "Banned words 1 entry → 1 entry, others" in said
    assert "Languages as is usual → French" in said
    assert "Asking to reword on → off" in said
    assert "A person looks afterwards → before it appears" in said
    assert "A person looks as the site → afterwards" in said
    assert "Only in one discussion:" in said
    assert "Too many at once held, limit 8 → noted, limit 8" in said
    assert said.count("The policy that the site began with.") == 1
    numbers = re.findall(r"Version (\d+)", said)
    assert numbers == ["7", "6", "5", "4", "3", "2", "1"]


def test_older_versions_are_a_page_away(app: Flask, site: int, admin: Caller) -> None:
    for number in range(1, 14):
        set_policy(app, site, banned_words=[f"w{number}"])
    page = admin.client.get(POLICY).text
    history = page[page.index('id="history"') :]
    assert re.findall(r"<b>Version (\d+)", history) == [str(one) for one in range(14, 4, -1)]
    older = re.search(r'href="([^"]+before=5[^"]*)"', history)
    assert older
    page = admin.client.get(html.unescape(older[1])).text
    history = page[page.index('id="history"') :]
    assert re.findall(r"<b>Version (\d+)", history) == ["4", "3", "2", "1"]
    assert "before=" not in history
    page = admin.client.get(f"{POLICY}?before=1").text
    assert "There are no older versions." in page


def test_hostile_words_are_only_words(
    app: Flask, site: int, admin: Caller, make_comment: Callable[..., int]
) -> None:
    make_comment(f"fine {HOSTILE} </textarea>", "<i>Bobby</i>")
    typed = {
        "banned_words": f"{HOSTILE}\r\n</textarea><script>x</script>\r\nscript",
        "suspect_words": "fine",
        "note": HOSTILE,
        "reason_key": HOSTILE[:50],
        "reason_name": HOSTILE[:50],
        "reason_told": f"</textarea>{HOSTILE}",
    }
    trial = send(admin, 1, WORDS, headers=SCRIPT, **typed).get_json()["trial"]
    assert '<mark class="banned-words">script</mark>' in trial
    pages = [trial, send(admin, 1, WORDS, **typed).text]
    saved = send(admin, 1, **typed)
    assert saved.status_code == 302
    pages.append(admin.client.get(saved.location).text)
    pages.append(send(admin, 1, **typed, languages="english").text)
    pages.append(send(admin, 2, **typed, languages=f"{HOSTILE}").text)
    for page in pages:
        assert "<script>" not in page
        assert "<img" not in page
        assert "<i>Bobby" not in page
        assert page.count("<textarea") == page.count("</textarea>")
    assert standing(app, site).reasons[0].told.startswith("</textarea><script>")
    assert standing(app, site).reasons != REASONS


def test_reading_costs_no_more_with_more_to_show(app: Flask, site: int, admin: Caller) -> None:
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    for number in range(11):
        set_policy(app, site, banned_words=[f"w{number}"])
    statements.clear()
    admin.client.get(POLICY)
    few = len(statements)
    for number in range(15):
        set_policy(app, site, suspect_words=[f"w{number}"])
    statements.clear()
    admin.client.get(POLICY)
    assert len(statements) == few
    assert not [one for one in statements if one.split()[0] in ("INSERT", "UPDATE", "DELETE")]
