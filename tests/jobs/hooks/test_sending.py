"""One request: to the address that was looked at, in time, by TLS, and to no other place."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from jobs.hooks import sending
from jobs.hooks.sending import Answer, Unsent, post
from moderation.targets import Target, target
from tests.receiving import Got, Receiver, answer

HERE = ("127.0.0.1",)


def send(url: str, allowed: tuple[str, ...] = HERE) -> Answer:
    """Send something."""
    return post(target(url, allowed), b'{"a": 1}', {"Parley-Event": "x", "Parley-Delivery": "1"})


def test_what_arrives(receiver: Receiver):
    assert send(receiver.url) == Answer(204)
    assert receiver.got[0].path == "/hook?a=1"
    assert receiver.got[0].body == b'{"a": 1}'
    assert receiver.got[0].headers["Host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver: Receiver, status: int):
    receiver.does = answer(status, Location=f"http://127.0.0.1:{receiver.port}/elsewhere")
    assert send(receiver.url).status == status
    receiver.does = answer(status, Location="http://169.254.169.254/latest/meta-data/")
    assert send(receiver.url).status == status
    assert [got.path for got in receiver.got] == ["/hook?a=1"] * 2


def test_nobody_listens():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unsent, match="No connection"):
        send(f"http://127.0.0.1:{port}/")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second of patience instead of five."""
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(sending, "CONNECT_SECONDS", 0.5)


@pytest.mark.usefixtures("hurried")
def test_one_who_never_answers(receiver: Receiver):
    receiver.does = lambda handler, got: time.sleep(2)
    began = time.monotonic()
    with pytest.raises(Unsent, match="No answer within"):
        send(receiver.url)
    assert time.monotonic() - began < 1.9


@pytest.mark.usefixtures("hurried")
def test_one_who_answers_a_byte_at_a_time(receiver: Receiver):
    def drip(handler: BaseHTTPRequestHandler, got: Got) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 400:
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()
            time.sleep(0.05)

    receiver.does = drip
    began = time.monotonic()
    with pytest.raises(Unsent):
        send(receiver.url)
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("hurried")
def test_one_who_takes_the_connection_and_speaks_no_tls():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(Unsent):
            send(f"https://127.0.0.1:{silent.getsockname()[1]}/")
        assert time.monotonic() - began < 3


def test_one_who_hangs_up(receiver: Receiver):
    receiver.does = lambda handler, got: handler.connection.shutdown(socket.SHUT_RDWR)
    with pytest.raises(Unsent, match="broke off"):
        send(receiver.url)


@pytest.mark.parametrize("chunked", [True, False])
def test_of_ten_megabytes_hardly_any_is_read(receiver: Receiver, chunked: bool):
    sent: list[int] = []
    done = threading.Event()

    def flood(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.send_response(200)
        if not chunked:
            handler.send_header("Content-Length", str(10 * 1024 * 1024))
        handler.end_headers()
        try:
            for _ in range(640):
                handler.wfile.write(b"x" * 16_384)
                sent.append(16_384)
        finally:
            done.set()

    receiver.does = flood
    assert send(receiver.url) == Answer(200)
    # What is on its way between two sockets of one machine is some megabytes.
    assert done.wait(10)
    assert sum(sent) < 10 * 1024 * 1024


def test_a_head_without_an_end_is_not_read_for_ever(receiver: Receiver):
    def heads(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            handler.wfile.write(b"X-%d: " % number + b"y" * 1000 + b"\r\n")

    receiver.does = heads
    began = time.monotonic()
    with suppress(Unsent):
        send(receiver.url)
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("soon", 0),
        ("-5", 0),
        ("٣", 0),
        ("1e9", 0),
        ("9" * 30, 0),
        ("1 Jan 99999999999999 00:00:00 +0000", 0),
    ],
)
def test_how_long_it_asks_to_wait(receiver: Receiver, said: str, seconds: float):
    def does(handler: BaseHTTPRequestHandler, got: Got) -> None:
        handler.wfile.write(f"HTTP/1.1 503 X\r\nRetry-After: {said}\r\n\r\n".encode())

    receiver.does = does
    found = send(receiver.url)
    assert found.status == 503
    assert found.retry_after == seconds or (said[0] == "9" and found.retry_after > 1e20)


