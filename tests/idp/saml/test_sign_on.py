"""saml/sign_on: what one sign-on knows of itself."""

from __future__ import annotations

from datetime import timedelta

from idp.saml.authn_request import AuthnRequest
from idp.saml.sign_on import SignOn
from tests.factories.saml_answers import Record, Session
from tests.factories.saml_sign_on import SignOnGround


def test_without_a_request_it_answers_none_and_shows_pages() -> None:
    ground = SignOnGround()
    with ground.unit.read() as stores:
        begun = SignOn(ground.server, stores, ground.clock.now(), Record())
        asked = SignOn(ground.server, stores, ground.clock.now(), Record(), AuthnRequest("_1", "sp", is_passive=True))
    assert (begun.in_response_to, begun.is_passive, begun.context) == ("", False, None)
    assert (asked.in_response_to, asked.is_passive) == ("_1", True)


def test_a_sign_in_counts_as_new_from_the_moment_the_request_began_to_wait() -> None:
    ground = SignOnGround()
    now = ground.clock.now()
    with ground.unit.read() as stores:
        on = SignOn(ground.server, stores, now, Record(), session_or_none=Session(auth_time=now))
        seen = []
        for since in (None, now, now + timedelta(seconds=1)):
            on.waiting_since = since
            seen.append(on.has_signed_in_since)
    assert seen == [False, True, False]
