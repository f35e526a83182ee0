"""SAML's engine on fake stores: one service provider that signs its requests, one pupil who is signed in."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

from idp.core.clock import FixedClock
from idp.core.ids import fingerprint
from idp.saml import sso
from idp.saml.bindings import Received, post, redirect
from idp.saml.sign_on import Answer, PostForm
from idp.xml.parser import Element, parse
from tests.factories.saml_answers import Record, Session, membership_row, person_row
from tests.factories.saml_sp import NOW, SamlSp, identity_provider
from tests.fakes.saml_stores import FakeSamlUnit

COOKIE, BROWSER = "the cookie of aigerim", "the browser of aigerim"


class SignOnGround:
    def __init__(self, **record: Any) -> None:
        self.clock = FixedClock(NOW)
        self.unit = FakeSamlUnit()
        self.world = self.unit.saml
        self.server = identity_provider(self.clock)
        self.sp = SamlSp()
        self.world.facts = {"person": person_row(), "memberships": [membership_row()]}
        self.register(**record)
        self.sign_in()

    def register(self, **changes: Any) -> Record:
        known: dict[str, Any] = {"provider": self.sp.provider, "approved_attributes": ("mail",), "all_schools": True}
        record = Record(**(known | changes))
        self.world.providers[record.provider.entity_id] = record
        return record

    def sign_in(self, **changes: Any) -> Session:
        session = replace(Session(auth_time=self.clock.now(), last_seen_at=self.clock.now()), **changes)
        self.world.sessions[fingerprint(COOKIE)] = session  # type: ignore[assignment]
        return session

    def received(self, *content: Element, is_signed: bool = True, **attributes: Any) -> Received:
        self.sp.now = self.clock.now()
        query = self.sp.by_redirect(
            self.sp.authn_request(*content, **attributes), relay_state="back", is_signed=is_signed
        )
        return redirect.read(query)

    def posted(self, **attributes: Any) -> Received:
        self.sp.now = self.clock.now()
        return post.read(self.sp.by_post(self.sp.authn_request(**attributes)))

    def ask(self, received: Received | None = None, *, cookie: str = COOKIE, **attributes: Any) -> Answer:
        received = received or self.received(**attributes)
        return sso.by_request(self.server, self.unit, received, session_token=cookie, browser=lambda: BROWSER)

    def resume(self, interaction_id: str, *, cookie: str = COOKIE, browser: str = BROWSER) -> Answer:
        return sso.resume(self.server, self.unit, interaction_id=interaction_id, session_token=cookie, browser=browser)


def status(answer: Answer) -> str:
    """The last word of the deepest status code that goes to the service."""
    codes = [one.get("Value", "") for one in message(answer).iter("{*}StatusCode")]
    return codes[-1].rpartition(":")[2]


def message(answer: Answer) -> Element:
    assert isinstance(answer, PostForm), answer
    return parse(base64.b64decode(dict(answer.fields)["SAMLResponse"]))
