"""Status of a response (SAML Core §3.2.2): how it went, in one or two codes and a message in English."""

from __future__ import annotations

from dataclasses import dataclass

from idp.saml import names
from idp.saml.errors import SamlError
from idp.saml.names import q
from idp.xml.build import add, element
from idp.xml.parser import Element, children

_STATUS, _CODE, _MESSAGE = q(names.SAMLP, "Status"), q(names.SAMLP, "StatusCode"), q(names.SAMLP, "StatusMessage")


@dataclass(frozen=True, slots=True)
class Status:
    """Last words of status URIs, or whole URIs where they are nobody's standard; `second` may be empty."""

    top: str
    second: str = ""


def build(error: SamlError | None = None) -> Element:
    """Success, or what `error` says."""
    return _filled(element(_STATUS), error)


def put(response: Element, error: SamlError | None = None) -> None:
    """The same as the last child of a response."""
    _filled(add(response, _STATUS), error)


def _filled(status: Element, error: SamlError | None) -> Element:
    top = add(status, _CODE, {"Value": names.STATUS + (error.top if error else "Success")})
    if error is not None and error.second:
        add(top, _CODE, {"Value": names.STATUS + error.second})
    if error is not None and error.description:
        add(status, _MESSAGE, None, error.description)
    return status


def read(response: Element) -> Status:
    """Raises ValueError."""
    found = children(response, _STATUS)
    codes = children(found[0], _CODE) if len(found) == 1 else []
    if len(codes) != 1:
        raise ValueError("one Status with one StatusCode")
    inner = children(codes[0], _CODE)
    return Status(_word(codes[0]), _word(inner[0]) if inner else "")


def _word(code: Element) -> str:
    value = code.get("Value", "")
    if not 0 < len(value) <= 512:
        raise ValueError("StatusCode without a value")
    return value.removeprefix(names.STATUS)
