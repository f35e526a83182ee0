"""Changes to one person in the console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from idp.app import create_app
from idp.core.clock import FixedClock, local_date
from idp.core.errors import Conflict, Denied, NotFound
from idp.core.scope import Scope
from idp.services.person_form import Mistakes
from idp.settings import Settings
from idp.store import credentials, people
from idp.store.models.audit import AuditEvent, Change
from idp.store.models.grants import Grant
from idp.store.models.people import Enrolment, Membership, Person
from tests.factories.citizens import house
from tests.factories.console import Console, add_guardianship
from tests.factories.factor_ground import MAIL, FactorGround
from tests.factories.rows import add_membership, add_offline_grant
from tests.idp.services.test_rank import actor

IIN = "130517600019"


@pytest.fixture
def mailing(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Console]:
    """A console that can send mail; the teacher has a confirmed address."""
    with house(database_url, tmp_path, clock, **MAIL):
        settings = Settings(
            database_url=database_url, keys_dir=tmp_path, secret_file=tmp_path / "master.key", env="dev", **MAIL
        )
        app = create_app(settings, clock)
        made = Console(app, app.extensions["parts"], clock)
        with made.parts.uow.write() as tx:
            values = {"email": "dinara@mektep.example", "email_verified": True}
            tx.connection.execute(update(Person).where(Person.id == made.people["teacher"]).values(values))
        yield made
        app.extensions["parts"].engine.dispose()


def _events(console: Console) -> list[str]:
    with console.parts.uow.read() as tx:
        return list(tx.connection.execute(select(AuditEvent.event).order_by(AuditEvent.id)).scalars())


def test_facts_change_with_their_words_and_only_for_who_is_here(console: Console) -> None:
    edits, secretary = console.parts.person_edits, actor(console, "secretary")
    scope, pupil = Scope("", "secretary", (console.school,)), console.people["pupil"]
    form = {"family_name": "Сейітова", "given_name": "Айгерім", "middle_name": "Болатқызы", "language": "kk"}
    assert edits.change(secretary, scope, pupil, form | {"birth_date": "2013-05-17"}) == ["family_name"]
    assert edits.change(secretary, scope, pupil, form | {"birth_date": "2013-05-17"}) == []
    with pytest.raises(Mistakes):
        edits.change(secretary, scope, pupil, form | {"birth_date": "2013-02-30"})
    with pytest.raises(NotFound):
        edits.change(secretary, scope, console.people["other_pupil"], form)
    with pytest.raises(Denied):
        edits.change(secretary, scope, console.people["director"], form)
    edits.end_membership(secretary, scope, pupil, console.memberships["pupil"])
    with pytest.raises(Conflict):
        edits.change(secretary, scope, pupil, form)
    with pytest.raises(Conflict):
        edits.check_may_reset(secretary, scope, pupil)
    assert _events(console).count("person_changed") == 1


def test_a_number_is_entered_corrected_and_never_twice(console: Console) -> None:
    edits, director, vault = console.parts.person_edits, actor(console, "director"), console.parts.iin_vault
    scope, pupil = Scope("", "director", (console.school,)), console.people["pupil"]
    edits.set_iin(director, scope, pupil, IIN)
    edits.set_iin(director, scope, pupil, "130517600018")
    with console.parts.uow.read() as tx:
        told = select(Change.school_id, Change.action).where(Change.kind == "people", Change.record_id == pupil)
        assert tx.connection.execute(told).all() == [(console.school, "changed")] * 2
        changed_at = select(Person.updated_at).where(Person.id == pupil)
        assert tx.connection.execute(changed_at).scalar() == console.clock.now()
        assert people.by_iin(tx, vault.lookups("130517600018")) == {vault.lookup("130517600018"): pupil}
    for text in ("", "12", "131317600018", "140517600018"):
        with pytest.raises(Mistakes):
            edits.set_iin(director, scope, pupil, text)
    with pytest.raises(Mistakes) as caught:
        edits.set_iin(director, scope, console.people["nurse"], "130517600018")
    assert (caught.value.fields, caught.value.person_id) == ({"iin": "iin_taken"}, pupil)
    with console.parts.uow.read() as tx:
        events = tx.session.scalars(select(AuditEvent).where(AuditEvent.event == "iin_changed").order_by(AuditEvent.id))
        assert [event.data for event in events] == [{"what": "entered"}, {"what": "corrected"}]


def test_roles_begin_and_end_with_what_hangs_on_them(console: Console) -> None:
    edits, director = console.parts.person_edits, actor(console, "director")
    scope, nurse, pupil = Scope("", "director", (console.school,)), console.people["nurse"], console.people["pupil"]
    made = edits.add_membership(director, scope, nurse, "teacher")
    with pytest.raises(Conflict):
        edits.add_membership(director, scope, nurse, "teacher")
    with pytest.raises(Mistakes):
        edits.add_membership(director, scope, nurse, "pupil", console.other_klass)
    edits.end_membership(director, scope, nurse, made)
    with pytest.raises(NotFound):
        edits.end_membership(director, scope, nurse, made)
    with pytest.raises(Conflict):
        edits.end_membership(director, scope, console.people["director"], console.memberships["director"])
    browser = console.browser("pupil")
    with console.parts.uow.write() as tx:
        kept = add_offline_grant(tx, pupil)
    assert edits.end_sessions(director, scope, pupil) == 1
    with console.parts.uow.read() as tx:
        family = tx.session.get(Grant, kept)
    assert family is not None
    assert family.revoked_at == console.clock.now()
    assert browser.go("/account").request.path.startswith("/login")
    edits.end_membership(director, scope, pupil, console.memberships["pupil"])
    with console.parts.uow.read() as tx:
        today = tx.connection.execute(select(Membership.end).where(Membership.person_id == pupil)).scalar_one()
        assert tx.connection.execute(select(Enrolment.end).where(Enrolment.person_id == pupil)).scalar_one() == today
        assert tx.connection.execute(select(Person.status).where(Person.id == pupil)).scalar_one() == "ended"
    edits.add_membership(director, scope, pupil, "pupil", console.klass)
    with console.parts.uow.read() as tx:
        assert tx.connection.execute(select(Person.status).where(Person.id == pupil)).scalar_one() == "active"
    assert {"membership_added", "membership_ended", "sessions_ended"} <= set(_events(console))


def test_whoever_was_in_by_a_wrong_number_is_out_when_it_is_corrected(console: Console) -> None:
    """The ЭЦҚ of the number's true owner opened this account; a number entered for the first time opened nothing."""
    edits, director, scope = console.parts.person_edits, actor(console, "director"), Scope("", "", (console.school,))
    nurse, open_of = console.people["nurse"], console.parts.sessions.of_person
    browser = console.browser("nurse")
    with console.parts.uow.write() as tx:
        kept = add_offline_grant(tx, nurse)
        credentials.add(tx, nurse, "eds", {"names": {"family_name": "Бөтен"}}, now=console.clock.now())
    for number, is_in in (("130517600018", True), ("130517600018", True), (IIN, False)):
        edits.set_iin(director, scope, nurse, number)
        assert bool(open_of(nurse)) is is_in
    with console.parts.uow.read() as tx:
        family = tx.session.get(Grant, kept)
        assert "eds" not in credentials.methods_of(tx, nurse), "its names are somebody else's"
    assert family is not None
    assert family.revoked_at == console.clock.now()
    assert browser.go("/account").request.path.startswith("/login")


