"""services/factors: passkeys, the authenticator and recovery codes, managed by their owner."""

from __future__ import annotations

import pyotp
import pytest

from idp.core import levels
from idp.core.errors import Conflict, Denied, NotFound
from idp.services import scope as scopes
from idp.services.factors import RECOVERED
from idp.services.sessions import Opened
from idp.store import credentials
from idp.store.models.grants import Grant
from tests.factories.authenticator import Authenticator
from tests.factories.console import Console
from tests.factories.factor_ground import HASH, VISITOR, FactorGround
from tests.factories.rows import add_offline_grant


def test_several_passkeys_are_held_named_and_taken_away(ground: FactorGround) -> None:
    factors, person = ground.parts.sign_in.factors, ground.person()
    assert factors.level_for_change(person, ("pwd",)) == levels.PASSWORD
    ground.passkey_of(person)
    ground.passkey_of(person)
    held = factors.held(person)
    assert held.is_strong
    assert [one.label for one in held.passkeys] == ["Телефон", "Телефон"]
    assert factors.level_for_change(person, ("pwd",)) == levels.MFA
    assert factors.level_for_change(person, RECOVERED) == levels.PASSWORD, "the strong method is lost"
    first = held.passkeys[0].id
    factors.rename(person, first, "  Жаңа\x00\n телефон  " + "ә" * 90)
    label = factors.passkey(person, first).label
    assert label.startswith("Жаңа телефон ә")
    assert len(label) == 60
    opened = ground.password()
    assert isinstance(opened, Opened)
    factors.remove_passkey(person, first, session_id="another")
    assert ground.parts.sessions.of_person(person) == [], "a thief may be signed in"
    other = ground.person("marat")
    for act in (factors.passkey, lambda who, what: factors.remove_passkey(who, what, session_id="")):
        with pytest.raises(NotFound):
            act(other, held.passkeys[1].id)
    what = [letter.values["what"] for letter in ground.letters()]
    assert what == ["passkey_added", "passkey_added", "passkey_removed"]
    names = [name for name, _ in ground.events("factor_added", "factor_renamed", "factor_removed")]
    assert names == ["factor_added", "factor_added", "factor_renamed", "factor_removed"]


def test_the_last_way_in_is_never_taken_away(ground: FactorGround) -> None:
    factors, person = ground.parts.sign_in.factors, ground.person()
    ground.passkey_of(person)
    with ground.parts.uow.write() as tx:
        credentials.remove_all(tx, person, ("password",))
    with pytest.raises(Conflict) as caught:
        factors.remove_passkey(person, factors.held(person).passkeys[0].id, session_id="")
    assert caught.value.code == "last_way_in"


def test_an_app_that_would_shut_its_owner_out_is_not_set_up(ground: FactorGround) -> None:
    """A code by mail alone lets in: with an app a second step would be asked for, which stands beside a password."""
    factors, person = ground.parts.sign_in.factors, ground.person()
    setting = factors.begin_totp(person, bound="s")
    with ground.parts.uow.write() as tx:
        credentials.remove_all(tx, person, ("password",))
    code = pyotp.TOTP(setting.key.replace(" ", "")).at(ground.clock.now())
    for act in (
        lambda: factors.begin_totp(person, bound="s"),
        lambda: factors.add_totp(person, setting.ticket, code, bound="s"),
    ):
        with pytest.raises(Denied) as caught:
            act()
        assert caught.value.code == "app_without_password"
    assert not factors.held(person).asks_second


def test_an_enrolment_is_finished_once_by_who_began_it_where_it_began(ground: FactorGround) -> None:
    factors, person, other = ground.parts.sign_in.factors, ground.person(), ground.person("marat")
    options = factors.begin_passkey(person, bound="session one")
    answer = Authenticator().create(options)
    for who, bound in ((other, "session one"), (person, "session two")):
        with pytest.raises(Denied):
            factors.add_passkey(who, answer, bound=bound, label="")
    factors.add_passkey(person, answer, bound="session one", label="")
    replayed = Authenticator().create(options)
    with pytest.raises(Denied) as caught:
        factors.add_passkey(person, replayed, bound="session one", label="")
    assert caught.value.code == "link_expired"
    setting = factors.begin_totp(person, bound="session one")
    for who, bound, ticket in (
        (other, "session one", setting.ticket), (person, "two", setting.ticket), (person, "session one", "made up"),
    ):  # fmt: skip
        with pytest.raises(Denied):
            factors.add_totp(who, ticket, "000000", bound=bound)
    assert factors.setting(person, setting.ticket, bound="session one") == setting


def test_an_app_is_asked_for_from_then_on_and_takes_its_codes_along(ground: FactorGround) -> None:
    factors, person = ground.parts.sign_in.factors, ground.person()
    with pytest.raises(Conflict):
        factors.switch_second_step(person, on=True)
    with pytest.raises(Conflict):
        factors.make_codes(person)  # A thief's would wait for the day the owner sets an app up.
    ground.app_of(person)
    codes = factors.make_codes(person)
    assert len(set(codes)) == 10
    held = factors.held(person)
    assert (held.codes, held.asks_second, held.totp is not None) == (10, True, True)
    factors.make_codes(person)
    assert factors.held(person).codes == 10
    factors.switch_second_step(person, on=False)
    assert not factors.held(person).asks_second
    factors.switch_second_step(person, on=True)
    with ground.parts.uow.write() as tx:
        ground.parts.sessions.open(tx, person_id=person, acr=levels.MFA, amr=(), is_shared=False, browser="thief")
    ground.app_of(person)
    with ground.parts.uow.read() as tx:
        assert credentials.methods_of(tx, person)["totp"] == 1, "the new one replaces the old one"
    assert ground.parts.sessions.of_person(person) == [], "the phone that is replaced may be a thief's"
    factors.remove_totp(person, session_id="")
    held = factors.held(person)
    assert (held.codes, held.asks_second, held.totp) == (0, False, None)
    with pytest.raises(NotFound):
        factors.remove_totp(person, session_id="")


def test_the_school_takes_factors_away_within_its_scope_alone(console: Console) -> None:
    ground = FactorGround(console.parts, console.clock)
    factors, teacher = console.parts.sign_in.factors, console.people["teacher"]
    with console.parts.uow.write() as tx:
        credentials.replace(tx, "password", [(teacher, {"hash": HASH})], must_change=False, now=console.clock.now())
    ground.app_of(teacher)
    factors.make_codes(teacher)
    with console.parts.uow.write() as tx:
        console.parts.sessions.open(
            tx, person_id=teacher, acr=levels.MFA, amr=("pwd",), is_shared=False, browser=VISITOR.browser
        )
        kept = add_offline_grant(tx, teacher)
    there = scopes.of_actor(console.people["other_director"], "director", (console.other,))
    with pytest.raises(NotFound):
        factors.reset(there, teacher, console.people["other_director"])
    here = scopes.of_actor(console.people["secretary"], "secretary", (console.school,))
    assert factors.reset(here, teacher, console.people["secretary"]) == 12
    assert not factors.held(teacher).is_strong
    assert console.parts.sessions.of_person(teacher) == []
    with console.parts.uow.read() as tx:
        family = tx.session.get(Grant, kept)
    assert family is not None
    assert family.revoked_at is not None, "what the lost phone holds ends too"
    assert ground.events("factors_reset") == [("factors_reset", {"number": 12})]
