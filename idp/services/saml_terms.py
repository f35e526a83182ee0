"""On which terms a SAML service provider is registered: what the operator decides, checked, and the client's row made
of it and of the metadata. Everything wrong is reported at once."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from idp.core.levels import rank
from idp.services.client_metadata import CHECKS, logo_address, web_address

if TYPE_CHECKING:
    from idp.saml.entity import ServiceProvider, Settings

LANGUAGES = ("kk", "ru", "en")
_NAMED_BY = {"email": "mail", "unspecified": "uid"}
MAX_RELAY_STATE = 80
"""Octets (SAML Bindings §3.4.3)."""
_CHOICES = {
    "name_id": ("", "persistent", "transient", "email", "unspecified", "none"),
    "attribute_names": ("uri", "basic", "friendly"),
    "sign": ("assertion", "response", "both"),
    "algorithm": ("", "rsa-sha256", "ecdsa-sha256"),
    "encrypt": ("auto", "always", "never"),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """`attributes` are our names, None for what the metadata asks for; `schools` are ids, or `all`. `owner` and
    `purpose` fall back to what the metadata says; `start_url` is where a sign-on begins at the service itself;
    `logo_uri` holds the picture itself, for pages load nothing from elsewhere."""

    owner: str = ""
    purpose: str = ""
    attributes: tuple[str, ...] | None = None
    schools: str | tuple[str, ...] = ()
    end_date: date | None = None
    consent: str = "ask"
    start_url: str = ""
    client_id: str = ""
    logo_uri: str = ""


def client_id_of(entity_id: str) -> str:
    """Its client_id unless the operator names another: short, and the same on every node."""
    digest = base64.b32encode(hashlib.sha256(entity_id.encode()).digest()).decode("ascii").lower()
    return f"saml.{digest[:26]}"


def told_by_name(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The attribute that every NameID gives away by the operator's choice, also where it is not among those approved;
    `settings` as they are kept."""
    usual = _NAMED_BY.get(settings.get("name_id", ""))
    return (str(settings.get("name_id_source") or usual),) if usual else ()


def shown(provider: ServiceProvider, start_url: str = "") -> dict[str, Any]:
    """What pages show of it, under the names of RFC 7591 that every client's are kept under."""
    metadata: dict[str, Any] = {}
    for member, texts in (
        ("client_name", provider.names or {"en": _host(provider.entity_id) or provider.entity_id}),
        ("client_uri", provider.information_urls),
        ("policy_uri", provider.privacy_urls),
    ):
        if plain := first(texts):
            metadata[member] = plain
        metadata |= {f"{member}#{language}": texts[language] for language in LANGUAGES if texts.get(language)}
    return metadata | ({"initiate_login_uri": start_url} if start_url else {})


def _host(entity_id: str) -> str:
    try:
        return urlsplit(entity_id).hostname or ""
    except ValueError:  # Nothing demands that an entityID is an address.
        return ""


def first(texts: Mapping[str, str]) -> str:
    """One text for who reads none of the languages given."""
    return next((texts[language] for language in LANGUAGES if texts.get(language)), next(iter(texts.values()), ""))


def client_row(provider: ServiceProvider, terms: Terms, client_id: str) -> dict[str, Any]:
    """The columns of `clients` but the moments. Its pairwise sector is the entityID, whatever its addresses."""
    from idp.saml.release import proposed

    attributes = proposed(provider) if terms.attributes is None else terms.attributes
    return {
        "client_id": client_id,
        "protocol": "saml",
        "secret_hash": "",
        "metadata": shown(provider, terms.start_url) | ({"logo_uri": terms.logo_uri} if terms.logo_uri else {}),
        "profile": "saml",
        "sector": provider.entity_id,
        "owner": terms.owner or first(provider.organization),
        "purpose": terms.purpose or first(provider.descriptions)[:500],
        "consent": terms.consent,
        "approved_scopes": [],
        "approved_claims": list(dict.fromkeys(attributes)),
        "resources": [],
        "all_schools": terms.schools == "all",
        "end_date": terms.end_date,
        "is_disabled": False,
    }


def mistakes(provider: ServiceProvider, terms: Terms, settings: Settings) -> list[str]:
    """Everything wrong, one line each; empty when it may be stored."""
    return [*_about_terms(terms), *_about_settings(settings), *_together(provider, settings)]


def _about_terms(terms: Terms) -> Iterator[str]:
    for member in ("owner", "purpose"):
        value = getattr(terms, member)
        if value and (wrong := CHECKS[f"bilim_{member}"](value)):
            yield f"{member}: {wrong}"
    yield from _unknown("attributes", terms.attributes or ())
    if wrong := CHECKS["bilim_consent"](terms.consent):
        yield f"consent: {wrong}"
    if terms.start_url and (wrong := web_address(terms.start_url)):
        yield f"start_url: {wrong}"
    if terms.logo_uri and (wrong := logo_address(terms.logo_uri)):
        yield f"logo_uri: {wrong}"
    if terms.client_id and (wrong := CHECKS["client_id"](terms.client_id)):
        yield f"client_id: {wrong}"
    if isinstance(terms.schools, str) and terms.schools != "all":
        yield "schools: must be ids of schools, or all"


def _unknown(member: str, names: tuple[str, ...]) -> Iterator[str]:
    from idp.saml.attributes import CATALOGUE

    for name in names:
        if name not in CATALOGUE:
            yield f"{member}: {name} is none of {', '.join(CATALOGUE)}"


def _about_settings(settings: Settings) -> Iterator[str]:
    for member, words in _CHOICES.items():
        if getattr(settings, member) not in words:
            yield f"{member}: must be one of {', '.join(filter(None, words))}"
    if settings.name_id_source:
        yield from _unknown("name_id_source", (settings.name_id_source,))
    yield from _unknown("renamed", tuple(settings.renamed))
    for name in settings.renamed.values():
        if not 0 < len(name) <= 500 or not name.isprintable() or " " in name:
            yield "renamed: a name on the wire is a word or an address"
    if settings.acr and not rank(settings.acr):
        yield f"acr: {settings.acr} is no level that we know"
    if settings.relay_states and not settings.idp_initiated:
        yield "relay_states: only for a service that takes sign-ons it did not ask for (idp_initiated)"
    for value in settings.relay_states:
        if not 0 < len(value.encode()) <= MAX_RELAY_STATE or not value.isprintable():
            yield f"relay_states: {value[:100]!r} must have 1 to {MAX_RELAY_STATE} octets (SAML Bindings 3.4.3)"


def _together(provider: ServiceProvider, settings: Settings) -> Iterator[str]:
    if settings.encrypt == "always" and not provider.encryption_certificates:
        yield "encrypt: always needs a key in the service provider's metadata"
    if settings.encrypt_name_id and not provider.encryption_certificates:
        yield "encrypt_name_id: needs a key in the service provider's metadata"
    if (settings.must_sign_requests or provider.signs_requests) and not provider.signing_certificates:
        yield "must_sign_requests: the metadata has no key that a request could be verified with"
    if settings.idp_initiated and not any(one.binding.endswith(":HTTP-POST") for one in provider.acs):
        yield "idp_initiated: the metadata has no address for HTTP-POST"
