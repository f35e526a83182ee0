"""The copy of everything about somebody: nothing missing, no secret in it, nobody else's reasons."""

from __future__ import annotations

import json

from sqlalchemy import update

from idp.core import levels
from idp.core.iin import masked
from idp.services.my_data import PURPOSES
from idp.store import audit, people
from idp.store.models.people import Guardianship
from idp.store.my_data import KEPT
from tests.factories.console import Console, add_guardianship

_IIN = "130517600014"


def test_the_copy_holds_everything_and_no_secret(console: Console) -> None:
    pupil, guardian = console.people["pupil"], console.people["guardian"]
    vault = console.parts.iin_vault
    console.browser("pupil")
    with console.parts.uow.write() as tx:
        people.set_iin(tx, [(pupil, vault.lookup(_IIN), vault.seal(pupil, _IIN))])
        console.add(tx, "father", "guardian", console.school)
        add_guardianship(tx, console.school, pupil, console.people["father"])
        tx.connection.execute(
            update(Guardianship).where(Guardianship.guardian_id == guardian).values(blocked_reason="court order")
        )
    own = console.parts.my_data.copy(pupil, pupil, acr=levels.MFA)
    assert set(own["tables"]) == set(KEPT)
    assert set(own["groups"]) <= set(PURPOSES)
    [person] = own["tables"]["people"]["rows"]
    assert (person["iin"], person["given_name"]) == (_IIN, "Айгерім")
    assert len(own["tables"]["sessions"]["rows"]) == 1
    assert own["names"]["classes"] == {console.klass: "7 «Ә»"}
    assert own["names"]["schools"][console.school]
    text = json.dumps(own, ensure_ascii=False)
    for secret in ("token_hash", "iin_sealed", "iin_lookup", "code_hash"):
        assert secret not in text
    of_child = console.parts.my_data.copy(console.people["father"], pupil, acr=levels.PASSWORD)
    assert of_child["tables"]["people"]["rows"][0]["iin"] == masked(_IIN)
    assert _IIN not in json.dumps(of_child)
    assert "sessions" not in of_child["tables"]
    assert len(of_child["tables"]["guardianships"]["rows"]) == 2
    assert "court order" not in json.dumps(of_child)
    assert "court order" in json.dumps(console.parts.my_data.copy(guardian, pupil, acr=levels.MFA))
    with console.parts.uow.read() as tx:
        assert audit.happened(tx, "data_copied", since=console.clock.now(), person_id=pupil, actor_id=guardian)


def test_a_blocked_guardians_own_copy_does_not_tell_where_the_child_is(console: Console) -> None:
    guardian, pupil, data = console.people["guardian"], console.people["pupil"], console.parts.my_data
    requests = console.parts.protection.requests
    requests.make(guardian, "access", about=pupil, school_id=console.school)
    before = data.copy(guardian, guardian, acr=levels.MFA)["tables"]
    assert before["guardianships"]["rows"][0]["school_id"] == console.school
    assert len(before["subject_requests"]["rows"]) == 1
    with console.parts.uow.write() as tx:
        tx.connection.execute(update(Guardianship).values(blocked_at=console.clock.now(), blocked_reason="court order"))
    after = data.copy(guardian, guardian, acr=levels.MFA)["tables"]
    assert not {"school_id", "blocked_reason"} & set(after["guardianships"]["rows"][0])
    assert (after["subject_requests"]["rows"], after["consent_records"]["rows"]) == ([], [])
