"""Where nothing may be sent: private addresses, however they are written, and odd URLs."""

from __future__ import annotations

import ipaddress

import pytest

from moderation.errors import Invalid
from moderation.targets import is_private, private_hosts, target

PUBLIC = [
    "8.8.8.8", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]  # fmt: skip
# By what they are, and every way to write an IPv4 address inside an IPv6 one.
PRIVATE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1",
    "ff0e::1", "2001:db8::1", "2001::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1",
    "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "2002:7f00:1::",
    "2002:a00:1::1", "2002:a9fe:a9fe::",
]  # fmt: skip


@pytest.mark.parametrize("written", PUBLIC)
def test_public_addresses(written: str):
    assert not is_private(ipaddress.ip_address(written))


@pytest.mark.parametrize("written", PRIVATE)
def test_private_addresses(written: str):
    assert is_private(ipaddress.ip_address(written))


@pytest.mark.parametrize("written", [one for one in PRIVATE if "%" not in one])
def test_a_private_number_in_the_address_is_refused_unless_it_is_allowed(written: str):
    host = f"[{written}]" if ":" in written else written
    with pytest.raises(Invalid, match="PARLEY_WEBHOOK_PRIVATE_HOSTS"):
        target(f"https://{host}/hook", ())
    allowed = private_hosts(f"elsewhere.example, {host}")
    assert target(f"https://{host}/hook", allowed).is_allowed


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "//example.org/", "ftp://example.org/", "file:///etc/passwd", "gopher://a/",
        "javascript:alert(1)", "https://", "https:///path", "https://user@example.org/",
        "https://user:word@example.org/", "https://example.org@127.0.0.1/", "https://@example.org/",
        "https://example.org:0/", "https://example.org:65536/", "https://example.org:port/",
        "https://example.org/#part", "https://exa mple.org/", "https://example.org/a\nHost: b",
        "https://example.org\\@127.0.0.1/", "https://bücher.example/", "https://[::1/", "https://[x]/",
        "https://example.org/" + "a" * 2000,
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str):
    with pytest.raises(Invalid) as caught:
        target(url, ("127.0.0.1",))
    assert caught.value.field == "url"


def test_an_address_in_its_parts():
    found = target("https://Hooks.Example.:8443/a/b?c=%20d", ())
    assert (found.scheme, found.host, found.port) == ("https", "hooks.example", 8443)
    assert (found.path, found.named) == ("/a/b?c=%20d", "hooks.example:8443")
    assert target("http://[2606:4700::1111]", ()).named == "[2606:4700::1111]"
    assert target("http://example.org:80", ()).named == "example.org"


def test_who_is_allowed_is_named_whole():
    allowed = private_hosts(" Hooks.internal,10.0.0.7  [fd00::7] ")
    assert allowed == {"hooks.internal", "10.0.0.7", "fd00::7"}
    assert target("http://hooks.internal/", allowed).is_allowed
    assert not target("http://evil-hooks.internal/", allowed).is_allowed
    assert not target("http://hooks.internal.example.org/", allowed).is_allowed
