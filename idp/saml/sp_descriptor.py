"""One EntityDescriptor becomes `ServiceProvider`, or is refused with a reason (SAML Metadata §2.3, §2.4).

Nothing here can be told to look away: there is no way to import without every check (CVE-2026-16443).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from idp.saml import names
from idp.saml.entity import AttributeService, Endpoint, RequestedAttribute, ServiceProvider
from idp.saml.metadata_errors import MetadataRefused, Remark
from idp.saml.metadata_values import (
    MAX_NAME,
    MAX_TEXT,
    Attributes,
    address,
    addresses_by_language,
    by_language,
    entity_id,
    flag,
    moment,
    number,
    plain,
    token,
)
from idp.saml.names import ALG, MD, MDATTR, MDUI, SAML, q
from idp.saml.sp_keys import read_keys
from idp.xml.errors import XmlError
from idp.xml.parser import Element, children, text_of

ENTITY = q(MD, "EntityDescriptor")
ROLE = q(MD, "SPSSODescriptor")
ACS_BINDINGS = (names.POST, names.SIMPLE_SIGN, names.ARTIFACT, names.PAOS_BINDING)
SLO_BINDINGS = (names.REDIRECT, names.POST, names.SOAP_BINDING)
MAX_ENDPOINTS = 1000
MAX_SERVICES = 100
MAX_ATTRIBUTES = 300
_SUBJECT_ID_REQ = ("subject-id", "pairwise-id", "any", "none")


def read_provider(
    entity: Element,
    *,
    now: datetime,
    group_until: datetime | None = None,
    plain_http: bool = False,
    remarks: list[Remark] | None = None,
) -> ServiceProvider:
    """One EntityDescriptor, already verified or from a verified root; `group_until` is when its group expires.

    `plain_http` takes addresses on the open net that nothing protects. What was left out is told to `remarks`.
    Raises `MetadataRefused`.
    """
    if entity.tag != ENTITY:
        raise MetadataRefused("no_entity", detail=str(entity.tag)[:200])
    name = entity_id(entity)
    heard = [] if remarks is None else remarks
    try:
        return _provider(entity, name, now, group_until, plain_http, lambda code: heard.append(Remark(name, code)))
    except XmlError as wrong:
        raise MetadataRefused("bad_value", detail=wrong.detail or str(wrong)) from wrong


def _provider(
    entity: Element,
    name: str,
    now: datetime,
    group_until: datetime | None,
    plain_http: bool,
    remark: Callable[[str], None],
) -> ServiceProvider:
    until = unexpired(entity, now, group_until)
    role, until = _role(entity, now, until)
    acs = _acs(role, plain_http)
    keys = read_keys(role, remark)
    services = _attribute_services(role)
    about = _extensions(role, q(MDUI, "UIInfo"))
    attributes = _entity_attributes(entity)
    organization = _organization(entity, role)
    return ServiceProvider(
        entity_id=name,
        acs=acs,
        slo=_slo(role, plain_http),
        name_id_formats=tuple(token(text_of(one)) for one in _some(role, "NameIDFormat", MAX_SERVICES)),
        signing_certificates=keys.signing,
        encryption_certificates=keys.encryption,
        encryption_methods=keys.methods,
        signing_methods=_signing_methods(entity, role),
        signs_requests=flag(role, "AuthnRequestsSigned") or False,
        wants_assertions_signed=flag(role, "WantAssertionsSigned") or False,
        attribute_services=services,
        entity_categories=attributes.get(names.ENTITY_CATEGORY, ()),
        subject_id_req=_subject_id_req(attributes),
        names=_said(about, "DisplayName", MAX_NAME) or _service_names(services) or organization,
        descriptions=_said(about, "Description", MAX_TEXT),
        information_urls=addresses_by_language(_in(about, q(MDUI, "InformationURL"))),
        privacy_urls=addresses_by_language(_in(about, q(MDUI, "PrivacyStatementURL"))),
        organization=organization,
        valid_until=until,
    )


def unexpired(element: Attributes, now: datetime, until: datetime | None = None) -> datetime | None:
    """The earlier of `until` and the element's own validUntil (§2.3.1, §2.4.1); raises when that is past.

    cacheDuration only says how soon to ask again and is left to the schedule.
    """
    own = moment(element, "validUntil")
    earliest = min((one for one in (own, until) if one is not None), default=None)
    if earliest is not None and earliest <= now:
        raise MetadataRefused("expired", detail=earliest.isoformat())
    return earliest


def _role(entity: Element, now: datetime, until: datetime | None) -> tuple[Element, datetime | None]:
    """The first SP role that names SAML 2.0 among its protocols and is not expired."""
    spoken = [
        role for role in children(entity, ROLE) if names.SAMLP in (role.get("protocolSupportEnumeration") or "").split()
    ]
    if not spoken:
        raise MetadataRefused("no_saml2_sp")
    refusal = None
    for role in spoken:
        try:
            return role, unexpired(role, now, until)
        except MetadataRefused as wrong:
            refusal = refusal or wrong
    raise refusal or MetadataRefused("expired")


def _some(parent: Element, local: str, most: int) -> list[Element]:
    found = children(parent, q(MD, local))
    if len(found) > most:
        raise MetadataRefused("too_large", detail=local)
    return found


def _acs(role: Element, plain_http: bool) -> tuple[Endpoint, ...]:
    """In the document's order, without those of SAML 1; ResponseLocation has no meaning here (§2.4.4)."""
    found = tuple(
        Endpoint(
            binding=one.get("Binding", ""),
            location=address(one.get("Location"), plain_http=plain_http),
            index=number(one, "index", refusal="bad_endpoint"),
            is_default=flag(one, "isDefault"),
        )
        for one in _some(role, "AssertionConsumerService", MAX_ENDPOINTS)
        if one.get("Binding") in ACS_BINDINGS
    )
    if not found:
        raise MetadataRefused("no_acs")
    return found


