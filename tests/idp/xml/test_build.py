"""Elements of ours and how they are written."""

from __future__ import annotations

import pytest

from idp.xml.build import add, element, serialize
from idp.xml.errors import NotWellFormed

_NS = "urn:oasis:names:tc:SAML:2.0:assertion"


def test_elements_hold_attributes_text_and_elements_in_order() -> None:
    issuer = element(f"{{{_NS}}}Issuer", {"Format": None}, "https://idp.example")
    made = element(f"{{{_NS}}}Assertion", {"ID": "_1", "{urn:x}y": "2"}, "a", issuer, "b", "c", nsmap={"saml": _NS})
    assert serialize(made) == (
        f'<saml:Assertion xmlns:saml="{_NS}" ID="_1" xmlns:ns0="urn:x" ns0:y="2">a'
        "<saml:Issuer>https://idp.example</saml:Issuer>bc</saml:Assertion>"
    ).encode().replace(b' ID="_1" xmlns:ns0="urn:x"', b' xmlns:ns0="urn:x" ID="_1"')
    assert serialize(issuer).count(b"https://idp.example") == 1


def test_what_is_written_is_escaped_and_utf_8() -> None:
    made = element("a", {"b": "<\"&'\n\t"}, "Әлия & <co> \r ]]>")
    assert serialize(made).decode() == '<a b="&lt;&quot;&amp;\'&#10;&#9;">Әлия &amp; &lt;co&gt; &#13; ]]&gt;</a>'


@pytest.mark.parametrize("text", ["\x00", "\x0b", "\ud800", "\ufffe"])
def test_text_that_xml_cannot_hold_is_refused(text: str) -> None:
    for attributes, content in (({"b": text}, ""), ({}, text)):
        with pytest.raises(NotWellFormed):
            element("a", attributes, content)
    with pytest.raises(NotWellFormed):
        element("a b")


def test_building_downwards_gives_the_same_document() -> None:
    upwards = element(f"{{{_NS}}}a", {"x": "1"}, element(f"{{{_NS}}}b", {"y": "2"}, "text"), nsmap={"saml": _NS})
    downwards = element(f"{{{_NS}}}a", {"x": "1"}, nsmap={"saml": _NS})
    made = add(downwards, f"{{{_NS}}}b", {"y": "2", "z": None}, "text")
    assert serialize(downwards) == serialize(upwards)
    assert made.getparent() is downwards
    with pytest.raises(NotWellFormed):
        add(downwards, "a", {"b": "\x00"})
