"""Our own metadata: to the schema, signed, and read by somebody else's parser."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser as TheirParser
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML as TheirXml

from idp.core.clock import FixedClock
from idp.saml import names
from idp.saml.metadata import IdpDisplay, Logo, build
from idp.saml.names import MD, MDUI, SHIBMD, q
from idp.saml.server import Server
from idp.xml.errors import BadSignature
from idp.xml.keys import Credential
from idp.xml.parser import Element, children, parse
from idp.xml.signature import verify
from tests.factories.saml_metadata import NOW, acs, category, credential, entity, group, key, role, slo

_ISSUER = "https://id.example.kz"
_DISPLAY = IdpDisplay(
    names={"kk": "Білім ID", "ru": "Билим ID", "en": "Bilim ID"},
    descriptions={"kk": "Мектепке кіру", "en": "Sign-in of schools & colleges <here>"},
    information_urls={"en": f"{_ISSUER}/about"},
    privacy_urls={"kk": f"{_ISSUER}/privacy"},
    organization={"kk": "Білім басқармасы", "en": "Education department"},
    technical_contact="support@example.kz",
    security_contact="mailto:security@example.kz",
    logo=Logo(f"{_ISSUER}/static/logo.png", 160, 80),
)


def _server(*signing: Credential) -> Server:
    return Server(
        issuer=_ISSUER,
        entity_id=f"{_ISSUER}/saml/metadata",
        scope="example.kz",
        clock=FixedClock(NOW),
        signing=lambda: signing,
        decryption=lambda: (credential(2), credential(4, "ecdsa-sha256")),
        pairwise=lambda sector, person: "",
        subject=lambda person: "",
    )


@pytest.fixture(scope="module")
def document() -> bytes:
    """At rollover: an elliptic key first, then two of RSA."""
    server = _server(credential(4, "ecdsa-sha256"), credential(0), credential(1))
    return build(server, now=NOW, display=_DISPLAY)


def _role(document: bytes) -> Element:
    return children(parse(document), q(MD, "IDPSSODescriptor"))[0]


def _said(role: Element, local: str) -> list[tuple[str | None, str | None]]:
    return [(one.get("Binding"), one.get("Location")) for one in children(role, q(MD, local))]


def _certificates(role: Element, use: str) -> list[str]:
    keys = [one for one in children(role, q(MD, "KeyDescriptor")) if one.get("use") == use]
    return ["".join("".join(one.itertext()).split()) for one in keys]


def test_the_schema_of_oasis_accepts_it(document: bytes) -> None:
    assert TheirXml.validate_xml(document, "saml-schema-metadata-2.0.xsd") != "invalid_xml"
    about = next(parse(document).iter(q(MDUI, "UIInfo")))
    assert TheirXml.validate_xml(about, "sstc-saml-metadata-ui-v1.0.xsd") != "invalid_xml"


def test_the_schema_accepts_what_the_other_tests_read() -> None:
    whole = entity(
        role(key(credential(0).certificate, "encryption", "urn:a"), slo(), acs()),
        before=category("urn:c"),
        entity_id="urn:b",
    )
    for data in (entity(), whole, group(entity(), group(whole))):
        assert TheirXml.validate_xml(data, "saml-schema-metadata-2.0.xsd") != "invalid_xml"


def test_it_is_signed_with_rsa_and_says_until_when_it_holds(document: bytes) -> None:
    root = parse(document)
    assert verify(root, [credential(0).certificate]) is root
    with pytest.raises(BadSignature):
        verify(parse(document.replace(b"example.kz/saml/sso", b"example.xx/saml/sso")), [credential(0).certificate])
    until = datetime.fromisoformat(root.get("validUntil", ""))
    assert until == NOW + timedelta(days=14)
    assert root.get("cacheDuration") == "PT21600S"
    assert root.get("entityID") == f"{_ISSUER}/saml/metadata"
    again = parse(build(_server(credential(0)), now=NOW, display=_DISPLAY))
    assert again.get("ID") != root.get("ID")


def test_at_rollover_every_certificate_is_there_and_rsa_comes_first(document: bytes) -> None:
    listed = [one.certificate_text for one in (credential(0), credential(1), credential(4, "ecdsa-sha256"))]
    assert _certificates(_role(document), "signing") == listed
    assert _certificates(_role(document), "encryption") == [credential(2).certificate_text]


def test_every_endpoint_is_under_the_issuer(document: bytes) -> None:
    role = _role(document)
    sso, slo, soap = (f"{_ISSUER}/saml/{name}" for name in ("sso", "slo", "soap"))
    assert _said(role, "SingleSignOnService") == [
        (names.REDIRECT, sso),
        (names.POST, sso),
        (names.SIMPLE_SIGN, sso),
        (names.SOAP_BINDING, soap),
    ]
    assert _said(role, "SingleLogoutService") == [(names.REDIRECT, slo), (names.POST, slo), (names.SOAP_BINDING, soap)]
    assert _said(role, "ArtifactResolutionService") == [(names.SOAP_BINDING, f"{_ISSUER}/saml/artifact")]
    assert [one.text for one in role.iter(q(SHIBMD, "Scope"))] == ["example.kz"]


def test_another_product_reads_it(document: bytes) -> None:
    read = TheirParser.parse(document)["idp"]
    assert read["entityId"] == f"{_ISSUER}/saml/metadata"
    assert read["singleSignOnService"] == {"url": f"{_ISSUER}/saml/sso", "binding": names.REDIRECT}
    assert read["singleLogoutService"] == {"url": f"{_ISSUER}/saml/slo", "binding": names.REDIRECT}
    assert read["x509certMulti"]["signing"][0] == credential(0).certificate_text
    assert len(read["x509certMulti"]["signing"]) == 3


def test_people_read_it_in_three_languages(document: bytes) -> None:
    shown = list(parse(document).iter(q(MDUI, "DisplayName")))
    assert {one.get(q(names.XML, "lang")): one.text for one in shown} == _DISPLAY.names
    text = document.decode()
    assert "schools &amp; colleges &lt;here&gt;" in text
    assert text.count("<md:EmailAddress>mailto:s") == 2
    assert 'remd:contactType="http://refeds.org/metadata/contactType/security"' in text


def test_a_bare_provider_has_metadata_too() -> None:
    document = build(_server(credential(0)), now=NOW, display=IdpDisplay(names={"kk": "Білім ID"}))
    assert TheirXml.validate_xml(document, "saml-schema-metadata-2.0.xsd") != "invalid_xml"
    assert b"Organization" not in document
    assert b"ContactPerson" not in document
