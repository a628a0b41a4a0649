"""The systems whose exports can be read, and whether a file is what it is said to be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from discussion.transfer import comentario, commento, disqus, isso, remark42, wordpress
from discussion.transfer.recognising import formats_of, is_of_parley, text_of
from discussion.transfer.records import Records
from discussion.transfer.unpacking import Export
from moderation.errors import Invalid

READERS: Mapping[str, Callable[[Export], Records]] = {
    "disqus": disqus.read,
    "wordpress": wordpress.read,
    "isso": isso.read,
    "remark42": remark42.read,
    "commento": commento.read,
    "comentario": comentario.read,
}
NAMES = {
    "disqus": "Disqus",
    "wordpress": "WordPress",
    "isso": "Isso",
    "remark42": "Remark42",
    "commento": "Commento",
    "comentario": "Comentario",
}
_SHAPES = {
    "disqus": "an XML file that begins with <disqus>",
    "wordpress": "an XML file (WXR) that begins with <rss>",
    "isso": "Isso's SQLite database, or its JSON",
    "remark42": "JSON lines, as Remark42's backup is",
    "commento": "a JSON object with comments and commenters",
    "comentario": "a JSON object with pages, comments and commenters",
}


def refuse_others(export: Export) -> None:
    """Raises Invalid for what looks like an export of another system than Parley, naming it."""
    head = export.peek()
    found = [] if is_of_parley(head) else formats_of(head)
    if found:
        raise Invalid(
            f"{export.name} looks like an export of {NAMES[found[0]]}, not of Parley. "
            f"Import it with: flask import {found[0]}"
        )


def check_looks(export: Export, system: str) -> None:
    """Raises Invalid if a file does not look like an export of this system, naming the one that
    it does look like."""
    head = export.peek()
    if is_of_parley(head):
        raise Invalid(
            f"{export.name} is an export of Parley's. Import it with: flask import parley"
        )
    found = formats_of(head)
    # Comentario began with Commento's format, and still reads it.
    is_kin = system == "comentario" and "commento" in found
    # Its reader says which versions there are.
    is_versioned = not found and re.match(r'\s*\{\s*"version"\s*:', text_of(head))
    if system in found or is_kin or (is_versioned and system in ("commento", "comentario")):
        return
    if found:
        raise Invalid(
            f"{export.name} looks like an export of {NAMES[found[0]]}, not of {NAMES[system]}. "
            f"Import it with: flask import {found[0]}"
        )
    raise Invalid(
        f"{export.name} does not look like an export of {NAMES[system]}, which is "
        f"{_SHAPES[system]}."
    )
