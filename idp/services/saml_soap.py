"""What reaches the identity provider by SOAP: artifacts to resolve, and sign-ons that an enhanced client carries.

An enhanced client signs in with a username and a password and nothing else, so whoever needs a second factor in a
browser gets nothing here: one policy for both (CVE-2021-3827).
"""

from __future__ import annotations

from idp.core.clock import Clock
from idp.saml import artifact as engine
from idp.saml import ecp, sso
from idp.saml.bindings import Received, soap
from idp.saml.checks import served
from idp.saml.errors import PageError, SamlError
from idp.saml.message import authenticate, check_destination, check_times, read
from idp.saml.ports import SamlUnit
from idp.saml.response import algorithm
from idp.saml.server import Server
from idp.saml.sign_on import Envelope
from idp.services import logout
from idp.services.login import Login, Visitor
from idp.services.sessions import Opened
from idp.store import one_time, saml
from idp.store.session import UnitOfWork
from idp.xml.signature import sign

ARTIFACT_PATH = "/saml/artifact"


class SamlSoap:
    def __init__(self, uow: UnitOfWork, stores: SamlUnit, server: Server, clock: Clock, login: Login) -> None:
        self._uow = uow
        self._stores = stores
        self._server = server
        self._clock = clock
        self._login = login

    def sign_on(self, data: bytes, visitor: Visitor, username: str, password: str) -> bytes:
        """The envelope for an enhanced client (SAML ECP §2.3). Raises PageError, TooSoon, and Denied for a password
        that is wrong; a right one that is not enough is told to the service provider."""
        request = ecp.read(data)
        sso.check(self._server, self._stores, request.received, request)
        answer, since = {"username": username, "password": password}, self._clock.now()
        result = self._login.finish("password", visitor, answer, is_shared=True)
        opened = result if isinstance(result, Opened) else None
        try:
            envelope = sso.by_request(
                self._server, self._stores, request.received,
                session_token=opened.token if opened else "", browser=str, enhanced=request, since=since,
            )  # fmt: skip
        finally:
            self._close(opened)
        assert isinstance(envelope, Envelope)
        return envelope.data

    def _close(self, opened: Opened | None) -> None:
        """Nobody holds the session of an enhanced client: where no service was entered in it, it is over."""
        if opened is not None:
            with self._uow.write() as tx:
                if not saml.of_session(tx, opened.session_id):
                    logout.end(tx, opened.session_id, now=self._clock.now(), reason="unused")

    def resolve(self, received: Received) -> bytes:
        """The message behind an artifact, once, to the service it was made for (SAML Profiles §5). Raises PageError."""
        message = read(received, allowed=("ArtifactResolve",))
        with self._stores.read() as stores:
            record = stores.providers.find(message.issuer)
        if record is None:
            raise PageError("saml_unknown_service", "no such service provider is registered")
        served(record, self._clock.now())
        authenticate(message, record.provider, is_required=True)
        check_destination(message, self._server.url(ARTIFACT_PATH), is_required=False)
        check_times(message, self._clock.now())
        found, refusal = None, None
        try:
            found = self._take(engine.read_resolve(message), record.client_id)
        except SamlError as error:
            refusal = error
        answer = engine.build_response(
            self._server, in_response_to=message.id, now=self._clock.now(), message=found, error=refusal
        )
        sign(answer, self._server.credential(algorithm(record)), position=1)
        return soap.wrap(answer)

    def _take(self, text: str, client_id: str) -> bytes | None:
        """Spends the artifact; another service's is left alone, so that nobody can spoil what they overheard."""
        now = self._clock.now()
        with self._uow.write() as tx:
            kept = one_time.peek(tx, text, purpose=sso.ARTIFACTS, now=now)
            if kept is None or kept["client_id"] != client_id:
                return None
            spent = one_time.consume(tx, text, purpose=sso.ARTIFACTS, now=now)
        return str(spent["message"]).encode() if spent else None
