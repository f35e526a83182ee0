"""This service provider to python3-saml: addresses, settings, the request that begins a sign-in.

Messages that come in are read with settings that hold no private key: nothing is ever decrypted, so the signing key is
no oracle for RSA. Time of python3-saml is the machine's; where we check ourselves it is the clock's.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.settings import OneLogin_Saml2_Settings
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from clients.lms.saml.identity import Identity
from clients.lms.saml.idp import Idp, IdpMetadata
from idp.core.clock import Clock
from idp.core.errors import Denied, Invalid

SKEW = timedelta(minutes=5)
"""How far the IdP's clock may be from ours; python3-saml allows the same."""
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
REFUSALS = (ValueError, etree.LxmlError, OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError)
"""What python3-saml raises for a message that it does not accept."""
_REASONS = {code: name for name, code in vars(OneLogin_Saml2_ValidationError).items() if isinstance(code, int)}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request on its way: where the browser goes, and which answer to expect."""

    address: str
    request_id: str


@dataclass(frozen=True, slots=True)
class NameId:
    value: str
    format: str = ""
    qualifier: str = ""
    sp_qualifier: str = ""


class ServiceProvider:
    def __init__(self, base_url: str, identity: Identity, idp: IdpMetadata, clock: Clock) -> None:
        self.entity_id = f"{base_url}/saml/metadata"
        self.acs = f"{base_url}/saml/acs"
        self.sls = f"{base_url}/saml/sls"
        self.clock = clock
        self.certificate = identity.certificate
        self._private_key = identity.private_key
        self._idp = idp
        self._made_of: Idp | None = None

    def idp(self) -> Idp:
        """Raises Unavailable without valid metadata."""
        return self._idp.current()

    def sign_in_request(self, relay_state: str) -> Sent:
        """SAML Core §3.4.1, signed, by redirect. Raises Unavailable."""
        auth = self.auth(self.acs)
        address = auth.login(return_to=relay_state)
        return Sent(str(address), str(auth.get_last_request_id()))

    def signed(self, document: str) -> bytes:
        """Our metadata with our signature."""
        made = OneLogin_Saml2_Utils.add_sign(document, self._private_key, self.certificate)
        return made if isinstance(made, bytes) else str(made).encode()

    def auth(self, address: str) -> OneLogin_Saml2_Auth:
        """For what goes out from one of our addresses. Raises Unavailable."""
        return OneLogin_Saml2_Auth(self.request_data(address), self.outgoing())

    def request_data(self, address: str) -> dict[str, Any]:
        """As python3-saml wants it: from the configured address, never from a Host header."""
        parts = urlsplit(address)
        return {
            "https": "on" if parts.scheme == "https" else "off",
            "http_host": parts.netloc,
            "script_name": parts.path,
            "get_data": {},
            "post_data": {},
        }

    def incoming(self) -> OneLogin_Saml2_Settings:
        return self._settings()[0]

    def outgoing(self) -> OneLogin_Saml2_Settings:
        return self._settings()[1]

    def _settings(self) -> tuple[OneLogin_Saml2_Settings, OneLogin_Saml2_Settings]:
        """Made anew when the IdP's metadata changes."""
        idp = self.idp()
        if idp is not self._made_of:
            described = self._described(idp)
            incoming = OneLogin_Saml2_Settings(deepcopy(described))
            described["sp"] |= {"x509cert": self.certificate, "privateKey": self._private_key}
            signs = ("authnRequestsSigned", "logoutRequestSigned", "logoutResponseSigned")
            described["security"] |= dict.fromkeys(signs, True)
            self._made = incoming, OneLogin_Saml2_Settings(described)
            self._made_of = idp
        return self._made

    def _described(self, idp: Idp) -> dict[str, Any]:
        slo = {"singleLogoutService": {"url": idp.slo, "responseUrl": idp.slo_answers}} if idp.slo else {}
        return {
            "strict": True,
            "debug": False,
            "sp": {
                "entityId": self.entity_id,
                "assertionConsumerService": {"url": self.acs},
                "singleLogoutService": {"url": self.sls},
                "NameIDFormat": OneLogin_Saml2_Constants.NAMEID_PERSISTENT,
            },
            "idp": {
                "entityId": idp.entity_id,
                "singleSignOnService": {"url": idp.sso},
                "x509certMulti": {"signing": list(idp.certificates)},
                **slo,
            },
            "security": {
                "wantAssertionsSigned": True,
                "wantNameId": True,
                "rejectDeprecatedAlgorithm": True,
                "requestedAuthnContext": False,
                "signatureAlgorithm": OneLogin_Saml2_Constants.RSA_SHA256,
                "allowSingleLabelDomains": True,
            },
        }


def instant(text: str | None) -> datetime | None:
    """xs:dateTime with a zone; None for anything else."""
    try:
        moment = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def denied(error: Exception) -> Denied:
    """With the reason's name only: the texts of python3-saml repeat what the message held."""
    if isinstance(error, Invalid):
        return Denied("the answer is not right", code="login_failed", detail=error.detail or error.description)
    is_theirs = isinstance(error, OneLogin_Saml2_ValidationError)
    reason = _REASONS.get(getattr(error, "code", -1), "") if is_theirs else ""
    return Denied("the answer is not right", code="login_failed", detail=reason or type(error).__name__)
