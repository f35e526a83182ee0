"""eds/holder: one certificate names one person, in one way of writing."""

from __future__ import annotations

import pytest

from idp.cli.dev.nca import der as write
from idp.eds.errors import WrongHolder
from idp.eds.holder import Holder, read_holder
from idp.eds.signed_by import Names

_CN, _SURNAME, _SERIAL, _O, _OU, _GIVEN = "2.5.4.3", "2.5.4.4", "2.5.4.5", "2.5.4.10", "2.5.4.11", "2.5.4.42"
_PERSON = [(_CN, "СЕРІКОВА ГҮЛНАРА"), (_SURNAME, "СЕРІКОВА"), (_SERIAL, "IIN850525400018"), (_GIVEN, "БОЛАТҚЫЗЫ")]
_SCHOOL = [(_O, "№ 12 мектеп"), (_OU, "BIN140240000018")]


def _subject(*attributes: tuple[str, str]) -> bytes:
    return write.sequence(
        *(write.set_of([write.sequence(write.oid(oid), write.text(text))]) for oid, text in attributes)
    )


def test_a_person_is_read_in_any_order() -> None:
    expected = Holder(Names("СЕРІКОВА ГҮЛНАРА", "СЕРІКОВА", "ГҮЛНАРА", "БОЛАТҚЫЗЫ"), "", "850525400018", "")
    assert read_holder(_subject(*_PERSON)) == expected
    assert read_holder(_subject(*reversed(_PERSON), ("2.5.4.6", "KZ"))) == expected


def test_an_organisation_stands_beside_the_person() -> None:
    holder = read_holder(_subject(*_PERSON, *_SCHOOL))
    assert (holder.organisation, holder.iin, holder.bin) == ("№ 12 мектеп", "850525400018", "140240000018")


def test_attributes_in_one_relative_name_count_like_any_others() -> None:
    pair = [write.sequence(write.oid(_SERIAL), write.text(f"IIN85052540001{digit}")) for digit in "89"]
    with pytest.raises(WrongHolder):
        read_holder(write.sequence(write.set_of(pair)))


@pytest.mark.parametrize("attribute", [*_PERSON, _SCHOOL[0]], ids=lambda pair: pair[0])
def test_no_attribute_that_names_somebody_occurs_twice(attribute: tuple[str, str]) -> None:
    with pytest.raises(WrongHolder):
        read_holder(_subject(*_PERSON, *_SCHOOL, attribute))


@pytest.mark.parametrize(
    "serial",
    [
        "IIN85052540001",
        "IIN8505254000181",
        "IIN 850525400018",
        "IIN-850525400018",
        "IIN٨٥٠٥٢٥٤٠٠٠١٨",
        "IIN85052540001８",
        "IIN85052540001O",
        "IIN85052540001З",
        "IIN850525400018 IIN831010300019",
        "IIN",
        "BIN14024000001",
    ],
)
def test_a_number_is_twelve_ascii_digits(serial: str) -> None:
    with pytest.raises(WrongHolder):
        read_holder(_subject((_CN, "СЕРІКОВА ГҮЛНАРА"), (_SERIAL, serial)))


@pytest.mark.parametrize("serial", ["", "850525400018", "iin850525400018", "ІІN850525400018", "IDC850525400018"])
def test_what_is_not_marked_as_iin_is_none(serial: str) -> None:
    """Cyrillic І included: the holder has no ИИН then, and whoever asks for a person refuses."""
    assert read_holder(_subject((_CN, "СЕРІКОВА ГҮЛНАРА"), (_SERIAL, serial))).iin == ""


def test_an_organisation_s_own_certificate_may_have_its_number_as_serial() -> None:
    assert read_holder(_subject((_SERIAL, "BIN140240000018"), *_SCHOOL)).bin == "140240000018"
    with pytest.raises(WrongHolder):
        read_holder(_subject((_SERIAL, "BIN150340000019"), *_SCHOOL))


@pytest.mark.parametrize("unit", ["BIN150340000019", "BIN14024000001٨", "IIN850525400018", "IIN831010300019"])
def test_a_second_unit_may_not_name_another_organisation_nor_a_person(unit: str) -> None:
    with pytest.raises(WrongHolder):
        read_holder(_subject(*_PERSON, *_SCHOOL, (_OU, unit)))


def test_a_unit_that_is_a_department_is_no_number() -> None:
    assert read_holder(_subject(*_PERSON, (_OU, "Бухгалтерия"), *_SCHOOL)).bin == "140240000018"


@pytest.mark.parametrize(
    ("common_name", "family_name", "middle_name", "given_name"),
    [
        ("СЕРІКОВА ГҮЛНАРА", "СЕРІКОВА", "", "ГҮЛНАРА"),
        ("Серікова  ГҮЛНАРА ", "СЕРІКОВА", "", "ГҮЛНАРА"),
        ("ГҮЛНАРА СЕРІКОВА", "СЕРІКОВА", "", "ГҮЛНАРА"),
        ("СЕРІКОВА ГҮЛНАРА БОЛАТҚЫЗЫ", "СЕРІКОВА", "БОЛАТҚЫЗЫ", "ГҮЛНАРА"),
        ("ӘЛИ ӘЛИ", "ӘЛИ", "", "ӘЛИ"),
        ("ВАН ДЕР БЕРГ АННА МАРИЯ", "ВАН ДЕР БЕРГ", "", "АННА МАРИЯ"),
        ("СЕРІК", "СЕРІК", "", ""),
        ("ГҮЛНАРА", "", "", "ГҮЛНАРА"),
        ("СЕРІКОВАГҮЛНАРА", "СЕРІКОВА", "", "СЕРІКОВАГҮЛНАРА"),
        ("", "СЕРІКОВА", "", ""),
        ("ИС «Тест»", "", "", "ИС «Тест»"),
    ],
)
def test_the_given_name_is_what_is_left(common_name: str, family_name: str, middle_name: str, given_name: str) -> None:
    found = [(_CN, common_name), (_SURNAME, family_name), (_GIVEN, middle_name)]
    names = read_holder(_subject(*(pair for pair in found if pair[1]))).names
    assert names.given_name == given_name
