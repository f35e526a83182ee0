"""What tests of clients need: an IdP reached without a socket, and a client made for one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from werkzeug.test import Client as WsgiClient

from clients.kit.settings import ClientSettings


class WsgiTransport(BaseAdapter):
    """Carries requests to a WSGI app in this process. `failing`, when set, is raised instead."""

    def __init__(self, app: Callable[..., Any]) -> None:
        super().__init__()
        self._client = WsgiClient(app, use_cookies=False)
        self.failing: Exception | None = None

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        if self.failing is not None:
            raise self.failing
        answer = self._client.open(
            request.path_url,
            base_url=str(request.url).split(request.path_url, maxsplit=1)[0],
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        response = Response()
        response.status_code = answer.status_code
        response.headers = CaseInsensitiveDict(answer.headers)
        response.raw = io.BytesIO(answer.data)
        response.url = str(request.url)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is open."""


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
