"""services/phone_errands: begun by a browser, carried by a phone, collected by that browser."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from idp.core.clock import FixedClock
from idp.core.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from idp.eds.errors import NcaUnavailable, OtherDocument
from idp.parts import build
from idp.services import egov_relay as egov_relay_module
from idp.services.phone_errands import PhoneErrands, State
from idp.services.sessions import Opened
from tests.factories.citizens import STRANGER, VISITOR, Citizens, house
from tests.factories.signing_ground import TEXT, SigningGround
from tests.fakes.egov_relay import FakeRelay, egov_relay

BROWSER = VISITOR.browser_id


def _errands(citizens: Citizens) -> PhoneErrands:
    return citizens.parts.errands


def _state(citizens: Citizens, errand_id: str) -> State:
    found = _errands(citizens).state(errand_id, BROWSER, "login")
    assert found is not None
    return found


def _fetched(citizens: Citizens, errand_id: str) -> tuple[str, dict[str, Any], bytes]:
    """Token, API2's answer, and what is to be signed."""
    token = _errands(citizens).face(errand_id, language="kk")["document"]["auth_token"]
    body = _errands(citizens).documents(errand_id, token)
    return token, body, base64.b64decode(body["documentsToSign"][0]["document"]["file"]["data"])


def _signed(body: dict[str, Any], signature: str) -> dict[str, Any]:
    body["documentsToSign"][0]["document"]["file"]["data"] = signature
    return body


