"""services/login: what every method shares."""

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from idp.core.clock import FixedClock
from idp.core.errors import Denied, NotFound, TooSoon
from idp.core.ids import new_secret
from idp.eds.errors import AlgorithmRefused, EdsRefused, Expired, Malformed, NcaUnavailable, OtherDocument, Revoked
from idp.methods.password import hash_password
from idp.services.entry import MustChange
from idp.services.login import Login, Outcome, Visitor
from idp.services.sessions import Opened, Sessions
from idp.services.throttle import Limits, Throttle
from idp.store import credentials
from idp.store.models.audit import AuditEvent
from idp.store.models.sessions import Throttle as Throttled
from idp.store.session import UnitOfWork
from tests.factories.citizens import OTHER_IIN, STRANGER, Citizens
from tests.factories.rows import add_person

HASH = hash_password("тау мен көл")
VISITOR = Visitor(place="10.0.0.1", browser="Chromium", language="kk")


@pytest.fixture
def login(citizens: Citizens, uow: UnitOfWork, clock: FixedClock) -> Login:
    throttle = Throttle(uow, clock, b"k" * 32, Limits(account_and_place=3))
    parts = citizens.parts
    return Login(
        uow,
        clock,
        parts.methods,
        Sessions(uow, clock),
        lambda: throttle,
        issuer=parts.settings.issuer,
        eds=parts.eds_login,
        errands=parts.errands,
        second=parts.sign_in.second,
    )


@pytest.fixture
def person(uow: UnitOfWork, clock: FixedClock) -> str:
    with uow.write() as tx:
        person_id = add_person(tx)
        credentials.replace(tx, "password", [(person_id, {"hash": HASH})], must_change=False, now=clock.now())
    return person_id


def _first_password(uow: UnitOfWork, clock: FixedClock, person: str) -> None:
    with uow.write() as tx:
        credentials.replace(tx, "password", [(person, {"hash": HASH})], must_change=True, now=clock.now())


def _try(login: Login, username: str = "aigerim", password: str = "тау мен көл") -> Outcome:
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


def test_a_signature_opens_a_session_of_its_level(citizens: Citizens) -> None:
    person = citizens.person()
    assert isinstance(citizens.sign_in(citizens.key(key_storage="hardware")), Opened)
    (found,) = citizens.events("login")
    assert {**found, "session": ""} == {
        "method": "eds_ncalayer",
        "acr": "urn:bilim:acr:eds",
        "session": "",
        "shared": False,
        "key_storage": "hardware",
        "issuer": "test",
    }
    (session,) = citizens.parts.sessions.of_person(person)
    assert session.id == found["session"]


def test_the_audit_of_a_signature_holds_no_number(citizens: Citizens) -> None:
    citizens.person()
    citizens.sign_in(citizens.key())
    with pytest.raises(Denied):
        citizens.finish({"challenge": "x", "signature": citizens.signature(citizens.key(), b"x")})
    assert "850525" not in str(citizens.events("login") + citizens.events("login_failed"))


def _is_over(citizens: Citizens, answer: dict[str, str], visitor: Visitor | None = None) -> bool:
    with pytest.raises(Denied) as caught:
        citizens.finish(answer, visitor or replace(STRANGER, browser_id="browser one"))
    return caught.value.code == "challenge_over"


def test_a_challenge_is_good_once_whatever_came_of_it(citizens: Citizens) -> None:
    citizens.person()
    right = citizens.answer(citizens.begin(), citizens.key())
    assert isinstance(citizens.finish(right), Opened)
    assert _is_over(citizens, right)
    begun = citizens.begin()
    with pytest.raises(Malformed):
        citizens.finish({"challenge": begun.id, "signature": "not a signature"})
    assert _is_over(citizens, citizens.answer(begun, citizens.key()))


def test_a_challenge_of_another_browser_is_refused_and_not_spent_for_its_owner(citizens: Citizens) -> None:
    citizens.person()
    right = citizens.answer(citizens.begin(), citizens.key())
    assert _is_over(citizens, right, STRANGER)
    assert _is_over(citizens, right, replace(STRANGER, browser_id=""))
    assert isinstance(citizens.finish(right), Opened)


