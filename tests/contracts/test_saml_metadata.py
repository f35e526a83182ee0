"""Metadata that others wrote: what imports with which facts, and what is refused for which reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from idp.saml import names
from idp.saml.entity import ServiceProvider
from idp.saml.metadata_errors import MetadataRefused, Remark
from idp.saml.sp_metadata import read_document

pytestmark = pytest.mark.external

_NOW = datetime(2026, 9, 1, tzinfo=UTC)
_BEFORE = {
    "nextcloud-user_saml-signed-sp.xml": datetime(2020, 12, 1, tzinfo=UTC),
    "onelogin-toolkit-signed-sp.xml": datetime(2015, 1, 1, tzinfo=UTC),
    "onelogin-toolkit-expired-sp.xml": datetime(2014, 2, 1, tzinfo=UTC),
    "onelogin-toolkit-noentity-sp.xml": datetime(2014, 2, 1, tzinfo=UTC),
}
"""The clock set back before `validUntil`."""
_IMPORTED = {
    "adfs-fhnw-sp.xml": (3, 0, 1, 1),
    "box-nordunet-simplesamlphp-sp.xml": (2, 1, 2, 1),
    "connect-sunet-shibboleth-sp.xml": (4, 3, 1, 1),
    "moodle-unifr-shibboleth-sp.xml": (4, 0, 1, 1),
    "sciencedata-simplesamlphp-sp.xml": (1, 1, 1, 1),
}
"""Addresses for assertions and for logout, keys to verify with and to encrypt to."""
_REFUSED = {
    "canvas-siteadmin-sp.not-wellformed.xml": "not_xml",
    "moodle-lhs-saml1only-sp.xml": "no_saml2_sp",
    "nextcloud-user_saml-signed-sp.xml": "expired",
    "onelogin-toolkit-expired-sp.xml": "expired",
    "onelogin-toolkit-noentity-sp.xml": "no_entity",
    "onelogin-toolkit-signed-sp.xml": "expired",
}


@pytest.fixture
def folder(test_data: Path) -> Path:
    return test_data / "saml-metadata"


def _read(file: Path, now: datetime = _NOW, **options: Any) -> ServiceProvider:
    (provider,) = read_document(file.read_bytes(), now=now, **options)
    return provider


def _refusal(file: Path, now: datetime = _NOW, **options: Any) -> str:
    with pytest.raises(MetadataRefused) as refused:
        read_document(file.read_bytes(), now=now, **options)
    return refused.value.code


def test_every_file_is_spoken_of(folder: Path) -> None:
    assert {file.name for file in folder.glob("*.xml")} == {*_IMPORTED, *_REFUSED, "entities-two-sps.xml"}


def test_files_import_whatever_the_dates_of_their_certificates(folder: Path) -> None:
    found = {}
    for name in _IMPORTED:
        one = _read(folder / name)
        assert ServiceProvider.from_json(one.as_json()) == one
        found[name] = (len(one.acs), len(one.slo), len(one.signing_certificates), len(one.encryption_certificates))
    assert found == _IMPORTED


def test_files_are_refused_for_the_reason_foretold(folder: Path) -> None:
    assert {name: _refusal(folder / name) for name in _REFUSED} == _REFUSED


def test_an_aggregate_of_two_gives_two(folder: Path) -> None:
    found = read_document((folder / "entities-two-sps.xml").read_bytes(), now=_NOW)
    assert [one.entity_id for one in found] == ["urn:entity1", "urn:entity2"]


def test_with_the_clock_set_back_nextcloud_imports_and_its_signature_is_good(folder: Path) -> None:
    file = folder / "nextcloud-user_saml-signed-sp.xml"
    provider = _read(file, _BEFORE[file.name])
    assert (provider.signs_requests, provider.wants_assertions_signed) == (True, True)
    assert provider.acs[0].location == "http://localhost:8080/apps/user_saml/saml/acs"
    assert _read(file, _BEFORE[file.name], certificates=provider.signing_certificates) == provider


def test_with_the_clock_set_back_sha_1_is_the_reason(folder: Path) -> None:
    file = folder / "onelogin-toolkit-signed-sp.xml"
    assert _refusal(file, _BEFORE[file.name]) == "legacy_signature"


def test_with_the_clock_set_back_the_unsigned_one_imports_where_plain_http_is_taken(folder: Path) -> None:
    """Its addresses are `http://stuff.com/…`: whoever imports must say that assertions may travel so."""
    file = folder / "onelogin-toolkit-expired-sp.xml"
    remarks: list[Remark] = []
    provider = _read(file, _BEFORE[file.name], plain_http=True, remarks=remarks)
    assert provider.acs[0].location == "http://stuff.com/endpoints/endpoints/acs.php"
    assert [one.code for one in remarks] == ["key_unusable", "key_unusable"]
    assert _refusal(file, _BEFORE[file.name]) == "bad_endpoint"
    assert _refusal(folder / "onelogin-toolkit-noentity-sp.xml", _BEFORE[file.name]) == "no_entity"


def test_what_the_products_ask_for_is_read(folder: Path) -> None:
    box = _read(folder / "box-nordunet-simplesamlphp-sp.xml")
    assert box.entity_categories == (names.CATEGORY_RS, names.CATEGORY_COCO_1, names.CATEGORY_COCO_2)
    science = _read(folder / "sciencedata-simplesamlphp-sp.xml")
    assert science.names == {"da": "sciencedata.dk", "en": "sciencedata.dk"}
    assert science.information_urls == {"en": "https://sciencedata.dk/"}
    moodle = _read(folder / "moodle-unifr-shibboleth-sp.xml")
    assert [one.binding for one in moodle.acs] == [
        names.POST, names.SIMPLE_SIGN, names.ARTIFACT, names.PAOS_BINDING,
    ]  # fmt: skip
    assert len(moodle.attribute_services[0].attributes) == 7
    assert all(one.name.startswith("urn:oid:") for one in moodle.attribute_services[0].attributes)
