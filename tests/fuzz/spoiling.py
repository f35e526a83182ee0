"""Right requests spoiled, and every promise about the answer: a precise refusal, nothing changed, nothing told.

Never may a request end in a 5xx, send the browser elsewhere, or put what it carried into a log; and a refusal leaves no
row behind but its trace.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.test import create_environ, run_wsgi_app

from tests.factories.oddities import BODIES, FORM, HEADERS, METHODS, NAMES, ODD, RAW, SCRIPT, TYPES
from tests.factories.relying_party import REDIRECT
from tests.factories.spoilable import Spoilable
from tests.factories.targets import AFTER_LOGOUT, AFTER_SLO, Targets

_FINE = frozenset((200, 204, 301, 302, 303, 304, 308))
_REFUSALS = frozenset((400, 401, 403, 404, 405, 409, 411, 413, 414, 415, 416, 422, 429))


@dataclass(frozen=True)
class Spoiled:
    """A request as bytes; the query and the body are what is sent, whatever they mean."""

    method: str
    path: str
    query: bytes
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...]


def _value(targets: Targets) -> st.SearchStrategy[str]:
    return st.one_of(
        st.sampled_from(ODD),
        st.sampled_from(sorted(targets.secrets.values())),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    )


@st.composite
def requests(draw: st.DrawFn, targets: Targets, base: Spoilable) -> Spoiled:
    value = _value(targets)
    pairs = list(base.pairs)
    for _ in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from(("drop", "replace", "repeat", "add"))) if pairs else "add"
        at = draw(st.integers(0, len(pairs) - 1)) if pairs else 0
        if kind == "drop":
            pairs.pop(at)
        elif kind == "replace":
            pairs[at] = (pairs[at][0], draw(value))
        elif kind == "repeat":
            pairs.insert(at, (pairs[at][0], draw(value)))
        else:
            pairs.append((draw(st.sampled_from(NAMES) | st.text(max_size=5)), draw(value)))
    sent = "&".join(f"{encoded(name)}={encoded(text)}" for name, text in pairs).encode()
    if draw(_one_in(5)):
        at = draw(st.integers(0, len(sent)))
        sent = sent[:at] + draw(st.sampled_from(RAW) | st.binary(max_size=12)) + sent[at:]
    in_body = base.method == "POST"
    method = draw(st.sampled_from(METHODS)) if draw(_one_in(6)) else base.method
    body, query = (sent, b"") if in_body else (b"", sent)
    if draw(_one_in(8)):
        query += draw(st.sampled_from((b"&lang=xx", b"&%00", b"&i=%ff", b"&client_id=x", b"&" + b"q" * 70_000)))
    if draw(_one_in(8)):
        body = draw(st.sampled_from(BODIES) | st.binary(max_size=200))
    content_type = draw(st.sampled_from(TYPES)) if draw(_one_in(6)) else (FORM if in_body else "")
    headers = dict(base.headers)
    for _ in range(draw(st.integers(0, 2))):
        name, text = draw(st.sampled_from(HEADERS))
        headers[name] = text
    path = base.path
    if draw(_one_in(10)):
        path += draw(st.sampled_from(("/", "%00", "/../x", "\xff", ";a=b", "/" + "p" * 9000, "//", "/%2e%2e/")))
    return Spoiled(method, path, query, body, content_type, tuple(headers.items()))


def _one_in(times: int) -> st.SearchStrategy[bool]:
    return st.integers(1, times).map(lambda number: number == times)


def encoded(text: str) -> str:
    return quote_plus(text, errors="surrogatepass")


def _send(targets: Targets, request: Spoiled) -> tuple[int, Headers, bytes]:
    environ: dict[str, Any] = create_environ("/", "http://localhost:8000")
    environ.update(
        REQUEST_METHOD=request.method,
        PATH_INFO=request.path,
        REQUEST_URI=quote(request.path, safe="/%", encoding="latin-1"),
        QUERY_STRING=request.query.decode("latin-1"),
        CONTENT_TYPE=request.content_type,
        CONTENT_LENGTH=str(len(request.body)),
        REMOTE_ADDR="127.0.0.1",
    )
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_LENGTH" else f"HTTP_{key}"] = value
    environ["wsgi.input"] = io.BytesIO(request.body)
    chunks, status, headers = run_wsgi_app(targets.app.wsgi_app, environ, buffered=True)
    return int(status.split()[0]), headers, b"".join(chunks)


def check(targets: Targets, request: Spoiled, before: Mapping[str, Any]) -> bool:
    """Sends it and holds the answer against every promise; True when it was a refusal."""
    status, headers, body = _send(targets, request)
    logged = targets.logged()
    assert status in _FINE | _REFUSALS, (status, body[:300], logged[-3000:])
    for name, secret in targets.secrets.items():
        assert secret not in logged, f"{name} in the log"
    assert "X-Injected" not in headers
    assert SCRIPT.encode() not in body
    target = headers.get("Location", "")
    if target:
        at_home = target.startswith(("/", "http://localhost:8000/")) and not target.startswith(("//", "/\\"))
        known = target.startswith((f"{REDIRECT}?", f"{AFTER_LOGOUT}?", f"{AFTER_SLO}?")) or target == AFTER_LOGOUT
        assert at_home or known, target
    refused = status in _REFUSALS or "?error=" in target
    if status in _REFUSALS and request.method != "HEAD":
        _check_precise(status, headers, body)
    if refused:
        assert targets.rows() == before, "a refused request changed something"
    return refused


def _check_precise(status: int, headers: Headers, body: bytes) -> None:
    kind = headers.get("Content-Type", "").partition(";")[0]
    if status == 405:
        assert headers["Allow"]
    elif kind == "application/json":
        told = json.loads(body)
        assert told.get("error") or told.get("state"), told
    elif kind == "application/problem+json":
        assert json.loads(body)["reference"]
    elif kind == "text/html":
        page = body.decode()
        # A document that is over shows what became of it.
        says_why = (
            'id="error-code"' in page or "error-summary" in page or (status in (409, 422) and 'class="notice' in page)
        )
        assert says_why or (status in (401, 422, 429) and "<form" in page), page[:500]
    elif kind == "text/xml":
        assert b"faultstring" in body, body[:300]
    else:
        assert (kind, status) == ("text/plain", 403), (kind, status)


def spoil(targets: Targets, bases: Sequence[Spoilable], examples: int, *, derandomize: bool) -> tuple[int, int]:
    """`examples` spoiled requests of every base; returns how many were sent and how many of them refused."""
    sent, refused = 0, 0
    for base in bases:
        before = targets.rows()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=derandomize,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(requests(targets, base))
        def send(request: Spoiled) -> None:
            nonlocal before, sent, refused
            if check(targets, request, before):
                refused += 1
            else:
                targets.restore()
                before = targets.rows()
            sent += 1

        send()
    return sent, refused
