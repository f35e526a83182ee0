"""The answer to a sign-in, by the POST binding: SAML Profiles §4.1.4.3, read by python3-saml, strict.

What it lets pass even so is refused here: no InResponseTo, no Recipient, no audience, addresses that only begin alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from onelogin.saml2.response import OneLogin_Saml2_Response

from clients.lms.saml import xml
from clients.lms.saml.attributes import claims_of
from clients.lms.saml.service_provider import REFUSALS, SKEW, STATUS, NameId, ServiceProvider, denied, instant
from idp.core.errors import Denied, Invalid

_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a checked assertion says. `presentable_until` ends its use, `session_until` the session."""

    id: str
    sub: str
    claims: dict[str, Any]
    name_id: NameId
    session_index: str
    presentable_until: datetime
    session_until: datetime | None


def form_fields(form: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """SAMLResponse and RelayState of a posted form. Raises Invalid unless each comes once, or RelayState not at all."""
    if len(form.get("SAMLResponse", ())) != 1 or len(form.get("RelayState", ())) > 1:
        raise Invalid("not one response", code="invalid_request")
    return form["SAMLResponse"][0], "".join(form.get("RelayState", ()))


def parsed(provider: ServiceProvider, encoded: str) -> OneLogin_Saml2_Response:
    """Not checked yet. Raises Denied for what is no response, and for an encrypted one; Unavailable."""
    try:
        response = OneLogin_Saml2_Response(provider.incoming(), encoded)
    except REFUSALS as error:
        raise denied(error) from None
    if response.document.tag != f"{{{xml.SAMLP}}}Response":
        raise Denied("not a response", code="login_failed", detail="not a response")
    return response


def status_of(response: OneLogin_Saml2_Response) -> tuple[str, ...]:
    """Short status names, outermost first: `("Success",)`, `("Responder", "AuthnFailed")`."""
    codes = response.document.iterfind("samlp:Status//samlp:StatusCode", xml.NAMES)
    return tuple(code.get("Value", "").removeprefix(STATUS) for code in codes)


def accepted(provider: ServiceProvider, response: OneLogin_Saml2_Response, request_id: str) -> Assertion:
    """The answer to this very request, for us, now, signed by the IdP. Raises Denied, Unavailable."""
    try:
        xml.check_signatures(response.document)
        response.is_valid(provider.request_data(provider.acs), request_id, raise_exceptions=True)
        presentable_until = _presentable_until(provider, response.document, request_id)
        names, friendly_names = response.get_attributes(), response.get_friendlyname_attributes()
        sub, claims = claims_of(names, friendly_names, provider.idp().scopes)
        name_id = response.get_nameid_data()
        session_until = response.get_session_not_on_or_after()
        return Assertion(
            id=str(response.get_assertion_id()),
            sub=sub,
            claims=claims,
            name_id=NameId(
                str(name_id["Value"]).strip(),
                name_id.get("Format", ""),
                name_id.get("NameQualifier", ""),
                name_id.get("SPNameQualifier", ""),
            ),
            session_index=str(response.get_session_index() or ""),
            presentable_until=presentable_until,
            session_until=datetime.fromtimestamp(session_until, UTC) if session_until else None,
        )
    except (*REFUSALS, Invalid) as error:
        raise denied(error) from None


def _presentable_until(provider: ServiceProvider, root: xml.Element, request_id: str) -> datetime:
    if root.get("InResponseTo") != request_id or root.get("Destination") != provider.acs:
        raise Denied("not the answer to this request", code="login_failed", detail="InResponseTo or Destination")
    # python3-saml has seen to it that there is one, and that it is signed.
    assertion = xml.find_all(root, "saml:Assertion")[0]
    restrictions = xml.find_all(assertion, "saml:Conditions/saml:AudienceRestriction")
    named = [{xml.text_of(one) for one in xml.find_all(each, "saml:Audience")} for each in restrictions]
    if not named or not all(provider.entity_id in audiences for audiences in named):
        raise Denied("not for us", code="login_failed", detail="Audience")
    for confirmation in xml.find_all(assertion, "saml:Subject/saml:SubjectConfirmation"):
        data = confirmation.find("saml:SubjectConfirmationData", xml.NAMES)
        if confirmation.get("Method") != _BEARER or data is None or data.get("NotBefore"):
            continue
        until = instant(data.get("NotOnOrAfter"))
        is_answer = data.get("InResponseTo") == request_id and data.get("Recipient") == provider.acs
        if is_answer and until is not None and until + SKEW > provider.clock.now():
            return until
    raise Denied("no confirmation for us", code="login_failed", detail="SubjectConfirmation")
