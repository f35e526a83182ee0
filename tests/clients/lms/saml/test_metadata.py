"""What this service provider says about itself is valid, signed, and enough for an IdP."""

from __future__ import annotations

from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from clients.lms.client import metadata_file
from tests.clients.lms.conftest import BASE, World
from tests.clients.lms.fake_idp import NAMES

MD = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "mdui": "urn:oasis:names:tc:SAML:metadata:ui"}


def test_metadata_is_valid_by_the_schema_and_signed(lms: World) -> None:
    answer = lms.browser().get("/saml/metadata")
    assert answer.content_type == "application/samlmetadata+xml"
    assert not isinstance(OneLogin_Saml2_XML.validate_xml(answer.data, "saml-schema-metadata-2.0.xsd"), str)
    certificate = lms.app.extensions["saml"].provider.certificate
    assert OneLogin_Saml2_Utils.validate_metadata_sign(answer.data, cert=certificate)
    root = etree.fromstring(answer.data)
    assert root.get("entityID") == f"{BASE}/saml/metadata"
    assert root.get("validUntil", "") > lms.idp.time(days=13)
    names = root.findall(".//mdui:DisplayName", MD)
    assert [name.text for name in names] == ["Сабақтар", "Уроки", "Lessons"]
    asked = {one.get("FriendlyName"): one.get("Name") for one in root.findall(".//md:RequestedAttribute", MD)}
    assert asked == NAMES
    assert root.findall(".//md:KeyDescriptor[@use='encryption']", MD) == []
    assert lms.browser().get("/static/lms/img/logo.svg").status_code == 200


def test_a_file_for_the_idp_has_no_end(lms: World) -> None:
    root = etree.fromstring(metadata_file(lms.kit.settings, lms.clock))
    assert root.get("validUntil") is None
    assert root.get("entityID") == lms.kit.client_id
