"""What is asked for."""

from __future__ import annotations

from idp.oidc.authorization import Authorization
from idp.oidc.errors import InvalidScope, InvalidTarget
from idp.oidc.scopes import has_only_scope_characters, split


def approved(auth: Authorization) -> None:
    """Scopes the operator did not approve are left out, and the answer's `scope` says so (RFC 6749 §3.3)."""
    asked = split(auth.params.get("scope"))
    if not all(has_only_scope_characters(word) for word in asked):
        raise InvalidScope("scope holds a forbidden character")
    auth.scopes = tuple(word for word in asked if word in auth.client.approved_scopes)
    if not auth.scopes:
        raise InvalidScope("none of the scopes is approved for this client")


def resources(auth: Authorization) -> None:
    """Each `resource` is one the operator approved for this client (RFC 8707 §2)."""
    asked = tuple(dict.fromkeys(auth.params.resources))
    if any(uri not in auth.client.record.resources and uri != auth.server.issuer for uri in asked):
        raise InvalidTarget("a resource is not approved for this client")
    auth.resources = asked
