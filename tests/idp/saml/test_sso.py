"""saml/sso: one dispatcher, one trace, one answer; everything is checked again after a pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from idp.saml import ecp, names, sso
from idp.saml.entity import Endpoint, Settings
from idp.saml.errors import PageError
from idp.saml.sign_on import Envelope, Interact, Need, PostForm, Redirect
from tests.factories.saml_sign_on import BROWSER, COOKIE, SignOnGround, message, status


@pytest.fixture
def ground() -> SignOnGround:
    return SignOnGround()


def test_a_session_becomes_an_assertion_with_one_trace_in_one_write(ground: SignOnGround) -> None:
    answer = ground.ask()
    assert isinstance(answer, PostForm)
    assert (answer.uri, dict(answer.fields)["RelayState"]) == ("https://lms.example/acs", "back")
    assert message(answer).get("InResponseTo")
    assert ground.unit.writes == 1
    (participant,) = ground.world.participants
    assert (participant.session_id, participant.client_id) == ("session", "lms")
    assert participant.session_index.startswith("_")
    event, data = ground.world.events[-1]
    assert (event, data["attributes"]) == ("assertion_issued", ["mail"])


def test_one_request_is_answered_once_and_a_replay_leaves_no_trace(ground: SignOnGround) -> None:
    received = ground.received()
    ground.ask(received)
    with pytest.raises(PageError) as refusal:
        ground.ask(received)
    assert refusal.value.code == "saml_replayed"
    assert len(ground.world.participants) == 1
    assert ground.world.event_names() == ["assertion_issued"]


def test_what_waits_for_a_person_goes_on_and_is_looked_at_anew(ground: SignOnGround) -> None:
    waits = ground.ask(cookie="")
    assert isinstance(waits, Interact)
    assert waits.need is Need.LOGIN
    with pytest.raises(PageError) as refusal:
        ground.resume(waits.interaction_id, browser="another")
    assert refusal.value.code == "link_expired"
    assert status(ground.resume(waits.interaction_id)) == "Success"
    again = ground.ask(cookie="")
    assert isinstance(again, Interact)
    ground.register(is_disabled=True)
    with pytest.raises(PageError) as refusal:
        ground.resume(again.interaction_id)
    assert refusal.value.code == "client_disabled"
    del ground.world.providers[ground.sp.entity_id]
    with pytest.raises(PageError) as refusal:
        ground.resume(again.interaction_id)
    assert refusal.value.code == "saml_unknown_service"


def test_an_address_that_metadata_dropped_meanwhile_gets_nothing(ground: SignOnGround) -> None:
    waits = ground.ask(cookie="", AssertionConsumerServiceURL="https://lms.example/acs")
    assert isinstance(waits, Interact)
    ground.register(provider=ground.sp.metadata(acs=(Endpoint(names.POST, "https://lms.example/new"),)))
    with pytest.raises(PageError):
        ground.resume(waits.interaction_id)


def test_the_persons_no_is_told_to_the_service(ground: SignOnGround) -> None:
    ground.register(consent="ask")
    waits = ground.ask()
    assert isinstance(waits, Interact)
    assert waits.need is Need.CONSENT
    answer = sso.deny(ground.server, ground.unit, interaction_id=waits.interaction_id, browser=BROWSER)
    assert status(answer) == "RequestDenied"


def test_an_unknown_service_is_asked_for_once_and_then_served(ground: SignOnGround) -> None:
    record = ground.world.providers.pop(ground.sp.entity_id)
    asked: list[str] = []

    def discover(entity_id: str) -> None:
        assert not ground.unit.is_writing
        asked.append(entity_id)
        ground.world.providers[entity_id] = record

    with pytest.raises(PageError) as refusal:
        ground.ask()
    assert refusal.value.code == "saml_unknown_service"
    ground.server = replace(ground.server, discover=discover)
    assert status(ground.ask()) == "Success"
    assert asked == [ground.sp.entity_id]
    del ground.world.providers[ground.sp.entity_id]
    assert sso.check(ground.server, ground.unit, ground.posted())
    assert len(asked) == 2


def test_an_artifact_stands_for_the_answer_and_a_refusal_goes_by_post(ground: SignOnGround) -> None:
    answer = ground.ask(AssertionConsumerServiceIndex="1")
    assert isinstance(answer, Redirect)
    brought = parse_qs(urlsplit(answer.uri).query)
    assert (answer.uri.partition("?")[0], brought["RelayState"]) == ("https://lms.example/artifact", ["back"])
    kept = [data for (_, purpose), (data, _) in ground.world.one_time.items() if purpose == sso.ARTIFACTS]
    assert [one["client_id"] for one in kept] == ["lms"]
    refused = ground.ask(cookie="", AssertionConsumerServiceIndex="1", IsPassive="true")
    assert isinstance(refused, PostForm)
    assert status(refused) == "NoPassive"
    assert refused.uri == message(refused).get("Destination") == "https://lms.example/acs"


def test_simple_sign_puts_the_signature_beside_the_message(ground: SignOnGround) -> None:
    answer = ground.ask(AssertionConsumerServiceIndex="3")
    assert isinstance(answer, PostForm)
    assert {"SAMLResponse", "SigAlg", "Signature", "RelayState"} == {name for name, _ in answer.fields}


def test_34_a_sign_on_begins_here_only_where_allowed(ground: SignOnGround) -> None:
    def begin(target: str = "", consumer: str = "") -> PostForm:
        answer = sso.by_us(
            ground.server, ground.unit, entity_id=ground.sp.entity_id, target=target, consumer=consumer,
            session_token=COOKIE, browser=lambda: BROWSER,
        )  # fmt: skip
        assert isinstance(answer, PostForm)
        return answer

    with pytest.raises(PageError):
        begin()
    ground.register(settings=Settings(idp_initiated=True, relay_states=("https://lms.example/start",)))
    assert message(begin()).get("InResponseTo") is None
    assert ("RelayState", "https://lms.example/start") in begin("https://lms.example/start").fields
    for target, consumer in (
        ("https://evil.example", ""),
        ("", "https://evil.example"),
        ("", "https://lms.example/simple"),
    ):
        with pytest.raises(PageError) as refusal:
            begin(target, consumer)
        assert refusal.value.code == "saml_unsolicited"


def test_34_an_enhanced_client_is_never_shown_a_page(ground: SignOnGround) -> None:
    def bring(cookie: str) -> Envelope:
        ground.sp.now = ground.clock.now()
        request = ecp.read(ground.sp.by_soap(ground.sp.authn_request(destination=f"{ground.server.issuer}/saml/soap")))
        answer = sso.by_request(
            ground.server, ground.unit, request.received, session_token=cookie, browser=str, enhanced=request
        )
        assert isinstance(answer, Envelope)
        return answer

    assert b"status:AuthnFailed" in bring("").data
    assert b"status:Success" in bring(COOKIE).data
    ground.register(consent="ask")
    assert b"status:AuthnFailed" in bring(COOKIE).data


def test_a_service_without_a_key_for_what_must_be_encrypted_is_told_nothing(ground: SignOnGround) -> None:
    bare = ground.sp.metadata(encryption_certificates=())
    ground.register(provider=bare, settings=Settings(encrypt="always"))
    assert status(ground.ask()) != "Success"
    assert not ground.world.participants


def test_a_session_that_was_not_seen_for_a_minute_is_touched_with_the_trace(ground: SignOnGround) -> None:
    ground.sign_in(last_seen_at=ground.clock.now() - timedelta(minutes=2))
    ground.ask()
    assert ground.world.touched == ["session"]
    assert ground.unit.writes == 1
