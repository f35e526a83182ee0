"""A document: its signature, its expiry, its entities."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from idp.saml.entity import ServiceProvider
from idp.saml.metadata_errors import MetadataRefused, Remark
from idp.saml.names import MD, q
from idp.saml.sp_metadata import read_document
from idp.xml.parser import Element
from tests.factories.saml_metadata import NOW, acs, category, change, credential, entity, group, idp, key, role, signed
from tests.vectors import saml_wrapping

_PINNED = credential(0)
_OTHER = credential(1)


def _refusal(data: bytes, **options: Any) -> str:
    with pytest.raises(MetadataRefused) as refused:
        read_document(data, now=NOW, **options)
    return refused.value.code


def _read(data: bytes, **options: Any) -> list[ServiceProvider]:
    return read_document(data, now=NOW, **options)


def test_a_document_is_one_entity_or_a_group() -> None:
    other = entity(entity_id="urn:two")
    assert [one.entity_id for one in _read(entity())] == ["https://lms.example/sp"]
    nested = group(entity(), group(other, about=""), idp())
    assert [one.entity_id for one in _read(nested)] == ["https://lms.example/sp", "urn:two"]
    assert {one.valid_until for one in _read(nested)} == {NOW.replace(day=8)}


def test_28_no_dtd_no_entity_no_size_beyond_reason() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    for spoilt in (bomb + entity(), b"<a>", b"", b"\x00", entity()[:-5]):
        assert _refusal(spoilt) == "not_xml"
    assert _refusal(entity() + b" " * (4 * 1024 * 1024)) == "too_large"
    assert _refusal(entity().replace(b"md:EntityDescriptor", b"md:EntityDescriptor2")) == "no_entity"


def test_33_a_signature_is_demanded_when_a_key_is_pinned() -> None:
    """Import never switches validation off (CVE-2026-16443)."""
    assert _read(signed(entity()), certificates=[_OTHER.certificate, _PINNED.certificate])
    assert _read(signed(group(entity())), certificates=[_PINNED.certificate])
    assert _refusal(entity(), certificates=[_PINNED.certificate]) == "unsigned"
    assert _refusal(signed(entity(), _OTHER), certificates=[_PINNED.certificate]) == "bad_signature"


def test_a_signature_that_nobody_asked_for_must_be_intact_all_the_same() -> None:
    good = signed(entity())
    assert _read(good)
    assert _refusal(good.replace(b"https://lms.example/acs", b"https://bad.example/acs")) == "bad_signature"
    assert _refusal(group(good)) == "bad_signature"
    without = good[: good.index(b"<ds:KeyInfo")] + good[good.index(b"</ds:KeyInfo>") + 13 :]
    assert _refusal(without) == "bad_signature"


def test_an_expired_document_is_refused_whoever_signed_it() -> None:
    late = signed(entity(about='validUntil="2026-09-01T03:00:00Z"'))
    assert _refusal(late, certificates=[_PINNED.certificate]) == "expired"
    assert _refusal(group(entity(), about='validUntil="2026-08-31T00:00:00Z"')) == "expired"


def test_a_bad_entity_of_a_group_is_left_out_and_told() -> None:
    remarks: list[Remark] = []
    bad = entity(role(acs("javascript:alert(1)")), entity_id="urn:bad")
    late = group(entity(entity_id="urn:late"), about='validUntil="2026-08-31T00:00:00Z"')
    assert [one.entity_id for one in _read(group(bad, entity(), late), remarks=remarks)] == ["https://lms.example/sp"]
    assert remarks == [Remark("urn:bad", "bad_endpoint"), Remark("urn:late", "expired")]
    assert _refusal(group(bad)) == "bad_endpoint"
    assert _refusal(group(idp())) == "no_saml2_sp"
    assert _refusal(group()) == "no_saml2_sp"


def test_one_entity_id_twice_refuses_the_document() -> None:
    assert (
        _refusal(group(entity(), group(entity(role(acs("https://other.example/acs"))), about=""))) == "duplicate_entity"
    )


def test_an_entity_inside_extensions_is_nobodys() -> None:
    hidden = entity(entity_id="urn:hidden").decode()
    outer = entity(before=f"<md:Extensions>{hidden}</md:Extensions>")
    assert [one.entity_id for one in _read(group(outer))] == ["https://lms.example/sp"]


@pytest.mark.parametrize("shape", saml_wrapping.SHAPES)
@pytest.mark.parametrize("half", [saml_wrapping.another_id, saml_wrapping.same_id, saml_wrapping.no_id])
def test_29_no_wrapping_puts_an_address_into_signed_metadata(shape: str, half: saml_wrapping.Forge) -> None:
    def forge(element: Element) -> None:
        half(element)
        for one in element.iter(q(MD, "AssertionConsumerService")):
            one.set("Location", "https://evil.example/acs")

    for good in (signed(entity()), signed(group(entity()))):
        evil = saml_wrapping.SHAPES[shape](good, forge)
        for pinned in ([_PINNED.certificate], []):
            assert _refusal(evil, certificates=pinned) in ("bad_signature", "no_entity")


def test_29_changed_octets_of_signed_metadata_are_refused_or_change_nothing(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    data = signed(entity(role(key(_OTHER.certificate), acs()), before=category("urn:c")))
    right = _read(data, certificates=[_PINNED.certificate])
    chance = random.Random(29)
    times = effort(300, 5000)
    refused = 0
    for _ in range(times):
        try:
            assert _read(change(data, chance), certificates=[_PINNED.certificate]) == right
        except MetadataRefused:
            refused += 1
    counted("changed octets of signed metadata", times)
    assert refused > times // 2
