"""Serve the widget: one custom element, what it fetches later, and its words; compressed once."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

blueprint = Blueprint("embed", __name__, url_prefix="/embed")
_FOLDER = Path(__file__).parent / "static"
# What the build calls the file that a page names, and how many characters its digests have.
FIRST, DIGEST = "parley", 8
# Seconds that a browser may keep a file: the one that a page names changes with a new version of
# Parley; what that one fetches is asked for by its digest.
_NAMED, _BY_DIGEST = 300, 31_536_000


@dataclass(frozen=True)
class _File:
    """One file as it goes out, plain and compressed."""

    plain: bytes
    packed: bytes
    mark: str
    kind: str


@cache
def _files() -> dict[str, _File]:
    """All there is, by name: a handful of small files, read once."""
    return {
        path.relative_to(_FOLDER).as_posix(): _read(path)
        for path in _FOLDER.rglob("*")
        if path.is_file()
    }


def _read(path: Path) -> _File:
    plain = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    # Without the time in it: the same file is the same bytes on every machine.
    packed = gzip.compress(plain, 9, mtime=0)
    return _File(plain, packed, hashlib.sha256(plain).hexdigest()[:16], kind)


def _seconds(name: str, asked: str) -> int:
    """How long a file may be kept. Where two versions of Parley answer for a while, one of them may
    be asked for what only the other has: that is kept by nobody."""
    if not asked:
        return _NAMED
    files = _files()
    # As the build has told the file that a page names.
    told = files[f"{FIRST}.js"].plain.decode()
    digest = asked.partition("&")[0]
    return _BY_DIGEST if len(digest) == DIGEST and f'"{digest}"' in told else 0


@blueprint.get("/<path:name>")
def asset(name: str) -> Response:
    """One file of the widget, readable by every origin: it is the same public text for all."""
    file = _files().get(name)
    if file is None:
        raise NotFound
    packs = request.accept_encodings["gzip"] > 0
    answer = Response(
        file.packed if packs else file.plain, content_type=f"{file.kind}; charset=utf-8"
    )
    if packs:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.cache_control.public = True
    answer.cache_control.max_age = _seconds(name, request.query_string.decode("latin-1"))
    # The same words compressed are other bytes.
    answer.set_etag(f"{file.mark}-gz" if packs else file.mark)
    answer.make_conditional(request)
    return answer
