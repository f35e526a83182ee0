"""What a service provider asks for, what it may have, and what is sent: the one source of the consent page and of the
assertion alike.

Asked for: its entity categories (REFEDS), its RequestedAttributes, its subject-id:req. May have: what the operator
approved, less what the request's AttributeConsumingService leaves out and what the school withholds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from idp.saml import names as n
from idp.saml.attribute_values import About, as_text
from idp.saml.attributes import CATALOGUE, Attribute, named
from idp.saml.entity import RequestedAttribute, ServiceProvider, Settings
from idp.saml.identifiers import NameId
from idp.saml.ports import Facts, SessionView, SpRecord
from idp.saml.server import Server

_ANONYMOUS = ("eduPersonScopedAffiliation", "schacHomeOrganization")
BUNDLES: Mapping[str, tuple[str, ...]] = {
    n.CATEGORY_ANONYMOUS: _ANONYMOUS,
    n.CATEGORY_PSEUDONYMOUS: (*_ANONYMOUS, "pairwise-id", "eduPersonAssurance"),
    n.CATEGORY_PERSONALIZED: (
        *_ANONYMOUS,
        "subject-id",
        "eduPersonAssurance",
        "displayName",
        "givenName",
        "sn",
        "mail",
    ),
    n.CATEGORY_RS: (
        "eduPersonPrincipalName",
        "eduPersonTargetedID",
        "displayName",
        "givenName",
        "sn",
        "mail",
        "eduPersonScopedAffiliation",
    ),
}
"""REFEDS Anonymous, Pseudonymous and Personalized Access 2.0 and Research & Scholarship 1.3, which wants
eduPersonTargetedID beside a principal name that may be given to another person one day."""
_CONDUCT = frozenset((n.CATEGORY_COCO_1, n.CATEGORY_COCO_2))
_SUBJECT_IDS = {"subject-id": "subject-id", "pairwise-id": "pairwise-id", "any": "pairwise-id"}
"""`any` gets the one that reveals less (SAML Subject Identifier Attributes §2.2)."""


@dataclass(frozen=True, slots=True)
class Released:
    """One attribute with its names and values as they go out. `friendly_name` and `name_format` may be empty."""

    name: str
    wire_name: str
    name_format: str
    friendly_name: str
    values: tuple[str | NameId, ...]


def proposed(provider: ServiceProvider) -> tuple[str, ...]:
    """Our names of what its metadata asks for, for the operator to approve or not.

    Who follows a Code of Conduct is proposed the required ones of its RequestedAttributes only (data minimisation).
    """
    asked = {name for category in provider.entity_categories for name in BUNDLES.get(category, ())}
    is_frugal = not _CONDUCT.isdisjoint(provider.entity_categories)
    for service in provider.attribute_services:
        asked.update(_ours(one, {}) for one in service.attributes if one.is_required or not is_frugal)
    if provider.subject_id_req:
        asked.difference_update(("subject-id", "pairwise-id"))
        asked.add(_SUBJECT_IDS.get(provider.subject_id_req, ""))
    return tuple(name for name in CATALOGUE if name in asked)


def names(record: SpRecord, attribute_index: int | None = None, withheld: Collection[str] = ()) -> tuple[str, ...]:
    """Our names of what it may receive, in the order of the catalogue.

    An AttributeConsumingServiceIndex narrows to what that service requests (SAML Core §3.4.1); one that the metadata
    does not have narrows nothing.
    """
    allowed = set(record.approved_attributes).difference(withheld)
    service = next((one for one in record.provider.attribute_services if one.index == attribute_index), None)
    if service is not None:
        allowed &= {_ours(one, record.settings.renamed) for one in service.attributes}
    return tuple(name for name in CATALOGUE if name in allowed)


def released(
    server: Server, facts: Facts, record: SpRecord, session: SessionView, names: Sequence[str], *, today: date
) -> tuple[Released, ...]:
    """The named attributes that have a value. Nothing about whose data are blocked (Law № 94-V art. 25(2)(8)).

    Where the metadata wants only certain values of an attribute, the others stay here (SAML Metadata §2.4.4.2).
    """
    about = About(server, facts, record, session, today)
    if not names or about.is_silent:
        return ()
    found = []
    for name in names:
        attribute = CATALOGUE[name]
        wanted = _wanted(record, name)
        values = tuple(
            as_text(value) if isinstance(value, str) else value
            for value in attribute.values(about)
            if value and (not wanted or value in wanted)
        )
        if values:
            found.append(Released(name, *_on_the_wire(attribute, record.settings), values))
    return tuple(found)


def _on_the_wire(attribute: Attribute, settings: Settings) -> tuple[str, str, str]:
    """Name, NameFormat and FriendlyName (SAML Core §2.7.3.1; X.500/LDAP attribute profile)."""
    own = settings.renamed.get(attribute.name, "")
    if settings.attribute_names == "uri":
        wire = own or attribute.uri
        return wire, n.NAME_URI if ":" in wire else n.NAME_UNSPECIFIED, attribute.name
    name_format = n.NAME_BASIC if settings.attribute_names == "basic" else n.NAME_UNSPECIFIED
    wire = own or attribute.basic_name
    return wire, n.NAME_URI if wire == attribute.uri else name_format, ""


def _ours(requested: RequestedAttribute, renamed: Mapping[str, str]) -> str:
    """Our name of a RequestedAttribute, also when it asks by the name that the operator gave it."""
    by_operator = next((name for name, wire in renamed.items() if wire == requested.name), "")
    return by_operator or named(requested.name)


def _wanted(record: SpRecord, name: str) -> frozenset[str]:
    """The only values wanted of it; empty for any."""
    asking = [
        one
        for service in record.provider.attribute_services
        for one in service.attributes
        if _ours(one, record.settings.renamed) == name
    ]
    if not asking or any(not one.values for one in asking):
        return frozenset()
    return frozenset(value for one in asking for value in one.values)
