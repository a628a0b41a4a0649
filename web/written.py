"""What people wrote, as it is put into a page of ours: the stored HTML, and a way into its code."""

from __future__ import annotations

from flask import Flask
from markupsafe import Markup

# The sanitiser leaves no attribute on it, and a "<" of the text is an entity: so it stands there as
# this and as nothing else.
_CODE = "<pre>"


def written(html: str) -> Markup:
    """Sanitised HTML for a page. Long lines of code scroll in their own box, and not every browser
    lets the keyboard into a box that scrolls unless it is said so."""
    return Markup(html.replace(_CODE, '<pre tabindex="0">'))  # noqa: S704 (sanitised when stored)


def register(app: Flask) -> None:
    """Give it to all templates."""
    app.jinja_env.filters["written"] = written
