"""A client's own token: kept while it is good, asked for once more when it is not, and told apart from an outage."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from clients.kit.own_token import OwnCalls
from clients.kit.settings import Credentials
from clients.kit.testing import WsgiTransport
from idp.core.clock import FixedClock
from idp.core.errors import Denied, Unavailable


class Idp:
    """Counts tokens; `token` and `answer` are the statuses it gives."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.token, self.answer = 200, 200

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/oauth/token":
            self.asked.append(request.form.to_dict())
            body = {"access_token": "t", "expires_in": 600} if self.token == 200 else {"error": "invalid_scope"}
            return Response(json.dumps(body), self.token)(environ, start_response)
        return Response("{}", self.answer)(environ, start_response)


def test_a_token_is_asked_for_when_it_is_needed(clock: FixedClock) -> None:
    idp = Idp()
    calls = OwnCalls("http://localhost:8000", Credentials("a", "b"), "feed:people", clock, WsgiTransport(idp))
    for _ in range(3):
        assert calls.get("/api/v1/feed/people", {}).status_code == 200
    assert idp.asked == [
        {"grant_type": "client_credentials", "scope": "feed:people", "resource": "http://localhost:8000"}
    ]
    clock.advance(minutes=10)
    calls.get("/", {})
    idp.answer = 401
    assert calls.get("/", {}).status_code == 401
    assert len(idp.asked) == 3
    idp.answer = 503
    with pytest.raises(Unavailable):
        calls.get("/", {})
    for status, error in ((400, Denied), (500, Unavailable)):
        clock.advance(minutes=10)
        idp.token = status
        with pytest.raises(error):
            calls.get("/", {})
