"""services/eds_names: names of certificates, and what is offered when they changed."""

from __future__ import annotations

from idp.eds.signed_by import Evidence, Names, SignedBy, StatusProof
from idp.services.eds_names import EdsNames, NameOffer, names_of
from idp.store.account import Named
from tests.factories.citizens import Citizens
from tests.factories.rows import BEGINNING


def _signed(*names: str) -> SignedBy:
    status = StatusProof("ocsp", BEGINNING, None)
    evidence = Evidence(b"cms", (b"der",), status, None, BEGINNING)
    return SignedBy("850525400018", "", Names(*names), "", frozenset(), "file", "gost2015", False, evidence)


def _offers(citizens: Citizens) -> EdsNames:
    return EdsNames(citizens.parts.uow, citizens.clock)


def _named(citizens: Citizens, person: str) -> Named:
    found = citizens.parts.credentials.person(person)
    assert found is not None
    return found


def test_names_are_written_as_people_write_them() -> None:
    names = names_of(_signed("ӘБДІҚАДЫР-БЕК ӘСЕЛ", "ӘБДІҚАДЫР-БЕК", "ӘСЕЛ", ""))
    assert names == {"family_name": "Әбдіқадыр-Бек", "given_name": "Әсел", "middle_name": ""}


def test_somebody_with_one_name_only_has_that() -> None:
    assert names_of(_signed("СУХАРТО", "", "", ""))["given_name"] == "Сухарто"


def test_the_same_name_in_capitals_is_no_change(citizens: Citizens) -> None:
    person = citizens.person()
    citizens.sign_in(citizens.key())
    assert _offers(citizens).offer(_named(citizens, person)) is None


def test_a_changed_name_is_offered_and_taken(citizens: Citizens) -> None:
    person = citizens.person()
    school = citizens.school()
    citizens.membership(person, school, "guardian")
    citizens.sign_in(citizens.key(family_name="АХМЕТОВА"))
    offers = _offers(citizens)
    assert _named(citizens, person).family_name == "Серікова"
    assert offers.offer(_named(citizens, person)) == NameOffer(
        "Серікова Гүлнара Болатқызы", "Ахметова Гүлнара Болатқызы"
    )
    before = citizens.everybody()[0].sort_key
    offers.answer(person, take=True)
    assert _named(citizens, person).name == "Ахметова Гүлнара Болатқызы"
    (row,) = citizens.everybody()
    assert row.sort_key != before
    assert "ахметова" in row.search_key
    assert citizens.changes() == [("people", "changed", school)]
    assert citizens.events("names_taken") == [{}]
    assert offers.offer(_named(citizens, person)) is None
    offers.answer(person, take=True)
    assert len(citizens.events("names_taken")) == 1


def test_a_kept_name_is_not_asked_about_again_until_it_changes_again(citizens: Citizens) -> None:
    person = citizens.person()
    citizens.sign_in(citizens.key(family_name="АХМЕТОВА"))
    offers = _offers(citizens)
    offers.answer(person, take=False)
    citizens.sign_in(citizens.key(family_name="АХМЕТОВА"))
    assert offers.offer(_named(citizens, person)) is None
    citizens.sign_in(citizens.key(family_name="ОМАРОВА"))
    assert offers.offer(_named(citizens, person)) is not None
    assert not citizens.events("names_taken")


def test_a_part_that_the_certificate_leaves_out_stays(citizens: Citizens) -> None:
    person = citizens.person()
    citizens.sign_in(citizens.key(middle_name=""))
    assert _offers(citizens).offer(_named(citizens, person)) is None


def test_who_never_signed_is_offered_nothing(citizens: Citizens) -> None:
    person = citizens.person()
    _offers(citizens).answer(person, take=True)
    assert _offers(citizens).offer(_named(citizens, person)) is None
