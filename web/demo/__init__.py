"""The article page that `make run` opens, with the widget as a publisher would paste it."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, redirect, render_template
from sqlalchemy import select
from werkzeug.wrappers import Response

from jobs.transactions import reading
from models import Thread, utcnow
from web.runtime import runtime

PATH = "/demo/article"
_FOLDER = Path(__file__).parent

blueprint = Blueprint(
    "demo",
    __name__,
    template_folder=".",
    static_folder="static",
    static_url_path="/demo/static",
)


def embed_lines(server: str) -> str:
    """The two lines that a publisher pastes into a template; the README shows the same."""
    return (
        f'<script type="module" src="{server}/embed/parley.js"></script>\n'
        "<parley-thread></parley-thread>"
    )


@cache
def discussion() -> dict[str, Any]:
    """The article's data and the seeded comments."""
    return tomllib.loads((_FOLDER / "discussion.toml").read_text(encoding="utf-8"))


@blueprint.get("/")
def home() -> Response:
    """A server that shows the demo leads there."""
    return redirect(PATH)


@blueprint.get(PATH)
def article() -> str:
    """The article."""
    written = discussion()["article"]
    server = runtime().public_url.rstrip("/")
    with reading() as session:
        begun = session.scalar(select(Thread.created_at).where(Thread.url == f"{server}{PATH}"))
    return render_template(
        "article.html",
        article=written,
        canonical=f"{server}{PATH}",
        embed_lines=embed_lines(""),
        published_at=begun or utcnow() - timedelta(minutes=written["minutes_before"]),
    )
