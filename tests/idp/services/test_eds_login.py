"""services/eds_login: the password beside a signature, and the welcome of somebody new."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from idp.cli.dev.nca import Key
from idp.core.clock import FixedClock
from idp.core.errors import Denied, TooSoon
from idp.eds.errors import EdsRefused, WrongHolder
from idp.services.eds_login import NeedsSecond, Newcomer
from idp.services.sessions import Opened
from idp.store import credentials, eds_accounts, people
from idp.store.session import Tx
from tests.factories.citizens import HASH, IIN, MINOR_IIN, OTHER_IIN, PASSWORD, STRANGER, VISITOR, Citizens
from tests.factories.rows import add_membership, add_person


def _ticket(outcome: object) -> str:
    assert isinstance(outcome, NeedsSecond | Newcomer)
    return outcome.ticket


def _refused(citizens: Citizens, ticket: str, password: str = PASSWORD) -> str:
    with pytest.raises(Denied) as caught:
        citizens.parts.eds_login.finish_second(ticket, password, VISITOR)
    return caught.value.code


def _welcomed(citizens: Citizens, ticket: str) -> object:
    return citizens.parts.eds_login.finish_welcome(ticket, VISITOR)


def _amr(citizens: Citizens, opened: object) -> tuple[str, ...]:
    assert isinstance(opened, Opened)
    session = citizens.parts.sessions.current(opened.token)
    assert session is not None
    assert session.acr == "urn:bilim:acr:eds"
    return session.amr


def test_staff_type_their_password_beside_the_key(strict: Citizens) -> None:
    person = strict.person(password=True)
    strict.membership(person, strict.school())
    ticket = _ticket(strict.sign_in(strict.key(key_storage="hardware")))
    assert not strict.parts.sessions.of_person(person)
    named = strict.parts.eds_login.second(ticket, VISITOR)
    assert named is not None
    assert named.name == "Серікова Гүлнара Болатқызы"
    assert strict.parts.eds_login.second(ticket, STRANGER) is None
    opened = strict.parts.eds_login.finish_second(ticket, PASSWORD, VISITOR)
    assert _amr(strict, opened) == ("hwk", "pwd", "mfa")
    assert _refused(strict, ticket) == "link_expired"


def test_staff_in_any_of_their_roles_type_it(strict: Citizens) -> None:
    person = strict.person(password=True)
    school = strict.school()
    strict.membership(person, school, "guardian")
    strict.membership(person, school, "teacher")
    assert isinstance(strict.sign_in(strict.key(key_storage="hardware")), NeedsSecond)


def test_a_guardian_with_a_key_in_hardware_types_nothing(strict: Citizens) -> None:
    strict.membership(strict.person(), strict.school(), "guardian")
    opened = strict.sign_in(strict.key(key_storage="hardware"))
    assert isinstance(opened, Opened)
    assert _amr(strict, opened) == ("hwk",)


def test_a_key_in_a_file_asks_for_the_password_too(strict: Citizens) -> None:
    strict.membership(strict.person(password=True), strict.school(), "guardian")
    ticket = _ticket(strict.sign_in(strict.key(key_storage="file")))
    assert _amr(strict, strict.parts.eds_login.finish_second(ticket, PASSWORD, VISITOR)) == ("swk", "pwd", "mfa")


def test_without_a_password_one_is_told_what_is_missing(strict: Citizens) -> None:
    strict.membership(strict.person(), strict.school(), "director")
    with pytest.raises(Denied) as caught:
        strict.sign_in(strict.key(key_storage="hardware"))
    assert caught.value.code == "second_factor_missing"
    assert strict.events("login_failed")[-1]["why"] == "second_factor_missing"


def test_a_wrong_password_leaves_the_step_open_until_guesses_are_too_many(strict: Citizens) -> None:
    strict.membership(strict.person(password=True), strict.school())
    ticket = _ticket(strict.sign_in(strict.key()))
    assert [_refused(strict, ticket, "wrong") for _ in range(6)] == ["login_failed"] * 6
    with pytest.raises(TooSoon):
        strict.parts.eds_login.finish_second(ticket, PASSWORD, VISITOR)
    assert {"method": "eds_ncalayer", "why": "second_refused"} in strict.events("login_failed")


def test_a_few_typing_mistakes_do_no_harm(strict: Citizens) -> None:
    strict.membership(strict.person(password=True), strict.school())
    ticket = _ticket(strict.sign_in(strict.key()))
    assert _refused(strict, ticket, "wrong") == "login_failed"
    assert isinstance(strict.parts.eds_login.finish_second(ticket, PASSWORD, VISITOR), Opened)


def test_the_step_belongs_to_one_browser_and_ten_minutes(strict: Citizens, clock: FixedClock) -> None:
    strict.membership(strict.person(password=True), strict.school())
    ticket = _ticket(strict.sign_in(strict.key()))
    with pytest.raises(Denied) as caught:
        strict.parts.eds_login.finish_second(ticket, PASSWORD, STRANGER)
    assert caught.value.code == "link_expired"
    clock.advance(minutes=10)
    assert _refused(strict, ticket) == "link_expired"


def test_who_is_blocked_between_key_and_password_is_refused(strict: Citizens) -> None:
    person = strict.person(password=True)
    strict.membership(person, strict.school())
    ticket = _ticket(strict.sign_in(strict.key()))
    strict.set_status(person, "blocked")
    with pytest.raises(EdsRefused):
        strict.parts.eds_login.finish_second(ticket, PASSWORD, VISITOR)


def test_an_unknown_adult_is_shown_what_the_certificate_says_and_agrees(citizens: Citizens) -> None:
    ticket = _ticket(citizens.sign_in(citizens.key()))
    assert not citizens.everybody()
    shown = citizens.parts.eds_login.welcome(ticket, VISITOR)
    assert shown is not None
    assert list(shown.names.values()) == ["Серікова", "Гүлнара", "Болатқызы"]
    assert (shown.masked_iin, shown.role, shown.school) == ("••••••••0018", "guardian", "")
    assert citizens.parts.eds_login.welcome(ticket, STRANGER) is None
    assert isinstance(_welcomed(citizens, ticket), Opened)
    (person,) = citizens.everybody()
    assert (person.username, person.family_name, person.given_name) == ("gulnara.serikova", "Серікова", "Гүлнара")
    assert (person.birth_date, person.sex, person.language) == (date(1985, 5, 25), "female", "kk")
    assert person.sort_key
    assert person.iin_sealed is not None
    assert citizens.parts.iin_vault.open(person.id, person.iin_sealed) == IIN
    assert citizens.memberships(person.id) == [(None, "guardian", None)]
    assert citizens.events("person_onboarded") == [{"role": "guardian"}]
    assert citizens.changes() == [("people", "added", ""), ("memberships", "added", "")]
    assert isinstance(citizens.sign_in(citizens.key()), Opened)


def test_a_newcomer_agrees_once_in_one_browser(citizens: Citizens, clock: FixedClock) -> None:
    ticket = _ticket(citizens.sign_in(citizens.key()))
    with pytest.raises(Denied):
        citizens.parts.eds_login.finish_welcome(ticket, STRANGER)
    assert isinstance(_welcomed(citizens, ticket), Opened)
    with pytest.raises(Denied) as caught:
        _welcomed(citizens, ticket)
    assert caught.value.code == "link_expired"
    late = _ticket(citizens.sign_in(citizens.key(OTHER_IIN)))
    clock.advance(minutes=10)
    assert citizens.parts.eds_login.welcome(late, VISITOR) is None


def test_of_parallel_welcomes_of_one_citizen_comes_one_person(citizens: Citizens) -> None:
    tickets = [_ticket(citizens.sign_in(citizens.key())) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda ticket: _welcomed(citizens, ticket), tickets))
    assert all(isinstance(outcome, Opened) for outcome in outcomes)
    (person,) = citizens.everybody()
    assert len(citizens.memberships(person.id)) == 1
    assert len(citizens.events("person_onboarded")) == 1


def test_a_namesake_gets_a_username_of_their_own(citizens: Citizens) -> None:
    for iin in (IIN, OTHER_IIN):
        _welcomed(citizens, _ticket(citizens.sign_in(citizens.key(iin))))
    assert {person.username for person in citizens.everybody()} == {"gulnara.serikova", "gulnara.serikova2"}


def test_a_minor_is_sent_to_the_school(citizens: Citizens) -> None:
    with pytest.raises(Denied) as caught:
        citizens.sign_in(citizens.key(MINOR_IIN))
    assert caught.value.code == "onboarding_minor"
    assert not citizens.everybody()


def test_the_day_of_the_eighteenth_birthday_is_not_too_early(citizens: Citizens, clock: FixedClock) -> None:
    iin = f"0{clock.now().year - 2018}0901600013"
    assert iin.startswith("080901")
    assert isinstance(citizens.sign_in(citizens.key(iin)), Newcomer)
    with pytest.raises(Denied):
        citizens.sign_in(citizens.key("080902600014"))


def test_a_pupil_with_an_account_signs_in_whatever_the_age(citizens: Citizens) -> None:
    citizens.membership(citizens.person(iin=MINOR_IIN), citizens.school(), "pupil")
    assert isinstance(citizens.sign_in(citizens.key(MINOR_IIN)), Opened)


def test_nobody_begins_where_a_password_would_be_asked_for_beside_their_file(strict: Citizens) -> None:
    with pytest.raises(Denied) as caught:
        strict.sign_in(strict.key(key_storage="file"))
    assert caught.value.code == "second_factor_missing"
    assert isinstance(strict.sign_in(strict.key(key_storage="hardware")), Newcomer)


def test_the_schools_certificate_makes_that_membership_active(citizens: Citizens) -> None:
    person = citizens.person()
    school = citizens.school("1402 4000-0018")
    citizens.membership(person, citizens.school("150340000019", name="Басқа"), "guardian")
    there = citizens.membership(person, school, "director")
    opened = citizens.sign_in(citizens.staff_key(role="head"))
    assert isinstance(opened, Opened)
    session = citizens.parts.sessions.current(opened.token)
    assert session is not None
    assert session.membership_id == there


def test_the_certificate_of_no_school_here_is_the_wrong_one(citizens: Citizens) -> None:
    citizens.membership(citizens.person(), citizens.school("150340000019"), "director")
    with pytest.raises(WrongHolder):
        citizens.sign_in(citizens.staff_key())


def test_a_certificate_that_signs_for_nobody_is_the_wrong_one(citizens: Citizens) -> None:
    citizens.membership(citizens.person(), citizens.school(), "director")
    with pytest.raises(Denied):
        citizens.sign_in(citizens.staff_key(role="treasury"))


def test_a_membership_that_the_school_has_ended_is_never_brought_back(citizens: Citizens) -> None:
    person = citizens.person()
    citizens.membership(person, citizens.school(), "teacher", end=date(2026, 6, 1))
    with pytest.raises(Denied) as caught:
        citizens.sign_in(citizens.staff_key())
    assert caught.value.code == "membership_ended"
    assert citizens.memberships(person)[0][2] == date(2026, 6, 1)


def test_one_ended_while_the_welcome_was_read_is_not_brought_back_either(citizens: Citizens) -> None:
    person, school = citizens.person(), citizens.school()
    ticket = _ticket(citizens.sign_in(citizens.staff_key()))
    citizens.membership(person, school, "teacher", end=date(2026, 6, 1))
    with pytest.raises(Denied) as caught:
        _welcomed(citizens, ticket)
    assert caught.value.code == "membership_ended"


def test_an_unknown_member_of_staff_begins_at_the_school_of_the_certificate(citizens: Citizens) -> None:
    school = citizens.school()
    ticket = _ticket(citizens.sign_in(citizens.staff_key()))
    shown = citizens.parts.eds_login.welcome(ticket, VISITOR)
    assert shown is not None
    assert (shown.role, shown.organisation, shown.school) == (
        "staff",
        "«№ 12 МЕКТЕП-ГИМНАЗИЯ» КММ",
        "№ 12 мектеп-гимназия",
    )
    assert isinstance(_welcomed(citizens, ticket), Opened)
    (person,) = citizens.everybody()
    assert citizens.memberships(person.id) == [(school, "staff", None)]
    (proved,) = citizens.events("membership_proved")
    assert proved["bin"] == "140240000018"
    assert len(proved["evidence"]) == 64
    assert ("memberships", "added", school) in citizens.changes()


def test_a_known_parent_becomes_a_member_of_staff_beside(citizens: Citizens) -> None:
    person, school = citizens.person(), citizens.school()
    citizens.membership(person, school, "guardian")
    opened = _welcomed(citizens, _ticket(citizens.sign_in(citizens.staff_key())))
    assert isinstance(opened, Opened)
    assert citizens.memberships(person) == [(school, "guardian", None), (school, "staff", None)]
    session = citizens.parts.sessions.current(opened.token)
    assert session is not None
    active = {one.id: one.role for one in citizens.parts.sessions.memberships(person)}
    assert active[session.membership_id or ""] == "staff"
    assert not citizens.events("person_onboarded")


def test_a_copied_key_makes_no_member_of_staff_without_the_password(strict: Citizens) -> None:
    person, school = strict.person(password=True), strict.school()
    strict.membership(person, school, "guardian")
    second = _ticket(_welcomed(strict, _ticket(strict.sign_in(strict.staff_key()))))
    assert strict.memberships(person) == [(school, "guardian", None)]
    assert isinstance(strict.parts.eds_login.finish_second(second, PASSWORD, VISITOR), Opened)
    assert (school, "staff", None) in strict.memberships(person)


def test_a_new_member_of_staff_waits_for_a_password_where_one_is_asked_for(strict: Citizens) -> None:
    school = strict.school()
    ticket = _ticket(strict.sign_in(strict.staff_key()))
    with pytest.raises(Denied) as caught:
        _welcomed(strict, ticket)
    assert caught.value.code == "second_factor_missing"
    (person,) = strict.everybody()
    assert strict.memberships(person.id) == [(school, "staff", None)]
    assert not strict.parts.sessions.of_person(person.id)
    assert strict.events("login_failed")[-1]["why"] == "second_factor_missing"


def test_what_a_step_keeps_holds_no_number_in_the_clear(citizens: Citizens) -> None:
    _ticket(citizens.sign_in(citizens.key()))
    with citizens.parts.uow.read() as tx:
        kept = str(tx.connection.exec_driver_sql("SELECT data FROM one_time_values").all())
    assert IIN not in kept
    assert "СЕРІКОВА" not in kept


def test_a_parent_without_a_password_is_not_locked_out_by_the_key_of_a_school(strict: Citizens) -> None:
    person, school = strict.person(), strict.school()
    strict.membership(person, school, "guardian")
    with pytest.raises(Denied) as caught:
        strict.sign_in(strict.staff_key(key_storage="hardware"))
    assert caught.value.code == "second_factor_missing"
    assert strict.memberships(person) == [(school, "guardian", None)]
    assert isinstance(strict.sign_in(strict.key(key_storage="hardware")), Opened)


def test_nor_when_the_school_made_the_parent_while_the_welcome_was_read(strict: Citizens) -> None:
    school = strict.school()
    ticket = _ticket(strict.sign_in(strict.staff_key(key_storage="hardware")))
    person = strict.person()
    strict.membership(person, school, "guardian")
    with pytest.raises(Denied) as caught:
        _welcomed(strict, ticket)
    assert caught.value.code == "second_factor_missing"
    assert strict.events("login_failed")[-1]["why"] == "second_factor_missing"
    assert strict.memberships(person) == [(school, "guardian", None)]
    assert isinstance(strict.sign_in(strict.key(key_storage="hardware")), Opened)


def _overtaken(citizens: Citizens, monkeypatch: pytest.MonkeyPatch, key: Key, *, role: str, status: str) -> str:
    """Agrees at the moment when an import makes the same person; returns the ticket of the welcome."""
    school = citizens.school("150340000019", name="Басқа")
    ticket = _ticket(citizens.sign_in(key))
    vault = citizens.parts.iin_vault
    lookup = vault.lookup(IIN)

    def import_is_faster(tx: Tx, _row: object) -> bool:
        person = add_person(tx, "gulnara", status=status)
        people.set_iin(tx, [(person, lookup, vault.seal(person, IIN))])
        credentials.replace(tx, "password", [(person, {"hash": HASH})], must_change=False, now=citizens.clock.now())
        add_membership(tx, person, school, role)
        return False

    monkeypatch.setattr(eds_accounts, "add_if_new", import_is_faster)
    return ticket


def test_whom_an_import_made_staff_at_that_moment_types_the_password(
    strict: Citizens, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = _overtaken(strict, monkeypatch, strict.key(key_storage="hardware"), role="teacher", status="active")
    assert isinstance(_welcomed(strict, ticket), NeedsSecond)
    (person,) = strict.everybody()
    assert not strict.parts.sessions.of_person(person.id)


def test_whom_an_import_made_blocked_at_that_moment_is_refused(
    strict: Citizens, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = _overtaken(strict, monkeypatch, strict.key(key_storage="hardware"), role="pupil", status="blocked")
    with pytest.raises(EdsRefused):
        _welcomed(strict, ticket)


def test_whom_an_import_made_somebody_else_at_that_moment_goes_the_ordinary_way_as_staff(
    strict: Citizens, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = strict.school()
    ticket = _overtaken(strict, monkeypatch, strict.staff_key(key_storage="hardware"), role="guardian", status="active")
    second = _ticket(_welcomed(strict, ticket))
    (person,) = strict.everybody()
    assert (school, "staff", None) not in strict.memberships(person.id)
    assert isinstance(strict.parts.eds_login.finish_second(second, PASSWORD, VISITOR), Opened)
    assert (school, "staff", None) in strict.memberships(person.id)


def test_who_says_that_it_is_not_they_ends_the_step_of_their_browser_only(strict: Citizens) -> None:
    strict.membership(strict.person(password=True), strict.school())
    second = _ticket(strict.sign_in(strict.key()))
    welcome = _ticket(strict.sign_in(strict.key(OTHER_IIN, key_storage="hardware")))
    for ticket in (second, welcome):
        strict.parts.eds_login.disown(ticket, STRANGER)
    assert strict.parts.eds_login.second(second, VISITOR) is not None
    assert strict.parts.eds_login.welcome(welcome, VISITOR) is not None
    for ticket in (second, welcome, ""):
        strict.parts.eds_login.disown(ticket, VISITOR)
    assert _refused(strict, second) == "link_expired"
    with pytest.raises(Denied):
        _welcomed(strict, welcome)
    assert [data["why"] for data in strict.events("login_failed")[:2]] == ["disowned", "disowned"]
