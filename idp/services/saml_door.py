"""What the door of SAML needs, in one record; made when the first message comes, because XML libraries are heavy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from idp.saml import mdq, names, sso
from idp.saml.bindings import Received, artifact, post, redirect, soap
from idp.saml.errors import PageError
from idp.saml.ports import SamlUnit
from idp.saml.server import Server
from idp.saml.sign_on import Answer
from idp.services.login import Visitor
from idp.services.saml_consent import SamlConsents
from idp.services.saml_logout import Finished, SamlLogout
from idp.services.saml_soap import SamlSoap

__all__ = ["Finished", "SamlDoor"]

_POSTED = "saml_posted"
_KEEP_SECONDS = 300
MAX_KEPT, MAX_KEPT_UNSIGNED = 64 * 1024, 8 * 1024
"""Characters of a form: what is not signed, anybody can have us keep, and it is in the way until the next clean-up."""


@dataclass(frozen=True)
class SamlDoor:
    """`metadata` gives the signed document of ours."""

    server: Server
    stores: SamlUnit
    consents: SamlConsents
    logout: SamlLogout
    soap: SamlSoap
    metadata: Callable[[], bytes]

    def by_query(self, query: bytes, *, session_token: str, browser: Callable[[], str]) -> Answer:
        """HTTP Redirect: `query` as it came over the wire. Raises PageError."""
        return sso.by_request(
            self.server, self.stores, redirect.read(query), session_token=session_token, browser=browser
        )

    def by_form(self, pairs: list[tuple[str, str]], *, session_token: str, browser: Callable[[], str]) -> Answer:
        """HTTP POST and SimpleSign. Raises PageError."""
        return sso.by_request(self.server, self.stores, post.read(pairs), session_token=session_token, browser=browser)

    def keep_form(self, pairs: list[tuple[str, str]]) -> str:
        """Keeps a form that came from another site, and so without our cookies, until the browser comes again with
        them; returns the number to come with. Only what a registered service sent is kept. Raises PageError."""
        received = post.read(pairs)
        is_signed = sso.check(self.server, self.stores, received)
        if sum(len(name) + len(value) for name, value in pairs) > (MAX_KEPT if is_signed else MAX_KEPT_UNSIGNED):
            raise PageError("saml_message", "the request is too large")
        number = artifact.make(self.server.entity_id)
        with self.stores.write() as stores:
            stores.one_time.put(
                number, purpose=_POSTED, data={"pairs": [list(pair) for pair in pairs]},
                now=self.server.clock.now(), ttl_seconds=_KEEP_SECONDS,
            )  # fmt: skip
        return number

    def kept_form(self, number: str) -> list[tuple[str, str]]:
        """What was kept, once. Raises PageError `link_expired`."""
        with self.stores.write() as stores:
            data = stores.one_time.consume(number, purpose=_POSTED, now=self.server.clock.now())
        if data is None:
            raise PageError("link_expired", "the request was taken before, or waited too long")
        return [(str(name), str(value)) for name, value in data["pairs"]]

    def begin(
        self, entity_id: str, target: str, consumer: str, *, session_token: str, browser: Callable[[], str]
    ) -> Answer:
        """A sign-on that nobody asked for. Raises PageError."""
        return sso.by_us(
            self.server, self.stores, entity_id=entity_id, target=target, consumer=consumer,
            session_token=session_token, browser=browser,
        )  # fmt: skip

    def resume(self, interaction_id: str, *, session_token: str, browser: str) -> Answer:
        """Raises PageError `link_expired`."""
        return sso.resume(
            self.server, self.stores, interaction_id=interaction_id, session_token=session_token, browser=browser
        )

    def deny(self, interaction_id: str, *, browser: str) -> Answer:
        """Raises PageError `link_expired`."""
        return sso.deny(self.server, self.stores, interaction_id=interaction_id, browser=browser)

    def from_query(self, query: bytes) -> Received:
        return redirect.read(query)

    def from_form(self, pairs: list[tuple[str, str]]) -> Received:
        return post.read(pairs)

    def answer_soap(self, data: bytes, visitor: Visitor, credentials: tuple[str, str] | None) -> bytes | None:
        """One envelope for another: a logout, or a sign-on of an enhanced client, which needs `credentials` (None asks
        for them). Raises PageError, and what signing in raises."""
        body, _ = soap.unwrap(data)
        if body.tag != names.q(names.SAMLP, "AuthnRequest"):
            return self.logout.soap(soap.read(data))
        return self.soap.sign_on(data, visitor, *credentials) if credentials else None

    def resolve(self, data: bytes) -> bytes:
        """ArtifactResolve. Raises PageError."""
        return self.soap.resolve(soap.read(data))

    def is_about_us(self, identifier: str) -> bool:
        """Whether an identifier of Metadata Query asks for our own entity."""
        return mdq.is_about(identifier, self.server.entity_id)

    def fault(self, text: str) -> bytes:
        """A SOAP fault for what cannot be answered in SAML."""
        return soap.fault("Client", text)
