"""Which page here an imported discussion belongs to: canonical addresses, a map from old to new."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from discussion.threads import Address, canonical
from discussion.transfer.cleaning import NAMELESS, clean_name, plain
from discussion.transfer.staging import StagedThread
from moderation.errors import Invalid

_LONGEST_IDENTIFIER, _LONGEST_TITLE = 2_000, 300


@dataclass(frozen=True)
class Place:
    """A page: what its thread goes by, its address, and what its thread could go by as well.

    `is_told` is False where the source tells no address, and it only got a page id.
    """

    identity: str
    url: str
    title: str
    also: str = ""
    is_told: bool = True


@dataclass(frozen=True)
class UrlMap:
    """Old addresses and new ones: each for one page, or for all that begin alike."""

    exact: Mapping[str, str] = field(default_factory=dict)
    # The longest first.
    prefixes: Sequence[tuple[str, str]] = ()

    def new(self, url: str) -> str:
        """The new address of an old one; itself where nothing is said of it."""
        for name in _names(url):
            if name in self.exact:
                return self.exact[name]
        for old, new in self.prefixes:
            if url.startswith(old):
                return new + url[len(old) :]
        return url


def read_url_map(path: Path) -> UrlMap:
    """A CSV file with an old and a new address a line; a `*` at the end of an old one stands for
    whatever follows, and the new one goes on with it. Raises Invalid, with the line."""
    exact: dict[str, str] = {}
    prefixes: list[tuple[str, str]] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            for number, row in enumerate(csv.reader(lines), 1):
                cells = [cell.strip() for cell in row]
                if not any(cells) or (number == 1 and [c.lower() for c in cells] == ["old", "new"]):
                    continue
                if len(cells) != 2 or not all(cells):
                    raise Invalid(f"{path.name}, line {number}: write an old address, a comma and "
                                  "a new one.")  # fmt: skip
                old, new = cells
                if old.endswith("*"):
                    prefixes.append((old[:-1], new.removesuffix("*")))
                else:
                    exact |= dict.fromkeys(_names(old), new)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path.name} cannot be read as a CSV file in UTF-8: {error}.") from None
    return UrlMap(exact, sorted(prefixes, key=lambda pair: -len(pair[0])))


def _names(url: str) -> Iterable[str]:
    yield url
    address = _address(url)
    if address is not None:
        yield address.url


def _address(url: str) -> Address | None:
    try:
        return canonical(url)
    except Invalid:
        return None


def _host(origin: str) -> str:
    return origin.partition("://")[2]


class Places:
    """Finds the pages of one import; `foreign` counts threads by a host that is not the site's."""

    def __init__(
        self,
        system: str,
        origins: Sequence[str],
        url_map: UrlMap | None = None,
        *,
        by_identifier: bool = False,
    ) -> None:
        self._system, self._origins = system, list(origins)
        self._hosts = {_host(origin) for origin in origins}
        self._map = url_map or UrlMap()
        self._by_identifier = by_identifier
        self.foreign: Counter[str] = Counter()

    def of(self, thread: StagedThread) -> Place:
        """The page of a thread; one without a usable address gets a page id of its own."""
        identifier = thread.identifier.strip()[: _LONGEST_IDENTIFIER + 1]
        if len(identifier) > _LONGEST_IDENTIFIER:
            identifier = ""
        address = self._at_home(thread.url) or self._at_home(identifier)
        title = clean_name(plain(thread.title), _LONGEST_TITLE)[0]
        title = "" if title == NAMELESS else title
        if address is None:
            named = identifier or f"{self._system}:{thread.raw[:_LONGEST_IDENTIFIER]}"
            # An address with a fragment is no page's canonical one: no page counts it as its own.
            own = f"{self._home()}/#{quote(named)[:_LONGEST_TITLE]}"
            return Place(f"id:{named}", own, title, is_told=False)
        path, by_id = f"path:{address.path}", f"id:{identifier}" if identifier else ""
        if self._by_identifier and by_id:
            return Place(by_id, address.url, title, path)
        return Place(path, address.url, title, by_id)

    def _home(self) -> str:
        return self._origins[0] if self._origins else "http://localhost"

    def _at_home(self, url: str) -> Address | None:
        """A page's address on the site, wherever the old one was."""
        url = self._map.new(url.strip())
        if url.startswith("//"):
            url = f"https:{url}"
        elif url.startswith("/"):
            url = self._home() + url
        address = _address(url)
        if address is None or not self._origins or address.origin in self._origins:
            return address
        # A site that was http once is no other site.
        if (host := _host(address.origin)) not in self._hosts:
            self.foreign[host] += 1
        return Address(self._home(), address.path)
