"""Single logout of SAML (SAML Profiles §4.4): who asks is answered, every other service of the session is told.

The session ends first, in one transaction, with word to OpenID Connect's clients; what follows only tells others, so
that a service which never answers keeps nobody signed in. Services with a SOAP address are told directly; the rest
through the browser, one after the other, each step kept under the ID of the request it waits for and good once.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.core.clock import Clock, monotonic
from idp.core.errors import BilimError, Unavailable
from idp.core.ids import new_id
from idp.saml import logout as engine
from idp.saml import names
from idp.saml.bindings import RESPONSE, Received, post, redirect, soap
from idp.saml.checks import served
from idp.saml.entity import Endpoint
from idp.saml.errors import PageError, PartialLogout, SamlError, UnknownPrincipal
from idp.saml.logout import LogoutRequest
from idp.saml.message import Message, authenticate, check_destination, check_times, read
from idp.saml.ports import SamlUnit, SpRecord
from idp.saml.response import algorithm
from idp.saml.server import LOGOUT_TTL, MAX_AGE, SKEW, Server
from idp.saml.sign_on import PostForm, Redirect
from idp.services import logout
from idp.services.fetch import Fetcher
from idp.store import one_time, outbox, saml
from idp.store.saml import ParticipantRow
from idp.store.session import Tx, UnitOfWork
from idp.xml.build import serialize
from idp.xml.parser import Element
from idp.xml.signature import sign

KIND = logout.SAML_KIND
STEP = "saml_logout"
SPENT = "saml_request"
SLO_PATH, SOAP_PATH = "/saml/slo", "/saml/soap"
_FRONT = (names.REDIRECT, names.POST)
_SECONDS = 6.0
"""For all direct words together while a browser waits; who was not reached by then is told by the worker."""
_Kept = dict[str, Any]
"""What `logout.participants` makes."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Finished:
    """Nobody is to be told through this browser any more. `failed` are client ids; `return_to` an address or empty."""

    failed: tuple[str, ...] = ()
    return_to: str = ""


@dataclass(slots=True)
class _Round:
    """A logout on its way. `answer` is whom to answer in the end: `client_id request_id relay_state binding`."""

    answer: dict[str, str] | None = None
    return_to: str = ""
    left: list[dict[str, Any]] = field(default_factory=list)
    waiting: str = ""
    failed: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("answer", "return_to", "left", "waiting", "failed")}