def test_a_challenge_is_good_for_the_request_it_was_made_for_only(citizens: Citizens) -> None:
    citizens.person()
    visitor = replace(STRANGER, interaction_id="of one client")
    answer = citizens.answer(citizens.begin(visitor), citizens.key())
    assert _is_over(citizens, answer, replace(visitor, interaction_id="of another"))
    assert isinstance(citizens.finish(answer, visitor), Opened)


def test_a_challenge_lives_two_minutes(citizens: Citizens, clock: FixedClock) -> None:
    citizens.person()
    late, begun = citizens.begin(), citizens.begin()
    clock.advance(seconds=119)
    assert isinstance(citizens.finish(citizens.answer(begun, citizens.key())), Opened)
    clock.advance(seconds=1)
    assert _is_over(citizens, citizens.answer(late, citizens.key()))


def test_of_a_hundred_parallel_uses_of_a_challenge_exactly_one_goes_on(citizens: Citizens) -> None:
    citizens.person()
    answer = citizens.answer(citizens.begin(), citizens.key())

    def use(_number: int) -> str:
        try:
            return type(citizens.finish(answer)).__name__
        except Denied as error:
            return error.code

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(use, range(100)))
    assert sorted(results) == ["Opened"] + ["challenge_over"] * 99
    assert len(citizens.events("login")) == 1


def test_a_signature_over_a_document_or_another_challenge_signs_nobody_in(citizens: Citizens) -> None:
    citizens.person()
    for text in ("Ай сайынғы есеп.\n", citizens.begin().shown["text"], ""):
        begun = citizens.begin()
        signature = citizens.signature(citizens.key(), text.encode())
        with pytest.raises(OtherDocument):
            citizens.finish({"challenge": begun.id, "signature": signature})


def test_a_method_takes_no_challenge_of_the_other(citizens: Citizens) -> None:
    citizens.person()
    with pytest.raises(Denied) as caught:
        citizens.confirm(citizens.begin().id)
    assert caught.value.code == "challenge_over"
    assert _is_over(citizens, {"challenge": citizens.begin_phone().id, "signature": "x"})


def test_what_is_wrong_with_the_key_is_told_to_its_bearer_and_written_down(
    citizens: Citizens, clock: FixedClock
) -> None:
    citizens.person()
    revoked = citizens.key()
    citizens.nca.revoke(revoked, clock.now())
    with pytest.raises(Revoked):
        citizens.sign_in(revoked)
    old = citizens.key()
    clock.advance(days=400)
    with pytest.raises(Expired):
        citizens.sign_in(old)
    assert [data["why"] for data in citizens.events("login_failed")] == ["eds_revoked", "eds_expired"]


def test_a_key_of_a_foreign_kind_is_refused(citizens: Citizens) -> None:
    begun = citizens.begin()
    text = begun.shown["text"].encode()
    made = citizens.nca.cms(citizens.key(), text, at=citizens.clock.now(), signature_oid="1.2.840.113549.1.1.5")
    with pytest.raises(AlgorithmRefused):
        citizens.finish({"challenge": begun.id, "signature": base64.b64encode(made).decode()})


def test_a_silent_nca_lets_nobody_in_and_counts_for_nobody(citizens: Citizens) -> None:
    citizens.person()
    citizens.is_away = True
    with pytest.raises(NcaUnavailable):
        citizens.sign_in(citizens.key())
    with citizens.parts.uow.read() as tx:
        failures = tx.connection.execute(select(Throttled.failures)).scalars().all()
    assert sorted(failures) == [0, 1]  # No guess; that it was begun is counted apart.
    citizens.is_away = False
    assert isinstance(citizens.sign_in(citizens.key()), Opened)


def test_somebody_blocked_is_refused_without_a_word_of_the_account(citizens: Citizens) -> None:
    citizens.set_status(citizens.person(), "blocked")
    with pytest.raises(EdsRefused) as caught:
        citizens.sign_in(citizens.key())
    assert caught.value.code == "eds_refused"


