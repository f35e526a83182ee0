"""A school's own file does no more than the hands of whoever brings it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select

from idp.core.clock import local_date
from idp.services import scope as scopes
from idp.store import directory, people
from idp.store.models.people import Guardianship, Membership, Person
from tests.factories.console import Console
from tests.factories.rosters import CLASSES, ROLES, USERS, changed, write_bundle, zipped
from tests.factories.rows import add_membership

IIN = "850525400018"


def _run(console: Console, folder: Path, name: str, **files: Any) -> Any:
    """Applied by the secretary of the school."""
    classes = changed(CLASSES, "c", termSourcedIds="")
    made = write_bundle(folder / name, {"classes": classes, "users": USERS, "roles": ROLES, **files})
    data = zipped(made, folder / f"{name}.zip").read_bytes()
    imports, secretary = console.parts.imports, console.people["secretary"]
    scope = scopes.of_actor(secretary, "secretary", (console.school,))
    console.clock.advance(minutes=1)
    upload = imports.keep(scope, secretary, console.school, "list.zip", data)
    return imports.apply(scope, secretary, console.school, upload)


def _codes(done: Any) -> set[str]:
    return {finding.code for finding in done.findings}


def test_no_file_makes_a_director_takes_a_pupil_or_asks_whose_a_number_is(console: Console, tmp_path: Path) -> None:
    vault = console.parts.iin_vault
    with console.parts.uow.write() as tx:
        for number, name in ((IIN, "other_director"), ("130517600019", "other_pupil")):
            people.set_iin(tx, [(console.people[name], vault.lookup(number), vault.seal(console.people[name], number))])
    done = _run(console, tmp_path, "a", roles=changed(ROLES, "rt", role="principal"))
    assert (done.is_refused, _codes(done)) == (True, {"role_not_yours"})
    users = changed(changed(USERS, "t", metadata_iin=IIN), "p", metadata_iin="130517600019", familyName="Жұмабаева")
    done = _run(console, tmp_path, "b", users=users)
    assert {"pupil_elsewhere", "iin_other_name", "person_of_another_school"} <= _codes(done)
    with console.parts.uow.read() as tx:
        assert (
            len(directory.held_anywhere(tx, console.people["other_pupil"], today=local_date(console.clock.now()))) == 1
        )


def test_who_works_elsewhere_stays_as_they_are_and_links_wait(console: Console, tmp_path: Path) -> None:
    vault, director = console.parts.iin_vault, console.people["other_director"]
    with console.parts.uow.write() as tx:
        people.set_iin(tx, [(director, vault.lookup(IIN), vault.seal(director, IIN))])
    users = changed(USERS, "t", metadata_iin=IIN, familyName="Омарова", givenName="Сәуле")
    assert not _run(console, tmp_path, "a", users=users).is_refused
    again = changed(users, "t", familyName="Басқа", email="thief@mail.example", enabledUser="false")
    done = _run(console, tmp_path, "b", users=again)
    assert not done.is_refused
    assert "person_of_another_school" in _codes(done)
    with console.parts.uow.read() as tx:
        row = tx.connection.execute(
            select(Person.family_name, Person.email, Person.status).where(Person.id == director)
        ).one()
        child = select(Membership.person_id).where(Membership.school_id == console.school)
        waiting = select(Guardianship.verified_at).where(
            Guardianship.child_id.in_(child), Guardianship.child_id != console.people["pupil"]
        )
        assert list(tx.connection.execute(waiting).scalars()) == [None]
    assert (row[0], row[1], row[2]) == ("Омарова", "", "active")


def test_nobody_gives_themselves_a_role_by_a_file(console: Console, tmp_path: Path) -> None:
    """As on the page: somebody else gives it. A file that says what they are already does no harm."""
    vault, secretary = console.parts.iin_vault, console.people["secretary"]
    with console.parts.uow.write() as tx:
        people.set_iin(tx, [(secretary, vault.lookup(IIN), vault.seal(secretary, IIN))])
    users = changed(USERS, "t", metadata_iin=IIN, familyName="Өтегенова", givenName="Гауһар")
    done = _run(console, tmp_path, "a", users=users)
    assert (done.is_refused, "role_not_yours" in _codes(done)) == (True, True)
    with console.parts.uow.write() as tx:
        add_membership(tx, secretary, console.school, "teacher")
    assert not _run(console, tmp_path, "b", users=users).is_refused
