"""One entity: which role, which addresses, which names (SAML Metadata §2.3, §2.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from idp.saml import names
from idp.saml.entity import Endpoint, RequestedAttribute, ServiceProvider
from idp.saml.metadata_errors import MetadataRefused, Remark
from idp.saml.sp_descriptor import read_provider
from idp.xml.parser import parse
from tests.factories.saml_metadata import NOW, SAML2, acs, category, entity, role, slo

_SAML1 = "urn:oasis:names:tc:SAML:1.1:protocol"
_BROWSER_POST = "urn:oasis:names:tc:SAML:1.0:profiles:browser-post"


def _read(data: bytes, **options: Any) -> ServiceProvider:
    return read_provider(parse(data), now=NOW, **options)


def _refusal(data: bytes, **options: Any) -> str:
    with pytest.raises(MetadataRefused) as refused:
        _read(data, **options)
    return refused.value.code


def _service(index: str, name: str, *attributes: str, more: str = "") -> str:
    named = f'<md:ServiceName xml:lang="en">{name}</md:ServiceName>'
    inside = named + "".join(attributes)
    return f'<md:AttributeConsumingService index="{index}" {more}>{inside}</md:AttributeConsumingService>'


def _organization(name: str) -> str:
    texts = ("Name", "legal"), ("DisplayName", name), ("URL", "https://org.example/")
    inside = "".join(f'<md:Organization{kind} xml:lang="en">{text}</md:Organization{kind}>' for kind, text in texts)
    return f"<md:Organization>{inside}</md:Organization>"


def _ui(inside: str) -> str:
    return f"<md:Extensions><mdui:UIInfo>{inside}</mdui:UIInfo></md:Extensions>"


def test_the_least_that_a_service_provider_is() -> None:
    assert _read(entity()) == ServiceProvider(
        entity_id="https://lms.example/sp", acs=(Endpoint(names.POST, "https://lms.example/acs"),)
    )


def test_addresses_of_saml_2_bindings_are_kept_in_order_and_those_of_saml_1_are_not() -> None:
    provider = _read(
        entity(
            role(
                slo(more='ResponseLocation="https://lms.example/done"'),
                slo(binding="SOAP"),
                slo("urn:nonsense", binding="HTTP-Artifact"),
                acs(index="3", binding="PAOS", more='ResponseLocation="urn:ignored"'),
                acs("urn:nonsense", index="1", binding=_BROWSER_POST),
                acs(index="7", binding="HTTP-POST-SimpleSign", more='isDefault="false"'),
                acs(index="2", binding="HTTP-Artifact", more='isDefault="1"'),
            )
        )
    )
    assert [(one.binding, one.index, one.is_default) for one in provider.acs] == [
        (names.PAOS_BINDING, 3, None),
        (names.SIMPLE_SIGN, 7, False),
        (names.ARTIFACT, 2, True),
    ]
    assert {one.response_location for one in provider.acs} == {""}
    assert [(one.binding, one.response_location) for one in provider.slo] == [
        (names.REDIRECT, "https://lms.example/done"),
        (names.SOAP_BINDING, ""),
    ]


@pytest.mark.parametrize("scheme", ["javascript:alert(1)", "data:text/html,x", "http://lms.example/", "//lms.example/"])
def test_28_no_address_leads_to_a_script(scheme: str) -> None:
    """Reference test 2 and CVE-2023-6717: refused when metadata comes in, not when a form is shown."""
    assert _refusal(entity(role(acs(scheme)))) == "bad_endpoint"
    assert _refusal(entity(role(slo(scheme), acs()))) == "bad_endpoint"
    assert _refusal(entity(role(slo(more=f'ResponseLocation="{scheme}"'), acs()))) == "bad_endpoint"


def test_plain_http_is_taken_only_when_told() -> None:
    assert (
        _read(entity(role(acs("http://lms.example/acs"))), plain_http=True).acs[0].location == "http://lms.example/acs"
    )


@pytest.mark.parametrize("index", ["", "x", "-1", "65536", "1.0"])
def test_an_address_for_assertions_has_a_number(index: str) -> None:
    assert _refusal(entity(role(acs(index=index)))) == "bad_endpoint"


def test_the_role_that_speaks_saml_2_is_the_one_read() -> None:
    old = role(acs(binding=_BROWSER_POST), about=f'protocolSupportEnumeration="{_SAML1}"')
    new = role(about=f'protocolSupportEnumeration="{_SAML1}\n{SAML2}" AuthnRequestsSigned="1"')
    assert _read(entity(old, new)).signs_requests
    assert _refusal(entity(old)) == "no_saml2_sp"
    assert _refusal(entity(role(about=f'protocolSupportEnumeration="{SAML2}x"'))) == "no_saml2_sp"
    assert _refusal(entity(role(acs(binding=_BROWSER_POST)))) == "no_acs"
    assert _refusal(b"<EntityDescriptor entityID='x'/>") == "no_entity"
    assert _refusal(entity(entity_id="x" * 1025)) == "bad_entity_id"


def test_the_earliest_expiry_of_entity_role_and_group_holds() -> None:
    about = f'protocolSupportEnumeration="{SAML2}" '
    data = entity(
        role(about=about + 'validUntil="2026-09-01T02:00:00Z"'),
        role(about=about + 'validUntil="2026-09-02T00:00:00.5Z" cacheDuration="P99Y"'),
        about='validUntil="2026-09-03T00:00:00Z"',
    )
    assert _read(data).valid_until == datetime(2026, 9, 2, 0, 0, 0, 500_000, tzinfo=UTC)
    soon = NOW + timedelta(hours=1)
    assert _read(data, group_until=soon).valid_until == soon
    assert _refusal(data, group_until=NOW) == "expired"
    assert _refusal(entity(role(about=about + 'validUntil="2026-09-01T02:00:00Z"'))) == "expired"
    assert _refusal(entity(about='validUntil="2026-09-01T03:00:00Z"')) == "expired"
    assert _refusal(entity(about='validUntil="never"')) == "bad_value"


def test_the_name_is_that_of_mdui_else_of_the_service_else_of_the_organisation() -> None:
    ui = _ui(
        '<mdui:DisplayName xml:lang="kk">Мектеп</mdui:DisplayName>'
        '<mdui:DisplayName xml:lang="en-US">School</mdui:DisplayName>'
        '<mdui:Description xml:lang="en">&lt;script&gt; of\n lessons</mdui:Description>'
        '<mdui:InformationURL xml:lang="en">https://lms.example/about</mdui:InformationURL>'
        '<mdui:PrivacyStatementURL xml:lang="en">javascript:alert(1)</mdui:PrivacyStatementURL>'
    )
    services = _service("1", "One", more='isDefault="false"') + _service("2", "Two")
    provider = _read(entity(role(ui, acs(), services), after=_organization("Org")))
    assert provider.names == {"kk": "Мектеп", "en": "School"}
    assert provider.descriptions == {"en": "<script> of lessons"}
    assert (provider.information_urls, provider.privacy_urls) == ({"en": "https://lms.example/about"}, {})
    assert provider.organization == {"en": "Org"}
    assert _read(entity(role(acs(), services), after=_organization("Org"))).names == {"en": "Two"}
    assert _read(entity(after=_organization("Org"))).names == {"en": "Org"}


def test_requested_attributes_keep_their_values_and_ask_for_no_more() -> None:
    plain = '<md:RequestedAttribute Name="urn:oid:1" NameFormat="urn:f" FriendlyName="mail" isRequired="true"/>'
    some = (
        '<md:RequestedAttribute Name="urn:oid:2"><saml:AttributeValue>a</saml:AttributeValue></md:RequestedAttribute>'
    )
    odd = some.replace("urn:oid:2", "urn:oid:3").replace(">a<", "><saml:NameID>a</saml:NameID><")
    service = _read(entity(role(acs(), _service("4", "S", plain, some, odd)))).attribute_services[0]
    assert service.index == 4
    assert service.attributes == (
        RequestedAttribute("urn:oid:1", "urn:f", "mail", is_required=True),
        RequestedAttribute("urn:oid:2", values=("a",)),
    )
    assert _refusal(entity(role(acs(), _service("4", "S", "<md:RequestedAttribute/>")))) == "bad_value"
    assert _refusal(entity(role(acs(), _service("4", "S", plain * 301)))) == "too_large"


def test_categories_and_the_wish_for_a_subject_id_are_attributes_of_the_entity() -> None:
    provider = _read(entity(before=category(names.CATEGORY_COCO_2, names.CATEGORY_PSEUDONYMOUS, names.CATEGORY_COCO_2)))
    assert provider.entity_categories == (names.CATEGORY_COCO_2, names.CATEGORY_PSEUDONYMOUS)
    for values, read in (("pairwise-id",), "pairwise-id"), (("any", "none"), ""), (("both",), ""), ((), ""):
        assert _read(entity(before=category(*values, name=names.SUBJECT_ID_REQ))).subject_id_req == read


def test_a_category_that_somebody_claims_elsewhere_counts_for_nothing() -> None:
    claim = category(names.CATEGORY_PERSONALIZED)
    asserted = claim.replace("<saml:Attribute ", "<saml:Assertion><saml:Attribute ").replace(
        "</saml:Attribute>", "</saml:Attribute></saml:Assertion>"
    )
    basic = claim.replace("attrname-format:uri", "attrname-format:basic")
    for data in (entity(role(claim, acs())), entity(before=asserted), entity(before=basic)):
        assert _read(data).entity_categories == ()


def test_algorithms_of_the_role_come_before_those_of_the_entity() -> None:
    def listed(*methods: str) -> str:
        inside = "".join(f'<alg:SigningMethod Algorithm="{one}"/>' for one in methods)
        return f"<md:Extensions>{inside}</md:Extensions>"

    assert _read(entity(before=listed("urn:a", "urn:b"))).signing_methods == ("urn:a", "urn:b")
    assert _read(entity(role(listed("urn:c"), acs()), before=listed("urn:a"))).signing_methods == ("urn:c",)


def test_other_facts_of_the_role() -> None:
    formats = "".join(f"<md:NameIDFormat> {one} </md:NameIDFormat>" for one in (names.TRANSIENT, names.PERSISTENT))
    about = f'protocolSupportEnumeration="{SAML2}" WantAssertionsSigned="true"'
    provider = _read(entity(role(formats, acs(), about=about)))
    assert provider.name_id_formats == (names.TRANSIENT, names.PERSISTENT)
    assert (provider.wants_assertions_signed, provider.signs_requests) == (True, False)
    assert _refusal(entity(role(about=about.replace("true", "yes")))) == "bad_value"
    assert _refusal(entity(role("<md:NameIDFormat><md:x/></md:NameIDFormat>", acs()))) == "bad_value"
    assert _refusal(entity(role(*[acs()] * 1001))) == "too_large"


def test_what_was_left_out_is_told() -> None:
    remarks: list[Remark] = []
    bare = "<md:KeyDescriptor><ds:KeyInfo><ds:KeyName>k</ds:KeyName></ds:KeyInfo></md:KeyDescriptor>"
    _read(entity(role(bare, acs())), remarks=remarks)
    assert remarks == [Remark("https://lms.example/sp", "key_without_certificate")]
