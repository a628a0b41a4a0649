"""Which thread belongs to a page: find it, open it, and what makes two addresses one page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from models import ArticlePoint, Site, SiteOrigin, Thread
from models.thread import change, lock
from moderation import sanctions
from moderation.errors import Invalid, NotFound, UnknownOrigin
from moderation.sanctions import Door

_LONGEST_URL = 2000
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Parameters that tell where a visitor came from and never which page is shown.
_TRACKING = {
    "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "yclid",
    "igshid", "igsh", "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "oly_anon_id",
    "oly_enc_id", "vero_id", "wickedid", "_openstat", "si", "cmpid", "ref_src", "ref_url",
    "__s", "s_cid", "srsltid", "li_fat_id", "ttclid", "rb_clickid", "epik", "_ga", "_gl",
}  # fmt: skip
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "matomo_", "piwik_", "hsa_", "at_medium", "at_camp")


@dataclass(frozen=True)
class Address:
    """A page's canonical address: its origin, and path with query as identity in the site."""

    origin: str
    path: str

    @property
    def url(self) -> str:
        """The canonical URL."""
        return self.origin + self.path


@dataclass(frozen=True)
class Page:
    """A page as its reader's browser names it."""

    site: Site
    address: Address
    identity: str


def origin_of(url: str) -> str:
    """The web origin of a URL (RFC 6454): lower-case scheme and host, a port unless default.

    Raises Invalid when the address is not an absolute http or https one.
    """
    problem = Invalid("Give the full address of the page, such as https://example.org/story.",
                      field="url")  # fmt: skip
    if len(url) > _LONGEST_URL or any(ord(char) <= 32 or ord(char) == 127 for char in url):
        raise problem
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        host = host.encode("idna").decode("ascii") if host and not host.isascii() else host
    except (ValueError, UnicodeError):
        raise problem from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host:
        raise problem
    host = f"[{host}]" if ":" in host else host.lower().rstrip(".")
    # What IDNA makes of a letter can be a blank or a slash.
    if not (host.startswith("[") or _HOST.fullmatch(host)):
        raise problem
    return f"{scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[scheme]) else f":{port}")


@lru_cache(maxsize=4096)
def canonical(url: str) -> Address:
    """The one address of a page, however its visitors came to it.

    Dropped are the fragment, what marks a campaign, and a trailing slash; what is left of the
    query stays, because on many sites it is what names the page. Raises Invalid.
    """
    origin = origin_of(url)
    parts = urlsplit(url)
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._") or "/"
    path = path.rstrip("/") or "/"
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if name.lower() not in _TRACKING and not name.lower().startswith(_TRACKING_PREFIXES)
    ]
    address = Address(origin, path + (f"?{urlencode(kept)}" if kept else ""))
    if len(address.url) > _LONGEST_URL:
        raise Invalid(f"The address is longer than {_LONGEST_URL} characters.", field="url")
    return address


def site_of(session: Session, origin: str) -> Site:
    """The site that an origin belongs to, matched exactly. Raises UnknownOrigin."""
    site = session.scalar(select(Site).join(SiteOrigin).where(SiteOrigin.origin == origin))
    if site is None:
        raise UnknownOrigin(
            f"{origin} belongs to no site here. Its publisher can add it with "
            f"`flask sites add-origin`.",
            field="url",
        )
    return site


def locate(session: Session, url: str, page_id: str = "", site_slug: str = "") -> Page:
    """The page that a URL and, where the publisher gives one, a page id name.

    The site always follows from the URL; a slug that says otherwise is refused.
    Raises Invalid, UnknownOrigin.
    """
    address = canonical(url)
    site = site_of(session, address.origin)
    if site_slug and site_slug != site.slug:
        raise UnknownOrigin(f"{address.origin} does not belong to this site.", field="site")
    identity = f"id:{page_id}" if page_id else f"path:{address.path}"
    return Page(site, address, identity)


def find(session: Session, page: Page) -> Thread | None:
    """The thread of a page, if a discussion has begun there."""
    return session.scalar(
        select(Thread).where(Thread.site_id == page.site.id, Thread.identity == page.identity)
    )


def find_or_begin(
    session: Session, page: Page, title: str = "", section: str = ""
) -> tuple[Thread, bool]:
    """The thread of a page, begun if need be; the second value says whether it is new.

    A page that names its section has moved there; one that names none stays where it was.
    """
    thread = find(session, page)
    if thread is not None:
        if section and thread.section != section:
            thread.section = section
        return thread, False
    thread = Thread(
        site_id=page.site.id,
        identity=page.identity,
        url=page.address.url,
        title=title,
        section=section,
    )
    session.add(thread)
    session.flush()
    return thread, True


def get(session: Session, thread_id: int) -> Thread:
    """A thread by its number. Raises NotFound."""
    thread = session.get(Thread, thread_id)
    if thread is None:
        raise NotFound("There is no such thread.")
    return thread


def give_point(session: Session, thread: Thread, account_id: int) -> None:
    """One reader's point for the article; a second one changes nothing. Raises Sanctioned."""
    sanctions.permit(session, thread.site_id, account_id, Door.VOTE)
    lock(session, thread.id)
    if session.get(ArticlePoint, (thread.id, account_id)) is None:
        session.add(ArticlePoint(thread_id=thread.id, account_id=account_id))
        session.flush()
        change(session, thread.id, points=1)
        session.refresh(thread)


def take_back_point(session: Session, thread: Thread, account_id: int) -> None:
    """Undo a reader's point; without one nothing changes."""
    lock(session, thread.id)
    point = session.get(ArticlePoint, (thread.id, account_id), populate_existing=True)
    if point is not None:
        session.delete(point)
        session.flush()
        change(session, thread.id, points=-1)
        session.refresh(thread)


# Made once: putting a statement together takes longer than the database needs to answer it.
_SITES = select(SiteOrigin.origin, SiteOrigin.site_id).where(
    SiteOrigin.origin.in_(bindparam("origins", expanding=True))
)
_COUNTED = select(Thread.site_id, Thread.identity, Thread.url, Thread.comment_count).where(
    Thread.site_id.in_(bindparam("sites", expanding=True)),
    or_(
        Thread.identity.in_(bindparam("identities", expanding=True)),
        Thread.url.in_(bindparam("urls", expanding=True)),
    ),
)


def counts(session: Session, urls: list[str]) -> dict[str, int]:
    """Published comments per URL as asked; 0 where no discussion has begun.

    Two queries however many URLs; addresses of unknown sites count 0 as well.
    """
    addresses: dict[str, Address] = {}
    for url in urls:
        try:
            addresses[url] = canonical(url)
        except Invalid:
            continue
    connection = session.connection()
    origins = {"origins": list({address.origin for address in addresses.values()})}
    sites: dict[str, int] = {row[0]: row[1] for row in connection.execute(_SITES, origins)}
    by_path: dict[tuple[int, str], int] = {}
    # A thread that goes by the publisher's page id is found by the address it was begun at.
    by_url: dict[str, int] = {}
    asked = {
        "sites": list(set(sites.values())),
        "identities": [f"path:{address.path}" for address in addresses.values()],
        "urls": [address.url for address in addresses.values()],
    }
    for site_id, identity, at, count in connection.execute(_COUNTED, asked):
        by_path[(site_id, identity)] = count
        by_url[at] = max(count, by_url.get(at, 0))
    return {
        url: by_path.get((sites.get(address.origin, 0), f"path:{address.path}"))
        or by_url.get(address.url, 0)
        if (address := addresses.get(url))
        else 0
        for url in urls
    }
