"""Writers of one process wait in line, and none for ever."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import transactions
from jobs.transactions import writing
from models import Site


def test_a_writer_waits_for_the_one_before(app: Flask, site: int) -> None:
    begun, told = threading.Event(), []

    def write() -> None:
        with app.app_context():
            begun.set()
            with writing():
                told.append("second")

    with app.app_context(), writing():
        other = threading.Thread(target=write)
        other.start()
        assert begun.wait(30)
        other.join(0.2)
        told.append("first")
    other.join(30)
    assert told == ["first", "second"]


def test_one_that_does_not_end_holds_nobody_up_for_ever(
    app: Flask, site: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "_IN_LINE_SECONDS", 0.1)
    is_held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        # As a thread that died without leaving the line would.
        with transactions._IN_LINE:
            is_held.set()
            let_go.wait(30)

    other = threading.Thread(target=hold)
    other.start()
    assert is_held.wait(30)
    try:
        with app.app_context(), writing() as session:
            assert session.scalar(select(Site.id)) == site
    finally:
        let_go.set()
        other.join(30)


def test_the_line_is_left_after_a_fault(app: Flask, site: int) -> None:
    with app.app_context(), pytest.raises(ZeroDivisionError), writing():
        raise ZeroDivisionError
    taken: list[bool] = []

    def try_it() -> None:
        taken.append(transactions._IN_LINE.acquire(blocking=False))
        if taken[0]:
            transactions._IN_LINE.release()

    other = threading.Thread(target=try_it)
    other.start()
    other.join(30)
    assert taken == [True]
