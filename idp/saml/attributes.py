"""Every attribute that may leave over SAML, under its names on the wire.

eduPerson, eduMember and SCHAC with their OIDs (SAML X.500/LDAP profile: `urn:oid:…`), the SAML Subject Identifier
Attributes, and four of our own whose values are JSON, shaped as the OpenID Connect claims. The ЖСН has no registered
name and never leaves here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from idp.saml import attribute_values as values
from idp.saml import names
from idp.saml.attribute_values import About, Values


@dataclass(frozen=True, slots=True)
class Attribute:
    """`name` is ours, the short name and the FriendlyName at once; `claim` the claim that says the same, for words."""

    name: str
    uri: str
    claim: str
    values: Callable[[About], Values]
    is_multi: bool = False
    is_scoped: bool = False

    @property
    def basic_name(self) -> str:
        """Without a URI. The Subject Identifier Attributes have no other name than theirs (§2.1)."""
        return self.uri if self.uri.startswith(_SUBJECT) else self.name


_SUBJECT = "urn:oasis:names:tc:SAML:attribute:"
_EDU_PERSON = "urn:oid:1.3.6.1.4.1.5923.1.1.1."
_SCHAC = "urn:oid:1.3.6.1.4.1.25178.1.2."
_PILOT = "urn:oid:0.9.2342.19200300.100.1."
_NETSCAPE = "urn:oid:2.16.840.1.113730.3.1."
_OURS = "urn:bilim:attribute:"

_ALL = (
    Attribute("eduPersonAffiliation", _EDU_PERSON + "1", "roles", values.affiliations, is_multi=True),
    Attribute("eduPersonPrimaryAffiliation", _EDU_PERSON + "5", "roles", values.primary_affiliation),
    Attribute(
        "eduPersonScopedAffiliation",
        _EDU_PERSON + "9",
        "roles",
        values.scoped_affiliations,
        is_multi=True,
        is_scoped=True,
    ),
    Attribute("eduPersonPrincipalName", _EDU_PERSON + "6", "preferred_username", values.principal_name, is_scoped=True),
    Attribute("eduPersonEntitlement", _EDU_PERSON + "7", "roles", values.entitlements, is_multi=True),
    Attribute("eduPersonAssurance", _EDU_PERSON + "11", "acr", values.assurance, is_multi=True),
    Attribute("eduPersonTargetedID", _EDU_PERSON + "10", "sub", values.targeted_id),
    Attribute("eduPersonUniqueId", _EDU_PERSON + "13", "sub", values.subject_id, is_scoped=True),
    Attribute("subject-id", names.SUBJECT_ID, "sub", values.subject_id, is_scoped=True),
    Attribute("pairwise-id", names.PAIRWISE_ID, "sub", values.pairwise_id, is_scoped=True),
    Attribute("schacHomeOrganization", _SCHAC + "9", "school", values.home_organization),
    Attribute("schacHomeOrganizationType", _SCHAC + "10", "school", values.home_organization_type),
    Attribute("schacDateOfBirth", _SCHAC + "3", "birthdate", values.birth_date),
    Attribute("cn", "urn:oid:2.5.4.3", "name", values.name),
    Attribute("sn", "urn:oid:2.5.4.4", "family_name", values.from_person("family_name")),
    Attribute("givenName", "urn:oid:2.5.4.42", "given_name", values.from_person("given_name")),
    Attribute("displayName", _NETSCAPE + "241", "name", values.name),
    Attribute("mail", _PILOT + "3", "email", values.mail),
    Attribute("uid", _PILOT + "1", "preferred_username", values.from_person("username")),
    Attribute("preferredLanguage", _NETSCAPE + "39", "locale", values.from_person("language")),
    Attribute("isMemberOf", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1", "classes", values.groups, is_multi=True),
    Attribute("bilimRoles", _OURS + "roles", "roles", values.roles, is_multi=True),
    Attribute("bilimSchool", _OURS + "school", "school", values.school),
    Attribute("bilimClasses", _OURS + "classes", "classes", values.classes, is_multi=True),
    Attribute("bilimGrade", _OURS + "grade", "grade", values.grade),
)

CATALOGUE: Mapping[str, Attribute] = {attribute.name: attribute for attribute in _ALL}
"""By our name, in the order they are shown and sent."""

_BY_WIRE_NAME = {name: one.name for one in _ALL for name in (one.name, one.uri)}
_MACE = "urn:mace:dir:attribute-def:"
"""SAML 1's names, which old metadata still asks by (MACE-Dir attribute profile)."""


def named(wire_name: str) -> str:
    """Our name of an attribute that metadata asks for by URI or short name; empty when we have no such thing."""
    return _BY_WIRE_NAME.get(wire_name.removeprefix(_MACE), "")
