"""A signature moved around what it signs convinces nobody of anything else (identity-provider reference, test 29)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from idp.xml import signature
from idp.xml.canonical import canonical
from idp.xml.errors import XmlError
from idp.xml.parser import parse
from tests.vectors import saml_wrapping, xml_signer
from tests.vectors.saml_wrapping import MESSAGES, SHAPES, SIGNATURE, Element
from tests.vectors.xml_keys import credential

_HALVES = (saml_wrapping.another_id, saml_wrapping.same_id, saml_wrapping.no_id)


@pytest.mark.parametrize("half", _HALVES, ids=lambda half: half.__name__)
@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_wrapped_signature_vouches_for_no_forged_element(shape: str, message: str, half: saml_wrapping.Forge) -> None:
    def forge(element: Element) -> None:
        element.set("Forged", "yes")
        half(element)

    root = parse(SHAPES[shape](_signed(message), forge))
    for element in [root, *root.iter("*")]:
        if any("Forged" in each.attrib for each in element.iter("*")):
            with pytest.raises(XmlError):
                signature.verify(element, [credential("sp").certificate])


@pytest.mark.parametrize("shape", ["XSW2", "XSW3", "XSW4", "XSW5", "XSW7"])
def test_a_reader_who_only_asks_whether_the_signature_holds_is_fooled(shape: str) -> None:
    attack = SHAPES[shape](_signed("LogoutRequest"), saml_wrapping.another_id)
    assert xml_signer.holds(attack, xml_signer.key_of(credential("sp")))


def test_whatever_is_done_to_a_signed_document_only_what_was_signed_is_believed(
    effort: Callable[[int, int], int], counted: Callable[[str, int], None]
) -> None:
    certificates = [credential("sp").certificate]
    originals = {message: _signed(message) for message in MESSAGES}
    meant = {message: _without_signature(parse(document)) for message, document in originals.items()}
    tried = believed = 0

    @settings(max_examples=effort(120, 6_000), deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.sampled_from(sorted(MESSAGES)), st.data())
    def check(message: str, data: st.DataObject) -> None:
        nonlocal tried, believed
        root = etree.fromstring(originals[message])
        for _ in range(data.draw(st.integers(1, 3))):
            root = _moved(root, data)
        tried += 1
        try:
            verified = signature.verify(parse(etree.tostring(root)), certificates)
        except XmlError:
            return
        believed += 1
        assert _without_signature(verified) == meant[message]

    check()
    counted("mutations of signed XML", tried)
    counted("mutations of signed XML that said the same", believed)


def _moved(root: Element, data: st.DataObject) -> Element:
    """One step of an attacker: moves, copies, renames or drops an element, or changes an attribute."""
    elements = list(root.iter("*"))
    one, other = data.draw(st.sampled_from(elements)), data.draw(st.sampled_from(elements))
    act = data.draw(st.sampled_from(("move", "copy", "drop", "attribute", "text", "around", "comment")))
    if act == "attribute":
        one.set(data.draw(st.sampled_from(("ID", "Id", "Version", "URI", "Algorithm"))), "_evil")
    elif act == "text":
        one.text = data.draw(st.sampled_from(("evil", "", "#_good")))
    elif act == "comment":
        one.insert(0, etree.Comment("evil"))
    elif act == "around":
        outside = etree.Element(root.tag, {"ID": data.draw(st.sampled_from(("_good", "_evil")))})
        outside.append(root)
        return outside
    elif act == "copy":
        other.append(etree.fromstring(etree.tostring(one)))
    elif (parent := one.getparent()) is not None and other not in list(one.iter("*")):
        parent.remove(one)
        if act == "move":
            other.insert(data.draw(st.integers(0, len(other))), one)
    return root


def _signed(message: str) -> bytes:
    root = parse(MESSAGES[message].encode())
    signature.sign(root, credential("sp"), position=1)
    return etree.tostring(root)


def _without_signature(root: Element) -> bytes:
    for each in root.findall(SIGNATURE):
        root.remove(each)
    return canonical(root)
