"""jobs/backchannel_logout: a real listener hears of it, and a deaf one is tried again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from idp.core.errors import Unavailable
from idp.jobs.backchannel_logout import KIND, BackchannelLogout
from idp.jose import compact
from idp.services.fetch import Fetcher
from tests.factories.oidc import PERSON, Provider

_DATA = {"client_id": "textbooks", "person_id": PERSON, "session_id": "session"}


class Listener:
    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[str] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                listener.bodies.append(self.rfile.read(length).decode())
                self.send_response(listener.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self.server.server_address[1])


@pytest.fixture
def listener() -> Iterator[Listener]:
    found = Listener()
    thread = threading.Thread(target=found.server.serve_forever)
    thread.start()
    yield found
    found.server.shutdown()
    thread.join()
    found.server.server_close()


def _tell(provider: Provider, listener: Listener) -> None:
    fetcher = Fetcher(allow=(f"127.0.0.1:{listener.port}",))
    BackchannelLogout(provider.server, provider.unit, fetcher)(_DATA)


def test_the_client_gets_a_token_signed_at_that_moment(listener: Listener) -> None:
    provider = Provider()
    provider.add_client(backchannel_logout_uri=f"http://127.0.0.1:{listener.port}/logout")
    provider.clock.advance(days=3)
    _tell(provider, listener)
    (token,) = parse_qs(listener.bodies[0])["logout_token"]
    claims = compact.read(token, typ=("logout+jwt",)).unverified_claims
    assert claims["iat"] == int(provider.clock.now().timestamp())
    assert KIND == "backchannel_logout"


@pytest.mark.parametrize("status", [302, 400, 500])
def test_any_other_answer_is_tried_again(listener: Listener, status: int) -> None:
    provider = Provider()
    provider.add_client(backchannel_logout_uri=f"http://127.0.0.1:{listener.port}/logout")
    listener.status = status
    with pytest.raises(Unavailable):
        _tell(provider, listener)
    assert len(listener.bodies) == 1, "no redirect is followed"


def test_a_client_that_is_gone_or_off_or_deaf_is_passed_over(listener: Listener) -> None:
    provider = Provider()
    _tell(provider, listener)
    provider.add_client(is_disabled=True, backchannel_logout_uri=f"http://127.0.0.1:{listener.port}/logout")
    _tell(provider, listener)
    provider.world.clients.clear()
    _tell(provider, listener)
    assert listener.bodies == []
