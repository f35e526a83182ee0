"""A federation's aggregate: all of it or nothing, and one bad entity costs no other."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from idp.saml.aggregate import Summary, read_aggregate
from idp.saml.entity import ServiceProvider
from idp.saml.metadata_errors import MetadataRefused
from idp.saml.names import MD, q
from idp.xml.parser import Element
from tests.factories.saml_metadata import NOW, acs, change, credential, entity, group, idp, role, signed
from tests.vectors import saml_wrapping

_PINNED = credential(0)
_VALID = 'validUntil="2026-09-08T03:00:00Z"'


def _read(data: bytes, **options: Any) -> tuple[Summary, list[ServiceProvider]]:
    found: list[ServiceProvider] = []
    chosen: dict[str, Any] = {"now": NOW, "certificates": [_PINNED.certificate]} | options
    return read_aggregate(io.BytesIO(data), on_provider=found.append, **chosen), found


def _refusal(data: bytes, **options: Any) -> str:
    with pytest.raises(MetadataRefused) as refused:
        _read(data, **options)
    return refused.value.code


def test_service_providers_are_handed_over_and_identity_providers_passed_by() -> None:
    late = group(entity(entity_id="urn:late"), about='validUntil="2026-08-31T00:00:00Z"')
    soon = group(entity(entity_id="urn:soon"), about='validUntil="2026-09-02T00:00:00Z"')
    bad = entity(role(acs("javascript:alert(1)")), entity_id="urn:bad")
    plain_http = entity(role(acs("http://lms.example/acs")), entity_id="urn:plain")
    data = signed(group(entity(), idp(), bad, plain_http, late, soon, entity(entity_id="urn:last")))
    summary, found = _read(data)
    assert [one.entity_id for one in found] == ["https://lms.example/sp", "urn:soon", "urn:last"]
    assert [one.valid_until.day for one in found if one.valid_until] == [8, 2, 8]
    assert summary == Summary(3, Counter(bad_endpoint=2, expired=1), NOW.replace(day=8), "urn:fed")


def test_of_two_with_one_entity_id_the_first_counts() -> None:
    twin = group(entity(role(acs("https://other.example/acs"))), about="")
    summary, found = _read(signed(group(entity(), twin)))
    assert [one.acs[0].location for one in found] == ["https://lms.example/acs"]
    assert summary.skipped == Counter(duplicate_entity=1)


def test_29_an_aggregate_is_refused_as_a_whole() -> None:
    good = signed(group(entity(), idp()))
    assert _refusal(good, certificates=[credential(1).certificate]) == "bad_signature"
    assert _refusal(good.replace(b"lms.example/acs", b"bad.example/acs")) == "bad_signature"
    assert _refusal(good.replace(b"urn:fed", b"urn:fee")) == "bad_signature"
    assert _refusal(good.replace(b"other.example/idp", b"other.example/sp_")) == "bad_signature"
    assert _refusal(good.replace(b"xmldsig-more#rsa-sha256", b"xmldsig#rsa-sha1")) == "legacy_signature"


@pytest.mark.parametrize("shape", saml_wrapping.SHAPES)
@pytest.mark.parametrize("half", [saml_wrapping.another_id, saml_wrapping.same_id, saml_wrapping.no_id])
def test_29_no_wrapping_puts_an_address_into_an_aggregate(shape: str, half: saml_wrapping.Forge) -> None:
    """What stands first may have been handed over by then; nothing says that it may be kept."""

    def forge(element: Element) -> None:
        half(element)
        for one in element.iter(q(MD, "AssertionConsumerService")):
            one.set("Location", "https://evil.example/acs")

    evil = saml_wrapping.SHAPES[shape](signed(group(entity())), forge)
    assert _refusal(evil) in ("bad_signature", "unsigned", "no_entity")


def test_29_changed_octets_of_an_aggregate_are_refused_or_change_nothing(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    data = signed(group(entity(), idp(), entity(entity_id="urn:two")))
    right = _read(data)
    chance = random.Random(29)
    times = effort(200, 3000)
    for _ in range(times):
        try:
            assert _read(change(data, chance)) == right
        except MetadataRefused:
            continue
    counted("changed octets of a signed aggregate", times)


def test_33_there_is_no_way_to_take_an_unsigned_one() -> None:
    assert _refusal(group(entity())) == "unsigned"
    assert _refusal(signed(group(entity())), certificates=[]) == "unsigned"
    assert _refusal(group(signed(entity()))) == "unsigned"


def test_an_aggregate_says_until_when_it_is_valid() -> None:
    assert _refusal(signed(group(entity(), about=""))) == "no_validity"
    assert _refusal(signed(group(entity(), about='validUntil="2026-09-01T03:00:00Z"'))) == "expired"
    assert _refusal(signed(entity(about=_VALID))) == "no_entity"


def test_28_no_dtd_and_no_size_beyond_reason() -> None:
    good = signed(group(entity()))
    assert _refusal(b'<!DOCTYPE x [<!ENTITY a "a">]>' + good) == "not_xml"
    assert _refusal(good[:-20]) == "not_xml"
    assert _refusal(b"") == "not_xml"
    assert _refusal(good, max_bytes=1000) == "too_large"
