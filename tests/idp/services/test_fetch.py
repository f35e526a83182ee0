"""services/fetch: nothing private, nothing slow, nothing large, nowhere else."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from idp.core.errors import Unavailable
from idp.jose.keyring import KeyRing
from idp.services import fetch
from idp.services.fetch import ClientKeySets, Fetcher
from idp.store.session import UnitOfWork
from tests.factories.oidc import key_of

_ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/good": (200, {}, b'{"a":1}'),
    "/broken": (200, {}, b"{"),
    "/deep": (200, {}, b"[" * 100_000),
    "/gone": (404, {}, b"{}"),
    "/moved": (302, {"Location": "/good"}, b""),
    "/large": (200, {}, b" " * (fetch.MAX_BYTES + 1)),
}


class _Handler(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                try:
                    self.wfile.write(b" ")
                    time.sleep(0.05)
                except OSError:
                    return
            return
        status, headers, body = _ANSWERS[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (_Handler,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_excepted_host_and_port_is_fetched(site: tuple[str, list[str]]) -> None:
    address, _ = site
    assert Fetcher(allow=(address,)).get_json(f"http://{address}/good") == {"a": 1}


@pytest.mark.parametrize("path", ["/broken", "/deep", "/gone", "/moved", "/large"])
def test_what_does_not_answer_as_it_should_is_unavailable(site: tuple[str, list[str]], path: str) -> None:
    address, asked = site
    with pytest.raises(Unavailable):
        Fetcher(allow=(address,)).get_json(f"http://{address}{path}")
    assert asked == [path]


def test_a_server_that_drips_bytes_is_left(site: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.3)
    address, _ = site
    with pytest.raises(Unavailable):
        Fetcher(allow=(address,)).get_json(f"http://{address}/slow")


@pytest.mark.parametrize(
    "url",
    [
        "https://{site}/good",
        "http://{site}/good",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://10.0.0.1/x",
        "https://172.16.0.1/x",
        "https://192.168.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://224.0.0.1/x",
        "https://localhost/x",
        "https://user:pass@127.0.0.1/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "https:///x",
        "https://127.0.0.1:99999/x",
        "gopher://127.0.0.1",
        "",
    ],
)
def test_private_and_odd_addresses_are_never_asked(site: tuple[str, list[str]], url: str) -> None:
    address, asked = site
    with pytest.raises(Unavailable):
        Fetcher().get_json(url.format(site=address))
    assert asked == []


def test_the_exception_is_for_that_port_only(site: tuple[str, list[str]]) -> None:
    address, asked = site
    with pytest.raises(Unavailable):
        Fetcher(allow=("127.0.0.1:1",)).get_json(f"http://{address}/good")
    assert asked == []


def test_octets_are_posted_and_downloaded_under_the_same_rules(site: tuple[str, list[str]]) -> None:
    address, asked = site
    url = f"http://{address}/good"
    for fetcher in (Fetcher(), Fetcher(allow=("127.0.0.1:1",))):
        with pytest.raises(Unavailable):
            fetcher.post_bytes(url, b"", content_type="a/b", accept="a/b")
        with pytest.raises(Unavailable):
            fetcher.download(url, io.BytesIO(), max_bytes=10, seconds=1)
    assert asked == []


def test_a_download_ends_at_its_own_deadline(site: tuple[str, list[str]]) -> None:
    address, _ = site
    with pytest.raises(Unavailable):
        Fetcher(allow=(address,)).download(f"http://{address}/slow", io.BytesIO(), max_bytes=1000, seconds=0.3)


def test_no_network_inside_a_write_transaction(uow: UnitOfWork) -> None:
    with uow.write(), pytest.raises(RuntimeError, match="write transaction"):
        Fetcher().get_json("https://vendor.example/jwks")


class _Counting(Fetcher):
    def __init__(self, document: Any) -> None:
        super().__init__()
        self.document = document
        self.times = 0

    def get_json(self, url: str) -> Any:
        self.times += 1
        return self.document


def test_a_key_set_is_kept_and_not_asked_for_again_and_again() -> None:
    fetcher = _Counting(KeyRing([key_of("ES256")]).jwks())
    sets = ClientKeySets(fetcher)
    for fresh in (False, False, True, True):
        assert sets.jwks("https://vendor.example/jwks", fresh=fresh)
    assert fetcher.times == 1
    sets.jwks("https://other.example/jwks")
    assert fetcher.times == 2


def test_a_document_that_is_no_key_set_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        ClientKeySets(_Counting({"keys": [{"kty": "oct", "k": "AAAA"}]})).jwks("https://vendor.example/jwks")