class SamlLogout:
    def __init__(self, uow: UnitOfWork, stores: SamlUnit, server: Server, clock: Clock, fetcher: Fetcher) -> None:
        self._uow = uow
        self._stores = stores
        self._server = server
        self._clock = clock
        self._fetcher = fetcher

    def end(self, session_id: str, *, reason: str, return_to: str = "") -> Redirect | PostForm | Finished:
        """Ends a session whose browser is here, asked for by the person or a client of the other protocol."""
        with self._uow.read() as tx:
            found = saml.of_session(tx, session_id)
        front, _, _ = self._sorted(logout.participants(found))
        told = {one["client_id"] for one in front}
        with self._uow.write() as tx:
            ended = logout.end(tx, session_id, now=self._clock.now(), reason=reason, told=told)
        return self._next(_Round(return_to=return_to, left=front if ended else []))

    def receive(self, received: Received) -> Redirect | PostForm | Finished:
        """A LogoutRequest or a LogoutResponse that a browser brought. Raises PageError."""

        if received.kind == RESPONSE:
            return self._answered(read(received, allowed=("LogoutResponse",)))
        message = read(received, allowed=("LogoutRequest",))
        record, request, refusal = self._asked(message, SLO_PATH)
        waits = {
            "client_id": record.client_id,
            "request_id": message.id,
            "relay_state": received.relay_state,
            "binding": received.binding,
        }
        if request is None:
            return self._reply(waits, refusal)
        others, queued, refusal = self._end(record, request)
        if refusal is not None:
            return self._reply(waits, refusal)
        front, _, none = self._sorted(others)
        failed = [one["client_id"] for one in none]
        if not request.is_async:
            failed += self._tell_now(queued)
        answer = None if request.is_async else waits
        return self._next(_Round(answer=answer, left=front, failed=failed))

    def soap(self, received: Received) -> bytes:
        """A LogoutRequest straight from a service. Who can be told through a browser alone is not told, and the answer
        says so. Raises PageError."""

        message = read(received, allowed=("LogoutRequest",))
        record, request, refusal = self._asked(message, SOAP_PATH)
        if request is not None:
            others, queued, refusal = self._end(record, request)
            front, _, none = self._sorted(others)
            failed = [*front, *none, *self._tell_now(queued)]
            if refusal is None and failed:
                refusal = PartialLogout("not every service could be told")
        answer = engine.build_response(
            self._server, destination="", in_response_to=message.id, now=self._clock.now(), error=refusal
        )
        sign(answer, self._server.credential(algorithm(record)), position=1)
        return soap.wrap(answer)

    def tell(self, data: Mapping[str, Any]) -> None:
        """The worker's half: one participant, directly. Raises Unavailable to be tried again."""
        with self._stores.read() as stores:
            record = stores.providers.get(str(data["client_id"]))
        if record is None or not _by(self._addresses(record), (names.SOAP_BINDING,)):
            return
        if not self._tell(record, data):
            raise Unavailable("the service did not confirm the logout", detail=record.provider.entity_id)

    def _asked(self, message: Message, path: str) -> tuple[SpRecord, LogoutRequest | None, SamlError | None]:
        """Who asks, proved; and what, or why not. Raises PageError."""

        with self._stores.read() as stores:
            record = stores.providers.find(message.issuer)
        if record is None:
            raise PageError("saml_unknown_service", "no such service provider is registered")
        served(record, self._clock.now())
        authenticate(message, record.provider, is_required=True)
        check_destination(message, self._server.url(path), is_required=True)
        check_times(message, self._clock.now())
        try:
            return record, engine.read(message, self._server), None
        except SamlError as error:
            return record, None, error

    def _end(self, record: SpRecord, request: LogoutRequest) -> tuple[list[_Kept], dict[str, _Kept], SamlError | None]:
        """Ends the sessions that the request names. Returns the other participants, and once more by the item of the
        outbox that tells them should this process not come to it. Raises PageError for a replay."""

        now = self._clock.now()
        others: list[ParticipantRow] = []
        with self._uow.write() as tx:
            once = f"{record.client_id} {request.id}"
            if not one_time.put_if_new(tx, once, purpose=SPENT, now=now, ttl=MAX_AGE + SKEW * 2):
                raise PageError("saml_replayed", "this request was answered before")
            store = saml.ParticipantStore(tx)
            named = store.named(record.client_id, request.name_id["value"], request.session_indexes)
            if not named:
                return [], {}, UnknownPrincipal("no session of this service has such a NameID")
            for session_id in dict.fromkeys(one.session_id for one in named):
                of_session = saml.of_session(tx, session_id)
                told = {one.client_id for one in of_session}
                if logout.end(tx, session_id, now=now, reason="by_client", told=told):
                    others += [one for one in of_session if one.client_id != record.client_id]
            due = now + timedelta(seconds=2 * _SECONDS)
            kept = logout.participants(others)
            queued = {outbox.enqueue(tx, kind=KIND, data=one, now=now, due=due): one for one in kept if one["name_id"]}
        return kept, queued, None

    def _answered(self, message: Message) -> Redirect | PostForm | Finished:
        """One service has signed the person out, or says that it could not; on to the next. Whatever is wrong with its
        answer keeps nobody from the rest."""

        told = engine.read_response(message)
        with self._uow.write() as tx:
            kept = one_time.consume(tx, told.in_response_to, purpose=STEP, now=self._clock.now())
        if kept is None:
            return Finished()
        this = _Round(**kept)
        with self._stores.read() as stores:
            record = stores.providers.get(this.waiting)
        is_told = False
        if record is not None:
            try:
                authenticate(message, record.provider, is_required=False)
                check_destination(message, self._server.url(SLO_PATH), is_required=False)
                is_told = told.is_success
            except BilimError as error:
                _log.info("logout response refused", extra={"detail": error.detail or error.description})
        if not is_told:
            this.failed.append(this.waiting)
        return self._next(this)

    def _next(self, this: _Round) -> Redirect | PostForm | Finished:
        """Sends the browser to the next service, back to who asked, or nowhere."""
        while this.left:
            participant = this.left.pop(0)
            with self._stores.read() as stores:
                record = stores.providers.get(participant["client_id"])
            endpoint = _by(self._addresses(record), _FRONT)
            if record is None or endpoint is None:
                this.failed.append(participant["client_id"])
                continue
            this.waiting = record.client_id
            request_id, now = f"_{new_id()}", self._clock.now()
            try:
                request = self._request(record, participant, endpoint.location, request_id)
            except SamlError as error:
                _log.info("logout not told", extra={"detail": error.detail or error.description})
                this.failed.append(record.client_id)
                continue
            with self._uow.write() as tx:
                _keep_step(tx, request_id, this, now=now)
            return self._send(request, endpoint, record)
        if this.answer is None:
            return Finished(tuple(dict.fromkeys(this.failed)), this.return_to)
        return self._reply(this.answer, PartialLogout("not every service could be told") if this.failed else None)

    def _request(self, record: SpRecord, participant: Mapping[str, Any], location: str, request_id: str) -> Element:
        """Raises RequestUnsupported when its NameID cannot be encrypted as the operator wants it."""
        return engine.build_request(
            self._server,
            destination=location,
            name_id=participant["name_id"],
            session_indexes=participant["session_indexes"],
            now=self._clock.now(),
            request_id=request_id,
            encrypt_for=record.provider if record.settings.encrypt_name_id else None,
        )

    def _reply(self, waits: Mapping[str, str], error: SamlError | None) -> Redirect | PostForm | Finished:
        """The LogoutResponse, to an address of metadata, by the binding the request came with where there is one."""

        with self._stores.read() as stores:
            record = stores.providers.get(waits["client_id"])
        endpoint = record and (_by(record.provider.slo, (waits["binding"],)) or _by(record.provider.slo, _FRONT))
        if not record or not endpoint:
            return Finished()
        location = endpoint.response_location or endpoint.location
        answer = engine.build_response(
            self._server, destination=location, in_response_to=waits["request_id"], now=self._clock.now(), error=error
        )
        return self._send(
            answer, endpoint, record, kind="SAMLResponse", relay_state=waits["relay_state"], location=location
        )

    def _send(
        self,
        root: Element,
        endpoint: Endpoint,
        record: SpRecord,
        *,
        kind: str = "SAMLRequest",
        relay_state: str = "",
        location: str = "",
    ) -> Redirect | PostForm:

        to = location or endpoint.location
        credential = self._server.credential(algorithm(record))
        if endpoint.binding == names.REDIRECT:
            return Redirect(redirect.write(to, root, kind=kind, relay_state=relay_state, credential=credential))
        sign(root, credential, position=1)
        return PostForm(to, post.write(serialize(root), kind=kind, relay_state=relay_state))

    def _sorted(self, entered: Iterable[_Kept]) -> tuple[list[_Kept], list[_Kept], list[_Kept]]:
        """Who is told through the browser, who directly, who not at all."""
        front: list[_Kept] = []
        direct: list[_Kept] = []
        none: list[_Kept] = []
        with self._stores.read() as stores:
            for one in entered:
                record = stores.providers.get(one["client_id"])
                slo = self._addresses(record) if one["name_id"] else ()
                if _by(slo, (names.SOAP_BINDING,)):
                    direct.append(one)
                elif _by(slo, _FRONT):
                    front.append(one)
                else:
                    none.append(one)
        return front, direct, none

    def _addresses(self, record: SpRecord | None) -> tuple[Endpoint, ...]:
        """Where a service hears of it; nowhere when it is switched off, or nobody vouches for its metadata any more."""
        try:
            if record is not None:
                served(record, self._clock.now())
                return record.provider.slo
        except PageError as error:
            _log.info("logout not told", extra={"detail": error.description})
        return ()

    def _tell_now(self, queued: Mapping[str, _Kept]) -> list[str]:
        """Tells those directly who have an address for it; returns those who did not confirm in time, whom the worker
        will tell."""
        until = monotonic() + _SECONDS
        missed: dict[str, str] = {}
        for item_id, one in queued.items():
            with self._stores.read() as stores:
                record = stores.providers.get(one["client_id"])
            if record is None or not _by(self._addresses(record), (names.SOAP_BINDING,)):
                continue
            try:
                is_told = monotonic() < until and self._tell(record, one)
            except BilimError as error:
                _log.info("logout not told", extra={"detail": error.detail or error.description})
                is_told = False
            if not is_told:
                missed[item_id] = one["client_id"]
        if queued:
            with self._uow.write() as tx:
                for item_id in queued.keys() - missed.keys():
                    outbox.done(tx, item_id, now=self._clock.now())
        return list(missed.values())

    def _tell(self, record: SpRecord, participant: Mapping[str, Any]) -> bool:
        """One direct exchange (SAML Bindings §3.2); whether it was confirmed. Raises Unavailable or PageError."""

        endpoint = _by(record.provider.slo, (names.SOAP_BINDING,))
        assert endpoint is not None
        request_id = f"_{new_id()}"
        root = self._request(record, participant, endpoint.location, request_id)
        sign(root, self._server.credential(algorithm(record)), position=1)
        data = self._fetcher.post_bytes(
            endpoint.location, soap.wrap(root), content_type=soap.CONTENT_TYPE, accept=soap.CONTENT_TYPE
        )
        message = read(soap.read(data), allowed=("LogoutResponse",))
        authenticate(message, record.provider, is_required=False)
        told = engine.read_response(message)
        return told.in_response_to == request_id and told.is_success


def _keep_step(tx: Tx, request_id: str, this: _Round, *, now: datetime) -> None:

    one_time.put(tx, request_id, purpose=STEP, data=this.as_json(), now=now, ttl=LOGOUT_TTL)


def _by(endpoints: Sequence[Endpoint], bindings: Sequence[str]) -> Endpoint | None:
    return next((one for binding in bindings for one in endpoints if one.binding == binding), None)
