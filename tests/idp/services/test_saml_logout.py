"""services/saml_logout: who is told directly, who through the browser, and what is said of those who were not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from idp.core.clock import FixedClock
from idp.core.errors import Unavailable
from idp.core.ids import fingerprint
from idp.saml import names
from idp.saml.bindings import Received, redirect, soap
from idp.saml.entity import Endpoint, Settings
from idp.saml.errors import PageError
from idp.saml.message import read
from idp.saml.names import q
from idp.saml.sign_on import Redirect
from idp.services import logout as services
from idp.services.saml_logout import KIND, Finished, SamlLogout
from idp.store import outbox, saml_entities
from idp.xml.parser import children, text_of
from tests.factories.saml_ground import HOST, Heard, SamlGround
from tests.factories.saml_house import SamlHouse, asks, database_kind, status_of
from tests.factories.saml_metadata import credential
from tests.fakes.http_site import Page, http_site
from tests.idp.web.conftest import app

__all__ = ["app", "database_kind"]

BACK = "https://lms.example/slo"


@pytest.fixture
def house(app: Flask) -> SamlHouse:
    return SamlHouse(app)


@pytest.fixture
def lms(house: SamlHouse) -> SamlGround:
    return house.service("lms", 2, (names.REDIRECT, BACK))


def _answering(sp: SamlGround, *, second: str = "") -> object:
    """A service that confirms what it is told by SOAP."""

    def answer(body: bytes) -> Page:
        message = read(soap.read(body), allowed=("LogoutRequest",))
        sp.now = sp.parts.clock.now()
        return Page(sp.by_soap(sp.logout_response(message.id, second=second, destination=None)))

    return answer


def _waiting(house: SamlHouse) -> list[dict[str, object]]:
    """What the worker finds a little later."""
    house.parts.clock.advance(seconds=30)  # type: ignore[attr-defined]
    with house.parts.uow.write() as tx:
        now = house.parts.clock.now()
        return [one.data for one in outbox.claim(tx, kinds=[KIND], now=now, hold=timedelta(minutes=2), limit=20)]


def test_a_service_with_a_soap_address_is_told_at_once_and_its_word_counts(house: SamlHouse, lms: SamlGround) -> None:
    pages: dict[str, object] = {}
    with http_site(pages) as site:  # type: ignore[arg-type]
        direct = house.service("direct", 1, (names.SOAP_BINDING, f"{site.url}/soap"))
        pages["/soap"] = _answering(direct)
        direct.enter(house.browser)
        step = house.logout(site.host).receive(asks(lms, lms.enter(house.browser)))
        assert [path for _, path, _, _ in site.asked] == ["/soap"]
    assert isinstance(step, Redirect)
    assert (step.uri.startswith(BACK), status_of(step.uri)) == (True, "Success")
    assert not _waiting(house)


def test_a_deaf_service_makes_the_logout_partial_and_is_left_to_the_worker(house: SamlHouse, lms: SamlGround) -> None:
    pages: dict[str, object] = {"/soap": Page(status=503)}
    with http_site(pages) as site:  # type: ignore[arg-type]
        direct = house.service("direct", 1, (names.SOAP_BINDING, f"{site.url}/soap"))
        direct.enter(house.browser)
        step = house.logout(site.host).receive(asks(lms, lms.enter(house.browser)))
        assert isinstance(step, Redirect)
        assert status_of(step.uri) == "PartialLogout"
        (waiting,) = _waiting(house)
        worker = house.logout(site.host)
        with pytest.raises(Unavailable):
            worker.tell(waiting)
        pages["/soap"] = _answering(direct, second="PartialLogout")
        with pytest.raises(Unavailable):
            worker.tell(waiting)
        pages["/soap"] = _answering(direct)
        worker.tell(waiting)
    house.parts.saml_providers.remove(direct.client_id)
    worker.tell(waiting)


def test_who_has_no_address_at_all_is_counted_as_not_told(house: SamlHouse, lms: SamlGround) -> None:
    house.service("silent", 1).enter(house.browser)
    step = house.logout().receive(asks(lms, lms.enter(house.browser)))
    assert isinstance(step, Redirect)
    assert status_of(step.uri) == "PartialLogout"


def test_a_school_that_blocks_a_pupil_leaves_word_for_the_worker(house: SamlHouse) -> None:
    house.service("direct", 1, (names.SOAP_BINDING, "https://direct.example/soap")).enter(house.browser)
    with house.parts.uow.write() as tx:
        services.end_everything(tx, house.school.person_id, now=house.parts.clock.now(), reason="blocked")
    (waiting,) = _waiting(house)
    assert waiting["name_id"]


def test_a_session_ends_once_and_every_service_of_it_is_told_once(house: SamlHouse, lms: SamlGround) -> None:
    lms.enter(house.browser)
    session_id = house.session()
    first = house.logout().end(session_id, reason="by_person", return_to="https://back.example")
    assert isinstance(first, Redirect)
    assert first.uri.startswith(BACK)
    again = house.logout().end(session_id, reason="by_person", return_to="https://back.example")
    assert again == Finished((), "https://back.example")


def test_a_step_is_good_once_also_for_two_at_one_moment(house: SamlHouse, lms: SamlGround, clock: FixedClock) -> None:
    other = house.service("other", 1, (names.REDIRECT, "https://other.example/slo"))
    other.enter(house.browser)
    step = house.logout().receive(asks(lms, lms.enter(house.browser)))
    assert isinstance(step, Redirect)
    asked = read(redirect.read(step.uri.partition("?")[2].encode()), allowed=("LogoutRequest",))
    answer = redirect.read(other.by_redirect(other.logout_response(asked.id, destination=f"{HOST}/saml/slo")))
    with ThreadPoolExecutor(4) as pool:
        steps = list(pool.map(lambda _: house.logout().receive(answer), range(4)))
    assert sorted(type(one).__name__ for one in steps) == ["Finished"] * 3 + ["Redirect"]


def test_nothing_secret_waits_in_the_outbox(house: SamlHouse) -> None:
    house.service("direct", 1, (names.SOAP_BINDING, "https://direct.example/soap")).enter(house.browser)
    cookie = house.browser.client.get_cookie("bilim_id")
    assert cookie is not None
    house.logout().end(house.session(), reason="by_person")
    assert fingerprint(cookie.value) not in str(_waiting(house))


def _secretive(house: SamlHouse) -> SamlGround:
    """Wants names encrypted."""
    described = {
        "slo": (Endpoint(names.REDIRECT, "https://other.example/slo"),),
        "encryption_certificates": (credential(1).certificate,),
    }
    settings = Settings(encrypt_name_id=True)
    return SamlGround(house.app, "https://other.example/saml", number=1, settings=settings, metadata=described)


def test_a_service_that_was_entered_twice_is_told_once_of_both(house: SamlHouse) -> None:
    other = _secretive(house)
    indexes = [other.enter(house.browser).session_index for _ in range(2)]
    step = house.logout().end(house.session(), reason="by_person")
    assert isinstance(step, Redirect)
    asked = read(redirect.read(step.uri.partition("?")[2].encode()), allowed=("LogoutRequest",))
    # The last sign-on comes first, the name encrypted for the service.
    told = [text_of(one) for one in children(asked.root, q(names.SAMLP, "SessionIndex"))]
    assert told == indexes[::-1]
    assert children(asked.root, q(names.SAML, "EncryptedID"))
    answer = redirect.read(other.by_redirect(other.logout_response(asked.id, destination=f"{HOST}/saml/slo")))
    assert house.logout().receive(answer) == Finished()


def test_a_name_that_can_no_longer_be_encrypted_is_not_told(house: SamlHouse) -> None:
    other = _secretive(house)
    other.enter(house.browser)
    with house.parts.uow.write() as tx:
        entry = saml_entities.find(tx, other.entity_id)
        assert entry is not None
        kept = {name: value for name, value in entry.provider.items() if name != "encryption_certificates"}
        saml_entities.put(tx, entry._asdict() | {"provider": kept})
    assert house.logout().end(house.session(), reason="by_person") == Finished((other.client_id,))


@pytest.mark.parametrize("is_expired", [False, True])
def test_who_is_switched_off_or_no_longer_vouched_for_signs_nobody_out_and_is_told_nothing(
    house: SamlHouse, lms: SamlGround, is_expired: bool
) -> None:
    """Its key may be in other hands, which is why it was switched off."""
    gone = house.service("gone", 1, (names.REDIRECT, "https://gone.example/slo"))
    heard = gone.enter(house.browser)
    if is_expired:
        with house.parts.uow.write() as tx:
            known = saml_entities.find(tx, gone.entity_id)
            assert known is not None
            over = house.parts.clock.now().isoformat()
            saml_entities.put(tx, known._replace(provider={**known.provider, "valid_until": over})._asdict())
    else:
        house.parts.saml_providers.disable(gone.client_id)
    for receive, binding in ((house.logout().receive, asks(gone, heard)), (house.logout().soap, _by_soap(gone, heard))):
        with pytest.raises(PageError) as refusal:
            receive(binding)
        assert refusal.value.code == "client_disabled"
    step = house.logout().receive(asks(lms, lms.enter(house.browser)))
    assert isinstance(step, Redirect)
    assert step.uri.startswith(BACK)
    assert status_of(step.uri) == "PartialLogout"


def _by_soap(sp: SamlGround, heard: Heard) -> Received:
    request = sp.logout_request(heard.name_id, indexes=[heard.session_index], destination=f"{HOST}/saml/soap")
    return soap.read(sp.by_soap(request))


def test_who_was_not_told_because_the_process_died_is_told_by_the_worker(
    house: SamlHouse, lms: SamlGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.service("direct", 1, (names.SOAP_BINDING, "https://direct.example/soap")).enter(house.browser)
    request = asks(lms, lms.enter(house.browser))

    def die(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(SamlLogout, "_tell_now", die)
    with pytest.raises(SystemExit):
        house.logout().receive(request)
    (waiting,) = _waiting(house)
    assert str(waiting["client_id"]).startswith("saml.")
