"""Which NameID an assertion carries, and its value (SAML Core §3.4.1.1, §8.3).

A request may name a format; otherwise the operator's setting decides, then the formats of the metadata, then we. Ours
is `persistent`: pairwise, the same value as the `sub` of OpenID Connect in one sector. Most learning systems make an
account of the NameID and would make another at each sign-on of a `transient` one (Kantara's saml2int has `transient`
here). `unspecified` in a request or in metadata is no wish: the identity provider is free then (§3.4.1.1), and a
username is not given away for it. Who must stay anonymous (REFEDS Anonymous Access, subject-id:req `none`) gets
`transient`.

AllowCreate needs nothing: a value is computed from the person, so it was there before the request (Errata E14).
"""

from __future__ import annotations

from typing import Protocol

from idp.core.clock import local_date
from idp.saml import names
from idp.saml.attribute_values import About, as_text, persistent_id
from idp.saml.attributes import CATALOGUE
from idp.saml.entity import ServiceProvider
from idp.saml.errors import InvalidNameIdPolicy
from idp.saml.identifiers import NameId as NameId
from idp.saml.identifiers import new_identifier
from idp.saml.ports import Facts, SessionView, SpRecord
from idp.saml.server import Server

NONE = "none"
FORMATS = {
    "persistent": names.PERSISTENT,
    "transient": names.TRANSIENT,
    "email": names.EMAIL,
    "unspecified": names.UNSPECIFIED,
    NONE: NONE,
}
"""What `entity.Settings.name_id` may say."""
_SOURCES = {names.EMAIL: "mail", names.UNSPECIFIED: "uid"}
_ENCRYPTED = "urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"


class Policy(Protocol):
    """What a request says about it (samlp:NameIDPolicy); empty where it says nothing."""

    @property
    def name_id_format(self) -> str: ...
    @property
    def sp_name_qualifier(self) -> str: ...


def choose(request: Policy | None, record: SpRecord) -> str:
    """The format's URI, or `none`; without a request when we began (SAML Profiles §4.1.5).

    Raises InvalidNameIdPolicy for what we do not have, may not give away, or what contradicts the operator's setting.
    """
    asked = _asked(request, record)
    ours = FORMATS[record.settings.name_id] if record.settings.name_id else ""
    if asked and ours and asked != ours:
        raise InvalidNameIdPolicy("name identifiers of this format are not set up for you", detail=asked)
    chosen = asked or ours or _usual(record.provider)
    if chosen == names.EMAIL and not ours and source(record, chosen) not in record.approved_attributes:
        raise InvalidNameIdPolicy("you may not receive e-mail addresses", detail=chosen)
    return chosen


def source(record: SpRecord, format_: str) -> str:
    """Our name of the attribute that fills it; empty where the value says nothing about the person."""
    return record.settings.name_id_source or _SOURCES[format_] if format_ in _SOURCES else ""


def tells(record: SpRecord, format_: str) -> tuple[str, ...]:
    """Our name of the attribute that it gives away, if any: to be agreed to as attributes are."""
    return tuple(filter(None, (source(record, format_),)))


def make(server: Server, facts: Facts, record: SpRecord, session: SessionView, format_: str) -> NameId | None:
    """None for `none`. Whose data are blocked gets a `transient` one, whatever was chosen.

    Raises InvalidNameIdPolicy when the person has no such value or their school withholds it.
    """
    if format_ == NONE:
        return None
    about = About(server, facts, record, session, local_date(server.clock.now()))
    if format_ == names.TRANSIENT or about.is_silent:
        return NameId(new_identifier(), names.TRANSIENT)
    if format_ == names.PERSISTENT:
        return persistent_id(about)
    name = source(record, format_)
    values = [] if name in session.withheld else [value for value in CATALOGUE[name].values(about) if value]
    if len(values) != 1 or not isinstance(values[0], str):
        raise InvalidNameIdPolicy("this person has no name identifier of that format", detail=name)
    return NameId(as_text(values[0]), format_)


def _asked(request: Policy | None, record: SpRecord) -> str:
    if request is None:
        return ""
    if request.sp_name_qualifier not in ("", record.provider.entity_id):
        raise InvalidNameIdPolicy("affiliations are not supported", detail=request.sp_name_qualifier)
    asked = request.name_id_format
    if asked == _ENCRYPTED and record.settings.encrypt_name_id:
        return ""
    if asked in ("", names.UNSPECIFIED):
        return ""
    if asked not in (names.PERSISTENT, names.TRANSIENT, names.EMAIL):
        raise InvalidNameIdPolicy("this format of name identifiers is not supported", detail=asked)
    return asked


def _usual(provider: ServiceProvider) -> str:
    """What the metadata leaves us (Metadata §2.4.1 gives its formats no order of preference)."""
    if provider.subject_id_req == "none" or names.CATEGORY_ANONYMOUS in provider.entity_categories:
        return names.TRANSIENT
    formats = provider.name_id_formats
    opaque = [one for one in formats if one in (names.PERSISTENT, names.TRANSIENT)]
    if opaque:
        return opaque[0]
    return names.EMAIL if names.EMAIL in formats and names.UNSPECIFIED not in formats else names.PERSISTENT
