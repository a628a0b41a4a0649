"""Who reads the page without script: by a cookie that is set only when they act."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from flask import Response, current_app, g, request

from discussion import comments
from jobs.transactions import reading
from moderation.errors import ParleyError
from web import auth
from web.errors import problem
from web.runtime import runtime

YEAR = 31_536_000
_SAFE = {"GET", "HEAD", "OPTIONS"}
FIELD = "form_token"
KEY = "key"
_POSTS = ("thread_page.post", "thread_page.send_reply")
_READER = "reader"


def recognise() -> None:
    """Know the reader again by their cookie; one that is not good any more is forgotten."""
    token = cookie(_READER)
    auth.by_cookie(token)
    g.reader_cookie = token
    g.forget_reader = False
    if not token:
        return
    try:
        with reading() as session:
            known = auth.reader(session)
    except ParleyError:
        known = None
    if known is None:
        # Banned, or from before the secret key changed: a stranger now, as in the widget.
        auth.by_cookie("")
        g.forget_reader = True


def is_known() -> bool:
    """Whether the request brought a cookie: its answer is for one person then."""
    return bool(g.get("reader_cookie"))


def remember(response: Response, token: str) -> None:
    """Give the reader the cookie by which they are known again."""
    keep(response, _READER, token, YEAR)


def forget_if_no_good(response: Response) -> None:
    """Take back a cookie that nobody is known by, unless a new one was just given."""
    if g.get("forget_reader") and not response.headers.getlist("Set-Cookie"):
        keep(response, _READER, "", 0)


def form_token() -> str:
    """What a form carries so that only a page made for this reader can send it.

    Empty for somebody without a cookie: their page is the same for everyone, and what they send is
    known to come from it by what the browser says (`refuse_foreign_forms`).
    """
    return _token_for(g.reader_cookie) if is_known() else ""


def form_key() -> str:
    """What lets a form that is sent twice make one comment: drawn anew for each form.

    The page that carries it is this reader's alone: of a shared one the key would be everyone's,
    and whoever sent the same words would be taken for the first who did.
    """
    keep_apart()
    return str(uuid.uuid4())


def keep_apart() -> None:
    """Let nobody but this reader's own browser keep the answer, even of somebody unknown."""
    g.is_kept_apart = True


def is_kept_apart() -> bool:
    """Whether the answer is for one browser, though it may be for somebody unknown."""
    return bool(g.get("is_kept_apart"))


def refuse_foreign_forms() -> Response | None:
    """Turn away what was not sent by a form of this server's own page.

    A browser says where a form stood (Sec-Fetch-Site, or Origin where it is older); one that says
    neither is believed only with the token of a page that was made for its cookie.
    """
    if request.method in _SAFE:
        return None
    stated = _is_stated_ours()
    if stated is False:
        return _foreign()
    if not is_known():
        return None if stated else _foreign()
    sent = request.form.get(FIELD, "")
    if hmac.compare_digest(sent.encode(), form_token().encode()):
        return None
    if stated is None:
        return _foreign()
    return None if _is_repeated() else stale_page(403)


def _is_repeated() -> bool:
    """Whether a form comes again that has made a comment of this very reader.

    The cookie came with the answer to the first click; the second still sends the page from before.
    """
    key = request.form.get(KEY, "")
    if request.endpoint not in _POSTS or not key:
        return False
    with reading() as session:
        known = auth.reader(session)
        return known is not None and comments.is_repeated(session, key, known.id)


def stale_page(status: int) -> Response:
    """Ask for the form to be sent again, from the page that this is drawn on."""
    return problem(
        status,
        "stale-page",
        "This page was older than what is known of you. Nothing is lost: press the button again.",
    )


def _is_stated_ours() -> bool | None:
    """Whether the browser says that the form is ours; None where it says nothing."""
    fetched = request.headers.get("Sec-Fetch-Site", "")
    if fetched:
        # "none" is a person who opened an address: no form does that.
        return fetched == "same-origin"
    origin = request.headers.get("Origin", "")
    if origin:
        return origin in (request.host_url.rstrip("/"), _public_origin())
    return None


def _public_origin() -> str:
    scheme, _, rest = runtime().public_url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def _foreign() -> Response:
    g.is_foreign_form = True
    return problem(
        403,
        "cross-site",
        "This can only be sent from its own page. Open the discussion and try again there.",
    )


def _token_for(cookie: str) -> str:
    key = str(current_app.secret_key).encode()
    return hmac.new(key, b"thread-form:" + cookie.encode(), hashlib.sha256).hexdigest()[:40]


def _is_secure() -> bool:
    return runtime().public_url.startswith("https://")


def _name(what: str) -> str:
    # The prefix makes browsers refuse the cookie from anywhere but this very host.
    return f"__Host-parley-{what}" if _is_secure() else f"parley-{what}"


def cookie(what: str) -> str:
    """What one of the cookies of these pages says; empty where there is none."""
    return request.cookies.get(_name(what), "")


def keep(response: Response, what: str, value: str, seconds: int) -> None:
    """Give the reader one of the cookies of these pages, out of reach of scripts; 0 seconds takes
    it back."""
    secure = _is_secure()
    # On the publisher's page the cookie is a third party's: kept apart there for each of them.
    framed = secure and request.headers.get("Sec-Fetch-Dest") == "iframe"
    response.set_cookie(
        _name(what),
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        secure=secure,
        samesite="None" if framed else "Lax",
        partitioned=framed,
    )