def _slo(role: Element, plain_http: bool) -> tuple[Endpoint, ...]:
    return tuple(
        Endpoint(
            binding=one.get("Binding", ""),
            location=address(one.get("Location"), plain_http=plain_http),
            response_location=address(one.get("ResponseLocation"), plain_http=plain_http)
            if one.get("ResponseLocation") is not None
            else "",
        )
        for one in _some(role, "SingleLogoutService", MAX_ENDPOINTS)
        if one.get("Binding") in SLO_BINDINGS
    )


def _attribute_services(role: Element) -> tuple[AttributeService, ...]:
    return tuple(
        AttributeService(
            index=number(one, "index"),
            is_default=flag(one, "isDefault"),
            names=by_language(children(one, q(MD, "ServiceName")), MAX_NAME),
            attributes=tuple(
                _requested(wanted)
                for wanted in _some(one, "RequestedAttribute", MAX_ATTRIBUTES)
                if not any(len(value) for value in children(wanted, q(SAML, "AttributeValue")))
            ),
        )
        for one in _some(role, "AttributeConsumingService", MAX_SERVICES)
    )


def _requested(element: Element) -> RequestedAttribute:
    """§2.4.4.2. One that wants values made of elements never comes here: without them it would ask for every value."""
    if not element.get("Name"):
        raise MetadataRefused("bad_value", detail="RequestedAttribute/@Name")
    return RequestedAttribute(
        name=token(element.get("Name")),
        name_format=token(element.get("NameFormat")),
        friendly_name=plain(element.get("FriendlyName") or "", MAX_NAME),
        is_required=flag(element, "isRequired") or False,
        values=_values(element),
    )


def _values(attribute: Element) -> tuple[str, ...]:
    found = [token(text_of(one)) for one in children(attribute, q(SAML, "AttributeValue")) if len(one) == 0]
    if len(found) > MAX_ATTRIBUTES:
        raise MetadataRefused("too_large", detail="AttributeValue")
    return tuple(found)


def _extensions(parent: Element, tag: str) -> list[Element]:
    return [one for group in children(parent, q(MD, "Extensions")) for one in children(group, tag)]


def _in(parents: list[Element], tag: str) -> list[Element]:
    return [one for parent in parents for one in children(parent, tag)]


def _said(about: list[Element], local: str, limit: int) -> dict[str, str]:
    return by_language(_in(about, q(MDUI, local)), limit)


def _service_names(services: tuple[AttributeService, ...]) -> dict[str, str]:
    """Those of the default service: marked so, else the first not marked otherwise, else the first (§2.2.3)."""
    ranked = sorted(services, key=lambda one: {True: 0, None: 1, False: 2}[one.is_default])
    return dict(ranked[0].names) if ranked else {}


def _organization(entity: Element, role: Element) -> dict[str, str]:
    """The role's own, else the entity's (§2.3.2.1)."""
    for parent in (role, entity):
        for one in children(parent, q(MD, "Organization")):
            shown = by_language(children(one, q(MD, "OrganizationDisplayName")), MAX_NAME)
            return shown or by_language(children(one, q(MD, "OrganizationName")), MAX_NAME)
    return {}


def _signing_methods(entity: Element, role: Element) -> tuple[str, ...]:
    """SAML Metadata for Algorithm Support §2.4: the role's list, else the entity's."""
    listed = _extensions(role, q(ALG, "SigningMethod")) or _extensions(entity, q(ALG, "SigningMethod"))
    if len(listed) > MAX_SERVICES:
        raise MetadataRefused("too_large", detail="SigningMethod")
    return tuple(dict.fromkeys(token(one.get("Algorithm")) for one in listed))


def _entity_attributes(entity: Element) -> dict[str, tuple[str, ...]]:
    """SAML Metadata Extension for Entity Attributes §2: those with a URI as name, never those inside assertions."""
    found: dict[str, tuple[str, ...]] = {}
    for one in _in(_extensions(entity, q(MDATTR, "EntityAttributes")), q(SAML, "Attribute")):
        if one.get("NameFormat") == names.NAME_URI:
            name = token(one.get("Name"))
            found[name] = tuple(dict.fromkeys(found.get(name, ()) + _values(one)))
    return found


def _subject_id_req(attributes: dict[str, tuple[str, ...]]) -> str:
    """SAML Subject Identifier Attributes §3.1: exactly one of four words."""
    values = attributes.get(names.SUBJECT_ID_REQ, ())
    return values[0] if len(values) == 1 and values[0] in _SUBJECT_ID_REQ else ""
