"""The identity provider as its metadata describes it: read, checked, kept, read again before it ends.

What the operator put there is read again when the file changes. Without such a file the issuer's own address is asked
at the start and then every hour; a copy stays beside the client's file and serves while the IdP is away.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from onelogin.saml2.utils import OneLogin_Saml2_Utils
from requests import RequestException, Session
from requests.adapters import BaseAdapter

from clients.kit.logs import log
from clients.lms.saml import xml
from clients.lms.saml.settings import SamlSettings
from idp.core.clock import Clock
from idp.core.errors import Invalid, Unavailable
from idp.core.ids import new_id

_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
_TIMEOUT = (3.05, 10)
_FRESH = timedelta(hours=1)
_RETRY = timedelta(minutes=1)
"""How long a failed reading is not tried again while what is known still holds."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Idp:
    """Certificates are base64 of DER, as in the metadata; addresses are of the HTTP-Redirect binding."""

    entity_id: str
    sso: str
    slo: str
    """Empty when it offers no single logout."""
    slo_answers: str
    certificates: tuple[str, ...]
    scopes: tuple[str, ...]
    valid_until: datetime | None


def read_metadata(data: bytes, certificate: str, now: datetime) -> Idp:
    """SAML Metadata §2.3 and §2.4.3. Raises Invalid for what is no IdP's, has ended, or is not signed as it must be."""
    root = xml.parse(data)
    role = root.find("md:IDPSSODescriptor", xml.NAMES) if root.tag == f"{{{xml.MD}}}EntityDescriptor" else None
    if role is None or not root.get("entityID"):
        raise Invalid("not the metadata of an identity provider", code="invalid_request")
    if certificate:
        _check_signature(root, certificate)
    ends = [moment for element in (root, role) if (moment := _moment(element.get("validUntil"))) is not None]
    if ends and min(ends) <= now:
        raise Invalid("the metadata has ended", code="invalid_request")
    keys = [key for key in xml.find_all(role, "md:KeyDescriptor") if key.get("use") != "encryption"]
    found = [text for key in keys for text in xml.find_all(key, "ds:KeyInfo/ds:X509Data/ds:X509Certificate")]
    certificates = tuple("".join(xml.text_of(element).split()) for element in found)
    sso, _ = _address(role, "SingleSignOnService")
    slo, answers = _address(role, "SingleLogoutService")
    if not sso or not certificates or not all(certificates):
        raise Invalid("no usable address or certificate in the metadata", code="invalid_request")
    scopes = [
        xml.text_of(scope)
        for element in (root, role)
        for scope in xml.find_all(element, "md:Extensions/shibmd:Scope")
        if scope.get("regexp") not in ("true", "1")
    ]
    until = min(ends, default=None)
    return Idp(root.get("entityID", ""), sso, slo, answers, certificates, tuple(scopes), until)


def _check_signature(root: xml.Element, certificate: str) -> None:
    xml.check_signatures(root)
    signatures = xml.find_all(root, "ds:Signature")
    if len(signatures) != 1 or not OneLogin_Saml2_Utils.validate_metadata_sign(root, cert=certificate):
        raise Invalid("the metadata is not signed with the pinned key", code="invalid_request")


def _address(role: xml.Element, kind: str) -> tuple[str, str]:
    """Where to send requests and where answers; both empty when the role does not offer it by redirect."""
    for service in xml.find_all(role, f"md:{kind}"):
        if service.get("Binding") == _REDIRECT:
            location = service.get("Location", "")
            answers = service.get("ResponseLocation") or location
            if _is_safe(location) and _is_safe(answers):
                return location, answers
    return "", ""


def _is_safe(address: str) -> bool:
    """https, or http on this machine; nothing that would need escaping where python3-saml writes it into XML."""
    parts = urlsplit(address)
    is_here = parts.hostname in _LOOPBACK or (parts.hostname or "").startswith("127.")
    return (parts.scheme == "https" or (parts.scheme == "http" and is_here)) and not set(address) & set("&<>\"'\\ ")


def _moment(text: str | None) -> datetime | None:
    """xs:dateTime in UTC. Raises Invalid."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid("a date in the metadata is no date", code="invalid_request")
    return moment


class IdpMetadata:
    def __init__(self, issuer: str, settings: SamlSettings, clock: Clock, transport: BaseAdapter | None = None) -> None:
        self._address = f"{issuer}/saml/metadata"
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Idp | None = None
        self._again_at = clock.now()
        self._changed_at = 0
        self._session = Session()
        self._session.max_redirects = 0
        if transport is not None:
            self._session.mount("http://", transport)
            self._session.mount("https://", transport)

    def current(self) -> Idp:
        """Raises Unavailable when there is none that holds."""
        with self._lock:
            if self._settings.is_copy:
                self._refresh()
            else:
                self._read_if_changed()
            if self._known is None or not self._holds():
                raise Unavailable("no metadata of the IdP", code="unavailable", detail="no metadata of the IdP")
            return self._known

    def _holds(self) -> bool:
        known = self._known
        return known is not None and (known.valid_until is None or known.valid_until > self._clock.now())

    def _refresh(self) -> None:
        now = self._clock.now()
        if now < self._again_at and self._holds():
            return
        try:
            data = self._fetched()
            self._known = read_metadata(data, self._settings.certificate, now)
        except (Invalid, Unavailable) as error:
            log.warning("metadata not read", extra={"code": error.code, "detail": error.description})
            self._again_at = now + _RETRY
            if self._known is None:
                self._known = self._from_file()
            return
        self._again_at = now + _FRESH
        if self._known.valid_until is not None:
            self._again_at = min(self._again_at, now + (self._known.valid_until - now) / 2)
        self._keep(data)

    def _fetched(self) -> bytes:
        try:
            with self._session.get(self._address, timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer:
                if answer.status_code != 200:
                    raise Unavailable("no metadata", code="unavailable")
                data = b""
                for part in answer.iter_content(65_536):
                    data += part
                    if len(data) > xml.MOST_BYTES:
                        raise Invalid("too much XML", code="invalid_request")
                return data
        except RequestException as error:
            raise Unavailable("no metadata", code="unavailable", detail=type(error).__name__) from None

    def _read_if_changed(self) -> None:
        try:
            changed_at = self._settings.metadata_file.stat().st_mtime_ns
        except OSError:
            return
        if changed_at != self._changed_at:
            self._changed_at = changed_at
            self._known = self._from_file() or self._known

    def _from_file(self) -> Idp | None:
        try:
            data = self._settings.metadata_file.read_bytes()
            return read_metadata(data, self._settings.certificate, self._clock.now())
        except OSError:
            return None
        except Invalid as error:
            log.warning("metadata not read", extra={"code": error.code, "detail": error.description})
            return None

    def _keep(self, data: bytes) -> None:
        """Best effort: without the copy the next start needs the IdP."""
        file = self._settings.metadata_file
        draft = file.with_name(f"{file.name}.{new_id()}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            draft.replace(file)
        except OSError as error:
            log.warning("metadata not kept", extra={"detail": type(error).__name__})
