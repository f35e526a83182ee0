"""Status of a response (SAML Core §3.2.2): how it went, in one or two codes and a message in English."""

from __future__ import annotations

from dataclasses import dataclass

from idp.saml import names
from idp.saml.errors import SamlError
from idp.saml.names import q
from idp.xml.build import element
from idp.xml.parser import Element, children

_STATUS, _CODE, _MESSAGE = q(names.SAMLP, "Status"), q(names.SAMLP, "StatusCode"), q(names.SAMLP, "StatusMessage")


@dataclass(frozen=True, slots=True)
class Status:
    """Last words of status URIs, or whole URIs where they are nobody's standard; `second` may be empty."""

    top: str
    second: str = ""


def build(error: SamlError | None = None) -> Element:
    """Success, or what `error` says."""
    if error is None:
        return element(_STATUS, None, element(_CODE, {"Value": f"{names.STATUS}Success"}))
    inner = [element(_CODE, {"Value": names.STATUS + error.second})] if error.second else []
    told = [element(_MESSAGE, None, error.description)] if error.description else []
    return element(_STATUS, None, element(_CODE, {"Value": names.STATUS + error.top}, *inner), *told)


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
