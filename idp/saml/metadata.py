"""Our own metadata: one IDPSSODescriptor, signed, in the order of the OASIS schema (SAML Metadata §2.3.2, §2.4.3)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from idp.core.ids import new_id
from idp.saml import names
from idp.saml.identifiers import instant as instant_text
from idp.saml.names import ALG, DS, MD, MDATTR, MDUI, SAML, SHIBMD, q
from idp.saml.server import METADATA_CACHE, METADATA_VALID, Server
from idp.xml.build import element, serialize
from idp.xml.parser import Element
from idp.xml.signature import sign

if TYPE_CHECKING:
    from idp.xml.keys import Credential

REMD = "http://refeds.org/metadata"
_PREFIXES: dict[str | None, str] = {
    "md": MD, "ds": DS, "saml": SAML, "mdui": MDUI, "mdattr": MDATTR, "shibmd": SHIBMD, "alg": ALG, "remd": REMD,
}  # fmt: skip
CATEGORIES = (
    names.CATEGORY_ANONYMOUS,
    names.CATEGORY_PSEUDONYMOUS,
    names.CATEGORY_PERSONALIZED,
    names.CATEGORY_COCO_2,
    names.CATEGORY_COCO_1,
)
"""What release by entity category knows (REFEDS Entity Category Support)."""
NAME_ID_FORMATS = (names.PERSISTENT, names.TRANSIENT, names.EMAIL, names.UNSPECIFIED)
DIGESTS = (
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
)
SIGNATURES = tuple(
    f"http://www.w3.org/2001/04/xmldsig-more#{name}"
    for name in ("rsa-sha256", "ecdsa-sha256", "rsa-sha384", "ecdsa-sha384", "rsa-sha512", "ecdsa-sha512")
)
ENCRYPTIONS = (
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
)


@dataclass(frozen=True, slots=True)
class Logo:
    """mdui:Logo: an address or a `data:` picture, with its size in pixels."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class IdpDisplay:
    """What people read about the identity provider, by language (`kk`, `ru`, `en`); contacts are mail addresses."""

    names: Mapping[str, str]
    descriptions: Mapping[str, str] = field(default_factory=dict)
    information_urls: Mapping[str, str] = field(default_factory=dict)
    privacy_urls: Mapping[str, str] = field(default_factory=dict)
    organization: Mapping[str, str] = field(default_factory=dict)
    organization_urls: Mapping[str, str] = field(default_factory=dict)
    technical_contact: str = ""
    security_contact: str = ""
    logo: Logo | None = None


def build(server: Server, *, now: datetime, display: IdpDisplay) -> bytes:
    """The signed document; signs once a call, so whoever serves it keeps it."""
    root = element(
        q(MD, "EntityDescriptor"),
        {
            "entityID": server.entity_id,
            "ID": "_" + new_id(),
            "validUntil": instant_text(now + METADATA_VALID),
            "cacheDuration": f"PT{int(METADATA_CACHE.total_seconds())}S",
        },
        element(q(MD, "Extensions"), None, _category_support(), *_algorithms()),
        _role(server, display),
        *_organization(server, display),
        *_contacts(display),
        nsmap=_PREFIXES,
    )
    sign(root, server.credential("rsa-sha256"), position=0)
    return serialize(root)


def _category_support() -> Element:
    values = [element(q(SAML, "AttributeValue"), None, one) for one in CATEGORIES]
    about = {"Name": names.ENTITY_CATEGORY_SUPPORT, "NameFormat": names.NAME_URI}
    return element(q(MDATTR, "EntityAttributes"), None, element(q(SAML, "Attribute"), about, *values))


def _algorithms() -> Iterator[Element]:
    """SAML Metadata for Algorithm Support §2: what is verified here, the preferred first."""
    for one in DIGESTS:
        yield element(q(ALG, "DigestMethod"), {"Algorithm": one})
    for one in SIGNATURES:
        yield element(q(ALG, "SigningMethod"), {"Algorithm": one})


