"""A service provider of another make, python3-saml in strict mode, set up for one record of ours."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from idp.saml import names
from tests.factories.saml_answers import ACS, ENTITY_ID, ISSUER, NOW, REQUEST_ID, Record, credential

OWNER = "lms.example"
"""Whose key opens what is encrypted."""


@dataclass(frozen=True)
class Heard:
    """What it made of a message; everything but `why` is empty when it refused."""

    is_accepted: bool
    why: str = ""
    name_id: Mapping[str, Any] | None = None
    attributes: Mapping[str, Any] | None = None
    friendly: Mapping[str, Any] | None = None
    session_index: str = ""
    session_until: int = 0
    contexts: tuple[str, ...] = ()


class Counterpart:
    """`clock` is what it takes for the present; hold it with `hold_clock`."""

    def __init__(self, record: Record, *, algorithm: str = "rsa-sha256", has_attributes: bool = True) -> None:
        settings = record.settings
        key = credential("rsa-sha256", OWNER)
        self.address = ACS
        self._settings = OneLogin_Saml2_Settings(
            {
                "strict": True,
                "sp": {
                    "entityId": record.provider.entity_id,
                    "assertionConsumerService": {"url": ACS, "binding": names.POST},
                    "x509cert": _pem(key.certificate),
                    "privateKey": key.private_key_pem.decode(),
                },
                "idp": {
                    "entityId": ENTITY_ID,
                    "singleSignOnService": {"url": f"{ISSUER}/saml/sso", "binding": names.REDIRECT},
                    "x509cert": _pem(credential(algorithm).certificate),
                },
                "security": {
                    "wantAssertionsSigned": settings.sign != "response",
                    "wantMessagesSigned": settings.sign != "assertion",
                    "wantAssertionsEncrypted": bool(record.provider.encryption_certificates),
                    "wantNameIdEncrypted": settings.encrypt_name_id,
                    "wantNameId": settings.name_id != "none",
                    "wantAttributeStatement": has_attributes,
                    "rejectDeprecatedAlgorithm": True,
                },
            }
        )

    def hears(self, xml: bytes, *, request_id: str | None = REQUEST_ID) -> Heard:
        """Refuses by an exception too: of a parser, of a decryption, of a signature it cannot read."""
        parts = urlsplit(self.address)
        message = {"SAMLResponse": base64.b64encode(xml).decode()}
        request = {
            "https": "on",
            "http_host": parts.netloc,
            "script_name": parts.path,
            "get_data": {},
            "post_data": message,
        }
        auth = OneLogin_Saml2_Auth(request, old_settings=self._settings)
        try:
            auth.process_response(request_id=request_id)
        except Exception as error:
            return Heard(False, f"{type(error).__name__}: {error}")
        if auth.get_errors() or not auth.is_authenticated():
            return Heard(False, str(auth.get_last_error_reason()))
        name_id = {
            "value": auth.get_nameid(),
            "format": auth.get_nameid_format(),
            "name_qualifier": auth.get_nameid_nq(),
            "sp_name_qualifier": auth.get_nameid_spnq(),
        }
        return Heard(
            True,
            name_id=name_id,
            attributes=auth.get_attributes(),
            friendly=auth.get_friendlyname_attributes(),
            session_index=auth.get_session_index(),
            session_until=auth.get_session_expiration(),
            contexts=tuple(auth.get_last_authn_contexts()),
        )


def hold_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime = NOW) -> None:
    """python3-saml takes the time from here, in whole seconds."""
    monkeypatch.setattr(OneLogin_Saml2_Utils, "now", staticmethod(lambda: int(moment.timestamp())))


def _pem(certificate: bytes) -> str:
    return load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()
