"""Single logout by redirect, both ways: SAML Profiles §4.4, messages of python3-saml.

What comes in must be signed by the IdP over the octets as they came, name us and be of now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants
from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request
from onelogin.saml2.logout_response import OneLogin_Saml2_Logout_Response

from clients.lms.saml import xml
from clients.lms.saml.service_provider import REFUSALS, SKEW, STATUS, NameId, Sent, ServiceProvider, denied, instant
from idp.core.errors import Denied, Invalid

OLDEST = timedelta(minutes=10)
"""Of a message when it arrives."""
_FIELDS = ("SAMLRequest", "SAMLResponse", "RelayState", "SigAlg", "Signature")
_ROOTS = {"SAMLRequest": "LogoutRequest", "SAMLResponse": "LogoutResponse"}
_RSA = frozenset(name for name in xml.SIGNATURES if "#rsa-" in name)
"""python3-saml takes any other name for RSA with SHA-256."""
_LONGEST_RELAY_STATE = 1024


@dataclass(frozen=True, slots=True)
class LogoutAsked:
    id: str
    name_id: str
    session_indexes: tuple[str, ...]
    """Empty: every session of this name."""
    relay_state: str | None


@dataclass(frozen=True, slots=True)
class LogoutAnswered:
    in_response_to: str
    relay_state: str
    is_complete: bool
    """Whether the IdP says that everybody was told."""


def request(provider: ServiceProvider, name_id: NameId, session_index: str, relay_state: str) -> Sent | None:
    """SAML Core §3.7.1, signed; None when the IdP has no address for it. Raises Unavailable."""
    if not provider.idp().slo:
        return None
    auth = provider.auth(provider.sls)
    address = auth.logout(
        return_to=relay_state,
        name_id=name_id.value,
        session_index=escape(session_index) or None,  # python3-saml writes it into XML as it is
        nq=name_id.qualifier or None,
        name_id_format=name_id.format or None,
        spnq=name_id.sp_qualifier or None,
    )
    return Sent(str(address), str(auth.get_last_request_id()))


def answer(provider: ServiceProvider, request_id: str, relay_state: str | None) -> str:
    """The address that tells the IdP that the sessions are gone (SAML Core §3.7.2). Raises Unavailable."""
    made = OneLogin_Saml2_Logout_Response(provider.outgoing())
    made.build(request_id)
    fields = {"SAMLResponse": made.get_response()}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    auth = provider.auth(provider.sls)
    auth.add_response_signature(fields, OneLogin_Saml2_Constants.RSA_SHA256)
    idp = provider.idp()
    if not idp.slo_answers:
        raise Denied("no address for the answer", code="login_failed", detail="no SingleLogoutService")
    return str(auth.redirect_to(idp.slo_answers, fields))


def read(provider: ServiceProvider, query: str) -> LogoutAsked | LogoutAnswered:
    """What the IdP sent, from the query as it came. Raises Invalid, Denied, Unavailable."""
    sent, signed_octets = _fields(query)
    kind = "SAMLRequest" if "SAMLRequest" in sent else "SAMLResponse"
    root = xml.parse(xml.inflated(sent[kind]))
    data = provider.request_data(provider.sls) | {"get_data": sent}
    over = {"query_string": signed_octets, "validate_signature_from_qs": True}
    auth = OneLogin_Saml2_Auth(data | over, provider.incoming())
    check = auth.validate_request_signature if kind == "SAMLRequest" else auth.validate_response_signature
    if sent.get("SigAlg") not in _RSA or not sent.get("Signature") or not check(sent):
        raise Denied("not signed by the IdP", code="login_failed", detail="signature")
    if root.tag != f"{{{xml.SAMLP}}}{_ROOTS[kind]}":
        raise Invalid("not about logout", code="invalid_request")
    try:
        if kind == "SAMLRequest":
            return _asked(provider, root, sent, data)
        return _answered(provider, root, sent, data)
    except REFUSALS as error:
        raise denied(error) from None


def _asked(provider: ServiceProvider, root: xml.Element, sent: dict[str, str], data: dict[str, object]) -> LogoutAsked:
    asked = OneLogin_Saml2_Logout_Request(provider.incoming(), sent["SAMLRequest"])
    asked.is_valid(data, raise_exceptions=True)
    _check_frame(provider, root)
    return LogoutAsked(
        id=root.get("ID", ""),
        name_id=str(asked.get_nameid(root) or "").strip(),
        session_indexes=tuple(str(index or "").strip() for index in asked.get_session_indexes(root)),
        relay_state=sent.get("RelayState"),
    )


def _answered(
    provider: ServiceProvider, root: xml.Element, sent: dict[str, str], data: dict[str, object]
) -> LogoutAnswered:
    answered = OneLogin_Saml2_Logout_Response(provider.incoming(), sent["SAMLResponse"])
    answered.is_valid(data, raise_exceptions=True)
    _check_frame(provider, root)
    codes = [code.get("Value", "") for code in root.iterfind("samlp:Status//samlp:StatusCode", xml.NAMES)]
    is_complete = codes[:1] == [f"{STATUS}Success"] and f"{STATUS}PartialLogout" not in codes
    return LogoutAnswered(root.get("InResponseTo", ""), sent.get("RelayState", ""), is_complete)


def _check_frame(provider: ServiceProvider, root: xml.Element) -> None:
    """Issuer, Destination and age: python3-saml asks for none of them to be there."""
    issued = instant(root.get("IssueInstant"))
    now = provider.clock.now()
    is_ours = root.get("Destination") == provider.sls
    is_theirs = xml.text_of(root.find("saml:Issuer", xml.NAMES)) == provider.idp().entity_id
    if not is_ours or not is_theirs or issued is None or not now - OLDEST < issued < now + SKEW:
        raise Denied("not meant for us now", code="login_failed", detail="Issuer, Destination or IssueInstant")


def _fields(query: str) -> tuple[dict[str, str], str]:
    """The fields of a redirect, and the octets under its signature as they came (SAML Bindings §3.4.4.1).

    Raises Invalid for a field that comes twice or in disguise, and unless there is either a request or a response.
    """
    raw: dict[str, str] = {}
    for part in query.split("&"):
        name, _, value = part.partition("=")
        if name in raw or (unquote_plus(name) in _FIELDS and name not in _FIELDS):
            raise Invalid("a field twice", code="invalid_request")
        if name in _FIELDS:
            raw[name] = value
    if ("SAMLRequest" in raw) == ("SAMLResponse" in raw) or len(raw.get("RelayState", "")) > _LONGEST_RELAY_STATE:
        raise Invalid("neither request nor response", code="invalid_request")
    signed_octets = "&".join(f"{name}={raw[name]}" for name in _FIELDS[:4] if name in raw)
    return {name: unquote_plus(value) for name, value in raw.items()}, signed_octets
