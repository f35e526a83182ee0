"""A simulated eGov Mobile: reads the link of a QR code, asks what is to be signed, signs, brings the signature.

API 1 says where the documents are and with which token to fetch them; API 2 gives them and takes the signatures.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from idp.cli.dev.demo_nca import DemoKey, DemoNca
from idp.core.clock import Clock
from idp.core.errors import Invalid, Unavailable

_SCHEME = "mobileSign:"
_LAUNCHERS = ("https://m.egov.kz/mobileSign/", "https://m.egov.kz/businessSign/")
_METHODS = {"CMS_SIGN_ONLY": False, "CMS_WITH_DATA": True}
_TIMEOUT_SECONDS = 15
_MAX_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class Errand:
    """What a phone shows before its owner agrees, and where the signatures go."""

    description: str
    organisation: str
    bin: str
    expires: str
    documents: dict[str, Any]
    """API 2's whole answer."""
    url: str
    token: str


def address(link: str) -> str:
    """The API 1 address in `mobileSign:…` or `https://m.egov.kz/mobileSign/?link=…`. Raises Invalid."""
    if link.startswith(_SCHEME):
        link = link.removeprefix(_SCHEME)
    elif link.startswith(_LAUNCHERS):
        link = parse_qs(urlsplit(link).query).get("link", [""])[0]
    if urlsplit(link).scheme not in ("http", "https") or " " in link:
        raise Invalid("a link is mobileSign:ADDRESS or https://m.egov.kz/mobileSign/?link=ADDRESS", code="link_invalid")
    return link


def fetch(url: str, language: str = "kk") -> Errand:
    """Both GETs. Raises Unavailable when the host does not answer as the app needs it."""
    status, body = _send("GET", url, {"Accept-Language": language})
    first = _json(status, body)
    try:
        document, organisation = first["document"], first["organisation"]
        if document["auth_type"] not in ("None", "Token"):
            raise Unavailable(f"auth_type {document['auth_type']} is not simulated")
        token = document.get("auth_token", "") if document["auth_type"] == "Token" else ""
        status, body = _send("GET", document["uri"], {"Accept-Language": language} | _bearer(token))
        documents = _json(status, body)
        if documents["signMethod"] not in _METHODS or not documents["documentsToSign"]:
            raise Unavailable(f"signMethod {documents['signMethod']} is not simulated")
        return Errand(
            description=first["description"],
            organisation=organisation["nameKz"],
            bin=organisation["bin"],
            expires=first["expiry_date"],
            documents=documents,
            url=document["uri"],
            token=token,
        )
    except (KeyError, TypeError) as error:
        raise Unavailable("the host's answer lacks what eGov Mobile needs", detail=str(error)) from error


def deliver(errand: Errand, demo: DemoNca, key: DemoKey, clock: Clock) -> tuple[int, str]:
    """Signs every document and brings them back; returns status and text of the host's answer."""
    signed = json.loads(json.dumps(errand.documents))
    for one in signed["documentsToSign"]:
        content = base64.b64decode(one["document"]["file"]["data"])
        cms = demo.of(key).cms(
            key.key, content, at=clock.now(), encapsulate=_METHODS[signed["signMethod"]], timestamp=True
        )
        one["document"]["file"]["data"] = base64.b64encode(cms).decode()
    headers = {"Content-Type": "application/json"} | _bearer(errand.token)
    status, body = _send("PUT", errand.url, headers, json.dumps(signed).encode())
    return status, body.decode(errors="replace")


def shown(errand: Errand) -> str:
    """As the app shows it before asking for the key's password."""
    lines = [errand.description, f"{errand.organisation}, БИН {errand.bin}; until {errand.expires}"]
    for one in errand.documents["documentsToSign"]:
        file = one["document"]["file"]
        lines += ["", f"{one['id']}. {one['nameKz']} / {one['nameRu']}"]
        lines += [f"   {pair['name']}: {pair['value']}" for pair in one.get("meta", ())]
        content = base64.b64decode(file["data"])
        is_text = file["mime"] in ("text/plain", "")
        lines.append(content.decode(errors="replace") if is_text else f"   {file['mime']}, {len(content)} bytes")
    return "\n".join(lines)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _json(status: int, body: bytes) -> dict[str, Any]:
    if status != 200:
        raise Unavailable(f"the host answered {status}", detail=body.decode(errors="replace")[:200])
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Unavailable("the host's answer is not JSON") from error
    if not isinstance(found, dict):
        raise Unavailable("the host's answer is not an object")
    return found


def _send(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS)
    try:
        target = parts.path or "/"
        connection.request(method, f"{target}?{parts.query}" if parts.query else target, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(_MAX_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable(f"{parts.netloc} cannot be reached", detail=str(error)) from error
    finally:
        connection.close()