def _role(server: Server, display: IdpDisplay) -> Element:
    """IDPSSODescriptor (§2.4.3): exactly one, since some products refuse several."""
    scope = element(q(SHIBMD, "Scope"), {"regexp": "false"}, server.scope)
    return element(
        q(MD, "IDPSSODescriptor"),
        {"protocolSupportEnumeration": names.SAMLP, "WantAuthnRequestsSigned": "false"},
        element(q(MD, "Extensions"), None, scope, _ui_info(display)),
        *_keys(server),
        _endpoint("ArtifactResolutionService", names.SOAP_BINDING, server.url("/saml/artifact"), index="0"),
        _endpoint("SingleLogoutService", names.REDIRECT, server.url("/saml/slo")),
        _endpoint("SingleLogoutService", names.POST, server.url("/saml/slo")),
        _endpoint("SingleLogoutService", names.SOAP_BINDING, server.url("/saml/soap")),
        *(element(q(MD, "NameIDFormat"), None, one) for one in NAME_ID_FORMATS),
        _endpoint("SingleSignOnService", names.REDIRECT, server.url("/saml/sso")),
        _endpoint("SingleSignOnService", names.POST, server.url("/saml/sso")),
        _endpoint("SingleSignOnService", names.SIMPLE_SIGN, server.url("/saml/sso")),
        _endpoint("SingleSignOnService", names.SOAP_BINDING, server.url("/saml/soap")),
    )


def _endpoint(local: str, binding: str, location: str, *, index: str | None = None) -> Element:
    is_default = None if index is None else "true"
    return element(q(MD, local), {"Binding": binding, "Location": location, "index": index, "isDefault": is_default})


def _keys(server: Server) -> Iterator[Element]:
    """RSA first: products that read only one key can use it. During a rollover the old and the new are both there."""
    for one in sorted(server.signing(), key=lambda credential: credential.algorithm != "rsa-sha256"):
        yield _key("signing", one)
    # The present one alone: what the others once were told to encrypt to can still be opened.
    for one in [one for one in server.decryption() if one.algorithm == "rsa-sha256"][:1]:
        methods = (element(q(MD, "EncryptionMethod"), {"Algorithm": method}) for method in ENCRYPTIONS)
        yield _key("encryption", one, *methods)


def _key(use: str, credential: Credential, *methods: Element) -> Element:
    certificate = element(q(DS, "X509Certificate"), None, base64.b64encode(credential.certificate).decode())
    info = element(q(DS, "KeyInfo"), None, element(q(DS, "X509Data"), None, certificate))
    return element(q(MD, "KeyDescriptor"), {"use": use}, info, *methods)


def _ui_info(display: IdpDisplay) -> Element:
    """SAML Metadata Extensions for Login and Discovery User Interface §2.1."""
    logo = display.logo
    size = {"width": str(logo.width), "height": str(logo.height)} if logo else {}
    return element(
        q(MDUI, "UIInfo"),
        None,
        *_translated(q(MDUI, "DisplayName"), display.names),
        *_translated(q(MDUI, "Description"), display.descriptions),
        *([element(q(MDUI, "Logo"), size, logo.url)] if logo else []),
        *_translated(q(MDUI, "InformationURL"), display.information_urls),
        *_translated(q(MDUI, "PrivacyStatementURL"), display.privacy_urls),
    )


def _translated(tag: str, texts: Mapping[str, str]) -> list[Element]:
    return [element(tag, {q(names.XML, "lang"): language}, text) for language, text in texts.items() if text]


def _organization(server: Server, display: IdpDisplay) -> list[Element]:
    """§2.3.2.1: name, displayed name and address, each at least once."""
    if not display.organization:
        return []
    urls = display.organization_urls or dict.fromkeys(display.organization, server.issuer)
    return [
        element(
            q(MD, "Organization"),
            None,
            *_translated(q(MD, "OrganizationName"), display.organization),
            *_translated(q(MD, "OrganizationDisplayName"), display.organization),
            *_translated(q(MD, "OrganizationURL"), urls),
        )
    ]


def _contacts(display: IdpDisplay) -> Iterator[Element]:
    """§2.3.2.2; who answers for security is marked as REFEDS Security Contact Metadata Extension demands."""
    if display.technical_contact:
        yield _contact({"contactType": "technical"}, display.technical_contact)
    if display.security_contact:
        about = {"contactType": "other", q(REMD, "contactType"): "http://refeds.org/metadata/contactType/security"}
        yield _contact(about, display.security_contact)


def _contact(about: Mapping[str, str], mail: str) -> Element:
    """REFEDS wants a GivenName; the role says more than a person's name."""
    kind = "Security" if about["contactType"] == "other" else "Technical"
    return element(
        q(MD, "ContactPerson"),
        about,
        element(q(MD, "GivenName"), None, f"{kind} contact"),
        element(q(MD, "EmailAddress"), None, "mailto:" + mail.removeprefix("mailto:")),
    )
