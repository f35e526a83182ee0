"""Where the answer goes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from idp.oidc.authorization import Authorization
from idp.oidc.client import Client
from idp.oidc.errors import PageError

_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]{1,5}))?((?:/[^\s]*)?)")
_AUTHORITY = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9a-fA-F:]+\](:[0-9]+)?")


def registered(auth: Authorization) -> None:
    """`redirect_uri` is there, once, and equals a registered one character by character (RFC 9700 §2.1).

    Demanded even when only one is registered (OIDC Core §3.1.2.1). Otherwise never redirect (RFC 6749 §4.1.2.1).
    """
    redirect_uri = auth.params.get("redirect_uri")
    if not redirect_uri or "redirect_uri" in auth.params.repeated:
        raise PageError("invalid_redirect_uri", "redirect_uri is missing or repeated")
    if not matches(auth.client, redirect_uri):
        raise PageError("invalid_redirect_uri", "redirect_uri is not registered for this client")
    auth.redirect_uri = redirect_uri


def matches(client: Client, redirect_uri: str) -> bool:
    """Exact comparison; for native and public clients the port of a loopback address may vary (RFC 8252 §7.3)."""
    if redirect_uri in client.redirect_uris:
        return True
    return (client.is_native or client.is_public) and _matches_but_for_port(client.redirect_uris, redirect_uri)


def _matches_but_for_port(registered_uris: Iterable[str], redirect_uri: str) -> bool:
    asked = _LOOPBACK.fullmatch(redirect_uri)
    if asked is None or int(asked[2] or 80) > 65_535:
        return False
    for uri in registered_uris:
        known = _LOOPBACK.fullmatch(uri)
        if known is not None and (known[1], known[3]) == (asked[1], asked[3]):
            return True
    return False


def origin_of(uri: str) -> str:
    """A CSP source for where a form may lead: `https://vendor.example:8443`, or `app.scheme:`; empty for odd hosts.

    Browsers hold `form-action` against every redirect that follows a form, up to the client's address.
    """
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:"
    return f"{parts.scheme}://{parts.netloc}" if _AUTHORITY.fullmatch(parts.netloc) else ""
