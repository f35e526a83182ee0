"""The table of rights is closed by default and names only what exists."""

from __future__ import annotations

from idp.core import levels
from idp.services.rights import ALL, CLASS, RIGHTS, SCHOOL
from idp.store.models.people import ROLES


def test_rights_name_known_roles_reaches_and_levels() -> None:
    for name, right in RIGHTS.items():
        assert set(right.reach) <= set(ROLES), name
        assert set(right.reach.values()) <= {ALL, SCHOOL, CLASS}, name
        assert levels.rank(right.acr) >= levels.rank(levels.PASSWORD), name


def test_pupils_and_guardians_hold_nothing_in_the_console() -> None:
    assert not [name for name, right in RIGHTS.items() if {"pupil", "guardian"} & set(right.reach)]


def test_an_authority_sees_numbers_and_schools_and_never_a_childs_row() -> None:
    seen = {name for name, right in RIGHTS.items() if "official" in right.reach}
    assert not {name for name in seen if name.startswith(("people.", "guardians.", "cards.", "consents.", "audit."))}
