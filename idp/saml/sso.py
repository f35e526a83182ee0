"""Single sign-on: the request, then a person where one is needed, then an assertion (SAML Profiles §4.1, §4.2).

The only dispatcher of this protocol, as `oidc/authorize.py` is of the other: pages come back here with the
interaction's id, and everything is checked again. Building, signing and encrypting stay outside the write transaction;
what it writes is a trace, whom a logout must reach, and that the request's ID is spent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from idp.core.clock import local_date
from idp.core.ids import fingerprint, new_id
from idp.saml import assertion, authn_request, ecp, interaction, name_id, names, release, response
from idp.saml.bindings import Received, artifact, post
from idp.saml.checks import PERSON_CHECKS, REQUEST_CHECKS, in_force
from idp.saml.entity import Endpoint
from idp.saml.errors import AuthnFailed, NoPassive, PageError, RequestDenied, SamlError
from idp.saml.message import authenticate, check_destination, check_times, read
from idp.saml.ports import SamlUnit, SpRecord, Stores
from idp.saml.server import ARTIFACT_TTL, Server
from idp.saml.sign_on import Answer, Envelope, Interact, Need, PostForm, Redirect, SignOn

PATH, SOAP_PATH = "/saml/sso", "/saml/soap"
ARTIFACTS = "saml_artifact"
_TOUCH_AFTER_SECONDS = 60


def by_request(
    server: Server,
    unit: SamlUnit,
    received: Received,
    *,
    session_token: str,
    browser: Callable[[], str],
    enhanced: ecp.EcpRequest | None = None,
    since: datetime | None = None,
) -> Answer:
    """Answers an AuthnRequest, which an `enhanced` client brought or a browser. `browser()` gives the id that what
    waits is bound to; a sign-in after `since` is one for this request. Raises PageError for what must be shown."""
    on, need = _look(server, unit, received, session_token, enhanced, since)
    if on is None:
        server.discover(read(received, allowed=("AuthnRequest",)).issuer)
        on, need = _look(server, unit, received, session_token, enhanced, since)
    if on is None:
        raise PageError("saml_unknown_service", "no such service provider is registered")
    return _go_on(unit, on, need, browser)


def _look(
    server: Server,
    unit: SamlUnit,
    received: Received,
    session_token: str,
    enhanced: ecp.EcpRequest | None,
    since: datetime | None,
) -> tuple[SignOn | None, Need | SamlError | None]:
    """Everything that only reads, in one read transaction; nothing for a service that nobody registered."""
    with unit.read() as stores:
        on = _asked(server, stores, received, enhanced)
        if on is None:
            return None, None
        on.waiting_since = since
        return on, _decide(on, session_token)


def check(server: Server, unit: SamlUnit, received: Received, enhanced: ecp.EcpRequest | None = None) -> bool:
    """Whether the request is signed, before anybody is asked to sign in for it. Raises PageError for what is not
    answered whoever signs in."""
    with unit.read() as stores:
        on = _asked(server, stores, received, enhanced)
    if on is None:
        server.discover(read(received, allowed=("AuthnRequest",)).issuer)
        with unit.read() as stores:
            on = _asked(server, stores, received, enhanced)
    if on is None:
        raise PageError("saml_unknown_service", "no such service provider is registered")
    return on.is_signed


def by_us(
    server: Server,
    unit: SamlUnit,
    *,
    entity_id: str,
    target: str,
    consumer: str,
    session_token: str,
    browser: Callable[[], str],
) -> Answer:
    """A sign-on that begins here (SAML Profiles §4.1.5), only where the operator allowed it, only to a RelayState of
    the list. `consumer` chooses among the addresses of metadata. Raises PageError."""
    with unit.read() as stores:
        record = stores.providers.find(entity_id)
        if record is None:
            raise PageError("saml_unknown_service", "no such service provider is registered")
        on = _begun_here(server, stores, record, target=target, location=consumer)
        answer = _decide(on, session_token)
    return _go_on(unit, on, answer, browser, location=consumer)


def resume(server: Server, unit: SamlUnit, *, interaction_id: str, session_token: str, browser: str) -> Answer:
    """Goes on with what waited. Raises PageError `link_expired`."""
    with unit.read() as stores:
        on = waiting(server, stores, interaction_id, browser)
        answer = _decide(on, session_token)
    return _go_on(unit, on, answer, lambda: browser, interaction_id=interaction_id)


def deny(server: Server, unit: SamlUnit, *, interaction_id: str, browser: str) -> Answer:
    """The person said no: the service is told, after the same checks."""
    with unit.read() as stores:
        on = waiting(server, stores, interaction_id, browser)
    return _refuse(on, RequestDenied("the person declined"))


def waiting(server: Server, stores: Stores, interaction_id: str, browser: str) -> SignOn:
    """A kept sign-on, looked at anew: the service may have been switched off since. Raises PageError."""
    now = server.clock.now()
    kept = interaction.load(stores.one_time, interaction_id, browser, now=now)
    record = stores.providers.get(kept.client_id)
    if record is None:
        raise PageError("saml_unknown_service", "the service provider is no longer registered")
    if kept.request is None:
        on = _begun_here(server, stores, record, target=kept.relay_state, location=kept.consumer)
    else:
        on = SignOn(server, stores, now, record, kept.request, relay_state=kept.relay_state)
        _find_consumer(on)
    on.waiting_since = kept.created_at
    return on


def _asked(server: Server, stores: Stores, received: Received, enhanced: ecp.EcpRequest | None) -> SignOn | None:
    """The request of a service that is registered, its sender proved as far as it must be; None when it is unknown."""
    message = read(received, allowed=("AuthnRequest",))
    record = stores.providers.find(message.issuer)
    if record is None:
        return None
    now = server.clock.now()
    is_signed = authenticate(message, record.provider, is_required=record.settings.must_sign_requests)
    check_destination(message, server.url(SOAP_PATH if enhanced else PATH), is_required=is_signed)
    check_times(message, now)
    on = SignOn(server, stores, now, record, authn_request.read(message), relay_state=received.relay_state)
    on.is_signed = is_signed
    on.enhanced = ecp.Enhanced(enhanced, message, is_signed) if enhanced else None
    _find_consumer(on)
    return on


def _find_consumer(on: SignOn) -> None:
    in_force(on)
    assert on.request is not None
    on.consumer_or_none = authn_request.consumer(on.request, on.record.provider)


def _begun_here(server: Server, stores: Stores, record: SpRecord, *, target: str, location: str) -> SignOn:
    on = SignOn(server, stores, server.clock.now(), record, relay_state=target)
    in_force(on)
    if not record.settings.idp_initiated:
        raise PageError("saml_unsolicited", "the service takes no sign-on that it did not ask for")
    if target and target not in record.settings.relay_states:
        raise PageError("saml_unsolicited", "the target is not on the service's list")
    on.consumer_or_none = _own_choice(record.provider.acs, location)
    return on


def _own_choice(consumers: tuple[Endpoint, ...], location: str) -> Endpoint:
    """An unsolicited response goes by POST (SAML Profiles §4.1.5) to an address of metadata and to no other."""
    able = [one for one in consumers if one.binding == names.POST and location in ("", one.location)]
    if not able:
        raise PageError("saml_unsolicited", "the service names no such address for unsolicited responses")
    return next((one for one in able if one.is_default), able[0])


def _decide(on: SignOn, session_token: str) -> Need | SamlError | None:
    """What stands between the request and its answer, in one read transaction."""
    try:
        for check in REQUEST_CHECKS:
            check(on)
        if session_token:
            on.session_or_none = on.stores.sessions.live(fingerprint(session_token), on.record.client_id, now=on.now)
        for ask in PERSON_CHECKS:
            need = ask(on)
            if need is None:
                continue
            if on.is_passive:
                raise NoPassive("the person would have to be asked")
            if on.consumer.binding == names.PAOS_BINDING:
                raise AuthnFailed("only a browser can show what must be shown")
            return need
        _look_up(on)
        return None
    except SamlError as error:
        return error


def _look_up(on: SignOn) -> None:
    """What the assertion will say."""
    facts, session, today = on.stores.facts, on.session, local_date(on.now)
    on.name_id = name_id.make(on.server, facts, on.record, session, on.name_id_format)
    on.released = release.released(on.server, facts, on.record, session, on.names, today=today)


def _go_on(
    unit: SamlUnit,
    on: SignOn,
    need: Need | SamlError | None,
    browser: Callable[[], str],
    *,
    interaction_id: str = "",
    location: str = "",
) -> Answer:
    if isinstance(need, SamlError):
        return _refuse(on, need)
    if need is None:
        return _answer(unit, on)
    if not interaction_id:
        with unit.write() as stores:
            interaction_id = interaction.keep(
                stores.one_time,
                request=on.request,
                relay_state=on.relay_state,
                client_id=on.record.client_id,
                acr_values=on.acr_values,
                origin=origin_of(on.consumer.location),
                browser=browser(),
                now=on.now,
                consumer=location,
            )
    return Interact(need, interaction_id)


def _answer(unit: SamlUnit, on: SignOn) -> Answer:
    """The assertion, and its trace."""
    session, record = on.session, on.record
    session_index = f"_{new_id()}"
    made = assertion.build(
        on.server, record=record, consumer=on.consumer, in_response_to=on.in_response_to, session=session,
        name_id=on.name_id, released=on.released, context_class=on.context_class, session_index=session_index,
        now=on.now, session_until=session.expires_at,
    )  # fmt: skip
    try:
        xml = response.success(
            on.server, made, record=record, consumer=on.consumer, in_response_to=on.in_response_to, now=on.now
        )
    except SamlError as error:
        return _refuse(on, error)
    handle = artifact.make(on.server.entity_id) if on.consumer.binding == names.ARTIFACT else ""
    with unit.write() as stores:
        row = {
            "client_id": record.client_id,
            "session_id": session.id,
            "person_id": session.person_id,
            "name_id": _kept(on.name_id),
            "session_index": session_index,
            "created_at": on.now,
        }
        # One request, one answer: an ID that comes again is a replay (SAML Core §1.3.4, Kantara fedinterop).
        if not stores.participants.add(row, request_id=on.in_response_to):
            raise PageError("saml_replayed", "this request was answered before")
        if handle:
            _keep_artifact(stores, on, handle, xml)
        stores.audit.record(
            "assertion_issued",
            now=on.now,
            person_id=session.person_id,
            client_id=record.client_id,
            school_id=session.school_id or "",
            data={"attributes": [one.name for one in on.released], "acr": session.acr, "name_id": on.name_id_format},
        )
        if (on.now - session.last_seen_at).total_seconds() >= _TOUCH_AFTER_SECONDS:
            stores.sessions.touch(session.id, now=on.now)
    return _deliver(on, xml, handle)


def _kept(named: name_id.NameId | None) -> dict[str, str]:
    if named is None:
        return {}
    return {
        "value": named.value,
        "format": named.format,
        "name_qualifier": named.name_qualifier,
        "sp_name_qualifier": named.sp_name_qualifier,
    }


def _keep_artifact(stores: Stores, on: SignOn, handle: str, xml: bytes) -> None:
    stores.one_time.put(
        handle,
        purpose=ARTIFACTS,
        data={"client_id": on.record.client_id, "message": xml.decode()},
        now=on.now,
        ttl_seconds=int(ARTIFACT_TTL.total_seconds()),
    )


def _refuse(on: SignOn, error: SamlError) -> Answer:
    """A status for the service, at an address of its metadata, by POST where it would have had an artifact."""
    if on.request is None:
        raise PageError("saml_unsolicited", error.description)
    if on.consumer.binding == names.ARTIFACT:
        by_post = [one for one in on.record.provider.acs if one.binding == names.POST]
        if not by_post:
            raise PageError("saml_message", error.description)
        on.consumer_or_none = by_post[0]
    xml = response.refusal(
        on.server, error, consumer=on.consumer, in_response_to=on.in_response_to, now=on.now,
        provider=on.record.provider,
    )  # fmt: skip
    return _deliver(on, xml, "")


def _deliver(on: SignOn, xml: bytes, handle: str) -> Answer:
    """By the binding of the address it goes to; RelayState is echoed, never read (SAML Bindings §3.5.3)."""
    location, relay_state = on.consumer.location, on.relay_state
    if handle:
        fields = [("SAMLart", handle)] + ([("RelayState", relay_state)] if relay_state else [])
        joint = "&" if "?" in location else "?"
        return Redirect(location + joint + urlencode(fields))
    if on.consumer.binding == names.PAOS_BINDING:
        assert on.enhanced is not None
        return Envelope(
            ecp.wrap_response(
                xml, location, relay_state, is_authenticated=on.enhanced.is_signed, channel_bindings=on.bindings
            )
        )
    if on.consumer.binding == names.SIMPLE_SIGN:
        credential = on.server.credential(response.algorithm(on.record))
        return PostForm(
            location, post.write_simple_sign(xml, kind="SAMLResponse", relay_state=relay_state, credential=credential)
        )
    return PostForm(location, post.write(xml, kind="SAMLResponse", relay_state=relay_state))


def origin_of(location: str) -> str:
    """Scheme, host and port, for the `form-action` of a page that leads there."""
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}"
