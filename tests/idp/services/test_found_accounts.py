"""An account that was somebody's before a school knew them: no ИИН and no list hands it to the school."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from idp.core.clock import local_date
from idp.core.errors import Denied
from idp.core.scope import Scope
from idp.services import found_accounts
from idp.store import credentials, people
from idp.store.models.audit import AuditEvent
from idp.store.models.people import Membership, Person
from tests.factories.console import Console
from tests.factories.rosters import CLASSES, ROLES, USERS, changed, write_bundle, zipped
from tests.factories.rows import add_membership, add_person
from tests.idp.services.test_guardian_desk import IIN, MOTHER
from tests.idp.services.test_rank import actor


def _mother(console: Console, *, has_password: bool = True) -> str:
    """Somebody at no school, known by ИИН, who signs in by themselves."""
    vault, now = console.parts.iin_vault, console.clock.now()
    with console.parts.uow.write() as tx:
        mother = console.people["mother"] = add_person(tx, "mother", family_name="Серікова", given_name="Мәдина")
        nowhere = add_membership(tx, mother, console.school, "guardian")
        tx.connection.execute(update(Membership).where(Membership.id == nowhere).values(school_id=None))
        people.set_iin(tx, [(mother, vault.lookup(IIN), vault.seal(mother, IIN))])
        if has_password:
            credentials.replace(tx, "password", [(mother, {"hash": "x"})], must_change=False, now=now)
    console.clock.advance(minutes=1)
    return mother


def _refused(console: Console, person: str) -> str:
    """Why the secretary may not make a new password; empty when they may."""
    scope = Scope(console.people["secretary"], "secretary", (console.school,))
    try:
        console.parts.person_edits.check_may_reset(actor(console, "secretary"), scope, person)
    except Denied as error:
        return error.code
    return ""


def test_who_is_linked_at_the_desk_by_their_number_keeps_their_account(console: Console) -> None:
    parts, mother = console.parts, _mother(console)
    scope = Scope(console.people["secretary"], "secretary", (console.school,))
    assert parts.guardian_desk.link(scope, console.school, console.people["pupil"], MOTHER).person_id == mother
    assert _refused(console, mother) == "account_of_person"
    secretary = actor(console, "secretary")
    form = {"family_name": "Басқа", "given_name": "Басқа", "email": "x@mail.example", "language": "kk"}
    for act in (
        lambda: parts.person_edits.change(secretary, scope, mother, form),
        lambda: parts.person_edits.end_sessions(secretary, scope, mother),
        lambda: parts.merging.merge(actor(console, "director"), scope, console.people["guardian"], mother),
    ):
        with pytest.raises(Denied) as caught:
            act()
        assert caught.value.code == "account_of_person"
    parts.person_edits.add_membership(secretary, scope, mother, "staff")
    assert _refused(console, mother) == "account_of_person", "a role given to them changes nothing"

    (slip,) = parts.guardian_codes.make(scope, console.school, console.klass).slips[:1]
    born = local_date(console.clock.now()).replace(2013, 5, 17)
    parts.guardian_codes.redeem(mother, slip.code, born, "parent", place="home")
    assert _refused(console, mother) == "", "they asked this school themselves"
    with parts.uow.read() as tx:
        events = list(tx.connection.execute(select(AuditEvent.event).where(AuditEvent.person_id == mother)).scalars())
    assert events.count("account_found") == 1


def test_an_account_that_the_desk_made_or_nobody_used_is_helped(console: Console) -> None:
    desk, scope = console.parts.guardian_desk, Scope(console.people["secretary"], "secretary", (console.school,))
    unused = _mother(console, has_password=False)
    assert desk.link(scope, console.school, console.people["pupil"], MOTHER).person_id == unused
    assert _refused(console, unused) == ""
    made = desk.link(scope, console.school, console.people["pupil"], replace(MOTHER, iin="", given_name="Әсем"))
    console.parts.guardian_links.end(scope, made.link_id, school_id=console.school, reason="Қате болды")
    again = replace(MOTHER, iin="", username=made.username, given_name="Әсем")
    desk.link(scope, console.school, console.people["pupil"], again)
    assert _refused(console, made.person_id) == "", "whom the school had before is no stranger"


def test_no_list_takes_an_account_or_its_address(console: Console, tmp_path: Path) -> None:
    imports, mother = console.parts.imports, _mother(console)
    secretary = console.people["secretary"]
    scope = Scope(secretary, "secretary", (console.school,))

    def bring(name: str, **cells: str) -> set[str]:
        files = {
            "classes": changed(CLASSES, "c", termSourcedIds=""),
            "users": changed(USERS, "g", metadata_iin=IIN, **cells), "roles": ROLES,
        }  # fmt: skip
        data = zipped(write_bundle(tmp_path / name, files), tmp_path / f"{name}.zip").read_bytes()
        console.clock.advance(minutes=1)
        done = imports.apply(
            scope, secretary, console.school, imports.keep(scope, secretary, console.school, "a.zip", data)
        )
        assert not done.is_refused
        return {finding.code for finding in done.findings}

    bring("a")
    with console.parts.uow.read() as tx:
        assert found_accounts.is_found(tx, mother, console.school)
        link = next(
            one.id for one in console.parts.guardian_links.of_person(scope, mother) if one.guardian_id == mother
        )
    console.parts.guardian_links.confirm(scope, link, school_id=console.school)
    assert _refused(console, mother) == "account_of_person"
    assert "account_in_use" in bring("b", email="thief@mail.example", givenName="Басқа")
    with console.parts.uow.read() as tx:
        assert tx.connection.execute(select(Person.email).where(Person.id == mother)).scalar_one() == ""


def test_a_child_is_looked_after_by_the_school_that_has_them_now(console: Console) -> None:
    now = console.clock.now()
    with console.parts.uow.write() as tx:
        for name, born in (("child", date(2013, 5, 17)), ("grown", date(2008, 5, 17)), ("undated", None)):
            console.add(tx, name, "pupil", console.other, birth_date=born)
            credentials.replace(tx, "password", [(console.people[name], {"hash": "x"})], must_change=False, now=now)
        here, names = Scope("", "secretary", (console.school,)), ("child", "grown", "undated")
        ids = [console.people[name] for name in names]
        found_accounts.note(tx, here, ids, console.school, actor_id="x", by="list", now=now)
        assert found_accounts.found_at(tx, ids, console.school) == set(ids[1:])
        assert found_accounts.found_at(tx, ids, console.other) == set()
