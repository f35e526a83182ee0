"""The assertion that tells a service provider who signed in (SAML Core §2.3, SAML Profiles §4.1.4.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from idp.saml import algorithms, names
from idp.saml.entity import Endpoint, ServiceProvider
from idp.saml.errors import RequestUnsupported
from idp.saml.identifiers import NameId, instant, new_identifier
from idp.saml.ports import SessionView, SpRecord
from idp.saml.release import Released
from idp.saml.server import ASSERTION_TTL, SKEW, Server
from idp.xml.build import add, element
from idp.xml.encryption import encrypt
from idp.xml.errors import CannotEncrypt
from idp.xml.parser import Element

_ASSERTION, _ISSUER, _SUBJECT, _NAME_ID, _CONFIRMATION, _CONFIRMATION_DATA = (
    names.q(names.SAML, local)
    for local in ("Assertion", "Issuer", "Subject", "NameID", "SubjectConfirmation", "SubjectConfirmationData")
)
_CONDITIONS, _AUDIENCES, _AUDIENCE = (
    names.q(names.SAML, local) for local in ("Conditions", "AudienceRestriction", "Audience")
)
_AUTHN_STATEMENT, _AUTHN_CONTEXT, _CONTEXT_CLASS = (
    names.q(names.SAML, local) for local in ("AuthnStatement", "AuthnContext", "AuthnContextClassRef")
)
_ATTRIBUTES, _ATTRIBUTE, _VALUE = (
    names.q(names.SAML, local) for local in ("AttributeStatement", "Attribute", "AttributeValue")
)
_NSMAP: dict[str | None, str] = {"saml": names.SAML}


def build(
    server: Server,
    *,
    record: SpRecord,
    consumer: Endpoint,
    in_response_to: str,
    session: SessionView,
    name_id: NameId | None,
    released: Sequence[Released],
    context_class: str,
    session_index: str,
    now: datetime,
    session_until: datetime | None,
) -> Element:
    """Unsigned. `in_response_to` is empty when nobody asked (SAML Profiles §4.1.5).

    NotBefore lies as far back as clocks may differ: nobody can present an assertion before it was made anyway.
    """
    until = instant(now + ASSERTION_TTL)
    about = {"ID": new_identifier(), "IssueInstant": instant(now), "Version": "2.0"}
    made = element(_ASSERTION, about, nsmap=_NSMAP)
    add_issuer(made, server)
    _subject(
        made,
        record,
        name_id,
        {"InResponseTo": in_response_to or None, "NotOnOrAfter": until, "Recipient": consumer.location},
    )
    conditions = add(made, _CONDITIONS, {"NotBefore": instant(now - SKEW), "NotOnOrAfter": until})
    add(add(conditions, _AUDIENCES), _AUDIENCE, None, record.provider.entity_id)
    how = {
        "AuthnInstant": instant(session.auth_time),
        "SessionIndex": session_index,
        "SessionNotOnOrAfter": instant(session_until) if session_until else None,
    }
    add(add(add(made, _AUTHN_STATEMENT, how), _AUTHN_CONTEXT), _CONTEXT_CLASS, None, context_class)
    if released:
        statement = add(made, _ATTRIBUTES)
        for one in released:
            _attribute(statement, one)
    return made


def add_issuer(parent: Element, server: Server) -> None:
    """SAML Core §2.2.5."""
    add(parent, _ISSUER, {"Format": names.ENTITY}, server.entity_id)


def _subject(parent: Element, record: SpRecord, name_id: NameId | None, bound: Mapping[str, str | None]) -> None:
    """The NameID in clear or as EncryptedID (SAML Core §2.2.4), or none (fedinterop IIP-IDP12); whoever bears the
    assertion is the subject, within bounds (SAML Profiles §3.3)."""
    subject = add(parent, _SUBJECT)
    if name_id is not None and record.settings.encrypt_name_id:
        alone = element(_NAME_ID, _name_id_attributes(name_id), name_id.value, nsmap=_NSMAP)
        subject.append(sealed("EncryptedID", alone, record.provider))
    elif name_id is not None:
        add(subject, _NAME_ID, _name_id_attributes(name_id), name_id.value)
    add(add(subject, _CONFIRMATION, {"Method": names.BEARER}), _CONFIRMATION_DATA, bound)


def _name_id_attributes(name_id: NameId) -> dict[str, str | None]:
    return {
        "Format": name_id.format,
        "NameQualifier": name_id.name_qualifier or None,
        "SPNameQualifier": name_id.sp_name_qualifier or None,
    }


def _attribute(statement: Element, released: Released) -> None:
    """Values carry no xsi:type: none of the products we know wants it, and a string is what a value is without it."""
    named = {
        "FriendlyName": released.friendly_name or None,
        "Name": released.wire_name,
        "NameFormat": released.name_format or None,
    }
    attribute = add(statement, _ATTRIBUTE, named)
    for value in released.values:
        if isinstance(value, str):
            add(attribute, _VALUE, None, value)
        else:
            add(add(attribute, _VALUE), _NAME_ID, _name_id_attributes(value), value.value)


def sealed(name: str, content: Element, provider: ServiceProvider) -> Element:
    """Encrypted, inside a saml element of that name. Raises RequestUnsupported when that cannot be done safely."""
    key = algorithms.encryption_key(provider)
    try:
        data = encrypt(content, key, recipient=provider.entity_id, algorithms=provider.encryption_methods)
    except CannotEncrypt as error:
        raise RequestUnsupported("your metadata names no encryption that is offered here", detail=str(error)) from error
    return element(names.q(names.SAML, name), None, data, nsmap=_NSMAP)
