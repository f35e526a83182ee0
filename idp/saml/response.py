"""The samlp:Response around an assertion or a refusal (SAML Core §3.3.3, SAML Profiles §4.1.4)."""

from __future__ import annotations

from datetime import datetime

from idp.saml import algorithms, names, status
from idp.saml.assertion import add_issuer, sealed
from idp.saml.entity import Endpoint, ServiceProvider, Settings
from idp.saml.errors import RequestUnsupported, SamlError
from idp.saml.identifiers import instant, new_identifier
from idp.saml.ports import SpRecord
from idp.saml.server import Server
from idp.xml.build import element, serialize
from idp.xml.parser import Element
from idp.xml.signature import sign

_P = names.SAMLP
_NSMAP: dict[str | None, str] = {"saml": names.SAML, "samlp": names.SAMLP}
_AFTER_ISSUER = 1
"""Where the schemas of both elements want the signature."""


def success(
    server: Server, assertion: Element, *, record: SpRecord, consumer: Endpoint, in_response_to: str, now: datetime
) -> bytes:
    """Signed as the operator set it and the metadata wants it, then encrypted: never the other way round, so that the
    signature inside survives (SAML Core §5.4.3). A signed response is signed over the encrypted assertion.

    Raises RequestUnsupported when its metadata leaves no algorithm or key for what has to be done.
    """
    settings, provider = record.settings, record.provider
    credential = server.credential(algorithms.signing(provider, settings))
    response = _response(server, None, consumer, in_response_to, now)
    is_sealed = algorithms.is_to_encrypt(provider, settings.encrypt)
    if not is_sealed:
        response.append(assertion)  # Before it is signed: moving may change prefixes.
    if settings.sign != "response" or provider.wants_assertions_signed:
        sign(assertion, credential, position=_AFTER_ISSUER)
    if is_sealed:
        response.append(sealed("EncryptedAssertion", assertion, provider))
    if settings.sign != "assertion":
        sign(response, credential, position=_AFTER_ISSUER)
    return serialize(response)


def refusal(
    server: Server,
    error: SamlError,
    *,
    consumer: Endpoint,
    in_response_to: str,
    now: datetime,
    provider: ServiceProvider,
) -> bytes:
    """Signed as a whole, as there is no assertion. `error.description` is read by whoever runs the service."""
    response = _response(server, error, consumer, in_response_to, now)
    sign(response, server.credential(_algorithm(provider, Settings())), position=_AFTER_ISSUER)
    return serialize(response)


def algorithm(record: SpRecord) -> str:
    """What signs the message as a whole, also where the binding does it (HTTP-POST-SimpleSign)."""
    return _algorithm(record.provider, record.settings)


def _algorithm(provider: ServiceProvider, settings: Settings) -> str:
    try:
        return algorithms.signing(provider, settings)
    except RequestUnsupported:
        return algorithms.RSA  # That there is no common algorithm must be told somehow.


def _response(
    server: Server, outcome: SamlError | None, consumer: Endpoint, in_response_to: str, now: datetime
) -> Element:
    about = {
        "Destination": consumer.location,
        "ID": new_identifier(),
        "InResponseTo": in_response_to or None,
        "IssueInstant": instant(now),
        "Version": "2.0",
    }
    response = element(names.q(_P, "Response"), about, nsmap=_NSMAP)
    add_issuer(response, server)
    status.put(response, outcome)
    return response