def test_an_errand_goes_from_the_screen_to_the_phone_and_back(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    waiting = _state(citizens, begun.id)
    shown = _errands(citizens).text(begun.id, BROWSER)
    assert (waiting.state, waiting.seconds_left, waiting.code) == ("waiting", 180, begun.shown["code"])
    assert waiting.qr == f"mobileSign:http://localhost:8000/egov/{begun.id}"
    token, body, text = _fetched(citizens, begun.id)
    assert text.decode() == shown
    assert begun.shown["code"] in shown
    assert begun.shown["code"] in _errands(citizens).face(begun.id, language="en")["description"]
    assert _state(citizens, begun.id).state == "fetched"
    _errands(citizens).deliver(begun.id, token, _signed(body, citizens.signature(citizens.key(), text)))
    delivered = _state(citizens, begun.id)
    assert delivered.state == "delivered"
    assert delivered.signed_by is not None
    assert delivered.signed_by.names.family_name == "СЕРІКОВА"
    assert _errands(citizens).collect(begun.id, BROWSER, "login").iin == "850525400018"
    assert _state(citizens, begun.id).state == "spent"


def test_a_second_scan_does_not_lock_the_first_out(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    token, _, _ = _fetched(citizens, begun.id)
    again, body, text = _fetched(citizens, begun.id)
    assert token == again
    _errands(citizens).deliver(begun.id, token, _signed(body, citizens.signature(citizens.key(), text)))


def test_another_browser_learns_nothing_and_collects_nothing(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    citizens.phone(begun.id, citizens.key())
    for browser in (STRANGER.browser_id, ""):
        assert _errands(citizens).state(begun.id, browser, "login") is None
        assert _errands(citizens).text(begun.id, browser) == ""
        with pytest.raises(Denied):
            _errands(citizens).collect(begun.id, browser, "login")
    with pytest.raises(Denied):
        _errands(citizens).collect(begun.id, BROWSER, "document")
    assert _errands(citizens).collect(begun.id, BROWSER, "login")


def test_of_parallel_confirmations_exactly_one_collects(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    citizens.phone(begun.id, citizens.key())

    def confirm(_number: int) -> str:
        try:
            return _errands(citizens).collect(begun.id, BROWSER, "login").algorithm
        except Denied as error:
            return error.code

    with ThreadPoolExecutor(10) as pool:
        assert sorted(pool.map(confirm, range(30))) == ["challenge_over"] * 29 + ["gost2015"]


def test_of_parallel_deliveries_exactly_one_counts(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    token, body, text = _fetched(citizens, begun.id)
    _signed(body, citizens.signature(citizens.key(), text))

    def bring(_number: int) -> str:
        try:
            _errands(citizens).deliver(begun.id, token, body)
        except Conflict as error:
            return error.code
        return "success"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(bring, range(4))) == ["errand_over"] * 3 + ["success"]


def test_without_the_token_of_the_first_answer_there_is_no_document(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    other = citizens.begin_phone()
    foreign, body, _ = _fetched(citizens, other.id)
    for token in ("", "made up", foreign):
        with pytest.raises(Denied) as caught:
            _errands(citizens).documents(begun.id, token)
        assert caught.value.code == "wrong_token"
        with pytest.raises(Denied):
            _errands(citizens).deliver(begun.id, token, body)
    assert _state(citizens, begun.id).state == "waiting"


def test_time_ends_an_errand_at_every_step(citizens: Citizens, clock: FixedClock) -> None:
    begun = citizens.begin_phone()
    token, body, text = _fetched(citizens, begun.id)
    _signed(body, citizens.signature(citizens.key(), text))
    clock.advance(minutes=3)
    assert _state(citizens, begun.id).state == "over"
    for late in (
        lambda: _errands(citizens).face(begun.id, language="kk"),
        lambda: _errands(citizens).documents(begun.id, token),
        lambda: _errands(citizens).deliver(begun.id, token, body),
    ):
        with pytest.raises(Conflict):
            late()
    with pytest.raises(NotFound):
        _errands(citizens).face("made up", language="kk")


def test_who_signs_at_the_last_moment_still_has_time_to_confirm(citizens: Citizens, clock: FixedClock) -> None:
    begun = citizens.begin_phone()
    clock.advance(seconds=179)
    citizens.phone(begun.id, citizens.key())
    clock.advance(seconds=119)
    assert _state(citizens, begun.id).state == "delivered"
    clock.advance(seconds=1)
    with pytest.raises(Denied):
        _errands(citizens).collect(begun.id, BROWSER, "login")


def test_a_signature_over_something_else_ends_the_errand_and_says_why(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    token, body, _ = _fetched(citizens, begun.id)
    _signed(body, citizens.signature(citizens.key(), b"a document"))
    with pytest.raises(OtherDocument):
        _errands(citizens).deliver(begun.id, token, body)
    state = _state(citizens, begun.id)
    assert (state.state, state.refusal) == ("refused", "eds_other_document")
    with pytest.raises(Conflict):
        _errands(citizens).documents(begun.id, token)
    with pytest.raises(Denied):
        _errands(citizens).collect(begun.id, BROWSER, "login")


def test_a_silent_nca_is_told_to_the_browser(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    citizens.is_away = True
    with pytest.raises(NcaUnavailable):
        citizens.phone(begun.id, citizens.key())
    assert _state(citizens, begun.id).refusal == "nca_unavailable"


def test_an_answer_without_its_one_document_is_wrong_and_changes_nothing(citizens: Citizens) -> None:
    begun = citizens.begin_phone()
    token, body, text = _fetched(citizens, begun.id)
    nothing: list[Any] = [None, {}, {"documentsToSign": []}]
    for wrong in nothing:
        with pytest.raises(Invalid):
            _errands(citizens).deliver(begun.id, token, wrong)
    _errands(citizens).deliver(begun.id, token, _signed(body, citizens.signature(citizens.key(), text)))


def test_a_document_is_signed_by_phone_over_the_octets_of_its_request(signing_ground: SigningGround) -> None:
    ground, errands = signing_ground, signing_ground.parts.errands
    request_id = ground.ask()
    begun = errands.begin("document", browser=BROWSER, language="kk", request_id=request_id)
    face = errands.face(begun.id, language="ru")
    assert "Отчёт за сентябрь" in face["description"]
    token = face["document"]["auth_token"]
    body = errands.documents(begun.id, token)
    (document,) = body["documentsToSign"]
    assert base64.b64decode(document["document"]["file"]["data"]) == TEXT
    errands.deliver(begun.id, token, _signed(body, ground.cms(ground.head_key(), TEXT)))
    with pytest.raises(Denied):
        errands.collect(begun.id, BROWSER, "login")
    assert errands.collect(begun.id, BROWSER, "document", request_id).is_head


def test_an_errand_stands_for_its_own_purpose_and_its_own_document_only(signing_ground: SigningGround) -> None:
    ground, errands = signing_ground, signing_ground.parts.errands
    request_id, another = ground.ask(), ground.ask(b"another document")
    begun = errands.begin("document", browser=BROWSER, language="kk", request_id=request_id)
    text = errands.begin("login", browser=BROWSER, language="kk", document=b"text")
    assert errands.state(begun.id, BROWSER, "document", request_id) is not None
    assert errands.state(text.id, BROWSER, "login") is not None
    for purpose, other in (("login", ""), ("login", request_id), ("document", ""), ("document", another)):
        assert errands.state(begun.id, BROWSER, purpose, other) is None
    for purpose, other in (("document", ""), ("document", request_id), ("login", request_id)):
        assert errands.state(text.id, BROWSER, purpose, other) is None
    assert (errands.text(begun.id, BROWSER), errands.text(text.id, BROWSER)) == ("", "text")
    token = errands.face(begun.id, language="ru")["document"]["auth_token"]
    body = errands.documents(begun.id, token)
    errands.deliver(begun.id, token, _signed(body, ground.cms(ground.head_key(), TEXT)))
    for purpose, other in (("login", ""), ("document", ""), ("document", another)):
        with pytest.raises(Denied):
            errands.collect(begun.id, BROWSER, purpose, other)
    assert errands.collect(begun.id, BROWSER, "document", request_id).is_head


def test_looking_how_it_stands_and_collecting_read_no_document(signing_ground: SigningGround) -> None:
    ground, errands = signing_ground, signing_ground.parts.errands
    request_id = ground.ask()
    begun = errands.begin("document", browser=BROWSER, language="kk", request_id=request_id)
    token = errands.face(begun.id, language="ru")["document"]["auth_token"]
    body = errands.documents(begun.id, token)
    errands.deliver(begun.id, token, _signed(body, ground.cms(ground.head_key(), TEXT)))
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(ground.parts.engine, "before_cursor_execute", note)
    assert errands.state(begun.id, BROWSER, "document", request_id) is not None
    assert errands.collect(begun.id, BROWSER, "document", request_id).is_head
    event.remove(ground.parts.engine, "before_cursor_execute", note)
    assert any("phone_errands" in statement for statement in said)
    assert not [statement for statement in said if re.search(r"\bdocument\b", statement)]


def test_what_is_no_purpose_is_a_mistake_of_ours(citizens: Citizens) -> None:
    for purpose, request_id in (("payment", ""), ("document", ""), ("login", "x")):
        with pytest.raises(ValueError, match=purpose):
            _errands(citizens).begin(purpose, browser=BROWSER, language="kk", request_id=request_id)


@pytest.fixture
def relay() -> Iterator[FakeRelay]:
    with egov_relay() as running:
        yield running


@pytest.fixture
def relayed(database_url: str, tmp_path: Path, clock: FixedClock, relay: FakeRelay) -> Iterator[Citizens]:
    chosen = {"egov_relay_url": relay.url, "fetch_allow": (relay.address,), "operator_bin": ""}
    with house(database_url, tmp_path, clock, eds_second_factor=(), **chosen) as parts:
        yield Citizens(parts, clock)


def test_a_relay_carries_the_errand_and_we_verify(relayed: Citizens, relay: FakeRelay, clock: FixedClock) -> None:
    relayed.person()
    assert relayed.parts.login.why_off("eds_egov_mobile") == ""
    begun = relayed.begin_phone()
    state = _state(relayed, begun.id)
    assert (state.state, state.qr) == ("waiting", f"mobileSign:{relay.url}/api/egovQr/phone")
    assert begun.shown["code"] in relay.descriptions[0]
    text = base64.b64decode(relay.documents["documentsToSign"][0]["document"]["file"]["data"])
    relay.signature = relayed.signature(relayed.key(), text)
    assert _state(relayed, begun.id).state == "waiting"
    clock.advance(seconds=3)
    assert _state(relayed, begun.id).state == "delivered"
    assert isinstance(relayed.confirm(begun.id), Opened)


def test_what_a_relay_made_up_is_refused(relayed: Citizens, relay: FakeRelay) -> None:
    begun = relayed.begin_phone()
    relay.signature = relayed.signature(relayed.key(), b"something else")
    state = _state(relayed, begun.id)
    assert (state.state, state.refusal) == ("refused", "eds_other_document")


def test_without_the_relay_no_errand_is_begun(relayed: Citizens, relay: FakeRelay) -> None:
    relay.is_broken = True
    with pytest.raises(Unavailable):
        relayed.begin_phone()


def test_however_many_wait_a_relay_is_asked_once_in_a_while(
    relayed: Citizens, relay: FakeRelay, clock: FixedClock
) -> None:
    begun = relayed.begin_phone()

    def poll(_number: int) -> str:
        return _state(relayed, begun.id).state

    for asked in (1, 2):
        with ThreadPoolExecutor(12) as pool:
            assert set(pool.map(poll, range(36))) == {"waiting"}
        assert relay.asked == asked
        clock.advance(seconds=3)


def test_two_nodes_ask_a_relay_as_one(relayed: Citizens, relay: FakeRelay, clock: FixedClock) -> None:
    begun = relayed.begin_phone()
    other = build(relayed.parts.settings, clock)
    for errands in (relayed.parts.errands, other.errands) * 2:
        found = errands.state(begun.id, BROWSER, "login")
        assert found is not None
        assert found.state == "waiting"
    assert relay.asked == 1
    clock.advance(seconds=3)
    relay.signature = relayed.signature(relayed.key(), b"something else")
    for errands in (other.errands, relayed.parts.errands):
        found = errands.state(begun.id, BROWSER, "login")
        assert found is not None
        assert found.state == "refused"
    assert relay.asked == 2
    other.engine.dispose()


def test_a_relay_that_holds_the_line_holds_three_threads_and_no_more(
    relayed: Citizens, relay: FakeRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(egov_relay_module, "ASK_SECONDS", 30.0)
    errands = [relayed.begin_phone().id for _ in range(4)]
    relay.line.clear()
    with ThreadPoolExecutor(3) as pool:
        held = [pool.submit(_state, relayed, errand) for errand in errands[:3]]
        for _ in held:
            assert relay.is_asked.acquire(timeout=20)
        assert _state(relayed, errands[3]).state == "waiting"
        assert (relay.asked, [one.done() for one in held]) == (3, [False] * 3)
        relay.line.set()
        assert [one.result().state for one in held] == ["waiting"] * 3
    assert _state(relayed, errands[3]).state == "waiting"
    assert relay.asked == 4