def test_nobody_resets_their_own_secrets_at_the_desk(console: Console) -> None:
    """A session left open would be turned into the account; its own pages ask for the old password first."""
    edits, scope = console.parts.person_edits, Scope("", "", (console.school,))
    for name in ("secretary", "director"):
        with pytest.raises(Denied) as caught:
            edits.check_may_reset(actor(console, name), scope, console.people[name])
        assert caught.value.code == "own_account"
        edits.check_may_change(actor(console, name), scope, console.people[name])
    check = edits.check_may_reset(actor(console, "director"), scope, console.people["secretary"])
    with console.parts.uow.read() as tx:
        check(tx)


def test_a_person_hears_by_mail_of_every_change_to_their_access(mailing: Console) -> None:
    edits, parts, teacher = mailing.parts.person_edits, mailing.parts, mailing.people["teacher"]
    secretary, director = actor(mailing, "secretary"), actor(mailing, "director")
    scope = Scope(mailing.people["director"], "director", (mailing.school,))
    made = edits.add_membership(secretary, scope, teacher, "nurse")
    edits.end_membership(secretary, scope, teacher, made)
    edits.end_sessions(secretary, scope, teacher)
    edits.set_iin(director, scope, teacher, "850525400018")
    parts.sheets.store(parts.sheets.of_person(scope, teacher), actor_id=director.person_id)
    parts.sign_in.factors.reset(scope, teacher, director.person_id)
    form = {"family_name": "Есенғалиева", "given_name": "Динара", "language": "kk"}
    edits.change(secretary, scope, teacher, form | {"email": "dinara@mektep.example"})
    edits.change(secretary, scope, teacher, form | {"email": "thief@mektep.example"})
    edits.set_iin(director, scope, teacher, "831010300019")
    letters = FactorGround(parts, mailing.clock).letters()
    assert [letter.values["what"] for letter in letters] == [
        "role_added", "role_ended", "sessions_ended", "iin_changed", "first_password", "factors_reset",
        "address_changed",
    ]  # fmt: skip
    assert {letter.to for letter in letters} == {"dinara@mektep.example"}, "none to an address that nobody confirmed"
    with parts.uow.write() as tx:
        tx.connection.execute(update(Person).where(Person.id == teacher).values(email_verified=True))
    edits.change(secretary, scope, teacher, form)
    last = FactorGround(parts, mailing.clock).letters()[-1]
    assert (last.to, last.values["what"]) == ("thief@mektep.example", "address_removed")