def test_those_who_sign_in_with_a_key_share_no_account_to_be_locked_out_of(
    login: Login, citizens: Citizens, uow: UnitOfWork
) -> None:
    citizens.person()
    for _ in range(5):  # More than an account at one place may fail here.
        begun = login.begin("eds_ncalayer", STRANGER)
        with pytest.raises(Malformed):
            answer = {"challenge": begun.id, "signature": "?"}
            login.finish("eds_ncalayer", STRANGER, answer, is_shared=False)
    begun = login.begin("eds_ncalayer", STRANGER)
    assert isinstance(
        login.finish("eds_ncalayer", STRANGER, citizens.answer(begun, citizens.key()), is_shared=False), Opened
    )


def test_a_phone_signs_in_the_browser_that_began_and_confirms(citizens: Citizens) -> None:
    person = citizens.person()
    begun = citizens.begin_phone()
    with pytest.raises(Denied):
        citizens.confirm(begun.id)
    citizens.phone(begun.id, citizens.key())
    with pytest.raises(Denied):
        citizens.confirm(begun.id, STRANGER)
    assert isinstance(citizens.confirm(begun.id), Opened)
    with pytest.raises(Denied):
        citizens.confirm(begun.id)
    assert citizens.parts.sessions.of_person(person)
    assert citizens.events("login")[0]["method"] == "eds_egov_mobile"


def test_levels_and_reasons_of_methods_are_told(citizens: Citizens, login: Login) -> None:
    assert login.method_names == ("password", "passkey", "eds_ncalayer", "eds_egov_mobile", "mail_code")
    assert [login.why_off(name) for name in login.method_names] == ["", "", "", "", "no_mail"]
    assert login.level_of("password") == "urn:bilim:acr:mfa", "it goes on to a second step"
    assert login.level_of("mail_code") == "urn:bilim:acr:password"
    assert login.begin("password", VISITOR).id == ""
    with pytest.raises(NotFound):
        login.begin("carrier_pigeon", VISITOR)


def test_another_person_than_the_key_says_is_not_signed_in(citizens: Citizens) -> None:
    mine = citizens.person()
    other = citizens.person("marat", OTHER_IIN, family_name="Ахметов", given_name="Марат")
    citizens.sign_in(citizens.key(OTHER_IIN))
    assert not citizens.parts.sessions.of_person(mine)
    assert citizens.parts.sessions.of_person(other)


def _limited(citizens: Citizens, uow: UnitOfWork, clock: FixedClock, place: int) -> Login:
    parts = citizens.parts
    throttle = Throttle(uow, clock, b"k" * 32, Limits(place=place))
    return Login(
        uow,
        clock,
        parts.methods,
        parts.sessions,
        lambda: throttle,
        issuer=parts.settings.issuer,
        eds=parts.eds_login,
        errands=parts.errands,
        second=parts.sign_in.second,
    )


def test_beginning_with_a_phone_or_a_key_locks_no_password_of_the_same_place(
    citizens: Citizens, uow: UnitOfWork, clock: FixedClock, person: str
) -> None:
    login = _limited(citizens, uow, clock, place=4)
    for _ in range(2):
        login.begin("eds_egov_mobile", replace(VISITOR, browser_id="one"))
        login.begin("eds_ncalayer", replace(VISITOR, browser_id="one"))
    for method in ("eds_egov_mobile", "eds_ncalayer"):
        with pytest.raises(TooSoon):
            login.begin(method, VISITOR)
    assert isinstance(_try(login), Opened)
    clock.advance(minutes=10)
    assert login.begin("eds_ncalayer", VISITOR).id


def test_who_says_that_it_is_not_they_ends_what_the_phone_brought(citizens: Citizens) -> None:
    citizens.person()
    begun = citizens.begin_phone()
    citizens.phone(begun.id, citizens.key())
    citizens.parts.login.disown("eds_egov_mobile", STRANGER, begun.id)
    assert not citizens.events("login_failed")
    citizens.parts.login.disown("eds_egov_mobile", replace(STRANGER, browser_id="browser one"), begun.id)
    assert citizens.events("login_failed") == [{"method": "eds_egov_mobile", "why": "disowned"}]
    with pytest.raises(Denied) as caught:
        citizens.confirm(begun.id)
    assert caught.value.code == "challenge_over"
