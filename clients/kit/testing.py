"""What tests of clients need: an IdP reached without a socket, and a client made for one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from requests import PreparedRequest
from requests import Response as Answer
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from werkzeug.test import Client as WsgiClient
from werkzeug.wrappers import Request, Response

from clients.kit.settings import ClientSettings
from idp.core.clock import Clock, SystemClock


class WsgiTransport(BaseAdapter):
    """Carries requests to a WSGI app in this process. `failing`, when set, is raised instead."""

    def __init__(self, app: Callable[..., Any]) -> None:
        super().__init__()
        self._client = WsgiClient(app, use_cookies=False)
        self.failing: Exception | None = None

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Answer:
        if self.failing is not None:
            raise self.failing
        answer = self._client.open(
            request.path_url,
            base_url=str(request.url).split(request.path_url, maxsplit=1)[0],
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        response = Answer()
        response.status_code = answer.status_code
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = io.BytesIO(answer.data)
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


class FakeFeed:
    """An IdP that gives tokens and a feed, as a WSGI app: `put` and `remove` are what happens there.

    `page_size` makes snapshots and changes come in pages; `forget()` makes every cursor too old, `refuses` is answered
    instead of a page.
    """

    def __init__(self, page_size: int = 100, clock: Clock | None = None) -> None:
        self.page_size = page_size
        self.refuses: tuple[int, dict[str, Any]] | None = None
        self._clock = clock or SystemClock()
        self.asked: list[str] = []
        self.tokens = 0
        self._records: dict[str, dict[str, dict[str, Any]]] = {}
        self._log: list[tuple[str, str]] = []
        self._era = 0

    def put(self, kind: str, record: dict[str, Any]) -> None:
        key = str(record["sub" if kind == "people" else "id"])
        self._records.setdefault(kind, {})[key] = record
        self._log.append((kind, key))

    def remove(self, kind: str, key: str) -> None:
        del self._records[kind][key]
        self._log.append((kind, key))

    def forget(self) -> None:
        self._era += 1

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        if request.path == "/oauth/token":
            self.tokens += 1
            status, body = 200, {"access_token": f"token-{self.tokens}", "token_type": "Bearer", "expires_in": 600}
        elif request.headers.get("Authorization") != f"Bearer token-{self.tokens}":
            status, body = 401, {"type": "urn:bilim:problem:invalid_token"}
        else:
            self.asked.append(request.args.get("after", ""))
            kind = request.path.rpartition("/")[2]
            status, body = self.refuses or self._page(kind, request.args.get("after", ""))
        return Response(json.dumps(body), status, content_type="application/json")(environ, start_response)

    def _page(self, kind: str, after: str) -> tuple[int, dict[str, Any]]:
        parts: list[Any] = json.loads(after) if after else [self._era, len(self._log), ""]
        era, place, last = parts
        if era != self._era:
            return 410, {"type": "urn:bilim:problem:cursor_too_old"}
        if last is not None:
            keys = sorted(key for key in self._records.get(kind, {}) if key > last)
            more = len(keys) > self.page_size
            keys = keys[: self.page_size]
            cursor = [era, place, keys[-1] if more else None]
            records = [self._records[kind][key] for key in keys]
        else:
            changes = self._log[place : place + self.page_size]
            more = len(self._log) > place + self.page_size
            cursor = [era, place + len(changes), None]
            told = dict.fromkeys(key for one, key in changes if one == kind)
            name = "sub" if kind == "people" else "id"
            records = [self._records.get(kind, {}).get(key) or {name: key, "deleted": True} for key in told]
        as_of = self._clock.now().isoformat()
        return 200, {"kind": kind, "records": records, "cursor": json.dumps(cursor), "more": more, "as_of": as_of}


def client_settings(app: str, folder: Path, *, database_url: str = "", **changes: Any) -> ClientSettings:
    """Settings of a client at `http://localhost:<its port>`, registered with the secret `secret-of-<app>`."""
    file = folder / f"{app}.client.json"
    file.write_text(json.dumps({"client_id": app, "client_secret": f"secret-of-{app}"}), encoding="utf-8")
    file.chmod(0o600)
    values: dict[str, Any] = {
        "app": app,
        "issuer": "http://localhost:8000",
        "base_url": {"cabinet": "http://localhost:8001", "textbooks": "http://localhost:8004"}[app],
        "database_url": database_url or f"sqlite:///{folder / f'{app}.sqlite3'}",
        "client_file": file,
        "bind": "127.0.0.1:0",
    }
    return ClientSettings(**(values | changes))
