"""services/login: what every method shares."""

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.core.errors import Denied, NotFound, TooSoon
from idp.core.ids import new_secret
from idp.methods.password import Password, hash_password
from idp.services.credentials import Credentials, StoredCredentials
from idp.services.login import Login, MustChange, Visitor
from idp.services.sessions import Opened, Sessions
from idp.services.throttle import Limits, Throttle
from idp.store import account, credentials
from idp.store.models.audit import AuditEvent
from idp.store.session import UnitOfWork
from tests.factories.rows import add_person

HASH = hash_password("тау мен көл")
VISITOR = Visitor(place="10.0.0.1", browser="Chromium", language="kk")


@pytest.fixture
def login(uow: UnitOfWork, clock: FixedClock) -> Login:
    throttle = Throttle(uow, clock, b"k" * 32, Limits(account_and_place=3))
    methods = {"password": Password(StoredCredentials(uow))}
    return Login(uow, clock, methods, Sessions(uow, clock), lambda: throttle)


@pytest.fixture
def person(uow: UnitOfWork, clock: FixedClock) -> str:
    with uow.write() as tx:
        person_id = add_person(tx)
        credentials.replace(tx, "password", [(person_id, {"hash": HASH})], must_change=False, now=clock.now())
    return person_id


def _first_password(uow: UnitOfWork, clock: FixedClock, person: str) -> None:
    with uow.write() as tx:
        credentials.replace(tx, "password", [(person, {"hash": HASH})], must_change=True, now=clock.now())


def _try(login: Login, username: str = "aigerim", password: str = "тау мен көл") -> Opened | MustChange:
    return login.finish("password", VISITOR, {"username": username, "password": password}, is_shared=False)


def _events(uow: UnitOfWork) -> list[tuple[str, str, dict[str, object]]]:
    with uow.read() as tx:
        rows = tx.connection.execute(
            select(AuditEvent.event, AuditEvent.person_id, AuditEvent.data).order_by(AuditEvent.id)
        )
        return [tuple(row) for row in rows]


def test_the_right_password_opens_a_session_and_is_audited(login: Login, uow: UnitOfWork, person: str) -> None:
    assert isinstance(_try(login), Opened)
    event, who, data = _events(uow)[-1]
    assert (event, who) == ("login", person)
    assert data["method"] == "password"


def test_a_wrong_password_and_an_unknown_name_read_the_same(login: Login, person: str) -> None:
    with pytest.raises(Denied) as wrong:
        _try(login, password="x")
    with pytest.raises(Denied) as unknown:
        _try(login, username="nobody", password="x")
    assert (str(wrong.value), wrong.value.code) == (str(unknown.value), unknown.value.code)


def test_a_refusal_is_audited_without_what_was_typed(login: Login, uow: UnitOfWork, person: str) -> None:
    with pytest.raises(Denied):
        _try(login, password="typed into the wrong field")
    event, who, data = _events(uow)[-1]
    assert (event, who) == ("login_failed", "")
    assert "typed" not in str(data)
    assert "aigerim" not in str(data)


def test_too_many_attempts_are_refused_even_with_the_right_password(login: Login, person: str) -> None:
    for _ in range(3):
        with pytest.raises(Denied):
            _try(login, password="x")
    with pytest.raises(TooSoon):
        _try(login)


def test_a_method_that_is_not_on_is_not_found(login: Login) -> None:
    with pytest.raises(NotFound):
        login.finish("carrier_pigeon", VISITOR, {}, is_shared=False)


def test_a_blocked_person_is_refused_like_anybody(login: Login, uow: UnitOfWork, person: str) -> None:
    with uow.write() as tx:
        tx.connection.exec_driver_sql("UPDATE people SET status='blocked'")
    with pytest.raises(Denied):
        _try(login)


def test_a_first_password_must_be_changed_and_its_ticket_works_once(
    login: Login, uow: UnitOfWork, clock: FixedClock, person: str
) -> None:
    _first_password(uow, clock, person)
    step = _try(login)
    assert isinstance(step, MustChange)
    named = login.change_ticket(step.ticket)
    assert named is not None
    assert named.username == "aigerim"
    assert login.is_first_password(step.ticket, "тау мен көл")
    assert isinstance(login.change_first(step.ticket, "өзен мен орман", VISITOR), Opened)
    with pytest.raises(Denied) as caught:
        login.change_first(step.ticket, "тағы бір сөз", VISITOR)
    assert caught.value.code == "link_expired"
    with pytest.raises(Denied):
        _try(login)
    assert isinstance(_try(login, password="өзен мен орман"), Opened)


def test_a_reprinted_sheet_ends_a_change_under_way(
    login: Login, uow: UnitOfWork, clock: FixedClock, person: str
) -> None:
    _first_password(uow, clock, person)
    step = _try(login)
    assert isinstance(step, MustChange)
    _first_password(uow, clock, person)
    with pytest.raises(Denied):
        login.change_first(step.ticket, "өзен мен орман", VISITOR)


def test_a_ticket_is_over_after_a_quarter_of_an_hour(
    login: Login, uow: UnitOfWork, clock: FixedClock, person: str
) -> None:
    _first_password(uow, clock, person)
    step = _try(login)
    assert isinstance(step, MustChange)
    clock.advance(minutes=15)
    assert login.change_ticket(step.ticket) is None
    assert login.change_ticket(new_secret()) is None


def test_a_signed_in_person_changes_the_password_by_typing_the_old_one(
    login: Login, uow: UnitOfWork, clock: FixedClock, person: str
) -> None:
    service = Credentials(uow, clock)
    with uow.read() as tx:
        named = account.named(tx, person)
    assert named is not None
    throttle = Throttle(uow, clock, b"k" * 32)
    with pytest.raises(Denied):
        service.change_password(named, "wrong", "өзен мен орман", place="10.0.0.1", throttle=throttle)
    service.change_password(named, "тау мен көл", "өзен мен орман", place="10.0.0.1", throttle=throttle)
    assert isinstance(_try(login, password="өзен мен орман"), Opened)
