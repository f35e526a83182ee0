"""What a registration may say: an allow-list of RFC 7591 §2 and our own `bilim_` members, checked one by one.

Everything wrong is reported at once. Nothing unknown is stored, so nobody sets a trust or a lifetime by naming it
(CVE-2026-65635, CVE-2026-70665).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from idp.core.levels import rank
from idp.jose.client_keys import check_jwks
from idp.jose.errors import BadKey
from idp.oidc.client_auth import METHODS
from idp.oidc.discovery import ASSERTION_ALGORITHMS
from idp.oidc.id_token import ALGORITHMS
from idp.oidc.scopes import ALL_CLAIMS, FEED, PERSON_SCOPES, has_only_scope_characters
from idp.oidc.token import GRANTS

PROFILES = ("modern", "legacy", "fapi2")
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
MIN_SECRET = 24
MAX_PICTURE = 16_384
_PICTURE = re.compile(r"data:image/(svg\+xml|png);base64,[A-Za-z0-9+/]+={0,2}")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._~\-]{1,100}")
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9]*(\.[a-z0-9\-]+)+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_TRANSLATED = frozenset(("client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri"))

Check = Callable[[Any], str]
"""Returns what is wrong with a value, empty when nothing is."""


def web_address(value: Any) -> str:
    """https with a host; http only for this machine's own loopback. No credentials, fragment or odd characters."""
    if not isinstance(value, str) or len(value) > 2000 or not value.isascii() or not value.isprintable():
        return "must be an address in ASCII"
    if any(letter in value for letter in ' \\"<>^`{|}*'):
        return "holds a character that addresses do not have"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme not in ("https", "http") or not host:
        return "must begin with https://"
    if parts.scheme == "http" and host not in _LOOPBACK and not host.startswith("127."):
        return "must be https outside this machine"
    if "@" in parts.netloc or "#" in value:
        return "must have neither credentials nor a fragment"
    if any(part in (".", "..") for part in parts.path.lower().replace("%2e", ".").split("/")):
        return "must not climb"
    return ""


def logo_address(value: Any) -> str:
    """A web address, or the picture itself: pages load nothing from another host, so only the latter is shown."""
    if isinstance(value, str) and value.startswith("data:"):
        fits = _PICTURE.fullmatch(value) and len(value) <= MAX_PICTURE
        return "" if fits else f"must be a PNG or SVG in base64 of at most {MAX_PICTURE} characters"
    return web_address(value)


def redirect_address(value: Any, *, is_native: bool) -> str:
    """RFC 9700 §2.1; native apps may use a private scheme with a dot in it (RFC 8252 §7.1)."""
    if is_native and isinstance(value, str) and _PRIVATE_SCHEME.fullmatch(value.partition(":")[0]):
        return "must have no fragment" if "#" in value or not value.isascii() or not value.isprintable() else ""
    return web_address(value)


def _text(value: Any) -> str:
    fits = isinstance(value, str) and 0 < len(value) <= 500 and value.isprintable()
    return "" if fits else "must be a short text"


def _one_of(*words: str) -> Check:
    return lambda value: "" if value in words else f"must be one of {', '.join(words)}"


def _list_of(check: Check, *, least: int = 0) -> Check:
    def whole(value: Any) -> str:
        if not isinstance(value, list) or not least <= len(value) <= 100:
            return "must be a list" + (" that is not empty" if least else "")
        return next((wrong for wrong in map(check, value) if wrong), "")

    return whole


def _boolean(value: Any) -> str:
    return "" if isinstance(value, bool) else "must be true or false"


def _seconds(value: Any) -> str:
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9
    return "" if fits else "must be a number of seconds"


def _scope(value: Any) -> str:
    fits = isinstance(value, str) and all(has_only_scope_characters(word) for word in value.split())
    return "" if fits else "must be scopes separated by spaces"


def _jwks(value: Any) -> str:
    try:
        check_jwks(value)
    except BadKey as error:
        return str(error)
    return ""


def _resource(value: Any) -> str:
    """RFC 8707 §2: an absolute URI without a fragment."""
    fits = isinstance(value, str) and urlsplit(value).scheme and "#" not in value and value.isascii()
    return "" if fits and value.isprintable() and " " not in value else "must be an absolute address without a fragment"


def _day(value: Any) -> str:
    try:
        return "" if isinstance(value, str) and date.fromisoformat(value) else "must be a date"
    except ValueError:
        return "must be a date like 2027-08-31"


def _schools(value: Any) -> str:
    return "" if value == "all" else _list_of(_text)(value) and "must be a list of school ids, or all"


def _acr(value: Any) -> str:
    return "" if isinstance(value, str) and rank(value) else "must be a known acr"


def _client_id(value: Any) -> str:
    fits = isinstance(value, str) and _CLIENT_ID.fullmatch(value)
    return "" if fits else "must be 1 to 100 letters, digits, . _ ~ -"


def _secret(value: Any) -> str:
    fits = isinstance(value, str) and MIN_SECRET <= len(value) <= 500 and value.isascii() and value.isprintable()
    return "" if fits else f"must be at least {MIN_SECRET} ASCII characters"