def test_nobody_gives_themselves_a_role_nor_takes_one_from_above(console: Console) -> None:
    edits, scope = console.parts.person_edits, Scope("", "", (console.school,))
    for name, whom, role in (
        ("director", "director", "teacher"), ("secretary", "secretary", "nurse"), ("deputy", "nurse", "director"),
        ("secretary", "nurse", "deputy"), ("deputy", "nurse", "data_protection"), ("director", "nurse", "operator"),
        ("director", "nurse", "official"), ("secretary", "nurse", "guardian"), ("director", "nurse", ""),
    ):  # fmt: skip
        with pytest.raises(Denied) as caught:
            edits.add_membership(actor(console, name), scope, console.people[whom], role)
        assert caught.value.code == "role_above", (name, role)
    for name, whom, code in (
        ("secretary", "deputy", "person_above"), ("deputy", "data_protection", "role_above"),
        ("director", "guardian", "role_above"),
    ):  # fmt: skip
        with pytest.raises(Denied) as caught:
            edits.end_membership(actor(console, name), scope, console.people[whom], console.memberships[whom])
        assert caught.value.code == code, (name, whom)


def test_a_former_school_gets_no_hold_of_an_account_by_a_new_role(console: Console) -> None:
    edits, director, scope = console.parts.person_edits, actor(console, "director"), Scope("", "", (console.school,))
    today = local_date(console.clock.now())
    with console.parts.uow.write() as tx:
        for name, role, where in (
            ("moved_pupil", "pupil", console.other), ("moved_teacher", "teacher", console.other),
            ("now_parent", "guardian", console.other), ("nobody_now", "", ""),
        ):  # fmt: skip
            person = console.add(tx, name, "teacher", console.school)
            tx.connection.execute(update(Membership).where(Membership.person_id == person).values(end=today))
            if role:
                add_membership(tx, person, where, role)
        add_guardianship(tx, console.other, console.people["other_pupil"], console.people["now_parent"])
    for role, klass in (("pupil", console.klass), ("guard", "")):
        with pytest.raises(Conflict) as refused:
            edits.add_membership(director, scope, console.people["moved_pupil"], role, klass)
        assert refused.value.code == "pupil_elsewhere"
    for name in ("moved_teacher", "now_parent"):
        edits.add_membership(director, scope, console.people[name], "guard")
        with pytest.raises(Denied) as caught:
            edits.check_may_reset(director, scope, console.people[name])
        assert caught.value.code == "person_elsewhere", name
    with pytest.raises(Conflict):
        edits.check_may_reset(director, scope, console.people["nobody_now"])
    edits.add_membership(director, scope, console.people["nobody_now"], "guard")
    edits.check_may_reset(director, scope, console.people["nobody_now"])
