"""First passwords of a class."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from idp.core.clock import FixedClock
from idp.core.errors import BilimError
from idp.services.rosters import Rosters
from idp.services.sessions import Sessions
from idp.services.sheets import CONSONANTS, DIGITS, VOWELS, Sheets, first_password
from idp.store import audit
from idp.store.models.grants import Grant
from idp.store.models.people import Credential, Enrolment, Guardianship, SchoolClass
from idp.store.session import UnitOfWork
from tests.factories.rosters import CLASSES, FakeVault, write_bundle
from tests.factories.rows import BEGINNING, add_membership, add_offline_grant, add_person, add_school


@pytest.fixture
def sheets(uow: UnitOfWork, clock: FixedClock, tmp_path: Path) -> Sheets:
    """With the small bundle and a second class imported."""
    classes = [*CLASSES, {**CLASSES[0], "sourcedId": "c2", "title": "7 «А»"}]
    Rosters(uow, clock, FakeVault(), is_dev=True).import_path(write_bundle(tmp_path / "b", classes=classes))
    return Sheets(uow, clock, lambda text: f"argon2 of {text}")


def _stored(uow: UnitOfWork) -> list[tuple[str, bool]]:
    with uow.read() as tx:
        return [(row.data["hash"], row.must_change) for row in tx.connection.execute(select(Credential))]


def test_a_first_password_is_strong_enough_and_easy_to_read() -> None:
    syllables = len(CONSONANTS) * len(VOWELS)
    # Two words of three syllables, the second and third each unlike the one before.
    assert 2 * math.log2(syllables * (syllables - 1) ** 2) + 2 * math.log2(len(DIGITS)) >= 40
    assert not set(CONSONANTS + VOWELS + DIGITS) & set("lio01")
    made = {first_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 16 and password.count("-") == 2 for password in made)


def test_passwords_are_hashed_and_must_be_changed(sheets: Sheets, uow: UnitOfWork) -> None:
    sheet = sheets.of_class("7 Ә")
    assert [(slip.name, slip.username) for slip in sheet.slips] == [("Серікова Айгерім", "aigerim")]
    assert _stored(uow) == []
    sheets.store(sheet)
    assert _stored(uow) == [(f"argon2 of {sheet.slips[0].password}", True)]


def test_a_reprint_replaces(sheets: Sheets, uow: UnitOfWork) -> None:
    sheets.store(sheets.of_class("7 «Ә»"))
    again = sheets.of_class("7-ә")
    sheets.store(again)
    assert _stored(uow) == [(f"argon2 of {again.slips[0].password}", True)]


@pytest.mark.parametrize(
    ("key", "school", "code"),
    [("9 «Я»", "", "class_unknown"), ("7 «А»", "", "class_empty"), ("7 «Ә»", "nowhere", "school_unknown")],
)
def test_what_cannot_be_printed_is_said(sheets: Sheets, key: str, school: str, code: str) -> None:
    with pytest.raises(BilimError) as refused:
        sheets.of_class(key, school=school)
    assert refused.value.code == code


def test_an_ambiguous_title_names_the_candidates(
    sheets: Sheets, uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    orgs = [{"sourcedId": "o", "name": "№ 5 мектеп", "type": "school", "identifier": "900005"}]
    other = [{**CLASSES[0], "sourcedId": "co", "schoolSourcedId": "o", "termSourcedIds": ""}]
    files = {"orgs": orgs, "classes": other}
    Rosters(uow, clock, FakeVault(), is_dev=True).import_path(write_bundle(tmp_path / "o", files))
    with pytest.raises(BilimError, match=r"№ 12 мектеп.*№ 5 мектеп|№ 5 мектеп.*№ 12 мектеп") as refused:
        sheets.of_class("7 «Ә»")
    assert refused.value.code == "class_ambiguous"
    with pytest.raises(BilimError) as empty:
        sheets.of_class("7 «Ә»", school="900005")
    assert empty.value.code == "class_empty"


def test_guardians_get_their_own_sheet_and_keep_a_password_they_have(
    uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    with uow.write() as tx:
        school = add_school(tx)
        mother, teacher = add_person(tx, "gulnara", given_name="Гүлнара"), add_person(tx, "marat", given_name="Марат")
        add_membership(tx, teacher, school, "teacher")
        for number in (1, 2):
            child = add_person(tx, f"child{number}")
            row = {"id": f"c{number}", "school_id": school, "title": f"{number} «А»"}
            tx.connection.execute(insert(SchoolClass), row)
            tie = {"school_id": school, "class_id": f"c{number}", "person_id": child, "role": "pupil"}
            tx.connection.execute(insert(Enrolment), tie | {"id": f"e{number}"})
            link = {"school_id": school, "child_id": child, "guardian_id": mother, "verified_at": BEGINNING}
            tx.connection.execute(insert(Guardianship), link | {"id": f"g{number}"})
    sheets = Sheets(uow, clock, lambda text: f"argon2 of {text}")
    first = sheets.of_class("c1", who="guardians")
    assert [slip.username for slip in first.slips] == ["gulnara"]
    sheets.store(first)
    with pytest.raises(BilimError) as refused:
        sheets.of_class("c2", who="guardians")
    assert refused.value.code == "class_empty"
    assert len(sheets.of_class("c2", who="guardians", again=True).slips) == 1
    assert [slip.username for slip in sheets.of_staff(school).slips] == ["marat"]


def test_a_blocked_guardian_gets_no_password(uow: UnitOfWork, clock: FixedClock) -> None:
    with uow.write() as tx:
        school, child, father = add_school(tx), add_person(tx, "child"), add_person(tx, "father")
        tx.connection.execute(insert(SchoolClass), {"id": "c1", "school_id": school, "title": "1 «А»"})
        tie = {"id": "e1", "school_id": school, "class_id": "c1", "person_id": child, "role": "pupil"}
        tx.connection.execute(insert(Enrolment), tie)
        link = {"id": "g1", "school_id": school, "child_id": child, "guardian_id": father}
        moments = {"verified_at": BEGINNING, "blocked_at": clock.now()}
        tx.connection.execute(insert(Guardianship), link | moments)
    with pytest.raises(BilimError):
        Sheets(uow, clock, str).of_class("c1", who="guardians")


def test_a_reprint_ends_sessions_and_tells_the_clients(sheets: Sheets, uow: UnitOfWork, clock: FixedClock) -> None:
    sheets.store(sheets.of_class("7 «Ә»"))
    with uow.write() as tx:
        person = tx.connection.execute(select(Credential.person_id)).scalar_one()
        opened = Sessions(uow, clock).open(
            tx, person_id=person, acr="x", amr=("pwd",), is_shared=False, browser="Chromium"
        )
        kept = add_offline_grant(tx, person)
    sheets.store(sheets.of_class("7 «Ә»"))
    assert Sessions(uow, clock).current(opened.token) is None
    with uow.read() as tx:
        events = {event.event: event.data for event in audit.of_person(tx, person)}
        family = tx.session.get(Grant, kept)
    assert events["logout"]["reason"] == "password_reset"
    assert family is not None
    assert family.revoked_at == clock.now()
