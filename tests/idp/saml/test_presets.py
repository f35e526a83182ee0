"""Well-known products are set up as their documentation wants it."""

from __future__ import annotations

import pytest

from idp.saml import names
from idp.saml.attributes import CATALOGUE
from idp.saml.entity import Settings
from idp.saml.name_id import FORMATS, choose
from idp.saml.presets import PRESETS
from tests.factories.saml_answers import Answering, Record


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_complete_and_comes_back_from_where_it_is_kept(name: str) -> None:
    preset = PRESETS[name]
    assert set(preset.attributes) <= set(CATALOGUE)
    assert set(preset.settings.renamed) <= set(CATALOGUE)
    assert preset.settings.name_id in {"", *FORMATS}
    assert Settings.from_json(preset.settings.as_json()) == preset.settings
    assert not preset.settings.idp_initiated
    assert choose(None, Record(settings=preset.settings, approved_attributes=preset.attributes))


def test_the_products_of_the_issue_are_there() -> None:
    assert set(PRESETS) == {
        "moodle", "canvas", "openedx", "nextcloud", "google", "entra", "simplesamlphp", "shibboleth", "lms",
    }  # fmt: skip


def _sent(name: str) -> dict[str, tuple[object, ...]]:
    preset = PRESETS[name]
    answering = Answering(Record(settings=preset.settings, approved_attributes=preset.attributes))
    return {one.wire_name: one.values for one in answering.released()}


def test_moodle_finds_the_username_under_its_default_name_and_groups_by_affiliation() -> None:
    sent = _sent("moodle")
    assert sent["uid"] == ("aigerim.serikova",)
    assert "student" in sent["eduPersonAffiliation"]


def test_open_edx_finds_its_default_oids() -> None:
    assert set(_sent("openedx")) >= {
        "urn:oid:0.9.2342.19200300.100.1.1",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "urn:oid:2.5.4.3",
        "urn:oid:2.5.4.4",
        "urn:oid:2.5.4.42",
    }


def test_google_gets_the_address_as_name_identifier_and_nothing_else() -> None:
    preset = PRESETS["google"]
    assert choose(None, Record(settings=preset.settings)) == names.EMAIL
    assert _sent("google") == {}


def test_entra_gets_an_immutable_id_of_at_most_64_letters_and_the_principal_name() -> None:
    preset = PRESETS["entra"]
    answering = Answering(Record(settings=preset.settings, approved_attributes=preset.attributes))
    name_id = answering.name_id()
    assert name_id is not None
    assert name_id.format == names.PERSISTENT
    assert name_id.value.isalnum()
    assert len(name_id.value) <= 64
    assert _sent("entra") == {"IDPEmail": ("aigerim.serikova@school.example",)}
