"""The code is bound to who asked for it."""

from __future__ import annotations

from idp.oidc.authorization import Authorization
from idp.oidc.errors import InvalidRequest
from idp.oidc.pkce import is_challenge


def challenge(auth: Authorization) -> None:
    """S256 only (RFC 7636 §4.2, RFC 9700 §2.1.1); only a `legacy` client with a secret may leave it out."""
    code_challenge = auth.params.get("code_challenge")
    method = auth.params.get("code_challenge_method")
    if not code_challenge:
        if method or auth.client.demands_pkce:
            raise InvalidRequest("code_challenge is missing")
        return
    if method != "S256":
        raise InvalidRequest("code_challenge_method must be S256")
    if not is_challenge(code_challenge):
        raise InvalidRequest("code_challenge is not a SHA-256 in base64url")
    auth.code_challenge = code_challenge
