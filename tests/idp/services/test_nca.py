"""services/nca: a right answer or NcaUnavailable, within a set time, whatever the other side does."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from idp.core.clock import FixedClock, monotonic
from idp.eds import revocation
from idp.eds.certificate import Certificate
from idp.eds.errors import NcaUnavailable
from idp.eds.self_test import choose
from idp.eds.signed_by import StatusProof
from idp.services import fetch
from idp.services.fetch import Fetcher
from idp.services.nca import MAX_ANSWER_BYTES, Nca, hosts
from idp.store.session import UnitOfWork
from tests.factories.nca import NOW, fresh_nca, person_key, shared_nca
from tests.fakes.http_site import DRIPPING, SILENT, Answer, Page, Site, http_site

_IN_TIME = 3.0
"""Seconds: far more than the tests set, far less than a person waits."""


@contextmanager
def _asking(page: Answer | Page) -> Iterator[tuple[Site, Nca]]:
    with http_site({"/ocsp": page, "/list.crl": page}) as site:
        yield site, Nca(Fetcher(allow=(site.host,)), f"{site.url}/ocsp")


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The budget of a question is short, and is kept."""
    monkeypatch.setattr(fetch, "TIMEOUT_SECONDS", 0.3)
    began = monotonic()
    yield
    assert monotonic() - began < _IN_TIME


def _status(nca: Nca) -> StatusProof:
    check = revocation.RevocationCheck(nca.ask, None, FixedClock(NOW), choose())
    person, issuer = Certificate.parse(person_key().certificate), Certificate.parse(shared_nca().ca.certificate)
    return check.check(person, issuer, NOW)


def test_a_question_goes_out_as_ocsp_wants_it() -> None:
    with _asking(Page(b"answer")) as (site, nca):
        assert nca.ask(b"question") == b"answer"
    method, path, body, headers = site.asked[0]
    assert (method, path, body) == ("POST", "/ocsp", b"question")
    assert (headers["Content-Type"], headers["Accept"]) == ("application/ocsp-request", "application/ocsp-response")


def test_over_the_wire_a_good_certificate_is_good() -> None:
    with _asking(lambda request: Page(fresh_nca().ocsp(request, NOW))) as (_, nca):
        assert _status(nca).source == "ocsp"


@pytest.mark.parametrize(
    "page",
    [
        Page(b"<html>maintenance</html>"),
        Page(b"", status=503),
        Page(b"", status=302, headers={"Location": "/elsewhere"}),
        Page(b"x" * (MAX_ANSWER_BYTES + 1)),
        Page(b"\x30\x03\x0a\x01\x03"),
        Page(b"half", announced=100),
        Page(),
    ],
    ids=["a page of html", "an error", "a redirect", "too much", "try later", "half an answer", "nothing"],
)
def test_an_nca_that_answers_wrongly_fails_closed(page: Page) -> None:
    with _asking(page) as (_, nca), pytest.raises(NcaUnavailable):
        _status(nca)


@pytest.mark.parametrize("page", [SILENT, DRIPPING], ids=["silent", "dripping headers"])
def test_an_nca_that_is_slow_fails_closed_in_time(page: Page, hurried: None) -> None:
    with _asking(page) as (_, nca), pytest.raises(NcaUnavailable):
        _status(nca)


def test_an_nca_that_is_not_there_fails_closed(hurried: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(NcaUnavailable):
        _status(Nca(Fetcher(allow=(host,)), f"http://{host}/ocsp"))


def test_an_nca_that_does_not_take_the_call_fails_closed_in_time(hurried: None) -> None:
    """The connection is made by the kernel; nobody reads it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        for scheme in ("http", "https"):
            with pytest.raises(NcaUnavailable):
                _status(Nca(Fetcher(allow=(host,)), f"{scheme}://{host}/ocsp"))


def test_a_name_server_that_is_silent_costs_no_more_than_the_rest(
    hurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()

    def silent(*_: Any, **__: Any) -> list[Any]:
        answered.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    with pytest.raises(NcaUnavailable):
        _status(Nca(Fetcher(allow=("ocsp.localhost:80",)), "http://ocsp.localhost/"))
    answered.set()


def test_a_list_is_written_piece_by_piece() -> None:
    made = bytes(range(256)) * 1000
    file = io.BytesIO()
    with _asking(Page(made)) as (site, nca):
        assert nca.download(f"{site.url}/list.crl", file, len(made)) == len(made)
    assert file.getvalue() == made


@pytest.mark.parametrize("page", [Page(b"x" * 101), Page(b"", status=404), Page(b"half", announced=9)])
def test_a_list_that_is_too_large_missing_or_half_is_no_list(page: Page) -> None:
    with _asking(page) as (site, nca), pytest.raises(NcaUnavailable):
        nca.download(f"{site.url}/list.crl", io.BytesIO(), 100)


def test_nobody_asks_inside_a_write_transaction(uow: UnitOfWork) -> None:
    nca = Nca(Fetcher(), "https://ocsp.example/")
    asking: list[Callable[[], object]] = [
        lambda: nca.ask(b""),
        lambda: nca.download("https://a.example/", io.BytesIO(), 1),
    ]
    for ask in asking:
        with uow.write(), pytest.raises(RuntimeError, match="write transaction"):
            ask()


def test_hosts_are_named_with_their_ports() -> None:
    urls = ("http://ocsp.example", "https://crl.example/a.crl", "http://ocsp.example/x", "http://127.0.0.1:13581/ocsp")
    assert hosts(urls) == ("ocsp.example:80", "crl.example:443", "127.0.0.1:13581")
