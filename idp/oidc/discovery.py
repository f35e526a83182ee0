"""What this provider is and does, as metadata (OIDC Discovery §3, RFC 8414 §2). Only what is true."""

from __future__ import annotations

from typing import Any

from idp.core.levels import LEVELS
from idp.oidc.checks.parameters import PROMPTS, RESPONSE_MODES
from idp.oidc.client_auth import METHODS
from idp.oidc.id_token import ALGORITHMS
from idp.oidc.scopes import ALL_CLAIMS, SCOPE_CLAIMS
from idp.oidc.server import Server
from idp.oidc.token import GRANTS

ASSERTION_ALGORITHMS = ("ES256", "PS256", "RS256")
LANGUAGES = ("kk", "ru", "en")


def metadata(server: Server) -> dict[str, Any]:
    """The document of both well-known addresses; every address is absolute and under the issuer."""
    confidential = [method for method in METHODS if method != "none"]
    return {
        "issuer": server.issuer,
        "authorization_endpoint": server.url("/oauth/authorize"),
        "token_endpoint": server.url("/oauth/token"),
        "userinfo_endpoint": server.url("/oauth/userinfo"),
        "jwks_uri": server.url("/oauth/jwks.json"),
        "introspection_endpoint": server.url("/oauth/introspect"),
        "revocation_endpoint": server.url("/oauth/revoke"),
        "end_session_endpoint": server.url("/oauth/logout"),
        "scopes_supported": list(SCOPE_CLAIMS),
        "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", *ALL_CLAIMS],
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": False,
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "grant_types_supported": list(GRANTS),
        "prompt_values_supported": sorted(PROMPTS),
        "acr_values_supported": list(LEVELS),
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": list(ASSERTION_ALGORITHMS),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_request_uri_registration": False,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": False,
        "ui_locales_supported": list(LANGUAGES),
    }
