"""The attributes under the names that products know."""

from __future__ import annotations

from idp.saml.attributes import CATALOGUE, named


def test_every_attribute_has_a_name_of_its_own_on_the_wire() -> None:
    assert len({one.uri for one in CATALOGUE.values()}) == len(CATALOGUE)
    assert all(one.uri.startswith(("urn:oid:", "urn:oasis:", "urn:bilim:")) for one in CATALOGUE.values())
    assert all(one.claim for one in CATALOGUE.values())


def test_the_registered_ones_have_the_names_that_products_know() -> None:
    known = {
        "eduPersonPrincipalName": "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
        "eduPersonScopedAffiliation": "urn:oid:1.3.6.1.4.1.5923.1.1.1.9",
        "eduPersonTargetedID": "urn:oid:1.3.6.1.4.1.5923.1.1.1.10",
        "eduPersonAssurance": "urn:oid:1.3.6.1.4.1.5923.1.1.1.11",
        "schacHomeOrganization": "urn:oid:1.3.6.1.4.1.25178.1.2.9",
        "schacDateOfBirth": "urn:oid:1.3.6.1.4.1.25178.1.2.3",
        "isMemberOf": "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
        "displayName": "urn:oid:2.16.840.1.113730.3.1.241",
        "mail": "urn:oid:0.9.2342.19200300.100.1.3",
        "uid": "urn:oid:0.9.2342.19200300.100.1.1",
        "sn": "urn:oid:2.5.4.4",
    }
    assert {name: CATALOGUE[name].uri for name in known} == known


def test_the_subject_identifiers_have_no_short_name() -> None:
    assert CATALOGUE["pairwise-id"].basic_name == "urn:oasis:names:tc:SAML:attribute:pairwise-id"
    assert CATALOGUE["mail"].basic_name == "mail"


def test_metadata_may_ask_by_uri_by_short_name_and_by_the_name_of_saml_1() -> None:
    for asked in ("urn:oid:0.9.2342.19200300.100.1.3", "mail", "urn:mace:dir:attribute-def:mail"):
        assert named(asked) == "mail"
    assert named("urn:oid:1.2.3") == ""


def test_the_national_number_has_no_name_here() -> None:
    assert not [name for name in CATALOGUE if "iin" in name.lower() or "Personal" in name]
