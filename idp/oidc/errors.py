"""Every refusal of the protocol, a class per code of the specifications.

    PageError                       shown on a page of ours, because nothing proves where a redirect would lead
    OidcError                       told to the client: by redirect from /oauth/authorize, as JSON elsewhere
      InvalidRequest                RFC 6749 §4.1.2.1, §5.2
      UnauthorizedClient            same
      AccessDenied                  same
      UnsupportedResponseType       same
      InvalidScope                  same
      InvalidClient                 RFC 6749 §5.2, 401
      InvalidGrant                  same
      UnsupportedGrantType          same
      InvalidTarget                 RFC 8707 §2
      LoginRequired                 OIDC Core §3.1.2.6
      ConsentRequired               same
      RequestNotSupported           same
      RequestUriNotSupported        same
      RegistrationNotSupported      same
      InvalidToken                  RFC 6750 §3.1, 401
      InsufficientScope             same, 403
      InsufficientAuthentication    RFC 9470 §3, 401

`description` reaches developers and must be ASCII without quotes and backslashes (RFC 6749 §5.2); people read pages,
translated by `code`.
"""

from __future__ import annotations

from idp.core.errors import Invalid


class PageError(Invalid):
    """`code` is one of `invalid_client invalid_redirect_uri invalid_request client_disabled client_not_for_school
    consent_missing link_expired`."""

    def __init__(self, code: str, description: str = "") -> None:
        super().__init__(description, code=code)


class OidcError(Invalid):
    """`error` is the code on the wire, `status` its HTTP status where it is answered as JSON."""

    error = "invalid_request"
    status = 400

    def __init__(self, description: str = "", *, detail: str = "") -> None:
        super().__init__(description, code=self.error, detail=detail)


class InvalidRequest(OidcError):
    pass


class UnauthorizedClient(OidcError):
    error = "unauthorized_client"


class AccessDenied(OidcError):
    error = "access_denied"


class UnsupportedResponseType(OidcError):
    error = "unsupported_response_type"


class InvalidScope(OidcError):
    error = "invalid_scope"


class InvalidClient(OidcError):
    """`challenge` asks for `WWW-Authenticate: Basic`, due when the client tried that header."""

    error = "invalid_client"
    status = 401

    def __init__(self, description: str = "", *, challenge: bool = False, detail: str = "") -> None:
        super().__init__(description, detail=detail)
        self.challenge = challenge


class InvalidGrant(OidcError):
    error = "invalid_grant"


class UnsupportedGrantType(OidcError):
    error = "unsupported_grant_type"


class InvalidTarget(OidcError):
    error = "invalid_target"


class LoginRequired(OidcError):
    error = "login_required"


class ConsentRequired(OidcError):
    error = "consent_required"


class RequestNotSupported(OidcError):
    error = "request_not_supported"


class RequestUriNotSupported(OidcError):
    error = "request_uri_not_supported"


class RegistrationNotSupported(OidcError):
    error = "registration_not_supported"


class InvalidToken(OidcError):
    error = "invalid_token"
    status = 401


class InsufficientScope(OidcError):
    error = "insufficient_scope"
    status = 403


class InsufficientAuthentication(OidcError):
    """The sign-in behind the token is too weak or too old; `acr` is what would do, `max_age` seconds, 0 for any."""

    error = "insufficient_user_authentication"
    status = 401

    def __init__(self, acr: str, max_age: int = 0) -> None:
        super().__init__("a stronger or more recent sign-in is needed")
        self.acr = acr
        self.max_age = max_age
