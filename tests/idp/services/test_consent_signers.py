"""services/consent_signers: what somebody is at a school, and when that ends."""

from __future__ import annotations

from datetime import date

import pytest

from idp.core.errors import Conflict, NotFound
from idp.services import consent_signers
from idp.store import consent_people
from tests.factories.consent_ground import ConsentGround
from tests.factories.rows import add_membership, add_person

TODAY = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("ends", "leaves_on"),
    [
        ([None], None),
        ([date(2027, 6, 1)], date(2027, 6, 1)),
        ([date(2027, 6, 1), None], None),
        ([None, date(2027, 6, 1)], None),
        ([date(2027, 1, 1), date(2027, 6, 1)], date(2027, 6, 1)),
    ],
)
def test_the_longest_role_says_when_a_school_is_left(
    consent_ground: ConsentGround, ends: list[date | None], leaves_on: date | None
) -> None:
    with consent_ground.parts.uow.write() as tx:
        person_id = add_person(tx, "two", family_name="Ә", given_name="Б")
        for role, end in zip(("teacher", "deputy"), ends, strict=False):
            add_membership(tx, person_id, consent_ground.school, role, end=end)
        found = consent_signers.standing(tx, person_id, consent_ground.school, today=TODAY)
        assert (found.leaves_on, found.is_pupil, found.is_adult) == (leaves_on, False, True)
        with pytest.raises(NotFound):
            consent_signers.standing(tx, person_id, consent_ground.other, today=TODAY)


def test_a_pupil_without_a_birthday_counts_as_a_child_and_nobody_without_a_name_consents(
    consent_ground: ConsentGround,
) -> None:
    with consent_ground.parts.uow.write() as tx:
        person_id = add_person(tx, "unknown")
        add_membership(tx, person_id, consent_ground.school, "pupil")
        found = consent_signers.standing(tx, person_id, consent_ground.school, today=TODAY)
        assert (found.is_adult, found.acknowledges) == (False, False)
        with pytest.raises(Conflict):
            consent_signers.check_nameable(found)
        guardian = consent_people.subject(tx, consent_ground.people["gulnara"])
        assert guardian is not None
        assert consent_signers.standings(tx, guardian, today=TODAY) == []