CHECKS: dict[str, Check] = {
    "client_id": _client_id,
    "client_secret": _secret,
    "redirect_uris": _list_of(lambda value: "" if isinstance(value, str) else "must be addresses"),
    "post_logout_redirect_uris": _list_of(lambda value: "" if isinstance(value, str) else "must be addresses"),
    "token_endpoint_auth_method": _one_of(*METHODS),
    "token_endpoint_auth_signing_alg": _one_of(*ASSERTION_ALGORITHMS),
    "id_token_signed_response_alg": _one_of(*ALGORITHMS),
    "grant_types": _list_of(_one_of(*GRANTS), least=1),
    "response_types": _list_of(_one_of("code")),
    "application_type": _one_of("web", "native"),
    "subject_type": _one_of("pairwise"),
    "client_name": _text,
    "client_uri": web_address,
    "logo_uri": logo_address,
    "tos_uri": web_address,
    "policy_uri": web_address,
    "initiate_login_uri": web_address,
    "backchannel_logout_uri": web_address,
    "backchannel_logout_session_required": _boolean,
    "contacts": _list_of(_text),
    "scope": _scope,
    "jwks": _jwks,
    "jwks_uri": web_address,
    "software_id": _text,
    "software_version": _text,
    "default_max_age": _seconds,
    "default_acr_values": _list_of(_acr),
    "require_auth_time": _boolean,
    "bilim_profile": _one_of(*PROFILES),
    "bilim_owner": _text,
    "bilim_purpose": _text,
    "bilim_claims": _list_of(_one_of(*ALL_CLAIMS)),
    "bilim_iin_basis": _text,
    "bilim_end_date": _day,
    "bilim_sector": _text,
    "bilim_consent": _one_of("ask", "implicit"),
    "bilim_schools": _schools,
    "bilim_resources": _list_of(_resource),
    "bilim_assertion_audience": _one_of("issuer", "token_endpoint"),
    "bilim_refresh_rotation": _boolean,
}
OPERATOR_ONLY = frozenset(name for name in CHECKS if name.startswith("bilim_"))
"""Never settable by registration over the wire."""


def mistakes(document: Mapping[str, Any]) -> list[str]:
    """Everything wrong with a registration, one line each; empty when it may be stored."""
    found = [f"{name}: is not known" for name in document if not _is_known(str(name))]
    for name, value in document.items():
        check = CHECKS.get(str(name).partition("#")[0])
        wrong = check(value) if check else ""
        if wrong:
            found.append(f"{name}: {wrong}")
    return found or _together(document)


def _is_known(name: str) -> bool:
    plain, hash_sign, language = name.partition("#")
    if not hash_sign:
        return plain in CHECKS
    return plain in _TRANSLATED and _LANGUAGE.fullmatch(language) is not None


def _together(document: Mapping[str, Any]) -> list[str]:
    """What is wrong between members that are right by themselves."""
    method = document.get("token_endpoint_auth_method", "client_secret_basic")
    grants = document.get("grant_types", ["authorization_code"])
    is_native = document.get("application_type") == "native"
    found = []
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for uri in document.get(name, []):
            wrong = redirect_address(uri, is_native=is_native)
            if wrong:
                found.append(f"{name}: {uri[:200]!r} {wrong}")
    if "authorization_code" in grants and not document.get("redirect_uris"):
        found.append("redirect_uris: needed for the authorization code flow")
    if method == "private_key_jwt" and ("jwks" in document) == ("jwks_uri" in document):
        found.append("jwks: exactly one of jwks and jwks_uri is needed for private_key_jwt")
    if method not in SECRET_METHODS and "client_secret" in document:
        found.append(f"client_secret: not used with {method}")
    if method == "none" and "client_credentials" in grants:
        found.append("grant_types: a public client cannot have client_credentials")
    if "iin" in document.get("bilim_claims", ()) and not document.get("bilim_iin_basis"):
        found.append("bilim_iin_basis: needed where bilim_claims hold iin (the law or contract that asks for it)")
    in_their_name = [word for word in str(document.get("scope", "")).split() if word in PERSON_SCOPES]
    is_own = document.get("bilim_consent") == "implicit" and document.get("bilim_schools") == "all"
    if in_their_name and not is_own:
        words = " ".join(in_their_name)
        found.append(f"scope: {words} is for apps of the operator's own (bilim_consent implicit, bilim_schools all)")
    fed = [word for word in str(document.get("scope", "")).split() if word.startswith(FEED)]
    if fed and document.get("bilim_consent") != "implicit":
        # A feed tells of whole schools: for who works for the school, not for whom each person is asked about.
        found.append(f"scope: {' '.join(fed)} is for the school's own modules (bilim_consent implicit)")
    if document.get("bilim_profile") == "fapi2" and method != "private_key_jwt":
        found.append("token_endpoint_auth_method: fapi2 needs private_key_jwt")
    hosts = {urlsplit(uri).hostname for uri in document.get("redirect_uris", [])}
    if "bilim_sector" not in document and len(hosts) > 1:
        found.append("bilim_sector: needed when redirect_uris have several hosts (OIDC Core section 8.1)")
    return found