def test_a_date_until_which_to_wait(receiver: Receiver):
    when = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    receiver.does = answer(429, Retry_After=when)
    assert 3500 < send(receiver.url).retry_after <= 3600


# --- names ---------------------------------------------------------------------------------


def lead(monkeypatch: pytest.MonkeyPatch, *lookups: list[str]) -> list[str]:
    """Let a name lead to these addresses, one list for each time that it is looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        found = lookups[min(len(asked), len(lookups)) - 1]
        return [
            (
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (one, port, 0, 0))
                if ":" in one
                else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            )
            for one in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.fixture
def no_connection(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Where a connection was tried."""
    tried: list[Any] = []

    class Watched(socket.socket):
        def connect(self, where: Any) -> None:
            tried.append(where)
            raise ConnectionRefusedError

    monkeypatch.setattr(sending.socket, "socket", Watched)
    return tried


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["::1"], ["169.254.169.254"], ["::ffff:10.0.0.1"], ["64:ff9b::7f00:1"],
        ["2002:a00:1::1"], ["fe80::1%2"], ["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"],
        ["2606:4700::1111", "::1"],
    ],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch, no_connection: list[Any], addresses: list[str]
):
    lead(monkeypatch, addresses)
    with pytest.raises(Unsent, match="PARLEY_WEBHOOK_PRIVATE_HOSTS"):
        send("http://hooks.example/")
    assert no_connection == []


def test_a_name_is_looked_up_once_so_that_it_cannot_change_its_mind(
    monkeypatch: pytest.MonkeyPatch, no_connection: list[Any]
):
    asked = lead(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    with pytest.raises(Unsent, match="No connection"):
        send("http://hooks.example/")
    assert asked == ["hooks.example"]
    assert no_connection == [("93.184.216.34", 80)]


def test_every_address_of_a_name_is_tried_in_turn(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver
):
    lead(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    assert send(f"http://hooks.example:{receiver.port}/", ("hooks.example",)) == Answer(204)
    assert receiver.got[0].headers["Host"] == f"hooks.example:{receiver.port}"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1", "localhost"])
def test_other_ways_to_write_this_machine(receiver: Receiver, host: str):
    with pytest.raises(Unsent):
        send(f"http://{host}:{receiver.port}/", ())
    assert receiver.got == []


def test_a_name_that_is_none():
    with pytest.raises(Unsent, match="cannot be found"):
        send("http://nowhere.invalid/")
    with pytest.raises(Unsent, match="cannot be found"):
        send(f"http://{'a' * 70}.example/")


# --- TLS ------------------------------------------------------------------------------------


def certificate(folder: Path, *, name: str) -> Path:
    """A certificate that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name[0].isdigit():
        names = [x509.IPAddress(ipaddress.ip_address(name))]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@contextmanager
def by_tls(file: Path) -> Iterator[int]:
    """A server with a certificate that takes one request; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def serve() -> None:
            try:
                with context.wrap_socket(plain.accept()[0], server_side=True) as connection:
                    came = b""
                    while b"\r\n\r\n" not in came or not came.endswith(b"}"):
                        came += connection.recv(65_536) or b"}"
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        yield plain.getsockname()[1]
        thread.join(10)


def test_a_certificate_must_be_trusted_and_fit_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = certificate(tmp_path, name="127.0.0.1")
    with by_tls(file) as port, pytest.raises(Unsent, match="certificate is not valid"):
        send(f"https://127.0.0.1:{port}/")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with by_tls(file) as port:
        assert send(f"https://127.0.0.1:{port}/") == Answer(200)
    other = certificate(tmp_path, name="hooks.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with by_tls(other) as port, pytest.raises(Unsent, match="certificate is not valid"):
        send(f"https://127.0.0.1:{port}/")
    lead(monkeypatch, ["127.0.0.1"])
    with by_tls(other) as port:
        named = Target("https", "hooks.example", port, "/", is_allowed=True)
        assert post(named, b"{}", {}) == Answer(200)


def test_no_proxy_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert send(receiver.url) == Answer(204)
