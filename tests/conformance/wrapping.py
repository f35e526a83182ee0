"""The eight classic signature-wrapping shapes (Somorovsky et al., "On Breaking SAML", 2012): a good signature stays in
the document, somebody else's data stand where a careless reader looks."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from lxml import etree

from idp.saml import names
from idp.saml.names import q

Element = etree._Element
_ASSERTION, _RESPONSE = q(names.SAML, "Assertion"), q(names.SAMLP, "Response")
_SIGNATURE, _OBJECT = q(names.DS, "Signature"), q(names.DS, "Object")
_EXTENSIONS = q(names.SAMLP, "Extensions")


def _evil(element: Element, name_id: str) -> Element:
    """A copy that speaks of somebody else, under another ID, unsigned."""
    forged = copy.deepcopy(element)
    for signature in list(forged.iter(_SIGNATURE)):
        _take_out(signature)
    forged.set("ID", "_evil")
    for found in forged.iter(q(names.SAML, "NameID")):
        found.text = name_id
    return forged


def _take_out(element: Element) -> Element:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)
    return element


def _signature_of(element: Element) -> Element:
    found = element.find(_SIGNATURE)
    assert found is not None
    return found


def _object(signature: Element, content: Element) -> None:
    etree.SubElement(signature, _OBJECT).append(content)


def _assertion_of(response: Element) -> Element:
    found = response.find(_ASSERTION)
    assert found is not None
    return found


def _xsw1(response: Element, who: str) -> Element:
    """The evil response keeps the signature, which carries the good response in an Object."""
    evil = _evil(response, who)
    signature = _take_out(_signature_of(response))
    evil.insert(1, signature)
    _object(signature, response)
    return evil


def _xsw2(response: Element, who: str) -> Element:
    """The good response stands inside the evil one, before its detached signature."""
    evil = _evil(response, who)
    signature = _take_out(_signature_of(response))
    evil.insert(1, response)
    evil.insert(2, signature)
    return evil


def _xsw3(response: Element, who: str) -> Element:
    """An evil assertion before the good one."""
    good = _assertion_of(response)
    good.addprevious(_evil(good, who))
    return response


def _xsw4(response: Element, who: str) -> Element:
    """The good assertion inside the evil one."""
    good = _assertion_of(response)
    evil = _evil(good, who)
    response.replace(good, evil)
    evil.append(good)
    return response


def _xsw5(response: Element, who: str) -> Element:
    """The evil assertion keeps the signature over the good one, which stands behind it."""
    good = _assertion_of(response)
    evil = _evil(good, who)
    response.replace(good, evil)
    evil.insert(1, _take_out(_signature_of(good)))
    response.append(good)
    return response


def _xsw6(response: Element, who: str) -> Element:
    """The same, the good one inside the signature."""
    good = _assertion_of(response)
    evil = _evil(good, who)
    response.replace(good, evil)
    signature = _take_out(_signature_of(good))
    evil.insert(1, signature)
    signature.append(good)
    return response


def _xsw7(response: Element, who: str) -> Element:
    """The evil assertion in Extensions, where any content is allowed."""
    evil = _evil(_assertion_of(response), who)
    extensions = etree.Element(_EXTENSIONS)
    extensions.append(evil)
    response.insert(1, extensions)
    return response


def _xsw8(response: Element, who: str) -> Element:
    """The evil assertion keeps the signature, which carries the good one in an Object."""
    good = _assertion_of(response)
    evil = _evil(good, who)
    response.replace(good, evil)
    signature = _take_out(_signature_of(good))
    evil.insert(1, signature)
    _object(signature, good)
    return response


SHAPES: Mapping[str, tuple[str, Callable[[Element, str], Element]]] = {
    "XSW1": ("response", _xsw1),
    "XSW2": ("response", _xsw2),
    "XSW3": ("assertion", _xsw3),
    "XSW4": ("assertion", _xsw4),
    "XSW5": ("assertion", _xsw5),
    "XSW6": ("assertion", _xsw6),
    "XSW7": ("assertion", _xsw7),
    "XSW8": ("assertion", _xsw8),
}
"""By what must be signed for it to make sense."""


def wrapped(xml: bytes, shape: str, who: str) -> bytes:
    return etree.tostring(SHAPES[shape][1](etree.fromstring(xml), who))
