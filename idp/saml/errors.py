"""Every refusal of the engine.

    PageError            shown on a page of ours: nothing proves where an answer would lead
      Unreadable         a message that is not what it should be, or not of whom it says
    SamlError            told to the service provider as a status (SAML Core §3.2.2.2), `code` under top-level `top`
      RequestDenied      Responder / RequestDenied
      RequestUnsupported Requester / RequestUnsupported
      RequestInvalid     Requester, no second code
      VersionMismatch    VersionMismatch
      NoPassive          Responder / NoPassive
      NoAuthnContext     Responder / NoAuthnContext
      AuthnFailed        Responder / AuthnFailed
      InvalidNameIdPolicy Requester / InvalidNameIDPolicy
      UnsupportedBinding Responder / UnsupportedBinding
      UnknownPrincipal   Responder / UnknownPrincipal
      PartialLogout      Success / PartialLogout (Core §3.7.3.2: the top level still says Success)

`description` is public, short English and goes into StatusMessage; people read pages, translated by `code`.
"""

from __future__ import annotations

from idp.core.errors import Invalid


class PageError(Invalid):
    """`code` is one of `saml_message saml_unknown_service saml_replayed saml_unsolicited client_disabled
    client_not_for_school consent_missing link_expired`."""

    def __init__(self, code: str, description: str = "", *, detail: str = "") -> None:
        super().__init__(description, code=code, detail=detail)


class Unreadable(PageError):
    def __init__(self, description: str, *, detail: str = "") -> None:
        super().__init__("saml_message", description, detail=detail)


class SamlError(Invalid):
    """`top` and `second` are last words of status URIs; `second` may be empty."""

    top = "Responder"
    second = ""

    def __init__(self, description: str = "", *, detail: str = "") -> None:
        super().__init__(description, code="saml_message", detail=detail)


class RequestInvalid(SamlError):
    top = "Requester"


class RequestUnsupported(SamlError):
    top, second = "Requester", "RequestUnsupported"


class RequestDenied(SamlError):
    second = "RequestDenied"


class VersionMismatch(SamlError):
    top = "VersionMismatch"


class NoPassive(SamlError):
    second = "NoPassive"


class NoAuthnContext(SamlError):
    second = "NoAuthnContext"


class AuthnFailed(SamlError):
    second = "AuthnFailed"


class InvalidNameIdPolicy(SamlError):
    top, second = "Requester", "InvalidNameIDPolicy"


class UnsupportedBinding(SamlError):
    second = "UnsupportedBinding"


class UnknownPrincipal(SamlError):
    second = "UnknownPrincipal"


class PartialLogout(SamlError):
    top, second = "Success", "PartialLogout"
