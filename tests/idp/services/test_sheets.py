"""First passwords of a class."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.core.errors import BilimError
from idp.services.rosters import Rosters
from idp.services.sheets import CONSONANTS, DIGITS, VOWELS, Sheets, first_password
from idp.store.models.people import Credential
from idp.store.session import UnitOfWork
from tests.factories.rosters import CLASSES, FakeVault, write_bundle


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
    assert 6 * math.log2(syllables) + 2 * math.log2(len(DIGITS)) >= 40
    assert not set(CONSONANTS + VOWELS + DIGITS) & set("lio01")
    made = {first_password() for _ in range(200)}
    assert len(made) == 200
    assert all(len(password) == 16 and password.count("-") == 2 for password in made)


def test_passwords_are_hashed_and_must_be_changed(sheets: Sheets, uow: UnitOfWork) -> None:
    sheet = sheets.prepare("7 Ә")
    assert [(slip.name, slip.username) for slip in sheet.slips] == [("Серікова Айгерім", "aigerim")]
    assert _stored(uow) == []
    sheets.store(sheet)
    assert _stored(uow) == [(f"argon2 of {sheet.slips[0].password}", True)]


def test_a_reprint_replaces(sheets: Sheets, uow: UnitOfWork) -> None:
    sheets.store(sheets.prepare("7 «Ә»"))
    again = sheets.prepare("7-ә")
    sheets.store(again)
    assert _stored(uow) == [(f"argon2 of {again.slips[0].password}", True)]


@pytest.mark.parametrize(
    ("key", "school", "code"),
    [("9 «Я»", "", "class_unknown"), ("7 «А»", "", "class_empty"), ("7 «Ә»", "nowhere", "school_unknown")],
)
def test_what_cannot_be_printed_is_said(sheets: Sheets, key: str, school: str, code: str) -> None:
    with pytest.raises(BilimError) as refused:
        sheets.prepare(key, school=school)
    assert refused.value.code == code


def test_an_ambiguous_title_names_the_candidates(
    sheets: Sheets, uow: UnitOfWork, clock: FixedClock, tmp_path: Path
) -> None:
    orgs = [{"sourcedId": "o", "name": "№ 5 мектеп", "type": "school", "identifier": "900005"}]
    other = [{**CLASSES[0], "sourcedId": "co", "schoolSourcedId": "o", "termSourcedIds": ""}]
    files = {"orgs": orgs, "classes": other}
    Rosters(uow, clock, FakeVault(), is_dev=True).import_path(write_bundle(tmp_path / "o", files))
    with pytest.raises(BilimError, match=r"№ 12 мектеп.*№ 5 мектеп|№ 5 мектеп.*№ 12 мектеп") as refused:
        sheets.prepare("7 «Ә»")
    assert refused.value.code == "class_ambiguous"
    with pytest.raises(BilimError) as empty:
        sheets.prepare("7 «Ә»", school="900005")
    assert empty.value.code == "class_empty"
