"""The checks of a sign-on, each with its rule: first what was asked, then who is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from idp.core.clock import local_date
from idp.core.levels import satisfies
from idp.saml import authn_context, authn_request, name_id, release
from idp.saml.errors import NoAuthnContext, PageError, RequestUnsupported
from idp.saml.ports import SpRecord
from idp.saml.sign_on import Need, SignOn


def in_force(on: SignOn) -> None:
    """As `served`."""
    served(on.record, on.now)


def served(record: SpRecord, now: datetime) -> None:
    """Neither switched off nor past its end date, its metadata not past `validUntil` (SAML Metadata §2.3.2): holds for
    whatever a service asks for, and for its keys. Raises PageError."""
    if record.is_disabled or (record.end_date is not None and local_date(now) > record.end_date):
        raise PageError("client_disabled", "the service is switched off or past its end date")
    until = record.provider.valid_until
    if until is not None and until <= now:
        raise PageError("client_disabled", "the metadata of the service has expired")


def understood(on: SignOn) -> None:
    """What nobody here can do is said, not passed over: a Subject that the service chose (SAML Core §3.4.1.1)."""
    if on.request is None:
        return
    authn_request.check_binding(on.request, on.consumer)
    if on.request.has_subject:
        raise RequestUnsupported("a Subject in the request is not supported")


def bindings_agree(on: SignOn) -> None:
    """An enhanced client that tells its channel to the service hears whether it is the service's own (Channel Binding
    Extensions 1.0 §2)."""
    if on.enhanced is not None:
        on.bindings = on.enhanced.bindings()


def levels_asked(on: SignOn) -> None:
    """Which of our levels would do (SAML Core §3.3.2.2.1). Raises NoAuthnContext when none ever will."""
    asked = authn_context.acr_values(on.context) if on.context else ()
    on.acr_values = asked or ((on.record.settings.acr,) if on.record.settings.acr else ())


def name_asked(on: SignOn) -> None:
    """Which NameID it will be, or that it cannot be what was asked for: told before anybody signs in for nothing (SAML
    Core §3.4.1.1)."""
    on.name_id_format = name_id.choose(on.request, on.record)


REQUEST_CHECKS: tuple[Callable[[SignOn], None], ...] = (understood, bindings_agree, levels_asked, name_asked)


def present(on: SignOn) -> Need | None:
    """Somebody is signed in in this browser."""
    return Need.LOGIN if on.session_or_none is None else None


def fresh(on: SignOn) -> Need | None:
    """`ForceAuthn` wants a sign-in now, not one of before (SAML Core §3.4.1)."""
    if on.request is not None and on.request.force_authn and not on.has_signed_in_since:
        return Need.LOGIN
    return None


def strong(on: SignOn) -> Need | None:
    """The context asked for, and the operator's own floor. Unlike OpenID Connect's it is no wish: an assertion never
    says less than was demanded (SAML Core §3.3.2.2.1)."""
    floor = (on.record.settings.acr,) if on.record.settings.acr else ()
    try:
        on.context_class = authn_context.satisfied(on.context, on.session.acr, on.session.amr)
        if not satisfies(on.session.acr, floor):
            raise NoAuthnContext("the level that the service needs was not reached")
    except NoAuthnContext:
        if on.has_signed_in_since:
            raise
        return Need.LOGIN
    return None


def serves_the_school(on: SignOn) -> Need | None:
    """The service is on at the school of the person's active membership: switched on there, or everywhere and not
    switched off there (order-456 reference R2.3)."""
    if on.session.is_client_on or (on.record.all_schools and not on.session.is_client_off):
        return None
    if on.is_passive:
        return Need.CONSENT  # As if nobody were there: who is signed in is no business of this service.
    raise PageError("client_not_for_school", "the service is not switched on at this school")


def data_may_go(on: SignOn) -> Need | None:
    """As `oidc.checks.consent.data_may_go`: where the school asks for a consent to pass data on, there must be one (Law
    № 94-V art. 7(6))."""
    if on.record.consent == "implicit":
        return None
    session, today = on.session, local_date(on.now)
    if on.stores.consents.lacks_data_consent(
        session.person_id, on.record.client_id, session.membership_id, today=today
    ):
        if on.is_passive:
            return Need.CONSENT
        raise PageError("consent_missing", "the school asks for consent to pass data on")
    return None


def agreed(on: SignOn) -> Need | None:
    """Asked once per service, membership and attributes, and again when there are more; a NameID that is an address or
    a username tells as much as that attribute."""
    index = on.request.attribute_index if on.request else None
    on.names = release.names(on.record, index, on.session.withheld)
    if on.record.consent == "implicit":
        return None
    consent = on.stores.consents.find(
        person_id=on.session.person_id, client_id=on.record.client_id, membership_id=on.session.membership_id
    )
    told = {*on.names, *name_id.tells(on.record, on.name_id_format)}
    return None if consent is not None and told.issubset(consent.claims) else Need.CONSENT


PERSON_CHECKS: tuple[Callable[[SignOn], Need | None], ...] = (
    present,
    fresh,
    strong,
    serves_the_school,
    data_may_go,
    agreed,
)
