"""How the request is put."""

from __future__ import annotations

from idp.oidc.authorization import Authorization
from idp.oidc.errors import (
    InvalidRequest,
    RegistrationNotSupported,
    RequestNotSupported,
    RequestUriNotSupported,
    UnsupportedResponseType,
)

RESPONSE_MODES = ("query", "form_post")
PROMPTS = frozenset(("none", "login", "consent", "select_account"))
_MAX_NONCE = 512
_MAX_STATE = 2048


def state_and_mode(auth: Authorization) -> None:
    """First of all, because even refusals are sent with `state` and in the mode asked for."""
    if "state" not in auth.params.repeated:
        auth.state = auth.params.get("state")
    if "response_mode" in auth.params.repeated:
        return
    mode = auth.params.get("response_mode") or "query"
    if mode not in RESPONSE_MODES:
        raise InvalidRequest("response_mode must be query or form_post")
    auth.response_mode = mode
    if len(auth.state) > _MAX_STATE:
        auth.state = ""
        raise InvalidRequest("state is too long")
    if len(auth.params.get("nonce")) > _MAX_NONCE:
        raise InvalidRequest("nonce is too long")


def nothing_by_object(auth: Authorization) -> None:
    """Request objects are not supported and say so (OIDC Core §6.1, §6.2, §7.2.1); ignoring one would be unsafe."""
    if auth.params.get("request"):
        raise RequestNotSupported("request objects are not supported")
    if auth.params.get("request_uri"):
        raise RequestUriNotSupported("request_uri is not supported")
    if auth.params.get("registration"):
        raise RegistrationNotSupported("registration is not supported")


def response_type(auth: Authorization) -> None:
    """Only `code`: tokens never travel through the browser (RFC 9700 §2.1.2)."""
    value = auth.params.get("response_type")
    if not value:
        raise InvalidRequest("response_type is missing")
    if value != "code":
        raise UnsupportedResponseType("only response_type code is supported")


def prompt(auth: Authorization) -> None:
    """Known words only; `none` stands alone (OIDC Core §3.1.2.1)."""
    words = frozenset(auth.params.get("prompt").split())
    if words - PROMPTS or ("none" in words and len(words) > 1):
        raise InvalidRequest("prompt holds an unknown word or a contradiction")
    auth.prompts = words


def max_age(auth: Authorization) -> None:
    """A number of seconds, zero or more (OIDC Core §3.1.2.1); else the default the client registered."""
    value = auth.params.get("max_age")
    if not value:
        auth.max_age = auth.client.default_max_age
    elif value.isascii() and value.isdigit() and len(value) < 10:
        auth.max_age = int(value)
    else:
        raise InvalidRequest("max_age must be a number of seconds")
